package store

import (
	"runtime"
	"testing"
	"weak"

	"pgregory.net/rapid"
)

// limited returns a store with room for a few thousand keys in two databases.
func limited(policy Policy) *Store {
	return newTestStore(Options{Databases: 2, MaxMemory: 300_000, Policy: policy, Samples: 5})
}

// However large what is written and wherever, MakeRoom brings the store below its limit, and the accounts agree.
func TestEvictionKeepsTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := limited(AllKeysLRU)
		evicted := uint64(0)
		st.OnEvict(func(*Keyspace, []byte) { evicted++ })
		now := int64(1)
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				if !makeRoom(st) || st.Used() > st.MaxMemory() {
					t.Fatalf("%d bytes used of %d", st.Used(), st.MaxMemory())
				}
				if evicted != st.Evicted {
					t.Fatalf("%d keys evicted, told of %d", st.Evicted, evicted)
				}
				checkStore(t, st)
				now += 100
				st.at(now)
			},
			"write": func(t *rapid.T) {
				ks := st.DB(rapid.IntRange(0, 1).Draw(t, "db"))
				from, n := rapid.IntRange(0, 5000).Draw(t, "from"), rapid.IntRange(1, 1000).Draw(t, "n")
				value := make([]byte, rapid.SampledFrom([]int{0, 10, 100, 1000, 100_000}).Draw(t, "size"))
				for i := from; i < from+n && st.Used() < 4*st.MaxMemory(); i++ {
					ks.SetString(keyOf(i), value, false)
				}
			},
			"expire": func(t *rapid.T) {
				ks := st.DB(rapid.IntRange(0, 1).Draw(t, "db"))
				for range 100 {
					if e := ks.Random(); e != nil {
						ks.ExpireAt(e.Key(), now+rapid.Int64Range(1, 300).Draw(t, "ttl"))
						st.Settle()
					}
				}
			},
			"flush":  func(t *rapid.T) { st.DB(rapid.IntRange(0, 1).Draw(t, "db")).Flush() },
			"lower":  func(t *rapid.T) { st.Configure(Options{MaxMemory: 150_000, Policy: AllKeysLRU, Samples: 3}) },
			"higher": func(t *rapid.T) { st.Configure(Options{MaxMemory: 600_000, Policy: AllKeysLRU, Samples: 10}) },
		})
	})
}

// makeRoom goes on until there is room or nothing left to evict, as the engine's turns do.
func makeRoom(st *Store) bool {
	for st.Evicting() {
		if st.MakeRoom(0) == RoomNever {
			return false
		}
	}
	return true
}

// One call evicts a slice at most, and says that the command may run.
func TestEvictionInSlices(t *testing.T) {
	st := newTestStore(Options{Policy: AllKeysLRU, Samples: 5})
	fill(st.DB(0), 5000)
	st.Configure(Options{MaxMemory: st.Used() / 2, Policy: AllKeysLRU, Samples: 5})
	if st.MakeRoom(0) == RoomNever || st.Evicted != evictionSlice || !st.Evicting() {
		t.Errorf("%d keys evicted by one call", st.Evicted)
	}
	if !makeRoom(st) || st.Used() > st.MaxMemory() {
		t.Errorf("%d bytes used of %d", st.Used(), st.MaxMemory())
	}
}

// A limit that is lowered below what the tables alone took is kept too.
func TestEvictionOfLargeTables(t *testing.T) {
	st := newTestStore(Options{Policy: AllKeysLRU, Samples: 5})
	for i := range 30_000 {
		st.DB(0).SetString(keyOf(i), nil, false)
	}
	limit := int64(st.DB(0).table.bytes()) / 4
	st.Configure(Options{MaxMemory: limit, Policy: AllKeysLRU, Samples: 5})
	if !makeRoom(st) || st.Used() > limit || st.DB(0).Len() == 0 {
		t.Errorf("%d bytes used of %d with %d keys left", st.Used(), limit, st.DB(0).Len())
	}
	checkStore(t, st)
}

func TestNoevictionEvictsNothing(t *testing.T) {
	st := limited(NoEviction)
	if st.MakeRoom(0) == RoomNever {
		t.Error("an empty store is over its limit")
	}
	fill(st.DB(0), 10_000)
	if st.MakeRoom(0) != RoomNever || st.Evicted != 0 || st.DB(0).Len() != 10_000 {
		t.Errorf("%d keys evicted, %d left", st.Evicted, st.DB(0).Len())
	}
	for i := range 9900 {
		st.DB(0).Delete(keyOf(i))
	}
	if st.MakeRoom(0) == RoomNever {
		t.Errorf("no room with %d bytes used of %d", st.Used(), st.MaxMemory())
	}
}

func TestNoLimitEvictsNothing(t *testing.T) {
	st := newTestStore(Options{Policy: AllKeysLRU, Samples: 5})
	fill(st.DB(0), 5000)
	if st.MakeRoom(0) == RoomNever || st.Evicted != 0 {
		t.Errorf("%d keys evicted without a limit", st.Evicted)
	}
}

