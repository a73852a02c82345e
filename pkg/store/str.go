package store

import "strconv"

// sharedSize is the length in bytes from which a string may be referenced by a reply that is still being
// written. From there on its bytes are never overwritten, only replaced or extended behind their end.
const sharedSize = 16 << 10

// embeddedLimit is the longest string that Redis calls embstr.
const embeddedLimit = 44

// String is a Redis string: bytes, or an integer kept as one so that INCR neither parses nor prints.
type String struct {
	bytes   []byte
	integer int64
	form    form
}

type form uint8

const (
	formBytes   form = iota
	formInteger      // integer holds the value, bytes only spare room
	formEdited       // bytes that were edited in place, which Redis calls raw whatever their length
)

// NewString returns a string that holds a copy of b.
func NewString(b []byte) *String {
	s := new(String)
	s.Set(b)
	return s
}

func (s *String) Type() Type { return TypeString }

// Encoding returns int, embstr or raw by Redis' rules.
func (s *String) Encoding() string {
	switch {
	case s.form == formInteger:
		return "int"
	case s.form == formBytes && len(s.bytes) <= embeddedLimit:
		return "embstr"
	}
	return "raw"
}

// Len returns the length in bytes.
func (s *String) Len() int {
	if s.form == formInteger {
		var digits [20]byte
		return len(strconv.AppendInt(digits[:0], s.integer, 10))
	}
	return len(s.bytes)
}

func (s *String) Size() int { return cap(s.bytes) }

// Integer returns the value if it is kept as an integer, which every canonical decimal int64 is.
func (s *String) Integer() (n int64, ok bool) { return s.integer, s.form == formInteger }

// Bytes returns the value. It stays as it is until the string changes; from 16 KiB on its bytes never change.
// An integer is printed, so prefer Integer where that serves.
func (s *String) Bytes() []byte {
	if s.form == formInteger {
		return strconv.AppendInt(nil, s.integer, 10)
	}
	return s.bytes
}

// Set makes the string a copy of b. It allocates only if the bytes do not fit into the room there is, or would
// leave most of it empty.
func (s *String) Set(b []byte) {
	if n, ok := canonicalInt(b); ok {
		s.SetInteger(n)
		return
	}
	s.form = formBytes
	if room := cap(s.bytes); len(b) > room || room >= sharedSize || room > 2*len(b)+32 {
		s.bytes = make([]byte, 0, len(b))
	}
	s.bytes = append(s.bytes[:0], b...)
}

// SetInteger makes the string the decimal form of n.
func (s *String) SetInteger(n int64) {
	s.integer, s.form = n, formInteger
	if cap(s.bytes) > embeddedLimit {
		s.bytes = nil
	}
}

// Append adds b behind the value and returns the new length, amortised O(len(b)).
func (s *String) Append(b []byte) int {
	s.edit()
	s.bytes = append(s.bytes, b...)
	return len(s.bytes)
}

// SetRange overwrites the bytes from offset on, padding with zeros up to there, and returns the new length.
// O(len(b)), or O(n) when the value is so long that a reply may refer to it.
func (s *String) SetRange(offset int, b []byte) int {
	s.edit()
	if len(s.bytes) >= sharedSize {
		s.bytes = append(make([]byte, 0, max(len(s.bytes), offset+len(b))), s.bytes...)
	}
	if missing := offset + len(b) - len(s.bytes); missing > 0 {
		s.bytes = append(s.bytes, make([]byte, missing)...)
	}
	copy(s.bytes[offset:], b)
	return len(s.bytes)
}

// edit turns the value into bytes that may be changed in place.
func (s *String) edit() {
	if s.form == formInteger {
		s.bytes = strconv.AppendInt(s.bytes[:0], s.integer, 10)
	}
	s.form = formEdited
}

func (s *String) digest(add func([]byte)) { add(s.Bytes()) }
