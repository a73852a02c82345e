package store

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Keys come and go in batches large enough to split and to merge segments.
func TestTableAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := newTestStore(Options{})
		ks, model := st.DB(0), map[int]bool{}
		batch := func(t *rapid.T) (from, n int) {
			return rapid.IntRange(0, 3000).Draw(t, "from"), rapid.IntRange(1, 1500).Draw(t, "n")
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				if err := ks.table.verify(); err != nil {
					t.Fatal(err)
				}
				if ks.Len() != len(model) {
					t.Fatalf("%d keys, want %d", ks.Len(), len(model))
				}
			},
			"insert": func(t *rapid.T) {
				from, n := batch(t)
				for i := from; i < from+n; i++ {
					ks.SetString(keyOf(i), nil, false)
					model[i] = true
				}
			},
			"remove": func(t *rapid.T) {
				from, n := batch(t)
				for i := from; i < from+n; i++ {
					if ks.Delete(keyOf(i)) != model[i] {
						t.Fatalf("removing %d, which is there: %v", i, model[i])
					}
					delete(model, i)
				}
			},
			"find": func(t *rapid.T) {
				from, n := batch(t)
				for i := from; i < from+n; i++ {
					if (ks.Peek(keyOf(i)) != nil) != model[i] {
						t.Fatalf("looking for %d, which is there: %v", i, model[i])
					}
				}
			},
		})
	})
}

// Deleted slots are swept out, so that a table whose keys change all the time does not grow.
func TestTableDoesNotGrowByChurn(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	const live = maxLoad / 2
	for i := range 100_000 {
		ks.SetString(keyOf(i), nil, false)
		ks.Delete(keyOf(i - live))
	}
	if err := ks.table.verify(); err != nil {
		t.Fatal(err)
	}
	if ks.Len() != live || ks.table.segments != 1 {
		t.Errorf("%d keys in %d segments", ks.Len(), ks.table.segments)
	}
}

// A table that was large gives its memory back.
func TestTableShrinks(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	empty := st.Used()
	fill(ks, 50_000)
	if ks.table.segments < 100 {
		t.Fatalf("50,000 keys in %d segments", ks.table.segments)
	}
	for i := range 50_000 {
		ks.Delete(keyOf(i))
		if i%9973 == 0 {
			checkStore(t, st)
		}
	}
	checkStore(t, st)
	if ks.table.segments != 1 || ks.table.depth != 0 || st.Used() != empty {
		t.Errorf("%d segments, depth %d, %d bytes used; %d when new", ks.table.segments, ks.table.depth, st.Used(), empty)
	}
}

// Every key is drawn as often as any other, in a sparse table, in one of one segment and in one where about half of the
// segments have split once more than the others. The sum of squares is that of Pearson's test: its mean is n, its
// deviation √2n, and eight of those do not happen by chance.
func TestRandomIsUniform(t *testing.T) {
	for _, n := range []int{3, 200, 8 * maxLoad} {
		st := newTestStore(Options{})
		ks := st.DB(0)
		fill(ks, n)
		const each = 50
		drawn := map[string]int{}
		for range n * each {
			drawn[string(ks.Random().Key())]++
			st.Settle()
		}
		sum := 0.0
		for i := range n {
			d := float64(drawn[string(keyOf(i))] - each)
			sum += d * d / each
		}
		if limit := float64(n) + 8*math.Sqrt(2*float64(n)); sum > limit {
			t.Errorf("%d keys: the sum of squares is %.0f, more than %.0f", n, sum, limit)
		}
	}
}

func TestRandomFindsTheLastKeys(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	if ks.Random() != nil {
		t.Error("an empty keyspace has a random key")
	}
	fill(ks, 5000)
	for n := ks.Len(); n > 0; n-- {
		ks.Delete([]byte(ks.Random().Key()))
	}
	if ks.Len() != 0 || ks.Random() != nil {
		t.Errorf("%d keys left", ks.Len())
	}
}

// Expired keys are no answer, and those that were drawn are gone.
func TestRandomPassesExpired(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	fill(ks, 100)
	for i := range 99 {
		ks.ExpireAt(keyOf(i), 10)
	}
	st.Settle()
	st.at(10)
	if e := ks.Random(); e == nil || string(e.Key()) != "key:99" {
		t.Errorf("Random is %v, want the only key left", e)
	}
	checkStore(t, st)
	ks.Delete(keyOf(99))
	if e := ks.Random(); e != nil || ks.Len() != 0 || st.Expired != 99 {
		t.Errorf("Random is %v with %d keys there and %d expired", e, ks.Len(), st.Expired)
	}
}

func BenchmarkFind(b *testing.B) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	fill(ks, benchmarkKeys)
	keys := benchmarkOrder()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if s, err := Find[*String](ks, keys[i%len(keys)]); s == nil || err != nil {
			b.Fatal(s, err)
		}
	}
}

func BenchmarkFindMissing(b *testing.B) {
	st := newTestStore(Options{})
	fill(st.DB(0), benchmarkKeys)
	key := []byte("no such key")
	b.ReportAllocs()
	for b.Loop() {
		if st.DB(0).Exists(key) {
			b.Fatal("it exists")
		}
	}
}

func BenchmarkSetOver(b *testing.B) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	fill(ks, benchmarkKeys)
	keys, value := benchmarkOrder(), []byte("other value of length")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		ks.SetString(keys[i%len(keys)], value, false)
	}
}

// One operation is a key that comes and goes again: insertion, splits and merges, removal.
func BenchmarkSetNewAndDelete(b *testing.B) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	keys, value := benchmarkOrder(), []byte("value")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		ks.SetString(keys[i%len(keys)], value, false)
		ks.Delete(keys[(i+len(keys)/2)%len(keys)])
	}
}

const benchmarkKeys = 100_000

// benchmarkOrder returns the keys that fill made, far from the order in which it made them.
func benchmarkOrder() [][]byte {
	keys := make([][]byte, benchmarkKeys)
	for i := range keys {
		keys[i] = keyOf(i * 7919 % benchmarkKeys)
	}
	return keys
}

// A small table takes little memory: about as much as its keys need, while it grows and while it shrinks.
func TestSmallTablesTakeLittle(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	check := func(n int) {
		if got, most := ks.table.bytes()-ks.table.heapBytes(), max(64, n*64); got > most {
			t.Fatalf("a table of %d keys takes %d bytes, more than %d", n, got, most)
		}
	}
	for i := range 600 {
		ks.SetString(keyOf(i), nil, false)
		check(i + 1)
		checkStore(t, st)
	}
	for i := range 599 {
		ks.Delete(keyOf(i))
		check(599 - i)
		checkStore(t, st)
	}
	if s := ks.table.directory[0]; s.bits != 0 || s.used != 1 {
		t.Errorf("one key lies in %d groups", len(s.all()))
	}
}
