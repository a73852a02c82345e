package server

import "testing"

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
	} {
		p := processors{most: 4, now: c.now}
		if got := p.next(c.busy); got != c.want {
			t.Errorf("next(%v) with %d = %d, want %d", c.busy, c.now, got, c.want)
		}
	}
}
