package store

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// keyed is an item that knows where it stands beside a key: before it if compare is negative, behind it if positive.
type keyed[K any] interface {
	key() K
	compare(key K) int
}

// prefixed is a key that has a number which never falls from a key to the next, and mostly rises.
type prefixed interface{ prefix() uint64 }

// nameKey is a key of bytes.
type nameKey []byte

// prefix returns the first eight bytes, or what there is and zeros.
func (k nameKey) prefix() uint64 {
	var first [8]byte
	copy(first[:], k)
	return binary.BigEndian.Uint64(first[:])
}

const (
	chunkFill   = 64 // most items of a chunk
	chunkSparse = chunkFill / 4
	linkBytes   = int(unsafe.Sizeof(link[byte]{}))
)

// chunked is a sequence of items in ascending order of their keys, held in chunks by value. Searching is O(log n). An item
// that comes or goes moves those of its chunk, and now and then the directory, of which a million items have a few
// hundred kilobytes; that of a chunk that goes at the front, or comes at the back, does not move. So there is no pause when
// it grows or is drained.
type chunked[K prefixed, T keyed[K]] struct {
	chunks []link[T] // none empty but those before head, which are gone
	head   int
	count  int
	total  *int // running total of bytes of its owner
}

// link is a chunk in the directory: some items, at least one. A search among the chunks goes by the prefixes, and touches
// the items only where these are equal: otherwise nearly each of its steps would miss the processor's caches.
type link[T any] struct {
	prefix uint64 // of the first item's key
	items  []T
}

// chunkPlace is where an item stands, or would. It is good until the next change.
type chunkPlace struct{ chunk, item int }

func (s *chunked[K, T]) live() []link[T] { return s.chunks[s.head:] }

func (s *chunked[K, T]) has(p chunkPlace) bool { return p.chunk < len(s.live()) }

// at returns the item at a place that has one.
func (s *chunked[K, T]) at(p chunkPlace) *T { return &s.live()[p.chunk].items[p.item] }

// end is the place behind the last item.
func (s *chunked[K, T]) end() chunkPlace { return chunkPlace{chunk: len(s.live())} }

// last returns the last item. There must be one.
func (s *chunked[K, T]) last() *T { return s.at(s.before(s.end())) }

func (s *chunked[K, T]) next(p chunkPlace) chunkPlace {
	if p.item++; p.item == len(s.live()[p.chunk].items) {
		return chunkPlace{chunk: p.chunk + 1}
	}
	return p
}

// before returns the place in front of one that is not the first.
func (s *chunked[K, T]) before(p chunkPlace) chunkPlace {
	if p.item > 0 {
		return chunkPlace{p.chunk, p.item - 1}
	}
	return chunkPlace{p.chunk - 1, len(s.live()[p.chunk-1].items) - 1}
}

// seek returns the place of the first item that is not before key.
func (s *chunked[K, T]) seek(key K) chunkPlace {
	c := s.chunkOf(key)
	if c < 0 {
		return chunkPlace{}
	}
	items := s.live()[c].items
	from, to := 0, len(items)
	for from < to {
		if middle := (from + to) / 2; items[middle].compare(key) < 0 {
			from = middle + 1
		} else {
			to = middle
		}
	}
	if from == len(items) {
		return chunkPlace{chunk: c + 1}
	}
	return chunkPlace{c, from}
}

