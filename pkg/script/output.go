package script

import (
	"unsafe"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// maxNesting is how deep a result may be: as deep as arrays that the stack of the reference implementation has room for.
const maxNesting = 7995

// output converts a script's result to a reply.
type output struct {
	L       *lua.Thread
	reply   *proto.Reply
	dialect int // in which the script speaks: what booleans are depends on it
	depth   int
}

// verbatimFormat is how long the format of a verbatim string is. A shorter one makes no reply that could be read.
const verbatimFormat = 3

// result writes the reply, or returns the error that it is.
func (o *output) result(v lua.Value) error {
	if v.IsTable() {
		t := v.Table()
		if text := t.GetString(fieldErr); text.IsString() {
			return replyError(text.Str(), t.GetString(fieldCounted).Truth())
		}
	}
	o.value(v)
	return nil
}

func (o *output) value(v lua.Value) {
	r := o.reply
	if r.Len() > proto.MaxHeld {
		o.L.Raise(lua.String("the result is too long for a reply"))
	}
	switch v.Kind() {
	case lua.KindString:
		r.BulkRef(bytesOf(v.Str()))
	case lua.KindNumber:
		r.Int(int64(lua.ToInt(v.Float())))
	case lua.KindBoolean:
		o.boolean(v.Truth())
	case lua.KindTable:
		o.nested(v.Table())
	default:
		r.Null()
	}
}

// bytesOf returns the bytes of a string, which nobody may change.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

func (o *output) boolean(yes bool) {
	switch {
	case o.dialect == proto.RESP3:
		o.reply.Bool(yes)
	case yes:
		o.reply.Int(1)
	default:
		o.reply.Null()
	}
}

func (o *output) nested(t *lua.Table) {
	if o.depth++; o.depth > maxNesting {
		o.reply.Err(proto.ErrScriptStack)
	} else {
		o.L.Step(1)
		o.table(t)
	}
	o.depth--
}

// table writes what the first of these fields says that a table is, and else its elements up to the first nil.
func (o *output) table(t *lua.Table) {
	r := o.reply
	if v := t.GetString(fieldErr); v.IsString() {
		r.Err(replyError(v.Str(), false))
	} else if v := t.GetString("ok"); v.IsString() {
		r.Status(cString(v.Str()))
	} else if v := t.GetString("double"); v.IsNumber() {
		r.Double(v.Float())
	} else if v := t.GetString("map"); v.IsTable() {
		o.pairs(v.Table())
	} else if v := t.GetString("set"); v.IsTable() {
		o.members(v.Table())
	} else if v := t.GetString("big_number"); v.IsString() {
		r.BigNumber(v.Str())
	} else if format, text := verbatim(t); text.IsString() {
		r.Verbatim(format.Str()[:min(verbatimFormat, len(format.Str()))], text.Str())
	} else {
		o.elements(t)
	}
}

// verbatim returns the two fields of a verbatim string, or nil.
func verbatim(t *lua.Table) (format, text lua.Value) {
	v := t.GetString("verbatim_string")
	if !v.IsTable() {
		return lua.Nil, lua.Nil
	}
	format, text = v.Table().GetString("format"), v.Table().GetString("string")
	if !format.IsString() {
		return lua.Nil, lua.Nil
	}
	return format, text
}

func (o *output) pairs(t *lua.Table) {
	o.reply.Map(count(t))
	t.All(func(k, v lua.Value) bool {
		o.value(k)
		o.value(v)
		return true
	})
}

func (o *output) members(t *lua.Table) {
	o.reply.Set(count(t))
	t.All(func(k, _ lua.Value) bool {
		o.value(k)
		return true
	})
}

func count(t *lua.Table) (n int) {
	t.All(func(_, _ lua.Value) bool {
		n++
		return true
	})
	return n
}

func (o *output) elements(t *lua.Table) {
	n := 0
	for !t.GetInt(n + 1).IsNil() {
		n++
	}
	o.reply.Array(n)
	for i := 1; i <= n; i++ {
		o.value(t.GetInt(i))
	}
}
