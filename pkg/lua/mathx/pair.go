package mathx

import "math"

// pair is a number as the sum of two, the second of which is what the first one, its double, lacks: some 106 bits. The operations below are
// off by a few parts in 2^104.
type pair struct{ high, low float64 }

// twoSum returns the exact sum of two numbers.
func twoSum(x, y float64) pair {
	sum := x + y
	part := sum - x
	return pair{sum, (x - (sum - part)) + (y - part)}
}

// normal returns the exact sum of two numbers, of which the first is the greater, or 0.
func normal(high, low float64) pair {
	sum := high + low
	return pair{sum, low - (sum - high)}
}

func (p pair) plus(q pair) pair {
	sum := twoSum(p.high, q.high)
	return normal(sum.high, sum.low+(p.low+q.low))
}

func (p pair) minus(q pair) pair { return p.plus(q.negative()) }

func (p pair) negative() pair { return pair{-p.high, -p.low} }

func (p pair) times(q pair) pair {
	product := float64(p.high * q.high)
	low := math.FMA(p.high, q.high, -product)
	return normal(product, low+(float64(p.high*q.low)+float64(p.low*q.high)))
}

func (p pair) over(q pair) pair {
	quotient := p.high / q.high
	rest := math.FMA(-quotient, q.high, p.high) + (p.low - float64(quotient*q.low))
	return normal(quotient, rest/q.high)
}

func (p pair) sqrt() pair {
	root := math.Sqrt(p.high)
	if root == 0 {
		return pair{}
	}
	return normal(root, (math.FMA(-root, root, p.high)+p.low)/(2*root))
}
