package cmsgpack

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
	"snakecache/internal/luatest"
	"snakecache/pkg/lua"
)

// TestRoundTrip packs and unpacks values: every number stays what it is.
func TestRoundTrip(t *testing.T) {
	plain := rapid.OneOf(
		luatest.Strange(),
		rapid.Map(rapid.Float64(), lua.Number),
		rapid.Map(rapid.Float32(), func(f float32) lua.Value { return lua.Number(float64(f)) }),
		rapid.Map(rapid.Int64(), func(n int64) lua.Value { return lua.Number(float64(n)) }),
		rapid.Map(rapid.IntRange(-70_000, 70_000), lua.Int),
	)
	rapid.Check(t, func(t *rapid.T) {
		s := luatest.Open(Open)
		v, w := luatest.Tree(t, s, 4, plain), luatest.Tree(t, s, 1, plain)
		packed, err := luatest.Call(s, "cmsgpack", "pack", v, w)
		if err != nil {
			t.Fatal(err)
		}
		values, err := luatest.Call(s, "cmsgpack", "unpack", packed[0])
		if err != nil || len(values) != 2 || !luatest.Same(v, values[0]) || !luatest.Same(w, values[1]) {
			t.Fatalf("%q is unpacked as something else (%v)", packed[0].Str(), err)
		}
	})
}

// FuzzUnpack unpacks anything: it ends with values or an error, and what it costs is bounded by the input. What was unpacked can be packed.
// What nests too deeply is gone then, and with it, the next time, what consisted of that; from then on it is the same.
func FuzzUnpack(f *testing.F) {
	for _, seed := range []string{"\x01\xff\xcc\xc8\xcb?\xf8\x00\x00\x00\x00\x00\x00", "\x93\x01\x02\x81\xa1a\xc0", "\xdd\xff\xff\xff\xff\x01", "\xdb\x00\x00\x00\x02ab", strings.Repeat("\x91", 50)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		s := luatest.Open(Open)
		var values []lua.Value
		var err *lua.Error
		luatest.Bounded(t, s, 250, input, func() { values, err = luatest.Call(s, "cmsgpack", "unpack", lua.String(input)) })
		if len(values) > 1000 {
			return
		}
		var packed [3]string
		for i := range packed {
			if err != nil || len(values) == 0 {
				if i > 0 && err.Error() != "table index is nil" { // a table that was a key is gone
					t.Fatalf("%q: %v", packed[i-1], err)
				}
				return
			}
			packed[i] = repacked(t, s, values).Str()
			values, err = luatest.Call(s, "cmsgpack", "unpack", lua.String(packed[i]))
		}
		if len(packed[1]) != len(packed[2]) {
			t.Fatalf("%q became %q", packed[1], packed[2])
		}
	})
}

func repacked(t *testing.T, s *lua.State, values []lua.Value) lua.Value {
	packed, err := luatest.Call(s, "cmsgpack", "pack", values...)
	if err != nil {
		t.Fatal(err)
	}
	return packed[0]
}

// TestMemory packs what is too long for the memory there is, and unpacks what becomes too much.
func TestMemory(t *testing.T) {
	s := lua.New(lua.Limits{Memory: 8 << 20, Calls: 200, Nested: 200})
	Open(s)
	v := lua.String("x")
	for range 15 {
		table := s.NewTable(0, 0)
		for i := range 10 {
			table.SetInt(s, i+1, v)
		}
		v = table.Value()
	}
	if _, err := luatest.Call(s, "cmsgpack", "pack", v); err == nil || err.Error() != "not enough memory" {
		t.Fatalf("the error is %v", err)
	}
	many := "\xdd\x00\x10\x00\x00" + strings.Repeat("\x90", 1<<20)
	if _, err := luatest.Call(s, "cmsgpack", "unpack", lua.String(many)); err == nil || err.Error() != "not enough memory" {
		t.Fatalf("the error is %v", err)
	}
	if packed := repacked(t, s, []lua.Value{lua.True}); packed.Str() != "\xc3" {
		t.Fatalf("the state is not usable any more: %q", packed.Str())
	}
}

// TestSteps looks whether long work can be ended.
func TestSteps(t *testing.T) {
	s := luatest.Open(Open)
	input := "\xdc\x13\x88" + strings.Repeat("\x01", 5000)
	values, err := luatest.Call(s, "cmsgpack", "unpack", lua.String(input))
	if err != nil {
		t.Fatal(err)
	}
	s.OnTick = func(L *lua.Thread) { L.Raise(lua.String("stop")) }
	if _, err := luatest.Call(s, "cmsgpack", "pack", values[0]); err == nil {
		t.Error("packing does not stop")
	}
	if _, err := luatest.Call(s, "cmsgpack", "unpack", lua.String(input)); err == nil {
		t.Error("unpacking does not stop")
	}
}

const order = "\x84\xa2id\xcd\x30\x39\xa4name\xa8somebody\xa4tags\x93\xa1a\xa1b\xa1c\xa5items\x92\x82\xa3sku\xa2x1\xa5count\x02\x82\xa3sku\xa2x2\xa5count\x01"

func BenchmarkUnpack(b *testing.B) {
	s := luatest.Open(Open)
	for b.Loop() {
		luatest.Call(s, "cmsgpack", "unpack", lua.String(order))
	}
}

func BenchmarkPack(b *testing.B) {
	s := luatest.Open(Open)
	v, _ := luatest.Call(s, "cmsgpack", "unpack", lua.String(order))
	for b.Loop() {
		luatest.Call(s, "cmsgpack", "pack", v[0])
	}
}
