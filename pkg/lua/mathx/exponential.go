package mathx

import "math"

// The bits of a double.
const (
	mantissaBits = 52
	bias         = 1023
	highestPower = 1023  // of two
	lowestPower  = -1022 // of a number with all bits
)

// powerOfTwo returns 2^n for an n from lowestPower to highestPower.
func powerOfTwo(n int) float64 { return math.Float64frombits(uint64(n+bias) << mantissaBits) }

// Exp returns e^x.
func Exp(x float64) float64 {
	if x != x || math.IsInf(x, 0) {
		return math.Exp(x)
	}
	return exp(pair{x, 0})
}

// Beyond these powers of e nothing is left, or too much.
const (
	overflow  = 710
	underflow = -746
)

// steps is how many parts the octave has in the table of powers of two.
const steps = 128

// roots has 2^(i/steps).
var roots = newRoots()

func newRoots() (table [steps]pair) {
	step := pair{2, 0}
	for n := 1; n < steps; n *= 2 {
		step = step.sqrt()
	}
	table[0] = pair{1, 0}
	for i := 1; i < steps; i++ {
		table[i] = table[i-1].times(step)
	}
	return table
}

// A step of the octave, in two parts.
const (
	stepHigh = 0x1.62e42fefa39efp-1 / steps
	stepLow  = math.Ln2/steps - stepHigh
)

// exp takes the power apart into a whole number n of steps and a rest r of less than 2^-8.5, which is exact to 2^-96. All of its series but r
// itself is less than 2^-18, so that doubles make an error of 2^-70 in it; the first term left out is as small. The result is rounded once.
func exp(x pair) float64 {
	switch {
	case x.high > overflow:
		return math.Inf(1)
	case x.high < underflow:
		return 0
	}
	n := math.RoundToEven(x.high / stepHigh)
	near := float64(n * stepHigh)
	r := twoSum(x.high-near, x.low-math.FMA(n, stepHigh, -near)-float64(n*stepLow))
	t := r.high
	rest := r.low + t*t*(1./2+t*(1./6+t*(1./24+t*(1./120+t/720))))

	i := int(n)
	root := &roots[i&(steps-1)]
	product := float64(root.high * t)
	sum := normal(root.high, product)
	low := math.FMA(root.high, t, -product) + (root.low + (root.low*t + root.high*rest))
	return scale(normal(sum.high, sum.low+low), i>>7)
}

// scale returns p·2^n, of a p from 1/2 to 2. What is too small for all its bits is rounded by adding 1 in between, whose last bit then has
// the weight of the last one that is left.
func scale(p pair, n int) float64 {
	switch {
	case n > highestPower:
		return p.high * powerOfTwo(highestPower) * powerOfTwo(n-highestPower)
	case n > lowestPower:
		return p.high * powerOfTwo(n)
	}
	small := powerOfTwo(n - lowestPower)
	sum := normal(1, p.high*small)
	return (sum.high + (sum.low + p.low*small) - 1) * powerOfTwo(lowestPower)
}

// Log returns the natural logarithm.
func Log(x float64) float64 {
	if !(x > 0) || x > math.MaxFloat64 {
		return math.Log(x)
	}
	return logarithm(x).high
}

// Log10 returns the decimal logarithm: as the C library does, which does not round that one correctly, from the natural one and the power of two.
func Log10(x float64) float64 {
	const (
		perLn = 1 / math.Ln10
		high  = 0x1.34413509f6p-2 // the logarithm of 2, in two parts
		low   = math.Ln2/math.Ln10 - high
	)
	if !(x > 0) || x > math.MaxFloat64 {
		return math.Log10(x)
	}
	fraction, exponent := math.Frexp(x)
	if exponent > 0 {
		fraction, exponent = 2*fraction, exponent-1
	}
	n := float64(exponent)
	rest := float64(n*low) + float64(perLn*Log(fraction))
	return rest + float64(n*high)
}

// Numbers from lowest up to its double are next to one of a table, whose entries are 1/grain apart.
const (
	grain   = 256
	lowest  = 0x3fe6a09e667f3bcd // √½ in bits
	entries = 363                // up to √2
)

// logarithms has those of i/grain.
var logarithms = newLogarithms()

