package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// info reads INFO's fields by name.
func (s *server) info(ctx context.Context) (map[string]string, error) {
	text, err := s.rdb.Info(ctx).Result()
	return parseInfo(text), err
}

// parseInfo reads lines "name:value", of which others are headings.
func parseInfo(text string) map[string]string {
	fields := make(map[string]string)
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(strings.TrimSpace(line), ":"); found {
			fields[name] = value
		}
	}
	return fields
}

// infoNumbers reads some numeric fields of INFO. A server that lacks one gives an error.
func (s *server) infoNumbers(ctx context.Context, names ...string) ([]float64, error) {
	fields, err := s.info(ctx)
	if err != nil {
		return nil, err
	}
	return numbers(fields, names...)
}

func numbers(fields map[string]string, names ...string) ([]float64, error) {
	values := make([]float64, len(names))
	for i, name := range names {
		var err error
		if values[i], err = strconv.ParseFloat(fields[name], 64); err != nil {
			return nil, fmt.Errorf("INFO: %s is %q", name, fields[name])
		}
	}
	return values, nil
}

// bucket is one of a histogram's buckets: how many observations were at most so many seconds.
type bucket struct{ bound, count float64 }

// bucketsOf picks a histogram without labels of its own out of a scrape, ascending.
func bucketsOf(series map[string]float64, name string) []bucket {
	var found []bucket
	for key, count := range series {
		rest, isBucket := strings.CutPrefix(key, name+`_bucket{le="`)
		if bound, err := strconv.ParseFloat(strings.TrimSuffix(rest, `"}`), 64); isBucket && err == nil {
			found = append(found, bucket{bound, count})
		}
	}
	slices.SortFunc(found, func(a, b bucket) int { return int(math.Copysign(1, a.bound-b.bound)) })
	return found
}

// since leaves the observations that came after an earlier look at the same histogram.
func since(now, before []bucket) []bucket {
	counts := make(map[float64]float64)
	for _, b := range before {
		counts[b.bound] = b.count
	}
	left := slices.Clone(now)
	for i := range left {
		left[i].count -= counts[left[i].bound]
	}
	return left
}

// bucketQuantile returns the bound, in seconds, of the bucket in which the share q of all observations is reached: no more
// than a share 1-q were longer. It is NaN without observations.
func bucketQuantile(buckets []bucket, q float64) float64 {
	if len(buckets) == 0 || buckets[len(buckets)-1].count == 0 {
		return math.NaN()
	}
	rank := math.Ceil(q * buckets[len(buckets)-1].count)
	for _, b := range buckets {
		if b.count >= rank {
			return b.bound
		}
	}
	return math.Inf(1)
}

// quantile returns the least value that the share q of all values does not exceed; NaN of nothing. The values are not
// reordered.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}
