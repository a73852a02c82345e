package store

import "bytes"

// clone returns a copy of the stream and its groups. O(n).
func (s *Stream) clone(into *Keyspace) collection { return s.cloneUnder(&into.store.streamLimit) }

func (s *Stream) cloneUnder(limit *streamLimit) *Stream {
	own := newStream(limit)
	own.count, own.first, own.last, own.removed, own.added = s.count, s.first, s.last, s.removed, s.added
	own.blocks = s.blocks.clone(&own.size)
	own.blocks.each(func(b *streamBlock) bool {
		own.adopt(b, b.buf)
		return true
	})
	own.groups = s.groups.clone(&own.size)
	own.groups.each(func(g **StreamGroup) bool {
		*g = (*g).clone(own)
		return true
	})
	return own
}

// clone returns a copy of the group for another stream.
func (g *StreamGroup) clone(into *Stream) *StreamGroup {
	own := &StreamGroup{name: bytes.Clone(g.name), stream: into, last: g.last, read: g.read}
	into.size += groupBytes + cap(own.name)
	own.pending = g.pending.clone(&into.size)
	own.consumers = g.consumers.clone(&into.size)
	own.consumers.each(func(c **StreamConsumer) bool {
		*c = (*c).clone(own)
		return true
	})
	return own
}

// clone returns a copy of the consumer for a copy of its group, in which it takes over what is pending.
func (c *StreamConsumer) clone(into *StreamGroup) *StreamConsumer {
	own := &StreamConsumer{SeenAt: c.SeenAt, ActiveAt: c.ActiveAt, name: bytes.Clone(c.name)}
	into.stream.size += consumerBytes + cap(own.name)
	own.pending = c.pending.clone(&into.stream.size)
	own.pending.each(func(id *StreamID) bool {
		into.pending.get(*id).consumer = own
		return true
	})
	return own
}
