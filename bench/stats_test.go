package main

import (
	"math"
	"slices"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{7}, 7},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 3, 2}, 2.5},
		{[]float64{100, 1, 1, 1, 2}, 1},
	} {
		before := slices.Clone(test.values)
		if got := median(test.values); got != test.want {
			t.Errorf("median of %v is %v, want %v", test.values, got, test.want)
		}
		if !slices.Equal(before, test.values) {
			t.Errorf("%v was reordered to %v", before, test.values)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("median of nothing is %v", got)
	}
}

// cellOf has a round for each pair of rates.
func cellOf(rates ...[2]float64) cell {
	c := cell{command: "GET", pipeline: 1}
	for _, r := range rates {
		c.rounds = append(c.rounds, pair{subject: sample{rps: r[0]}, reference: sample{rps: r[1]}})
	}
	return c
}

func TestRatioIsOfRounds(t *testing.T) {
	// The machine ran at a tenth of its speed in the last round; the quotient of the medians would be 1.5.
	c := cellOf([2]float64{100, 100}, [2]float64{300, 200}, [2]float64{20, 10})
	if got, want := c.ratio(rps), (ratio{1.5, 1, 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	c = cellOf([2]float64{100, 100}, [2]float64{150, 50}, [2]float64{20, 10})
	if got, want := c.ratio(rps), (ratio{2, 1, 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if ours, theirs := c.medians(rps); ours != 100 || theirs != 50 {
		t.Errorf("medians are %v and %v, want 100 and 50", ours, theirs)
	}
}

func TestRatioNeedsFigures(t *testing.T) {
	good := [2]float64{1, 1}
	for _, bad := range [][2]float64{{0, 1}, {1, 0}, {math.Inf(1), 1}, {1, math.Inf(1)}, {math.NaN(), 1}} {
		if got := cellOf(good, bad, good).ratio(rps).String(); got != "–" {
			t.Errorf("%v: %s, want no ratio", bad, got)
		}
	}
	if got := cellOf().ratio(rps).String(); got != "–" {
		t.Errorf("no round: %s", got)
	}
}
