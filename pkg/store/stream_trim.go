package store

// StreamTrim says which entries at the head of a stream go: those beyond a length, or those with smaller IDs.
type StreamTrim struct {
	ByID   bool
	MaxLen uint64   // entries to leave
	MinID  StreamID // the first ID to leave, if ByID
	Approx bool     // only whole blocks go, so that some more entries stay
	Limit  int64    // most entries to remove, unless it is 0
}

// StreamTrimLimit returns how many entries an approximate trim removes at most that names no limit, for it not to take
// long: those of 100 full blocks, or 10,000 if that is no number, as where it overflows.
func (ks *Keyspace) StreamTrimLimit() int64 {
	limit := 100 * ks.store.options.StreamNodeMaxEntries
	if limit <= 0 {
		return 10_000
	}
	return min(limit, 1_000_000)
}

// Trim removes entries and returns how many. O(n) for the n blocks removed, and the length of one more block unless
// Approx.
func (s *Stream) Trim(t StreamTrim) (removed int64) {
	for s.blocks.count > 0 && (t.ByID || uint64(s.count) > t.MaxLen) {
		b := s.blocks.at(chunkPlace{})
		n := b.live()
		if t.Limit > 0 && removed+n > t.Limit {
			break
		}
		if !t.takes(s, b, n) {
			if !t.Approx {
				removed += s.trimBlock(b, &t)
			}
			break
		}
		s.dropBlock(chunkPlace{})
		s.count -= int(n)
		removed += n
	}
	if removed > 0 {
		s.findFirst()
	}
	return removed
}

// takes reports whether the first block goes as a whole, of which n entries are there.
func (t *StreamTrim) takes(s *Stream, b *streamBlock, n int64) bool {
	if t.ByID {
		return b.lastID().Compare(t.MinID) < 0
	}
	return uint64(s.count)-uint64(n) >= t.MaxLen
}

// trimBlock removes entries from the head of the first block.
func (s *Stream) trimBlock(b *streamBlock, t *StreamTrim) (removed int64) {
	before := b.buf
	h := b.head()
	for at := h.body; at < len(b.buf); {
		e := b.entry(&h, at)
		if t.ByID && e.id.Compare(t.MinID) >= 0 || !t.ByID && uint64(s.count) <= t.MaxLen {
			break
		}
		if !e.deleted() {
			b.flagDeleted(&e)
			s.count--
			removed++
		}
		at = b.behind(&e)
	}
	b.countDeleted(removed)
	s.resized(b, before)
	return removed
}
