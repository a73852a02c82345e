package structlib

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
	"snakecache/internal/luatest"
	"snakecache/pkg/lua"
)

// TestRoundTrip packs and unpacks values in formats that can hold them.
func TestRoundTrip(t *testing.T) {
	type item struct {
		option string
		value  lua.Value
	}
	items := rapid.Custom(func(t *rapid.T) item {
		control := rapid.SampledFrom([]string{"", "<", ">", "!", "!2", "!16", " ", "x"}).Draw(t, "control")
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return item{control + "b", lua.Int(rapid.IntRange(-128, 127).Draw(t, "byte"))}
		case 1:
			return item{control + "i6", lua.Number(float64(rapid.Int64Range(-1<<47, 1<<47-1).Draw(t, "integer")))}
		case 2:
			return item{control + "d", lua.Number(rapid.Float64().Draw(t, "double"))}
		case 3:
			return item{control + "I16", lua.Number(float64(rapid.Uint64Max(1<<63).Draw(t, "unsigned")))}
		}
		return item{control + "s", lua.String(rapid.StringMatching(`[a-z]{0,20}`).Draw(t, "string"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		s := luatest.Open(Open)
		format, values := "", []lua.Value{lua.Nil}
		for _, it := range rapid.SliceOfN(items, 0, 10).Draw(t, "items") {
			format += it.option
			values = append(values, it.value)
		}
		values[0] = lua.String(format)
		packed, err := luatest.Call(s, "struct", "pack", values...)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := luatest.Call(s, "struct", "unpack", values[0], packed[0])
		if err != nil || len(unpacked) != len(values) {
			t.Fatalf("%d results (%v)", len(unpacked), err)
		}
		for i, v := range values[1:] {
			if !v.Equal(unpacked[i]) {
				t.Fatalf("%q: value %d", format, i+1)
			}
		}
		if end := unpacked[len(unpacked)-1]; !end.Equal(lua.Int(len(packed[0].Str()) + 1)) {
			t.Fatalf("%q ends at %v", format, end.Float())
		}
	})
}

// FuzzUnpack unpacks anything in any format: it ends with values or an error, and what it costs is bounded by the input.
func FuzzUnpack(f *testing.F) {
	f.Add("<!4bhilfdsc0I16", "\x01abcdefghijklmnopqrstuvwxyz\x00", 1)
	f.Add("Bc0>d", "\x03abcd", 1)
	f.Add("i32!2147483647L", "", -7)
	f.Fuzz(func(t *testing.T, format, data string, position int) {
		s := luatest.Open(Open)
		luatest.Bounded(t, s, 250, format+data, func() {
			luatest.Call(s, "struct", "unpack", lua.String(format), lua.String(data), lua.Int(position))
		})
		luatest.Bounded(t, s, 250, format, func() { luatest.Call(s, "struct", "size", lua.String(format)) })
		luatest.Bounded(t, s, 250, format+data, func() {
			luatest.Call(s, "struct", "pack", lua.String(format), lua.Int(position), lua.String(data), lua.Int(position), lua.String(data))
		})
	})
}

// TestMemory packs a string so often that it is too long for the memory there is.
func TestMemory(t *testing.T) {
	s := lua.New(lua.Limits{Memory: 8 << 20, Calls: 200, Nested: 200})
	Open(s)
	args := []lua.Value{lua.String(strings.Repeat("c0", 100))}
	for range 100 {
		args = append(args, lua.String(strings.Repeat("x", 100_000)))
	}
	for i := range args[2:] {
		args[i+2] = args[1]
	}
	if _, err := luatest.Call(s, "struct", "pack", args...); err == nil || err.Error() != "not enough memory" {
		t.Fatalf("the error is %v", err)
	}
	if packed, err := luatest.Call(s, "struct", "pack", lua.String("b"), lua.Int(7)); err != nil || packed[0].Str() != "\x07" {
		t.Fatalf("the state is not usable any more: %v", err)
	}
}

func BenchmarkPack(b *testing.B) {
	s := luatest.Open(Open)
	for b.Loop() {
		luatest.Call(s, "struct", "pack", lua.String(">I4dBc0"), lua.Int(1), lua.Number(2.5), lua.Int(3), lua.String("abc"))
	}
}

func BenchmarkUnpack(b *testing.B) {
	s := luatest.Open(Open)
	packed, _ := luatest.Call(s, "struct", "pack", lua.String(">I4dBc0"), lua.Int(1), lua.Number(2.5), lua.Int(3), lua.String("abc"))
	for b.Loop() {
		luatest.Call(s, "struct", "unpack", lua.String(">I4dBc0"), packed[0])
	}
}
