package store

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// modelField is what a field is to have: its value, and when it expires by which clock, if at is not 0.
type modelField struct {
	value string
	at    int64
	clock shape
}

// expiryModel is a keyspace with a few hashes beside maps of their fields, and both clocks.
type expiryModel struct {
	st           *Store
	ks           *Keyspace
	want         [3]map[string]modelField
	wall, uptime int64
	expired      uint64
}

func newExpiryModel() *expiryModel {
	m := &expiryModel{st: newTestStore(smallLimits), wall: 1000, uptime: 1000}
	m.ks = m.st.DB(0)
	for i := range m.want {
		m.want[i] = map[string]modelField{}
	}
	m.tick()
	return m
}

func (m *expiryModel) tick() { m.st.Tick(m.wall, m.uptime) }

func (m *expiryModel) due(f modelField) bool {
	now := m.uptime
	if f.clock == dated {
		now = m.wall
	}
	return f.at != 0 && f.at <= now
}

// draw returns a hash of which the fields that are due have gone from the model, as they must for the command that is about
// to look it up.
func (m *expiryModel) draw(t *rapid.T) (key []byte, want map[string]modelField) {
	i := rapid.IntRange(0, len(m.want)-1).Draw(t, "key")
	m.purge(i)
	return hashKey(i), m.want[i]
}

func (m *expiryModel) purge(i int) {
	maps.DeleteFunc(m.want[i], func(_ string, f modelField) bool {
		if m.due(f) {
			m.expired++
		}
		return m.due(f)
	})
}

var fewFields = rapid.Custom(func(t *rapid.T) []byte { return fmt.Appendf(nil, "f%d", rapid.IntRange(0, 9).Draw(t, "f")) })

func (m *expiryModel) set(t *rapid.T) {
	key, want := m.draw(t)
	h, _ := Edit(m.ks, key, m.ks.NewHash)
	field, value := fewFields.Draw(t, "field"), members.Draw(t, "value")
	was := want[string(field)]
	if rapid.Bool().Draw(t, "keep") {
		h.Update(field, value)
	} else {
		h.Set(field, value)
		was = modelField{}
	}
	want[string(field)] = modelField{string(value), was.at, was.clock}
}

func (m *expiryModel) expire(t *rapid.T) {
	key, want := m.draw(t)
	h, _ := FindForWrite[*Hash](m.ks, key)
	for _, field := range rapid.SliceOfN(fewFields, 1, 4).Draw(t, "fields") {
		f, ok := want[string(field)]
		if !ok {
			continue
		}
		in := rapid.OneOf(rapid.Int64Range(1, 20), rapid.Int64Range(1, math.MaxInt64/2)).Draw(t, "in")
		if rapid.Bool().Draw(t, "date") {
			f.clock, f.at = dated, m.wall+in
			h.ExpireAt(field, f.at)
		} else {
			f.clock, f.at = 0, m.uptime+in
			h.ExpireAfter(field, in)
		}
		want[string(field)] = f
	}
}

func (m *expiryModel) persist(t *rapid.T) {
	key, want := m.draw(t)
	h, _ := FindForWrite[*Hash](m.ks, key)
	field := fewFields.Draw(t, "field")
	if f, ok := want[string(field)]; ok {
		if h.Persist(field) != (f.at != 0) {
			t.Fatalf("Persist(%s) is wrong", field)
		}
		want[string(field)] = modelField{value: f.value}
	}
}

func (m *expiryModel) remove(t *rapid.T) {
	key, want := m.draw(t)
	if h, _ := FindForWrite[*Hash](m.ks, key); h != nil {
		field := fewFields.Draw(t, "field")
		h.Delete(field)
		delete(want, string(field))
	}
}

