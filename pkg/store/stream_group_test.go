package store

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// groupModel is a naive consumer group: what is pending is a map.
type groupModel struct {
	consumers map[string]bool
	pending   map[StreamID]*pendingModel
}

type pendingModel struct {
	consumer    string
	deliveredAt int64
	deliveries  int64
}

// Names of groups and consumers.
var modelNames = rapid.SampledFrom([]string{"a", "b", "", "ab", "\xff"})

// addGroupActions adds what can be done with groups.
func (m *streamModel) addGroupActions(actions map[string]func(*rapid.T)) {
	actions["group"] = func(t *rapid.T) {
		name := modelNames.Draw(t, "group")
		_, there := m.groups[name]
		if m.stream.CreateGroup([]byte(name), StreamID{}, UnknownRead) == there {
			t.Fatalf("created %q: %v", name, !there)
		}
		if !there {
			m.groups[name] = &groupModel{map[string]bool{}, map[StreamID]*pendingModel{}}
		}
	}
	actions["destroy"] = func(t *rapid.T) {
		name := modelNames.Draw(t, "group")
		if m.stream.DestroyGroup([]byte(name)) != (m.groups[name] != nil) {
			t.Fatalf("destroyed %q", name)
		}
		delete(m.groups, name)
	}
	for name, act := range map[string]func(*rapid.T, *StreamGroup, *groupModel){
		"consumer": createConsumer, "delConsumer": deleteConsumer, "deliver": m.deliver, "ack": m.acknowledge, "assign": m.assign, "next": m.next,
	} {
		actions[name] = func(t *rapid.T) {
			if len(m.groups) > 0 {
				group := rapid.SampledFrom(slices.Sorted(maps.Keys(m.groups))).Draw(t, "group")
				act(t, m.stream.Group([]byte(group)), m.groups[group])
			}
		}
	}
}

func createConsumer(t *rapid.T, g *StreamGroup, model *groupModel) {
	name := modelNames.Draw(t, "consumer")
	c := g.CreateConsumer([]byte(name), 5)
	if (c == nil) != model.consumers[name] || c != nil && (c.SeenAt != 5 || c.ActiveAt != NeverActive) {
		t.Fatalf("created %q: %v", name, c)
	}
	model.consumers[name] = true
}

func deleteConsumer(t *rapid.T, g *StreamGroup, model *groupModel) {
	name := modelNames.Draw(t, "consumer")
	want := 0
	for id, e := range model.pending {
		if e.consumer == name {
			delete(model.pending, id)
			want++
		}
	}
	if n, existed := g.DeleteConsumer([]byte(name)); n != want || existed != model.consumers[name] {
		t.Fatalf("%d were pending for %q, want %d", n, name, want)
	}
	delete(model.consumers, name)
}

// drawConsumer returns a consumer that is there, or nil.
func drawConsumer(t *rapid.T, g *StreamGroup, model *groupModel) *StreamConsumer {
	if len(model.consumers) == 0 {
		return nil
	}
	return g.Consumer([]byte(rapid.SampledFrom(slices.Sorted(maps.Keys(model.consumers))).Draw(t, "consumer")))
}

// deliver delivers entries that are there or are not, one or many.
func (m *streamModel) deliver(t *rapid.T, g *StreamGroup, model *groupModel) {
	c := drawConsumer(t, g, model)
	if c == nil {
		return
	}
	id, now := m.drawID(t), rapid.Int64Range(0, 1000).Draw(t, "now")
	for range rapid.SampledFrom([]int{1, 1, 1, 150}).Draw(t, "n") {
		if e := g.Deliver(id, c, now); e.ID != id || e.Consumer() != c {
			t.Fatalf("%s was delivered as %s", id, e.ID)
		}
		model.pending[id] = &pendingModel{string(c.Name()), now, 1}
		id, _ = id.Next()
	}
}

func (m *streamModel) acknowledge(t *rapid.T, g *StreamGroup, model *groupModel) {
	id := m.drawID(t)
	for range rapid.SampledFrom([]int{1, 1, 40}).Draw(t, "n") {
		if g.Acknowledge(id) != (model.pending[id] != nil) {
			t.Fatalf("acknowledged %s", id)
		}
		delete(model.pending, id)
		id, _ = id.Next()
	}
}

// assign gives a pending entry to another consumer.
func (m *streamModel) assign(t *rapid.T, g *StreamGroup, model *groupModel) {
	id, c := m.drawID(t), drawConsumer(t, g, model)
	e := g.PendingWith(id)
	if (e != nil) != (model.pending[id] != nil) {
		t.Fatalf("%s is pending: %v", id, e != nil)
	}
	if e == nil || c == nil {
		return
	}
	g.Assign(e, c)
	e.Deliveries++
	model.pending[id].consumer = string(c.Name())
	model.pending[id].deliveries++
}

