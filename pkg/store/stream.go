package store

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Stream is Redis' stream: entries of fields and values in the order of their IDs, and consumer groups. Entries are held
// in blocks. Adding one is O(1) amortised, finding one O(log n) and a walk through its block. What it hands out are views
// of its memory, valid until the next call on the stream.
type Stream struct {
	blocks chunked[StreamID, streamBlock]
	shelf  *shelf                         // on which new blocks are written; nil in a small stream
	groups chunked[nameKey, *StreamGroup] // by name
	count  int
	size   int
	limit  *streamLimit // its store's, which may change

	first   StreamID // of the first entry that is there; 0-0 if there is none
	last    StreamID // of the last entry that was added
	removed StreamID // greatest of the entries that were deleted one by one
	added   uint64   // entries ever added

	scratch [2][decimalLen]byte // the integers handed out last, printed
}

// streamBytes is the size of a Stream, rounded up as the allocator does.
const streamBytes = int(unsafe.Sizeof(Stream{})+15) &^ 15

// streamLimit bounds the blocks of streams.
type streamLimit struct {
	bytes   int // as a node in Redis, that is with listpackOverhead
	entries int // deleted ones too; math.MaxInt: bytes alone count
}

// largestStreamNode is as many bytes as the fields and values of an entry may have together, and a block at all.
const largestStreamNode = 1 << 30

// mostRoom is the capacity that a block has at most before it is known to need more.
const mostRoom = 4 << 10

// newStreamLimit reads Options.StreamNodeMaxBytes and StreamNodeMaxEntries.
func newStreamLimit(bytes, entries int64) streamLimit {
	m := streamLimit{int(min(bytes, largestStreamNode)), int(min(entries, math.MaxInt))}
	if bytes <= 0 {
		m.bytes = largestStreamNode
	}
	if entries <= 0 {
		m.entries = math.MaxInt
	}
	return m
}

// full reports whether an entry of so many bytes is to go into another block.
func (m *streamLimit) full(b *streamBlock, bytes int) bool {
	h := b.head()
	return len(b.buf)+listpackOverhead+bytes >= m.bytes || h.count+h.deleted >= int64(m.entries)
}

// NewStream returns an empty stream, whose blocks are bounded by what the store's Options say at the time they are written
// to.
func (ks *Keyspace) NewStream() *Stream { return newStream(&ks.store.streamLimit) }

func newStream(limit *streamLimit) *Stream {
	s := &Stream{limit: limit, size: streamBytes}
	s.blocks.total, s.groups.total = &s.size, &s.size
	return s
}

// Type returns TypeStream.
func (s *Stream) Type() Type { return TypeStream }

// Encoding returns "stream".
func (s *Stream) Encoding() string { return "stream" }

// Len returns the number of entries.
func (s *Stream) Len() int { return s.count }

// Size returns the bytes of heap the stream holds with its groups, used or not, in O(1).
func (s *Stream) Size() int { return s.size }

// FirstID returns the ID of the first entry, 0-0 if there is none. LastID returns that of the last entry that was ever
// added, or what SetLastID set.
func (s *Stream) FirstID() StreamID { return s.first }
func (s *Stream) LastID() StreamID  { return s.last }

// MaxDeletedID returns the greatest ID of the entries that Delete removed, 0-0 if there were none.
func (s *Stream) MaxDeletedID() StreamID { return s.removed }

// Added returns how many entries were ever added, of which Len are left.
func (s *Stream) Added() uint64 { return s.added }

// Blocks returns how many blocks hold the entries.
func (s *Stream) Blocks() int { return s.blocks.count }

// SetLastID, SetMaxDeletedID and SetAdded overwrite what the stream remembers of the past, for XSETID.
func (s *Stream) SetLastID(id StreamID)       { s.last = id }
func (s *Stream) SetMaxDeletedID(id StreamID) { s.removed = id }
func (s *Stream) SetAdded(n uint64)           { s.added = n }