func (m *expiryModel) replace(t *rapid.T) {
	key, want := m.draw(t)
	switch rapid.IntRange(0, 3).Draw(t, "how") {
	case 0:
		m.ks.Delete(key)
		clear(want)
	case 1:
		m.ks.SetString(key, []byte("x"), false)
		m.st.Settle()
		m.ks.Delete(key)
		clear(want)
	case 2:
		m.ks.ExpireAfter(key, math.MaxInt64/2)
	case 3:
		long := []byte("a name that is a good deal longer")
		m.ks.Rename(key, long)
		m.st.Settle()
		m.ks.Rename(long, key)
	}
}

// copy makes a hash a copy of another one, which is to be the same in every respect and apart from it.
func (m *expiryModel) copy(t *rapid.T) {
	key, want := m.draw(t)
	h, _ := Find[*Hash](m.ks, key)
	to, theirs := m.draw(t)
	m.ks.Peek(to)
	if h == nil || string(key) == string(to) {
		return
	}
	clear(theirs)
	maps.Copy(theirs, want)
	m.ks.Replace(to, h.clone(m.ks))
}

func (m *expiryModel) pass(t *rapid.T) {
	ms := rapid.Int64Range(0, 15).Draw(t, "ms")
	m.wall, m.uptime = m.wall+ms, m.uptime+ms
	if rapid.IntRange(0, 4).Draw(t, "jump") == 0 {
		m.wall = max(1, m.wall+rapid.Int64Range(-30, 30).Draw(t, "by"))
	}
	m.tick()
}

// expireDue has the store find by itself what is due, which nobody can tell from looking at it.
func (m *expiryModel) expireDue(t *rapid.T) {
	due := 0
	for _, want := range m.want {
		for _, f := range want {
			if m.due(f) {
				due++
			}
		}
	}
	if n := m.st.DueKeys(1000); n != due || m.st.DueKeys(1) != min(due, 1) {
		t.Fatalf("%d fields are due, counted %d", due, n)
	}
	before := m.st.Digest()
	limit := rapid.IntRange(1, 6).Draw(t, "limit")
	if more := m.st.ExpireDue(limit); more != (due > limit) {
		t.Fatalf("with %d due and %d removed, more are: %v", due, limit, more)
	}
	if m.st.Digest() != before {
		t.Fatal("the removal of what was due can be seen")
	}
	was := m.expired
	for i, want := range m.want {
		maps.DeleteFunc(want, func(field string, f modelField) bool {
			gone := m.due(f) && m.gone(hashKey(i), field)
			if gone {
				m.expired++
			}
			return gone
		})
	}
	if n := int(m.expired - was); n != min(due, limit) {
		t.Fatalf("%d of %d fields that are due went, not %d", n, due, limit)
	}
}

func (m *expiryModel) chores(*rapid.T) {
	for m.st.HasChores() {
		m.st.DoChores()
	}
}

func (m *expiryModel) flush(t *rapid.T) {
	for i := range m.want {
		m.purge(i)
		m.ks.Peek(hashKey(i))
		clear(m.want[i])
	}
	m.ks.Flush()
}

func (m *expiryModel) check(t *rapid.T) {
	m.st.Settle()
	checkStore(t, m.st)
	m.checkNext(t)
	if rapid.Bool().Draw(t, "blindly") {
		return // what is due may have to wait for somebody to look
	}
	for i, want := range m.want {
		m.purge(i)
		h, _ := Find[*Hash](m.ks, hashKey(i))
		if (h == nil) != (len(want) == 0) {
			t.Fatalf("hash%d is %v, want %d fields", i, h, len(want))
		}
		if h != nil {
			m.checkHash(t, h, want)
		}
	}
	m.st.Settle()
	checkStore(t, m.st)
	if m.st.ExpiredFields != m.expired {
		t.Fatalf("%d fields have expired, counted %d", m.expired, m.st.ExpiredFields)
	}
}

