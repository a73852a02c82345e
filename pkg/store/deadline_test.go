package store

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Keys get deadlines, change them, lose them and come due; both heaps are compared with maps after each step.
func TestDeadlinesAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := newTestStore(Options{})
		ks := st.DB(0)
		fill(ks, 60)
		model := map[int]int64{}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				st.Settle()
				checkStore(t, st)
				if ks.Volatile() != len(model) {
					t.Fatalf("%d nodes for %d deadlines", ks.Volatile(), len(model))
				}
				for i := range 60 {
					if e := ks.Peek(keyOf(i)); e.Deadline() != model[i] {
						t.Fatalf("deadline %d, want %d", e.Deadline(), model[i])
					}
				}
				checkNearest(t, st, model)
			},
			"set": func(t *rapid.T) {
				i := rapid.IntRange(0, 59).Draw(t, "key")
				model[i] = rapid.OneOf(rapid.Int64Range(1, 20), rapid.Int64Min(1)).Draw(t, "at")
				if rapid.Bool().Draw(t, "date") {
					ks.ExpireAt(keyOf(i), model[i])
				} else {
					ks.ExpireAfter(keyOf(i), model[i])
				}
			},
			"remove": func(t *rapid.T) {
				i := rapid.IntRange(0, 59).Draw(t, "key")
				ks.Persist(keyOf(i))
				delete(model, i)
			},
			"overwrite": func(t *rapid.T) {
				i := rapid.IntRange(0, 59).Draw(t, "key")
				ks.SetString(keyOf(i), make([]byte, rapid.IntRange(0, 100).Draw(t, "length")), true)
			},
		})
	})
}

func checkNearest(t *rapid.T, st *Store, model map[int]int64) {
	in, ok := st.NextDeadline()
	if ok != (len(model) > 0) {
		t.Fatalf("a nearest deadline: %v, with %d of them", ok, len(model))
	}
	for _, other := range model {
		if other < in {
			t.Fatalf("the nearest deadline is %d, but there is %d", in, other)
		}
	}
}

// A jump of the wall clock takes dates with it, and nothing else.
func TestJumpsOfTheWallClock(t *testing.T) {
	const hour = 3_600_000
	for _, jump := range []int64{hour, -hour} {
		st := newTestStore(Options{})
		ks := st.DB(0)
		st.Tick(10*hour, 1000)
		fill(ks, 2)
		ks.ExpireAfter(keyOf(0), 500)
		ks.ExpireAt(keyOf(1), 10*hour+500)
		st.Settle()
		st.Tick(10*hour+jump+499, 1499)
		st.ExpireDue(10)
		relative, date := ks.Peek(keyOf(0)), ks.Peek(keyOf(1))
		if relative == nil || relative.Deadline() != 10*hour+jump+500 {
			t.Errorf("after a jump of %d ms a key with 1 ms left is %+v", jump, relative)
		}
		if (date == nil) != (jump > 0) {
			t.Errorf("after a jump of %d ms the dated key is %+v", jump, date)
		}
		st.Tick(10*hour+jump+500, 1500)
		if ks.Exists(keyOf(0)) {
			t.Errorf("after a jump of %d ms a key outlives its time", jump)
		}
	}
}

// Deadlines at the ends of int64 stay where they are, whichever clock is ahead.
func TestDeadlinesAtTheEnds(t *testing.T) {
	for _, clocks := range [][2]int64{{1_700_000_000_000, 5}, {1000, 900_000_000}, {5, 5}} {
		st := newTestStore(Options{})
		ks := st.DB(0)
		st.Tick(clocks[0], clocks[1])
		fill(ks, 4)
		ks.ExpireAfter(keyOf(3), 500)
		if at := ks.Peek(keyOf(3)).Deadline(); at != clocks[0]+500 {
			t.Errorf("clocks at %d: half a second from now is %d", clocks, at)
		}
		ks.ExpireAfter(keyOf(0), noTime-clocks[0])
		ks.ExpireAfter(keyOf(1), noTime)
		ks.ExpireAt(keyOf(2), noTime)
		st.Settle()
		if st.ExpireDue(10); ks.Len() != 4 {
			t.Errorf("clocks at %d: %d keys of 4 are left", clocks, ks.Len())
		}
		for i := range 3 {
			if e := ks.Peek(keyOf(i)); e == nil || e.Deadline() < noTime-clocks[1] {
				t.Errorf("clocks at %d: key %d is %+v", clocks, i, e)
			}
		}
		checkStore(t, st)
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
	st.OnExpire(func(_ *Keyspace, _ []byte, lagMs int64) {
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
