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

// BenchmarkCounter is a whole call of the host: a counter with expiry, with commands that do nothing.
func BenchmarkCounter(b *testing.B) {
	s := newTestState(DefaultLimits, new(strings.Builder))
	redis, keys, args := s.NewTable(0, 1), s.NewTable(1, 0), s.NewTable(1, 0)
	redis.SetString(s, "call", s.NewFunction("call", func(L *Thread) int {
		L.Push(Int(1))
		return 1
	}))
	keys.SetInt(s, 1, String("key"))
	args.SetInt(s, 1, String("1000"))
	s.Globals.SetString(s, "redis", redis.Value())
	s.Globals.SetString(s, "KEYS", keys.Value())
	s.Globals.SetString(s, "ARGV", args.Value())
	p, err := Compile("local c = redis.call('INCR', KEYS[1]) if c == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end return c", "@user_script")
	if err != nil {
		b.Fatal(err)
	}
	f := s.Load(p, s.Globals)
	L := s.Main()
	b.ReportAllocs()
	for b.Loop() {
		L.Push(f)
		if e := L.PCall(0, 1); e != nil || L.Pop() != Int(1) {
			b.Fatal(e)
		}
	}
}
