package actortest

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"snakecache/pkg/actor"
)

// FakeClock is a clock that stands still until a test advances it, or the owner sleeps. Its wall clock and its
// monotonic reading move together, but for a Jump. Any goroutine may use it.
type FakeClock struct {
	mu     sync.Mutex
	origin time.Time
	nanos  int64
	timers []*fakeTimer // armed ones, next to fire first; equal times in the order of arming
}

// NewFakeClock returns a clock that shows start.
func NewFakeClock(start time.Time) *FakeClock { return &FakeClock{origin: start} }

// Now returns the fake wall-clock time.
func (c *FakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.origin.Add(time.Duration(c.nanos))
}

// Jump sets the wall clock forward by d, or back if d is negative, as an administrator does.
func (c *FakeClock) Jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.origin = c.origin.Add(d)
}

// Nanos returns the nanoseconds by which the clock has been advanced so far.
func (c *FakeClock) Nanos() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nanos
}

// Next returns in how long the next timer fires, if any is armed.
func (c *FakeClock) Next() (in time.Duration, armed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 {
		return 0, false
	}
	return time.Duration(c.timers[0].at - c.nanos), true
}

// AfterFunc arms a timer. f runs on the goroutine that advances the clock, not on one of its own: when Advance
// returns, the timer's work is done.
func (c *FakeClock) AfterFunc(d time.Duration, f func()) actor.Timer {
	t := &fakeTimer{clock: c, f: f}
	t.Reset(d)
	return t
}

// Sleep advances the clock instead of waiting.
func (c *FakeClock) Sleep(d time.Duration) { c.Advance(d) }

// Advance moves the clock by d and fires the timers that become due, each at its own time and in order. Work that
// timers hand to other goroutines may still be under way when it returns: tests of an Engine use its Advance.
func (c *FakeClock) Advance(d time.Duration) {
	target := c.Nanos() + int64(d)
	for c.fireNext(target) {
	}
}

// fireNext moves the clock to the next timer that is due by target and fires it. If there is none, it moves the
// clock to target and returns false.
func (c *FakeClock) fireNext(target int64) bool {
	c.mu.Lock()
	if len(c.timers) == 0 || c.timers[0].at > target {
		c.nanos = max(c.nanos, target)
		c.mu.Unlock()
		return false
	}
	t := c.timers[0]
	c.timers = c.timers[1:]
	c.nanos = max(c.nanos, t.at)
	c.mu.Unlock()
	t.f()
	return true
}

// fakeTimer is an actor.Timer. Its time is guarded by the clock's mutex.
type fakeTimer struct {
	clock *FakeClock
	f     func()
	at    int64
}

// Reset arms the timer anew and reports whether it was armed.
func (t *fakeTimer) Reset(d time.Duration) bool {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	armed := t.disarm()
	t.at = c.nanos + max(int64(d), 0)
	c.timers = append(c.timers, t)
	slices.SortStableFunc(c.timers, func(x, y *fakeTimer) int { return cmp.Compare(x.at, y.at) })
	return armed
}

// Stop disarms the timer and reports whether it was armed.
func (t *fakeTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.disarm()
}

func (t *fakeTimer) disarm() bool {
	i := slices.Index(t.clock.timers, t)
	if i >= 0 {
		t.clock.timers = slices.Delete(t.clock.timers, i, i+1)
	}
	return i >= 0
}
