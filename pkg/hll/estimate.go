package hll

import "math"

// histogram says how many registers have each rank.
type histogram [1 << registerBits]int

// alphaInf is the constant of the estimator for infinitely many registers: 1 / (2 ln 2).
const alphaInf = 0.721347520444481703680

// estimate is Ertl's improved estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017), which
// Redis has used since 4.0. Products are rounded before they are added, so that every processor gives the same result.
func (h *histogram) estimate() uint64 {
	const m = float64(Registers)
	z := m * tau((m-float64(h[rankBits+1]))/m)
	for rank := rankBits; rank >= 1; rank-- {
		z += float64(h[rank])
		z *= 0.5
	}
	z += float64(m * sigma(float64(h[0])/m))
	e := math.Round(float64(alphaInf*m*m) / z)
	if e >= 1<<63 {
		return 1 << 63 // only registers that no hash makes are so large; this is what C's llroundl gives
	}
	return uint64(e)
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		before := z
		z += float64(x * y)
		y += y
		if z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		rest := 1 - x
		z -= float64(float64(rest*rest) * y)
		if z == before {
			return z / 3
		}
	}
}
