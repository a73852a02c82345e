package lua

import (
	"math"
	"math/bits"
	"unsafe"
)

// Table is a table: an array for the keys 1 to n of which more than half are in use, and a hash for all others. Its shape and
// with it the order of pairs() and the border that # finds are those of the reference implementation (ltable.c), on which
// scripts rely without knowing: a chained scatter table with Brent's variation, whose node count is a power of two.
type Table struct {
	Meta     *Table // its metatable, or nil
	ReadOnly bool   // no script can change it

	array []Value
	nodes []node // none, or a power of two
	free  int    // all nodes from here on are in use
	mark  uint32 // of the last measurement that has seen it, see State.measure
}

// node is a place in the hash. A key whose value is nil stays until the next rehash, so that a loop of next() may clear fields.
type node struct {
	key, value Value
	next       int32 // relative index of the next node of the chain, 0 at its end
}

const (
	maxArrayBits = 26
	tableSize    = int64(unsafe.Sizeof(Table{}))
	nodeSize     = int64(unsafe.Sizeof(node{}))
	valueSize    = int64(unsafe.Sizeof(Value{}))
)

// NewTable returns a table with room for so many elements and fields.
func (s *State) NewTable(elements, fields int) *Table {
	s.Charge(tableSize)
	t := &Table{}
	if elements > 0 || fields > 0 {
		t.resize(s, elements, fields)
	}
	return t
}

// Get returns the value of a key, nil if there is none. It asks no metatable.
func (t *Table) Get(k Value) Value {
	switch {
	case k.IsNumber():
		f := k.Float()
		if i := int(f); float64(i) == f {
			return t.GetInt(i)
		}
	case k.IsString():
		return t.getString(k, hashString(k.Str()))
	case k.IsNil():
		return Nil
	}
	return t.find(k)
}

// GetInt is Get for a whole number.
func (t *Table) GetInt(i int) Value {
	if uint(i-1) < uint(len(t.array)) {
		return t.array[i-1]
	}
	return t.find(Int(i))
}

// GetString is Get for a string.
func (t *Table) GetString(s string) Value { return t.getString(String(s), hashString(s)) }

// getString is Get for a string whose hash is known.
func (t *Table) getString(k Value, hash uint32) Value {
	if len(t.nodes) == 0 {
		return Nil
	}
	i := int(hash) & (len(t.nodes) - 1)
	for {
		n := &t.nodes[i]
		if n.key.n == k.n && (n.key.p == k.p || n.key.IsString() && n.key.Str() == k.Str()) {
			return n.value
		}
		if n.next == 0 {
			return Nil
		}
		i += int(n.next)
	}
}

// find looks for a key among the nodes.
func (t *Table) find(k Value) Value {
	if i := t.place(k); i >= 0 {
		return t.nodes[i].value
	}
	return Nil
}

// place returns the node of a key, -1 if it has none.
func (t *Table) place(k Value) int {
	if len(t.nodes) == 0 {
		return -1
	}
	i := t.home(k)
	for !t.nodes[i].key.Equal(k) {
		if t.nodes[i].next == 0 {
			return -1
		}
		i += int(t.nodes[i].next)
	}
	return i
}

// Set gives a key a value without asking a metatable. It raises an error if the key is nil or NaN, or the table read-only.
// Amortized O(1).
func (t *Table) Set(s *State, k, v Value) {
	if t.ReadOnly {
		s.raiseText("Attempt to modify a readonly table")
	}
	switch {
	case k.IsNumber():
		f := k.Float()
		if i := int(f); float64(i) == f && uint(i-1) < uint(len(t.array)) {
			t.array[i-1] = v
			return
		}
		if f != f {
			s.raiseText("table index is NaN")
		}
	case k.IsNil():
		s.raiseText("table index is nil")
	}
	t.put(s, k, v)
}

// SetInt is Set for a whole number.
func (t *Table) SetInt(s *State, i int, v Value) { t.Set(s, Int(i), v) }

// SetString is Set for a string.
func (t *Table) SetString(s *State, k string, v Value) { t.Set(s, String(k), v) }

// Renew empties the table, which has no metatable then, and gives it room for n elements, as much as if they were set one by one.
func (t *Table) Renew(s *State, n int) {
	size := 0
	if n > 0 {
		size = 1 << bits.Len(uint(n-1))
	}
	t.Meta, t.nodes, t.free = nil, nil, 0
	if size <= cap(t.array) && cap(t.array) <= keptElements {
		t.array = t.array[:size]
		clear(t.array)
		return
	}
	t.array = nil
	t.resize(s, size, 0)
}

