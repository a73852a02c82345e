package server

import "testing"

func TestProcessorsFollowTheLoad(t *testing.T) {
	for _, c := range []struct {
		now  int
		busy float64
		want int
	}{
		{1, 0, 1},
		{1, 0.91, 1},
		{1, 0.93, 2},
		{2, 1.8, 2},
		{2, 1.9, 3},
		{2, 0.71, 2},
		{2, 0.69, 1},
		{4, 4, 4}, // all there are
		{4, 2.0, 3},
	} {
		p := processors{most: 4, now: c.now}
		if got := p.next(c.busy); got != c.want {
			t.Errorf("next(%v) with %d = %d, want %d", c.busy, c.now, got, c.want)
		}
	}
}
