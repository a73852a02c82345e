package store

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// pressureModel is a store that is filled and emptied by hundreds of keys at a time, so that its tables split and merge and
// its pages are compacted, beside a map of what is in it. What is evicted and expires is told to the map.
type pressureModel struct {
	store *Store
	keys  [pressureDBs]map[string][]byte // what each holds; of lists the only element
	now   int64
}

const (
	pressureDBs  = 2
	pressureKeys = 1200
)

func newPressureModel(t *rapid.T) *pressureModel {
	m := &pressureModel{store: newTestStore(Options{Databases: pressureDBs, Policy: AllKeysLRU, Samples: 5}), now: 1000}
	m.store.at(m.now)
	for db := range m.keys {
		m.keys[db] = map[string][]byte{}
	}
	forget := func(ks *Keyspace, key []byte) {
		if _, known := m.keys[ks.Index()][string(key)]; !known {
			t.Fatalf("%q went, which was not there", key)
		}
		delete(m.keys[ks.Index()], string(key))
	}
	m.store.OnEvict(forget)
	m.store.OnExpire(func(ks *Keyspace, key []byte, lagMs int64) {
		if lagMs < 0 {
			t.Fatalf("%q went %d ms early", key, -lagMs)
		}
		forget(ks, key)
	})
	return m
}

// each calls f with a run of keys of one database, every step-th.
func (m *pressureModel) each(t *rapid.T, f func(ks *Keyspace, model map[string][]byte, key []byte)) {
	db := rapid.IntRange(0, pressureDBs-1).Draw(t, "db")
	from, n := rapid.IntRange(0, pressureKeys-1).Draw(t, "from"), rapid.IntRange(1, pressureKeys).Draw(t, "n")
	step := rapid.IntRange(1, 12).Draw(t, "step")
	for i := from; i < min(from+n, pressureKeys); i += step {
		f(m.store.DB(db), m.keys[db], keyOf(i))
		m.store.Settle()
	}
}

func (m *pressureModel) check(t *rapid.T) {
	checkStore(t, m.store)
	for db, model := range m.keys {
		ks := m.store.DB(db)
		if ks.Len() != len(model) {
			t.Fatalf("db%d has %d keys, want %d", db, ks.Len(), len(model))
		}
		ks.Each(func(e *Entry) bool {
			if want, known := model[string(e.Key())]; !known || !bytes.Equal(held(e), want) {
				t.Fatalf("db%d: %q holds %.20q, want %.20q, %v", db, e.Key(), held(e), want, known)
			}
			return true
		})
		m.store.Settle()
	}
}

// held returns a string's bytes or a list's first element.
func held(e *Entry) []byte {
	if l, ok := e.Value().(*List); ok {
		first, _ := l.Index(0)
		return first
	}
	return (*String)(e).Peek()
}

func (m *pressureModel) write(t *rapid.T) {
	value := make([]byte, rapid.SampledFrom([]int{0, 1, 8, 30, 100, 250, 700, 3000}).Draw(t, "size"))
	keep := rapid.Bool().Draw(t, "keep")
	m.each(t, func(ks *Keyspace, model map[string][]byte, key []byte) {
		ks.SetString(key, value, keep)
		model[string(key)] = value
	})
}

func (m *pressureModel) push(t *rapid.T) {
	value := make([]byte, rapid.SampledFrom([]int{0, 8, 100, 9000}).Draw(t, "size"))
	m.each(t, func(ks *Keyspace, model map[string][]byte, key []byte) {
		if l, err := Edit(ks, key, ks.NewList); err == nil {
			l.PushFront(value)
			model[string(key)] = value
		}
	})
}

func (m *pressureModel) delete(t *rapid.T) {
	m.each(t, func(ks *Keyspace, model map[string][]byte, key []byte) {
		ks.Delete(key)
		delete(model, string(key))
	})
}

func (m *pressureModel) rename(t *rapid.T) {
	m.each(t, func(ks *Keyspace, model map[string][]byte, key []byte) {
		to := append(bytes.Clone(key), "'s other name, which is longer"...)
		if value, there := model[string(key)]; there && ks.Exists(key) {
			ks.Rename(key, to)
			model[string(to)] = value
			delete(model, string(key))
		}
	})
}

func (m *pressureModel) deadline(t *rapid.T) {
	ttl, date := rapid.Int64Range(1, 1000).Draw(t, "ttl"), rapid.Bool().Draw(t, "date")
	m.each(t, func(ks *Keyspace, _ map[string][]byte, key []byte) {
		if date {
			ks.ExpireAt(key, m.now+ttl)
		} else {
			ks.ExpireAfter(key, ttl)
		}
	})
}

// bound lets the store have a part of what it takes, under some policy, and evicts what has to go.
func (m *pressureModel) bound(t *rapid.T) {
	o := Options{Policy: Policy(rapid.IntRange(0, int(VolatileTTL)).Draw(t, "policy")), Samples: 5, LFULogFactor: 10, LFUDecayTime: 1}
	o.MaxMemory = m.store.Used() * rapid.Int64Range(30, 120).Draw(t, "percent") / 100
	m.store.Configure(o)
	for range rapid.IntRange(0, 20).Draw(t, "slices") {
		m.store.MakeRoom(0)
	}
}

// Whatever happens in whatever order, what is in the store is what was put there and has neither expired nor been evicted,
// and all that must hold between two commands does.
func TestKeyspaceUnderPressure(t *testing.T) {
	moved := false
	rapid.Check(t, func(t *rapid.T) {
		m := newPressureModel(t)
		t.Repeat(map[string]func(*rapid.T){
			"": m.check, "write": m.write, "write more": m.write, "push": m.push, "delete": m.delete, "delete more": m.delete,
			"rename": m.rename, "deadline": m.deadline, "bound": m.bound,
			"touch": func(t *rapid.T) {
				m.each(t, func(ks *Keyspace, _ map[string][]byte, key []byte) { ks.Touch(key) })
			},
			"chores": func(t *rapid.T) {
				for range rapid.IntRange(1, 50).Draw(t, "slices") {
					moved = moved || m.store.fragmented()
					m.store.DoChores()
				}
			},
			"time": func(t *rapid.T) {
				m.now += rapid.Int64Range(1, 2000).Draw(t, "ms")
				m.store.at(m.now)
				for m.store.ExpireDue(rapid.IntRange(1, 500).Draw(t, "limit")) {
				}
			},
			"flush": func(t *rapid.T) {
				db := rapid.IntRange(0, pressureDBs-1).Draw(t, "db")
				if rapid.IntRange(0, 3).Draw(t, "really") == 0 {
					m.store.DB(db).Flush()
					clear(m.keys[db])
				}
			},
		})
	})
	if !moved {
		t.Error("nothing was ever compacted")
	}
}
