package store

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// StreamGroup is a group of consumers that share the entries of a stream among them, each being delivered to one.
type StreamGroup struct {
	name      []byte
	stream    *Stream
	last      StreamID
	read      int64
	pending   chunked[StreamID, PendingEntry]
	consumers chunked[nameKey, *StreamConsumer] // by name
}

// StreamConsumer is one consumer of a group. Times are in unix milliseconds.
type StreamConsumer struct {
	SeenAt   int64 // when it last asked for entries
	ActiveAt int64 // when it last got any; NeverActive if it never did
	name     []byte
	pending  chunked[StreamID, StreamID]
}

// PendingEntry is an entry that was delivered to a consumer, which has not acknowledged it.
type PendingEntry struct {
	ID          StreamID
	DeliveredAt int64 // unix milliseconds of the last time
	Deliveries  int64
	consumer    *StreamConsumer
}

const (
	// NeverActive is when a consumer was last active that never got an entry.
	NeverActive = -1
	// UnknownRead is how many entries a group has read if that cannot be said.
	UnknownRead = -1

	groupBytes    = int(unsafe.Sizeof(StreamGroup{})+15) &^ 15
	consumerBytes = int(unsafe.Sizeof(StreamConsumer{})+15) &^ 15
)

func (g *StreamGroup) key() nameKey                { return g.name }
func (g *StreamGroup) compare(name nameKey) int    { return bytes.Compare(g.name, name) }
func (c *StreamConsumer) key() nameKey             { return c.name }
func (c *StreamConsumer) compare(name nameKey) int { return bytes.Compare(c.name, name) }
func (e PendingEntry) key() StreamID               { return e.ID }
func (e PendingEntry) compare(id StreamID) int     { return e.ID.Compare(id) }

// Groups returns the number of consumer groups, Group the one with a name, or nil. O(log n).
func (s *Stream) Groups() int { return s.groups.count }

func (s *Stream) Group(name []byte) *StreamGroup {
	if g := s.groups.get(name); g != nil {
		return *g
	}
	return nil
}

// EachGroup yields the groups in the order of their names until yield returns false.
func (s *Stream) EachGroup(yield func(g *StreamGroup) bool) {
	s.groups.each(func(g **StreamGroup) bool { return yield(*g) })
}

// CreateGroup makes a group that has been delivered the entries up to last, of which there were read, or UnknownRead. It
// is false if there is one with this name.
func (s *Stream) CreateGroup(name []byte, last StreamID, read int64) bool {
	p, found := s.groups.find(name)
	if found {
		return false
	}
	g := &StreamGroup{name: bytes.Clone(name), stream: s, last: last, read: read}
	g.pending.total, g.consumers.total = &s.size, &s.size
	s.groups.insert(p, g)
	s.size += groupBytes + cap(g.name)
	return true
}

// DestroyGroup removes a group with all that is pending in it, and reports whether there was one. O(n) for its consumers.
func (s *Stream) DestroyGroup(name []byte) bool {
	p, found := s.groups.find(name)
	if !found {
		return false
	}
	s.size -= (*s.groups.at(p)).bytes()
	s.groups.remove(p)
	return true
}

// bytes returns the memory the group holds. O(n) for its consumers.
func (g *StreamGroup) bytes() int {
	n := groupBytes + cap(g.name) + g.consumers.bytes() + g.pending.bytes()
	g.EachConsumer(func(c *StreamConsumer) bool {
		n += c.bytes()
		return true
	})
	return n
}

// Name returns the group's name, LastID the ID of the last entry delivered to it, and Read how many entries were added to
// the stream up to that one, or UnknownRead.
func (g *StreamGroup) Name() []byte     { return g.name }
func (g *StreamGroup) LastID() StreamID { return g.last }
func (g *StreamGroup) Read() int64      { return g.read }

// Pending returns how many entries are pending, Consumers how many consumers there are.
func (g *StreamGroup) Pending() int   { return g.pending.count }
func (g *StreamGroup) Consumers() int { return g.consumers.count }

