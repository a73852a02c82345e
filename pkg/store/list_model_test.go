package store

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// listOf returns an empty list under a list-max-listpack-size.
func listOf(size int) *List {
	limit := newChunkLimit(size)
	return newList(&limit)
}

// defaultList returns an empty list under Redis' default.
func defaultList() *List { return listOf(-2) }

// listModel is the naive list, and Redis' rule for the encoding on it.
type listModel struct {
	list   *List
	values [][]byte
	packed bool
	pushed int // most elements in one push, for the slack of a first chunk
}

// bytesAsListpack is written from Redis' description, not with pack.
func (m *listModel) bytesAsListpack() int {
	n := listpackOverhead
	for _, v := range m.values {
		n += listpackEntry(v)
	}
	return n
}

func listpackEntry(v []byte) int {
	n := 0
	switch i, err := strconv.ParseInt(string(v), 10, 64); {
	case err == nil && strconv.FormatInt(i, 10) == string(v):
		switch {
		case i >= 0 && i <= 127:
			n = 1
		case i >= -4096 && i <= 4095:
			n = 2
		case i >= math.MinInt16 && i <= math.MaxInt16:
			n = 3
		case i >= -1<<23 && i < 1<<23:
			n = 4
		case i >= math.MinInt32 && i <= math.MaxInt32:
			n = 5
		default:
			n = 9
		}
	case len(v) < 64:
		n = 1 + len(v)
	case len(v) < 4096:
		n = 2 + len(v)
	default:
		n = 5 + len(v)
	}
	return n + backLen(n)
}

// grow is listTypeTryConvertListpack.
func (m *listModel) grow(vs ...[]byte) {
	n := m.bytesAsListpack()
	for _, v := range vs {
		n += len(v)
	}
	m.pushed = max(m.pushed, len(vs))
	limit := m.list.limit
	m.packed = m.packed && n <= limit.bytes && len(m.values)+len(vs) <= limit.entries
}

// shrink is listTypeTryConvertQuicklist, given the number of nodes.
func (m *listModel) shrink() {
	if len(m.values) == 0 {
		m.packed = true
	}
	if m.list.chunks.len() != 1 {
		return
	}
	limit := m.list.limit
	if limit.entries < math.MaxInt {
		m.packed = m.packed || len(m.values) <= limit.entries/2
	} else {
		m.packed = m.packed || m.bytesAsListpack() <= limit.bytes/2
	}
}

func (m *listModel) check(t *rapid.T) {
	l := m.list
	if l.Len() != len(m.values) {
		t.Fatalf("Len = %d, want %d", l.Len(), len(m.values))
	}
	if l.Packed() != m.packed {
		t.Fatalf("Packed = %v, want %v: %d elements, %d bytes, %d chunks", l.Packed(), m.packed,
			len(m.values), m.bytesAsListpack(), l.chunks.len())
	}
	i := 0
	l.Range(0, l.Len()-1, func(v []byte) bool {
		if !bytes.Equal(v, m.values[i]) {
			t.Fatalf("element %d = %.40q, want %.40q", i, v, m.values[i])
		}
		i++
		return true
	})
	if i != len(m.values) {
		t.Fatalf("Range yielded %d of %d", i, len(m.values))
	}
	checkListInvariants(t, l, m.pushed)
}

func checkListInvariants(t rapid.TB, l *List, pushed int) {
	t.Helper()
	limit := l.limit
	size, count := listBytes+len(l.chunks.slots)*chunkBytes, 0
	if n := len(l.chunks.slots); n&(n-1) != 0 || l.chunks.len() > n {
		t.Fatalf("directory of %d slots for %d chunks", n, l.chunks.len())
	}
	for i := range len(l.chunks.slots) {
		c := l.chunks.at(i)
		size += cap(c.buf)
		if i >= l.chunks.len() {
			if cap(c.buf) > 0 && i != l.chunks.len() || cap(c.buf) > limit.bytes || c.count != 0 {
				t.Fatalf("free slot %d of %d holds %d bytes", i, l.chunks.len(), cap(c.buf))
			}
			continue
		}
		count += int(c.count)
		checkChunk(t, c)
		// Heads count only once an entry is in, so a listpack, which may have
		// become the first chunk, may exceed the limit by those of one push.
		if n := int(c.count); n > 1 && limit.exceeded(len(c.live())-pushed*10, n) {
			t.Fatalf("chunk %d of %d entries, %d bytes", i, n, len(c.live()))
		}
		if inside := i > 0 && i < l.chunks.len()-1; inside && cap(c.buf) > max(1<<10, 5*len(c.live())) {
			t.Fatalf("chunk %d keeps %d bytes for %d", i, cap(c.buf), len(c.live()))
		}
	}
	if count != l.count || size != l.Size() {
		t.Fatalf("count %d, recount %d; size %d, recount %d", l.count, count, l.Size(), size)
	}
	if l.packed && l.chunks.len() > 1 {
		t.Fatalf("a listpack of %d chunks", l.chunks.len())
	}
}

