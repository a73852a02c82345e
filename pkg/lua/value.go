package lua

import (
	"math"
	"unsafe"
)

// Kind is the type of a value.
type Kind uint8

// The types. LightUserdata has a single value, Null.
const (
	KindNil Kind = iota
	KindBoolean
	KindLightUserdata
	KindNumber
	KindString
	KindTable
	KindFunction
	KindThread
)

var kindNames = [...]string{"nil", "boolean", "userdata", "number", "string", "table", "function", "thread"}

// String returns the type's name as type() does.
func (k Kind) String() string { return kindNames[k] }

// Value is any value of Lua; the zero Value is nil. Two words hold all: p says what n is.
//
//	p             n
//	nil           nil, false, true or Null
//	numberTag     the bits of a float64
//	the bytes     length<<kindBits | KindString
//	the object    its kind
//
// As an interface, a number would be an allocation of 8 bytes and a string one of 16: three quarters of the time of a small script
// in the implementations that do so. This file and the accessors below are the only place that knows.
type Value struct {
	p unsafe.Pointer
	n uint64
}

const (
	kindBits = 3
	kindMask = 1<<kindBits - 1
)

// What n is where p is nil: no kind of a string or an object, so that these need not look at p for that.
const (
	immediateNil = iota
	immediateFalse
	immediateTrue
	immediateNull
)

// MaxString is the greatest length of a string, in bytes.
const MaxString = 1<<31 - 2

var (
	numberTag = unsafe.Pointer(new(int64))
	noBytes   = unsafe.Pointer(new(int64)) // where the empty string is
)

// The values of which there is one.
var (
	Nil   = Value{}
	False = Value{n: immediateFalse}
	True  = Value{n: immediateTrue}
	Null  = Value{n: immediateNull} // a light userdata, cjson.null
)

// Number returns a number.
func Number(f float64) Value { return Value{numberTag, math.Float64bits(f)} }

// Int returns a number.
func Int(i int) Value { return Number(float64(i)) }

// Bool returns a boolean.
func Bool(b bool) Value {
	if b {
		return True
	}
	return False
}

// String returns a string that shares the bytes of s.
func String(s string) Value {
	if len(s) == 0 {
		return Value{noBytes, uint64(KindString)}
	}
	return Value{unsafe.Pointer(unsafe.StringData(s)), uint64(len(s))<<kindBits | uint64(KindString)}
}

// adopt returns a string of bytes that nobody changes any more.
func adopt(b []byte) Value { return String(unsafe.String(unsafe.SliceData(b), len(b))) }

// setNumber makes it a number. The pointer is mostly the right one already, and then not written, which would concern the collector.
func (v *Value) setNumber(f float64) {
	if v.p != numberTag {
		v.p = numberTag
	}
	v.n = math.Float64bits(f)
}

// Value returns the table as a value.
func (t *Table) Value() Value { return Value{unsafe.Pointer(t), uint64(KindTable)} }

// Value returns the function as a value.
func (f *Function) Value() Value { return Value{unsafe.Pointer(f), uint64(KindFunction)} }

// Value returns the coroutine as a value.
func (L *Thread) Value() Value { return Value{unsafe.Pointer(L), uint64(KindThread)} }

// Kind returns the value's type.
func (v Value) Kind() Kind {
	switch v.p {
	case numberTag:
		return KindNumber
	case nil:
		return [...]Kind{KindNil, KindBoolean, KindBoolean, KindLightUserdata}[v.n]
	}
	return Kind(v.n & kindMask)
}

// IsNil reports whether the value is nil.
func (v Value) IsNil() bool { return v == Nil }

// Truth reports whether the value counts as true, which all but nil and false do.
func (v Value) Truth() bool { return v.p != nil || v.n > immediateFalse }

// IsNumber reports whether the value is a number; a string is not, whatever it says.
func (v Value) IsNumber() bool { return v.p == numberTag }

// IsString reports whether the value is a string; a number is not.
func (v Value) IsString() bool {
	return v.n&kindMask == uint64(KindString) && v.p != numberTag
}

// IsTable reports whether the value is a table.
func (v Value) IsTable() bool { return v.n == uint64(KindTable) && v.p != numberTag }

// IsFunction reports whether the value is a function.
func (v Value) IsFunction() bool {
	return v.n == uint64(KindFunction) && v.p != numberTag
}

// IsThread reports whether the value is a coroutine.
func (v Value) IsThread() bool { return v.n == uint64(KindThread) && v.p != numberTag }

// Float returns the number that the value is, which must be one.
func (v Value) Float() float64 { return math.Float64frombits(v.n) }

// Str returns the string that the value is, which must be one.
func (v Value) Str() string { return unsafe.String((*byte)(v.p), v.n>>kindBits) }

// Table returns the table that the value is, which must be one.
func (v Value) Table() *Table { return (*Table)(v.p) }

// Function returns the function that the value is, which must be one.
func (v Value) Function() *Function { return (*Function)(v.p) }

// Thread returns the coroutine that the value is, which must be one.
func (v Value) Thread() *Thread { return (*Thread)(v.p) }

// Equal is raw equality: by value for numbers and strings, by identity for tables, functions and coroutines.
func (v Value) Equal(w Value) bool {
	switch {
	case v.p == numberTag:
		return w.p == numberTag && v.Float() == w.Float()
	case v == w:
		return true
	}
	return v.n == w.n && v.IsString() && w.IsString() && v.Str() == w.Str()
}

// AsNumber returns the number that the value is, or that its string says.
func (v Value) AsNumber() (float64, bool) {
	switch {
	case v.IsNumber():
		return v.Float(), true
	case v.IsString():
		return ParseNumber(v.Str())
	}
	return 0, false
}

// AsString returns the string that the value is, or its number's text.
func (v Value) AsString() (string, bool) {
	switch {
	case v.IsString():
		return v.Str(), true
	case v.IsNumber():
		return FormatNumber(v.Float()), true
	}
	return "", false
}

// address returns where an object is, for tables keyed by it and for tostring.
func (v Value) address() uintptr { return uintptr(v.p) }
