package store

import (
	"math"
	"strconv"
	"testing"
)

// TestListRangeOutOfBounds: bounds that are no elements yield nothing.
func TestListRangeOutOfBounds(t *testing.T) {
	l := defaultList()
	l.PushBack([]byte("a"), []byte("b"))
	never := func(v []byte) bool {
		t.Errorf("yielded %q", v)
		return false
	}
	for _, b := range [][2]int{{-1, 1}, {0, 2}, {1, 0}, {2, 2}} {
		l.Range(b[0], b[1], never)
		l.RangeReverse(b[1], b[0], never)
	}
	defaultList().Range(0, -1, never)
}

// TestListDigest: contents count, the way they are chunked does not.
func TestListDigest(t *testing.T) {
	digest := func(l *List) (parts string) {
		l.digest(func(v []byte) { parts += string(v) + "," })
		return parts
	}
	var value Value = defaultList()
	if value.Type() != TypeList || value.Encoding() != "listpack" || digest(value.(*List)) != "" {
		t.Errorf("an empty list is %v, %v", value.Type(), value.Encoding())
	}
	a := defaultList()
	a.PushBack([]byte("a"), []byte("10"))
	b := listOf(1)
	b.PushFront([]byte("10"))
	b.PushFront([]byte("a"))
	if digest(a) != "a,10," || digest(b) != "a,10," || b.Encoding() != "quicklist" {
		t.Errorf("digests %q and %q, encoding %s", digest(a), digest(b), b.Encoding())
	}
}

// TestListPackedAtTheBorder pins Redis' arithmetic: the bare bytes of what
// comes are added to the listpack there is.
func TestListPackedAtTheBorder(t *testing.T) {
	v := make([]byte, 8192-listpackOverhead)
	l := defaultList()
	if l.PushBack(v); !l.Packed() {
		t.Error("8185 bytes are no listpack")
	}
	l = defaultList()
	if l.PushBack(append(v, 0)); l.Packed() {
		t.Error("8186 bytes are a listpack")
	}
	l.PushBack([]byte("x"))
	if l.PopFront(); !l.Packed() {
		t.Error("one short element left is no listpack")
	}
}

// TestListGoesByItsStore changes one store's limit under a list that is there
// and looks at another store's.
func TestListGoesByItsStore(t *testing.T) {
	one := New(Options{Databases: 1, ListMaxListpackSize: 2})
	other := New(Options{Databases: 1, ListMaxListpackSize: -2})
	l, o := one.DB(0).NewList(), other.DB(0).NewList()
	push := func() (packed, otherPacked bool) {
		l.PushBack([]byte("a"))
		o.PushBack([]byte("a"))
		return l.Packed(), o.Packed()
	}
	push()
	if packed, otherPacked := push(); !packed || !otherPacked {
		t.Errorf("two elements: listpack %v, with room for 8 KiB %v", packed, otherPacked)
	}
	one.Configure(Options{ListMaxListpackSize: 3})
	if packed, _ := push(); !packed {
		t.Error("three elements under a limit raised to three are no listpack")
	}
	if packed, otherPacked := push(); packed || !otherPacked {
		t.Errorf("four elements: listpack %v, with room for 8 KiB %v", packed, otherPacked)
	}
}

// TestListChunkLimits: Redis takes a setting out of its range as the nearest
// one.
func TestListChunkLimits(t *testing.T) {
	for n, want := range map[int]chunkLimit{
		-1: {4 << 10, math.MaxInt}, -5: {64 << 10, math.MaxInt}, -6: {64 << 10, math.MaxInt},
		math.MinInt: {64 << 10, math.MaxInt}, 0: {8 << 10, 1}, 1: {8 << 10, 1}, 128: {8 << 10, 128},
	} {
		if got := newChunkLimit(n); got != want {
			t.Errorf("%d: %+v, want %+v", n, got, want)
		}
	}
}

// TestListChunksHoldTheirLimit fills lists from either end and in the middle
// and looks at how many chunks they take.
func TestListChunksHoldTheirLimit(t *testing.T) {
	for name, push := range map[string]func(l *List, v []byte){
		"back":  func(l *List, v []byte) { l.PushBack(v) },
		"front": func(l *List, v []byte) { l.PushFront(v) },
		"middle": func(l *List, v []byte) {
			if !l.Insert([]byte("500"), v, true) {
				l.PushBack(v)
			}
		},
	} {
		l := listOf(10)
		l.PushBack([]byte("500"))
		for i := range 1000 {
			push(l, strconv.AppendInt(nil, int64(i+501), 10))
		}
		checkListInvariants(t, l, 1)
		if n := l.chunks.len(); n < 100 || n > 220 {
			t.Errorf("%s: 1001 elements in %d chunks of at most 10", name, n)
		}
	}
}

