package cjson

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"snakecache/internal/luatest"
	"snakecache/pkg/lua"
)

// TestRoundTrip encodes and decodes values that JSON can say: numbers of up to 14 digits, and tables that are not empty.
func TestRoundTrip(t *testing.T) {
	plain := rapid.OneOf(
		luatest.Strange(),
		rapid.Just(lua.Null),
		rapid.Map(rapid.Int64Range(-1e14+1, 1e14-1), func(n int64) lua.Value { return lua.Number(float64(n)) }),
		rapid.Map(rapid.IntRange(-1e6, 1e6), func(n int) lua.Value { return lua.Number(float64(n) / 64) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		s := luatest.Open(Open)
		v := luatest.Tree(t, s, 4, plain)
		encoded, err := luatest.Call(s, "cjson", "encode", v)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := luatest.Call(s, "cjson", "decode", encoded[0])
		if err != nil || !luatest.Same(v, decoded[0]) {
			t.Fatalf("%q is decoded as something else (%v)", encoded[0].Str(), err)
		}
	})
}

// FuzzDecode decodes anything: it ends with a value or an error, and what it costs is bounded by the input. What can be encoded again stays
// the same from then on.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2,{"b":null}],"c":"\u00e9\n"}`, "[[[[", `"\ud83d\ude00"`, "[0x1F,-nan,1e5,+inf]", `{"a":1`, "[" + strings.Repeat("[],", 50) + "1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		s := luatest.Open(Open)
		var first []lua.Value
		var err *lua.Error
		luatest.Bounded(t, s, 200, input, func() { first, err = luatest.Call(s, "cjson", "decode", lua.String(input)) })
		if err != nil {
			return
		}
		once := encoded(s, first[0])
		again, err := luatest.Call(s, "cjson", "decode", once)
		if once.IsNil() {
			return
		}
		if err != nil || encoded(s, again[0]).IsNil() {
			t.Fatalf("%q: %v", once.Str(), err)
		}
	})
}

// encoded is a value as JSON, nil if it cannot be.
func encoded(s *lua.State, v lua.Value) lua.Value {
	result, err := luatest.Call(s, "cjson", "encode", v)
	if err != nil {
		return lua.Nil
	}
	return result[0]
}

// TestMemory makes JSON that is too long for the memory there is: of a few tables that are in each other often.
func TestMemory(t *testing.T) {
	s := lua.New(lua.Limits{Memory: 8 << 20, Calls: 200, Nested: 200})
	Open(s)
	v := lua.String("x")
	for range 40 {
		table := s.NewTable(0, 0)
		table.SetInt(s, 1, v)
		table.SetInt(s, 2, v)
		v = table.Value()
	}
	if _, err := luatest.Call(s, "cjson", "encode", v); err == nil || err.Error() != "not enough memory" {
		t.Fatalf("the error is %v", err)
	}
	holes := s.NewTable(0, 0)
	holes.Set(s, lua.Number(math.MaxInt32), lua.True)
	if _, err := luatest.Call(s, "cjson", "encode_sparse_array", lua.False, lua.Int(0)); err != nil {
		t.Fatal(err)
	}
	if _, err := luatest.Call(s, "cjson", "encode", holes.Value()); err == nil || err.Error() != "not enough memory" {
		t.Fatalf("the error is %v", err)
	}
	deep := strings.Repeat("[[],", 100_000)
	luatest.Call(s, "cjson", "decode_max_depth", lua.Int(1_000_000))
	if _, err := luatest.Call(s, "cjson", "decode", lua.String(deep)); err == nil {
		t.Fatal("there is no error")
	}
	many := "[" + strings.Repeat("[],", 1_000_000) + "1]"
	if _, err := luatest.Call(s, "cjson", "decode", lua.String(many)); err == nil || err.Error() != "not enough memory" {
		t.Fatalf("the error is %v", err)
	}
	if got := encoded(s, lua.True); got.Str() != "true" {
		t.Fatalf("the state is not usable any more: %v", got)
	}
}

// TestSteps looks whether long work can be ended.
func TestSteps(t *testing.T) {
	for _, input := range []string{"[" + strings.Repeat("1,", 5000) + "1]", `"` + strings.Repeat("x", 1_000_000) + `"`, `"` + strings.Repeat(`\n`, 5000) + `"`} {
		s := luatest.Open(Open)
		decoded, err := luatest.Call(s, "cjson", "decode", lua.String(input))
		if err != nil {
			t.Fatal(err)
		}
		s.OnTick = func(L *lua.Thread) { L.Raise(lua.String("stop")) }
		if _, err := luatest.Call(s, "cjson", "encode", decoded[0]); err == nil && len(input) > 100_000 {
			t.Errorf("encoding %.10s… does not stop", input)
		}
		if _, err := luatest.Call(s, "cjson", "decode", lua.String(input)); err == nil {
			t.Errorf("decoding %.10s… does not stop", input)
		}
	}
}

const order = `{"id":12345,"name":"somebody","tags":["a","b","c"],"price":12.5,"paid":true,"items":[{"sku":"x1","count":2},{"sku":"x2","count":1}]}`

func BenchmarkDecode(b *testing.B) {
	s := luatest.Open(Open)
	for b.Loop() {
		luatest.Call(s, "cjson", "decode", lua.String(order))
	}
}

func BenchmarkEncode(b *testing.B) {
	s := luatest.Open(Open)
	v, _ := luatest.Call(s, "cjson", "decode", lua.String(order))
	for b.Loop() {
		luatest.Call(s, "cjson", "encode", v[0])
	}
}