// A stream stays when its last entry goes. It is never in the blob of its key.
func (s *Stream) staysEmpty()              {}
func (s *Stream) compactSize() (int, bool) { return 0, false }
func (s *Stream) putCompact([]byte)        {}
func (s *Stream) variant() shape           { return 0 }
func (s *Stream) detached() collection     { return s }
func (s *Stream) onHeap() int              { return s.size }
func (s *Stream) release()                 {}

// FitsStream reports whether an entry of these fields and values is small enough for a stream.
func FitsStream(pairs [][]byte) bool { return pairBytes(pairs) <= largestStreamNode }

func pairBytes(pairs [][]byte) (n int) {
	for _, piece := range pairs {
		n += len(piece)
	}
	return n
}

// Add appends an entry of field, value, field, value … for which FitsStream is true, with an ID above LastID. O(1) amortised,
// beside the entry's own size.
func (s *Stream) Add(id StreamID, pairs [][]byte) {
	b := s.blockFor(id, pairs)
	before := b.buf
	b.add(id, pairs)
	s.resized(b, before)
	s.count++
	s.added++
	s.last = id
	if s.count == 1 {
		s.first = id
	}
}

// blockFor returns the last block, or a new one if that is full.
func (s *Stream) blockFor(id StreamID, pairs [][]byte) *streamBlock {
	room := 0
	if s.blocks.count > 0 {
		b := s.blocks.last()
		if !s.limit.full(b, pairBytes(pairs)) {
			return b
		}
		s.seal(b)
		room = min(len(b.buf)+len(b.buf)/16, mostRoom, s.limit.bytes) // entries are mostly as long as those before
	}
	buf, shelf := s.open(room)
	b := s.blocks.insert(s.blocks.end(), streamBlock{id, buf, shelf})
	b.begin(pairs)
	s.resized(b, buf)
	return b
}

// blockAt returns the place of the block in which an ID is, if it is anywhere at all.
func (s *Stream) blockAt(id StreamID) (p chunkPlace, ok bool) {
	p = s.blocks.seek(id)
	if s.blocks.has(p) && s.blocks.at(p).id == id {
		return p, true
	}
	if p == (chunkPlace{}) {
		return p, false
	}
	return s.blocks.before(p), true
}

// Has reports whether there is an entry with this ID. O(log n) and a walk through a block.
func (s *Stream) Has(id StreamID) bool {
	p, ok := s.blockAt(id)
	if ok {
		_, ok = s.blocks.at(p).find(id)
	}
	return ok
}

// Delete removes an entry and reports whether it was there. O(log n) and a walk through a block.
func (s *Stream) Delete(id StreamID) bool {
	p, ok := s.blockAt(id)
	if !ok {
		return false
	}
	b := s.blocks.at(p)
	e, found := b.find(id)
	if !found {
		return false
	}
	if b.live() == 1 {
		s.dropBlock(p)
	} else {
		before := b.buf
		b.flagDeleted(&e)
		b.countDeleted(1)
		s.resized(b, before)
	}
	s.count--
	if id.Compare(s.removed) > 0 {
		s.removed = id
	}
	if id == s.first {
		s.findFirst()
	}
	return true
}

// findFirst looks for the first entry after it changed.
func (s *Stream) findFirst() {
	s.first = StreamID{}
	s.Range(StreamID{}, MaxStreamID, func(e StreamEntry) bool {
		s.first = e.ID
		return false
	})
}

// LastEntryID returns the ID of the last entry that is there, 0-0 if there is none.
func (s *Stream) LastEntryID() (id StreamID) {
	s.RangeReverse(StreamID{}, MaxStreamID, func(e StreamEntry) bool {
		id = e.ID
		return false
	})
	return id
}

// digest gives all that commands can see of the stream, but for when its consumers were last seen.
func (s *Stream) digest(add func([]byte)) {
	s.Range(StreamID{}, MaxStreamID, func(e StreamEntry) bool {
		add(e.ID.Append(nil))
		e.Each(func(field, value []byte) {
			add(field)
			add(value)
		})
		return true
	})
	add(s.last.Append(nil))
	add(s.removed.Append(nil))
	add(binary.BigEndian.AppendUint64(nil, s.added))
	s.EachGroup(func(g *StreamGroup) bool {
		g.digest(add)
		return true
	})
}
