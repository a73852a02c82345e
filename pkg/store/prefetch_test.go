package store

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Prefetch changes nothing, whether keys exist or not and however many there are.
func TestPrefetch(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	fill(ks, 2000)
	before, counters := st.Digest(), st.Counters
	var keys [][]byte
	for i := range 3 * PrefetchDepth {
		keys = append(keys, keyOf(i*100))
		ks.Prefetch(keys)
	}
	if st.Digest() != before || st.Counters != counters {
		t.Error("prefetching changed the store or its counters")
	}
	if n := testing.AllocsPerRun(10, func() { ks.Prefetch(keys) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkPrefetch reads a million keys at random, in groups as a pipeline brings them, with and without Prefetch.
func BenchmarkPrefetch(b *testing.B) {
	const n = 1_000_000
	st := newTestStore(Options{})
	ks := st.DB(0)
	for i := range n {
		ks.SetString(keyOf(i), bytes.Repeat([]byte{'x'}, 64), false)
	}
	var buf [PrefetchDepth][32]byte
	keys := make([][]byte, PrefetchDepth)
	for _, ahead := range []bool{false, true} {
		b.Run(map[bool]string{false: "without", true: "with"}[ahead], func(b *testing.B) {
			for range b.N/PrefetchDepth + 1 {
				for i := range keys { // as if decoded: the bytes of the keys are in the cache
					keys[i] = append(buf[i][:0], keyOf(rand.IntN(n))...)
				}
				if ahead {
					ks.Prefetch(keys)
				}
				for _, key := range keys {
					Find[*String](ks, key)
				}
			}
		})
	}
}
