package server

import (
	"runtime"
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

// Garbage is collected for the dataset's sake, but not again and again if that does not help.
func TestCrowded(t *testing.T) {
	const mib = 1 << 20
	g := &goMemory{limit: 640 * mib}
	g.adjust(500 * mib) // 76 MiB are left
	for _, c := range []struct {
		used, freed int64 // MiB
		want        bool
	}{{70, 0, false}, {80, 0, true}, {80, 80, false}, {89, 80, false}, {91, 80, true}, {77, 60, true}} {
		if g.freed = c.freed * mib; g.crowded(c.used*mib) != c.want {
			t.Errorf("with %d MiB, %d of them left last time: not %v", c.used, c.freed, c.want)
		}
	}
}

func TestFollowMemoryCollectsGarbage(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	garbage := make([]byte, 256<<20)
	for i := range garbage {
		garbage[i] = 1
	}
	before := goBytes()
	runtime.KeepAlive(garbage)
	garbage = nil
	stop, looks, done := make(chan struct{}), make(chan int64), make(chan struct{})
	go func() {
		FollowMemory(stop, 1<<30, func() int64 { return <-looks })
		close(done)
	}()
	looks <- 1 << 30
	looks <- 1 << 30 // by now the first has been seen to
	if after := goBytes(); after > before-200<<20 {
		t.Errorf("Go has %d bytes, and had %d with a value that is gone", after, before)
	}
	close(stop)
	<-done
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

func TestShrinkage(t *testing.T) {
	const mib = 1 << 20
	var s shrinkage
	for i, c := range []struct {
		used int64 // MiB
		want bool
	}{{0, false}, {100, false}, {51, false}, {49, true}, {20, false}, {90, false}, {46, false}, {44, true}, {0, true}, {31, false}, {0, false}} {
		if got := s.fell(c.used * mib); got != c.want {
			t.Errorf("look %d: %d MiB fell: %v", i, c.used, got)
		}
	}
}
