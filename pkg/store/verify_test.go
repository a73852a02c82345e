package store

import (
	"strconv"
	"testing"
)

// Verify is what other tests trust, so it has to notice each kind of damage.
func TestVerifyNoticesDamage(t *testing.T) {
	for name, damage := range map[string]func(*Store){
		"an account":           func(st *Store) { st.dbs[0].account.add(1) },
		"the sum of accounts":  func(st *Store) { st.used++ },
		"what is off the heap": func(st *Store) { st.offHeap++ },
		"a count of keys":      func(st *Store) { st.dbs[0].table.count-- },
		"a count of segments":  func(st *Store) { st.dbs[0].table.segments++ },
		"a directory":          func(st *Store) { st.dbs[0].table.growDirectory() },
		"a segment's place":    func(st *Store) { st.dbs[0].table.directory[0].first++ },
		"a tag":                func(st *Store) { flipTag(st.dbs[0], st.dbs[0].keys.soon.at(0).ref) },
		"an empty collection": func(st *Store) {
			Edit(st.dbs[1], []byte("list"), st.dbs[1].NewList)
			st.edited[0].head.value = 2
			st.edited = nil
		},
		"a list of databases":    func(st *Store) { st.inUse = nil },
		"a count of deadlines":   func(st *Store) { st.dbs[0].keys.soon.n-- },
		"a stale node":           func(st *Store) { st.dbs[0].keys.soon.push(st.dbs[0].keys.soon.at(3).ref, 5000) },
		"a heap out of order":    func(st *Store) { st.dbs[0].keys.soon.at(0).low = 1e9 },
		"a place in the heap":    func(st *Store) { *st.first().head.place() = 4 },
		"a lost deadline":        func(st *Store) { st.first().head.shape &^= volatile },
		"a key's name":           func(st *Store) { st.first().Key()[0] ^= 1 },
		"a value's length":       func(st *Store) { st.first().head.setValueLen(1000) },
		"a victim":               func(st *Store) { st.first().head.value |= isPooled },
		"a page's count":         func(st *Store) { st.dbs[0].arena.pages[st.first().ref>>slotBits].live++ },
		"a freed key":            func(st *Store) { st.dbs[0].arena.free(st.first().ref) },
		"a field's place":        func(st *Store) { *firstField(st).place() = 1 },
		"a field's deadline":     func(st *Store) { firstField(st).shape &^= volatile },
		"a count of fields":      func(st *Store) { firstDict(st).fields.dates.n-- },
		"a hash's place":         func(st *Store) { firstDict(st).fields.dates.place = 1 },
		"a hash's time":          func(st *Store) { st.dbs[1].hashes.dates.at(0).low++ },
		"a hash not listed":      func(st *Store) { firstDict(st).fields.dates.listed = false },
		"a hash's key":           func(st *Store) { firstDict(st).owner++ },
		"an edit under way":      func(st *Store) { Edit(st.dbs[1], []byte("list"), st.dbs[1].NewList) },
		"an edit without an end": func(st *Store) { st.first().head.value |= isEdited },
	} {
		st := New(Options{Databases: 2})
		st.at(1)
		for i := range 100 {
			key := []byte("key" + strconv.Itoa(i))
			st.dbs[0].SetString(key, key, false)
			st.dbs[0].ExpireAfter(key, int64(1000+i))
		}
		for i := range 2 {
			h, _ := Edit(st.dbs[1], keyOf(i), st.dbs[1].NewHash)
			for field := range 10 {
				h.Set(keyOf(field), nil)
				h.ExpireAt(keyOf(field), int64(1000+i+field))
			}
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

// first returns the key that expires first.
func (st *Store) first() *Entry { return st.dbs[0].view(new(Entry), st.dbs[0].keys.soon.at(0).ref) }

// firstDict is of the hash with the field that expires first, firstField is that field.
func firstDict(st *Store) *dict {
	ks := st.dbs[1]
	return ks.dicts.at(uint32(ks.hashes.dates.at(0).ref))
}

func firstField(st *Store) *header { return st.dbs[1].head(firstDict(st).fields.dates.at(0).ref) }

func flipTag(ks *Keyspace, r ref) {
	h := ks.table.rehash(r)
	g, slot := ks.table.segment(h).slot(h, r)
	g.tags[slot] ^= 1
}
