package store

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// streamModel is a naive stream beside the one under test: its nodes are slices of entries.
type streamModel struct {
	stream  *Stream
	limit   *streamLimit
	nodes   [][]*modelEntry
	last    StreamID
	removed StreamID
	added   uint64
	groups  map[string]*groupModel
}

type modelEntry struct {
	id      StreamID
	pairs   [][]byte
	deleted bool
}

func newStreamModel(bytes, entries int64) *streamModel {
	limit := newStreamLimit(bytes, entries)
	return &streamModel{stream: newStream(&limit), limit: &limit, groups: map[string]*groupModel{}}
}

// live returns the entries that are not deleted.
func (m *streamModel) live() (all []*modelEntry) {
	for _, node := range m.nodes {
		for _, e := range node {
			if !e.deleted {
				all = append(all, e)
			}
		}
	}
	return all
}

func liveIn(node []*modelEntry) (n int) {
	for _, e := range node {
		if !e.deleted {
			n++
		}
	}
	return n
}

// fields returns every other one of the pairs.
func (e *modelEntry) fields() (fields [][]byte) {
	for i := 0; i < len(e.pairs); i += 2 {
		fields = append(fields, e.pairs[i])
	}
	return fields
}

// nodeBytes is written from the description of the format, not with the codec.
func nodeBytes(node []*modelEntry) int {
	number := func(n int64) int { return listpackEntry(strconv.AppendInt(nil, n, 10)) }
	text := func(pieces [][]byte) (n int) {
		for _, piece := range pieces {
			n += listpackEntry(piece)
		}
		return n
	}
	first, live := node[0], int64(liveIn(node))
	names := first.fields()
	n := listpackOverhead + number(live) + number(int64(len(node))-live) + number(int64(len(names))) + text(names) + number(0)
	for _, e := range node {
		pieces := int64(3 + len(e.pairs)/2)
		n += number(0) + number(int64(e.id.Ms-first.id.Ms)) + number(int64(e.id.Seq-first.id.Seq)) + text(e.pairs)
		if slices.EqualFunc(e.fields(), names, slices.Equal) {
			n -= text(names)
		} else {
			n += number(int64(len(e.pairs) / 2))
			pieces += int64(1 + len(e.pairs)/2)
		}
		n += number(pieces)
	}
	return n
}

func (m *streamModel) add(id StreamID, pairs [][]byte) {
	m.stream.Add(id, pairs)
	full := len(m.nodes) == 0
	if !full {
		node := m.nodes[len(m.nodes)-1]
		bytes := nodeBytes(node)
		for _, piece := range pairs {
			bytes += len(piece)
		}
		full = bytes >= m.limit.bytes || len(node) >= m.limit.entries
	}
	if full {
		m.nodes = append(m.nodes, nil)
	}
	end := &m.nodes[len(m.nodes)-1]
	*end = append(*end, &modelEntry{id: id, pairs: pairs})
	m.last = id
	m.added++
}

func (m *streamModel) delete(t *rapid.T, id StreamID) {
	deleted := false
	for i, node := range m.nodes {
		for _, e := range node {
			if e.id == id && !e.deleted {
				e.deleted, deleted = true, true
				if liveIn(node) == 0 {
					m.nodes = slices.Delete(m.nodes, i, i+1)
				}
				break
			}
		}
		if deleted {
			break
		}
	}
	if deleted && id.Compare(m.removed) > 0 {
		m.removed = id
	}
	if got := m.stream.Has(id); got != deleted {
		t.Fatalf("Has(%s) = %v", id, got)
	}
	if got := m.stream.Delete(id); got != deleted {
		t.Fatalf("Delete(%s) = %v", id, got)
	}
}

