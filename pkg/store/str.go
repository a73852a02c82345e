package store

import (
	"bytes"
	"slices"
	"strconv"
)

// sharedSize is the length in bytes from which a string may be referenced by a reply that is still being written, and is
// taken over from the request that brought it: proto.RefSize.
// Such a string has memory of its own. Once lent, its bytes are never overwritten, only replaced or extended behind
// their end.
const sharedSize = 16 << 10

// embeddedLimit is the longest string that Redis calls embstr.
const embeddedLimit = 44

// String is a Redis string. It is the entry itself seen as its value: a short string's bytes lie in the key's blob, an
// integer as eight bytes so that INCR neither parses nor prints, and a large string is an object.
type String Entry

// largeString is a string from sharedSize bytes on.
type largeString struct {
	bytes []byte
	lent  bool // Bytes has given them out
}

func (*largeString) Type() Type                { return TypeString }
func (*largeString) Encoding() string          { return "raw" }
func (l *largeString) Len() int                { return len(l.bytes) }
func (l *largeString) Size() int               { return cap(l.bytes) + 32 }
func (l *largeString) onHeap() int             { return l.Size() }
func (l *largeString) digest(add func([]byte)) { add(l.bytes) }

// Type returns TypeString.
func (s *String) Type() Type { return TypeString }

// Encoding returns int, embstr or raw by Redis' rules.
func (s *String) Encoding() string {
	switch {
	case s.is(formInteger):
		return "int"
	case s.is(formBytes) && s.head.shape&isRaw == 0 && s.Len() <= embeddedLimit:
		return "embstr"
	}
	return "raw"
}

// Len returns the length in bytes.
func (s *String) Len() int {
	switch {
	case s.is(formInteger):
		var digits [20]byte
		return len(strconv.AppendInt(digits[:0], s.head.integer(), 10))
	case s.is(formObject):
		return s.large().Len()
	}
	return s.head.valueLen()
}

// Size returns the memory held beside the key's blob.
func (s *String) Size() int {
	if s.is(formObject) {
		return s.large().Size()
	}
	return 0
}

// Integer returns the value if it is kept as an integer, which every canonical decimal int64 is.
func (s *String) Integer() (n int64, ok bool) {
	if !s.is(formInteger) {
		return 0, false
	}
	return s.head.integer(), true
}

// Bytes returns the value. It stays as it is until the string changes; from 16 KiB on its bytes never change. An
// integer is printed, so prefer Integer where that serves.
func (s *String) Bytes() []byte {
	if s.is(formObject) {
		s.large().lent = true
	}
	return s.Peek()
}

// Slice returns a part of what Bytes does. A short one is good only until the string changes, and costs a later change
// nothing.
func (s *String) Slice(from, to int) []byte {
	if to-from < sharedSize {
		return s.Peek()[from:to]
	}
	return s.Bytes()[from:to]
}

// Peek is Bytes for who is done with them before the string changes, and lets no reply refer to them: a string that was
// only peeked at can still be changed in place.
func (s *String) Peek() []byte {
	switch {
	case s.is(formInteger):
		return strconv.AppendInt(nil, s.head.integer(), 10)
	case s.is(formObject):
		return s.large().bytes
	}
	return s.head.tail()
}

// Equal reports whether the value is b.
func (s *String) Equal(b []byte) bool {
	if s.is(formInteger) {
		n, ok := canonicalInt(b)
		return ok && n == s.head.integer()
	}
	return bytes.Equal(s.Peek(), b)
}

// Set makes the string hold b: a copy, or from 16 KiB on b itself, as Keyspace.SetString does. It allocates only if the
// bytes do not fit into the room there is, or would leave most of it empty.
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
		s.setLarge(b)
		return
	}
	s.dropLarge()
	s.entry().rewrite(s.entry().retain(shapeOf(TypeString, formBytes)), len(b), func(dst []byte) { copy(dst, b) })
}

// SetInteger makes the string the decimal form of n.
func (s *String) SetInteger(n int64) {
	if !s.is(formInteger) {
		s.dropLarge()
		s.entry().rewrite(s.entry().retain(shapeOf(TypeString, formInteger)), integerSize, func([]byte) {})
	}
	s.head.setInteger(n)
}

