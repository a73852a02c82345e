package store

import "unsafe"

// List is Redis' list: a deque of byte strings, held as chunks of packed
// entries. Elements given to it are copied in. Elements it hands out are
// views of its memory, valid until the next call on the list; passing one
// back to the same list is an error, except through Rotate.
//
// A list that just became empty is good for pushes again, but its owner is
// expected to drop it, as Redis drops the key.
type List struct {
	chunks   chunkRing // none of them empty
	count    int
	size     int
	packed   bool
	limit    *chunkLimit      // its store's, which may change
	borrowed []byte           // the blob's memory of which chunks may be part
	scratch  [decimalLen]byte // the integer handed out last, printed
}

// manyChunks is from how many chunks on the next one at an end is made in full
// at once, instead of growing and leaving twice its size to the collector.
const manyChunks = 16

// listBytes is the size of a List, rounded up as the allocator does.
const listBytes = int(unsafe.Sizeof(List{})+15) &^ 15

// NewList returns an empty list, whose chunks are bounded by what the store's
// Options say at the time they are written to.
func (ks *Keyspace) NewList() *List {
	l := ks.store.views.lists.next()
	l.restart(&ks.store.listLimit)
	return l
}

func newList(limit *chunkLimit) *List {
	return &List{packed: true, limit: limit, size: listBytes}
}

// Type returns TypeList.
func (l *List) Type() Type { return TypeList }

// Len returns the number of elements.
func (l *List) Len() int { return l.count }

// Size returns the bytes of heap the list holds, used or not, in O(1).
func (l *List) Size() int { return l.size }

// Packed reports whether OBJECT ENCODING is "listpack" rather than
// "quicklist". By Redis' rule a list starts packed, ceases to be when it
// would outgrow one chunk, and is so again once it has shrunk to one chunk of
// half the limit.
func (l *List) Packed() bool { return l.packed }

// Encoding returns "listpack" or "quicklist"; see Packed.
func (l *List) Encoding() string {
	if l.packed {
		return "listpack"
	}
	return "quicklist"
}

func (l *List) digest(add func([]byte)) {
	l.Range(0, l.count-1, func(v []byte) bool {
		add(v)
		return true
	})
}

// PushFront puts the elements of one LPUSH at the head, one after the other,
// so that the last comes first. O(1) each, amortised.
func (l *List) PushFront(vs ...[]byte) { l.push(true, vs) }

// PushBack puts the elements of one RPUSH at the tail. O(1) each, amortised.
func (l *List) PushBack(vs ...[]byte) { l.push(false, vs) }

func (l *List) push(front bool, vs [][]byte) {
	l.unpackBefore(vs)
	for _, v := range vs {
		p := pack(v)
		c := l.chunkFor(front, &p)
		at := 0
		if !front {
			at = len(c.live())
		}
		l.put(c, at, &p)
	}
}

// chunkFor returns the chunk at one end, a new one if p does not fit.
func (l *List) chunkFor(front bool, p *packed) *chunk {
	at := l.chunks.len()
	if at > 0 {
		c := l.chunks.end(front)
		if l.packed || l.limit.fits(c, p) {
			return c
		}
		l.size += c.seal()
	}
	if front {
		at = 0
	}
	c := l.open(at)
	if cap(c.buf) == 0 {
		n := l.room(p.size)
		if l.chunks.len() > manyChunks {
			n = max(n, l.limit.bytes) // which it will need, and beside the others hardly counts
		}
		l.size += c.resize(n)
	}
	c.clearAt(front)
	return c
}

func (l *List) open(i int) *chunk {
	c, grown := l.chunks.open(i)
	l.size += grown
	return c
}

// put writes p at offset at of c.
func (l *List) put(c *chunk, at int, p *packed) {
	l.size += c.insert(at, p, l.room(len(c.live())+p.size))
	l.count++
}

// room returns the capacity to give to a chunk that needs so many bytes now.
// Among many small lists every byte counts, so that a packed one grows by
// little more than the allocator's size classes; in a long list only the
// chunks at the ends have room, and doubling it saves copies.
func (l *List) room(need int) int {
	more := need + need/16
	if !l.packed {
		more = max(2*need, 1<<10)
	}
	return max(need, min(more, l.limit.bytes))
}

// PopFront removes the first element and returns it; false if there is none.
// O(1).
func (l *List) PopFront() ([]byte, bool) { return l.pop(true) }

// PopBack removes the last element and returns it; false if there is none.
// O(1).
func (l *List) PopBack() ([]byte, bool) { return l.pop(false) }

func (l *List) pop(front bool) ([]byte, bool) {
	if l.count == 0 {
		return nil, false
	}
	v := l.take(front)
	l.afterShrinking()
	return v, true
}

