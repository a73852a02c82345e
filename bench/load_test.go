package main

import (
	"math"
	"strings"
	"testing"
)

const csvHeader = `"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"` + "\n"

func TestParseCSV(t *testing.T) {
	got, err := parseCSV(csvHeader + `"SET","1075268.75","0.629","0.144","0.583","1.055","2.031","3.071"` + "\n")
	if want := (sample{rps: 1075268.75, p50: 0.583, p99: 2.031}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	// The columns are found by name, and a test's own name may hold a comma.
	got, err = parseCSV("\"p99_latency_ms\",\"test\",\"p50_latency_ms\",\"rps\"\n\"3\",\"a, b\",\"2\",\"1\"\n")
	if want := (sample{rps: 1, p50: 2, p99: 3}); err != nil || got != want {
		t.Errorf("reordered: got %+v, %v; want %+v", got, err, want)
	}
}

func TestParseCSVRefuses(t *testing.T) {
	result := `"SET","1","1","1","1","1","1","1"` + "\n"
	for name, out := range map[string]string{
		"nothing":       "",
		"no result":     csvHeader,
		"two tests":     csvHeader + result + result,
		"not CSV":       "\"SET\n",
		"old version":   "\"SET\",\"1075268.75\"\n\"GET\",\"1075268.75\"\n",
		"not a number":  csvHeader + strings.Replace(result, `,"1"`, `,"fast"`, 1),
		"short result":  csvHeader + `"SET","1"` + "\n",
		"missing p99":   "\"rps\",\"p50_latency_ms\"\n\"1\",\"1\"\n",
		"missing p50":   "\"rps\",\"p99_latency_ms\"\n\"1\",\"1\"\n",
		"missing rps":   "\"p50_latency_ms\",\"p99_latency_ms\"\n\"1\",\"1\"\n",
		"error on line": "Error from server: WRONGTYPE\n",
	} {
		if got, err := parseCSV(out); err == nil {
			t.Errorf("%s: %+v, want an error", name, got)
		}
	}
}

func TestRunLength(t *testing.T) {
	for _, test := range []struct {
		perSecond, seconds float64
		pipeline, want     int
	}{
		{100_000, 1, 1, 100_000},
		{100_001, 1, 1, 100_050},
		{1_000_000, 0.5, 64, 502_400},
		{10, 0.01, 16, 800},
		{math.Inf(1), 1, 16, 1_000_000},
	} {
		if got := runLength(test.perSecond, test.seconds, test.pipeline); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}
