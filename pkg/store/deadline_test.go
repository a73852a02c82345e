package store

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Entries get deadlines, change them, lose them and come due; the heap is compared with a map after each step.
func TestDeadlinesAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := make([]*Entry, 60)
		for i := range entries {
			entries[i] = &Entry{place: noPlace}
		}
		var heap deadlines
		model := map[*Entry]int64{}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				if err := heap.verify(); err != nil {
					t.Fatal(err)
				}
				if len(heap) != len(model) {
					t.Fatalf("%d nodes for %d deadlines", len(heap), len(model))
				}
				for _, e := range entries {
					if e.deadline != model[e] || (e.place == noPlace) != (model[e] == 0) {
						t.Fatalf("deadline %d in place %d, want %d", e.deadline, e.place, model[e])
					}
				}
				checkNearest(t, heap, model)
			},
			"set": func(t *rapid.T) {
				e := rapid.SampledFrom(entries).Draw(t, "entry")
				model[e] = rapid.OneOf(rapid.Int64Range(1, 20), rapid.Int64Min(1)).Draw(t, "at")
				heap.set(e, model[e])
			},
			"remove": func(t *rapid.T) {
				e := rapid.SampledFrom(entries).Draw(t, "entry")
				heap.remove(e)
				delete(model, e)
			},
			"removeNearest": func(t *rapid.T) {
				if len(heap) > 0 {
					e := heap[0].entry
					heap.remove(e)
					delete(model, e)
				}
			},
		})
	})
}

func checkNearest(t *rapid.T, heap deadlines, model map[*Entry]int64) {
	at, ok := heap.nearest()
	if ok != (len(model) > 0) {
		t.Fatalf("a nearest deadline: %v, with %d of them", ok, len(model))
	}
	for _, other := range model {
		if other < at {
			t.Fatalf("the nearest deadline is %d, but there is %d", at, other)
		}
	}
}

// Keys go earliest first, at most as many as allowed at a time, and not before their millisecond.
func TestExpireDueInSlices(t *testing.T) {
	st := newTestStore(Options{Databases: 2})
	for i := range 100 {
		ks := st.DB(i % 2)
		ks.SetString(keyOf(i), nil, false)
		ks.ExpireAt(keyOf(i), int64(1000+i*37%100))
	}
	st.Settle()
	var lags []int64
	st.OnExpire(func(ks *Keyspace, key string, lagMs int64) {
		if ks.Exists([]byte(key)) {
			t.Errorf("%s is there when its end is told", key)
		}
		lags = append(lags, lagMs)
	})
	st.at(999)
	if st.ExpireDue(10) || len(lags) != 0 {
		t.Error("keys went before their time")
	}
	st.at(1059)
	for _, more := range []bool{true, true, false} {
		if st.ExpireDue(20) != more {
			t.Errorf("with %d keys expired: more are due: %v", len(lags), !more)
		}
		checkStore(t, st)
	}
	if len(lags) != 60 || !slices.IsSortedFunc(lags, func(a, b int64) int { return int(b - a) }) || lags[0] != 59 {
		t.Errorf("lags of %d keys: %v", len(lags), lags)
	}
	if at, ok := st.NextDeadline(); !ok || at != 1 {
		t.Errorf("the next deadline is %d, want 1", at)
	}
}

func BenchmarkSetDeadline(b *testing.B) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	fill(ks, benchmarkKeys)
	keys := benchmarkOrder()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		ks.ExpireAt(keys[i%len(keys)], int64(1+i*7919%benchmarkKeys))
		st.Settle()
	}
}
