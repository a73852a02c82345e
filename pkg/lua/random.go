package lua

import "math"

// random is the generator of Redis' math.random, which gives the same numbers everywhere: drand48's, 48 bits that go from one number to
// the next by a multiplication and an addition.
type random uint64

const (
	randomFactor    = 0x5DEECE66D
	randomIncrement = 0xB
	randomBits      = 48
	randomLow       = 0x330E // under the 32 bits of the seed
)

// firstSeed is that of drand48 where none was set, and so of Redis. What comes next goes on from script to script.
const firstSeed = 0x1234ABCD

// seedRandom sets where math.random begins.
func (s *State) seedRandom(seed int64) {
	*s.random = random(uint64(uint32(seed))<<16 | randomLow)
}

// ShareRandom makes the numbers of two states one sequence.
func (s *State) ShareRandom(with *State) { s.random = with.random }

// next returns a number of 31 bits.
func (r *random) next() int32 {
	*r = (*r*randomFactor + randomIncrement) & (1<<randomBits - 1)
	return int32(*r >> (randomBits - 31))
}

func mathRandomseed(L *Thread) int {
	L.seedRandom(int64(L.checkInt32(1)))
	return 0
}

// mathRandom returns a number in [0, 1), or a whole one up to the argument, or between the two. Their distance is an int of C, which
// overflows.
func mathRandom(L *Thread) int {
	const limit = math.MaxInt32
	r := float64(L.random.next()%limit) / limit
	switch L.NArgs() {
	case 0:
		L.Push(Number(r))
	case 1:
		high := L.checkInt32(1)
		if high < 1 {
			L.ArgError(1, "interval is empty")
		}
		L.Push(Number(math.Floor(r*float64(high)) + 1))
	case 2:
		low, high := L.checkInt32(1), L.checkInt32(2)
		if low > high {
			L.ArgError(2, "interval is empty")
		}
		L.Push(Number(math.Floor(r*float64(int32(high-low+1))) + float64(low)))
	default:
		L.Errorf("wrong number of arguments")
	}
	return 1
}
