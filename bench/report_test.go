package main

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite testdata/report.md")

// uniform is a cell whose rounds all have the same ratios to a reference of 100,000 requests/s and 10 µs.
func uniform(command string, pipeline int, rate, cost, tail float64) cell {
	p := pair{
		subject:   sample{rps: 100_000 * rate, p50: 0.5, p99: 2 * tail, cpu: 10 * cost, client: 5},
		reference: sample{rps: 100_000, p50: 0.5, p99: 2, cpu: 10, client: 9},
	}
	return cell{command, pipeline, 100_000, []pair{p, p, p}}
}

func exampleReport() (circumstances, report) {
	ours := program{label: "snakecached", version: "go1.26.0, commit 1234567"}
	theirs := program{label: "redis-server", version: "7.0.15"}
	c := circumstances{
		date:    time.Date(2026, 11, 23, 23, 30, 0, 0, time.FixedZone("", -3600)),
		machine: machine{cpu: "Example CPU", kernel: "6.1", load: "0.10 0.20 0.30", cores: 2, environment: []string{"GOMAXPROCS=1"}},
		command: "go run ./bench -rounds 3", subject: ours, reference: theirs, againstRedis: true,
	}
	return c, report{
		rounds: 3, subject: ours, reference: theirs,
		cells: []cell{
			uniform("SET", 1, 1.01, 0.95, 1.25), uniform("GET", 1, 0.99, 1, 1),
			uniform("SET", 16, 1.6, 0.5, 1), uniform("GET", 16, 1.5, 0.601, 1),
		},
		idle: []idleMemory{{"snakecached", 9900, 8192}, {"redis-server", 9900, 9784}},
	}
}

func TestReport(t *testing.T) {
	const golden = "testdata/report.md"
	c, r := exampleReport()
	got := loadSuite.render(c, section{r.render(), r.verdicts()})
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the report is not %s (see -update):\n%s", golden, got)
	}
}

func TestReportOfTwoBuildsHasNoTargets(t *testing.T) {
	c, r := exampleReport()
	c.againstRedis = false
	if got := loadSuite.render(c, section{r.render(), r.verdicts()}); strings.Contains(got, "# Targets") {
		t.Errorf("targets against another build:\n%s", got)
	}
}

func TestVerdicts(t *testing.T) {
	middle := target{"requests/s", 1, medianOfAll, rps, true, 1.5}
	high := target{"requests/s", 1, setAndGet, rps, true, 1.0}
	low := target{"CPU per command", 1, setAndGet, cpu, false, 0.6}
	for _, test := range []struct {
		target target
		cells  []cell
		want   result
	}{
		{high, []cell{uniform("SET", 1, 1, 1, 1), uniform("GET", 1, 2, 1, 1)}, isMet},
		{high, []cell{uniform("SET", 1, 2, 1, 1), uniform("GET", 1, 0.9999, 1, 1)}, isMissed},
		{high, []cell{uniform("SET", 1, 2, 1, 1)}, notMeasured},
		{high, []cell{uniform("SET", 1, 2, 1, 1), uniform("GET", 16, 2, 1, 1)}, notMeasured},
		{high, []cell{uniform("SET", 1, 0.5, 1, 1)}, isMissed},
		{high, []cell{uniform("SET", 1, 2, 1, 1), uniform("GET", 1, 0, 1, 1)}, notMeasured},
		{low, []cell{uniform("SET", 1, 1, 0.6, 1), uniform("GET", 1, 1, 0.1, 1)}, isMet},
		{low, []cell{uniform("SET", 1, 1, 0.61, 1), uniform("GET", 1, 1, 0.1, 1)}, isMissed},
		{middle, []cell{uniform("SET", 1, 1.5, 1, 1), uniform("GET", 1, 1.5, 1, 1)}, isMet},
		{middle, []cell{uniform("SET", 1, 2, 1, 1), uniform("GET", 1, 0.9, 1, 1)}, isMissed},
		{middle, []cell{uniform("SET", 1, 1, 1, 1)}, notMeasured},
	} {
		if figures, got := test.target.judge(test.cells, []string{"SET", "GET"}); got != test.want {
			t.Errorf("%s: %s is %v, want %v", test.target.text(), figures, got, test.want)
		}
	}
}

func TestTargetsNameWorkloads(t *testing.T) {
	for _, target := range targets {
		for _, name := range target.scope.commands {
			if _, err := findWorkload(name); err != nil {
				t.Errorf("%s: %v", target.text(), err)
			}
		}
	}
}
