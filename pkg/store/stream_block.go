package store

import "slices"

// streamBlock is a run of entries in one pointer-free buffer, in the layout of the nodes of Redis' streams, so that a
// dump is a copy. It is a sequence of packed entries (see packed.go), and begins with
//
//	count  deleted  number of fields  field … field  0
//
// where count is that of the entries that are there, and the fields are those of the first one. Each entry is
//
//	flags  ms  seq  value … value  pieces
//	flags  ms  seq  number of fields  field value … field value  pieces
//
// in the first form if its fields are those at the beginning of the block. ms and seq are the differences to the block's
// ID; pieces says how many packed entries there were, to be walked backwards. An entry that is deleted is only flagged.
type streamBlock struct {
	id    StreamID // of the first entry
	buf   []byte
	shelf *shelf // in which buf lies; nil if it is the block's own
}

const (
	entryDeleted    = 1 << 0
	entrySameFields = 1 << 1
)

func (b streamBlock) key() StreamID           { return b.id }
func (b streamBlock) compare(id StreamID) int { return b.id.Compare(id) }

// blockHead is the beginning of a block.
type blockHead struct {
	count, deleted int64
	deletedAt      int    // where the count of the deleted is
	fields         int    // of the first entry
	names          []byte // the same, packed
	namesAt        int
	body           int // where the first entry begins
}

func (b *streamBlock) head() (h blockHead) {
	var fields int64
	h.count, h.deletedAt = readInt(b.buf, 0)
	h.deleted, h.namesAt = readInt(b.buf, h.deletedAt)
	fields, h.namesAt = readInt(b.buf, h.namesAt)
	h.fields = int(fields)
	end := skipPacked(b.buf, h.namesAt, h.fields)
	h.names = b.buf[h.namesAt:end]
	h.body = skipPacked(b.buf, end, 1)
	return h
}

// live returns how many entries there are that are not deleted.
func (b *streamBlock) live() int64 {
	n, _ := readInt(b.buf, 0)
	return n
}

// blockEntry is one entry of a block, deleted or not.
type blockEntry struct {
	id     StreamID
	flags  int64
	at     int // where it begins
	fields int
	body   int // where its values begin, or its fields and values
}

func (e *blockEntry) deleted() bool { return e.flags&entryDeleted != 0 }

// pieces returns how many packed entries its fields and values are.
func (e *blockEntry) pieces() int {
	if e.flags&entrySameFields != 0 {
		return e.fields
	}
	return 2 * e.fields
}

// entry reads the entry that begins at offset at.
func (b *streamBlock) entry(h *blockHead, at int) (e blockEntry) {
	e.at, e.fields = at, h.fields
	var ms, seq int64
	e.flags, at = readInt(b.buf, at)
	ms, at = readInt(b.buf, at)
	seq, at = readInt(b.buf, at)
	e.id = StreamID{b.id.Ms + uint64(ms), b.id.Seq + uint64(seq)}
	if e.flags&entrySameFields == 0 {
		var fields int64
		fields, at = readInt(b.buf, at)
		e.fields = int(fields)
	}
	e.body = at
	return e
}

// behind returns where the entry ends.
func (b *streamBlock) behind(e *blockEntry) int { return skipPacked(b.buf, e.body, e.pieces()+1) }

// entryBefore returns where the entry begins that ends at offset end; false if that is where the first one begins.
func (b *streamBlock) entryBefore(end int) (at int, ok bool) {
	end -= lastPacked(b.buf[:end])
	pieces, _ := readInt(b.buf, end)
	for range pieces {
		end -= lastPacked(b.buf[:end])
	}
	return end, pieces > 0
}

// lastID returns the ID of the last entry, be it deleted.
func (b *streamBlock) lastID() StreamID {
	h := b.head()
	at, _ := b.entryBefore(len(b.buf))
	return b.entry(&h, at).id
}

