package commands

import (
	"bytes"
	"math"
	"math/big"

	"snakecache/pkg/proto"
)

// longDouble is the number with which Redis does its floating point sums: C's long double of x86-64, with 64 bits of
// mantissa and 15 of exponent, rounded to nearest even. Denormal numbers keep all 64 bits here, which nobody can see:
// sums are printed with 17 decimals.
type longDouble struct{ big.Float }

const (
	longDoubleBits   = 64
	longDoubleMaxExp = 16384  // all numbers are below 2 to this
	longDoubleMinExp = -16446 // and what is not above 2 to this rounds to zero
	longDoubleMaxLen = 5 << 10
	longDoublePlaces = 17 // decimals printed

	farMagnitude = 5100    // decimal exponents beyond it are out of range without a closer look
	farExponent  = 100_000 // stands for all exponents that no 5 KiB of digits bring back into range
)

// parseLongDouble reads text as C's strtold does in a full match without leading space: decimal, hexadecimal with 0x,
// or infinity. Not a number, overflow, underflow to zero and 5 KiB or more of text are errors.
func parseLongDouble(text []byte) (*longDouble, error) {
	if len(text) >= longDoubleMaxLen {
		return nil, proto.ErrNotFloat
	}
	d := new(longDouble)
	d.SetPrec(longDoubleBits)
	digits, negative := cutSign(text)
	switch {
	case proto.EqualFold(digits, "inf") || proto.EqualFold(digits, "infinity"):
		d.SetInf(negative)
		return d, nil
	case len(digits) > 1 && proto.EqualFold(digits[:2], "0x"):
		if !d.readHex(digits[2:]) {
			return nil, proto.ErrNotFloat
		}
	case !d.readDecimal(digits):
		return nil, proto.ErrNotFloat
	}
	if negative {
		d.Neg(&d.Float)
	}
	return d, nil
}

func (d *longDouble) readDecimal(text []byte) bool {
	mantissa, exponent, ok := cutNumber(text, 10, 'e')
	if !ok {
		return false
	}
	if mantissa.Sign() == 0 {
		return true
	}
	if magnitude := mantissa.BitLen()*3/10 + exponent; magnitude > farMagnitude || magnitude < -farMagnitude {
		return false
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exponent, -exponent))), nil)
	if exponent >= 0 {
		d.SetInt(mantissa.Mul(mantissa, scale))
	} else {
		// The operands are exact whatever their length, so the quotient is rounded once.
		d.Quo(new(big.Float).SetInt(mantissa), new(big.Float).SetInt(scale))
	}
	return d.inRange()
}

func (d *longDouble) readHex(text []byte) bool {
	mantissa, exponent, ok := cutNumber(text, 16, 'p')
	if !ok {
		return false
	}
	d.SetInt(mantissa)
	d.SetMantExp(&d.Float, exponent)
	return mantissa.Sign() == 0 || d.inRange()
}

// inRange reports whether a number other than zero is still one in a long double, neither infinite nor zero.
func (d *longDouble) inRange() bool {
	fraction := new(big.Float)
	exponent := d.MantExp(fraction) // 0.5 <= fraction < 1
	if exponent == longDoubleMinExp+1 {
		return fraction.Cmp(big.NewFloat(0.5)) > 0
	}
	return exponent > longDoubleMinExp && exponent <= longDoubleMaxExp
}

// add returns the sum, which must be finite.
func (d *longDouble) add(x *longDouble) (*longDouble, error) {
	if d.IsInf() || x.IsInf() {
		return nil, proto.ErrNaNOrInfinity
	}
	sum := new(longDouble)
	sum.SetPrec(longDoubleBits)
	sum.Add(&d.Float, &x.Float)
	if sum.MantExp(nil) > longDoubleMaxExp {
		return nil, proto.ErrNaNOrInfinity
	}
	return sum, nil
}

// minus returns the difference, which must be finite.
func (d *longDouble) minus(x *longDouble) (*longDouble, error) {
	negated := new(longDouble)
	negated.Neg(&x.Float)
	return d.add(negated)
}

// addWithin returns the sum of two finite numbers if it lies between the bounds, else with saturate the nearest of them.
func (d *longDouble) addWithin(x, lower, upper *longDouble, saturate bool) (sum *longDouble, ok bool) {
	sum, err := d.add(x)
	overflows := err != nil
	switch {
	case overflows && x.Sign() > 0 || !overflows && sum.Cmp(&upper.Float) > 0:
		return upper, saturate
	case overflows || sum.Cmp(&lower.Float) < 0:
		return lower, saturate
	}
	return sum, true
}

// greatestLongDouble and leastLongDouble return the finite numbers that are farthest from zero.
func greatestLongDouble() *longDouble {
	d := new(longDouble)
	d.SetUint64(math.MaxUint64)
	d.SetMantExp(&d.Float, longDoubleMaxExp-longDoubleBits)
	return d
}

func leastLongDouble() *longDouble {
	d := greatestLongDouble()
	d.Neg(&d.Float)
	return d
}

// append prints a finite number as C's %.17Lf without the zeros at its end; there is no negative zero.
func (d *longDouble) append(dst []byte) []byte {
	from := len(dst)
	dst = d.Append(dst, 'f', longDoublePlaces)
	dst = bytes.TrimRight(dst, "0")
	dst = bytes.TrimSuffix(dst, []byte("."))
	if string(dst[from:]) == "-0" {
		return append(dst[:from], '0')
	}
	return dst
}

// cutNumber reads digits of a base with at most one point among them, and an optional exponent behind the given
// letter, of two for base 16 and else of ten. The number is mantissa times that base to the power of exponent.
func cutNumber(text []byte, base int, letter byte) (mantissa *big.Int, exponent int, ok bool) {
	text, tail := cutExponent(text, letter)
	if tail != nil {
		if exponent, ok = readExponent(tail); !ok {
			return nil, 0, false
		}
	}
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	digits := append(append(make([]byte, 0, len(text)), whole...), fraction...)
	for _, c := range digits {
		if !isDigit(c, base) {
			return nil, 0, false
		}
	}
	if mantissa, ok = new(big.Int).SetString(string(digits), base); !ok {
		return nil, 0, false
	}
	if base == 16 {
		return mantissa, exponent - 4*len(fraction), true
	}
	return mantissa, exponent - len(fraction), true
}

// cutExponent splits text at the letter in either case; tail is nil if it is not there.
func cutExponent(text []byte, letter byte) (head, tail []byte) {
	i := bytes.IndexAny(text, string([]byte{letter, letter - 'a' + 'A'}))
	if i < 0 {
		return text, nil
	}
	return text[:i], text[i+1:]
}

// readExponent reads a decimal number with an optional sign, as far as farExponent either way.
func readExponent(text []byte) (n int, ok bool) {
	digits, negative := cutSign(text)
	for _, c := range digits {
		if !isDigit(c, 10) {
			return 0, false
		}
		n = min(n*10+int(c-'0'), farExponent)
	}
	if negative {
		n = -n
	}
	return n, len(digits) > 0
}

func cutSign(text []byte) (rest []byte, negative bool) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		return text[1:], text[0] == '-'
	}
	return text, false
}

func isDigit(c byte, base int) bool {
	return '0' <= c && c <= '9' || base == 16 && ('a' <= c|0x20 && c|0x20 <= 'f')
}
