package store

// StreamEntry is one entry of a stream: a view of its memory, valid until the next call on the stream.
type StreamEntry struct {
	ID     StreamID
	fields int
	names  []byte // the fields packed, if they are apart from the values
	values []byte // the values packed, or fields and values by turns; more may follow
	stream *Stream
}

// Len returns the number of fields.
func (e StreamEntry) Len() int { return e.fields }

// Each yields every field with its value, in the order in which they were given.
func (e StreamEntry) Each(yield func(field, value []byte)) {
	from, n := &e.values, 0
	if e.names != nil {
		from = &e.names
	}
	for range e.fields {
		var field, value []byte
		field, n = unpack(*from, &e.stream.scratch[0])
		*from = (*from)[n:]
		value, n = unpack(e.values, &e.stream.scratch[1])
		e.values = e.values[n:]
		yield(field, value)
	}
}

// view makes an entry of a block one to be handed out.
func (s *Stream) view(b *streamBlock, h *blockHead, e *blockEntry) StreamEntry {
	entry := StreamEntry{ID: e.id, fields: e.fields, values: b.buf[e.body:], stream: s}
	if e.flags&entrySameFields != 0 {
		entry.names = h.names
	}
	return entry
}

// Range yields the entries from start to end, both included, until yield returns false. O(log n) and a walk through a
// block to the first.
func (s *Stream) Range(start, end StreamID, yield func(e StreamEntry) bool) {
	p, _ := s.blockAt(start)
	for ; s.blocks.has(p); p = s.blocks.next(p) {
		if b := s.blocks.at(p); b.id.Compare(end) > 0 || !s.walk(b, start, end, yield) {
			return
		}
	}
}

// walk yields the entries of one block, and reports whether to go on with the next.
func (s *Stream) walk(b *streamBlock, start, end StreamID, yield func(e StreamEntry) bool) bool {
	h := b.head()
	for at := h.body; at < len(b.buf); {
		e := b.entry(&h, at)
		switch {
		case e.id.Compare(end) > 0:
			return false
		case e.deleted() || e.id.Compare(start) < 0:
		case !yield(s.view(b, &h, &e)):
			return false
		}
		at = b.behind(&e)
	}
	return true
}

// RangeReverse yields the entries from end down to start, both included, until yield returns false. O(log n) and a walk
// through a block to the first.
func (s *Stream) RangeReverse(start, end StreamID, yield func(e StreamEntry) bool) {
	p, ok := s.blockAt(end)
	for ok && s.walkBack(s.blocks.at(p), start, end, yield) {
		if ok = p != (chunkPlace{}); ok {
			p = s.blocks.before(p)
		}
	}
}

// walkBack is walk from the end of the block.
func (s *Stream) walkBack(b *streamBlock, start, end StreamID, yield func(e StreamEntry) bool) bool {
	h := b.head()
	for at, ok := b.entryBefore(len(b.buf)); ok; at, ok = b.entryBefore(at) {
		e := b.entry(&h, at)
		switch {
		case e.id.Compare(start) < 0:
			return false
		case e.deleted() || e.id.Compare(end) > 0:
		case !yield(s.view(b, &h, &e)):
			return false
		}
	}
	return true
}