// chunkOf returns the number of the last chunk whose first item is not behind key, -1 if there is none.
func (s *chunked[K, T]) chunkOf(key K) int {
	live, prefix := s.live(), key.prefix()
	from, to := 0, len(live)
	for from < to {
		middle := (from + to) / 2
		c := &live[middle]
		if c.prefix < prefix || c.prefix == prefix && c.items[0].compare(key) <= 0 {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from - 1
}

// find returns the place of the item with this very key.
func (s *chunked[K, T]) find(key K) (p chunkPlace, found bool) {
	p = s.seek(key)
	return p, s.has(p) && (*s.at(p)).compare(key) == 0
}

// get returns the item with this key, or nil.
func (s *chunked[K, T]) get(key K) *T {
	if p, found := s.find(key); found {
		return s.at(p)
	}
	return nil
}

// each yields the items in order until yield returns false, which may change what they are, not which there are.
func (s *chunked[K, T]) each(yield func(*T) bool) { s.eachFrom(chunkPlace{}, yield) }

// eachFrom is each from a place on.
func (s *chunked[K, T]) eachFrom(p chunkPlace, yield func(*T) bool) {
	for ; s.has(p); p = s.next(p) {
		if !yield(s.at(p)) {
			return
		}
	}
}

// insert puts an item at the place where seek says that it belongs, and returns it there.
func (s *chunked[K, T]) insert(p chunkPlace, item T) *T {
	s.count++
	live := s.live()
	full := func(i int) bool { return len(live[i].items) == chunkFill }
	switch {
	case p.item == 0 && p.chunk > 0 && !full(p.chunk-1):
		p = chunkPlace{p.chunk - 1, len(live[p.chunk-1].items)}
	case p.item == 0 && (p.chunk == len(live) || full(p.chunk)):
		s.addChunk(p.chunk, item)
		return s.at(p)
	case full(p.chunk):
		p = s.split(p)
	}
	s.put(p, item)
	return s.at(p)
}

// put inserts an item into a chunk that is not full.
func (s *chunked[K, T]) put(p chunkPlace, item T) {
	c := &s.live()[p.chunk]
	if len(c.items) == cap(c.items) {
		s.resize(c, min(chunkFill, 2*cap(c.items)))
	}
	c.items = slices.Insert(c.items, p.item, item)
	if p.item == 0 {
		c.prefix = item.key().prefix()
	}
}

// remove takes the item at a place away.
func (s *chunked[K, T]) remove(p chunkPlace) {
	s.count--
	c := &s.live()[p.chunk]
	c.items = slices.Delete(c.items, p.item, p.item+1)
	n := len(c.items)
	if n == 0 {
		s.dropChunk(p.chunk)
		return
	}
	if p.item == 0 {
		c.prefix = c.items[0].key().prefix()
	}
	if n < chunkSparse {
		s.mend(p.chunk)
	}
}

// mend joins a sparse chunk with a neighbour if both together leave room, or gives back what it does not use.
func (s *chunked[K, T]) mend(i int) {
	live := s.live()
	for _, left := range [...]int{i - 1, i} {
		if left >= 0 && left+1 < len(live) && len(live[left].items)+len(live[left+1].items) <= chunkFill/2 {
			s.join(left)
			return
		}
	}
	if n := len(live[i].items); n < cap(live[i].items)/4 {
		s.resize(&live[i], 2*n)
	}
}

// join appends a chunk's right neighbour to it.
func (s *chunked[K, T]) join(left int) {
	live := s.live()
	into, from := &live[left], live[left+1].items
	if len(into.items)+len(from) > cap(into.items) {
		s.resize(into, chunkFill/2)
	}
	into.items = append(into.items, from...)
	s.dropChunk(left + 1)
}

// split moves the second half of a full chunk to a new one and returns where the place is now.
func (s *chunked[K, T]) split(p chunkPlace) chunkPlace {
	const half = chunkFill / 2
	full := &s.live()[p.chunk]
	right := append(make([]T, 0, chunkFill), full.items[half:]...)
	clear(full.items[half:])
	full.items = full.items[:half]
	s.linkChunk(p.chunk+1, right)
	if p.item > half {
		return chunkPlace{p.chunk + 1, p.item - half}
	}
	return p
}

// addChunk makes a chunk of one item. The first of all begins small, since many sequences never have two items.
func (s *chunked[K, T]) addChunk(i int, item T) {
	room := chunkFill
	if len(s.live()) == 0 {
		room = 1
	}
	s.linkChunk(i, append(make([]T, 0, room), item))
}

func (s *chunked[K, T]) linkChunk(i int, items []T) {
	l := link[T]{items[0].key().prefix(), items}
	*s.total += cap(items) * s.itemBytes()
	if i == 0 && s.head > 0 {
		s.head--
		s.chunks[s.head] = l
		return
	}
	before := cap(s.chunks)
	s.chunks = slices.Insert(s.chunks, s.head+i, l)
	*s.total += (cap(s.chunks) - before) * linkBytes
}

// dropChunk forgets a chunk. The directory's front is given back when it is half of it.
func (s *chunked[K, T]) dropChunk(i int) {
	*s.total -= cap(s.live()[i].items) * s.itemBytes()
	if i > 0 {
		s.chunks = slices.Delete(s.chunks, s.head+i, s.head+i+1)
	} else {
		s.chunks[s.head] = link[T]{}
		s.head++
	}
	if s.head > len(s.chunks)/2 {
		s.chunks = slices.Delete(s.chunks, 0, s.head)
		s.head = 0
	}
	if n := len(s.chunks); cap(s.chunks) > 8 && n < cap(s.chunks)/4 {
		before := cap(s.chunks)
		s.chunks = append(make([]link[T], 0, 2*n), s.chunks...)
		*s.total += (cap(s.chunks) - before) * linkBytes
	}
}

// clone returns a sequence of the same items that belongs to another owner.
func (s *chunked[K, T]) clone(total *int) chunked[K, T] {
	own := chunked[K, T]{count: s.count, total: total}
	for i, c := range s.live() {
		own.linkChunk(i, append(make([]T, 0, len(c.items)), c.items...))
	}
	return own
}

func (s *chunked[K, T]) resize(c *link[T], capacity int) {
	before := cap(c.items)
	c.items = append(make([]T, 0, capacity), c.items...)
	*s.total += (cap(c.items) - before) * s.itemBytes()
}

func (s *chunked[K, T]) itemBytes() int {
	var item T
	return int(unsafe.Sizeof(item))
}

// bytes returns how much memory the sequence holds beside itself, counted anew. O(n).
func (s *chunked[K, T]) bytes() int {
	n := cap(s.chunks) * linkBytes
	for _, c := range s.live() {
		n += cap(c.items) * s.itemBytes()
	}
	return n
}
