package store

import (
	"bytes"
	"testing"
)

// exhaust numbers as many pages as a database may have, and has all but a few of them in use by nobody.
func exhaust(a *arena, free int) {
	n := mostPages - len(a.frames) + len(a.spare) + len(a.gone) - free
	a.frames, a.pages = append(a.frames, make([]frame, n)...), append(a.pages, make([]page, n)...)
}

// A database whose references run out loses as many keys as it takes, and not all of them.
func TestExhaustedDatabaseEvictsUntilThereIsRoom(t *testing.T) {
	st := newTestStore(Options{Policy: AllKeysRandom})
	ks := st.DB(0)
	for i := range 5000 {
		ks.SetString(keyOf(i), make([]byte, 16_000), false) // four in a page
	}
	st.Settle()
	exhaust(ks.arena, reservedPages-1)
	if !st.Evicting() || !makeRoom(st) || st.Evicting() {
		t.Fatal("there is no room to be made")
	}
	if st.Evicted == 0 || st.Evicted > 2500 { // at random, until one page is empty
		t.Errorf("%d keys of 5000 were evicted for one page", st.Evicted)
	}
	checkStore(t, st)
}

func TestExhaustedDatabaseRefuses(t *testing.T) {
	st := newTestStore(Options{Databases: 2})
	fill(st.DB(0), 100)
	exhaust(st.DB(0).arena, reservedPages-1)
	if st.MakeRoom(0) != RoomNever || st.Evicted != 0 {
		t.Error("there is room without references")
	}
	st.DB(0).Flush()
	if st.MakeRoom(0) != RoomNow {
		t.Error("there is none in an empty database")
	}
}

// Keys longer than any slot come and go in any number, and take nothing from the system that does not come back.
func TestLongKeys(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	empty := st.Used()
	const keys = 3000
	long := func(i int) []byte { return append(keyOf(i), bytes.Repeat([]byte{'k'}, largestSlot+i%1000)...) }
	for i := range keys {
		ks.SetString(long(i), keyOf(i), false)
		ks.ExpireAfter(long(i), int64(1000+i))
	}
	st.Settle()
	checkStore(t, st)
	if regions := len(ks.arena.regions); regions > 1 {
		t.Errorf("%d regions for %d keys that lie on the Go heap", regions, keys)
	}
	for i := 0; i < keys; i += 2 {
		ks.Delete(long(i))
	}
	for i := 1; i < keys; i += 4 {
		ks.Rename(long(i), keyOf(i))
	}
	st.Settle()
	checkStore(t, st)
	for i := range keys {
		e := ks.Peek(long(i))
		if i%4 == 1 {
			e = ks.Peek(keyOf(i))
		}
		if i%2 == 0 {
			if e != nil {
				t.Fatalf("key %d is there", i)
			}
		} else if e == nil || string((*String)(e).Peek()) != string(keyOf(i)) || e.Deadline() != int64(1000+i) {
			t.Fatalf("key %d is %+v", i, e)
		}
		st.Settle()
	}
	st.at(1_000_000)
	for st.ExpireDue(100) {
	}
	if checkStore(t, st); st.Used() != empty {
		t.Errorf("%d bytes are used by nothing", st.Used()-empty)
	}
}
