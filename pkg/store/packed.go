package store

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// A packed entry is one element inside a flat byte buffer, in the format of
// Redis' listpack: a head that tells kind and length, the bytes of a string
// (an integer is all head), and the length of both again, to be read from
// the right. Keeping Redis' format, and its choice of the shortest one,
// costs nothing, makes the sizes OBJECT ENCODING depends on exact, and lets
// a dump be a copy.
//
// The encoding is canonical: equal elements have equal entries, so a search
// compares entries and decodes none.

const (
	tagInt13   = 0xC0
	tagBytes6  = 0x80
	tagBytes12 = 0xE0
	tagBytes32 = 0xF0
	tagInt16   = 0xF1
	tagInt24   = 0xF2
	tagInt32   = 0xF3
	tagInt64   = 0xF4
)

// packed is an element ready to be written as an entry. It refers to the
// caller's bytes and is only good while they are.
type packed struct {
	body    []byte // follows the head; empty for an integer
	raw     int    // length of the element as given
	size    int    // length of the whole entry
	head    [9]byte
	headLen uint8
}

// pack prepares v, as an integer if v is exactly how an int64 is printed.
func pack(v []byte) packed {
	p := packed{raw: len(v)}
	if n, ok := canonicalInt(v); ok {
		p.headInt(n)
	} else {
		p.body = v
		p.headBytes(len(v))
	}
	n := int(p.headLen) + len(p.body)
	p.size = n + backLen(n)
	return p
}

// packInt is pack of n in decimal.
func packInt(n int64) packed {
	var p packed
	p.headInt(n)
	p.size = int(p.headLen) + 1
	return p
}

func (p *packed) headBytes(n int) {
	switch {
	case n < 1<<6:
		p.head[0], p.headLen = tagBytes6|byte(n), 1
	case n < 1<<12:
		p.head[0], p.head[1], p.headLen = tagBytes12|byte(n>>8), byte(n), 2
	default:
		p.head[0], p.headLen = tagBytes32, 5
		binary.LittleEndian.PutUint32(p.head[1:], uint32(n))
	}
}

func (p *packed) headInt(n int64) {
	if n >= 0 && n < 1<<7 {
		p.head[0], p.headLen = byte(n), 1
		return
	}
	if n >= -1<<12 && n < 1<<12 {
		p.head[0], p.head[1], p.headLen = tagInt13|byte(n>>8)&0x1F, byte(n), 2
		return
	}
	binary.LittleEndian.PutUint64(p.head[1:], uint64(n))
	switch {
	case n >= -1<<15 && n < 1<<15:
		p.head[0], p.headLen = tagInt16, 3
	case n >= -1<<23 && n < 1<<23:
		p.head[0], p.headLen = tagInt24, 4
	case n >= -1<<31 && n < 1<<31:
		p.head[0], p.headLen = tagInt32, 5
	default:
		p.head[0], p.headLen = tagInt64, 9
	}
}

// put writes the entry over the first p.size bytes of dst.
func (p *packed) put(dst []byte) {
	n := copy(dst, p.head[:p.headLen])
	n += copy(dst[n:], p.body)
	putBackLen(dst[n:p.size], n)
}

// matches reports whether b starts with this very entry. The head holds the
// length, so what follows the body need not be looked at.
func (p *packed) matches(b []byte) bool {
	return b[0] == p.head[0] && bytes.HasPrefix(b, p.head[:p.headLen]) &&
		bytes.HasPrefix(b[p.headLen:], p.body)
}

// unpack returns the element at the start of b and the size of its entry.
// A string aliases b; an integer is printed into scratch.
func unpack(b []byte, scratch *[decimalLen]byte) (v []byte, size int) {
	if n := int(b[0] ^ tagBytes6); n < 1<<6 {
		return b[1 : 1+n], n + 2
	}
	return unpackLong(b, scratch)
}

// unpackLong is unpack for all but the shortest strings; apart, so that the
// common case can be inlined into the loops.
func unpackLong(b []byte, scratch *[decimalLen]byte) (v []byte, size int) {
	head, body := layout(b)
	size = head + body + backLen(head+body)
	if isBytes(b[0]) {
		return b[head : head+body], size
	}
	return strconv.AppendInt(scratch[:0], unpackInt(b), 10), size
}

func isBytes(tag byte) bool {
	return tag&0xC0 == tagBytes6 || tag&0xF0 == tagBytes12 || tag == tagBytes32
}

// unpackInt decodes the integer at the start of b. The shifts to the left
// and back again spread the sign.
func unpackInt(b []byte) int64 {
	switch tag := b[0]; {
	case tag < 1<<7:
		return int64(tag)
	case tag&0xE0 == tagInt13:
		return int64(uint64(tag)<<59|uint64(b[1])<<51) >> 51
	case tag == tagInt16:
		return int64(int16(binary.LittleEndian.Uint16(b[1:])))
	case tag == tagInt24:
		return int64(int32(uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24) >> 8)
	case tag == tagInt32:
		return int64(int32(binary.LittleEndian.Uint32(b[1:])))
	default:
		return int64(binary.LittleEndian.Uint64(b[1:]))
	}
}

// layout returns the lengths of head and body of the entry at the start of b.
func layout(b []byte) (head, body int) {
	switch tag := b[0]; {
	case tag < 1<<7:
		return 1, 0
	case tag&0xC0 == tagBytes6:
		return 1, int(tag & 0x3F)
	case tag&0xE0 == tagInt13:
		return 2, 0
	case tag&0xF0 == tagBytes12:
		return 2, int(tag&0x0F)<<8 | int(b[1])
	case tag == tagBytes32:
		return 5, int(binary.LittleEndian.Uint32(b[1:]))
	case tag == tagInt64:
		return 9, 0
	default: // 16, 24 and 32 bits
		return int(tag-tagInt16) + 3, 0
	}
}

// packedSize returns the size of the entry at the start of b.
func packedSize(b []byte) int {
	if n := int(b[0] ^ tagBytes6); n < 1<<6 {
		return n + 2
	}
	return packedSizeLong(b)
}

func packedSizeLong(b []byte) int {
	head, body := layout(b)
	return head + body + backLen(head+body)
}

// lastPacked returns the size of the entry b ends with. The back-length is
// read from right to left, seven bits a byte, until one without the high bit.
func lastPacked(b []byte) int {
	n, shift, at := 0, 0, len(b)-1
	for ; b[at]&0x80 != 0; at-- {
		n |= int(b[at]&0x7F) << shift
		shift += 7
	}
	n |= int(b[at]) << shift
	return n + len(b) - at
}

// backLen returns how many bytes the back-length of n takes. The limits are
// one below the powers of two from the second on, as Redis has them.
func backLen(n int) int {
	switch {
	case n < 1<<7:
		return 1
	case n < 1<<14-1:
		return 2
	case n < 1<<21-1:
		return 3
	case n < 1<<28-1:
		return 4
	default:
		return 5
	}
}

// putBackLen fills dst, whose length is backLen(n).
func putBackLen(dst []byte, n int) {
	for i := len(dst) - 1; i > 0; i-- {
		dst[i] = byte(n) | 0x80
		n >>= 7
	}
	dst[0] = byte(n)
}
