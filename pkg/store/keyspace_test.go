package store

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// modelKey is a key as a naive program would keep it.
type modelKey struct {
	text     []byte   // of a string
	list     [][]byte // of a list; nil for a string
	deadline int64
}

// keyspaceModel is a store beside maps that are told the same.
type keyspaceModel struct {
	store *Store
	dbs   []map[string]*modelKey
	now   int64
}

const modelDatabases = 3

func newKeyspaceModel() *keyspaceModel {
	m := &keyspaceModel{store: newTestStore(Options{Databases: modelDatabases}), now: 1_000_000}
	for range modelDatabases {
		m.dbs = append(m.dbs, map[string]*modelKey{})
	}
	m.store.at(m.now)
	return m
}

// pick draws a database and a key, present or not.
func (m *keyspaceModel) pick(t *rapid.T) (ks *Keyspace, model map[string]*modelKey, key []byte) {
	db := rapid.IntRange(0, modelDatabases-1).Draw(t, "db")
	return m.store.DB(db), m.dbs[db], drawKey(t, "key")
}

// modelKeys are of all lengths that a blob tells apart: with a byte for it, with four, and with a page of their own.
var modelKeys = []string{
	"", "a", "b", "c", "d", "key:1", "key:2", "a\x00", "long long long long long key", strings.Repeat("x", longKey-1),
	strings.Repeat("x", longKey), strings.Repeat("x", longKey+1), strings.Repeat("y", largestSlot), strings.Repeat("y", 2*largestSlot),
}

func drawKey(t *rapid.T, label string) []byte {
	return []byte(rapid.SampledFrom(modelKeys).Draw(t, label))
}

func drawValue(t *rapid.T) []byte {
	n := rapid.SampledFrom([]int{0, 1, 3, 20, 44, 45, 200, sharedSize - 1, sharedSize, sharedSize + 5}).Draw(t, "length")
	if rapid.Bool().Draw(t, "number") {
		return []byte("12345")
	}
	return bytes.Repeat([]byte{byte('a' + n%26)}, n)
}

// check compares everything there is, after the invariants.
func (m *keyspaceModel) check(t *rapid.T) {
	m.store.Settle()
	checkStore(t, m.store)
	nearest := int64(0)
	for db, model := range m.dbs {
		found := 0
		m.store.DB(db).Each(func(e *Entry) bool {
			if model[string(e.Key())] == nil {
				t.Fatalf("db%d: %q should not be there", db, e.Key())
			}
			found++
			return true
		})
		if found != len(model) {
			t.Fatalf("db%d: %d of %d keys", db, found, len(model))
		}
		for key, want := range model {
			m.checkKey(t, m.store.DB(db), key, want)
			if want.deadline != 0 && (nearest == 0 || want.deadline < nearest) {
				nearest = want.deadline
			}
		}
	}
	if in, ok := m.store.NextDeadline(); in > 0 && (ok != (nearest != 0) || in != nearest-m.now) {
		t.Fatalf("the next deadline is in %d ms, want %d", in, nearest-m.now)
	}
}

func (m *keyspaceModel) checkKey(t *rapid.T, ks *Keyspace, key string, want *modelKey) {
	e := ks.Peek([]byte(key))
	if e == nil || string(e.Key()) != key || e.Deadline() != want.deadline {
		t.Fatalf("%q is %+v, want %+v", key, e, want)
	}
	switch v := e.Value().(type) {
	case *String:
		if want.list != nil || !bytes.Equal(v.Bytes(), want.text) || v.Len() != len(want.text) {
			t.Fatalf("%q holds %.30q, want %+v", key, v.Bytes(), want)
		}
	case *List:
		var got [][]byte
		v.Range(0, v.Len()-1, func(value []byte) bool { got = append(got, bytes.Clone(value)); return true })
		if !equalLists(got, want.list) {
			t.Fatalf("%q holds %q, want %q", key, got, want.list)
		}
	}
}

func equalLists(a, b [][]byte) bool {
	return bytes.Equal(bytes.Join(a, []byte{0}), bytes.Join(b, []byte{0})) && len(a) == len(b)
}

// pass moves time on; what comes due is gone from then on, whether anything removes it or not.
func (m *keyspaceModel) pass(ms int64) {
	m.now += ms
	m.store.at(m.now)
	for _, model := range m.dbs {
		for key, k := range model {
			if k.deadline != 0 && k.deadline <= m.now {
				delete(model, key)
			}
		}
	}
}

func TestKeyspaceAgainstMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newKeyspaceModel()
		t.Repeat(map[string]func(*rapid.T){
			"": m.check,
			"set": func(t *rapid.T) {
				ks, model, key := m.pick(t)
				keep, value := rapid.Bool().Draw(t, "keep"), drawValue(t)
				ks.SetString(key, value, keep)
				set := &modelKey{text: value}
				if old := model[string(key)]; old != nil && keep {
					set.deadline = old.deadline
				}
				model[string(key)] = set
			},
			"append":   m.appendString,
			"push":     m.push,
			"pop":      m.pop,
			"replace":  m.replace,
			"chores":   func(*rapid.T) { m.store.Settle(); m.store.DoChores() },
			"delete":   m.delete,
			"rename":   m.rename,
			"deadline": m.setDeadline,
			"more":     m.pushAndMore,
			"persist": func(t *rapid.T) {
				ks, model, key := m.pick(t)
				k := model[string(key)]
				if had := ks.Persist(key); had != (k != nil && k.deadline != 0) {
					t.Fatalf("Persist says %v of %+v", had, k)
				}
				if k != nil {
					k.deadline = 0
				}
			},
			"look":      m.look,
			"flush":     m.flush,
			"time":      func(t *rapid.T) { m.pass(rapid.Int64Range(0, 300).Draw(t, "ms")) },
			"expireDue": func(t *rapid.T) { m.store.ExpireDue(rapid.IntRange(0, 5).Draw(t, "limit")) },
		})
	})
}

func (m *keyspaceModel) appendString(t *rapid.T) {
	ks, model, key := m.pick(t)
	k, value := model[string(key)], drawValue(t)
	s, err := FindForWrite[*String](ks, key)
	if wrong := k != nil && k.list != nil; (err == ErrWrongType) != wrong || (s != nil) != (k != nil && !wrong) {
		t.Fatalf("FindForWrite of %+v is %v, %v", k, s, err)
	}
	if s != nil {
		k.text = append(bytes.Clone(k.text), value...)
		if n := s.Append(value); n != len(k.text) {
			t.Fatalf("%d bytes, want %d", n, len(k.text))
		}
	}
}

func (m *keyspaceModel) push(t *rapid.T) {
	ks, model, key := m.pick(t)
	k, value := model[string(key)], drawValue(t)
	l, err := Edit(ks, key, ks.NewList)
	if wrong := k != nil && k.list == nil; (err == ErrWrongType) != wrong || (l == nil) != wrong {
		t.Fatalf("Edit of %+v is %v, %v", k, l, err)
	} else if wrong {
		return
	}
	if rapid.Bool().Draw(t, "leave empty") {
		return // the list goes again when the command ends, if it is new
	}
	l.PushBack(value)
	if k == nil {
		k = &modelKey{}
		model[string(key)] = k
	}
	k.list = append(k.list, value)
}

// pushAndMore does something else in the midst of a command that has edited a list, perhaps the same.
func (m *keyspaceModel) pushAndMore(t *rapid.T) {
	m.push(t)
	more := []func(*rapid.T){m.rename, m.setDeadline, m.replace, m.push}
	more[rapid.IntRange(0, len(more)-1).Draw(t, "more")](t)
}

func (m *keyspaceModel) pop(t *rapid.T) {
	ks, model, key := m.pick(t)
	k := model[string(key)]
	l, _ := FindForWrite[*List](ks, key)
	if (l != nil) != (k != nil && k.list != nil) {
		t.Fatalf("FindForWrite of %+v is %v", k, l)
	}
	if l == nil {
		return
	}
	l.PopFront()
	if k.list = k.list[1:]; len(k.list) == 0 {
		delete(model, string(key))
	}
}

func (m *keyspaceModel) replace(t *rapid.T) {
	ks, model, key := m.pick(t)
	value := drawValue(t)
	if rapid.Bool().Draw(t, "list") {
		ks.Delete(key)
		l, _ := Edit(ks, key, ks.NewList)
		l.PushBack(value)
		model[string(key)] = &modelKey{list: [][]byte{value}}
	} else {
		ks.EmptyString(key).Append(value)
		model[string(key)] = &modelKey{text: value}
	}
}

func (m *keyspaceModel) delete(t *rapid.T) {
	ks, model, key := m.pick(t)
	if ks.Delete(key) != (model[string(key)] != nil) {
		t.Fatalf("deleting %q, which is %+v", key, model[string(key)])
	}
	delete(model, string(key))
}