func checkChunk(t rapid.TB, c *chunk) {
	t.Helper()
	forward, backward := 0, 0
	for b := c.live(); len(b) > 0; b = b[packedSize(b):] {
		forward++
	}
	for b := c.live(); len(b) > 0; b = b[:len(b)-lastPacked(b)] {
		backward++
	}
	if n := int(c.count); n == 0 || forward != n || backward != n {
		t.Fatalf("chunk counts %d, %d forward, %d backward", n, forward, backward)
	}
}

// drawElement prefers elements that are often equal, and now and then takes
// one that fills much of a chunk, or more than one.
func drawElement(t *rapid.T, label string) []byte {
	switch rapid.IntRange(0, 9).Draw(t, label+" kind") {
	case 0:
		return []byte(strconv.FormatInt(rapid.Int64().Draw(t, label), 10))
	case 1:
		return bytes.Repeat([]byte{'x'}, rapid.IntRange(0, 6000).Draw(t, label))
	case 2:
		return rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, label)
	case 3, 4:
		return bytes.Repeat([]byte{'y'}, rapid.IntRange(60, 300).Draw(t, label))
	default:
		return []byte(rapid.SampledFrom([]string{"a", "b", "1", "-7", "100000", ""}).Draw(t, label))
	}
}

// fill makes a list of some chunks to begin with, of elements that are equal
// now and then.
func (m *listModel) fill(n int) {
	for i := range n {
		v := bytes.Repeat([]byte{byte('a' + i%7)}, i%7*(i%5)*4)
		m.grow(v)
		m.list.PushBack(v)
		m.values = append(m.values, v)
	}
}

func (m *listModel) push(t *rapid.T, front bool) {
	vs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []byte { return drawElement(t, "v") }), 1, 20).Draw(t, "vs")
	m.grow(vs...)
	if front {
		m.list.PushFront(vs...)
		for _, v := range vs {
			m.values = slices.Insert(m.values, 0, v)
		}
		return
	}
	m.list.PushBack(vs...)
	m.values = append(m.values, vs...)
}

func (m *listModel) pop(t *rapid.T, front bool) {
	for range rapid.IntRange(1, 12).Draw(t, "n") {
		pop, at := m.list.PopBack, len(m.values)-1
		if front {
			pop, at = m.list.PopFront, 0
		}
		v, ok := pop()
		if ok != (len(m.values) > 0) {
			t.Fatalf("pop = %v of %d elements", ok, len(m.values))
		}
		if !ok {
			return
		}
		if !bytes.Equal(v, m.values[at]) {
			t.Fatalf("popped %.40q, want %.40q", v, m.values[at])
		}
		m.values = slices.Delete(m.values, at, at+1)
		m.shrink()
	}
}

func (m *listModel) rotate(t *rapid.T) {
	front := rapid.Bool().Draw(t, "front")
	got, ok := m.list.Rotate(front)
	if ok != (len(m.values) > 0) {
		t.Fatalf("Rotate = %v of %d elements", ok, len(m.values))
	}
	if !ok {
		return
	}
	from, to := 0, len(m.values)-1
	if front {
		from, to = to, from
	}
	v := m.values[from]
	if !bytes.Equal(got, v) {
		t.Fatalf("Rotate = %.40q, want %.40q", got, v)
	}
	m.values = slices.Delete(m.values, from, from+1)
	m.grow(v)
	m.values = slices.Insert(m.values, to, v)
	m.shrink()
}

// drawIndex draws an index, at times out of range, and its place from the
// head.
func (m *listModel) drawIndex(t *rapid.T) (i, at int, ok bool) {
	n := len(m.values)
	i = rapid.IntRange(-n-1, n).Draw(t, "i")
	if at = i; at < 0 {
		at += n
	}
	return i, at, at >= 0 && at < n
}

func (m *listModel) index(t *rapid.T) {
	i, at, want := m.drawIndex(t)
	v, ok := m.list.Index(i)
	if ok != want || ok && !bytes.Equal(v, m.values[at]) {
		t.Fatalf("Index(%d) = %.40q, %v", i, v, ok)
	}
}

func (m *listModel) set(t *rapid.T) {
	i, at, want := m.drawIndex(t)
	v := drawElement(t, "v")
	if want {
		m.grow(v)
		m.values[at] = v
	}
	if ok := m.list.Set(i, v); ok != want {
		t.Fatalf("Set(%d) = %v, want %v", i, ok, want)
	}
	m.shrink()
}