func (m *streamModel) trim(t *rapid.T, trim StreamTrim) {
	want := int64(0)
	goes := func(e *modelEntry) bool {
		if trim.ByID {
			return e.id.Compare(trim.MinID) < 0
		}
		return uint64(len(m.live())) > trim.MaxLen
	}
	for len(m.nodes) > 0 && (trim.ByID || uint64(len(m.live())) > trim.MaxLen) {
		node := m.nodes[0]
		n := int64(liveIn(node))
		whole := goes(node[len(node)-1])
		if !trim.ByID {
			whole = uint64(len(m.live())-int(n)) >= trim.MaxLen
		}
		if trim.Limit > 0 && want+n > trim.Limit {
			break
		}
		if !whole {
			for _, e := range node {
				if !trim.Approx && !e.deleted && goes(e) {
					e.deleted = true
					want++
				}
			}
			break
		}
		m.nodes = m.nodes[1:]
		want += n
	}
	if got := m.stream.Trim(trim); got != want {
		t.Fatalf("Trim(%+v) = %d, want %d", trim, got, want)
	}
}

// spell writes an entry out.
func spell(id StreamID, pairs [][]byte) string { return fmt.Sprintf("%s %q", id, pairs) }

func collect(e StreamEntry) string {
	var pairs [][]byte
	e.Each(func(field, value []byte) { pairs = append(pairs, slices.Clone(field), slices.Clone(value)) })
	if len(pairs) != 2*e.Len() {
		return "a wrong length"
	}
	return spell(e.ID, pairs)
}

// checkRange compares both directions of a range, up to a number of entries.
func (m *streamModel) checkRange(t *rapid.T, start, end StreamID, most int) {
	var want, got, back []string
	for _, e := range m.live() {
		if e.id.Compare(start) >= 0 && e.id.Compare(end) <= 0 {
			want = append(want, spell(e.id, e.pairs))
		}
	}
	m.stream.Range(start, end, func(e StreamEntry) bool {
		got = append(got, collect(e))
		return len(got) != most
	})
	m.stream.RangeReverse(start, end, func(e StreamEntry) bool {
		back = append(back, collect(e))
		return len(back) != most
	})
	n := len(want)
	if most > 0 {
		n = min(n, most)
	}
	if !slices.Equal(got, want[:n]) {
		t.Fatalf("from %s to %s: %v, want %v", start, end, got, want[:n])
	}
	slices.Reverse(want)
	if !slices.Equal(back, want[:n]) {
		t.Fatalf("from %s back to %s: %v, want %v", end, start, back, want[:n])
	}
}

func (m *streamModel) check(t *rapid.T) {
	s, live := m.stream, m.live()
	if err := s.verify(); err != nil {
		t.Fatal(err)
	}
	var first, last StreamID
	if len(live) > 0 {
		first, last = live[0].id, live[len(live)-1].id
	}
	if s.Len() != len(live) || s.FirstID() != first || s.LastEntryID() != last {
		t.Fatalf("%d entries from %s to %s, want %d from %s to %s", s.Len(), s.FirstID(), s.LastEntryID(), len(live), first, last)
	}
	if s.LastID() != m.last || s.MaxDeletedID() != m.removed || s.Added() != m.added || s.Blocks() != len(m.nodes) {
		t.Fatalf("last %s, deleted %s, added %d, %d blocks; want %s, %s, %d, %d", s.LastID(), s.MaxDeletedID(), s.Added(), s.Blocks(),
			m.last, m.removed, m.added, len(m.nodes))
	}
	i := 0
	s.blocks.each(func(b *streamBlock) bool {
		if got, want := len(b.buf)+listpackOverhead, nodeBytes(m.nodes[i]); got != want || b.id != m.nodes[i][0].id {
			t.Fatalf("block %d has %d bytes from %s on, want %d from %s", i, got, b.id, want, m.nodes[i][0].id)
		}
		i++
		return true
	})
	m.checkGroups(t)
}

// drawID is an ID near those that are there.
func (m *streamModel) drawID(t *rapid.T) StreamID {
	if rapid.Bool().Draw(t, "near") {
		return StreamID{rapid.Uint64Range(0, m.last.Ms+2).Draw(t, "ms"), rapid.Uint64Range(0, 4).Draw(t, "seq")}
	}
	ids := []StreamID{{}, MaxStreamID, m.last}
	for _, node := range m.nodes {
		for _, e := range node {
			ids = append(ids, e.id)
		}
	}
	return rapid.SampledFrom(ids).Draw(t, "id")
}

