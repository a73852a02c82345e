package store

import "testing"

// However the policy changes, a key that is used stays before one that nobody has used since.
func TestPolicyChangesKeepTheKeysInUse(t *testing.T) {
	const keys, minute = 4000, 60_000
	for _, policies := range [][]Policy{
		{AllKeysLFU, AllKeysLRU}, {AllKeysLRU, AllKeysLFU}, {AllKeysLRU, AllKeysLFU, AllKeysLRU},
		{AllKeysLFU, AllKeysLRU, AllKeysLFU}, {VolatileLFU, VolatileTTL, VolatileLRU}, {AllKeysLFU, AllKeysRandom, VolatileLRU},
	} {
		st := newTestStore(Options{Policy: policies[0], Samples: 10, LFULogFactor: 10, LFUDecayTime: 1})
		ks, now := st.DB(0), int64(7*minute)
		st.at(now)
		fill(ks, keys)
		for i := range keys {
			ks.ExpireAfter(keyOf(i), 1000*minute)
			st.Settle()
		}
		configure := func(p Policy, bytes int64) {
			st.Configure(Options{Policy: p, MaxMemory: bytes, Samples: 10, LFULogFactor: 10, LFUDecayTime: 1})
		}
		for _, p := range policies[1:] {
			configure(st.options.Policy, st.Used()-1) // fills the pool, and with it changes
			makeRoom(st)
			checkStore(t, st)
			configure(p, 0)
			checkStore(t, st)
			for range 3 {
				now += 2 * minute
				st.at(now)
				for i := 0; i < keys; i += 2 {
					ks.Touch(keyOf(i))
					st.Settle()
				}
			}
		}
		now += minute
		st.at(now)
		configure(st.options.Policy, st.Used()*3/4)
		lost := 0
		st.OnEvict(func(_ *Keyspace, key []byte) {
			if key[len(key)-1]%2 == 0 {
				lost++
			}
		})
		before := st.Evicted
		makeRoom(st)
		checkStore(t, st)
		if evicted := int(st.Evicted - before); evicted < keys/8 || lost > evicted/50 {
			t.Errorf("%v: of %d keys evicted %d were in use", policies, evicted, lost)
		}
	}
}

// A key that was last used under another kind of policy counts as used when that changed.
func TestUsageAcrossAChangeOfPolicy(t *testing.T) {
	const minute = 60_000
	st := newTestStore(Options{Policy: AllKeysLRU})
	ks := st.DB(0)
	st.at(10 * minute)
	fill(ks, 1)
	change := func(p Policy) { st.Configure(Options{Policy: p, LFUDecayTime: 2}) }
	change(AllKeysLFU)
	st.at(13 * minute)
	if f := ks.Frequency(ks.Peek(keyOf(0))); f != firstCounter-1 {
		t.Errorf("3 minutes after the change the frequency is %d", f)
	}
	change(VolatileLFU) // no other kind
	st.at(16 * minute)
	if f := ks.Frequency(ks.Peek(keyOf(0))); f != firstCounter-3 {
		t.Errorf("6 minutes after the change the frequency is %d", f)
	}
	ks.Touch(keyOf(0))
	change(NoEviction)
	st.at(17 * minute)
	if idle := ks.Idle(ks.Peek(keyOf(0))); idle != minute {
		t.Errorf("a minute after the change the key is idle for %d ms", idle)
	}
}
