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

// TestProcessorsThatBringNothing has a machine whose other processor is taken: a second one is tried less and less often, and
// kept as soon as it brings something.
func TestProcessorsThatBringNothing(t *testing.T) {
	p := processors{most: 2, now: 1}
	look := func(busy float64) { p.now = p.next(busy) }
	trials := func(looks int) (n int) {
		for range looks {
			if look(0.99); p.now == 2 {
				n++
				look(1.1)
			}
		}
		return n
	}
	if got := trials(1 + 4 + 8 + 16 + 32); got != 5 {
		t.Errorf("%d trials, want one after each refusal that is twice as long", got)
	}
	trials(64) // the longest is over, and another begins
	if got := trials(63); got != 0 {
		t.Errorf("%d trials within the longest refusal, want none", got)
	}
	look(0.99)
	if look(1.3); p.now != 2 {
		t.Errorf("a processor of which the load uses 0.3 is taken away")
	}
	if look(1.1); p.now != 2 {
		t.Errorf("%d processors once the load fell a little, want still 2", p.now)
	}
	look(0.5)
	if look(0.99); p.now != 2 {
		t.Errorf("no trial behind one that was worth it")
	}
	look(0.3) // the load ended within the trial, which tells nothing
	if look(0.99); p.now != 2 {
		t.Errorf("no trial behind one that was cut short")
	}
}
