package actor

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"snakecache/pkg/store"
)

// stepping is a clock that moves on by a step whenever it is read.
type stepping struct {
	Clock
	nanos, step int64
}

func (s *stepping) Nanos() int64 { s.nanos += s.step; return s.nanos }

// The owner's own work is told of where it takes long, and costs no reading of the clock while nobody wants to know.
func TestMonitorSeesTheOwnersWork(t *testing.T) {
	table, err := NewTable()
	if err != nil {
		t.Fatal(err)
	}
	clock := &stepping{Clock: SystemClock()}
	st := store.New(store.Options{Databases: 1})
	a := New(Options{Table: table, Store: st, Clock: clock})
	work := map[string]func(){
		"expire-cycle":   func() { a.settle() },
		"eviction-cycle": func() { a.evictFor(1) },
		"chores":         func() { a.doChores() },
	}
	for event, do := range work {
		for _, c := range []struct {
			threshold, step int64
			want            bool
		}{{0, 5e6, false}, {3e6, 2e6, false}, {3e6, 3e6, true}} {
			a.Configure(Bounds{LatencyThreshold: c.threshold})
			clock.step = c.step
			do()
			e := a.latency.Event([]byte(event))
			if got := e != nil; got != c.want || (got && e.Last().Millis < c.step/1e6) {
				t.Errorf("%s: threshold %d, step %d: %v", event, c.threshold, c.step, e)
			}
		}
	}
}

// Where many keys are evicted for a command, the call before it is over; where it is few, that is not worth a look at the clock.
func TestMassEvictionIsNoCallsTime(t *testing.T) {
	table, err := NewTable([]Command{{Name: "x", Arity: 1, Run: func(*Call) error { return nil }, Group: "g", Since: "1", Summary: "s"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		over int64 // bytes
		ends bool
	}{{-1000, false}, {1000, false}, {massEviction, true}} {
		clock := &stepping{Clock: SystemClock(), step: 1e6}
		st := store.New(store.Options{Databases: 1})
		st.DB(0).SetString([]byte("k"), make([]byte, 1<<20), false)
		st.Configure(store.Options{Databases: 1, MaxMemory: st.Used() - c.over})
		a := New(Options{Table: table, Store: st, Clock: clock, Bounds: Bounds{Slowlog: SlowlogBounds{On: true, Threshold: 1e9}}})
		a.call.Session = new(Session)
		a.lap(table.Commands()[0])
		before := clock.nanos
		a.evictFor(0)
		if ends := a.running.command == nil; ends != c.ends || (clock.nanos > before) != c.ends {
			t.Errorf("%d bytes too many: the lap ends: %v, and %d ns pass", c.over, ends, clock.nanos-before)
		}
	}
}

// No call is slow because of what happened between it and the next one.
func TestNoCallsAreNotSlow(t *testing.T) {
	var a Actor
	a.stats = newStats(1)
	a.stats.count(new(Command), 10, 100)
	if one := a.ofOne(&lap{command: new(Command), calls: 5, seen: 5}, 1e9); one >= 0 {
		t.Errorf("one of no calls took %d ns", one)
	}
}

// An event keeps the worst of each of the last 160 seconds in which it happened.
func TestLatencyEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m LatencyMonitor
		var want []LatencySample
		var unix, worst int64
		for range rapid.IntRange(1, 400).Draw(t, "samples") {
			unix += rapid.Int64Range(0, 2).Draw(t, "seconds")
			s := LatencySample{unix, rapid.Int64Range(1, 1000).Draw(t, "milliseconds")}
			m.add("x", s)
			worst = max(worst, s.Millis)
			if n := len(want); n > 0 && want[n-1].Unix == unix {
				want[n-1].Millis = max(want[n-1].Millis, s.Millis)
			} else {
				want = append(want, s)
			}
		}
		m.add("y", LatencySample{1, 1})
		e := m.Event([]byte("x"))
		if !slices.Equal(e.Samples, want[max(0, len(want)-160):]) || e.Worst != worst || e.Last() != want[len(want)-1] {
			t.Fatalf("got %v, worst %d, want %v, %d", e.Samples, e.Worst, want, worst)
		}
		if m.Event([]byte("X")) != nil || m.Reset([]byte("X")) != 1 || m.Reset([]byte("x")) != 0 || m.ResetAll() != 1 || len(m.Events()) > 0 {
			t.Fatal("names of events are exact, but for RESET")
		}
	})
}

func TestLatencyHistogramAgainstAllDurations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h LatencyHistogram
		var all []int64
		for range rapid.IntRange(1, 50).Draw(t, "observations") {
			nanos := int64(math.Exp2(rapid.Float64Range(0, 32).Draw(t, "power of two")))
			n := rapid.IntRange(1, 3).Draw(t, "times")
			h.observe(nanos, uint64(n))
			all = append(all, slices.Repeat([]int64{min(nanos, 1e9)}, n)...)
		}
		slices.Sort(all)
		percent := rapid.Float64Range(0, 100).Draw(t, "percent")
		rank := max(int(percent/100*float64(len(all))+0.5), 1)
		first, last := latencyRange(latencyCell(uint64(all[rank-1])))
		if got := h.Percentile(percent); got != last && (percent != 0 || got != first) || first > all[rank-1] || last < all[rank-1] {
			t.Fatalf("percentile %g is %d, want %d, which is from %d to %d", percent, got, all[rank-1], first, last)
		}
		var seen uint64
		last = 0
		h.Below(func(micros int64, calls uint64) {
			below, _ := slices.BinarySearch(all, (micros+1)*1000)
			exactly := uint64(below) == calls || micros == 1073741
			if !exactly && calls != cellsBelow(all, micros) || calls <= seen || micros <= last {
				t.Fatalf("up to %d µs are %d calls, want %d", micros, calls, below)
			}
			seen, last = calls, micros
		})
		if seen != h.Count || h.Count != uint64(len(all)) {
			t.Fatalf("%d of %d calls are below anything", seen, len(all))
		}
	})
}

// cellsBelow counts the durations up to the end of the cell whose last whole microsecond is micros.
func cellsBelow(all []int64, micros int64) (n uint64) {
	for level := int64(1 << 10); ; level *= 2 {
		if _, last := latencyRange(latencyCell(uint64(level))); last/1000 == micros {
			for _, nanos := range all {
				if nanos <= last {
					n++
				}
			}
			return n
		}
	}
}

// These are what Redis' histograms show for the same durations.
func TestLatencyHistogramReadsAsRedis(t *testing.T) {
	for nanos, want := range map[int64]struct{ first, last, bound int64 }{
		0: {1, 1, 1}, 1000: {1000, 1003, 1}, 15_000: {14_976, 15_039, 16}, 11_000: {10_944, 11_007, 16}, 56_000: {55_808, 56_063, 66},
		41_000: {40_960, 41_215, 66}, 103_000: {102_912, 103_423, 132}, 60_000_000: {59_768_832, 60_030_975, 67_633},
		1e9: {998_244_352, 1_002_438_655, 1_073_741}, 5e9: {998_244_352, 1_002_438_655, 1_073_741},
	} {
		var h LatencyHistogram
		h.observe(nanos, 1)
		var bound int64
		h.Below(func(micros int64, _ uint64) { bound = micros })
		if first, last := h.Percentile(0), h.Percentile(50); first != want.first || last != want.last || bound != want.bound {
			t.Errorf("%d ns: from %d to %d, shown as %d; want %v", nanos, first, last, bound, want)
		}
	}
}
