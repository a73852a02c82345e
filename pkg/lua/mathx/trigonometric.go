package mathx

import (
	"math"
	"math/bits"
)

// Sin returns the sine of an angle in radians.
func Sin(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) || x != x {
		return math.Sin(x)
	}
	sin, _ := circle(x)
	return sin.high
}

// Cos returns the cosine of an angle in radians.
func Cos(x float64) float64 {
	if math.IsInf(x, 0) || x != x {
		return math.Cos(x)
	}
	_, cos := circle(x)
	return cos.high
}

// Tan returns the tangent of an angle in radians.
func Tan(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) || x != x {
		return math.Tan(x)
	}
	sin, cos := circle(x)
	return sin.over(cos).high
}

// π in two parts.
const (
	piHigh = 0x1.921fb54442d18p+1
	piLow  = math.Pi - piHigh
)

var (
	pi         = pair{piHigh, piLow}
	rightAngle = pair{piHigh / 2, piLow / 2}
)

// circle returns sine and cosine of a finite angle.
func circle(x float64) (sin, cos pair) {
	quadrant, rest := reduce(math.Abs(x))
	sin, cos = sineCosine(rest)
	switch quadrant & 3 {
	case 1:
		sin, cos = cos, sin.negative()
	case 2:
		sin, cos = sin.negative(), cos.negative()
	case 3:
		sin, cos = cos.negative(), sin
	}
	if x < 0 {
		sin = sin.negative()
	}
	return sin, cos
}

// perRightAngle has the bits of 2/π, after a word of zeros.
var perRightAngle = [...]uint64{
	0,
	0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0,
	0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4,
	0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
	0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
}

// reduce takes an angle that is not negative apart into right angles and a rest of at most half of one (Payne and Hanek). The mantissa is
// multiplied by those 192 bits of 2/π that follow the ones that only make whole turns. The fraction is good for 137 bits, up to 62 of which
// are zero where an angle is next to a whole number of right ones, so the rest is good for 75.
func reduce(x float64) (quadrant int, rest pair) {
	if x <= math.Pi/4 {
		return 0, pair{x, 0}
	}
	b := math.Float64bits(x)
	mantissa := b&(1<<mantissaBits-1) | 1<<mantissaBits
	at := uint(b>>mantissaBits) - bias - mantissaBits + 62 // the bit that has weight 2 in the product
	word := func(i uint) uint64 {
		return perRightAngle[at/64+i]<<(at%64) | perRightAngle[at/64+i+1]>>(64-at%64)
	}
	carry2, f2 := bits.Mul64(mantissa, word(2))
	carry1, f1 := bits.Mul64(mantissa, word(1))
	f1, carry := bits.Add64(f1, carry2, 0)
	f0, _ := bits.Add64(mantissa*word(0), carry1, carry)

	quadrant = int(f0 >> 62)
	f0, f1, f2 = f0<<2|f1>>62, f1<<2|f2>>62, f2<<2
	negative := f0>>63 == 1
	if negative {
		quadrant++
		f2, carry = bits.Sub64(0, f2, 0)
		f1, carry = bits.Sub64(0, f1, carry)
		f0, _ = bits.Sub64(0, f0, carry)
	}
	rest = fraction(f0, f1, f2).times(rightAngle)
	if negative {
		rest = rest.negative()
	}
	return quadrant, rest
}

// fraction returns the number below 1 that has these bits.
func fraction(f0, f1, f2 uint64) pair {
	exponent := 0
	if f0 == 0 {
		f0, f1, f2, exponent = f1, f2, 0, -64
	}
	n := bits.LeadingZeros64(f0)
	f0, f1 = f0<<n|f1>>(64-n), f1<<n|f2>>(64-n)
	exponent -= n
	high := float64(f0>>11) * powerOfTwo(exponent-53)
	low := float64((f0<<53|f1>>11)>>1) * powerOfTwo(exponent-53-63)
	return normal(high, low)
}

// stepsPerRadian is how close together the angles of the table are.
const stepsPerRadian = 128

// octant has sine and cosine of the angles up to half a right one.
var octant = newOctant()

// newOctant goes from one angle to the next by the addition theorems.
func newOctant() (table [stepsPerRadian*79/100 + 2]struct{ sin, cos pair }) {
	var sin, cos pair // of a step
	term := pair{1, 0}
	for n := range 16 {
		switch n % 4 {
		case 0:
			cos = cos.plus(term)
		case 1:
			sin = sin.plus(term)
		case 2:
			cos = cos.minus(term)
		case 3:
			sin = sin.minus(term)
		}
		term = term.over(pair{float64(stepsPerRadian * (n + 1)), 0})
	}
	table[0].cos = pair{1, 0}
	for i := 1; i < len(table); i++ {
		last := &table[i-1]
		table[i].sin = last.sin.times(cos).plus(last.cos.times(sin))
		table[i].cos = last.cos.times(cos).minus(last.sin.times(sin))
	}
	return table
}

// sineCosine returns sine and cosine of an angle of at most half a right one. It is taken apart into one of the table and a rest of less than
// 2^-8. What the rest's cosine is more than 1, and its sine more than the rest, are doubles, whose errors are 2^-70 of the result.
func sineCosine(x pair) (sin, cos pair) {
	i := math.RoundToEven(math.Abs(x.high) * stepsPerRadian)
	e := &octant[int(i)]
	eSin := e.sin
	if x.high < 0 {
		i, eSin = -i, eSin.negative()
	}
	t := normal(x.high-i*(1./stepsPerRadian), x.low)
	square := t.high * t.high
	cosMore := square * (-1./2 + square*(1./24-square/720))
	sinMore := square * t.high * (-1./6 + square*(1./120-square/5040))
	sin = combine(eSin, e.cos, t, eSin.high*cosMore+e.cos.high*sinMore)
	cos = combine(e.cos, eSin.negative(), t, e.cos.high*cosMore-eSin.high*sinMore)
	return sin, cos
}

// combine returns a + b·t + rest, of which rest is small.
func combine(a, b, t pair, rest float64) pair {
	product := float64(b.high * t.high)
	sum := twoSum(a.high, product)
	low := math.FMA(b.high, t.high, -product) + (sum.low + (a.low + (b.low*t.high + b.high*t.low) + rest))
	return normal(sum.high, low)
}
