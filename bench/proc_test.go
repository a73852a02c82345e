package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Behind the name come state, ten fields that do not matter, utime 14 and stime 8, and more than is needed.
const statTail = " S 3403 3403 2378 0 -1 4194560 3051 0 17 0 14 8 0 0 20 0 5 0 77597 71720960 3317"

func TestParseStat(t *testing.T) {
	for _, name := range []string{"redis-server", "a b", "a) S 1 (b", ") 1 2 3 (", ""} {
		got, err := parseStat("3405 (" + name + ")" + statTail)
		if err != nil || got != 220*time.Millisecond {
			t.Errorf("name %q: %v, %v; want 220ms", name, got, err)
		}
	}
}

func TestParseStatRefuses(t *testing.T) {
	for _, stat := range []string{"", "3405", "3405 (x", "3405 (x) S 1 2 3", "1 (x) S 2 3 4 5 6 7 8 9 10 11 ten 12"} {
		if got, err := parseStat(stat); err == nil {
			t.Errorf("%q: %v, want an error", stat, got)
		}
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