// take removes and returns an end of a list that is not empty.
func (l *List) take(front bool) []byte {
	c := l.chunks.end(front)
	b, at := c.live(), 0
	if !front {
		at = len(b) - lastPacked(b)
	}
	v, n := unpack(b[at:], &l.scratch)
	c.cut(at, n, 1)
	l.count--
	if c.count == 0 {
		l.dropEnd(front)
	}
	return v
}

func (l *List) dropEnd(front bool) {
	l.size += l.chunks.dropEnd(front, l.limit.bytes)
}

// Rotate moves the last element to the head, or the first to the tail, and
// returns it: LMOVE from a list to itself. False if the list is empty. O(1).
func (l *List) Rotate(toFront bool) ([]byte, bool) {
	if l.count == 0 {
		return nil, false
	}
	var buf [64]byte // most elements need no allocation
	l.push(toFront, [][]byte{append(buf[:0], l.take(!toFront)...)})
	l.afterShrinking()
	if toFront {
		return l.Index(0)
	}
	return l.Index(-1)
}

// Index returns element i, from the tail if negative; false if there is none.
// It walks the directory and then one chunk, each from the nearer end.
func (l *List) Index(i int) ([]byte, bool) {
	pos, ok := l.locate(i)
	if !ok {
		return nil, false
	}
	v, _ := unpack(l.chunks.at(pos.chunk).live()[pos.offset:], &l.scratch)
	return v, true
}

// Range yields the elements from start to stop, both included, until yield
// returns false. The bounds must be elements of the list, start ≤ stop; else
// there is nothing to yield.
func (l *List) Range(start, stop int, yield func(v []byte) bool) {
	if start < 0 || stop >= l.count || start > stop {
		return
	}
	pos, _ := l.locate(start)
	b := l.chunks.at(pos.chunk).live()[pos.offset:]
	for left := stop - start + 1; left > 0; left-- {
		if len(b) == 0 {
			pos.chunk++
			b = l.chunks.at(pos.chunk).live()
		}
		v, n := unpack(b, &l.scratch)
		if !yield(v) {
			return
		}
		b = b[n:]
	}
}

// RangeReverse yields the elements from start down to stop, both included,
// until yield returns false. The bounds must be elements of the list, start ≥
// stop; else there is nothing to yield.
func (l *List) RangeReverse(start, stop int, yield func(v []byte) bool) {
	if stop < 0 || start >= l.count || start < stop {
		return
	}
	pos, _ := l.locate(start)
	b := l.chunks.at(pos.chunk).live()
	b = b[:pos.offset+packedSize(b[pos.offset:])]
	for left := start - stop + 1; left > 0; left-- {
		if len(b) == 0 {
			pos.chunk--
			b = l.chunks.at(pos.chunk).live()
		}
		at := len(b) - lastPacked(b)
		v, _ := unpack(b[at:], &l.scratch)
		if !yield(v) {
			return
		}
		b = b[:at]
	}
}

// position is a place between entries: before entry index, which begins at
// offset, of a chunk.
type position struct{ chunk, offset, index int }

// locate finds element i, from the tail if negative.
func (l *List) locate(i int) (pos position, ok bool) {
	if i < 0 {
		i += l.count
	}
	if i < 0 || i >= l.count {
		return pos, false
	}
	before := 0 // elements ahead of the chunk
	if i < l.count/2 {
		for n := l.chunkLen(0); before+n <= i; n = l.chunkLen(pos.chunk) {
			before += n
			pos.chunk++
		}
	} else {
		before = l.count
		for pos.chunk = l.chunks.len(); before > i; {
			pos.chunk--
			before -= l.chunkLen(pos.chunk)
		}
	}
	pos.index = i - before
	pos.offset = l.chunks.at(pos.chunk).offset(pos.index)
	return pos, true
}

func (l *List) chunkLen(i int) int { return int(l.chunks.at(i).count) }

// unpackBefore makes a quicklist of a listpack that the elements to come
// would overfill. Like Redis it counts their bare bytes, without heads.
func (l *List) unpackBefore(vs [][]byte) {
	if !l.packed {
		return
	}
	bytes := 0
	for _, v := range vs {
		bytes += len(v)
	}
	if l.chunks.len() > 0 {
		bytes += len(l.chunks.at(0).live())
	}
	l.packed = !l.limit.exceeded(bytes, l.count+len(vs))
}

// afterShrinking gives memory back once the list is down to one chunk, and
// makes it a listpack again where Redis does. Longer lists may have room in
// the chunks at their ends, which is about to be used or dropped.
func (l *List) afterShrinking() {
	if l.count == 0 {
		l.packed = true // as the next list under this name would be
	}
	if l.chunks.len() != 1 {
		return
	}
	c := l.chunks.at(0)
	l.size += c.giveBack()
	if !l.packed && l.limit.half(c) {
		l.packed = true
		l.size += l.chunks.resize(1)
	}
}