// Append adds b behind the value and returns the new length, amortised O(len(b)).
func (s *String) Append(b []byte) int {
	length := s.Len() + len(b)
	if l := s.editable(length); l != nil {
		s.charge(l, func() { l.bytes = append(l.bytes, b...) })
	} else {
		s.edit(length, func(dst []byte) { copy(dst[length-len(b):], b) })
	}
	return length
}

// SetRange overwrites the bytes from offset on, padding with zeros up to there, and returns the new length.
// Amortised O(len(b)) and the padding, or O(n) when a reply may refer to the value.
func (s *String) SetRange(offset int, b []byte) int {
	length := max(s.Len(), offset+len(b))
	s.Update(length, func(value []byte) { copy(value[offset:], b) })
	return length
}

// SetRaw makes the string hold b, which Redis then calls raw whatever it looks like: what a command has computed. From
// 16 KiB on b becomes the value, and nobody else may know it.
func (s *String) SetRaw(b []byte) {
	if len(b) >= sharedSize {
		s.setLarge(b)
		return
	}
	s.Fill(len(b), func(dst []byte) { copy(dst, b) })
}

// Fill makes the string n bytes long, all of which write writes, and raw. A large string's memory is used again if it fits,
// and no reply refers to it.
func (s *String) Fill(n int, write func(dst []byte)) {
	switch {
	case n < sharedSize:
	case s.is(formObject) && s.large().fits(n):
		l := s.large()
		l.bytes = l.bytes[:n]
		write(l.bytes)
		return
	default:
		b := make([]byte, n)
		write(b)
		s.setLarge(b)
		return
	}
	s.dropLarge()
	s.entry().rewrite(s.entry().retain(shapeOf(TypeString, formBytes)|isRaw), n, write)
}

// Update extends the value with zeros if it is shorter than length bytes, and has change edit it in place. Amortised O(1)
// and the padding beside what change does, or O(n) when a reply may refer to the value.
func (s *String) Update(length int, change func(value []byte)) {
	length = max(length, s.Len())
	if l := s.editable(length); l != nil {
		s.charge(l, func() {
			l.own(length)
			l.extend(length)
			change(l.bytes)
		})
	} else {
		s.edit(length, change)
	}
}

// fits reports whether n bytes may overwrite those that are there, and leave little of the memory unused.
func (l *largeString) fits(n int) bool { return !l.lent && n <= cap(l.bytes) && n > cap(l.bytes)/8*7 }

// own makes the bytes ones that no reply refers to.
func (l *largeString) own(room int) {
	if l.lent {
		l.bytes = append(make([]byte, 0, room), l.bytes...)
		l.lent = false
	}
}

// extend appends zeros until the string has the length.
func (l *largeString) extend(length int) {
	if from := len(l.bytes); length > from {
		l.bytes = slices.Grow(l.bytes, length-from)[:length]
		clear(l.bytes[from:])
	}
}

func (s *String) onHeap() int { return s.Size() }

// digest gives the value as one part.
func (s *String) digest(add func([]byte)) { add(s.Peek()) }

func (s *String) entry() *Entry { return (*Entry)(s) }

func (s *String) is(f form) bool { return s.head.shape.form() == f }

func (s *String) large() *largeString { return s.entry().load().(*largeString) }

// editable returns the large string that the value is, or is to become because it is about to have the given length; nil
// if it stays a short one.
func (s *String) editable(length int) *largeString {
	if !s.is(formObject) {
		if length < sharedSize {
			return nil
		}
		s.setLarge(append(make([]byte, 0, length), s.Peek()...))
	}
	return s.large()
}

// charge has the large string changed and accounts for it.
func (s *String) charge(l *largeString, change func()) {
	before := l.Size()
	change()
	s.ks.account.add(l.Size() - before)
}

// edit has a short value changed, behind which there are zeros up to the given length.
func (s *String) edit(length int, change func(value []byte)) {
	if s.is(formBytes) && s.head.valueLen() == length {
		s.head.shape |= isRaw
		change(s.head.tail())
		return
	}
	old := s.Peek()
	s.entry().rewrite(s.entry().retain(shapeOf(TypeString, formBytes)|isRaw), length, func(dst []byte) {
		clear(dst[copy(dst, old):])
		change(dst)
	})
}

// setLarge makes b, which it takes over, the value.
func (s *String) setLarge(b []byte) {
	s.dropLarge()
	s.entry().setObject(TypeString, &largeString{bytes: b})
}

func (s *String) dropLarge() {
	if s.is(formObject) {
		s.entry().dropObject(uncounted(s.large()))
	}
}