func (m *listModel) insert(t *rapid.T) {
	pivot, v := drawElement(t, "pivot"), drawElement(t, "v")
	if len(m.values) > 0 && rapid.Bool().Draw(t, "known") {
		pivot = rapid.SampledFrom(m.values).Draw(t, "pivot")
	}
	before := rapid.Bool().Draw(t, "before")
	at := slices.IndexFunc(m.values, func(e []byte) bool { return bytes.Equal(e, pivot) })
	if ok := m.list.Insert(pivot, v, before); ok != (at >= 0) {
		t.Fatalf("Insert at %.40q = %v", pivot, ok)
	}
	if at < 0 {
		return
	}
	if !before {
		at++
	}
	m.grow(v)
	m.values = slices.Insert(m.values, at, v)
}

func (m *listModel) remove(t *rapid.T) {
	v := drawElement(t, "v")
	if len(m.values) > 0 && rapid.Bool().Draw(t, "known") {
		v = bytes.Clone(rapid.SampledFrom(m.values).Draw(t, "v"))
	}
	count := rapid.IntRange(-4, 4).Draw(t, "count")
	left, removed := count, 0
	if count == 0 {
		left = math.MaxInt
	}
	kept := slices.Clone(m.values)
	if count < 0 {
		left = -count
		slices.Reverse(kept)
	}
	kept = slices.DeleteFunc(kept, func(e []byte) bool {
		if removed == left || !bytes.Equal(e, v) {
			return false
		}
		removed++
		return true
	})
	if count < 0 {
		slices.Reverse(kept)
	}
	m.values = kept
	if got := m.list.Remove(count, v); got != removed {
		t.Fatalf("Remove(%d, %.40q) = %d, want %d", count, v, got, removed)
	}
	if removed > 0 {
		m.shrink()
	}
}

func (m *listModel) trim(t *rapid.T) {
	n := len(m.values)
	start, stop := rapid.IntRange(0, n/8+1).Draw(t, "start"), rapid.IntRange(n*3/4, n).Draw(t, "stop")
	if rapid.IntRange(0, 9).Draw(t, "hard") == 0 {
		start, stop = stop, start
	}
	m.list.Trim(start, stop)
	if stop = min(stop, n-1); start > stop {
		m.values = nil
	} else {
		m.values = slices.Clone(m.values[start : stop+1])
	}
	m.shrink()
}

func (m *listModel) walk(t *rapid.T) {
	if len(m.values) == 0 {
		return
	}
	start := rapid.IntRange(0, len(m.values)-1).Draw(t, "start")
	stop := rapid.IntRange(start, len(m.values)-1).Draw(t, "stop")
	limit := rapid.IntRange(1, len(m.values)).Draw(t, "limit")
	var forward, backward [][]byte
	m.list.Range(start, stop, func(v []byte) bool {
		forward = append(forward, bytes.Clone(v))
		return len(forward) < limit
	})
	m.list.RangeReverse(stop, start, func(v []byte) bool {
		backward = append(backward, bytes.Clone(v))
		return len(backward) < limit
	})
	want := slices.Clone(m.values[start : stop+1])
	limit = min(limit, len(want))
	if !slices.EqualFunc(forward, want[:limit], bytes.Equal) {
		t.Fatalf("Range(%d, %d) up to %d yielded %d elements", start, stop, limit, len(forward))
	}
	slices.Reverse(want)
	if !slices.EqualFunc(backward, want[:limit], bytes.Equal) {
		t.Fatalf("RangeReverse(%d, %d) up to %d yielded %d elements", stop, start, limit, len(backward))
	}
}

func TestListAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]int{-1, -2, 1, 2, 3, 8, 50}).Draw(t, "limit")
		m := &listModel{list: listOf(limit), packed: true}
		m.fill(rapid.IntRange(0, 600).Draw(t, "n"))
		t.Repeat(map[string]func(*rapid.T){
			"":           m.check,
			"push front": func(t *rapid.T) { m.push(t, true) },
			"push back":  func(t *rapid.T) { m.push(t, false) },
			"push more":  func(t *rapid.T) { m.push(t, rapid.Bool().Draw(t, "front")) },
			"pop front":  func(t *rapid.T) { m.pop(t, true) },
			"pop back":   func(t *rapid.T) { m.pop(t, false) },
			"rotate":     m.rotate,
			"index":      m.index,
			"set":        m.set,
			"insert":     m.insert,
			"remove":     m.remove,
			"trim":       m.trim,
			"walk":       m.walk,
		})
	})
}
