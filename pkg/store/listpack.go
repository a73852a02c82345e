package store

import (
	"encoding/binary"
	"math"
)

// A listpack is a run of packed entries in one piece, as Redis serializes it: four bytes with the length of the whole, two
// with the number of entries or 65535 if that is not known, the entries, and one byte that ends them.

const (
	listpackHeader = 6
	listpackEnd    = 0xFF
)

// EachInListpack yields the entries of a listpack that comes from elsewhere until yield returns false, and reports whether
// it is one and has been gone through. An entry is good until the next one.
func EachInListpack(b []byte, yield func(entry []byte) bool) (ok bool) {
	entries, _, ok := listpackEntries(b)
	var scratch [decimalLen]byte
	for ok && len(entries) > 0 {
		entry, n := unpack(entries, &scratch)
		ok, entries = yield(entry), entries[n:]
	}
	return ok
}

// listpackEntries checks a listpack and returns its entries, which may be gone through without further checks.
func listpackEntries(b []byte) (entries []byte, count int, ok bool) {
	if len(b) <= listpackHeader || uint64(binary.LittleEndian.Uint32(b)) != uint64(len(b)) || b[len(b)-1] != listpackEnd {
		return nil, 0, false
	}
	entries = b[listpackHeader : len(b)-1]
	for rest := entries; len(rest) > 0; count++ {
		n, ok := checkedSize(rest)
		if !ok {
			return nil, 0, false
		}
		rest = rest[n:]
	}
	told := int(binary.LittleEndian.Uint16(b[4:]))
	return entries, count, told == count || told == math.MaxUint16
}

// checkedSize is packedSize for bytes that may be anything.
func checkedSize(b []byte) (size int, ok bool) {
	if b[0] == tagBytes32 && len(b) < 5 || b[0]&0xF0 == tagBytes12 && len(b) < 2 || b[0] > tagInt64 {
		return 0, false
	}
	head, body := layout(b)
	n := uint64(head) + uint64(body)
	if n > uint64(len(b)) {
		return 0, false
	}
	back := backLen(int(n))
	if int(n)+back > len(b) {
		return 0, false
	}
	var want [5]byte
	putBackLen(want[:back], int(n))
	return int(n) + back, string(want[:back]) == string(b[n:int(n)+back])
}
