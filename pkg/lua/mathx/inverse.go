package mathx

import "math"

// Of the functions that are inverse, those of package math are a good guess. How far off its sine is corrects it.

// Asin returns the angle from -π/2 to π/2 that has this sine.
func Asin(x float64) float64 {
	magnitude := math.Abs(x)
	switch {
	case !(magnitude <= 1):
		return math.Asin(x)
	case magnitude <= 0.5:
		return arcsine(pair{x, 0}).high
	}
	return math.Copysign(rightAngle.minus(twice(arcsine(halfChord(magnitude)))).high, x)
}

// Acos returns the angle from 0 to π that has this cosine.
func Acos(x float64) float64 {
	switch {
	case !(math.Abs(x) <= 1):
		return math.Acos(x)
	case x > 0.5:
		return twice(arcsine(halfChord(x))).high
	case x < -0.5:
		return pi.minus(twice(arcsine(halfChord(-x)))).high
	}
	return rightAngle.minus(arcsine(pair{x, 0})).high
}

// halfChord returns the sine of half the angle that has the cosine x, which is positive: √((1-x)/2).
func halfChord(x float64) pair { return pair{(1 - x) / 2, 0}.sqrt() }

func twice(p pair) pair { return pair{2 * p.high, 2 * p.low} }

// arcsine returns the angle of a sine of at most 1/2.
func arcsine(x pair) pair {
	if math.Abs(x.high) < 0x1p-36 {
		return x
	}
	guess := math.Asin(x.high)
	sin, cos := sineCosine(pair{guess, 0})
	return normal(guess, x.minus(sin).high/cos.high)
}

// Atan returns the angle from -π/2 to π/2 that has this tangent.
func Atan(x float64) float64 { return Atan2(x, 1) }

// How far apart two numbers are whose quotient is its arctangent to all bits, and which give a quarter of the circle.
const (
	farApart     = 0x1p36
	veryFarApart = 0x1p64
)

// Atan2 returns the angle of the direction to a point, with the special cases of C99.
func Atan2(y, x float64) float64 {
	guess := math.Atan2(y, x)
	height, width := math.Abs(y), math.Abs(x)
	switch {
	case y == 0 || x == 0 || !(height <= math.MaxFloat64) || !(width <= math.MaxFloat64):
		return guess
	case height/veryFarApart > width:
		return math.Copysign(math.Pi/2, y)
	case x > 0 && width/farApart > height:
		return y / x
	case x < 0 && width/veryFarApart > height:
		return math.Copysign(math.Pi, y)
	}
	switch greater := max(height, width); { // so that no product is beyond a double
	case greater > 0x1p500:
		x, y = x*0x1p-600, y*0x1p-600
	case greater < 0x1p-500:
		x, y = x*0x1p600, y*0x1p600
	}
	sin, cos := circle(guess)
	off := cos.times(pair{y, 0}).minus(sin.times(pair{x, 0}))
	return guess + off.high/math.Sqrt(x*x+y*y)
}
