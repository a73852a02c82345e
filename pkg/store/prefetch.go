package store

// PrefetchDepth is how many keys Prefetch takes at a time.
const PrefetchDepth = 16

// Prefetch brings what the keys' look-ups will touch into the processor's caches. Each look-up is a chain of two
// cache misses (group, blob); here the chains of several keys overlap, since none waits for another's result.
// It changes nothing, and is worth it from two keys on (BenchmarkPrefetch: 390 to 175 ns for each of 16 keys at random
// among a million).
func (ks *Keyspace) Prefetch(keys [][]byte) {
	var hashes [PrefetchDepth]uint64
	var lines [PrefetchDepth]*group
	n := min(len(keys), PrefetchDepth)
	for i, key := range keys[:n] {
		h := ks.table.hash(key)
		s := ks.table.segment(h)
		hashes[i], lines[i] = h, &s.groups[s.home(h)]
	}
	touched := uint8(0)
	for i, g := range lines[:n] {
		if slot := g.first(tag(hashes[i])); slot >= 0 {
			touched += ks.head(g.refs[slot]).keyLen
		}
	}
	ks.touched = touched
}