// newLogarithms goes both ways from 1, by log((i+1)/i) = 2·artanh(1/(2i+1)).
func newLogarithms() (table [entries]pair) {
	gap := func(i int) (sum pair) {
		x := pair{1, 0}.over(pair{float64(2*i + 1), 0})
		square := x.times(x)
		for n := 13; n > 0; n -= 2 {
			sum = sum.times(square).plus(pair{2, 0}.over(pair{float64(n), 0}))
		}
		return sum.times(x)
	}
	for i := grain; i < entries-1; i++ {
		table[i+1] = table[i].plus(gap(i))
	}
	for i := grain - 1; i >= grain/2; i-- {
		table[i] = table[i+1].minus(gap(i))
	}
	return table
}

// The logarithm of 2 in two parts, of which the first has bits to spare for a multiplication by 2^11.
const (
	ln2High = 0x1.62e42fefa38p-1
	ln2Low  = math.Ln2 - ln2High
)

// A third in two parts.
const (
	thirdHigh = 0x1.5555555555555p-2
	thirdLow  = 1./3 - thirdHigh
)

// logarithm returns the natural logarithm of a finite positive number: of the power of two, of the next number of the table, and of 1+r,
// the quotient that is left. r is less than 2^-8.4, so in r - r²·(1/2 - r·(1/3 - r·tail)) the tail may be a double, whose error is 2^-79 of
// the result; the first term left out is as small. This is what the greatest powers need, which have logarithms up to 2^10.
func logarithm(x float64) pair {
	const grainLess = 1. / grain
	k := 0
	if x < 0x1p-1022 {
		x, k = x*0x1p54, -54
	}
	bits := math.Float64bits(x)
	e := int64(bits-lowest) >> mantissaBits
	m := math.Float64frombits(bits - uint64(e)<<mantissaBits)
	k += int(e)

	i := int(m*grain + 0.5)
	near := float64(i) * grainLess
	d := m - near
	t := d / near
	r := pair{t, math.FMA(-t, near, d) / near}
	tail := 1./4 - t*(1./5-t*(1./6-t*(1./7-t*(1./8-t/9))))
	inner := normal(thirdHigh, thirdLow-t*tail)
	inner = pair{0.5, 0}.minus(r.times(inner))
	ofRest := r.minus(r.times(r).times(inner))
	n := float64(k)
	return pair{n * ln2High, n * ln2Low}.plus(logarithms[i]).plus(ofRest)
}

// Pow returns x^y, with the special cases of C99.
func Pow(x, y float64) float64 {
	switch {
	case y == 2:
		return x * x
	case y == 1:
		return x
	case y == -1:
		return 1 / x
	case y == 0.5 && x > 0:
		return math.Sqrt(x)
	case x != x && y != 0:
		return x
	case y != y && x != 1:
		return y
	case x == 0 || x == 1 || math.IsInf(x, 0) || y == 0 || math.IsInf(y, 0):
		return math.Pow(x, y)
	}
	whole := y == math.Trunc(y)
	if whole && y > 0 && y <= mantissaBits && x == math.Trunc(x) {
		if p, exact := wholePower(x, int(y)); exact {
			return p
		}
	}
	if x > 0 {
		return power(x, y)
	}
	switch {
	case !whole:
		return invalid
	case math.Abs(y) < 0x1p53 && int64(y)&1 == 1:
		return -power(-x, y)
	}
	return power(-x, y)
}

// invalid is what operations have as result that have none, with the sign that it has in C.
var invalid = math.Float64frombits(0xfff8000000000000)

// wholePower multiplies whole numbers, which is exact if the result is, n being positive.
func wholePower(x float64, n int) (p float64, exact bool) {
	p = 1
	for ; n > 1; n >>= 1 {
		if n&1 == 1 {
			p *= x
		}
		x *= x
	}
	p *= x
	return p, math.Abs(p) <= 0x1p53
}

// power returns x^y of finite numbers, x being positive.
func power(x, y float64) float64 {
	l := logarithm(x)
	product := float64(l.high * y)
	if math.Abs(product) > -underflow {
		return exp(pair{product, 0})
	}
	return exp(normal(product, math.FMA(l.high, y, -product)+float64(l.low*y)))
}
