package metrics

import (
	"math"
	"runtime"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"pgregory.net/rapid"

	"snakecache/pkg/actor"
)

func goVersion() string { return runtime.Version() }

// The library's own histogram, made with the same buckets, is the model.
func TestHistogramIsTheLibrarysOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ours actor.Histogram
		model := prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "model", Help: "-", Buckets: prometheus.ExponentialBuckets(math.Exp2(-23), 2, 34),
			NativeHistogramBucketFactor: 1.19, NativeHistogramZeroThreshold: math.Exp2(-23),
		})
		duration := rapid.Custom(func(t *rapid.T) int64 {
			return int64(math.Exp2(rapid.Float64Range(0, 39.8).Draw(t, "power of two")))
		})
		for _, nanos := range rapid.SliceOf(duration).Draw(t, "durations") {
			ours.Observe(nanos)
			model.Observe(seconds(nanos))
		}
		compare(t, written(t, &histogram{nil, &ours}), written(t, model))
	})
}

func written(t rapid.TB, m prometheus.Metric) *dto.Histogram {
	var out dto.Metric
	if err := m.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Histogram
}

func compare(t rapid.TB, got, want *dto.Histogram) {
	if got.GetSampleCount() != want.GetSampleCount() || math.Abs(got.GetSampleSum()/want.GetSampleSum()-1) > 1e-9 {
		t.Errorf("count %d, sum %g; want %d, %g",
			got.GetSampleCount(), got.GetSampleSum(), want.GetSampleCount(), want.GetSampleSum())
	}
	if len(got.Bucket) != len(want.Bucket) {
		t.Fatalf("%d classic buckets, want %d", len(got.Bucket), len(want.Bucket))
	}
	for i, b := range want.Bucket {
		if got.Bucket[i].GetUpperBound() != b.GetUpperBound() || got.Bucket[i].GetCumulativeCount() != b.GetCumulativeCount() {
			t.Errorf("classic bucket %d is %v, want %v", i, got.Bucket[i], b)
		}
	}
	if got.GetSchema() != want.GetSchema() || got.GetZeroThreshold() != want.GetZeroThreshold() ||
		got.GetZeroCount() != want.GetZeroCount() {
		t.Errorf("schema %d, zero bucket %d up to %g; want %d, %d up to %g", got.GetSchema(), got.GetZeroCount(),
			got.GetZeroThreshold(), want.GetSchema(), want.GetZeroCount(), want.GetZeroThreshold())
	}
	counts, wanted := unfold(got), unfold(want)
	for i := range int32(256) {
		if i -= 128; counts[i] != wanted[i] {
			t.Errorf("native bucket %d has %d, want %d", i, counts[i], wanted[i])
		}
	}
}

// unfold returns the native buckets by their index.
func unfold(h *dto.Histogram) map[int32]int64 {
	counts := map[int32]int64{}
	var index int32
	var count int64
	deltas := h.PositiveDelta
	for _, span := range h.PositiveSpan {
		index += span.GetOffset()
		for range span.GetLength() {
			count += deltas[0]
			deltas = deltas[1:]
			counts[index] = count
			index++
		}
	}
	return counts
}
