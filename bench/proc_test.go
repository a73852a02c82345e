package main

import (
	"context"
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func TestCPUTime(t *testing.T) {
	before, err := cpuTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for time.Since(began) < 3*time.Millisecond {
	}
	if after, err := cpuTime(os.Getpid()); err != nil || after <= before || after > before+time.Minute {
		t.Errorf("%v and then %v, %v", before, after, err)
	}
	if _, err := cpuTime(1<<22 + 1); err == nil { // above all process IDs of Linux
		t.Error("a process that is not there has used time")
	}
}

func TestParseStatm(t *testing.T) {
	if got, err := parseStatm("17510 3317 2100 340 0 9000 0\n"); err != nil || got != 3317 {
		t.Errorf("got %d, %v; want 3317", got, err)
	}
	for _, statm := range []string{"", "17510", "17510 many"} {
		if _, err := parseStatm(statm); err == nil {
			t.Errorf("%q: no error", statm)
		}
	}
}

// settleFrom runs settle over the readings, the last of which repeats for ever, and returns the fake time it took.
func settleFrom(t *testing.T, readings ...int64) (value int64, took time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		start, next := time.Now(), 0
		got, err := settle(t.Context(), time.Second, 100*time.Millisecond, 2, 5, func() (int64, error) {
			next++
			return readings[min(next, len(readings))-1], nil
		})
		if err != nil {
			t.Error(err)
		}
		value, took = got, time.Since(start)
	})
	return value, took
}

func TestSettle(t *testing.T) {
	if value, took := settleFrom(t, 100); value != 100 || took != 200*time.Millisecond {
		t.Errorf("still from the start: %d after %v, want 100 after 200ms", value, took)
	}
	// 80 is a fall beyond the tolerance, 84 a rise within it: quiet begins to count at 84.
	if value, took := settleFrom(t, 10, 100, 80, 84); value != 84 || took != 400*time.Millisecond {
		t.Errorf("after a change: %d after %v, want 84 after 400ms", value, took)
	}
	growing := make([]int64, 100)
	for i := range growing {
		growing[i] = int64(10 * i)
	}
	if value, took := settleFrom(t, growing...); value != 100 || took != time.Second {
		t.Errorf("never still: %d after %v, want 100 after 1s", value, took)
	}
}

func TestSettleStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := settle(ctx, time.Hour, time.Hour, 2, 0, func() (int64, error) { return 1, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	gone := errors.New("no such process")
	if _, err := settle(t.Context(), time.Hour, time.Hour, 2, 0, func() (int64, error) { return 0, gone }); err != gone {
		t.Errorf("unreadable: %v, want %v", err, gone)
	}
}
