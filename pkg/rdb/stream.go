package rdb

import (
	"encoding/binary"
	"math"

	"snakecache/pkg/store"
)

// A stream is its nodes, what it remembers of the past, and its groups. Redis 7.0 added where it began and what was deleted, 7.2
// when consumers were last active. We write 7.0's form.

func appendStream(dst []byte, s *store.Stream) []byte {
	dst = appendLength(append(dst, typeStream2), uint64(s.Blocks()))
	s.EachNode(func(id store.StreamID, listpack []byte) bool {
		dst = appendRawStreamID(appendLength(dst, 16), id)
		dst = append(appendLength(dst, uint64(len(listpack))), listpack...)
		return true
	})
	dst = appendLength(dst, uint64(s.Len()))
	for _, id := range [...]store.StreamID{s.LastID(), s.FirstID(), s.MaxDeletedID()} {
		dst = appendStreamID(dst, id)
	}
	dst = appendLength(dst, s.Added())
	dst = appendLength(dst, uint64(s.Groups()))
	s.EachGroup(func(g *store.StreamGroup) bool {
		dst = appendGroup(dst, g)
		return true
	})
	return dst
}

func appendGroup(dst []byte, g *store.StreamGroup) []byte {
	dst = appendStreamID(appendString(dst, g.Name()), g.LastID())
	dst = appendLength(dst, uint64(g.Read()))
	dst = appendLength(dst, uint64(g.Pending()))
	g.RangePending(store.StreamID{}, func(e *store.PendingEntry) bool {
		dst = appendUint64(appendRawStreamID(dst, e.ID), uint64(e.DeliveredAt))
		dst = appendLength(dst, uint64(e.Deliveries))
		return true
	})
	dst = appendLength(dst, uint64(g.Consumers()))
	g.EachConsumer(func(c *store.StreamConsumer) bool {
		dst = appendUint64(appendString(dst, c.Name()), uint64(c.SeenAt))
		dst = appendLength(dst, uint64(c.Pending()))
		c.RangePending(g, store.StreamID{}, func(e *store.PendingEntry) bool {
			dst = appendRawStreamID(dst, e.ID)
			return true
		})
		return true
	})
	return dst
}

func appendStreamID(dst []byte, id store.StreamID) []byte {
	return appendLength(appendLength(dst, id.Ms), id.Seq)
}

func appendRawStreamID(dst []byte, id store.StreamID) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, id.Ms), id.Seq)
}

func (r *reader) stream(kind byte, s *store.Stream) *store.Stream {
	r.each(func() {
		key, listpack := r.string(), r.string()
		r.check(len(key) == 16 && s.AddNode(parseStreamID(key), listpack))
	})
	entries, last := r.length(), r.streamID()
	first, deleted, added := s.FirstID(), store.StreamID{}, entries
	if kind != typeStream1 {
		first, deleted, added = r.streamID(), r.streamID(), r.length()
	}
	r.check(entries == uint64(s.Len()) && first == s.FirstID() && last.Compare(s.LastID()) >= 0)
	s.SetLastID(last)
	s.SetMaxDeletedID(deleted)
	s.SetAdded(added)
	r.each(func() { r.group(kind, s) })
	return s
}

// group reads one with its consumers. What is pending comes twice, with all that is known of it and by consumer, and must be
// the same.
func (r *reader) group(kind byte, s *store.Stream) {
	name, last, read := r.string(), r.streamID(), int64(store.UnknownRead)
	if kind != typeStream1 {
		read = int64(r.length())
	}
	if r.err != nil || !s.CreateGroup(name, last, read) {
		r.fail()
		return
	}
	g := s.Group(name)
	r.each(func() {
		id, at, deliveries := r.rawStreamID(), r.milliseconds(), r.length()
		r.check(r.err == nil && deliveries <= math.MaxInt64 && g.RestorePending(id, at, int64(deliveries)))
	})
	r.each(func() { r.consumer(kind, g) })
	r.check(g.Owned())
}

func (r *reader) consumer(kind byte, g *store.StreamGroup) {
	name, seen := r.string(), r.milliseconds()
	active := seen
	if kind == typeStream3 {
		active = r.milliseconds()
	}
	if r.err != nil {
		return
	}
	c := g.CreateConsumer(name, seen)
	if c == nil {
		r.fail()
		return
	}
	c.ActiveAt = active
	r.each(func() { r.check(g.RestoreOwner(r.rawStreamID(), c)) })
}

func (r *reader) milliseconds() int64 { return int64(r.uint(8)) }

// rawStreamID reads one as sixteen bytes.
func (r *reader) rawStreamID() (id store.StreamID) {
	if b := r.take(16); b != nil {
		id = parseStreamID(b)
	}
	return id
}

func parseStreamID(b []byte) store.StreamID {
	return store.StreamID{Ms: binary.BigEndian.Uint64(b), Seq: binary.BigEndian.Uint64(b[8:])}
}

func (r *reader) streamID() store.StreamID { return store.StreamID{Ms: r.length(), Seq: r.length()} }
