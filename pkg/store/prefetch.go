package store

// PrefetchDepth is how many keys Prefetch takes at a time.
const PrefetchDepth = 16

// Prefetch brings what the keys' look-ups will touch into the processor's caches. Each look-up is a chain of three
// cache misses (group, entry, data); here the chains of several keys overlap, since none waits for another's result.
// It changes nothing, and is worth it from two keys on (BenchmarkPrefetch: 390 to 175 ns for each of 16 keys at random
// among a million).
func (ks *Keyspace) Prefetch(keys [][]byte) {
	var hashes [PrefetchDepth]uint64
	var lines [PrefetchDepth]*group
	var entries [PrefetchDepth]*Entry
	n := min(len(keys), PrefetchDepth)
	for i, key := range keys[:n] {
		h := ks.table.hash(key)
		s := ks.table.segment(h)
		hashes[i], lines[i] = h, &s.groups[s.home(h)]
	}
	for i, g := range lines[:n] {
		if m := g.matches(tag(hashes[i])); m != 0 {
			entries[i] = g.entries[slotOf(m)]
		}
	}
	touched := uint8(0)
	for _, e := range entries[:n] {
		if e != nil && len(e.data) > 0 {
			touched += e.data[0]
		}
	}
	ks.touched = touched
}
