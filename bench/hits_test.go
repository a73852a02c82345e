package main

import "testing"

func TestJudgeHits(t *testing.T) {
	good := hitRun{policy: "allkeys-lru", ours: hitResult{0.79, 50_000, 0.7995}, theirs: hitResult{0.7925, 49_500, 0.8}, other: "theirs"}
	far, behind, unequal := good, good, good
	far.ours.exact = 0.801
	behind.theirs.ratio = 0.794
	unequal.theirs.keys = 48_000
	for i, runs := range [][]hitRun{{good}, {good, far}, {good, behind}, {unequal, good}} {
		for j, v := range judgeHits(runs) {
			if want := j != i-1; v.met != want {
				t.Errorf("%s: met is %v, want %v: %s", v.target, v.met, want, v.figures)
			}
		}
	}
}
