package proto

import "sync/atomic"

// spares is memory of large arguments that nobody refers to any more, for those to come: a SET of 1 MiB over a value that no
// reply refers to then takes half the CPU time, which page faults and the garbage collector had. What finds no place is left
// to that.
var spares = spareMemory{pieces: make(chan []byte, mostSpare/leastSpare)}

type spareMemory struct {
	pieces chan []byte // sent and received without waiting, by any goroutine
	bytes  atomic.Int64
}

const (
	leastSpare = 64 << 10 // bytes from which on a piece is worth its place
	mostSpare  = 16 << 20 // bytes in all
)

// Recycle gives the memory of b to large arguments that are received later. Nobody else may refer to it. Any goroutine may
// call it.
func Recycle(b []byte) {
	size := int64(cap(b))
	if size < leastSpare || size > provenLimit+crlf {
		return
	}
	if spares.bytes.Add(size) > mostSpare {
		spares.bytes.Add(-size)
		return
	}
	select {
	case spares.pieces <- b[:0]:
	default:
		spares.bytes.Add(-size)
	}
}

// take returns a spare piece, or nil if there is none.
func (s *spareMemory) take() []byte {
	select {
	case b := <-s.pieces:
		s.bytes.Add(-int64(cap(b)))
		return b
	default:
		return nil
	}
}

// drop leaves all pieces to the garbage collector.
func (s *spareMemory) drop() {
	for s.take() != nil {
	}
}

// recycled returns an empty slice with room for n bytes, and at most a 64th more: that counts as the value's. A piece of
// another size is dropped, so that none stays that nobody has a use for.
func recycled(n int) []byte {
	if b := spares.take(); cap(b) >= n && cap(b) <= n+n/64 {
		return b
	}
	return uncleared(n)
}