// Empty drops everything, at no charge. Room for a few elements stays.
func (t *Table) Empty() {
	t.Meta, t.nodes, t.free = nil, nil, 0
	clear(t.array)
	if t.array = t.array[:0]; cap(t.array) > keptElements {
		t.array = nil
	}
}

// keptElements is for how many elements a table that is renewed keeps room.
const keptElements = 64

// put is Set for a key that is valid and outside the array.
func (t *Table) put(s *State, k, v Value) {
	if i := t.place(k); i >= 0 {
		t.nodes[i].value = v
		return
	}
	t.insert(s, k, v)
}

// insert adds a key that is not there. A node in the key's home that is not at home itself moves to a free one; else the new key
// takes the free one.
func (t *Table) insert(s *State, k, v Value) {
	if len(t.nodes) == 0 {
		t.rehash(s, k)
		t.Set(s, k, v)
		return
	}
	at := t.home(k)
	if !t.nodes[at].value.IsNil() {
		free := t.takeFree()
		if free < 0 {
			t.rehash(s, k)
			t.Set(s, k, v)
			return
		}
		if other := t.home(t.nodes[at].key); other != at {
			t.move(other, at, free)
		} else {
			link(t.nodes, free, at+int(t.nodes[at].next), t.nodes[at].next != 0)
			t.nodes[at].next = int32(free - at)
			at = free
		}
	}
	n := &t.nodes[at]
	n.key, n.value = k, v
}

// link makes the chain of node i go on at another one, or end.
func link(nodes []node, i, next int, more bool) {
	nodes[i].next = 0
	if more {
		nodes[i].next = int32(next - i)
	}
}

// move takes the node at `from`, which is in the chain of `home`, to the free place `to`.
func (t *Table) move(home, from, to int) {
	for home+int(t.nodes[home].next) != from {
		home += int(t.nodes[home].next)
	}
	t.nodes[home].next = int32(to - home)
	next := from + int(t.nodes[from].next)
	t.nodes[to].key, t.nodes[to].value = t.nodes[from].key, t.nodes[from].value
	link(t.nodes, to, next, t.nodes[from].next != 0)
	t.nodes[from] = node{}
}

// takeFree returns a node that never had a key, -1 if there is none.
func (t *Table) takeFree() int {
	for t.free > 0 {
		t.free--
		if t.nodes[t.free].key.IsNil() {
			return t.free
		}
	}
	return -1
}

// home returns the node in which a key belongs, its main position.
func (t *Table) home(k Value) int {
	size := len(t.nodes)
	switch k.Kind() {
	case KindNumber:
		f := k.Float()
		if f == 0 {
			return 0
		}
		b := math.Float64bits(f)
		return int((uint32(b) + uint32(b>>32)) % uint32((size-1)|1))
	case KindString:
		return int(hashString(k.Str())) & (size - 1)
	case KindBoolean:
		return int(k.n-immediateFalse) & (size - 1)
	}
	return int(uint32(k.address()>>3) % uint32((size-1)|1))
}

// hashString is the hash of the reference implementation, which Redis has changed to take every byte: it decides the order of pairs().
// Of a very long string it takes every n-th one, for other than there a hash is computed at each look-up.
func hashString(s string) uint32 {
	h := uint32(len(s))
	step := len(s)>>10 + 1
	for i := len(s); i >= step; i -= step {
		h ^= h<<5 + h>>2 + uint32(s[i-1])
	}
	return h
}

// rehash gives the table the shape that suits its keys and one more.
func (t *Table) rehash(s *State, extra Value) {
	var counts [maxArrayBits + 1]int // of the whole numbers in (2^(i-1), 2^i]
	inArray := t.countArray(&counts)
	total, candidates := inArray, inArray
	for i := range t.nodes {
		if n := &t.nodes[i]; !n.value.IsNil() {
			candidates += countKey(n.key, &counts)
			total++
		}
	}
	candidates += countKey(extra, &counts)
	total++
	size, used := arrayFor(&counts, candidates)
	t.resize(s, size, total-used)
}

func (t *Table) countArray(counts *[maxArrayBits + 1]int) (n int) {
	for i := range t.array {
		if !t.array[i].IsNil() {
			counts[bits.Len(uint(i))]++
			n++
		}
	}
	return n
}

