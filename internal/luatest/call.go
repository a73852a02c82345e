package luatest

import (
	"testing"

	"pgregory.net/rapid"
	"snakecache/pkg/lua"
)

// Open returns a state with libraries.
func Open(open ...func(*lua.State)) *lua.State {
	s := lua.New(lua.DefaultLimits)
	for _, f := range open {
		f(s)
	}
	return s
}

// Call calls a function of a library. The results stay on the stack, where they count as in use, until the next call.
func Call(s *lua.State, library, function string, args ...lua.Value) ([]lua.Value, *lua.Error) {
	L := s.Main()
	L.SetTop(0)
	L.Push(s.Globals.GetString(library).Table().GetString(function))
	for _, arg := range args {
		L.Push(arg)
	}
	err := L.PCall(len(args), -1)
	results := make([]lua.Value, L.NArgs())
	for i := range results {
		results[i] = L.Arg(i + 1)
	}
	return results, err
}

// Bounded fails if a call costs more memory than so many bytes for each of the input's.
func Bounded(t testing.TB, s *lua.State, multiple int64, input string, call func()) {
	t.Helper()
	before := s.Measure()
	call()
	if cost, most := s.Memory()-before, 4096+multiple*int64(len(input)); cost > most {
		t.Errorf("%d bytes of input cost %d", len(input), cost)
	}
}

// Tree draws a value: a plain one, or a table of up to so many levels, which is an array or has strings as keys.
func Tree(t *rapid.T, s *lua.State, levels int, plain *rapid.Generator[lua.Value]) lua.Value {
	kind := 0
	if levels > 0 {
		kind = rapid.IntRange(0, 3).Draw(t, "kind")
	}
	if kind == 0 {
		return plain.Draw(t, "plain")
	}
	table := s.NewTable(0, 0)
	for i := range rapid.IntRange(1, 5).Draw(t, "length") {
		v := Tree(t, s, levels-1, plain)
		if kind == 1 {
			table.SetString(s, rapid.StringOfN(rapid.Rune(), 0, 40, -1).Draw(t, "key"), v)
		} else {
			table.SetInt(s, i+1, v)
		}
	}
	return table.Value()
}

// Strange draws plain values that are not numbers: booleans and strings of any bytes.
func Strange() *rapid.Generator[lua.Value] {
	return rapid.OneOf(
		rapid.SampledFrom([]lua.Value{lua.True, lua.False}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 300), func(b []byte) lua.Value { return lua.String(string(b)) }),
	)
}

// Same reports whether two values are the same, tables with all that is in them.
func Same(v, w lua.Value) bool {
	if !v.IsTable() || !w.IsTable() {
		return v.Equal(w)
	}
	same, rest := true, 0
	v.Table().All(func(k, field lua.Value) bool {
		rest++
		same = same && Same(field, w.Table().Get(k))
		return same
	})
	w.Table().All(func(_, _ lua.Value) bool {
		rest--
		return true
	})
	return same && rest == 0
}
