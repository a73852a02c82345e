package structlib

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"snakecache/pkg/lua"
)

// unpacker is a call of unpack. Positions are unsigned as in the original: a negative one is far behind the end.
type unpacker struct {
	format
	data    string
	at      uint64
	results int
}

// unpack returns the values that the second argument has in the format which the first one says, from the position on which the third one
// says (1), and the position behind them.
func unpack(L *lua.Thread) int {
	u := unpacker{format: newFormat(L), data: L.CheckString(2)}
	u.at = uint64(L.OptInt(3, 1))
	if u.at == 0 {
		L.ArgError(3, "offset must be 1 or greater")
	}
	u.at--
	for u.more() {
		option, size := u.next()
		u.at += u.padding(u.at, option, size)
		u.check(size)
		L.CheckSlots(2, "too many results")
		u.at += u.take(option, size)
	}
	L.Push(lua.Number(float64(int64(u.at + 1))))
	return u.results + 1
}

// check raises an error if there are not so many bytes.
func (u *unpacker) check(size uint64) {
	if length := uint64(len(u.data)); size > length || u.at > length-size {
		u.L.ArgError(2, "data string too short")
	}
}

// take pushes what an option stands for, and returns how many bytes that was.
func (u *unpacker) take(option byte, size uint64) uint64 {
	switch option {
	case 'b', 'h', 'l', 'i':
		u.push(lua.Number(float64(u.signed(size))))
	case 'B', 'H', 'L', 'T', 'I':
		u.push(lua.Number(float64(u.unsigned(size))))
	case 'f':
		u.push(lua.Number(float64(math.Float32frombits(uint32(u.unsigned(size))))))
	case 'd':
		u.push(lua.Number(math.Float64frombits(u.unsigned(size))))
	case 'x':
	case 'c':
		return u.text(size)
	case 's':
		return u.terminated()
	default:
		u.control(option)
	}
	return size
}

func (u *unpacker) push(v lua.Value) {
	u.L.Push(v)
	u.results++
}

// pushText pushes a copy, for a part of the data would keep all of it.
func (u *unpacker) pushText(s string) {
	u.L.Step(len(s) >> 5)
	u.push(u.L.OwnString(strings.Clone(s)))
}

// unsigned returns the integer of so many bytes, modulo 2^64.
func (u *unpacker) unsigned(size uint64) uint64 {
	var word [maxInteger]byte
	bytes := word[:max(size, wordSize)]
	copy(bytes, u.data[u.at:u.at+size])
	if u.bigEndian {
		slices.Reverse(bytes[:size])
	}
	return binary.LittleEndian.Uint64(bytes)
}

// signed is unsigned in two's complement. Where there are more bytes than the word has, or none, the place of the sign is where C finds it
// on the machines of today.
func (u *unpacker) signed(size uint64) int64 {
	n := u.unsigned(size)
	if sign := uint64(math.MaxUint64) << ((8*size - 1) & 63); n&sign != 0 {
		n |= sign
	}
	return int64(n)
}

// text takes so many bytes; if size is 0, as many as the result before says, which that replaces.
func (u *unpacker) text(size uint64) uint64 {
	if size == 0 {
		f, ok := u.L.Arg(-1).AsNumber()
		if !ok || u.results == 0 {
			u.L.Errorf("format 'c0' needs a previous size")
		}
		u.L.Pop()
		u.results--
		size = toUnsigned(f)
		u.check(size)
	}
	u.pushText(u.data[u.at : u.at+size])
	return size
}

// terminated takes a string up to a zero byte.
func (u *unpacker) terminated() uint64 {
	n := strings.IndexByte(u.data[u.at:], 0)
	if n < 0 {
		u.L.Errorf("unfinished string in data")
	}
	u.pushText(u.data[u.at : u.at+uint64(n)])
	return uint64(n) + 1
}