// SetLastID makes the group go on behind an entry, and SetRead says how many were read up to there.
func (g *StreamGroup) SetLastID(id StreamID) { g.last = id }
func (g *StreamGroup) SetRead(read int64)    { g.read = read }

// Advance notes that an entry behind the last one was delivered.
func (g *StreamGroup) Advance(id StreamID) {
	s := g.stream
	switch {
	case g.read != UnknownRead && g.last.Compare(s.first) >= 0 && !s.hasTombstonesFrom(g.last):
		g.read++
	case s.added > 0:
		g.read = s.readUpTo(id)
	}
	g.last = id
}

// Lag returns how many entries the group has not read yet, if that is known.
func (g *StreamGroup) Lag() (n int64, ok bool) {
	s := g.stream
	read := g.read
	switch {
	case s.count == 0:
		return 0, true
	case g.last.Compare(s.first) < 0 && s.removed.Compare(s.first) < 0:
		return int64(s.count), true
	case read == UnknownRead || s.hasTombstonesFrom(g.last):
		if read = s.readUpTo(g.last); read == UnknownRead {
			return 0, false
		}
	}
	return int64(s.added) - read, true
}

// hasTombstonesFrom reports whether the last entry deleted by itself was at or behind an ID.
func (s *Stream) hasTombstonesFrom(id StreamID) bool {
	return s.count > 0 && !s.removed.IsZero() && id.Compare(s.removed) <= 0
}

// readUpTo estimates how many entries were added up to one, or UnknownRead.
func (s *Stream) readUpTo(id StreamID) int64 {
	last, first := id.Compare(s.last), id.Compare(s.first)
	switch {
	case s.added == 0:
		return 0
	case s.count == 0 && last <= 0:
		return int64(s.added)
	case !id.IsZero() && id.Compare(s.removed) < 0:
		return UnknownRead
	case last == 0:
		return int64(s.added)
	case last > 0:
		return UnknownRead
	case !s.removed.IsZero() && s.removed.Compare(s.first) >= 0:
		return UnknownRead
	case first < 0:
		return int64(s.added) - int64(s.count)
	case first == 0:
		return int64(s.added) - int64(s.count) + 1
	}
	return UnknownRead
}

// Consumer returns the consumer with a name, or nil. O(log n).
func (g *StreamGroup) Consumer(name []byte) *StreamConsumer {
	if c := g.consumers.get(name); c != nil {
		return *c
	}
	return nil
}

// EachConsumer yields the consumers in the order of their names until yield returns false.
func (g *StreamGroup) EachConsumer(yield func(c *StreamConsumer) bool) {
	g.consumers.each(func(c **StreamConsumer) bool { return yield(*c) })
}

// CreateConsumer makes a consumer that was seen now, in unix milliseconds. It returns nil if there is one with this name.
func (g *StreamGroup) CreateConsumer(name []byte, now int64) *StreamConsumer {
	p, found := g.consumers.find(name)
	if found {
		return nil
	}
	c := &StreamConsumer{name: bytes.Clone(name), SeenAt: now, ActiveAt: NeverActive}
	c.pending.total = &g.stream.size
	g.consumers.insert(p, c)
	g.stream.size += c.bytes()
	return c
}

// DeleteConsumer removes a consumer with all that is pending for it, and returns how much that was; false if there is no
// such consumer. O(n log m) for n entries of m pending in the group.
func (g *StreamGroup) DeleteConsumer(name []byte) (pending int, existed bool) {
	p, found := g.consumers.find(name)
	if !found {
		return 0, false
	}
	c := *g.consumers.at(p)
	c.pending.each(func(id *StreamID) bool {
		at, _ := g.pending.find(*id)
		g.pending.remove(at)
		return true
	})
	g.stream.size -= c.bytes()
	g.consumers.remove(p)
	return c.pending.count, true
}

// Name returns the consumer's name, Pending how many entries are pending for it.
func (c *StreamConsumer) Name() []byte { return c.name }
func (c *StreamConsumer) Pending() int { return c.pending.count }

