package cjson

import (
	"strings"

	"snakecache/pkg/lua"
)

// token is a kind of token, by the name that messages give it.
type token string

const (
	objectBegin token = "T_OBJ_BEGIN"
	objectEnd   token = "T_OBJ_END"
	arrayBegin  token = "T_ARR_BEGIN"
	arrayEnd    token = "T_ARR_END"
	text        token = "T_STRING"
	number      token = "T_NUMBER"
	boolean     token = "T_BOOLEAN"
	null        token = "T_NULL"
	colon       token = "T_COLON"
	comma       token = "T_COMMA"
	end         token = "T_END"

	// What messages say in the place of a token that is none.
	invalid        token = "invalid token"
	invalidNumber  token = "invalid number"
	invalidEscape  token = "invalid escape code"
	invalidUnicode token = "invalid unicode escape code"
	unfinished     token = "unexpected end of string"
)

// decoder reads JSON. Tables lie on the stack while they are read, so that their memory counts.
type decoder struct {
	L       *lua.Thread
	m       *module
	input   string
	scratch []byte // of the last string that had escapes
	depth   int32
	slots   int // that the original would have taken of its stack, which bounds the depth too

	// Of the last token.
	token token
	start int // where it is; that of an error is where the error is
	at    int // behind it
	text  string
	float float64
	truth bool
}

// newDecoder begins with the input, which for the original ends at the first zero byte. If one of the first two is zero, it takes that for
// a sign of wider characters.
func newDecoder(L *lua.Thread, m *module, input string) decoder {
	n := strings.IndexByte(input, 0)
	if n >= 0 && n < 2 && len(input) >= 2 {
		L.Errorf("JSON parser does not support UTF-16 or UTF-32")
	}
	if n >= 0 {
		input = input[:n]
	}
	return decoder{L: L, m: m, input: input, scratch: m.scratch[:0], slots: 1}
}

// fail raises an error about the last token.
func (d *decoder) fail(expected string) {
	d.L.Errorf("Expected %s but found %s at character %d", expected, d.token, d.start+1)
}

// value returns the value that begins with the last token.
func (d *decoder) value() lua.Value {
	d.L.Step(1)
	switch d.token {
	case text:
		return d.L.OwnString(strings.Clone(d.text))
	case number:
		return lua.Number(d.float)
	case boolean:
		return lua.Bool(d.truth)
	case objectBegin:
		return d.object()
	case arrayBegin:
		return d.array()
	case null:
		return lua.Null
	}
	d.fail("value")
	return lua.Nil
}

// open begins a table, for which the original needs so many slots.
func (d *decoder) open(slots int) *lua.Table {
	d.depth++
	if d.depth > d.m.decodeDepth || d.slots+slots > lua.MaxSlots {
		d.L.Errorf("Found too many nested data structures (%d) at character %d", d.depth, d.at)
	}
	t := d.L.NewTable(0, 0)
	d.L.Push(t.Value())
	d.slots++
	d.next()
	return t
}

// close ends the table that was opened last.
func (d *decoder) close() lua.Value {
	d.depth--
	d.slots--
	return d.L.Pop()
}

func (d *decoder) array() lua.Value {
	t := d.open(2)
	if d.token == arrayEnd {
		return d.close()
	}
	for i := 1; ; i++ {
		t.SetInt(d.L.State, i, d.value())
		if d.more(arrayEnd, "comma or array end") {
			return d.close()
		}
	}
}

func (d *decoder) object() lua.Value {
	t := d.open(3)
	if d.token == objectEnd {
		return d.close()
	}
	for {
		if d.token != text {
			d.fail("object key string")
		}
		key := d.m.keys.value(d.L, d.text)
		if d.next(); d.token != colon {
			d.fail("colon")
		}
		d.next()
		d.slots++
		t.Set(d.L.State, key, d.value())
		d.slots--
		if d.more(objectEnd, "comma or object end") {
			return d.close()
		}
	}
}

// more goes on to the token behind a comma, or reports the end.
func (d *decoder) more(end token, expected string) (ended bool) {
	d.next()
	if d.token == end {
		return true
	}
	if d.token != comma {
		d.fail(expected)
	}
	d.next()
	return false
}

// keys remembers short strings, as the keys of objects are mostly the same.
type keys [64]lua.Value

const maxKey = 32

// value returns a copy of s as a value.
func (k *keys) value(L *lua.Thread, s string) lua.Value {
	n := len(s)
	if n == 0 || n > maxKey {
		return L.OwnString(strings.Clone(s))
	}
	known := &k[(n+5*int(s[0])+7*int(s[n/2])+11*int(s[n-1]))%len(k)]
	if !known.IsString() || known.Str() != s {
		*known = L.OwnString(strings.Clone(s))
	}
	return *known
}
