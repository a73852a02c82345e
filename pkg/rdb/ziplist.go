package rdb

import "encoding/binary"

const (
	ziplistHeader = 10 // length in bytes, offset of the last entry, number of entries
	ziplistEnd    = 0xFF
	longPrevious  = 0xFE // four bytes with the length of the entry before follow
)

// eachInZiplist yields the entries of a ziplist, which Redis wrote before listpacks came in 7.0, and reports whether it is
// one.
func eachInZiplist(b []byte, yield func(entry []byte) bool) (ok bool) {
	if len(b) <= ziplistHeader || uint64(binary.LittleEndian.Uint32(b)) != uint64(len(b)) || b[len(b)-1] != ziplistEnd {
		return false
	}
	r := reader{rest: b[ziplistHeader : len(b)-1]}
	for len(r.rest) > 0 {
		if r.byte() == longPrevious {
			r.take(4)
		}
		entry := r.ziplistEntry()
		if r.err != nil || !yield(entry) {
			return false
		}
	}
	return true
}

func (r *reader) ziplistEntry() []byte {
	switch first := r.byte(); first >> 6 {
	case 0:
		return r.take(uint64(first))
	case 1:
		return r.take(uint64(first&0x3F)<<8 | uint64(r.byte()))
	case 2:
		var size [4]byte
		copy(size[:], r.take(4))
		return r.take(uint64(binary.BigEndian.Uint32(size[:])))
	default:
		return r.ziplistInteger(first)
	}
}

func (r *reader) ziplistInteger(kind byte) []byte {
	switch kind {
	case 0xC0:
		return decimal(int64(int16(r.uint(2))))
	case 0xD0:
		return decimal(int64(int32(r.uint(4))))
	case 0xE0:
		return decimal(int64(r.uint(8)))
	case 0xF0:
		return decimal(int64(int32(r.uint(3)<<8)) >> 8)
	case 0xFE:
		return decimal(int64(int8(r.uint(1))))
	}
	if kind < 0xF1 || kind > 0xFD {
		r.fail()
		return nil
	}
	return decimal(int64(kind&0x0F) - 1)
}
