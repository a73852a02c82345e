package main

import (
	"math"
	"testing"
	"time"
)

func TestSeenOverdue(t *testing.T) {
	now := time.Unix(100, 0)
	order := []time.Time{now.Add(-30 * time.Millisecond), now.Add(-20 * time.Millisecond), now.Add(10 * time.Millisecond)}
	for left, want := range map[int]float64{-1: 0, 0: 0, 1: 0, 2: 20, 3: 30, 4: 0} {
		if got := seenOverdue(order, now, left); got != want {
			t.Errorf("%d left: %v ms, want %v", left, got, want)
		}
	}
}

func TestProbesThatNeverCameAreLate(t *testing.T) {
	lags := make([]float64, probes-11)
	for i := range lags {
		lags[i] = 5
	}
	var run expiryRun
	run.summarize(lags)
	if run.delivered != probes-11 || run.p50 != 5 || !math.IsInf(run.p99, 1) || lagText(run.worst) != "> 30 s" {
		t.Errorf("got %+v", run)
	}
}

func TestJudgeExpiry(t *testing.T) {
	good := expiryRun{label: "ours", delivered: probes, p99: 9.9, overdue: 9.9}
	late, lost, seen := good, good, good
	late.p99, lost.delivered, seen.overdue = 10, probes-1, 10
	theirs := expiryRun{label: "theirs", p99: math.Inf(1), overdue: 1000}
	for i, runs := range [][]expiryRun{{good, theirs}, {good, late}, {lost, good}, {good, seen}} {
		verdicts := judgeExpiry("ours", runs, []deadlineCost{{"ours", 12, 20, 20}, {"theirs", 40, 40, 40}})
		if len(verdicts) != 4 || !verdicts[3].met {
			t.Errorf("verdicts are %+v", verdicts)
		}
		for j, v := range verdicts[:3] {
			if want := j != i-1; v.met != want {
				t.Errorf("%s: met is %v, want %v: %s", v.target, v.met, want, v.figures)
			}
		}
	}
}
