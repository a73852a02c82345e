package store

import (
	"strconv"
	"testing"
)

// Verify is what other tests trust, so it has to notice each kind of damage.
func TestVerifyNoticesDamage(t *testing.T) {
	for name, damage := range map[string]func(*Store){
		"an account":             func(st *Store) { st.dbs[0].used++ },
		"a count of keys":        func(st *Store) { st.dbs[0].table.count-- },
		"a count of segments":    func(st *Store) { st.dbs[0].table.segments++ },
		"a directory":            func(st *Store) { st.dbs[0].table.growDirectory() },
		"a segment's place":      func(st *Store) { st.dbs[0].table.directory[0].first++ },
		"a tag":                  func(st *Store) { flipTag(st.dbs[0], st.deadlines[0].entry) },
		"an empty collection":    func(st *Store) { st.dbs[1].Put([]byte("list"), st.dbs[1].NewList()); st.edited = nil },
		"a count of deadlines":   func(st *Store) { st.dbs[0].volatile++ },
		"a stale node":           func(st *Store) { st.deadlines = append(st.deadlines, st.deadlines[0]) },
		"a heap out of order":    func(st *Store) { st.deadlines[0].at, st.deadlines[0].entry.deadline = 1e15, 1e15 },
		"a node's moment":        func(st *Store) { st.deadlines[0].at-- },
		"a place in the heap":    func(st *Store) { st.deadlines[3].entry.place = 4 },
		"a lost deadline":        func(st *Store) { st.deadlines[0].entry.deadline = 0 },
		"an entry's database":    func(st *Store) { st.deadlines[0].entry.db = 1 },
		"an entry's name":        func(st *Store) { st.deadlines[0].entry.data[0] ^= 1 },
		"an edit under way":      func(st *Store) { st.dbs[0].Delete([]byte("key0")); st.dbs[0].ExpireAt([]byte("key1"), 5) },
		"an edit without an end": func(st *Store) { st.deadlines[0].entry.form |= flagEdited },
	} {
		st := New(Options{Databases: 2})
		st.at(1)
		for i := range 100 {
			key := []byte("key" + strconv.Itoa(i))
			st.dbs[0].SetString(key, key, false)
			st.dbs[0].ExpireAt(key, int64(1000+i))
		}
		st.Settle()
		if err := st.Verify(); err != nil {
			t.Fatalf("an intact store: %v", err)
		}
		damage(st)
		if st.Verify() == nil {
			t.Errorf("%s goes unnoticed", name)
		}
	}
}

func flipTag(ks *Keyspace, e *Entry) {
	h := ks.table.rehash(e)
	g, slot := ks.table.segment(h).slot(h, e)
	g.tags[slot] ^= 1
}
