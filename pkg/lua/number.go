package lua

import (
	"math"
	"strconv"
	"strings"
)

// maxNumber is the most bytes that AppendNumber appends.
const maxNumber = 24

// FormatNumber returns a number as tostring prints it.
func FormatNumber(f float64) string {
	var text [maxNumber]byte
	return string(AppendNumber(text[:0], f))
}

// AppendNumber appends a number as C's %.14g prints it.
func AppendNumber(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(appendSign(dst, f), "nan"...)
	case math.IsInf(f, 0):
		return append(appendSign(dst, f), "inf"...)
	case f == math.Trunc(f) && math.Abs(f) < 1e14 && (f != 0 || !math.Signbit(f)):
		return strconv.AppendInt(dst, int64(f), 10)
	}
	return strconv.AppendFloat(dst, f, 'g', 14, 64)
}

func appendSign(dst []byte, f float64) []byte {
	if math.Signbit(f) {
		return append(dst, '-')
	}
	return dst
}

// blanks are the bytes that C calls white space.
const blanks = " \t\n\v\f\r"

// ParseNumber reads a numeral with blanks around it as the lexer and tonumber do: decimal with exponent, or hexadecimal. As in C's
// strtod, inf and nan are numerals too.
func ParseNumber(s string) (f float64, ok bool) {
	s = strings.Trim(cString(s), blanks)
	if s == "" || strings.ContainsAny(s, "_") {
		return 0, false
	}
	body := strings.TrimLeft(s, "+-")
	if len(s)-len(body) > 1 {
		return 0, false
	}
	if len(body) > 1 && body[0] == '0' && (body[1] == 'x' || body[1] == 'X') {
		return parseHexadecimal(s[0] == '-', body[2:])
	}
	if len(body) > 2 && strings.EqualFold(body[:3], "nan") {
		return parseNaN(s[0] == '-', body[3:])
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && err.(*strconv.NumError).Err != strconv.ErrRange {
		return 0, false
	}
	return f, true
}

// parseNaN reads what is behind nan: nothing, or letters and digits in parentheses. It has a sign, which is printed.
func parseNaN(negative bool, payload string) (f float64, ok bool) {
	if payload != "" {
		word, closed := strings.CutSuffix(payload, ")")
		word, opened := strings.CutPrefix(word, "(")
		if !opened || !closed || strings.ContainsFunc(word, func(r rune) bool { return !isLetter(r) && !isDigit(r) }) {
			return 0, false
		}
	}
	if negative {
		return negativeNaN, true
	}
	return math.Abs(negativeNaN), true
}

// parseHexadecimal reads what is behind 0x: digits and, as in C99, a fraction and an exponent of two.
func parseHexadecimal(negative bool, digits string) (f float64, ok bool) {
	if !strings.ContainsAny(digits, "pP") {
		digits += "p0"
	}
	f, err := strconv.ParseFloat("0x"+digits, 64)
	if err != nil && err.(*strconv.NumError).Err != strconv.ErrRange {
		return 0, false
	}
	if negative {
		f = -f
	}
	return f, true
}
