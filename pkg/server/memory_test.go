package server

import (
	"runtime/debug"
	"testing"
)

func TestGoMemoryLeavesRoomForTheDataset(t *testing.T) {
	const mib = 1 << 20
	g := &goMemory{limit: 512 * mib}
	for _, c := range []struct {
		offHeap, want int64 // MiB
		changed       bool
	}{
		{0, 460, true}, {5, 460, false}, {100, 360, true}, {96, 360, false}, {90, 370, true},
		{400, 60, true}, {440, 32, true}, {10_000, 32, false}, {0, 460, true},
	} {
		if changed := g.adjust(c.offHeap * mib); changed != c.changed || g.now/mib != c.want {
			t.Errorf("%d MiB outside the heap: %d MiB for Go, changed %v; want %d, %v", c.offHeap, g.now/mib, changed, c.want, c.changed)
		}
	}
	if tiny := (&goMemory{limit: 20 * mib}).next(0); tiny != 18*mib {
		t.Errorf("of 20 MiB Go gets %d", tiny)
	}
}

func TestFollowMemorySetsTheLimit(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	before := debug.SetMemoryLimit(-1)
	stop, looks, done := make(chan struct{}), make(chan int64), make(chan struct{})
	go func() {
		FollowMemory(stop, 1<<30, func() int64 { return <-looks })
		close(done)
	}()
	looks <- 1 << 29
	looks <- 1 << 29 // by now the first has been seen to
	if got := debug.SetMemoryLimit(-1); got < 400<<20 || got > 450<<20 {
		t.Errorf("Go's limit is %d", got)
	}
	close(stop)
	<-done
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("Go's limit stays at %d, it was %d", got, before)
	}
}

func TestFollowMemoryWithoutALimit(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	FollowMemory(nil, 0, nil) // returns
	t.Setenv("GOMEMLIMIT", "1GiB")
	FollowMemory(nil, 1<<30, nil)
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("Go's limit became %d", got)
	}
}