// Sampling comes close to the exact order: of keys used one after the other, nearly all victims are of the older half,
// wherever they are.
func TestEvictionTakesTheOldest(t *testing.T) {
	st := newTestStore(Options{Databases: 2, Policy: AllKeysLRU, Samples: 5})
	const keys = 10_000
	for i := range keys {
		st.at(int64(1 + i*32))
		st.DB(i%2).SetString(keyOf(i), []byte("value"), false)
	}
	for i := range keys / 10 { // a tenth of the oldest is used again
		st.at(int64(keys*32 + i))
		st.DB(0).Touch(keyOf(i * 2))
	}
	st.Configure(Options{MaxMemory: st.Used() * 7 / 10, Policy: AllKeysLRU, Samples: 5})
	young, total := 0, 0
	st.OnEvict(func(*Keyspace, []byte) { total++ })
	makeRoom(st)
	for i := keys / 2; i < keys; i++ {
		if st.DB(i%2).Peek(keyOf(i)) == nil {
			young++
		}
	}
	again := 0
	for i := range keys / 10 {
		if st.DB(0).Peek(keyOf(i*2)) == nil {
			again++
		}
	}
	if total < keys/4 || young > total/25 || again > total/50 {
		t.Errorf("%d evicted, %d of them of the younger half, %d lately used again", total, young, again)
	}
}

// NO-TOUCH leaves the order as it is.
func TestFreeze(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	st.at(16_000)
	fill(ks, 1)
	st.at(32_000)
	st.Freeze(true)
	ks.Touch(keyOf(0))
	if idle := ks.Idle(ks.Peek(keyOf(0))); idle != 16_000 {
		t.Errorf("frozen, the key is idle for %d ms", idle)
	}
	st.Freeze(false)
	ks.Touch(keyOf(0))
	if idle := ks.Idle(ks.Peek(keyOf(0))); idle != 0 {
		t.Errorf("used, the key is idle for %d ms", idle)
	}
}

// A store that was flushed is filled no faster than it gives memory back.
func TestRoomWaitsForFlushedMemory(t *testing.T) {
	st := newTestStore(Options{Policy: AllKeysLRU, Samples: 5})
	fill(st.DB(0), 100_000)
	bound := st.Used()
	st.Configure(Options{MaxMemory: bound, Policy: AllKeysLRU, Samples: 5})
	st.FlushAll()
	slices := 0
	for ; st.MakeRoom(0) == RoomSoon; slices++ {
		if st.Used()+st.OffHeap() < bound {
			t.Fatalf("waits with %d bytes left to give back", st.OffHeap())
		}
		st.DoChores()
	}
	if slices == 0 || st.MakeRoom(0) != RoomNow || st.Evicted != 0 {
		t.Errorf("%d slices, %d keys evicted", slices, st.Evicted)
	}
	fill(st.DB(0), 1000)
	for st.HasChores() {
		st.DoChores()
	}
	if st.OffHeap() > 2<<20 {
		t.Errorf("%d bytes are left of it", st.OffHeap())
	}
}

func BenchmarkMakeRoom(b *testing.B) {
	st := newTestStore(Options{Policy: AllKeysLRU, Samples: 5})
	fill(st.DB(0), benchmarkKeys)
	st.Configure(Options{MaxMemory: st.Used(), Policy: AllKeysLRU, Samples: 5})
	b.ReportAllocs()
	for i := benchmarkKeys; b.Loop(); i++ {
		st.at(int64(i))
		st.DB(0).SetString(keyOf(i), []byte("a value of some bytes"), false)
		if st.MakeRoom(0) == RoomNever {
			b.Fatal("no room")
		}
	}
}

// The pool remembers keys between evictions, but not those that were deleted since, nor their values.
func TestPoolLetsGoOfValues(t *testing.T) {
	st := limited(AllKeysLRU)
	ks := st.DB(0)
	for i := range 8 {
		ks.SetString(keyOf(i), make([]byte, 40_000), false)
	}
	makeRoom(st)
	remembered := st.pool.n
	var values []weak.Pointer[byte]
	for i := range 8 {
		if e := ks.Peek(keyOf(i)); e != nil {
			values = append(values, weak.Make(&(*String)(e).Peek()[0]))
			ks.Delete(keyOf(i))
		}
	}
	st.Settle()
	checkStore(t, st)
	runtime.GC()
	if remembered == 0 || len(values) == 0 || st.pool.n != 0 {
		t.Fatalf("%d keys were remembered, %d are", remembered, st.pool.n)
	}
	for _, value := range values {
		if value.Value() != nil {
			t.Error("a deleted key's value is kept")
		}
	}
}

// Large collections count as gone as soon as they are evicted, but their memory comes back in slices: who fills the store waits
// for it, or the new ones would lie beside all of the old ones.
func TestEvictedCollectionsLeaveBeforeNewOnesCome(t *testing.T) {
	const bound, fields = 8 << 20, 50_000
	st := newTestStore(Options{Databases: 1, MaxMemory: bound, Policy: AllKeysLRU, Samples: 5})
	most := int64(0)
	for i := range 20 {
		for j := range fields {
			for st.MakeRoom(0) != RoomNow {
				st.DoChores()
			}
			h, _ := Edit(st.DB(0), keyOf(i), st.DB(0).NewHash)
			h.Set(keyOf(j), []byte("a value of some length"))
			st.Settle()
			most = max(most, st.OffHeap())
		}
		st.at(int64(i+1) * 1000)
	}
	if st.Evicted < 10 || most > bound*5/4 {
		t.Errorf("up to %d bytes taken of %d, %d keys evicted", most, bound, st.Evicted)
	}
	for st.HasChores() {
		st.DoChores()
	}
	if st.goingBytes != 0 {
		t.Errorf("%d bytes never went", st.goingBytes)
	}
}
