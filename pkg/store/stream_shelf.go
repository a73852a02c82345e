package store

import (
	"bytes"
	"slices"
	"unsafe"
)

// shelf is memory that blocks of a large stream share, written one behind the other: so none has room that it does not use,
// where one alone takes what the allocator has next, up to an eighth more. The last block of a stream is open: it begins where
// the shelf's room begins, and takes its share of that when it is full.
type shelf struct {
	room  []byte // what no full block has taken
	size  int
	live  int      // bytes of the full blocks that are still there
	first StreamID // of the first full block that ever was
}

const (
	largestShelf = 64 << 10
	shelfShare   = 8 // part of the stream that a new shelf is at most: it is empty
	shelfBlocks  = 8 // blocks for which it has room at least: about half of one is left over
	shelfBytes   = int(unsafe.Sizeof(shelf{})+15) &^ 15
)

// hasOpen reports whether a block is the open one of its shelf.
func (sh *shelf) hasOpen(block []byte) bool { return liesIn(block, sh.room) }

// open returns memory for a new block behind the last one, which is full, and the shelf that it is on; nil if the block has it
// for itself. Probably it will have n bytes, and that many are there.
func (s *Stream) open(n int) ([]byte, *shelf) {
	if s.shelf == nil || len(s.shelf.room) < n {
		s.changeShelf(min(s.size/shelfShare, largestShelf), n)
	}
	if s.shelf != nil {
		return s.shelf.room[:0], s.shelf
	}
	buf := slices.Grow([]byte(nil), n)
	s.size += cap(buf)
	return buf, nil
}

// changeShelf gives the stream another shelf, or none if so many bytes are too few for blocks of n bytes. No block may be open.
func (s *Stream) changeShelf(size, n int) {
	old := s.shelf
	s.shelf = nil
	if n > 0 && size >= shelfBlocks*n {
		room := slices.Grow([]byte(nil), size)
		s.shelf = &shelf{room: room[:cap(room)], size: cap(room)}
		s.size += shelfBytes + cap(room)
	}
	if old != nil {
		s.tidy(old)
	}
}

// seal drops the room of a block that is full. What is left of it on a shelf is the next one's.
func (s *Stream) seal(b *streamBlock) {
	before, n := b.buf, len(b.buf)
	sh := b.shelf
	switch {
	case sh == nil && cap(b.buf)-n > n/8:
		b.buf = bytes.Clone(b.buf)
		s.resized(b, before)
	case sh != nil && sh.hasOpen(b.buf):
		b.buf, sh.room = b.buf[:n:n], sh.room[n:]
		sh.live += n
		if sh.first.IsZero() {
			sh.first = b.id
		}
	}
}

// adopt makes a block hold a copy of entries. No block may be open.
func (s *Stream) adopt(b *streamBlock, entries []byte) {
	buf, shelf := s.open(len(entries))
	b.buf, b.shelf = append(buf, entries...), shelf
	s.seal(b)
}

// resized accounts for what a change made of a block's memory. One that has outgrown its place on a shelf has memory for itself
// now.
func (s *Stream) resized(b *streamBlock, before []byte) {
	if sh := b.shelf; sh == nil {
		s.size += cap(b.buf) - cap(before)
	} else if !liesIn(b.buf, before[:cap(before)]) {
		b.shelf = nil
		s.size += cap(b.buf)
		s.leave(sh, before)
	}
}

// leave takes the memory of a block from its shelf.
func (s *Stream) leave(sh *shelf, block []byte) {
	if !sh.hasOpen(block) {
		sh.live -= cap(block)
		s.tidy(sh)
	}
}

// dropBlock removes a block with all that is in it.
func (s *Stream) dropBlock(p chunkPlace) {
	b := *s.blocks.at(p)
	s.blocks.remove(p)
	if b.shelf == nil {
		s.size -= cap(b.buf)
	} else {
		s.leave(b.shelf, b.buf)
	}
	if s.shelf != nil && s.shelf.size > s.size/2 {
		s.giveUpShelf()
	}
}

// giveUpShelf is for a stream that has become so small that its shelf is more than half of it.
func (s *Stream) giveUpShelf() {
	if s.blocks.count > 0 {
		s.seal(s.blocks.last())
	}
	s.changeShelf(0, 0)
}

// tidy gives back a shelf that is less than half full and gets no more blocks: those that are left on it get memory for
// themselves. O(n) for the blocks of one shelf.
func (s *Stream) tidy(sh *shelf) {
	if sh.live >= sh.size/2 || sh == s.shelf {
		return
	}
	s.size -= shelfBytes + sh.size
	for p := s.blocks.seek(sh.first); sh.live > 0; p = s.blocks.next(p) {
		if b := s.blocks.at(p); b.shelf == sh {
			sh.live -= cap(b.buf)
			b.buf, b.shelf = bytes.Clone(b.buf), nil
			s.size += cap(b.buf)
		}
	}
}
