package store

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// rank is an item that is its own key.
type rank int

func (n rank) key() rank            { return n }
func (n rank) compare(key rank) int { return int(n) - int(key) }

// prefix is that of so many ranks that chunks begin with equal ones, and others within one.
func (n rank) prefix() uint64 { return uint64(n / 300) }

// chunkedModel is a sorted slice beside the sequence.
type chunkedModel struct {
	seq   chunked[rank, rank]
	total int
	items []rank
}

func (m *chunkedModel) insert(n rank) {
	i, found := slices.BinarySearch(m.items, n)
	p, known := m.seq.find(n)
	if found != known {
		panic("found in one only")
	}
	if !found {
		m.items = slices.Insert(m.items, i, n)
		if item := m.seq.insert(p, n); *item != n || item != m.seq.get(n) {
			panic("inserted elsewhere")
		}
	}
}

// removeAt removes n items from index i on.
func (m *chunkedModel) removeAt(i, n int) {
	for _, item := range m.items[i : i+n] {
		p, _ := m.seq.find(item)
		m.seq.remove(p)
	}
	m.items = slices.Delete(m.items, i, i+n)
}

func (m *chunkedModel) check(t *rapid.T) {
	var items []rank
	m.seq.each(func(n *rank) bool {
		items = append(items, *n)
		return true
	})
	if !slices.Equal(items, m.items) || m.seq.count != len(m.items) || m.total != m.seq.bytes() {
		t.Fatalf("%v, %d bytes counted as %d; want %v", items, m.seq.bytes(), m.total, m.items)
	}
	for i, c := range m.seq.chunks {
		if (len(c.items) == 0) != (i < m.seq.head) || len(c.items) > chunkFill {
			t.Fatalf("chunk %d of %d, from %d, has %d items", i, len(m.seq.chunks), m.seq.head, len(c.items))
		}
		if len(c.items) > 0 && c.prefix != c.items[0].prefix() {
			t.Fatalf("chunk %d begins with %d, not with prefix %d", i, c.items[0], c.prefix)
		}
	}
	if n := len(m.items); n > 0 && m.total > 1024+n*8*6 {
		t.Fatalf("%d bytes for %d items", m.total, n)
	}
}

// checkSeek compares where a key stands with the sorted slice.
func (m *chunkedModel) checkSeek(t *rapid.T, key rank) {
	i, found := slices.BinarySearch(m.items, key)
	p := m.seq.seek(key)
	if m.seq.has(p) != (i < len(m.items)) || m.seq.has(p) && *m.seq.at(p) != m.items[i] {
		t.Fatalf("%d is at %v", key, p)
	}
	if item := m.seq.get(key); (item != nil) != found {
		t.Fatalf("%d found: %v", key, item != nil)
	}
	if i > 0 && *m.seq.at(m.seq.before(p)) != m.items[i-1] {
		t.Fatalf("%d is before %d", *m.seq.at(m.seq.before(p)), key)
	}
	for ; i < len(m.items); i++ {
		if *m.seq.at(p) != m.items[i] {
			t.Fatalf("%d instead of %d", *m.seq.at(p), m.items[i])
		}
		p = m.seq.next(p)
	}
}

func TestChunkedModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &chunkedModel{}
		m.seq.total = &m.total
		key := rapid.IntRange(0, 10_000)
		t.Repeat(map[string]func(*rapid.T){
			"insert": func(t *rapid.T) { m.insert(rank(key.Draw(t, "key"))) },
			"append": func(t *rapid.T) {
				for range rapid.IntRange(1, 200).Draw(t, "n") {
					next := rank(10_001)
					if n := len(m.items); n > 0 {
						next = max(next, m.items[n-1]+1)
					}
					m.insert(next)
				}
			},
			"between": func(t *rapid.T) {
				from := key.Draw(t, "from")
				for i := range 100 {
					m.insert(rank(from + i))
				}
			},
			"remove": func(t *rapid.T) {
				if len(m.items) > 0 {
					i := rapid.IntRange(0, len(m.items)-1).Draw(t, "i")
					m.removeAt(i, rapid.IntRange(1, len(m.items)-i).Draw(t, "n"))
				}
			},
			"drain": func(t *rapid.T) { m.removeAt(0, min(len(m.items), rapid.IntRange(0, 150).Draw(t, "n"))) },
			"thin": func(t *rapid.T) {
				for i := len(m.items) - 1; i >= 0; i -= 2 {
					m.removeAt(i, 1)
				}
			},
			"": func(t *rapid.T) {
				m.check(t)
				m.checkSeek(t, rank(key.Draw(t, "sought")))
			},
		})
	})
}
