package geohash

import (
	"math"
	"math/big"
)

// Distances that are stored show every bit, so sines must be rounded as C's are, which is correctly but for very few. Those
// of package math are not. Here an angle is taken apart into one of a table, whose sine and cosine are known to twice the
// precision, and a small rest, for which a short series does; sums carry what rounding takes off.

// stepsPerRadian is how close together the angles of the table are.
const stepsPerRadian = 128

// piLow is what π is more than the double next to it.
const piLow = 1.2246467991473532e-16

// pair is a number as the sum of two, the second of which is what the first one lacks.
type pair struct{ high, low float64 }

type sineAndCosine struct{ sin, cos pair }

// quadrant has the angles up to a right one.
var quadrant = newQuadrant()

// newQuadrant goes from one angle to the next by the addition theorems.
func newQuadrant() (table [stepsPerRadian*157/100 + 2]sineAndCosine) {
	const bits = 160
	number := func(f float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(f) }
	product := func(x, y *big.Float) *big.Float { return number(0).Mul(x, y) }
	sinStep, cosStep := number(0), number(0)
	for i, term := 0, number(1); i < 20; i++ { // the series of both; a term is the step to the power of i, over i!
		switch i % 4 {
		case 0:
			cosStep.Add(cosStep, term)
		case 1:
			sinStep.Add(sinStep, term)
		case 2:
			cosStep.Sub(cosStep, term)
		case 3:
			sinStep.Sub(sinStep, term)
		}
		term.Quo(term, number(stepsPerRadian*float64(i+1)))
	}
	sin, cos := number(0), number(1)
	for i := range table {
		table[i] = sineAndCosine{pairOf(sin), pairOf(cos)}
		sin, cos = number(0).Add(product(sin, cosStep), product(cos, sinStep)), number(0).Sub(product(cos, cosStep), product(sin, sinStep))
	}
	return table
}

func pairOf(f *big.Float) (p pair) {
	p.high, _ = f.Float64()
	p.low, _ = new(big.Float).Sub(f, big.NewFloat(p.high)).Float64()
	return p
}

// add returns the exact sum of two numbers.
func add(x, y float64) pair {
	sum := x + y
	part := sum - x
	return pair{sum, (x - (sum - part)) + (y - part)}
}

// combine returns a + b·t + rest, of which rest is small, to about 70 bits.
func combine(a, b pair, t pair, rest float64) pair {
	product := b.high * t.high
	sum := add(a.high, product)
	low := math.FMA(b.high, t.high, -product) + sum.low + a.low + b.low*t.high + b.high*t.low + rest
	return add(sum.high, low)
}

// apart takes an angle, which is not negative and not beyond a right one, apart into one of the table and a rest, of which it
// returns also what the cosine is more than 1 and the sine more than the rest.
func apart(x pair) (e *sineAndCosine, rest pair, cos, sin float64) {
	i := math.RoundToEven(x.high * stepsPerRadian)
	rest = add(x.high-i/stepsPerRadian, x.low)
	t := rest.high * rest.high
	cos = t * (-1./2 + t*(1./24-t/720))
	sin = t * rest.high * (-1./6 + t*(1./120-t/5040))
	return &quadrant[int(i)], rest, cos, sin
}

// sine returns the sine of an angle from 0 to a right one.
func sine(x pair) pair {
	e, rest, cos, sin := apart(x)
	return combine(e.sin, e.cos, rest, e.sin.high*cos+e.cos.high*sin)
}

// cosine returns the cosine of an angle from 0 to a right one.
func cosine(x pair) pair {
	e, rest, cos, sin := apart(x)
	return combine(e.cos, pair{-e.sin.high, -e.sin.low}, rest, e.cos.high*cos-e.sin.high*sin)
}

// sin returns the sine of an angle in radians from -π to π.
func sin(x float64) float64 {
	angle := pair{math.Abs(x), 0}
	if angle.high > math.Pi/2 {
		angle = pair{math.Pi - angle.high, piLow}
	}
	return math.Copysign(sine(angle).high, x)
}

// cos returns the cosine of an angle in radians from -π/2 to π/2.
func cos(x float64) float64 { return cosine(pair{math.Abs(x), 0}).high }

// asin returns the angle from 0 to π/2 whose sine is x: that of package math, corrected by how far off its sine is.
func asin(x float64) float64 {
	angle := math.Asin(x)
	if !(x < 1) {
		return angle
	}
	s := sine(pair{angle, 0})
	return angle + (x-s.high-s.low)/math.Sqrt((1-x)*(1+x))
}
