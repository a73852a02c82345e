package cjson

import (
	"math"
	"strconv"
	"strings"
)

// isInvalidNumber reports whether something is a number for strtod that is none in JSON. It need not be right about what is a number for
// neither.
func isInvalidNumber(s string) bool {
	if s[0] == '+' {
		return true
	}
	s = strings.TrimPrefix(s, "-")
	if strings.HasPrefix(s, "0") {
		return len(s) > 1 && (s[1]|0x20 == 'x' || isDigit(s[1]))
	}
	return hasPrefixFold(s, "inf") || hasPrefixFold(s, "nan")
}

func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isHexDigit(c byte) bool { return hexDigit(c) >= 0 }

// hasPrefixFold reports whether s begins with lower-case letters, or their capitals.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// maxExact is how many digits an integer has of which every one is a float64.
const maxExact = 15

// parseNumber reads the number with which s begins, as strtod does. n is its length, 0 if there is none.
func parseNumber(s string) (f float64, n int) {
	sign := 0
	if s[0] == '-' || s[0] == '+' {
		sign = 1
	}
	digits := span(s[sign:], isDigit)
	if end := sign + digits; digits > 0 && digits <= maxExact && (end == len(s) || isPlainEnd(s[end])) {
		return signed(s, plainInteger(s[sign:end])), end
	}
	if f, n := parseWord(s[sign:]); n > 0 {
		return signed(s, f), sign + n
	}
	if n = hexadecimal(s[sign:]); n > 0 {
		text := s[:sign+n]
		if strings.IndexByte(text, 'p') < 0 && strings.IndexByte(text, 'P') < 0 {
			text += "p0"
		}
		return parseFloat(text), sign + n
	}
	if n = decimal(s[sign:]); n > 0 {
		return parseFloat(s[:sign+n]), sign + n
	}
	return 0, 0
}

// parseFloat parses a number of the right form: too great ones are infinite.
func parseFloat(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// span returns how many bytes at the beginning of s are of a kind.
func span(s string, is func(byte) bool) (n int) {
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

// isPlainEnd reports whether a number of digits ends with such a byte behind it.
func isPlainEnd(c byte) bool { return c == ',' || c == ']' || c == '}' || isBlank(c) }

func plainInteger(s string) float64 {
	n := 0
	for i := range len(s) {
		n = 10*n + int(s[i]-'0')
	}
	return float64(n)
}

func signed(s string, f float64) float64 {
	if s[0] == '-' {
		return math.Copysign(f, -1)
	}
	return f
}

// parseWord reads inf, infinity, nan or nan(letters).
func parseWord(s string) (f float64, n int) {
	switch {
	case hasPrefixFold(s, "infinity"):
		return math.Inf(1), len("infinity")
	case hasPrefixFold(s, "inf"):
		return math.Inf(1), len("inf")
	case !hasPrefixFold(s, "nan"):
		return 0, 0
	}
	n = len("nan")
	if payload := s[n:]; strings.HasPrefix(payload, "(") {
		if end := 1 + span(payload[1:], isWordChar); end < len(payload) && payload[end] == ')' {
			n += end + 1
		}
	}
	return math.NaN(), n
}

func isWordChar(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }

// decimal returns the length of a number with digits, a point and an exponent.
func decimal(s string) int { return numeral(s, isDigit, 'e') }

// hexadecimal returns the length of a number with 0x, digits, a point and an exponent of two.
func hexadecimal(s string) int {
	if !hasPrefixFold(s, "0x") {
		return 0
	}
	if n := numeral(s[2:], isHexDigit, 'p'); n > 0 {
		return 2 + n
	}
	return 0
}

// numeral returns the length of digits with at most one point, and an exponent behind the given letter.
func numeral(s string, is func(byte) bool, letter byte) int {
	whole := span(s, is)
	n, digits := whole, whole
	if n < len(s) && s[n] == '.' {
		fraction := span(s[n+1:], is)
		n += 1 + fraction
		digits += fraction
	}
	if digits == 0 {
		return 0
	}
	return n + exponent(s[n:], letter)
}

// exponent returns the length of an exponent, 0 if there is none.
func exponent(s string, letter byte) int {
	if s == "" || s[0]|0x20 != letter {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '-' || s[n] == '+') {
		n++
	}
	digits := span(s[n:], isDigit)
	if digits == 0 {
		return 0
	}
	return n + digits
}
