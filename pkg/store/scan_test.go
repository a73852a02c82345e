package store

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Whatever comes, goes, splits and merges between its calls, a scan returns every key that is there all the time, and
// none that was never there.
func TestScanGuarantee(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := newTestStore(Options{})
		ks := st.DB(0)
		stable := rapid.IntRange(0, 1000).Draw(t, "stable")
		fill(ks, stable)
		other := rapid.IntRange(0, 6000)
		churn := func(label string, do func(key []byte)) {
			from, n := other.Draw(t, label+" from"), other.Draw(t, label)
			for i := from; i < from+n; i++ {
				do(keyOf(stable + i))
			}
		}
		set := func(key []byte) { ks.SetString(key, nil, false) }
		churn("before", set)
		seen, calls := map[string]bool{}, 0
		for cursor := uint64(0); ; calls++ {
			count := rapid.IntRange(1, 500).Draw(t, "count")
			if cursor = ks.Scan(cursor, count, func(e *Entry) { seen[string(e.Key())] = true }); cursor == 0 {
				break
			}
			if calls%4 == 0 {
				churn("set", set)
				churn("delete", func(key []byte) { ks.Delete(key) })
			}
		}
		for i := range stable {
			if !seen[string(keyOf(i))] {
				t.Fatalf("%s was there all the time and was not returned in %d calls", keyOf(i), calls)
			}
			delete(seen, string(keyOf(i)))
		}
		for key := range seen {
			if len(key) < 5 || key[:4] != "key:" {
				t.Fatalf("%q was never there", key)
			}
		}
	})
}

// While nothing changes, every key is returned once, and a cursor fits in a double.
func TestScanOfStandingTable(t *testing.T) {
	for _, n := range []int{0, 1, 10, 500, 8 * maxLoad} {
		st := newTestStore(Options{})
		ks := st.DB(0)
		fill(ks, n)
		seen := map[string]int{}
		for cursor := uint64(0); ; {
			if cursor = ks.Scan(cursor, 10, func(e *Entry) { seen[string(e.Key())]++ }); cursor == 0 {
				break
			}
			if cursor >= 1<<scanDepth {
				t.Fatalf("cursor %d", cursor)
			}
		}
		if len(seen) != n {
			t.Errorf("%d of %d keys", len(seen), n)
		}
		for key, times := range seen {
			if times != 1 {
				t.Errorf("%s came %d times", key, times)
			}
		}
	}
}

// Count is a hint in both directions: no more than a group beyond it, and in a sparse table an early end.
func TestScanCount(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	fill(ks, 20_000)
	for _, count := range []int{1, 10, 100, 1000} {
		n := 0
		ks.Scan(0, count, func(*Entry) { n++ })
		if n < count || n > count+segmentSize {
			t.Errorf("COUNT %d returned %d keys", count, n)
		}
	}
	for _, count := range []int{20_000, math.MaxInt} {
		n := 0
		if next := ks.Scan(0, count, func(*Entry) { n++ }); n != 20_000 || next != 0 {
			t.Errorf("COUNT %d returned %d keys and cursor %d", count, n, next)
		}
	}
	sparse := newTestStore(Options{}).DB(0)
	fill(sparse, 1000)
	for i := range 1000 {
		if sparse.table.hash(keyOf(i))>>63 == 0 {
			sparse.Delete(keyOf(i))
		}
	}
	if next := sparse.Scan(0, 1, func(*Entry) { t.Error("a key was met that is gone") }); next == 0 || next >= 1<<(scanDepth-1) {
		t.Errorf("COUNT 1 went through all of an empty segment, to %x", next)
	}
}

// Any number is a cursor: clients send what they like.
func TestScanFromAnyCursor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := newTestStore(Options{})
		fill(st.DB(0), rapid.IntRange(0, 3000).Draw(t, "keys"))
		cursor := rapid.Uint64().Draw(t, "cursor")
		if next := st.DB(0).Scan(cursor, 1, func(*Entry) {}); next != 0 && next <= cursor&(1<<scanDepth-1) {
			t.Fatalf("from %d to %d", cursor, next)
		}
	})
}

func TestScanAndEachPassExpired(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	fill(ks, 100)
	for i := range 50 {
		ks.ExpireAt(keyOf(i), 10)
	}
	st.Settle()
	st.at(10)
	scanned, each := 0, 0
	ks.Scan(0, 1000, func(*Entry) { scanned++ })
	ks.Each(func(*Entry) bool { each++; return true })
	if scanned != 50 || each != 50 {
		t.Errorf("Scan visited %d, Each %d of 50 keys", scanned, each)
	}
	stopped := 0
	ks.Each(func(*Entry) bool { stopped++; return stopped < 7 })
	if stopped != 7 {
		t.Errorf("Each went on to %d", stopped)
	}
}

func BenchmarkScan(b *testing.B) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	fill(ks, benchmarkKeys)
	cursor, visited := uint64(0), 0
	b.ReportAllocs()
	for b.Loop() {
		cursor = ks.Scan(cursor, 10, func(*Entry) { visited++ })
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(visited), "ns/key")
}
