// Package bit gives Lua operations on the 32 bits of a number: Lua BitOp 1.0.2, as Redis has it.
package bit

import (
	"math"
	"math/bits"

	"snakecache/pkg/lua"
)

// functions are in the order in which Redis registers them, which pairs() shows.
var functions = []struct {
	name string
	run  lua.Builtin
}{
	{"tobit", tobit},
	{"bnot", bnot},
	{"band", band},
	{"bor", bor},
	{"bxor", bxor},
	{"lshift", lshift},
	{"rshift", rshift},
	{"arshift", arshift},
	{"rol", rol},
	{"ror", ror},
	{"bswap", bswap},
	{"tohex", tohex},
}

// Open sets the global bit.
func Open(s *lua.State) {
	t := s.NewTable(0, len(functions))
	for _, f := range functions {
		t.SetString(s, f.name, s.NewFunction(f.name, f.run))
	}
	s.Globals.SetString(s, "bit", t.Value())
}

// toLowBits is added to a number to have its whole part, rounded to the nearest even, in the lowest bits of the sum: 2^52 + 2^51.
const toLowBits = 1<<52 + 1<<51

// argument returns the bits of the i-th argument: those of its whole part modulo 2^32. Beyond 2^51 and for what is not finite the result
// is whatever the bits of the sum are, as in the original.
func argument(L *lua.Thread, i int) uint32 {
	f, _ := L.Arg(i).AsNumber()
	b := uint32(math.Float64bits(f + toLowBits))
	if b == 0 {
		L.CheckNumber(i)
	}
	return b
}

func result(L *lua.Thread, b uint32) int {
	L.Push(lua.Number(float64(int32(b))))
	return 1
}

func tobit(L *lua.Thread) int { return result(L, argument(L, 1)) }
func bnot(L *lua.Thread) int  { return result(L, ^argument(L, 1)) }
func bswap(L *lua.Thread) int { return result(L, bits.ReverseBytes32(argument(L, 1))) }

// The operations on any number of arguments take the first one and then the others from the last on: that decides which of several bad
// ones is complained about.

func band(L *lua.Thread) int {
	b := argument(L, 1)
	for i := L.NArgs(); i > 1; i-- {
		b &= argument(L, i)
	}
	return result(L, b)
}

func bor(L *lua.Thread) int {
	b := argument(L, 1)
	for i := L.NArgs(); i > 1; i-- {
		b |= argument(L, i)
	}
	return result(L, b)
}

func bxor(L *lua.Thread) int {
	b := argument(L, 1)
	for i := L.NArgs(); i > 1; i-- {
		b ^= argument(L, i)
	}
	return result(L, b)
}

// shifted returns the first two arguments: what to shift and by how much, of which the lowest five bits count.
func shifted(L *lua.Thread) (b, n uint32) {
	b = argument(L, 1)
	return b, argument(L, 2) & 31
}

func lshift(L *lua.Thread) int {
	b, n := shifted(L)
	return result(L, b<<n)
}

func rshift(L *lua.Thread) int {
	b, n := shifted(L)
	return result(L, b>>n)
}

func arshift(L *lua.Thread) int {
	b, n := shifted(L)
	return result(L, uint32(int32(b)>>n))
}

func rol(L *lua.Thread) int {
	b, n := shifted(L)
	return result(L, bits.RotateLeft32(b, int(n)))
}

func ror(L *lua.Thread) int {
	b, n := shifted(L)
	return result(L, bits.RotateLeft32(b, -int(n)))
}

// maxHex is how many digits 32 bits have.
const maxHex = 8

// tohex gives the lowest digits, as many as the second argument says; capitals if that is negative.
func tohex(L *lua.Thread) int {
	b, n, digits := argument(L, 1), int32(maxHex), "0123456789abcdef"
	if L.NArgs() > 1 {
		n = int32(argument(L, 2))
	}
	if n < 0 {
		n, digits = -max(n, -maxHex), "0123456789ABCDEF"
	}
	n = min(n, maxHex)
	var text [maxHex]byte
	for i := n - 1; i >= 0; i-- {
		text[i] = digits[b&15]
		b >>= 4
	}
	L.Push(L.NewString(text[:n]))
	return 1
}