// countKey counts a key that might be in the array.
func countKey(k Value, counts *[maxArrayBits + 1]int) int {
	if !k.IsNumber() {
		return 0
	}
	f := k.Float()
	if i := int(f); float64(i) == f && i > 0 && i <= 1<<maxArrayBits {
		counts[bits.Len(uint(i-1))]++
		return 1
	}
	return 0
}

// arrayFor returns the greatest power of two such that more than half of an array of that size is in use, and how many are.
func arrayFor(counts *[maxArrayBits + 1]int, candidates int) (size, used int) {
	sum := 0
	for i, power := 0, 1; i <= maxArrayBits && power/2 < candidates; i, power = i+1, power*2 {
		if counts[i] == 0 {
			continue
		}
		sum += counts[i]
		if sum > power/2 {
			size, used = power, sum
		}
		if sum == candidates {
			break
		}
	}
	return size, used
}

// resize gives the table an array of exactly so many elements and room for so many other keys.
func (t *Table) resize(s *State, elements, fields int) {
	size := 0
	if fields > 0 {
		size = 1 << bits.Len(uint(fields-1))
	}
	s.Charge(int64(size)*nodeSize + int64(max(0, elements-len(t.array)))*valueSize)
	array, nodes := t.array, t.nodes
	t.nodes, t.free = nil, size
	if size > 0 {
		t.nodes = make([]node, size)
	}
	if elements != len(array) {
		t.array = make([]Value, elements)
		copy(t.array, array)
	}
	for i := elements; i < len(array); i++ {
		if !array[i].IsNil() {
			t.put(s, Int(i+1), array[i])
		}
	}
	for i := len(nodes) - 1; i >= 0; i-- {
		if n := &nodes[i]; !n.value.IsNil() {
			t.Set(s, n.key, n.value)
		}
	}
}

// Len returns a border: a number n such that element n is there and n+1 is not, or 0. If there are several, it is the one that the
// reference implementation finds. O(log n).
func (t *Table) Len() int {
	n := len(t.array)
	if n > 0 && t.array[n-1].IsNil() {
		low := 0
		for n-low > 1 {
			if m := (low + n) / 2; t.array[m-1].IsNil() {
				n = m
			} else {
				low = m
			}
		}
		return low
	}
	if len(t.nodes) == 0 {
		return n
	}
	return t.searchBorder(n)
}

// searchBorder looks for a border above n, which is one or has an element.
func (t *Table) searchBorder(low int) int {
	high := low + 1
	for !t.GetInt(high).IsNil() {
		low = high
		if high *= 2; high > math.MaxInt32-2 {
			return t.countElements()
		}
	}
	for high-low > 1 {
		if m := (low + high) / 2; t.GetInt(m).IsNil() {
			high = m
		} else {
			low = m
		}
	}
	return low
}

// countElements finds a border one by one, in a table that was made to mislead.
func (t *Table) countElements() int {
	n := 0
	for !t.GetInt(n + 1).IsNil() {
		n++
	}
	return n
}

// Next returns the key behind k in the order of pairs(), with its value: the first one behind nil, a nil key behind the last one. It returns
// false if k is no key of the table. O(1) for a key that is in use.
func (t *Table) Next(k Value) (key, value Value, ok bool) {
	i, ok := t.index(k)
	if !ok {
		return Nil, Nil, false
	}
	key, value, _ = t.from(i)
	return key, value, true
}

// from returns the first key at place i of the order or behind it, and the place behind that.
func (t *Table) from(i int) (key, value Value, next int) {
	for ; i < len(t.array); i++ {
		if !t.array[i].IsNil() {
			return Int(i + 1), t.array[i], i + 1
		}
	}
	for ; i < len(t.array)+len(t.nodes); i++ {
		if n := &t.nodes[i-len(t.array)]; !n.value.IsNil() {
			return n.key, n.value, i + 1
		}
	}
	return Nil, Nil, i
}

// index returns the place behind a key in the order.
func (t *Table) index(k Value) (int, bool) {
	if k.IsNil() {
		return 0, true
	}
	if k.IsNumber() {
		if i := int(k.Float()); float64(i) == k.Float() && uint(i-1) < uint(len(t.array)) {
			return i, true
		}
	}
	at := t.place(k)
	return len(t.array) + at + 1, at >= 0
}

// All calls f with each key and its value in the order of pairs() until f returns false. f may clear fields, but add none.
func (t *Table) All(f func(k, v Value) bool) {
	for i := 0; ; {
		var k, v Value
		if k, v, i = t.from(i); k.IsNil() || !f(k, v) {
			return
		}
	}
}
