package double

import (
	"bytes"
	"math"
	"strconv"
	"unsafe"
)

// Parse reads a number as Redis reads a score: what C's strtod makes of the whole text, decimal, hexadecimal with 0x, or
// infinity, but no space in front, no overflow, no underflow to zero and nothing that is not a number.
func Parse(text []byte) (f float64, ok bool) {
	if f, ok := parseShort(text); ok {
		return f, true
	}
	f, inRange, ok := parse(text)
	return f, ok && inRange
}

// ParseBound reads a number as Redis reads the end of a range of scores: with C's strtod, which takes space in front, sees
// nothing behind a NUL, and makes of no text at all the number 0. What is out of range becomes infinite or zero.
func ParseBound(text []byte) (f float64, ok bool) {
	text, _, _ = bytes.Cut(text, []byte{0})
	if len(text) == 0 {
		return 0, true
	}
	f, _, ok = parse(bytes.TrimLeft(text, " \t\n\v\f\r"))
	return f, ok
}

// parseShort reads integers of a few digits, which most scores are.
func parseShort(text []byte) (f float64, ok bool) {
	const exact = 15 // digits that a double holds
	digits, negative := text, len(text) > 0 && text[0] == '-'
	if negative {
		digits = text[1:]
	}
	if len(digits) == 0 || len(digits) > exact {
		return 0, false
	}
	n := int64(0)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if f = float64(n); negative {
		f = -f
	}
	return f, true
}

// parse reads what is neither empty nor has space in front. It is not in range if it became infinite or zero for that.
func parse(text []byte) (f float64, inRange, ok bool) {
	if bytes.IndexByte(text, '_') >= 0 { // which Go lets through
		return 0, false, false
	}
	text = withExponent(text)
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
	switch {
	case math.IsNaN(f), err != nil && !math.IsInf(f, 0):
		return 0, false, false
	case err != nil:
		return f, false, true
	}
	return f, f != 0 || isZero(text), true
}

// withExponent gives a hexadecimal number the exponent that C lets it leave out.
func withExponent(text []byte) []byte {
	if !isHex(text) || bytes.ContainsAny(text, "pP") {
		return text
	}
	return append(bytes.Clone(text), "p0"...)
}

func isHex(text []byte) bool {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	return len(text) > 1 && text[0] == '0' && text[1]|0x20 == 'x'
}

// isZero reports whether a number has no digit but zeros before its exponent.
func isZero(text []byte) bool {
	letters, digits := "eE", "123456789"
	if isHex(text) {
		letters, digits = "pP", "123456789abcdefABCDEF"
	}
	if i := bytes.IndexAny(text, letters); i >= 0 {
		text = text[:i]
	}
	return !bytes.ContainsAny(text, digits)
}
