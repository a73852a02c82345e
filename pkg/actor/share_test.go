package actor

import (
	"testing"
	"time"

	"snakecache/pkg/store"
)

// sleeper is a clock that counts how often somebody sleeps.
type sleeper struct {
	Clock
	nanos  int64
	sleeps int
}

func (s *sleeper) Nanos() int64          { return s.nanos }
func (s *sleeper) Sleep(d time.Duration) { s.sleeps++; s.nanos += int64(d) }

// An owner that is long at work of its own takes breath, in which requests are noticed; one at work for clients does not.
func TestOwnerTakesBreath(t *testing.T) {
	table, err := NewTable()
	if err != nil {
		t.Fatal(err)
	}
	clock := &sleeper{Clock: SystemClock()}
	a := New(Options{Table: table, Store: store.New(store.Options{Databases: 1}), Clock: clock})
	for step, c := range []struct {
		nanos  int64 // that pass before
		queue  []*Batch
		sleeps int
	}{
		{breatheNanos - 1, nil, 0},
		{1, []*Batch{nil}, 0},
		{0, nil, 1},
		{breatheNanos - 1, nil, 1},
		{1, nil, 2},
	} {
		clock.nanos += c.nanos
		a.tick()
		a.queue = c.queue
		a.share()
		if clock.sleeps != c.sleeps {
			t.Errorf("step %d: %d sleeps, want %d", step, clock.sleeps, c.sleeps)
		}
	}
}
