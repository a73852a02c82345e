package store

import (
	"encoding/binary"
	"math"
)

// EachNode yields the blocks in order as Redis serializes them, the ID of a block's first entry with a listpack, until yield
// returns false. The listpack is good until yield returns.
func (s *Stream) EachNode(yield func(id StreamID, listpack []byte) bool) {
	var buf []byte
	s.blocks.each(func(b *streamBlock) bool {
		buf = binary.LittleEndian.AppendUint32(buf[:0], uint32(listpackHeader+len(b.buf)+1))
		buf = binary.LittleEndian.AppendUint16(buf, uint16(min(b.pieces(), math.MaxUint16)))
		buf = append(append(buf, b.buf...), listpackEnd)
		return yield(b.id, buf)
	})
}

// pieces counts the packed entries of a block. O(n).
func (b *streamBlock) pieces() (n int) {
	for at := 0; at < len(b.buf); at += packedSize(b.buf[at:]) {
		n++
	}
	return n
}

// AddNode appends a copy of a node that EachNode or a Redis has made, and reports whether it is one and lies behind those that
// are there. What the stream remembers of the past is to be set when all are there: SetLastID, SetMaxDeletedID, SetAdded.
func (s *Stream) AddNode(id StreamID, listpack []byte) bool {
	entries, _, ok := listpackEntries(listpack)
	if !ok || id.IsZero() || checkStreamBlock(id, entries) != nil || s.blocks.count > 0 && id.Compare(s.blocks.last().lastID()) <= 0 {
		return false
	}
	if s.blocks.count > 0 {
		s.seal(s.blocks.last())
	}
	b := s.blocks.insert(s.blocks.end(), streamBlock{id: id})
	s.adopt(b, entries)
	s.count += int(b.live())
	if s.first.IsZero() {
		s.walk(b, StreamID{}, MaxStreamID, func(e StreamEntry) bool {
			s.first = e.ID
			return false
		})
	}
	s.last = b.lastID()
	return true
}

// RestorePending makes an entry pending of which the consumer is to be told by RestoreOwner, and reports whether it was not
// pending yet. RestoreOwner reports whether it was, and had no consumer. Nothing else may be done with the group until every
// pending entry has one, which Owned tells. O(log n), and O(n) for Owned.
func (g *StreamGroup) RestorePending(id StreamID, deliveredAt, deliveries int64) bool {
	p, found := g.pending.find(id)
	if !found {
		g.pending.insert(p, PendingEntry{ID: id, DeliveredAt: deliveredAt, Deliveries: deliveries})
	}
	return !found
}

// RestoreOwner makes a consumer that of an entry that RestorePending made.
func (g *StreamGroup) RestoreOwner(id StreamID, c *StreamConsumer) bool {
	e := g.pending.get(id)
	if e == nil || e.consumer != nil {
		return false
	}
	g.Assign(e, c)
	return true
}

// Owned reports whether every pending entry has a consumer.
func (g *StreamGroup) Owned() bool {
	owned := 0
	g.EachConsumer(func(c *StreamConsumer) bool {
		owned += c.pending.count
		return true
	})
	return owned == g.pending.count
}
