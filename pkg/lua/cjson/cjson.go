// Package cjson gives Lua the library cjson, which converts values to JSON and back: Lua CJSON 2.1.0, as Redis has it. Its JSON is that of
// the original: "/" is escaped, bytes that are no UTF-8 pass, an empty table is an object, and hexadecimal numbers and NaN can be read.
package cjson

import "snakecache/pkg/lua"

// module is what the functions of one module table share: the one of the global, or one that new() has returned.
type module struct {
	config
	scratch []byte // in which results are put together
	keys    keys
}

// maxScratch is the most bytes that are kept for the next result.
const maxScratch = 64 << 10

// Open sets the global cjson.
func Open(s *lua.State) { s.Globals.SetString(s, "cjson", newModule(s).Value()) }

// newModule returns a module table with the default settings. Its functions are set in the order of the original, which pairs() shows.
func newModule(s *lua.State) *lua.Table {
	m, t := &module{config: defaults}, s.NewTable(0, 0)
	for _, f := range []struct {
		name string
		run  lua.Builtin
	}{
		{"encode", m.encode},
		{"decode", m.decode},
		{"encode_sparse_array", m.encodeSparseArray},
		{"encode_max_depth", m.encodeMaxDepth},
		{"decode_max_depth", m.decodeMaxDepth},
		{"encode_number_precision", m.encodeNumberPrecision},
		{"encode_keep_buffer", m.encodeKeepBuffer},
		{"encode_invalid_numbers", m.encodeInvalidNumbers},
		{"decode_invalid_numbers", m.decodeInvalidNumbers},
		{"new", newCommand},
	} {
		t.SetString(s, f.name, s.NewFunction(f.name, f.run))
	}
	t.SetString(s, "null", lua.Null)
	t.SetString(s, "_NAME", lua.String("cjson"))
	t.SetString(s, "_VERSION", lua.String("2.1.0"))
	return t
}

// newCommand returns another module table, with settings of its own.
func newCommand(L *lua.Thread) int {
	L.Push(newModule(L.State).Value())
	return 1
}

// encode returns its argument as JSON.
func (m *module) encode(L *lua.Thread) int {
	if L.NArgs() != 1 {
		L.ArgError(1, "expected 1 argument")
	}
	e := encoder{L: L, config: &m.config, out: m.scratch[:0], slots: 1}
	e.value(L.Arg(1))
	if cap(e.out) <= maxScratch {
		m.scratch = e.out
	}
	L.Push(L.NewString(e.out))
	return 1
}

// decode returns the value that JSON says.
func (m *module) decode(L *lua.Thread) int {
	if L.NArgs() != 1 {
		L.ArgError(1, "expected 1 argument")
	}
	d := newDecoder(L, m, L.CheckString(1))
	d.next()
	v := d.value()
	if d.next(); d.token != end {
		d.fail("the end")
	}
	if cap(d.scratch) <= maxScratch {
		m.scratch = d.scratch
	}
	L.Push(v)
	return 1
}
