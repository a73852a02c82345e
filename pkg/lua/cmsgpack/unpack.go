package cmsgpack

import (
	"encoding/binary"
	"math"
	"strings"

	"snakecache/pkg/lua"
)

// unpacker reads values. No length is believed: a table grows as its elements come, a string is there or not. Tables lie on the stack
// while they are read, so that their memory counts.
type unpacker struct {
	L     *lua.Thread
	input string
	at    int
	slots int // that the original would have taken of its stack, which bounds how deep tables nest
}

// need raises an error if the original's stack had no room for n more values.
func (u *unpacker) need(n int, why string) {
	if u.slots+n > lua.MaxSlots {
		u.L.Errorf("stack overflow (%s)", why)
	}
}

// value reads a value.
func (u *unpacker) value() lua.Value {
	u.L.Step(1)
	code := u.take(1)[0]
	u.need(1, "too many return values at once; use unpack_one or unpack_limit instead.")
	switch {
	case code < fixMap, code >= fixNegative:
		return lua.Number(float64(int8(code)))
	case code < fixArray:
		return u.table(int(code & 0xf))
	case code < fixString:
		return u.array(int(code & 0xf))
	case code < nothing:
		return u.text(int(code & 0x1f))
	case code <= yes:
		return u.constant(code)
	case code >= string8:
		return u.sized(code)
	}
	return lua.Number(u.number(code))
}

// take returns the next n bytes.
func (u *unpacker) take(n int) string {
	if n > len(u.input)-u.at {
		u.L.Errorf("Missing bytes in input.")
	}
	u.at += n
	return u.input[u.at-n : u.at]
}

// unsigned reads an integer of so many bytes.
func (u *unpacker) unsigned(size int) uint64 {
	var word [8]byte
	copy(word[8-size:], u.take(size))
	return binary.BigEndian.Uint64(word[:])
}

func (u *unpacker) constant(code byte) lua.Value {
	switch code {
	case nothing:
		return lua.Nil
	case no:
		return lua.False
	case yes:
		return lua.True
	}
	u.unknown()
	return lua.Nil
}

func (u *unpacker) unknown() { u.L.Errorf("Bad data format in input.") }

// number reads a number that is longer than a byte. An integer of 64 bits is signed in either case.
func (u *unpacker) number(code byte) float64 {
	switch code {
	case float32Code:
		return float64(math.Float32frombits(uint32(u.unsigned(4))))
	case float64Code:
		return math.Float64frombits(u.unsigned(8))
	case uint8Code, uint16Code, uint32Code:
		return float64(u.unsigned(1 << (code - uint8Code)))
	case uint64Code, int64Code:
		return float64(int64(u.unsigned(8)))
	case int8Code:
		return float64(int8(u.unsigned(1)))
	case int16Code:
		return float64(int16(u.unsigned(2)))
	case int32Code:
		return float64(int32(u.unsigned(4)))
	}
	u.unknown()
	return 0
}

// sized reads a string or table whose size is longer than half a byte.
func (u *unpacker) sized(code byte) lua.Value {
	switch code {
	case string8:
		return u.text(int(u.unsigned(1)))
	case string16:
		return u.text(int(u.unsigned(2)))
	case string32:
		return u.text(int(u.unsigned(4)))
	case array16:
		return u.array(int(u.unsigned(2)))
	case array32:
		return u.array(int(u.unsigned(4)))
	case map16:
		return u.table(int(u.unsigned(2)))
	}
	return u.table(int(u.unsigned(4)))
}

// text copies a string: a part of the input would keep all of it.
func (u *unpacker) text(n int) lua.Value {
	s := u.take(n)
	u.L.Step(n >> 5)
	return u.L.OwnString(strings.Clone(s))
}

// array reads n elements.
func (u *unpacker) array(n int) lua.Value {
	t := u.L.NewTable(0, 0)
	u.L.Push(t.Value())
	u.slots++
	u.need(1, "in function mp_decode_to_lua_array")
	u.slots++
	for i := 1; i <= n; i++ {
		t.SetInt(u.L.State, i, u.value())
	}
	u.slots -= 2
	return u.L.Pop()
}

// table reads n keys with their values.
func (u *unpacker) table(n int) lua.Value {
	t := u.L.NewTable(0, 0)
	u.L.Push(t.Value())
	u.slots++
	for range n {
		k := u.value()
		u.slots++
		t.Set(u.L.State, k, u.value())
		u.slots--
	}
	u.slots--
	return u.L.Pop()
}
