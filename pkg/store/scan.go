package store

import "math"

// sparseGroups is how many groups without a key a scan may pass for each key it was asked for: in a nearly empty
// table it ends early rather than hold up the owner.
const sparseGroups = 10

// Scan visits about count keys from cursor on, 0 being the beginning, and returns where to go on, 0 at the end.
// A key that exists from the first call to the last is visited at least once, whatever else changes between the
// calls; cursors hold no state here. Visit must not change the keyspace, nor keep the entry. O(1) per key visited.
func (ks *Keyspace) Scan(cursor uint64, count int, visit func(*Entry)) (next uint64) {
	var e Entry
	return ks.table.scanSome(cursor, count, func(r ref) {
		if !ks.isDue(r) {
			visit(ks.view(&e, r))
		}
	})
}

// scanSome is scan for about count blobs.
func (t *table) scanSome(cursor uint64, count int, visit func(ref)) (next uint64) {
	seen := 0
	count = min(max(count, 1), math.MaxInt/sparseGroups)
	for range count * sparseGroups {
		cursor = t.scan(cursor, func(r ref) {
			seen++
			visit(r)
		})
		if cursor == 0 || seen >= count {
			break
		}
	}
	return cursor
}

// Each visits every key that has not expired; visit must not change the keyspace. O(n).
func (ks *Keyspace) Each(visit func(*Entry) bool) {
	var e Entry
	ks.arena.each(func(r ref) bool { return ks.isElement(r) || ks.isDue(r) || visit(ks.view(&e, r)) })
}

// isElement reports whether a blob is no key's but an element of a large collection.
func (ks *Keyspace) isElement(r ref) bool { return ks.head(r).shape.kind() == typeElement }

// Random returns a key, each with the same chance, or nil if there is none. Expired keys it meets are removed.
func (ks *Keyspace) Random() *Entry {
	for ks.table.count > 0 {
		if e := ks.present(ks.table.random(ks.store.rng)); e != nil {
			return e
		}
	}
	return nil
}

// isDue reports whether the deadline has come that a key may have, or those of all its fields.
func (ks *Keyspace) isDue(r ref) bool {
	h := ks.head(r)
	return h.shape&volatile != 0 && ks.keys.due(h) || h.shape&(kindMask|formMask) == largeHash && ks.spent(h)
}