// next compares what is pending from an ID on, in the group and for one consumer.
func (m *streamModel) next(t *rapid.T, g *StreamGroup, model *groupModel) {
	from, c := m.drawID(t), drawConsumer(t, g, model)
	var want, got, wantOf, gotOf []StreamID
	for _, id := range slices.SortedFunc(maps.Keys(model.pending), StreamID.Compare) {
		if id.Compare(from) < 0 {
			continue
		}
		want = append(want, id)
		if c != nil && model.pending[id].consumer == string(c.Name()) {
			wantOf = append(wantOf, id)
		}
	}
	g.RangePending(from, func(e *PendingEntry) bool {
		got = append(got, e.ID)
		return true
	})
	if c != nil {
		c.RangePending(g, from, func(e *PendingEntry) bool {
			gotOf = append(gotOf, e.ID)
			return len(gotOf) < 10
		})
		wantOf = wantOf[:min(len(wantOf), 10)]
	}
	if !slices.Equal(got, want) || !slices.Equal(gotOf, wantOf) {
		t.Fatalf("pending from %s: %v, %v for the consumer; want %v, %v", from, got, gotOf, want, wantOf)
	}
	if e := g.NextPending(from); (e != nil) != (len(want) > 0) || e != nil && e.ID != want[0] {
		t.Fatalf("the next from %s is %+v", from, e)
	}
}

func (m *streamModel) checkGroups(t *rapid.T) {
	var names []string
	m.stream.EachGroup(func(g *StreamGroup) bool {
		names = append(names, string(g.Name()))
		if model := m.groups[string(g.Name())]; model != nil {
			model.check(t, g)
		}
		return true
	})
	if !slices.Equal(names, slices.Sorted(maps.Keys(m.groups))) || m.stream.Groups() != len(names) {
		t.Fatalf("groups are %q", names)
	}
}

func (model *groupModel) check(t *rapid.T, g *StreamGroup) {
	var names []string
	g.EachConsumer(func(c *StreamConsumer) bool {
		names = append(names, string(c.Name()))
		return true
	})
	if !slices.Equal(names, slices.Sorted(maps.Keys(model.consumers))) || g.Consumers() != len(names) {
		t.Fatalf("consumers are %q", names)
	}
	if g.Pending() != len(model.pending) {
		t.Fatalf("%d are pending, want %d", g.Pending(), len(model.pending))
	}
	var ids []StreamID
	g.pending.each(func(e *PendingEntry) bool {
		if want := model.pending[e.ID]; want == nil || *want != (pendingModel{string(e.consumer.name), e.DeliveredAt, e.Deliveries}) {
			t.Fatalf("%+v is pending, want %+v", e, want)
		}
		ids = append(ids, e.ID)
		return true
	})
	if len(ids) > 0 {
		if from, to := g.PendingRange(); from != ids[0] || to != ids[len(ids)-1] || !slices.IsSortedFunc(ids, StreamID.Compare) {
			t.Fatalf("pending from %s to %s of %v", from, to, ids)
		}
	}
}

// TestGroupProgress pins what is told of a group's progress where entries are gone.
func TestGroupProgress(t *testing.T) {
	limit := newStreamLimit(4096, 100)
	s := newStream(&limit)
	s.CreateGroup([]byte("g"), StreamID{}, UnknownRead)
	g := s.Group([]byte("g"))
	expect := func(read, lag int64, known bool) {
		t.Helper()
		if n, ok := g.Lag(); g.Read() != read || n != lag || ok != known {
			t.Errorf("read %d, lag %d %v; want %d, %d %v", g.Read(), n, ok, read, lag, known)
		}
	}
	expect(UnknownRead, 0, true)
	for i := range uint64(5) {
		s.Add(StreamID{i + 1, 0}, [][]byte{[]byte("f"), []byte("v")})
	}
	expect(UnknownRead, 5, true)
	g.Advance(StreamID{1, 0})
	expect(1, 4, true)
	s.Delete(StreamID{3, 0})
	expect(1, 0, false) // nobody knows how many were deleted
	g.Advance(StreamID{2, 0})
	expect(UnknownRead, 0, false)
	g.Advance(StreamID{5, 0})
	expect(5, 0, true)
	s.Trim(StreamTrim{MaxLen: 0})
	expect(5, 0, true)
}
