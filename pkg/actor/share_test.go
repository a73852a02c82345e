package actor

import (
	"testing"

	"snakecache/pkg/store"
)

// An owner that is long at work of its own asks for another processor, once, and never waits for an answer.
func TestCrowdedOwnerAsksForAProcessor(t *testing.T) {
	for _, c := range []struct {
		what    string
		nanos   int64 // since the last rest
		prepare func(*Actor)
		asks    bool
	}{
		{"work of its own", crowdedNanos + 1, func(*Actor) {}, true},
		{"not for long", crowdedNanos, func(*Actor) {}, false},
		{"clients' work", crowdedNanos + 1, func(a *Actor) { a.queue = []*Batch{nil} }, false},
		{"eviction for a client", crowdedNanos + 1, func(a *Actor) { a.queue, a.roomFor = []*Batch{nil}, new(Session) }, true},
	} {
		table, err := NewTable()
		if err != nil {
			t.Fatal(err)
		}
		crowded := make(chan struct{}, 1)
		a := New(Options{Table: table, Store: store.New(store.Options{Databases: 1}), Clock: SystemClock(), Crowded: crowded})
		c.prepare(a)
		for range 2 {
			a.stats.wokenAt = a.nanos - c.nanos
			a.share()
		}
		if asks := len(crowded) == 1; asks != c.asks {
			t.Errorf("%s: asks for a processor: %v", c.what, asks)
		}
		a.crowded = nil // nobody to ask
		a.stats.wokenAt = 0
		a.share()
	}
}