func longList() *List {
	l := defaultList()
	for i := range 100_000 {
		l.PushBack(strconv.AppendInt([]byte("element:"), int64(i&1), 10))
	}
	return l
}

// TestListGivesMemoryBack drains a long list in all ways; a queue that never
// empties must not grow either.
func TestListGivesMemoryBack(t *testing.T) {
	for _, tt := range []struct {
		name  string
		drain func(l *List)
		most  int
	}{
		{"pop front", func(l *List) {
			for l.Len() > 2 {
				l.PopFront()
			}
		}, 300},
		{"pop back", func(l *List) {
			for l.Len() > 2 {
				l.PopBack()
			}
		}, 300},
		{"trim", func(l *List) { l.Trim(50_000, 50_001) }, 300},
		{"trim to a border", func(l *List) {
			first := l.chunkLen(0)
			l.Trim(first-1, first)
		}, 600},
		{"remove", func(l *List) {
			l.Remove(49_999, []byte("element:0"))
			l.Remove(-49_999, []byte("element:1"))
		}, 600},
		{"queue", func(l *List) {
			l.Trim(0, 1)
			for range 100_000 {
				l.PushBack([]byte("element"))
				l.PopFront()
			}
		}, 300},
	} {
		l := longList()
		tt.drain(l)
		checkListInvariants(t, l, 1)
		if l.Len() != 2 || l.Size() > tt.most {
			t.Errorf("%s: %d elements in %d bytes", tt.name, l.Len(), l.Size())
		}
	}
}

func TestListOfShrunkElementsGivesMemoryBack(t *testing.T) {
	l := longList()
	for i := range l.Len() {
		l.Set(i, nil)
	}
	checkListInvariants(t, l, 1)
	if l.Size() > 4*l.Len() {
		t.Errorf("%d empty elements in %d bytes", l.Len(), l.Size())
	}
}

// TestListOfTwoNodesStaysQuicklist: Redis joins no nodes after LREM.
func TestListOfTwoNodesStaysQuicklist(t *testing.T) {
	l := listOf(10)
	for i := range 20 {
		l.PushBack([]byte(strconv.Itoa(i / 9))) // nine of 0, nine of 1, two of 2
	}
	l.Remove(8, []byte("0"))
	l.Remove(0, []byte("1"))
	if l.Packed() || l.Len() != 3 {
		t.Errorf("%d elements of two nodes, packed %v", l.Len(), l.Packed())
	}
	l.PopFront()
	if !l.Packed() {
		t.Error("one node of two elements is no listpack")
	}
}

func TestListMemoryOfShortElements(t *testing.T) {
	for _, tt := range []struct{ n, most int }{{100, 16}, {1_000_000, 13}} {
		l := defaultList()
		for i := range tt.n {
			l.PushBack(strconv.AppendInt([]byte("e:"), int64(10_000_000+i), 10))
		}
		if per := l.Size() / tt.n; per > tt.most {
			t.Errorf("%d elements of 10 bytes: %d bytes each, want at most %d", tt.n, per, tt.most)
		}
	}
}

// TestListKeepsWhatItTookIn changes the buffer a pushed element came from.
func TestListKeepsWhatItTookIn(t *testing.T) {
	buf := []byte("abc")
	l := defaultList()
	l.PushBack(buf)
	l.Insert([]byte("abc"), buf, true)
	l.Set(0, buf)
	copy(buf, "xyz")
	l.Range(0, 1, func(v []byte) bool {
		if string(v) != "abc" {
			t.Errorf("element became %q", v)
		}
		return true
	})
}

// TestListWarmAllocatesNothing covers a small list, a long one, and one that
// crosses the border of a chunk with each push.
func TestListWarmAllocatesNothing(t *testing.T) {
	for _, n := range []int{1, 100, 100_000} {
		l := defaultList()
		for range n {
			l.PushBack([]byte("some element"))
		}
		for !t.Failed() && n > 1000 && l.chunks.end(false).count > 1 {
			l.PopBack()
		}
		v := []byte("12345")
		step := func() {
			l.PushBack(v)
			l.PushBack(v)
			l.PopBack()
			l.PopBack()
			if n > 1000 {
				l.PopBack()
				l.PushBack(v)
			}
			l.PushFront(v)
			l.PopFront()
			l.PushBack(v)
			l.PopFront()
			l.Rotate(true)
			l.PushFront(v)
			l.Trim(0, l.Len()-2)
		}
		for range 2000 {
			step()
		}
		if allocs := testing.AllocsPerRun(500, step); allocs != 0 {
			t.Errorf("%d elements: %v allocations", n, allocs)
		}
	}
}
