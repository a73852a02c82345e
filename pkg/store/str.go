package store

import (
	"encoding/binary"
	"slices"
	"strconv"
)

// sharedSize is the length in bytes from which a string may be referenced by a reply that is still being written.
// Such a string has memory of its own. Once lent, its bytes are never overwritten, only replaced or extended behind
// their end.
const sharedSize = 16 << 10

// embeddedLimit is the longest string that Redis calls embstr.
const embeddedLimit = 44

// integerSize is the room an integer takes behind the key.
const integerSize = 8

// String is a Redis string. It is the entry itself seen as its value: the bytes lie behind the key, an integer as
// eight bytes so that INCR neither parses nor prints, and a large string in an object of its own.
type String Entry

// form says how an entry keeps a string. The flags come on top.
type form uint8

const (
	formBytes form = iota
	formInteger
	formLarge

	flagRaw    form = 1 << 6 // edited in place, which Redis calls raw whatever the length
	flagEdited form = 1 << 7 // the entry stands in Store.edited
	flags           = flagRaw | flagEdited
)

// largeString is a string from sharedSize bytes on.
type largeString struct {
	bytes []byte
	lent  bool // Bytes has given them out
}

func (*largeString) Type() Type                { return TypeString }
func (*largeString) Encoding() string          { return "raw" }
func (l *largeString) Len() int                { return len(l.bytes) }
func (l *largeString) Size() int               { return cap(l.bytes) }
func (l *largeString) digest(add func([]byte)) { add(l.bytes) }

// NewString returns a string of its own that holds a copy of b, for Put and Edit.
func NewString(b []byte) *String {
	s := &String{kind: TypeString, place: noPlace}
	s.Set(b)
	return s
}

// Type returns TypeString.
func (s *String) Type() Type { return TypeString }

// Encoding returns int, embstr or raw by Redis' rules.
func (s *String) Encoding() string {
	switch {
	case s.is(formInteger):
		return "int"
	case s.is(formBytes) && s.form&flagRaw == 0 && s.Len() <= embeddedLimit:
		return "embstr"
	}
	return "raw"
}

// Len returns the length in bytes.
func (s *String) Len() int {
	switch {
	case s.is(formInteger):
		var digits [20]byte
		return len(strconv.AppendInt(digits[:0], s.integer(), 10))
	case s.is(formLarge):
		return s.object.Len()
	}
	return len(s.tail())
}

// Size returns the memory held beside the entry's own.
func (s *String) Size() int { return (*Entry)(s).size() - entrySize }

// Integer returns the value if it is kept as an integer, which every canonical decimal int64 is.
func (s *String) Integer() (n int64, ok bool) {
	if !s.is(formInteger) {
		return 0, false
	}
	return s.integer(), true
}

// Bytes returns the value. It stays as it is until the string changes; from 16 KiB on its bytes never change. An
// integer is printed, so prefer Integer where that serves.
func (s *String) Bytes() []byte {
	if s.is(formLarge) {
		s.large().lent = true
	}
	return s.peek()
}

// peek is Bytes for who is done with them before the string changes.
func (s *String) peek() []byte {
	switch {
	case s.is(formInteger):
		return strconv.AppendInt(nil, s.integer(), 10)
	case s.is(formLarge):
		return s.large().bytes
	}
	return s.tail()
}

// Set makes the string a copy of b. It allocates only if the bytes do not fit into the room there is, or would leave
// most of it empty.
func (s *String) Set(b []byte) {
	if n, ok := canonicalInt(b); ok {
		s.SetInteger(n)
	} else {
		s.SetText(b)
	}
}

// SetText is Set that keeps a number as text, as INCRBYFLOAT leaves it behind.
func (s *String) SetText(b []byte) {
	if len(b) >= sharedSize {
		s.setLarge(slices.Clone(b))
		return
	}
	s.room(len(b))
	s.data = append(s.data[:s.keyLen], b...)
	s.become(formBytes)
}

// SetInteger makes the string the decimal form of n.
func (s *String) SetInteger(n int64) {
	if !s.is(formInteger) {
		s.room(integerSize)
		s.data = s.data[:s.keyLen+integerSize]
		s.become(formInteger)
	}
	binary.LittleEndian.PutUint64(s.tail(), uint64(n))
}

// Append adds b behind the value and returns the new length, amortised O(len(b)).
func (s *String) Append(b []byte) int {
	s.edit(s.Len() + len(b))
	if s.is(formLarge) {
		large := s.large()
		large.bytes = append(large.bytes, b...)
	} else {
		s.data = append(s.data, b...)
	}
	return s.Len()
}

// SetRange overwrites the bytes from offset on, padding with zeros up to there, and returns the new length.
// Amortised O(len(b)) and the padding, or O(n) when a reply may refer to the value.
func (s *String) SetRange(offset int, b []byte) int {
	s.edit(max(s.Len(), offset+len(b)))
	if s.is(formLarge) {
		s.large().setRange(offset, b)
	} else {
		s.data = overwrite(s.data, int(s.keyLen)+offset, b)
	}
	return s.Len()
}

func (l *largeString) setRange(offset int, b []byte) {
	if l.lent {
		l.bytes = append(make([]byte, 0, max(len(l.bytes), offset+len(b))), l.bytes...)
		l.lent = false
	}
	l.bytes = overwrite(l.bytes, offset, b)
}

// overwrite puts b at offset into dst, which is extended with zeros up to there.
func overwrite(dst []byte, offset int, b []byte) []byte {
	if from, to := len(dst), offset+len(b); to > from {
		dst = slices.Grow(dst, to-from)[:to]
		clear(dst[from:])
	}
	copy(dst[offset:], b)
	return dst
}

// digest gives the value as one part.
func (s *String) digest(add func([]byte)) { add(s.peek()) }

func (s *String) is(f form) bool { return s.form&^flags == f }

func (s *String) integer() int64 { return int64(binary.LittleEndian.Uint64(s.tail())) }

func (s *String) large() *largeString { return s.object.(*largeString) }

// tail is what lies behind the key.
func (s *String) tail() []byte { return s.data[s.keyLen:] }

// become changes the form to one that was set as a whole.
func (s *String) become(f form) {
	s.form = s.form&flagEdited | f
	s.object = nil
}

// room makes sure that n bytes fit behind the key, and that not much more do.
func (s *String) room(n int) {
	need := int(s.keyLen) + n
	if cap(s.data) < need || cap(s.data) > 2*need+embeddedLimit {
		s.data = append(slices.Grow([]byte(nil), need), s.data[:s.keyLen]...)
	}
}

// edit turns the value into bytes that may be changed in place and are about to have the given length.
func (s *String) edit(length int) {
	if s.is(formInteger) {
		var digits [20]byte
		text := strconv.AppendInt(digits[:0], s.integer(), 10)
		s.data = append(s.data[:s.keyLen], text...)
		s.become(formBytes)
	}
	if length >= sharedSize && !s.is(formLarge) {
		s.setLarge(append(make([]byte, 0, length), s.tail()...))
	}
	s.form |= flagRaw
}

// setLarge gives the string memory of its own, which it takes over.
func (s *String) setLarge(b []byte) {
	s.data = append([]byte(nil), s.data[:s.keyLen]...)
	s.become(formLarge)
	s.object = &largeString{bytes: b}
}
