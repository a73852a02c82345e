package rdb

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
)

// ErrFormat tells that bytes are not what they should be, or are of a kind that is not supported.
var ErrFormat = errors.New("rdb: bad data format")

// Encodings of lengths and strings: the first two bits of a byte say how a length goes on, or that a string is none of plain
// bytes.
const (
	length6  = 0
	length14 = 1
	length32 = 0x80
	length64 = 0x81

	specialI8  = 0xC0
	specialI16 = 0xC1
	specialI32 = 0xC2
	specialLZF = 0xC3
)

// reader takes a value apart. After the first error everything it returns is zero.
type reader struct {
	rest   []byte
	budget uint64 // bytes that compressed strings may still unfold to
	err    error
}

func (r *reader) fail() { r.rest, r.err = nil, ErrFormat }

// take returns the next n bytes, which are the payload's.
func (r *reader) take(n uint64) []byte {
	if r.err != nil || n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint(width uint64) uint64 {
	var word [8]byte
	copy(word[:], r.take(width))
	return binary.LittleEndian.Uint64(word[:])
}

// length reads a length, or any number that is written like one.
func (r *reader) length() uint64 {
	first := r.byte()
	n, ok := r.lengthFrom(first)
	if !ok {
		r.fail()
	}
	return n
}

// lengthFrom is length behind its first byte. It is not ok if that begins a special string.
func (r *reader) lengthFrom(first byte) (n uint64, ok bool) {
	switch {
	case first>>6 == length6:
		return uint64(first & 0x3F), true
	case first>>6 == length14:
		return uint64(first&0x3F)<<8 | uint64(r.byte()), true
	case first == length32:
		if b := r.take(4); b != nil {
			n = uint64(binary.BigEndian.Uint32(b))
		}
		return n, true
	case first == length64:
		if b := r.take(8); b != nil {
			n = binary.BigEndian.Uint64(b)
		}
		return n, true
	}
	return 0, false
}

// string reads a string of any encoding. It is the payload's own bytes, or new ones.
func (r *reader) string() []byte {
	first := r.byte()
	if n, ok := r.lengthFrom(first); ok {
		return r.take(n)
	}
	switch first {
	case specialI8:
		return decimal(int64(int8(r.uint(1))))
	case specialI16:
		return decimal(int64(int16(r.uint(2))))
	case specialI32:
		return decimal(int64(int32(r.uint(4))))
	case specialLZF:
		return r.compressed()
	}
	r.fail()
	return nil
}

func decimal(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

func (r *reader) compressed() []byte {
	packed, size := r.length(), r.length()
	src := r.take(packed)
	if r.err != nil || size > r.budget {
		r.fail()
		return nil
	}
	r.budget -= size
	plain, err := inflate(src, int(size))
	if err != nil {
		r.fail()
	}
	return plain
}

// double reads a score of a sorted set as eight bytes.
func (r *reader) double() float64 {
	f := math.Float64frombits(r.uint(8))
	if math.IsNaN(f) {
		r.fail()
	}
	return f
}

// textDouble reads a score as Redis before 5.0 wrote it: a length and decimal digits, or a length that means infinity.
func (r *reader) textDouble() float64 {
	switch n := r.byte(); n {
	case 255:
		return math.Inf(-1)
	case 254:
		return math.Inf(1)
	case 253:
		r.fail()
		return 0
	default:
		f, err := strconv.ParseFloat(string(r.take(uint64(n))), 64)
		if err != nil || math.IsNaN(f) {
			r.fail()
		}
		return f
	}
}
