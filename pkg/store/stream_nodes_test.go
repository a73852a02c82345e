package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
)

// sampleStream has blocks of three entries, some of them deleted, and entries with fields of their own.
func sampleStream() *Stream {
	limit := newStreamLimit(0, 3)
	s := newStream(&limit)
	for i := range uint64(10) {
		pairs := [][]byte{[]byte("field"), fmt.Append(nil, "value ", i), []byte("n"), fmt.Append(nil, i*i*i*100)}
		if i%4 == 3 {
			pairs = pairs[2:]
		}
		s.Add(StreamID{100 + i*i*i, i % 2}, pairs)
	}
	s.Delete(StreamID{100, 0})
	s.Delete(StreamID{100 + 64, 0})
	return s
}

func nodesOf(s *Stream) (ids []StreamID, nodes [][]byte) {
	s.EachNode(func(id StreamID, listpack []byte) bool {
		ids, nodes = append(ids, id), append(nodes, bytes.Clone(listpack))
		return true
	})
	return ids, nodes
}

func digestOf(s *Stream) string {
	var text []byte
	s.digest(func(part []byte) { text = fmt.Appendf(text, "%q", part) })
	return string(text)
}

// A stream that is made of another one's nodes, groups and memories is the same.
func TestStreamFromNodes(t *testing.T) {
	from := sampleStream()
	from.CreateGroup([]byte("g"), StreamID{101, 1}, 2)
	group := from.Group([]byte("g"))
	consumer := group.CreateConsumer([]byte("c"), 7)
	for i := range uint64(5) {
		group.Deliver(StreamID{i, 0}, consumer, int64(i))
	}
	to := newStream(from.limit)
	ids, nodes := nodesOf(from)
	for i, id := range ids {
		if !to.AddNode(id, nodes[i]) || to.AddNode(id, nodes[i]) || to.AddNode(StreamID{}, nodes[i]) {
			t.Fatalf("node %d was not taken, or twice", i)
		}
	}
	to.SetLastID(from.LastID())
	to.SetMaxDeletedID(from.MaxDeletedID())
	to.SetAdded(from.Added())
	to.CreateGroup([]byte("g"), group.LastID(), group.Read())
	restored := to.Group([]byte("g"))
	c := restored.CreateConsumer([]byte("c"), 7)
	group.RangePending(StreamID{}, func(e *PendingEntry) bool {
		if !restored.RestorePending(e.ID, e.DeliveredAt, e.Deliveries) || restored.RestorePending(e.ID, 0, 0) || restored.Owned() {
			t.Errorf("%s was not taken, or twice", e.ID)
		}
		return true
	})
	consumer.RangePending(group, StreamID{}, func(e *PendingEntry) bool {
		if !restored.RestoreOwner(e.ID, c) || restored.RestoreOwner(e.ID, c) {
			t.Errorf("%s was not given to the consumer, or twice", e.ID)
		}
		return true
	})
	if restored.RestoreOwner(StreamID{99, 9}, c) || !restored.Owned() {
		t.Error("an entry that is not pending got a consumer, or one that is has none")
	}
	if err := to.verify(); err != nil || digestOf(to) != digestOf(from) || to.FirstID() != from.FirstID() {
		t.Errorf("%v: %s\nwant %s", err, digestOf(to), digestOf(from))
	}
}

// listpackOfBlock puts a header and an end around packed entries.
func listpackOfBlock(entries []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(entries)+listpackHeader+1))
	return append(append(append(b, 0xFF, 0xFF), entries...), listpackEnd)
}

// FuzzStreamNode takes nodes from a stranger. One that is taken can be read, changed and trimmed without a crash, and is
// given back as it came.
func FuzzStreamNode(f *testing.F) {
	_, nodes := nodesOf(sampleStream())
	for _, node := range nodes {
		f.Add(uint64(100), uint64(0), node[listpackHeader:len(node)-1])
	}
	f.Fuzz(func(t *testing.T, ms, seq uint64, entries []byte) {
		limit := newStreamLimit(4096, 100)
		s := newStream(&limit)
		if !s.AddNode(StreamID{ms, seq}, listpackOfBlock(entries)) {
			if s.size != streamBytes || s.Len() != 0 {
				t.Fatal("a refused node left something behind")
			}
			return
		}
		if _, nodes := nodesOf(s); len(nodes) != 1 || !bytes.Equal(nodes[0][listpackHeader:len(nodes[0])-1], entries) {
			t.Fatalf("%x came back as %x", entries, nodes)
		}
		verifyStream(t, s)
		var forth, back []StreamID
		s.Range(StreamID{}, MaxStreamID, func(e StreamEntry) bool {
			forth = append(forth, e.ID)
			e.Each(func(_, _ []byte) {})
			return true
		})
		s.RangeReverse(StreamID{}, MaxStreamID, func(e StreamEntry) bool {
			back = append(back, e.ID)
			return true
		})
		slices.Reverse(back)
		if !slices.Equal(forth, back) || len(forth) != s.Len() {
			t.Fatalf("forth %v, back %v, %d entries", forth, back, s.Len())
		}
		if len(forth) > 0 {
			s.Delete(forth[len(forth)/2])
			verifyStream(t, s)
		}
		if next, ok := s.LastID().Next(); ok {
			s.Add(next, [][]byte{[]byte("field"), []byte("value")})
			verifyStream(t, s)
		}
		s.Trim(StreamTrim{MaxLen: uint64(s.Len() / 2)})
		verifyStream(t, s)
	})
}

func verifyStream(t *testing.T, s *Stream) {
	t.Helper()
	if err := s.verify(); err != nil {
		t.Fatal(err)
	}
}

// TestRadixNodes compares the number of nodes with a tree that is built of the keys.
func TestRadixNodes(t *testing.T) {
	limit := newStreamLimit(0, 1)
	for name, ids := range map[string][]StreamID{
		"none": nil, "one": {{1, 1}}, "neighbours": {{1, 1}, {1, 2}, {1, 3}}, "far": {{1, 0}, {1 << 60, 0}},
		"nested": {{1, 1}, {1, 1 << 8}, {1, 1<<8 + 1}, {1, 1 << 50}, {2, 0}, {2, 1}, {1 << 20, 7}, {1<<20 + 1, 7}, {1 << 63, 1}},
	} {
		s := newStream(&limit)
		var keys []string
		for _, id := range ids {
			s.Add(id, [][]byte{nil, nil})
			keys = append(keys, string(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, id.Ms), id.Seq)))
		}
		if got, want := s.RadixNodes(), max(1, treeNodes(keys)); got != want {
			t.Errorf("%s: %d nodes, want %d", name, got, want)
		}
	}
}

// treeNodes counts the nodes of the radix tree of keys that are equally long.
func treeNodes(keys []string) (n int) {
	if len(keys) == 0 {
		return 0
	}
	byFirst := map[byte][]string{}
	for _, key := range keys {
		if key == "" {
			return 1
		}
		byFirst[key[0]] = append(byFirst[key[0]], key[1:])
	}
	if len(byFirst) > 1 {
		n = 1
		for _, rest := range byFirst {
			n += treeNodes(rest)
		}
		return n
	}
	for len(byFirst) == 1 && keys[0] != "" { // one run of bytes, one node
		var rest []string
		byFirst = map[byte][]string{}
		for _, key := range keys {
			rest = append(rest, key[1:])
			if len(key) > 1 {
				byFirst[key[1]] = nil
			}
		}
		keys = rest
	}
	return 1 + treeNodes(keys)
}