// begin writes the beginning of an empty block for an entry with these fields, without the entry.
func (b *streamBlock) begin(pairs [][]byte) {
	buf := appendInt(b.buf, 0)
	buf = appendInt(appendInt(buf, 0), int64(len(pairs)/2))
	for i := 0; i < len(pairs); i += 2 {
		buf = appendPacked(buf, pairs[i])
	}
	b.buf = appendInt(buf, 0)
}

// add appends an entry of fields and values.
func (b *streamBlock) add(id StreamID, pairs [][]byte) {
	h := b.head()
	flags := int64(0)
	if h.sameFields(pairs) {
		flags = entrySameFields
	}
	buf := appendInt(b.buf, flags)
	buf = appendInt(buf, int64(id.Ms-b.id.Ms))
	buf = appendInt(buf, int64(id.Seq-b.id.Seq))
	pieces := 3
	if flags == 0 {
		buf = appendInt(buf, int64(len(pairs)/2))
		pieces++
	}
	for i, piece := range pairs {
		if flags == 0 || i%2 == 1 {
			buf = appendPacked(buf, piece)
			pieces++
		}
	}
	b.buf = appendInt(buf, int64(pieces))
	b.setInt(0, h.count+1)
}

// sameFields reports whether the fields among pairs are those of the block's first entry.
func (h *blockHead) sameFields(pairs [][]byte) bool {
	if len(pairs) != 2*h.fields {
		return false
	}
	names := h.names
	for i := 0; i < len(pairs); i += 2 {
		p := pack(pairs[i])
		if len(names) < p.size || !p.matches(names) {
			return false
		}
		names = names[p.size:]
	}
	return true
}

// flagDeleted marks an entry as deleted, which countDeleted is to be told.
func (b *streamBlock) flagDeleted(e *blockEntry) { b.setInt(e.at, e.flags|entryDeleted) }

// countDeleted moves n entries from the count of those that are there to that of the deleted.
func (b *streamBlock) countDeleted(n int64) {
	h := b.head()
	b.setInt(h.deletedAt, h.deleted+n)
	b.setInt(0, h.count-n)
}

// setInt replaces the integer at offset at. What lies behind moves if the number takes more bytes, or less.
func (b *streamBlock) setInt(at int, n int64) {
	p := packInt(n)
	old := packedSize(b.buf[at:])
	if old != p.size {
		var room [maxPackedInt]byte
		b.buf = slices.Replace(b.buf, at, at+old, room[:p.size]...)
	}
	p.put(b.buf[at:])
}

// find returns the entry with an ID that is not deleted.
func (b *streamBlock) find(id StreamID) (e blockEntry, found bool) {
	h := b.head()
	for at := h.body; at < len(b.buf); at = b.behind(&e) {
		e = b.entry(&h, at)
		if c := e.id.Compare(id); c > 0 {
			break
		} else if c == 0 && !e.deleted() {
			return e, true
		}
	}
	return e, false
}

// maxPackedInt is the size of the longest integer.
const maxPackedInt = 10

func appendInt(dst []byte, n int64) []byte {
	if n >= 0 && n < 1<<7 {
		return append(dst, byte(n), 1)
	}
	p := packInt(n)
	return append(append(dst, p.head[:p.headLen]...), p.headLen)
}

func appendPacked(dst, v []byte) []byte {
	p := pack(v)
	at := len(dst)
	dst = slices.Grow(dst, p.size)[:at+p.size]
	p.put(dst[at:])
	return dst
}

// readInt decodes the integer at offset at and returns where it ends.
func readInt(b []byte, at int) (n int64, end int) {
	if tag := b[at]; tag < 1<<7 {
		return int64(tag), at + 2
	}
	return unpackInt(b[at:]), at + packedSizeLong(b[at:])
}

// skipPacked returns the offset behind n packed entries from offset at on.
func skipPacked(b []byte, at, n int) int {
	for range n {
		at += packedSize(b[at:])
	}
	return at
}
