package lua

import (
	"math"

	"snakecache/pkg/lua/mathx"
)

// OpenMath adds the library math.
func OpenMath(s *State) {
	t := s.library("math", []field{
		{"abs", mathAbs},
		{"acos", onNumber(mathx.Acos, positiveNaN)},
		{"asin", onNumber(mathx.Asin, positiveNaN)},
		{"atan2", onNumbers(mathx.Atan2)},
		{"atan", onNumber(mathx.Atan, negativeNaN)},
		{"ceil", onNumber(math.Ceil, negativeNaN)},
		{"cosh", onNumber(mathx.Cosh, negativeNaN)},
		{"cos", onNumber(mathx.Cos, negativeNaN)},
		{"deg", onNumber(func(x float64) float64 { return x / radiansPerDegree }, negativeNaN)},
		{"exp", onNumber(mathx.Exp, negativeNaN)},
		{"floor", mathFloor},
		{"fmod", onNumbers(math.Mod)},
		{"frexp", mathFrexp},
		{"ldexp", mathLdexp},
		{"log10", onNumber(mathx.Log10, positiveNaN)},
		{"log", onNumber(mathx.Log, negativeNaN)},
		{"max", mathMax},
		{"min", mathMin},
		{"modf", mathModf},
		{"pow", onNumbers(mathx.Pow)},
		{"rad", onNumber(func(x float64) float64 { return x * radiansPerDegree }, negativeNaN)},
		{"random", mathRandom},
		{"randomseed", mathRandomseed},
		{"sinh", onNumber(mathx.Sinh, negativeNaN)},
		{"sin", onNumber(mathx.Sin, negativeNaN)},
		{"sqrt", onNumber(math.Sqrt, negativeNaN)},
		{"tanh", onNumber(mathx.Tanh, negativeNaN)},
		{"tan", onNumber(mathx.Tan, negativeNaN)},
	})
	t.SetString(s, "pi", Number(math.Pi))
	t.SetString(s, "huge", Number(math.Inf(1)))
	t.SetString(s, "mod", t.GetString("fmod"))
	s.seedRandom(firstSeed)
}

// radiansPerDegree is the quotient of the two numbers as C computes it.
const radiansPerDegree = float64(math.Pi) / 180

// What functions return that have no result: tostring shows the sign, which depends on the function in the C library of today.
var (
	positiveNaN = math.Float64frombits(0x7ff8000000000000)
	negativeNaN = math.Float64frombits(0xfff8000000000000)
)

// onNumber makes a function of Lua from one of numbers. What is no number is passed on.
func onNumber(f func(float64) float64, invalid float64) Builtin {
	return func(L *Thread) int {
		x := L.CheckNumber(1)
		y := f(x)
		switch {
		case x != x:
			y = x
		case y != y:
			y = invalid
		}
		L.Push(Number(y))
		return 1
	}
}

// onNumbers makes a function of Lua from one of two numbers.
func onNumbers(f func(x, y float64) float64) Builtin {
	return func(L *Thread) int {
		y := L.CheckNumber(2) // first, as the reference implementation's compiler has it
		x := L.CheckNumber(1)
		z := f(x, y)
		switch {
		case z == z:
		case x != x:
			z = x
		case y != y:
			z = y
		default:
			z = negativeNaN
		}
		L.Push(Number(z))
		return 1
	}
}

// mathAbs takes the sign also from what is no number.
func mathAbs(L *Thread) int {
	L.Push(Number(math.Abs(L.CheckNumber(1))))
	return 1
}

func mathFloor(L *Thread) int {
	L.Push(Number(math.Floor(L.CheckNumber(1))))
	return 1
}

func mathFrexp(L *Thread) int {
	fraction, exponent := math.Frexp(L.CheckNumber(1))
	L.Push(Number(fraction))
	L.Push(Int(exponent))
	return 2
}

func mathLdexp(L *Thread) int {
	exponent := L.checkInt32(2) // first, as in onNumbers
	L.Push(Number(math.Ldexp(L.CheckNumber(1), exponent)))
	return 1
}

// mathModf returns the whole part and the rest, both with the number's sign.
func mathModf(L *Thread) int {
	x := L.CheckNumber(1)
	whole := math.Trunc(x)
	rest := math.Copysign(x-whole, x)
	if math.IsInf(x, 0) {
		rest = math.Copysign(0, x)
	}
	L.Push(Number(whole))
	L.Push(Number(rest))
	return 2
}

func mathMax(L *Thread) int {
	greatest := L.CheckNumber(1)
	for i := 2; i <= L.NArgs(); i++ {
		if x := L.CheckNumber(i); x > greatest {
			greatest = x
		}
	}
	L.Push(Number(greatest))
	return 1
}

func mathMin(L *Thread) int {
	least := L.CheckNumber(1)
	for i := 2; i <= L.NArgs(); i++ {
		if x := L.CheckNumber(i); x < least {
			least = x
		}
	}
	L.Push(Number(least))
	return 1
}
