package store

import (
	"slices"
	"sort"
	"unsafe"
)

// keyed is an item that knows where it stands beside a key: before it if compare is negative, behind it if positive.
type keyed[K any] interface{ compare(key K) int }

const (
	chunkFill   = 64 // most items of a chunk
	chunkSparse = chunkFill / 4
	sliceBytes  = int(unsafe.Sizeof([]byte(nil)))
)

// chunked is a sequence of items in ascending order of their keys, held in chunks by value. Searching is O(log n). An item
// that comes or goes moves those of its chunk, and now and then the directory, of which a million items have a few
// hundred kilobytes; that of a chunk that goes at the front, or comes at the back, does not move. So there is no pause when
// it grows or is drained.
type chunked[K any, T keyed[K]] struct {
	chunks [][]T // none empty but those before head, which are gone
	head   int
	count  int
	total  *int // running total of bytes of its owner
}

// chunkPlace is where an item stands, or would. It is good until the next change.
type chunkPlace struct{ chunk, item int }

func (s *chunked[K, T]) live() [][]T { return s.chunks[s.head:] }

func (s *chunked[K, T]) has(p chunkPlace) bool { return p.chunk < len(s.live()) }

// at returns the item at a place that has one.
func (s *chunked[K, T]) at(p chunkPlace) *T { return &s.live()[p.chunk][p.item] }

// end is the place behind the last item.
func (s *chunked[K, T]) end() chunkPlace { return chunkPlace{chunk: len(s.live())} }

// last returns the last item. There must be one.
func (s *chunked[K, T]) last() *T { return s.at(s.before(s.end())) }

func (s *chunked[K, T]) next(p chunkPlace) chunkPlace {
	if p.item++; p.item == len(s.live()[p.chunk]) {
		return chunkPlace{chunk: p.chunk + 1}
	}
	return p
}

// before returns the place in front of one that is not the first.
func (s *chunked[K, T]) before(p chunkPlace) chunkPlace {
	if p.item > 0 {
		return chunkPlace{p.chunk, p.item - 1}
	}
	return chunkPlace{p.chunk - 1, len(s.live()[p.chunk-1]) - 1}
}

// seek returns the place of the first item that is not before key.
func (s *chunked[K, T]) seek(key K) chunkPlace {
	live := s.live()
	c := sort.Search(len(live), func(i int) bool { return live[i][0].compare(key) > 0 }) - 1
	if c < 0 {
		return chunkPlace{}
	}
	chunk := live[c]
	i := sort.Search(len(chunk), func(i int) bool { return chunk[i].compare(key) >= 0 })
	if i == len(chunk) {
		return chunkPlace{chunk: c + 1}
	}
	return chunkPlace{c, i}
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

// insert puts an item at the place where seek says that it belongs.
func (s *chunked[K, T]) insert(p chunkPlace, item T) {
	s.count++
	live := s.live()
	switch {
	case p.item == 0 && p.chunk > 0 && len(live[p.chunk-1]) < chunkFill:
		p = chunkPlace{p.chunk - 1, len(live[p.chunk-1])}
	case p.item == 0 && (p.chunk == len(live) || len(live[p.chunk]) == chunkFill):
		s.addChunk(p.chunk, item)
		return
	case len(live[p.chunk]) == chunkFill:
		p = s.split(p)
	}
	s.put(p, item)
}

// put inserts an item into a chunk that is not full.
func (s *chunked[K, T]) put(p chunkPlace, item T) {
	chunk := &s.live()[p.chunk]
	if len(*chunk) == cap(*chunk) {
		s.resize(chunk, min(chunkFill, 2*cap(*chunk)))
	}
	*chunk = slices.Insert(*chunk, p.item, item)
}

// remove takes the item at a place away.
func (s *chunked[K, T]) remove(p chunkPlace) {
	s.count--
	chunk := &s.live()[p.chunk]
	*chunk = slices.Delete(*chunk, p.item, p.item+1)
	switch n := len(*chunk); {
	case n == 0:
		s.dropChunk(p.chunk)
	case n < chunkSparse:
		s.mend(p.chunk)
	}
}

// mend joins a sparse chunk with a neighbour if both together leave room, or gives back what it does not use.
func (s *chunked[K, T]) mend(i int) {
	live := s.live()
	for _, left := range [...]int{i - 1, i} {
		if left >= 0 && left+1 < len(live) && len(live[left])+len(live[left+1]) <= chunkFill/2 {
			s.join(left)
			return
		}
	}
	if n := len(live[i]); n < cap(live[i])/4 {
		s.resize(&live[i], 2*n)
	}
}

// join appends a chunk's right neighbour to it.
func (s *chunked[K, T]) join(left int) {
	live := s.live()
	into, from := &live[left], live[left+1]
	if len(*into)+len(from) > cap(*into) {
		s.resize(into, chunkFill/2)
	}
	*into = append(*into, from...)
	s.dropChunk(left + 1)
}

// split moves the second half of a full chunk to a new one and returns where the place is now.
func (s *chunked[K, T]) split(p chunkPlace) chunkPlace {
	const half = chunkFill / 2
	full := &s.live()[p.chunk]
	right := append(make([]T, 0, chunkFill), (*full)[half:]...)
	clear((*full)[half:])
	*full = (*full)[:half]
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

func (s *chunked[K, T]) linkChunk(i int, chunk []T) {
	*s.total += cap(chunk) * s.itemBytes()
	if i == 0 && s.head > 0 {
		s.head--
		s.chunks[s.head] = chunk
		return
	}
	before := cap(s.chunks)
	s.chunks = slices.Insert(s.chunks, s.head+i, chunk)
	*s.total += (cap(s.chunks) - before) * sliceBytes
}

// dropChunk forgets a chunk. The directory's front is given back when it is half of it.
func (s *chunked[K, T]) dropChunk(i int) {
	*s.total -= cap(s.live()[i]) * s.itemBytes()
	if i > 0 {
		s.chunks = slices.Delete(s.chunks, s.head+i, s.head+i+1)
	} else {
		s.chunks[s.head] = nil
		s.head++
	}
	if s.head > len(s.chunks)/2 {
		s.chunks = slices.Delete(s.chunks, 0, s.head)
		s.head = 0
	}
	if n := len(s.chunks); cap(s.chunks) > 8 && n < cap(s.chunks)/4 {
		before := cap(s.chunks)
		s.chunks = append(make([][]T, 0, 2*n), s.chunks...)
		*s.total += (cap(s.chunks) - before) * sliceBytes
	}
}

// clone returns a sequence of the same items that belongs to another owner.
func (s *chunked[K, T]) clone(total *int) chunked[K, T] {
	own := chunked[K, T]{count: s.count, total: total}
	for i, chunk := range s.live() {
		own.linkChunk(i, append(make([]T, 0, len(chunk)), chunk...))
	}
	return own
}

func (s *chunked[K, T]) resize(chunk *[]T, capacity int) {
	before := cap(*chunk)
	*chunk = append(make([]T, 0, capacity), *chunk...)
	*s.total += (cap(*chunk) - before) * s.itemBytes()
}

func (s *chunked[K, T]) itemBytes() int {
	var item T
	return int(unsafe.Sizeof(item))
}

// bytes returns how much memory the sequence holds beside itself, counted anew. O(n).
func (s *chunked[K, T]) bytes() int {
	n := cap(s.chunks) * sliceBytes
	for _, chunk := range s.live() {
		n += cap(chunk) * s.itemBytes()
	}
	return n
}