// bytes returns the memory the consumer holds.
func (c *StreamConsumer) bytes() int { return consumerBytes + cap(c.name) + c.pending.bytes() }

// RangePending yields what is pending for the consumer of a group from an ID on, until yield returns false, which may
// change the entries but not which there are. O(log n) for each that does not follow the one before in the group, too.
func (c *StreamConsumer) RangePending(g *StreamGroup, from StreamID, yield func(e *PendingEntry) bool) {
	at := g.pending.end()
	c.pending.eachFrom(c.pending.seek(from), func(id *StreamID) bool {
		if !g.pending.has(at) || g.pending.at(at).ID != *id {
			at = g.pending.seek(*id)
		}
		e := g.pending.at(at)
		at = g.pending.next(at)
		return yield(e)
	})
}

// Consumer returns the one the entry was delivered to.
func (e *PendingEntry) Consumer() *StreamConsumer { return e.consumer }

// PendingWith returns the pending entry with an ID, or nil; NextPending the first one whose ID is not smaller, or nil. They
// are good until another entry is delivered or acknowledged. O(log n).
func (g *StreamGroup) PendingWith(id StreamID) *PendingEntry { return g.pending.get(id) }

func (g *StreamGroup) NextPending(from StreamID) *PendingEntry {
	p := g.pending.seek(from)
	if !g.pending.has(p) {
		return nil
	}
	return g.pending.at(p)
}

// RangePending yields what is pending in the group from an ID on, as RangePending of a consumer does. O(log n) to the first.
func (g *StreamGroup) RangePending(from StreamID, yield func(e *PendingEntry) bool) {
	g.pending.eachFrom(g.pending.seek(from), yield)
}

// PendingRange returns the IDs of the first and the last pending entry, of which there must be one.
func (g *StreamGroup) PendingRange() (first, last StreamID) {
	return g.pending.at(chunkPlace{}).ID, g.pending.last().ID
}

// Deliver notes that an entry was delivered to a consumer now, in unix milliseconds, for the first time: whoever has it
// pending loses it. O(log n).
func (g *StreamGroup) Deliver(id StreamID, c *StreamConsumer, now int64) *PendingEntry {
	var e *PendingEntry
	if p, found := g.pending.find(id); found {
		e = g.pending.at(p)
	} else {
		e = g.pending.insert(p, PendingEntry{ID: id})
	}
	g.Assign(e, c)
	e.DeliveredAt, e.Deliveries = now, 1
	return e
}

// Assign makes a pending entry that of another consumer. O(log n).
func (g *StreamGroup) Assign(e *PendingEntry, c *StreamConsumer) {
	if e.consumer == c {
		return
	}
	if e.consumer != nil {
		e.consumer.drop(e.ID)
	}
	c.pending.insert(c.pending.seek(e.ID), e.ID)
	e.consumer = c
}

func (c *StreamConsumer) drop(id StreamID) {
	p, _ := c.pending.find(id)
	c.pending.remove(p)
}

// Acknowledge removes a pending entry and reports whether there was one. O(log n).
func (g *StreamGroup) Acknowledge(id StreamID) bool {
	p, found := g.pending.find(id)
	if found {
		g.pending.at(p).consumer.drop(id)
		g.pending.remove(p)
	}
	return found
}

func (g *StreamGroup) digest(add func([]byte)) {
	add(g.name)
	add(g.last.Append(nil))
	add(binary.BigEndian.AppendUint64(nil, uint64(g.read)))
	g.EachConsumer(func(c *StreamConsumer) bool {
		add(c.name)
		return true
	})
	g.pending.each(func(e *PendingEntry) bool {
		add(e.ID.Append(nil))
		add(e.consumer.name)
		add(binary.BigEndian.AppendUint64(nil, uint64(e.DeliveredAt)))
		add(binary.BigEndian.AppendUint64(nil, uint64(e.Deliveries)))
		return true
	})
}
