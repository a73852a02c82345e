package commands

import "testing"

func BenchmarkBits(b *testing.B) {
	const size = 1 << 20
	x, y := make([]byte, size), make([]byte, size)
	x[size-1], y[size/2] = 1, 0xff
	dst := make([]byte, size)
	for _, c := range []struct {
		name string
		run  func()
	}{
		{"count", func() { countBits(x, 0, 8*size) }},
		{"find", func() { findBit(x, 0, 8*size, true) }},
		{"and", func() { folded(andBits)(dst, [][]byte{x, y, x}) }},
		{"one", func() { clear(dst); exactlyOne(dst, [][]byte{x, y}) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				c.run()
			}
		})
	}
}
