package store

import (
	"crypto/sha256"
	"encoding/binary"
)

// Digest is a fingerprint of a store's contents. It does not depend on the order of keys in memory.
type Digest [sha256.Size]byte

// Digest returns the fingerprint of all databases: keys, types, values and deadlines, nothing of their use or
// encoding. O(n); for tests that ask whether anything changed.
func (st *Store) Digest() (sum Digest) {
	for _, ks := range st.dbs {
		ks.Each(func(e *Entry) bool {
			one := ks.entryDigest(e)
			for i := range sum {
				sum[i] ^= one[i]
			}
			return true
		})
	}
	return sum
}

func (ks *Keyspace) entryDigest(e *Entry) Digest {
	var text []byte
	add := func(b []byte) {
		text = binary.AppendUvarint(text, uint64(len(b)))
		text = append(text, b...)
	}
	text = binary.AppendUvarint(text, uint64(ks.index))
	text = binary.AppendVarint(text, e.Deadline())
	text = append(text, byte(e.Type()))
	add(e.Key())
	e.Value().digest(add)
	return sha256.Sum256(text)
}
