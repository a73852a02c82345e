// Package double reads and prints floating point numbers as Redis does, which leans on C's strtod and printf.
package double

import (
	"bytes"
	"math"
	"strconv"
)

// MaxLen is enough room for any printed number.
const MaxLen = 40

// Append prints f as Redis 7.2 and later do: an integer of less than 2^62 in all its digits, anything else in the fewest
// that read back as f, without an exponent where that stays short (fpconv_dtoa), and inf, -inf and nan in words.
func Append(dst []byte, f float64) []byte {
	if n, ok := Int(f); ok && (n != 0 || !math.Signbit(f)) {
		return strconv.AppendInt(dst, n, 10)
	}
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	case f == 0:
		return append(dst, "-0"...)
	}
	var text [MaxLen]byte
	sci := strconv.AppendFloat(text[:0], f, 'e', -1, 64) // [-]d[.ddd]e±xx
	if sci[0] == '-' {
		dst, sci = append(dst, '-'), sci[1:]
	}
	e := bytes.IndexByte(sci, 'e')
	exponent, _ := strconv.Atoi(string(sci[e+1:]))
	digits := sci[:1]
	if e > 1 {
		digits = append(digits, sci[2:e]...)
	}
	return appendDigits(dst, digits, exponent)
}

// Int returns the integer that f is, -0 being 0, unless it is so large that Redis does not take it for one.
func Int(f float64) (n int64, ok bool) {
	const limit = 1 << 62
	if f < -limit || f > limit || f != math.Trunc(f) {
		return 0, false
	}
	return int64(f), true
}

// appendDigits lays out significant digits whose first one has the weight 10^exponent.
func appendDigits(dst, digits []byte, exponent int) []byte {
	scale := exponent - len(digits) + 1 // weight of the last digit
	magnitude := max(exponent, -exponent)
	switch {
	case scale >= 0 && magnitude < len(digits)+7:
		return appendZeros(append(dst, digits...), scale)
	case scale < 0 && (scale > -7 || magnitude < 4):
		if exponent < 0 {
			return append(appendZeros(append(dst, "0."...), -exponent-1), digits...)
		}
		dst = append(append(dst, digits[:exponent+1]...), '.')
		return append(dst, digits[exponent+1:]...)
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	if exponent >= 0 {
		return strconv.AppendInt(append(dst, "e+"...), int64(exponent), 10)
	}
	return strconv.AppendInt(append(dst, 'e'), int64(exponent), 10)
}

// AppendFull prints f as C's %.17g does, with all the digits that a double may need: the way in which Redis hands out some
// of its numbers.
func AppendFull(dst []byte, f float64) []byte {
	if math.IsInf(f, 0) {
		return Append(dst, f)
	}
	return strconv.AppendFloat(dst, f, 'g', 17, 64)
}

// AppendHuman prints a finite f with 17 decimals, without the zeros at its end and without an exponent, as C's %.17Lf does:
// the way in which Redis hands out coordinates. There is no negative zero.
func AppendHuman(dst []byte, f float64) []byte {
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', 17, 64)
	dst = bytes.TrimSuffix(bytes.TrimRight(dst, "0"), []byte("."))
	if string(dst[from:]) == "-0" {
		return append(dst[:from], '0')
	}
	return dst
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}
