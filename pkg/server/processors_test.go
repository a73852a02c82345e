package server

import (
	"runtime"
	"testing"
)

func TestProcessorsFollowTheLoad(t *testing.T) {
	for _, c := range []struct {
		now  int
		busy float64
		want int
	}{
		{1, 0, 1},
		{1, 0.96, 1},
		{1, 0.98, 2},
		{2, 1.8, 2},
		{2, 1.95, 3},
		{2, 0.91, 2},
		{2, 0.89, 1},
		{4, 4, 4}, // all there are
		{4, 2.6, 3},
		{5, 5, 4}, // one above that was lent
	} {
		p := processors{most: 4, now: c.now}
		if got := p.next(c.busy); got != c.want {
			t.Errorf("next(%v) with %d = %d, want %d", c.busy, c.now, got, c.want)
		}
	}
}

func TestASecondProcessorIsLent(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range []struct{ most, now, want int }{{4, 1, 2}, {1, 1, 2}, {4, 2, 2}, {4, 3, 3}} {
		runtime.GOMAXPROCS(c.now)
		p := processors{most: c.most, now: c.now}
		if p.relieve(); p.now != c.want || runtime.GOMAXPROCS(0) != c.want {
			t.Errorf("of %d in use are then %d, GOMAXPROCS is %d, want %d", c.now, p.now, runtime.GOMAXPROCS(0), c.want)
		}
	}
}