// checkNext compares the nearest deadline with all of them, those included that have passed.
func (m *expiryModel) checkNext(t *rapid.T) {
	first, some := int64(math.MaxInt64), m.ks.Volatile() > 0
	for i, want := range m.want {
		for field, f := range want {
			if f.at == 0 || m.gone(hashKey(i), field) {
				continue
			}
			some = true
			if f.clock == dated {
				first = min(first, f.at-m.wall)
			} else {
				first = min(first, f.at-m.uptime)
			}
		}
	}
	in, ok := m.st.NextDeadline()
	if ok != some || ok && m.ks.Volatile() == 0 && in != first {
		t.Fatalf("the next deadline is in %d ms (%v), want %d (%v)", in, ok, first, some)
	}
}

// gone reports whether the store has removed a field that has a deadline, without looking the key up.
func (m *expiryModel) gone(key []byte, field string) bool {
	r := m.ks.table.find(m.ks.table.hash(key), key)
	if r == 0 {
		return true
	}
	d := m.ks.volatileDict(m.ks.head(r))
	return d == nil || d.find([]byte(field)) == 0
}

func (m *expiryModel) checkHash(t *rapid.T, h *Hash, want map[string]modelField) {
	values := map[string]string{}
	for field, f := range want {
		values[field] = f.value
		wanted := f.at
		if f.at != 0 && f.clock != dated {
			wanted = f.at + m.wall - m.uptime
		}
		if at, ok := h.Deadline([]byte(field)); !ok || at != wanted {
			t.Fatalf("the deadline of %s is %d, want %d", field, at, wanted)
		}
	}
	checkHash(t, h, values)
}

func TestFieldDeadlinesAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newExpiryModel()
		t.Repeat(map[string]func(*rapid.T){
			"": m.check, "set": m.set, "set more": m.set, "expire": m.expire, "expire more": m.expire, "persist": m.persist,
			"remove": m.remove, "replace": m.replace, "pass": m.pass, "expire due": m.expireDue, "copy": m.copy, "chores": m.chores,
			"flush": m.flush,
		})
	})
}

// Fields go in the order of their deadlines, by whichever clock and of whichever hash, each with how late it is, and the key
// with the last one.
func TestFieldsExpireInOrder(t *testing.T) {
	st := newTestStore(smallLimits)
	ks := st.DB(0)
	st.at(1000)
	for i := range 100 {
		h, _ := Edit(ks, hashKey(i%3), ks.NewHash)
		h.Set(keyOf(i), nil)
		if in := int64(10 + i*37%100); i%2 == 0 {
			h.ExpireAfter(keyOf(i), in)
		} else {
			h.ExpireAt(keyOf(i), 1000+in)
		}
		st.Settle()
	}
	var lags []int64
	last := 0
	st.OnExpireField(func(_ *Keyspace, key []byte, lagMs int64, gone bool) {
		lags = append(lags, lagMs)
		if gone {
			last++
		}
	})
	st.at(1009)
	if st.ExpireDue(10) || len(lags) > 0 {
		t.Fatal("fields went before their time")
	}
	st.at(1069)
	for st.ExpireDue(7) {
		checkStore(t, st)
	}
	if len(lags) != 60 || last > 0 || !slices.IsSortedFunc(lags, func(a, b int64) int { return int(b - a) }) || lags[0] != 59 {
		t.Fatalf("lags of %d fields: %v", len(lags), lags)
	}
	st.at(2000)
	for st.ExpireDue(7) {
		checkStore(t, st)
	}
	if len(lags) != 100 || last != 3 || ks.Len() != 0 || st.Expired != 0 {
		t.Fatalf("%d fields and %d keys went, %d keys are left", len(lags), last, ks.Len())
	}
	checkStore(t, st)
}

