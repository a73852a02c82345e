package main

import (
	"math"
	"testing"
)

func TestValueSize(t *testing.T) {
	for u, want := range map[float64]int{0: leastValue, 0.5: 39, math.Nextafter(1, 0): largestValue} {
		if got := valueSize(u); math.Abs(float64(got-want)) > float64(want)/1000 {
			t.Errorf("valueSize(%v) is %d, want %d", u, got, want)
		}
	}
	// Each order of magnitude has the same share of those left, and the mean is √(least·largest).
	const n = 1_000_000
	sum, below := 0.0, 0
	for i := range n {
		size := valueSize((float64(i) + 0.5) / n)
		sum += float64(size)
		if size < 1000 {
			below++
		}
	}
	if mean := sum / n; math.Abs(mean-10_000) > 500 {
		t.Errorf("the mean size is %.0f", mean)
	}
	if below < 890_000 || below > 910_000 {
		t.Errorf("%d of %d values are smaller than 1000 bytes", below, n)
	}
}

func TestFindController(t *testing.T) {
	const v2 = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n"
	const cpu = "cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0\n"
	const v1 = "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n"
	for _, test := range []struct {
		mounts, root string
		files        groupFiles
		ok           bool
	}{
		{v2 + cpu + v1, "/sys/fs/cgroup/memory", groupV1, true},
		{v1 + v2, "/sys/fs/cgroup/memory", groupV1, true},
		{v2, "/sys/fs/cgroup/unified", groupV2, true},
		{cpu, "", groupFiles{}, false},
		{"", "", groupFiles{}, false},
	} {
		root, files, ok := findController(test.mounts)
		if root != test.root || files != test.files || ok != test.ok {
			t.Errorf("%q: %q, %+v, %v", test.mounts, root, files, ok)
		}
	}
}

func TestGroupEvent(t *testing.T) {
	const events = "low 0\noom 3\noom_kill 2\n"
	if got, err := groupEvent(events, "oom_kill"); err != nil || got != 2 {
		t.Errorf("got %d, %v", got, err)
	}
	if got, err := groupEvent(events, "kill"); err == nil {
		t.Errorf("a part of a name is taken for it: %d", got)
	}
}

func TestJudgeLimits(t *testing.T) {
	full := limitsRun{label: "ours", policy: "noeviction", bound: 100, most: 102, gc: 25, refused: 1}
	good := limitsRun{label: "ours", policy: "allkeys-lru", bound: 100, most: 102, gc: 25}
	killed, over, refuses, busy := good, good, good, good
	killed.kills, over.most, refuses.refused, busy.gc = 1, 103, 1, 26
	theirs := limitsRun{label: "theirs", policy: "allkeys-lru", bound: 100, most: 200, gc: math.NaN(), died: true, refused: 3}
	for i, runs := range [][]limitsRun{{full, good, theirs}, {full, killed}, {full, over}, {full, refuses}, {full, busy}, {full, busy, good}} {
		for j, v := range judgeLimits("ours", runs) {
			if want := j != min(i, 4)-1; v.met != want {
				t.Errorf("case %d, %s: met is %v, want %v: %s", i, v.target, v.met, want, v.figures)
			}
		}
	}
	if v := judgeLimits("ours", []limitsRun{good})[2]; v.met {
		t.Error("no refusal is demanded of noeviction")
	}
}
