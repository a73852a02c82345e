package script

import (
	"bytes"
	"strconv"

	"snakecache/pkg/lua"
)

// input converts a reply to a value. It reads what proto.Reply has written.
type input struct {
	L    *lua.Thread
	rest []byte
}

// line returns the type of the next value and the rest of its line.
func (in *input) line() (kind byte, text []byte) {
	end := bytes.IndexByte(in.rest, '\r')
	kind, text = in.rest[0], in.rest[1:end]
	in.rest = in.rest[end+2:]
	return kind, text
}

// value reads the next value. Only RESP3 can tell nil from false: in RESP2 nothing is false, as scripts have always had it.
func (in *input) value() lua.Value {
	L := in.L
	kind, text := in.line()
	switch kind {
	case ':':
		n, _ := strconv.ParseInt(string(text), 10, 64)
		return lua.Number(float64(n))
	case '$':
		return in.bulk(text)
	case '+':
		return in.tagged("ok", L.NewString(text))
	case '-':
		return in.failure(text)
	case '*', '>':
		return in.array(text)
	case '%':
		return in.tagged("map", in.pairs(text))
	case '~':
		return in.tagged("set", in.members(text))
	case '_':
		return lua.Nil
	case '#':
		return lua.Bool(text[0] == 't')
	case ',':
		f, _ := lua.ParseNumber(string(text))
		return in.tagged("double", lua.Number(f))
	case '(':
		return in.tagged("big_number", L.NewString(text))
	case '=':
		return in.verbatim(text)
	case '|':
		in.pairs(text)
		return in.value()
	}
	panic("script: a reply that is none: " + string(kind))
}

func length(text []byte) int {
	n, _ := strconv.Atoi(string(text))
	return n
}

// take returns the next n bytes, behind which is the end of a line.
func (in *input) take(n int) []byte {
	b := in.rest[:n]
	in.rest = in.rest[n+2:]
	return b
}

func (in *input) bulk(text []byte) lua.Value {
	n := length(text)
	if n < 0 {
		return lua.False
	}
	return in.L.NewString(in.take(n))
}

// tagged returns a table with a single field.
func (in *input) tagged(name string, v lua.Value) lua.Value {
	t := in.L.NewTable(0, 1)
	t.SetString(in.L.State, name, v)
	return t.Value()
}

// failure returns an error that is counted already.
func (in *input) failure(text []byte) lua.Value {
	v := in.tagged(fieldErr, in.L.NewString(text))
	v.Table().SetString(in.L.State, fieldCounted, lua.True)
	return v
}

// open returns a new table, which lies on the stack as long as it is being filled: there a measurement finds it.
func (in *input) open() *lua.Table {
	t := in.L.NewTable(0, 0)
	in.L.Push(t.Value())
	return t
}

func (in *input) array(text []byte) lua.Value {
	n := length(text)
	if n < 0 {
		return lua.False
	}
	t := in.open()
	t.Renew(in.L.State, n)
	for i := range n {
		t.SetInt(in.L.State, i+1, in.value())
	}
	return in.L.Pop()
}

func (in *input) pairs(text []byte) lua.Value {
	t := in.open()
	for range length(text) {
		k := in.value()
		v := in.value()
		t.Set(in.L.State, k, v)
	}
	return in.L.Pop()
}

func (in *input) members(text []byte) lua.Value {
	t := in.open()
	for range length(text) {
		t.Set(in.L.State, in.value(), lua.True)
	}
	return in.L.Pop()
}

func (in *input) verbatim(text []byte) lua.Value {
	b := in.take(length(text))
	t := in.L.NewTable(0, 2)
	t.SetString(in.L.State, "string", in.L.NewString(b[4:]))
	t.SetString(in.L.State, "format", in.L.NewString(b[:3]))
	return in.tagged("verbatim_string", t.Value())
}
