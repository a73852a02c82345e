package store

import "math"

// sparseGroups is how many groups without a key a scan may pass for each key it was asked for: in a nearly empty
// table it ends early rather than hold up the owner.
const sparseGroups = 10

// Scan visits about count keys from cursor on, 0 being the beginning, and returns where to go on, 0 at the end.
// A key that exists from the first call to the last is visited at least once, whatever else changes between the
// calls; cursors hold no state here. Visit must not change the keyspace. O(1) per key visited.
func (ks *Keyspace) Scan(cursor uint64, count int, visit func(*Entry)) (next uint64) {
	seen := 0
	count = min(max(count, 1), math.MaxInt/sparseGroups)
	for range count * sparseGroups {
		cursor = ks.table.scan(cursor, func(e *Entry) {
			seen++
			if !ks.due(e) {
				visit(e)
			}
		})
		if cursor == 0 || seen >= count {
			break
		}
	}
	return cursor
}

// Each visits every key that has not expired. O(n).
func (ks *Keyspace) Each(visit func(*Entry) bool) {
	ks.table.each(func(e *Entry) bool { return ks.due(e) || visit(e) })
}

// Random returns a key, each with the same chance, or nil if there is none. Expired keys it meets are removed.
func (ks *Keyspace) Random() *Entry {
	for ks.table.count > 0 {
		if e := ks.present(ks.table.random(ks.store.rng)); e != nil {
			return e
		}
	}
	return nil
}

// due reports whether the entry's deadline has come.
func (ks *Keyspace) due(e *Entry) bool { return e.deadline != 0 && e.deadline <= ks.store.now }