// A hash with many deadlines goes at once: what is left in the heaps is nothing, and what is left in memory goes in slices.
func TestHashWithDeadlinesGoesAtOnce(t *testing.T) {
	st := newTestStore(smallLimits)
	ks := st.DB(0)
	st.at(1)
	edit(ks, func(h *Hash) {
		for i := range 20_000 {
			h.Set(keyOf(i), []byte("value"))
			h.ExpireAfter(keyOf(i), int64(1+i))
		}
	})
	checkStore(t, st)
	ks.Delete([]byte("h"))
	if _, ok := st.NextDeadline(); ok || ks.hashes.len() > 0 || !st.HasChores() {
		t.Fatal("deadlines of a hash that is gone are left, or all its memory went at once")
	}
	for st.HasChores() {
		checkStore(t, st)
		st.DoChores()
	}
	checkStore(t, st)
}

// A key is not volatile because a field of it is: nothing of it may be evicted under the volatile-* policies.
func TestEvictionDoesNotSeeFields(t *testing.T) {
	for _, policy := range []Policy{VolatileTTL, VolatileLRU, VolatileLFU, VolatileRandom} {
		o := smallLimits
		o.MaxMemory, o.Policy, o.Samples = 1, policy, 5
		st := newTestStore(o)
		ks := st.DB(0)
		edit(ks, func(h *Hash) {
			h.Set([]byte("f"), nil)
			h.ExpireAfter([]byte("f"), 1000)
		})
		if st.MakeRoom(0) != RoomNever || ks.Len() != 1 {
			t.Errorf("policy %v evicted a hash for a deadline of its field", policy)
		}
	}
}

// A hash with one field that expires is not to pay for thousands.
func TestHeapsBeginSmall(t *testing.T) {
	st := newTestStore(smallLimits)
	ks := st.DB(0)
	edit(ks, func(h *Hash) {
		for i := range 3 * pageNodes {
			h.Set(keyOf(i), nil)
			h.ExpireAfter(keyOf(i), int64(1+i))
			if n := len(h.dict.fields.soon.pages[0]); i < pageNodes && n > max(leastPage, 2*(i+1)) {
				t.Fatalf("%d nodes have room for %d", i+1, n)
			}
		}
		for i := range 3*pageNodes - 1 {
			h.Persist(keyOf(i))
		}
		if d := &h.dict.fields.soon; len(d.pages) != 1 || len(d.pages[0]) != leastPage {
			t.Errorf("one node is left, with room for %d in %d pages", len(d.pages[0]), len(d.pages))
		}
	})
	checkStore(t, st)
}

// Compaction moves fields that expire, and the keys of their hashes: heaps and hashes must know where to.
func TestCompactionMovesFieldsThatExpire(t *testing.T) {
	const hashes, fields = 2000, 20
	st := newTestStore(smallLimits)
	ks := st.DB(0)
	st.at(1)
	for i := range hashes {
		h, _ := Edit(ks, hashKey(i), ks.NewHash)
		for f := range fields {
			h.Set(keyOf(f), []byte("a value of some bytes"))
			if f%2 == 0 {
				h.ExpireAfter(keyOf(f), int64(1000+i))
			} else {
				h.ExpireAt(keyOf(f), int64(1000+i))
			}
		}
		st.Settle()
	}
	for i := range hashes {
		if i%8 > 0 {
			ks.Delete(hashKey(i))
		}
	}
	was := map[ref]bool{}
	ks.arena.each(func(r ref) bool {
		was[r] = true
		return true
	})
	for st.HasChores() {
		st.DoChores()
	}
	checkStore(t, st)
	moved := 0
	ks.arena.each(func(r ref) bool {
		if !was[r] {
			moved++
		}
		return true
	})
	if moved == 0 {
		t.Fatal("nothing has moved")
	}
	st.at(1001 + hashes/2)
	for st.ExpireDue(256) {
	}
	checkStore(t, st)
	if want := (hashes/2/8 + 1) * fields; st.ExpiredFields != uint64(want) || ks.Len() != hashes/8-want/fields {
		t.Fatalf("%d fields have expired, want %d; %d hashes are left", st.ExpiredFields, want, ks.Len())
	}
}
