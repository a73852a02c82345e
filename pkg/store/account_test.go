package store

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The average is kept up to date by every change of a deadline; here it is compared with one that is counted out.
func TestAverageTTL(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := New(Options{Databases: 2})
		st.at(1000)
		key := func() []byte { return []byte(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "key")) }
		t.Repeat(map[string]func(*rapid.T){
			"set":     func(*rapid.T) { st.DB(0).SetString(key(), []byte("v"), rapid.Bool().Draw(t, "keep")) },
			"date":    func(*rapid.T) { st.DB(0).ExpireAt(key(), rapid.Int64Range(1, 1<<62).Draw(t, "at")) },
			"time":    func(*rapid.T) { st.DB(0).ExpireAfter(key(), rapid.Int64Range(1, 1<<62).Draw(t, "ms")) },
			"persist": func(*rapid.T) { st.DB(0).Persist(key()) },
			"delete":  func(*rapid.T) { st.DB(0).Delete(key()) },
			"rename":  func(*rapid.T) { st.DB(0).Rename(key(), key()) },
			"tick":    func(*rapid.T) { st.at(st.now + rapid.Int64Range(0, 1000).Draw(t, "ms")) },
			"expire":  func(*rapid.T) { st.ExpireDue(2) },
			"flush":   func(*rapid.T) { st.DB(rapid.IntRange(0, 1).Draw(t, "db")).Flush() },
			"":        func(t *rapid.T) { checkAverageTTL(t, st) },
		})
	})
}

func checkAverageTTL(t *rapid.T, st *Store) {
	st.Settle()
	var sum, n int64
	for _, d := range []*deadlines{&st.DB(0).keys.soon, &st.DB(0).keys.dates} {
		for i := range uint32(d.n) {
			sum += d.at(i).time() - *d.now
			n++
		}
	}
	wanted := int64(0)
	if n > 0 {
		wanted = max(0, sum/n)
	}
	if got := st.DB(0).AverageTTL(); got != wanted {
		t.Fatalf("the average of %d keys is %d ms, not %d", n, wanted, got)
	}
}

func TestOverhead(t *testing.T) {
	st := New(Options{Databases: 1})
	empty := st.Overhead()
	if empty != st.Used() {
		t.Errorf("an empty store uses %d bytes, all but %d for data", st.Used(), st.Used()-empty)
	}
	st.DB(0).SetString([]byte("key"), []byte(strings.Repeat("v", 1000)), false)
	st.Settle()
	if data := st.Used() - st.Overhead(); data < 1003 || data > 1200 {
		t.Errorf("a key and value of 1003 bytes count as %d bytes of data", data)
	}
	before := st.Overhead()
	st.DB(0).ExpireAt([]byte("key"), 1)
	if got := st.Overhead(); got != before+nodeSize {
		t.Errorf("a deadline made the overhead grow from %d to %d", before, got)
	}
}

// The sizes of all keys and the overhead are what the store says it uses.
func TestSizesAndOverheadAreAllThereIs(t *testing.T) {
	st := newTestStore(Options{Databases: 3})
	for i := range 2000 {
		ks := st.DB(i % 2)
		ks.SetString(keyOf(i), make([]byte, i*i%40_000), false)
		if l, err := Edit(ks, keyOf(i*7+1), ks.NewList); err == nil {
			l.PushBack(make([]byte, i%9000))
		}
		if i%3 == 0 {
			ks.ExpireAfter(keyOf(i), 1000)
		}
		st.Settle()
	}
	sum := st.Overhead()
	for db := range st.Databases() {
		st.DB(db).Each(func(e *Entry) bool {
			sum += int64(e.Size())
			return true
		})
	}
	if sum != st.Used() {
		t.Errorf("keys and overhead are %d bytes, %d are used", sum, st.Used())
	}
}

func TestSerializedLen(t *testing.T) {
	ks := New(Options{Databases: 1}).DB(0)
	for length, wanted := range map[int]int{0: 1, 63: 64, 64: 66, 1<<14 - 1: 1<<14 + 1, 1 << 14: 1<<14 + 5} {
		ks.SetString([]byte("k"), []byte(strings.Repeat("x", length)), false)
		if got := ks.Peek([]byte("k")).SerializedLen(); got != wanted {
			t.Errorf("%d bytes take %d, not %d", length, got, wanted)
		}
	}
}
