package structlib

import (
	"encoding/binary"
	"math"
	"slices"

	"snakecache/pkg/lua"
)

// packer is a call of pack.
type packer struct {
	format
	arg int // the argument that comes next
	out []byte
}

// pack returns its arguments from the second on as bytes in the format that the first one says.
func (l *library) pack(L *lua.Thread) int {
	p := packer{newFormat(L), 2, l.scratch[:0]}
	L.Push(lua.Nil) // so that messages call a missing argument nil, as those of the original do
	for p.more() {
		option, size := p.next()
		p.zeros(p.padding(uint64(len(p.out)), option, size))
		p.put(option, size)
	}
	if cap(p.out) <= maxScratch {
		l.scratch = p.out
	}
	L.Push(L.NewString(p.out))
	return 1
}

func (p *packer) put(option byte, size uint64) {
	switch option {
	case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
		p.integer(int(size))
	case 'x':
		p.zeros(1)
	case 'f':
		p.bits(uint64(math.Float32bits(float32(p.number()))), 4)
	case 'd':
		p.bits(math.Float64bits(p.number()), 8)
	case 'c':
		p.text(size)
	case 's':
		p.text(0)
		p.zeros(1)
	default:
		p.control(option)
	}
}

// number takes an argument that must be a number.
func (p *packer) number() float64 {
	p.arg++
	return p.L.CheckNumber(p.arg - 1)
}

// integer appends a number without what is behind the point. Bytes beyond its 64 bits are zero, also if it is negative.
func (p *packer) integer(size int) {
	p.bits(toUnsigned(p.number()), size)
}

// toUnsigned converts a number as C does on the machines of today: modulo 2^64 if it is negative, to 0 if it is too great, and to
// 2^63 if it is too small or no number.
func toUnsigned(f float64) uint64 {
	if f >= 1<<63 {
		return uint64(lua.ToInt(f-1<<63)) ^ 1<<63
	}
	return uint64(lua.ToInt(f))
}

// bits appends the lowest size bytes of n.
func (p *packer) bits(n uint64, size int) {
	start := len(p.out)
	p.zeros(uint64(max(size, wordSize)))
	binary.LittleEndian.PutUint64(p.out[start:], n)
	p.out = p.out[:start+size]
	if p.bigEndian {
		slices.Reverse(p.out[start:])
	}
}

func (p *packer) zeros(n uint64) {
	p.out = p.L.Room(p.out, int(n))
	start := len(p.out)
	p.out = p.out[:start+int(n)]
	clear(p.out[start:])
}

// text appends so many bytes of a string, all of it if size is 0. The message names the argument behind it, as that of the original does.
func (p *packer) text(size uint64) {
	s := p.L.CheckString(p.arg)
	p.arg++
	if size == 0 {
		size = uint64(len(s))
	}
	if uint64(len(s)) < size {
		p.L.ArgError(p.arg, "string too short")
	}
	p.L.Step(int(size >> 5))
	p.out = append(p.L.Room(p.out, int(size)), s[:size]...)
}
