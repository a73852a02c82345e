package actor

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Every duration must be in the bucket whose bounds enclose it, the lower one exclusive as in Prometheus.
func TestHistogramBucketsEncloseTheirDurations(t *testing.T) {
	check := func(t rapid.TB, nanos int64) {
		var h Histogram
		h.Observe(nanos)
		for i, n := range h.Buckets {
			if n == 0 {
				continue
			}
			seconds := float64(nanos) / 1e9
			if seconds > UpperBound(i) || (i > 0 && seconds <= UpperBound(i-1)) {
				t.Fatalf("%d ns is in bucket %d, up to %g s", nanos, i, UpperBound(i))
			}
		}
	}
	for i := range histogramBounds {
		for step := range int64(3) {
			check(t, int64(histogramBounds[i])+step-1)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, int64(math.Exp2(rapid.Float64Range(0, 62).Draw(t, "power of two"))))
	})
}

func TestHistogramCounts(t *testing.T) {
	var h Histogram
	if h.Quantile(0.5) != 0 {
		t.Error("an empty histogram has a median")
	}
	h.ObserveN(1000, 98)
	h.Observe(-5) // a clock that went back
	h.Observe(math.MaxInt64)
	if h.Count != 100 || h.Buckets[0] != 1 || h.Buckets[histogramBuckets-1] != 1 {
		t.Errorf("count %d, first %d, last %d", h.Count, h.Buckets[0], h.Buckets[histogramBuckets-1])
	}
	if p50 := h.Quantile(0.5); p50 < 1000 || p50 > 1190 {
		t.Errorf("the median of 1000 ns is %d ns", p50)
	}
	if top := h.Quantile(1); top != 1024e9 {
		t.Errorf("the maximum is %d ns, want the last finite bound", top)
	}
}

func BenchmarkHistogram(b *testing.B) {
	var h Histogram
	for i := 0; b.Loop(); i++ {
		h.Observe(int64(i) & 0xffff)
	}
}
