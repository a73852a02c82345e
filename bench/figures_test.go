package main

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestParseInfo(t *testing.T) {
	fields := parseInfo("# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\n\r\n# Other\r\nexecutable:/a:b\r\n")
	if fields["executable"] != "/a:b" || len(fields) != 3 {
		t.Errorf("fields are %v", fields)
	}
	if got, err := numbers(fields, "used_memory"); err != nil || !slices.Equal(got, []float64{1048576}) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, name := range []string{"used_memory_human", "missing"} {
		if got, err := numbers(fields, name); err == nil {
			t.Errorf("%s is taken for %v", name, got)
		}
	}
}

const metricsPage = `# HELP lag_seconds Time.
# TYPE lag_seconds histogram
lag_seconds_bucket{le="1e-07"} 1
lag_seconds_bucket{le="0.001"} 51
lag_seconds_bucket{le="0.002"} 99
lag_seconds_bucket{le="+Inf"} 101
lag_seconds_sum 0.2
lag_seconds_count 101
other_lag_seconds_bucket{le="1"} 7
commands_total{cmd="get"} 2e+06
`

func TestParseMetrics(t *testing.T) {
	series, err := parseMetrics(strings.NewReader(metricsPage))
	if err != nil || series["lag_seconds_count"] != 101 || series[`commands_total{cmd="get"}`] != 2e6 {
		t.Fatalf("got %v, %v", series, err)
	}
	if _, err := parseMetrics(strings.NewReader("name value\n")); err == nil {
		t.Error("a word is taken for a number")
	}
	buckets := bucketsOf(series, "lag_seconds")
	want := []bucket{{1e-7, 1}, {0.001, 51}, {0.002, 99}, {math.Inf(1), 101}}
	if !slices.Equal(buckets, want) {
		t.Fatalf("buckets are %v", buckets)
	}
	left := since(buckets, []bucket{{1e-7, 1}, {0.001, 1}, {0.002, 1}, {math.Inf(1), 1}})
	for q, want := range map[float64]float64{0.01: 0.001, 0.5: 0.001, 0.51: 0.002, 0.98: 0.002, 0.99: math.Inf(1), 1: math.Inf(1)} {
		if got := bucketQuantile(left, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	for _, none := range [][]bucket{nil, since(buckets, buckets)} {
		if got := bucketQuantile(none, 0.5); !math.IsNaN(got) {
			t.Errorf("a quantile of nothing is %v", got)
		}
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3, math.Inf(1), 6, 7, 8, 9}
	for q, want := range map[float64]float64{0: 1, 0.1: 1, 0.11: 2, 0.5: 5, 0.9: 9, 0.91: math.Inf(1), 1: math.Inf(1)} {
		if got := quantile(values, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if got := quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("a quantile of nothing is %v", got)
	}
}
