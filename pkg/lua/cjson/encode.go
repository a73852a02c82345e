package cjson

import (
	"math"
	"strconv"

	"snakecache/pkg/lua"
)

// encoder puts JSON together.
type encoder struct {
	L      *lua.Thread
	config *config
	out    []byte
	depth  int32
	slots  int // that the original would have taken of its stack, which bounds the depth too
}

// maxNumber is the most bytes of a number or word, with the quotes of one that is a key.
const maxNumber = 32

func (e *encoder) char(c byte) { e.out = append(e.L.Room(e.out, 1), c) }

func (e *encoder) value(v lua.Value) {
	e.L.Step(1)
	e.out = e.L.Room(e.out, maxNumber)
	switch v.Kind() {
	case lua.KindNil, lua.KindLightUserdata:
		e.out = append(e.out, "null"...)
	case lua.KindBoolean:
		e.out = strconv.AppendBool(e.out, v.Truth())
	case lua.KindNumber:
		e.number(v.Float())
	case lua.KindString:
		e.text(v.Str())
	case lua.KindTable:
		e.table(v.Table())
	default:
		e.fail(v.Kind(), "type not supported")
	}
}

func (e *encoder) fail(kind lua.Kind, why string) { e.L.Errorf("Cannot serialise %s: %s", kind, why) }

func (e *encoder) number(f float64) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		switch {
		case e.config.encodeInvalid == off:
			e.fail(lua.KindNumber, "must not be NaN or Inf")
		case e.config.encodeInvalid == asNull:
			e.out = append(e.out, "null"...)
			return
		case math.IsNaN(f):
			e.out = append(e.out, "nan"...) // without the sign that it would have as a text
			return
		}
	}
	if e.config.precision == defaults.precision || math.IsInf(f, 0) {
		e.out = lua.AppendNumber(e.out, f)
	} else {
		e.out = strconv.AppendFloat(e.out, f, 'g', int(e.config.precision), 64)
	}
}

// escapes are the bytes that are written otherwise.
var escapes = func() (escapes [256]string) {
	for c := range 0x20 {
		escapes[c] = `\u00` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
	}
	escapes['\b'], escapes['\t'], escapes['\n'], escapes['\f'], escapes['\r'] = `\b`, `\t`, `\n`, `\f`, `\r`
	escapes['"'], escapes['/'], escapes['\\'], escapes[0x7f] = `\"`, `\/`, `\\`, `\u007f`
	return escapes
}()

// text appends a string in quotes.
func (e *encoder) text(s string) {
	e.L.Step(len(s) >> 5)
	e.out = append(e.L.Room(e.out, len(s)+2), '"')
	from := 0
	for i := range len(s) {
		if escape := escapes[s[i]]; escape != "" {
			e.out = append(e.out, s[from:i]...)
			e.out = append(e.L.Room(e.out, len(s)-i+len(escape)+2), escape...)
			from = i + 1
		}
	}
	e.out = append(append(e.out, s[from:]...), '"')
}

func (e *encoder) table(t *lua.Table) {
	e.depth++
	if e.depth > e.config.encodeDepth || e.slots+3 > lua.MaxSlots {
		e.L.Errorf("Cannot serialise, excessive nesting (%d)", e.depth)
	}
	if n := e.arrayLength(t); n > 0 {
		e.array(t, int(n))
	} else {
		e.object(t)
	}
	e.depth--
}

func (e *encoder) array(t *lua.Table, n int) {
	e.slots++
	e.char('[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			e.char(',')
		}
		e.value(t.GetInt(i))
	}
	e.char(']')
	e.slots--
}

func (e *encoder) object(t *lua.Table) {
	e.slots += 2
	e.char('{')
	first := true
	t.All(func(k, v lua.Value) bool {
		if !first {
			e.char(',')
		}
		first = false
		e.key(k)
		e.value(v)
		return true
	})
	e.char('}')
	e.slots -= 2
}

func (e *encoder) key(k lua.Value) {
	e.out = e.L.Room(e.out, maxNumber)
	switch k.Kind() {
	case lua.KindNumber:
		e.out = append(e.out, '"')
		e.number(k.Float())
		e.out = append(e.out, '"', ':')
	case lua.KindString:
		e.text(k.Str())
		e.char(':')
	default:
		e.fail(k.Kind(), "table key must be a number or string")
	}
}

// arrayLength returns the length of the array as which a table is written, 0 or less if it is not. It computes with 32 bits as the
// original does: an index that does not fit is taken for the least number, and forgotten when there is another one.
func (e *encoder) arrayLength(t *lua.Table) int32 {
	greatest, count, array := int32(0), int32(0), true
	t.All(func(k, _ lua.Value) bool {
		f := math.NaN()
		if k.IsNumber() {
			f = k.Float()
		}
		if array = f >= 1 && f == math.Floor(f); !array {
			return false
		}
		if f > float64(greatest) {
			greatest = toInt32(f)
		}
		count++
		return true
	})
	e.L.Step(int(count))
	if !array {
		return -1
	}
	c := e.config
	if c.sparseRatio > 0 && greatest > count*c.sparseRatio && greatest > c.sparseSafe {
		if c.sparseConvert == off {
			e.fail(lua.KindTable, "excessively sparse array")
		}
		return -1
	}
	return greatest
}

// toInt32 converts a whole number as C does on the machines of today.
func toInt32(f float64) int32 {
	if f > math.MaxInt32 {
		return math.MinInt32
	}
	return int32(f)
}
