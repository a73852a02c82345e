package store

import (
	"encoding/binary"
	"math"
	"slices"
	"sort"
)

// intset is a set of integers in ascending order, all of the same width: Redis' intset to the byte, so that a dump is a
// copy. Four bytes tell the width, four the number of integers, and then they follow, all little-endian. An empty one has
// no bytes.
type intset []byte

const intsetHeader = 8

func (s intset) len() int { return max(0, len(s)-intsetHeader) / s.width() }

// width returns the bytes of one integer.
func (s intset) width() int {
	if len(s) == 0 {
		return 2
	}
	return int(binary.LittleEndian.Uint32(s))
}

func (s intset) at(i int) int64 {
	switch w := s.width(); w {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(s[intsetHeader+i*w:])))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(s[intsetHeader+i*w:])))
	default:
		return int64(binary.LittleEndian.Uint64(s[intsetHeader+i*w:]))
	}
}

func (s intset) put(i int, n int64) {
	switch w := s.width(); w {
	case 2:
		binary.LittleEndian.PutUint16(s[intsetHeader+i*w:], uint16(n))
	case 4:
		binary.LittleEndian.PutUint32(s[intsetHeader+i*w:], uint32(n))
	default:
		binary.LittleEndian.PutUint64(s[intsetHeader+i*w:], uint64(n))
	}
}

func widthOf(n int64) int {
	switch {
	case n >= math.MinInt16 && n <= math.MaxInt16:
		return 2
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return 4
	}
	return 8
}

// find returns where n is, or where it would be. O(log n).
func (s intset) find(n int64) (i int, ok bool) {
	return sort.Find(s.len(), func(i int) int {
		switch other := s.at(i); {
		case n < other:
			return -1
		case n > other:
			return 1
		}
		return 0
	})
}

// insert adds n, in place if there is room, and reports whether it was missing. O(n).
func (s *intset) insert(n int64) bool {
	i, ok := s.find(n)
	if ok {
		return false
	}
	if len(*s) == 0 {
		*s = append(slices.Grow((*s)[:0], 2*intsetHeader), 2, 0, 0, 0, 0, 0, 0, 0)
	}
	s.widen(widthOf(n))
	w, at := s.width(), intsetHeader+i*s.width()
	*s = slices.Grow(*s, w)[:len(*s)+w]
	copy((*s)[at+w:], (*s)[at:])
	s.put(i, n)
	s.setLen()
	return true
}

// remove takes the integer at i out. O(n).
func (s *intset) remove(i int) {
	at := intsetHeader + i*s.width()
	*s = append((*s)[:at], (*s)[at+s.width():]...)
	s.setLen()
}

// truncate leaves the first n integers.
func (s *intset) truncate(n int) {
	*s = (*s)[:intsetHeader+n*s.width()]
	s.setLen()
}

func (s intset) setLen() { binary.LittleEndian.PutUint32(s[4:], uint32(s.len())) }

// widen gives every integer at least w bytes. O(n), at most twice in a set's life.
func (s *intset) widen(w int) {
	if w <= s.width() {
		return
	}
	wide := make(intset, intsetHeader+s.len()*w, intsetHeader+(s.len()+1)*w)
	binary.LittleEndian.PutUint32(wide, uint32(w))
	for i := range s.len() {
		wide.put(i, s.at(i))
	}
	wide.setLen()
	*s = wide
}
