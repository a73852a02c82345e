package metrics

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"snakecache/pkg/actor"
)

// histogram is an actor.Histogram as one metric with classic buckets and native ones, in seconds. The library has a
// constructor for either but none for both.
type histogram struct {
	desc *prometheus.Desc
	*actor.Histogram
}

// Desc implements prometheus.Metric.
func (h *histogram) Desc() *prometheus.Desc { return h.desc }

// Write implements prometheus.Metric.
func (h *histogram) Write(out *dto.Metric) error {
	out.Histogram = &dto.Histogram{
		SampleCount: new(h.Count), SampleSum: new(seconds(h.Sum)),
		Bucket:        h.classic(),
		Schema:        new(int32(actor.HistogramSchema)),
		ZeroThreshold: new(actor.UpperBound(0)), ZeroCount: new(h.Buckets[0]),
	}
	out.Histogram.PositiveSpan, out.Histogram.PositiveDelta = h.native()
	return nil
}

// classicEvery is how many of our buckets make one classic bucket: their bounds are the powers of two.
const classicEvery = 1 << actor.HistogramSchema

// classic returns cumulative buckets. The one up to +Inf is implied by the count.
func (h *histogram) classic() (buckets []*dto.Bucket) {
	var below uint64
	for i, n := range h.Buckets[:len(h.Buckets)-1] {
		below += n
		if i%classicEvery == 0 {
			buckets = append(buckets, &dto.Bucket{UpperBound: new(actor.UpperBound(i)), CumulativeCount: new(below)})
		}
	}
	return buckets
}

// native returns the buckets from the first to the last one with anything in it as one span, each as the difference
// to the one before. The first of all is the zero bucket and not among them; the last of all, which has no bound, is
// shown as the next in the row, for want of a better place.
func (h *histogram) native() ([]*dto.BucketSpan, []int64) {
	isFull := func(n uint64) bool { return n > 0 }
	first := 1 + slices.IndexFunc(h.Buckets[1:], isFull)
	if first == 0 {
		return nil, nil
	}
	var deltas []int64
	var previous uint64
	full := 0 // deltas up to the last bucket with anything in it
	for _, n := range h.Buckets[first:] {
		deltas = append(deltas, int64(n-previous))
		previous = n
		if isFull(n) {
			full = len(deltas)
		}
	}
	span := &dto.BucketSpan{Offset: new(int32(actor.HistogramOffset + first)), Length: new(uint32(full))}
	return []*dto.BucketSpan{span}, deltas[:full]
}
