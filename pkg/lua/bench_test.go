package lua

import (
	"strings"
	"testing"
)

// benchmark runs a chunk that gets the number of turns as its argument.
func benchmark(b *testing.B, source string) {
	var output strings.Builder
	s := newTestState(DefaultLimits, &output)
	s.Globals.SetString(s, "nothing", s.NewFunction("nothing", func(L *Thread) int {
		L.Push(Int(2))
		return 1
	}))
	p, err := Compile(source, "@benchmark")
	if err != nil {
		b.Fatal(err)
	}
	L := s.Main()
	b.ReportAllocs()
	b.ResetTimer()
	L.Push(s.Load(p, s.Globals))
	L.Push(Int(b.N))
	if e := L.PCall(1, 0); e != nil {
		b.Fatal(e)
	}
}

func BenchmarkLoop(b *testing.B) {
	benchmark(b, "local n, s = ..., 0 for i = 1, n do s = s + i % 7 end")
}

func BenchmarkEmptyLoop(b *testing.B) { benchmark(b, "for i = 1, (...) do end") }
