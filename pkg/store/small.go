package store

import (
	"encoding/binary"
	"unsafe"
)

// small is a hash, set or sorted set kept as one run of packed entries. If that is no longer than maxValue it lies in the
// key's blob as two bytes with the number of entries and then the entries; what commands see is a view of it, which grows
// there as far as the slot goes and elsewhere in memory of its own until the command ends.
type small struct {
	chunk
	borrowed []byte // the blob's memory of which buf may be part
}

// view makes an empty run that of the entries in a blob's value of n bytes, behind which there may be room.
func (s *small) view(value []byte, n int) {
	s.borrowed, s.buf = value, value[countSize:n]
	s.count = uint32(binary.LittleEndian.Uint16(value))
}

// compactSize and putCompact are those of a collection.
func (s *small) compactSize() (n int, ok bool) {
	n = countSize + len(s.live())
	return n, n <= maxValue
}

func (s *small) putCompact(dst []byte) {
	copy(dst[countSize:], s.live())
	binary.LittleEndian.PutUint16(dst, uint16(s.count))
}

// detach makes the run one that borrows no memory.
func (s *small) detach() {
	if liesIn(s.buf, s.borrowed) {
		s.buf, s.start = append([]byte(nil), s.live()...), 0
	}
	s.borrowed = nil
}

// held returns how many bytes of the heap it has.
func (s *small) held() int {
	if liesIn(s.buf, s.borrowed) {
		return 0
	}
	return cap(s.buf)
}

// append adds an entry behind the last one.
func (s *small) append(p *packed) { s.insertAt(len(s.live()), p) }

// insertAt adds an entry at an offset.
func (s *small) insertAt(at int, p *packed) {
	need := len(s.live()) + p.size
	if need > cap(s.buf) {
		need += need / 8
	}
	s.insert(at, p, need)
}

// replace makes the entry at an offset another one, in place if both have the same size.
func (s *small) replace(at int, p *packed) {
	old := s.live()[at:]
	if n := packedSize(old); n != p.size {
		s.cut(at, n, 1)
		s.insertAt(at, p)
		return
	}
	p.put(old)
}

// retain removes every entry that keep does not want, in one pass.
func (s *small) retain(keep func(entry []byte) bool) {
	b, kept := s.live(), 0
	for at := 0; at < len(b); {
		n := packedSize(b[at:])
		if keep(b[at : at+n]) {
			kept += copy(b[kept:], b[at:at+n])
		} else {
			s.count--
		}
		at += n
	}
	s.buf = s.buf[:int(s.start)+kept]
}

// find returns the offset of the first of every step-th entry that is p, from the first one on. O(n).
func (s *small) find(p *packed, step int) (at int, ok bool) {
	b := s.live()
	for at < len(b) {
		if p.matches(b[at:]) {
			return at, true
		}
		for range step {
			at += packedSize(b[at:])
		}
	}
	return 0, false
}

// each yields every entry until yield returns false. O(n).
func (s *small) each(scratch *[decimalLen]byte, yield func(entry []byte) bool) {
	for b := s.live(); len(b) > 0; {
		entry, n := unpack(b, scratch)
		if !yield(entry) {
			return
		}
		b = b[n:]
	}
}

// liesIn reports whether a buffer is part of some memory.
func liesIn(buf, memory []byte) bool {
	if cap(buf) == 0 || len(memory) == 0 {
		return false
	}
	offset := uintptr(unsafe.Pointer(unsafe.SliceData(buf))) - uintptr(unsafe.Pointer(unsafe.SliceData(memory)))
	return offset < uintptr(len(memory))
}
