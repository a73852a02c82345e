package store

import (
	"fmt"
	"math/rand/v2"
)

// newTestStore returns a store whose draws are the same in every run. The seeds of its tables never are.
func newTestStore(o Options) *Store {
	if o.Databases == 0 {
		o.Databases = 1
	}
	st := New(o)
	st.rng = rand.New(rand.NewPCG(1, 2))
	return st
}

// fill makes n strings, key:0 to key:n-1.
func fill(ks *Keyspace, n int) {
	for i := range n {
		ks.SetString(keyOf(i), []byte("a value of some bytes"), false)
	}
}

func keyOf(i int) []byte { return fmt.Appendf(nil, "key:%d", i) }

// checkStore verifies everything that must hold between two commands.
func checkStore(t interface{ Fatal(...any) }, st *Store) {
	if err := st.Verify(); err != nil {
		t.Fatal(err)
	}
}

// at sets both clocks to the same time.
func (st *Store) at(ms int64) { st.Tick(ms, ms) }
