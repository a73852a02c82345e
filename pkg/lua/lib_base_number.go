package lua

import (
	"math"
	"math/bits"
)

func baseTonumber(L *Thread) int {
	base := L.optInt32(2, 10)
	if base == 10 {
		L.CheckAny(1)
		if f, ok := L.number(L.Arg(1)); ok {
			L.Push(Number(f))
		} else {
			L.Push(Nil)
		}
		return 1
	}
	s := L.CheckString(1)
	L.Step(len(s) >> 6)
	if base < 2 || base > 36 {
		L.ArgError(2, "base out of range")
	}
	if n, ok := parseUnsigned(cString(s), uint64(base)); ok {
		L.Push(Number(float64(n)))
	} else {
		L.Push(Nil)
	}
	return 1
}

// parseUnsigned reads digits of a base with blanks around them as C's strtoul does: what is too large becomes the greatest number, and a
// minus sign takes the complement.
func parseUnsigned(s string, base uint64) (n uint64, ok bool) {
	i := skipBlanks(s, 0)
	negative := false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	if base == 16 && i+2 < len(s) && s[i] == '0' && s[i+1]|0x20 == 'x' && digitValue(s[i+2]) < 16 {
		i += 2
	}
	start, overflow := i, false
	for ; i < len(s) && digitValue(s[i]) < base; i++ {
		high, low := bits.Mul64(n, base)
		sum, carry := bits.Add64(low, digitValue(s[i]), 0)
		n, overflow = sum, overflow || high != 0 || carry != 0
	}
	switch {
	case overflow:
		n = math.MaxUint64
	case negative:
		n = -n
	}
	return n, i > start && skipBlanks(s, i) == len(s)
}

func skipBlanks(s string, i int) int {
	for i < len(s) && charClasses[s[i]]&classSpace != 0 {
		i++
	}
	return i
}

// digitValue returns what a digit or a letter counts, a number beyond all bases for what is neither.
func digitValue(c byte) uint64 {
	switch {
	case isDigit(c):
		return uint64(c - '0')
	case charClasses[c]&classAlpha != 0:
		return uint64(c|0x20-'a') + 10
	}
	return math.MaxUint64
}
