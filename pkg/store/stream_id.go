package store

import (
	"cmp"
	"math"
	"strconv"
)

// StreamID names an entry of a stream: a time in unix milliseconds and a number among the entries of that time. IDs of
// a stream ascend.
type StreamID struct{ Ms, Seq uint64 }

// MaxStreamID is the last ID there can be.
var MaxStreamID = StreamID{math.MaxUint64, math.MaxUint64}

// maxStreamIDLen is the length of the longest ID, written out.
const maxStreamIDLen = 20 + 1 + 20

// Compare returns a negative number if id comes before other, a positive one if behind it.
func (id StreamID) Compare(other StreamID) int {
	if id.Ms != other.Ms {
		return cmp.Compare(id.Ms, other.Ms)
	}
	return cmp.Compare(id.Seq, other.Seq)
}

func (id StreamID) key() StreamID              { return id }
func (id StreamID) prefix() uint64             { return id.Ms }
func (id StreamID) compare(other StreamID) int { return id.Compare(other) }

// IsZero reports whether the ID is 0-0, which no entry has.
func (id StreamID) IsZero() bool { return id == StreamID{} }

// Next returns the ID behind id; behind the last one there is none.
func (id StreamID) Next() (next StreamID, ok bool) {
	switch {
	case id.Seq < math.MaxUint64:
		return StreamID{id.Ms, id.Seq + 1}, true
	case id.Ms < math.MaxUint64:
		return StreamID{id.Ms + 1, 0}, true
	}
	return StreamID{}, false
}

// Prev returns the ID before id; before 0-0 there is none.
func (id StreamID) Prev() (prev StreamID, ok bool) {
	switch {
	case id.Seq > 0:
		return StreamID{id.Ms, id.Seq - 1}, true
	case id.Ms > 0:
		return StreamID{id.Ms - 1, math.MaxUint64}, true
	}
	return MaxStreamID, false
}

// NextAt returns the ID that follows id for an entry added at a time of unix milliseconds: that time, or Next if this is not
// past.
func (id StreamID) NextAt(ms uint64) (next StreamID, ok bool) {
	if ms > id.Ms {
		return StreamID{ms, 0}, true
	}
	return id.Next()
}

// Append writes the ID out, as 1526919030474-55.
func (id StreamID) Append(dst []byte) []byte {
	dst = strconv.AppendUint(dst, id.Ms, 10)
	return strconv.AppendUint(append(dst, '-'), id.Seq, 10)
}

func (id StreamID) String() string { return string(id.Append(make([]byte, 0, maxStreamIDLen))) }
