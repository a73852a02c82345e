package actor

import (
	"math"
	"math/bits"
)

// Histogram counts durations in buckets whose bounds are 2^(i/4) seconds, from 119 ns to 17 minutes: precise to
// 19 %, a few nanoseconds to observe. They are the buckets of Prometheus' native histograms of HistogramSchema, so
// that nothing is lost on the way there.
type Histogram struct {
	Count   uint64
	Sum     int64 // nanoseconds
	Buckets [histogramBuckets]uint64
}

// HistogramSchema is the schema of Prometheus' native histograms that has these buckets: 2^HistogramSchema of them
// for each power of two. HistogramOffset is the index in that schema of Buckets[0], which holds everything from 0.
const (
	HistogramSchema = 2
	HistogramOffset = histogramFirst * histogramSub
)

const (
	histogramSub     = 1 << HistogramSchema
	histogramFirst   = -23 // the first bucket holds all up to 2^-23 seconds
	histogramLast    = 10  // the last one all above 2^10 seconds
	histogramBuckets = (histogramLast-histogramFirst)*histogramSub + 2
)

// histogramBounds are the inclusive upper bounds in nanoseconds of all buckets but the last.
var histogramBounds = func() (bounds [histogramBuckets - 1]uint64) {
	for i := range bounds {
		bounds[i] = uint64(UpperBound(i) * 1e9)
	}
	return bounds
}()

// histogramStart has the first bucket in which a duration of so many binary digits can be.
var histogramStart = func() (start [65]uint8) {
	for digits := range start {
		shortest := uint64(1) << max(digits-1, 0)
		for int(start[digits]) < len(histogramBounds) && shortest > histogramBounds[start[digits]] {
			start[digits]++
		}
	}
	return start
}()

// Observe counts one duration in nanoseconds.
func (h *Histogram) Observe(nanos int64) { h.ObserveN(nanos, 1) }

// ObserveN counts n durations of the same length.
func (h *Histogram) ObserveN(nanos int64, n uint64) {
	nanos = max(nanos, 0)
	h.Count += n
	h.Sum += nanos * int64(n)
	h.Buckets[bucketOf(uint64(nanos))] += n
}

// bucketOf takes four steps at most: that many bounds lie between two powers of two.
func bucketOf(nanos uint64) int {
	i := int(histogramStart[bits.Len64(nanos)])
	for i < len(histogramBounds) && nanos > histogramBounds[i] {
		i++
	}
	return i
}

// UpperBound returns the inclusive bound of bucket i in seconds, which is +Inf for the last one.
func UpperBound(i int) float64 {
	if i == histogramBuckets-1 {
		return math.Inf(1)
	}
	return math.Exp2(float64(HistogramOffset+i) / histogramSub)
}

// Quantile returns a bound in nanoseconds below which the share q of all durations lies, or 0 without any.
func (h *Histogram) Quantile(q float64) int64 {
	rank := max(uint64(q*float64(h.Count)), 1)
	var seen uint64
	for i, n := range h.Buckets {
		if seen += n; seen >= rank {
			return int64(histogramBounds[min(i, len(histogramBounds)-1)])
		}
	}
	return 0
}