func (m *keyspaceModel) rename(t *rapid.T) {
	ks, model, from := m.pick(t)
	to := drawKey(t, "to")
	ks.Rename(from, to)
	if k := model[string(from)]; k != nil {
		delete(model, string(from))
		model[string(to)] = k
	}
}

func (m *keyspaceModel) setDeadline(t *rapid.T) {
	ks, model, key := m.pick(t)
	at := m.now + rapid.Int64Range(1, 500).Draw(t, "ttl")
	if rapid.Bool().Draw(t, "date") {
		ks.ExpireAt(key, at)
	} else {
		ks.ExpireAfter(key, at-m.now)
	}
	if k := model[string(key)]; k != nil {
		k.deadline = at
	}
}

// look asks in every way for a key and compares what that counts.
func (m *keyspaceModel) look(t *rapid.T) {
	ks, model, key := m.pick(t)
	there, hits, misses := model[string(key)] != nil, m.store.Hits, m.store.Misses
	answers := []bool{ks.Exists(key), ks.Touch(key), ks.Inspect(key) != nil, ks.Take(key) != nil, ks.Peek(key) != nil}
	for i, answer := range answers {
		if answer != there {
			t.Fatalf("way %d says %v of %q, want %v", i, answer, key, there)
		}
	}
	Find[*String](ks, key)
	FindForWrite[*String](ks, key)
	const counting = 4 // Exists, Touch, Inspect and Find
	if there {
		hits += counting
	} else {
		misses += counting
	}
	if m.store.Hits != hits || m.store.Misses != misses {
		t.Fatalf("%d hits and %d misses, want %d and %d", m.store.Hits, m.store.Misses, hits, misses)
	}
	if e := ks.Random(); (e != nil) != (len(model) > 0) || e != nil && model[string(e.Key())] == nil {
		t.Fatalf("a random key of %d is %v", len(model), e)
	}
}

// flush empties one database or all, in the midst of a command that has edited another key.
func (m *keyspaceModel) flush(t *rapid.T) {
	ks, _, _ := m.pick(t)
	m.appendString(t)
	if rapid.IntRange(0, 3).Draw(t, "all") == 0 {
		m.store.FlushAll()
		for _, model := range m.dbs {
			clear(model)
		}
		return
	}
	ks.Flush()
	clear(m.dbs[ks.Index()])
}

// Flushing a database leaves the others' deadlines in working order.
func TestFlushBesideDeadlines(t *testing.T) {
	st := newTestStore(Options{Databases: 3})
	for i := range 300 {
		ks := st.DB(i % 3)
		ks.SetString(keyOf(i), nil, false)
		if i%2 == 0 {
			ks.ExpireAt(keyOf(i), int64(1000+i))
		}
	}
	st.Settle()
	st.DB(0).Flush()
	checkStore(t, st)
	if in, _ := st.NextDeadline(); in != 1002 || st.DB(0).Len() != 0 || st.DB(1).Len() != 100 {
		t.Errorf("the next deadline is in %d ms, with %d and %d keys", in, st.DB(0).Len(), st.DB(1).Len())
	}
	st.at(2000)
	if st.ExpireDue(1000) || st.Expired != 100 || st.DB(1).Volatile()+st.DB(2).Volatile() != 0 {
		t.Errorf("%d expired", st.Expired)
	}
	checkStore(t, st)
	st.FlushAll()
	checkStore(t, st)
	if st.Used() != newTestStore(Options{Databases: 3}).Used() {
		t.Errorf("%d bytes used by nothing", st.Used())
	}
}

// The time of last use is kept in 31 bits of 16 ms, which go round.
func TestIdleAcrossTheTurnOfTicks(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	const turn = int64(1) << (31 + tickShift)
	st.at(turn - 32_000)
	fill(ks, 1)
	st.at(turn + 16_000)
	if idle := ks.Idle(ks.Peek(keyOf(0))); idle != 48_000 {
		t.Errorf("idle for %d ms, want 48,000", idle)
	}
}

// Nothing on the path of GET, SET over a key and INCR allocates.
func TestHotPathDoesNotAllocate(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	key, number := []byte("a key of more than thirty-two bytes, which Go would allocate"), []byte("n")
	value := []byte("same size!")
	ks.SetString(key, []byte("some value"), false)
	ks.SetString(number, []byte("1"), false)
	allocs := testing.AllocsPerRun(100, func() {
		Find[*String](ks, key)
		ks.SetString(key, value, false)
		s, _ := FindForWrite[*String](ks, number)
		n, _ := s.Integer()
		s.SetInteger(n + 1)
		st.Settle()
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
