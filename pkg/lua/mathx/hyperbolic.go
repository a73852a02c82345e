package mathx

import "math"

// The C library does not round these correctly, so what counts is the way they are computed, which is that of fdlibm.

// Beyond these arguments e^-x does not show, and e^x is beyond a double.
const (
	onlyGrowing   = 22
	halfLn2       = math.Ln2 / 2
	greatestPower = 0x1.62e42fefa39efp+9
)

// Sinh returns the hyperbolic sine.
func Sinh(x float64) float64 {
	magnitude := math.Abs(x)
	half := math.Copysign(0.5, x)
	switch {
	case magnitude < 0x1p-28 || !(magnitude <= math.MaxFloat64):
		return x
	case magnitude >= onlyGrowing:
		return growing(half, magnitude)
	}
	t := math.Expm1(magnitude)
	if magnitude < 1 {
		return half * (2*t - float64(t*t)/(t+1))
	}
	return half * (t + t/(t+1))
}

// Cosh returns the hyperbolic cosine.
func Cosh(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x > math.MaxFloat64 || x != x:
		return x
	case x >= onlyGrowing:
		return growing(0.5, x)
	case x < halfLn2:
		t := math.Expm1(x)
		w := 1 + t
		return 1 + float64(t*t)/(w+w)
	}
	t := Exp(x)
	return float64(0.5*t) + 0.5/t
}

// growing returns half·e^x.
func growing(half, x float64) float64 {
	if x < greatestPower {
		return half * Exp(x)
	}
	w := Exp(x / 2)
	return half * w * w
}

// Tanh returns the hyperbolic tangent.
func Tanh(x float64) float64 {
	magnitude := math.Abs(x)
	y := 1.
	switch {
	case x != x || magnitude < 0x1p-55:
		return x
	case magnitude < 1:
		t := math.Expm1(-2 * magnitude)
		y = -t / (t + 2)
	case magnitude < onlyGrowing:
		y = 1 - 2/(math.Expm1(2*magnitude)+2)
	}
	return math.Copysign(y, x)
}