// drawNextID is an ID behind the last one, in small steps and large ones.
func (m *streamModel) drawNextID(t *rapid.T) StreamID {
	steps := rapid.SampledFrom([]uint64{0, 1, 2, 200, 5000, 1 << 20, 1 << 33})
	if step := steps.Draw(t, "ms"); step > 0 {
		return StreamID{m.last.Ms + step, rapid.SampledFrom([]uint64{0, 1, 300, math.MaxUint64 - 10}).Draw(t, "seq")}
	}
	next, _ := m.last.Next()
	return next
}

var drawPiece = rapid.OneOf(
	rapid.SliceOfN(rapid.Byte(), 0, 20),
	rapid.SampledFrom([][]byte{[]byte("0"), []byte("127"), []byte("128"), []byte("-1"), []byte("70000"), []byte("007"), make([]byte, 70)}),
)

func drawPairs(t *rapid.T) (pairs [][]byte) {
	fields := rapid.SampledFrom([][]string{{"a"}, {"a"}, {"a", "b"}, {"a", "b"}, {"a", "12"}, {"b", "a"}, {"a", "b", "c"}}).Draw(t, "fields")
	for _, field := range fields {
		pairs = append(pairs, []byte(field), drawPiece.Draw(t, "value"))
	}
	return pairs
}

func TestStreamModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newStreamModel(rapid.SampledFrom([]int64{64, 300, 4096, 0}).Draw(t, "bytes"), rapid.SampledFrom([]int64{1, 3, 10, 200, 0}).Draw(t, "entries"))
		for i := range rapid.SampledFrom([]uint64{0, 0, 500}).Draw(t, "before") { // enough for blocks to share memory
			m.add(StreamID{1, i}, [][]byte{[]byte("a"), []byte("v")})
		}
		add := func(t *rapid.T) { m.add(m.drawNextID(t), drawPairs(t)) }
		actions := map[string]func(*rapid.T){
			"add": add,
			"addMany": func(t *rapid.T) {
				for range rapid.IntRange(1, 40).Draw(t, "n") {
					next, _ := m.last.Next()
					m.add(next, [][]byte{[]byte("a"), []byte("v")})
				}
			},
			"clone": func(t *rapid.T) {
				own := m.stream.cloneUnder(m.limit)
				m.stream.Trim(StreamTrim{MaxLen: 0}) // of which the copy must know nothing
				m.stream.EachGroup(func(g *StreamGroup) bool {
					for e := g.NextPending(StreamID{}); e != nil; e = g.NextPending(StreamID{}) {
						g.Acknowledge(e.ID)
					}
					return true
				})
				m.stream = own
			},
			"delete":  func(t *rapid.T) { m.delete(t, m.drawID(t)) },
			"range":   func(t *rapid.T) { m.checkRange(t, m.drawID(t), m.drawID(t), rapid.IntRange(0, 3).Draw(t, "most")) },
			"maxLen":  func(t *rapid.T) { m.trim(t, drawTrim(t, m, false)) },
			"minID":   func(t *rapid.T) { m.trim(t, drawTrim(t, m, true)) },
			"":        m.check,
			"overlap": func(t *rapid.T) { m.checkRange(t, StreamID{}, MaxStreamID, 0) },
		}
		m.addGroupActions(actions)
		t.Repeat(actions)
	})
}

func drawTrim(t *rapid.T, m *streamModel, byID bool) StreamTrim {
	trim := StreamTrim{ByID: byID, Approx: rapid.Bool().Draw(t, "approx")}
	if byID {
		trim.MinID = m.drawID(t)
	} else {
		trim.MaxLen = uint64(rapid.IntRange(0, m.stream.Len()+2).Draw(t, "maxlen"))
	}
	if trim.Approx {
		trim.Limit = int64(rapid.IntRange(0, 10).Draw(t, "limit"))
	}
	return trim
}
