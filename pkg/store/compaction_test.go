package store

import "testing"

// When most keys of some sizes have gone, those that stay move together until their pages are nearly full, and the rest
// is given back.
func TestCompactionGivesMemoryBack(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	const keys = 200_000
	sizes := []int{0, 1, 20, 100, 300} // value bytes; those of the first two take the least slots there are
	for i := range keys {
		ks.SetString(keyOf(i), make([]byte, sizes[i%len(sizes)]), false)
	}
	full := st.OffHeap()
	for i := range keys {
		if i/len(sizes)%10 != 0 {
			ks.Delete(keyOf(i))
		}
	}
	for n := 0; st.HasChores(); n++ {
		if st.DoChores(); n > keys {
			t.Fatal("the chores never end")
		}
	}
	checkStore(t, st)
	a := ks.arena
	for i := range groupsClass {
		if c := a.classes[i]; a.sparse(i) || c.victim != 0 {
			t.Errorf("%d slots of %d bytes are in %d pages", c.live, classSizes[i], c.pages)
		}
	}
	if left := st.OffHeap(); left > full/4 {
		t.Errorf("%d of %d bytes are resident with a tenth of the keys", left, full)
	}
	for i := range keys {
		if kept := i/len(sizes)%10 == 0; ks.Exists(keyOf(i)) != kept {
			t.Fatalf("key %d: kept is %v", i, kept)
		}
	}
}

// When all keys have gone, so has nearly all memory, however much it was.
func TestDeletingEverythingGivesMemoryBack(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	const keys = 100_000
	for i := range keys {
		ks.SetString(keyOf(i), make([]byte, 600), false)
	}
	for i := range keys {
		ks.Delete(keyOf(i))
	}
	st.Settle()
	checkStore(t, st)
	if left := st.OffHeap(); left > (sparePages+1)*pageSize {
		t.Errorf("%d KB are resident without a key", left>>10)
	}
}
