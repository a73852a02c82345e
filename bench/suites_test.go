package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the children that the suites start from their own executable.
func TestMain(m *testing.M) {
	if isChild(os.Args) {
		exitOn(beChild(os.Args))
		return
	}
	os.Exit(m.Run())
}

// small is a setup with servers, for suites of a size that says nothing about speed. Both are snakecached, so that no
// Redis is needed.
func small(t *testing.T) setup {
	if testing.Short() {
		t.Skip("builds and starts servers")
	}
	dir := t.TempDir()
	subject, err := build(t.Context(), filepath.Join(dir, "snakecached"))
	if err != nil {
		t.Fatal(err)
	}
	reference := subject
	reference.label = "reference"
	return setup{subject: subject, reference: reference, dir: dir, rounds: 2}
}

// checkSection looks for what every run must show, whatever the figures.
func checkSection(t *testing.T, found section, err error, verdicts int, phrases ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, phrase := range phrases {
		if !strings.Contains(found.markdown, phrase) {
			t.Errorf("there is no %q in\n%s", phrase, found.markdown)
		}
	}
	if strings.Contains(found.markdown, "NaN") || strings.Contains(found.markdown, "| – |") {
		t.Errorf("a figure is missing:\n%s", found.markdown)
	}
	if len(found.verdicts) != verdicts {
		t.Errorf("%d verdicts, want %d: %v", len(found.verdicts), verdicts, found.verdicts)
	}
}

func TestSuitesInSmall(t *testing.T) {
	s := small(t)
	t.Run("memory", func(t *testing.T) {
		m, err := s.subject.keyMemory(t.Context(), s.dir, 20_000, true) // the whole suite waits four times as long
		if m.filled < 40 || m.rewritten < 40 {
			t.Errorf("a key takes %.1f bytes, later %.1f", m.filled, m.rewritten)
		}
		rows := []keyMemory{m}
		checkSection(t, section{renderMemory(20_000, rows), memoryVerdicts(m.label, rows)}, err, 3, "20000 keys", "| snakecached | EX |")
	})
	t.Run("elements", func(t *testing.T) {
		cases := slices.DeleteFunc(slices.Clone(elementCases), func(c elementCase) bool { return c.name != "one hash" && c.name != "lists of 100 elements" })
		found, err := measureElements(t.Context(), s, cases, 20)
		checkSection(t, found, err, 2, "| one hash | 50000 |", "| lists of 100 elements | 50000 |", "used, reference")
	})
	t.Run("pauses", func(t *testing.T) {
		load := pauseLoad{keys: 2000, connections: 2, depth: 8, lasts: 20 * time.Millisecond}
		found, err := load.measure(t.Context(), s)
		checkSection(t, found, err, 4, "2000 keys", "| p99.9 |", "| max |", "commands/s", "longest SET")
	})
	t.Run("stalls", func(t *testing.T) {
		cases := slices.DeleteFunc(slices.Clone(stallCases), func(c stallCase) bool { return c.name == "nothing" })
		found, err := measureStalls(t.Context(), s, cases, 1000, 5*time.Millisecond)
		checkSection(t, found, err, len(cases), "1000 elements", "DEL of a list", "RENAME over a hash", "FLUSHALL", "due in the same")
	})
	t.Run("keys", func(t *testing.T) {
		found, err := measureKeys(t.Context(), s, 3000)
		checkSection(t, found, err, 2, "3000 keys", "| KEYS * |", "RANDOMKEY", "COUNT 1000")
	})
	t.Run("pubsub", func(t *testing.T) {
		found, err := measurePubSub(t.Context(), s, []pubsubCase{{20, 1, 50}, {1, 10, 500}})
		checkSection(t, found, err, 1, "| 20 | 1 |", "| 1 | 10 |", "CPU")
	})
	t.Run("sessions", func(t *testing.T) {
		s := s
		s.load = options{rounds: s.rounds, requests: 1600}
		found, err := measureSessions(t.Context(), s, 60)
		checkSection(t, found, err, 3, "| MULTI/EXEC, transactions | 16 |", "jobs | 1 |", "| 50 | 60 |", "| 60 | 0 |")
	})
	t.Run("scripts", func(t *testing.T) {
		s := s
		s.load = options{rounds: s.rounds, requests: 1600}
		found, err := measureScripts(t.Context(), s)
		checkSection(t, found, err, 8, "| counter with expiry | 16 |", "| release of a lock | 1 |", "| loop of 1000 turns | 1 |", "beside the limiter")
	})
	t.Run("features", func(t *testing.T) {
		s := s
		s.rounds = 1 // each fills the servers many times
		load := options{requests: 6400, workloads: []workload{{name: "GET", fill: fillValues, send: sendGets}}}
		prices, err := measureFeatures(t.Context(), s, load)
		checkSection(t, section{markdown: renderFeatures(prices, s)}, err, 0, "| GET | slow log", "| GET | MONITOR |")
		for _, p := range prices {
			if p.cutOff != [2]int{} {
				t.Errorf("%s: %v listeners are cut off", p.feature, p.cutOff)
			}
		}
	})
}

// Servers that differ are not compared.
func TestScriptsAgree(t *testing.T) {
	s := small(t)
	ours, theirs, stop, err := startBoth(t.Context(), s.dir, s.subject, s.reference)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	c := scriptCase{name: "run id", text: `return redis.call('INFO', 'server'):match('run_id:(%x+)')`, fill: fillNothing, calls: [][]string{{"0"}}}
	if err := c.agree(t.Context(), ours, theirs); err == nil || !strings.Contains(err.Error(), "answers") {
		t.Errorf("different answers are %v", err)
	}
	c.text = `return 1`
	if err := c.agree(t.Context(), ours, theirs); err != nil {
		t.Error(err)
	}
}

// Each mix finds in its reads what its preparation made, or the server that lost it would be fast.
func TestMixes(t *testing.T) {
	s := small(t)
	server, err := s.subject.start(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	for _, m := range mixes {
		m.collections = min(m.collections, 20)
		m.elements = min(m.elements, 100)
		if err := flushAll(t.Context(), server, 0); err != nil {
			t.Fatal(err)
		}
		if err := m.prepare(t.Context(), server, 0); err != nil {
			t.Errorf("%s: %v", m.name, err)
			continue
		}
		if size, err := server.rdb.DBSize(t.Context()).Result(); err != nil || size != int64(m.collections) {
			t.Errorf("%s: there are %d collections, %v", m.name, size, err)
		}
		if found, err := m.send(t.Context(), server, 3, 500); err != nil || found.rps <= 0 {
			t.Errorf("%s: %+v, %v", m.name, found, err)
		}
	}
}

// A server that lost keys would be fast. Each case must notice.
func TestKeysCasesCount(t *testing.T) {
	s := small(t)
	server, err := s.subject.start(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	if err := plainKeys(t.Context(), server, 900); err != nil {
		t.Fatal(err)
	}
	for _, c := range keysCases {
		_, err := c.measure(t.Context(), server, 1000)
		if (err == nil) != (c.command == "randomkey") {
			t.Errorf("%s with a tenth of the keys missing: %v", c.name, err)
		}
	}
}

func TestTrafficSendsEachRequestOnce(t *testing.T) {
	s := small(t)
	server, err := s.subject.start(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	increments := traffic{3, 7, func(out []byte, i int) []byte { return appendRequest(out, "INCRBY", "sum", fmt.Sprint(i)) }}
	if err := server.sendAll(t.Context(), increments, 1000); err != nil {
		t.Fatal(err)
	}
	if sum, err := server.rdb.Get(t.Context(), "sum").Int(); err != nil || sum != 999*1000/2 {
		t.Errorf("the sum is %d, %v", sum, err)
	}
	wrong := fill(func(out []byte, i int) []byte { return appendRequest(out, "LPUSH", "sum", "x") })
	if err := server.sendAll(t.Context(), wrong, 1000); err == nil || !strings.Contains(err.Error(), "WRONGTYPE") {
		t.Errorf("error replies are %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := server.sendAll(ended, increments, 1000); err == nil {
		t.Error("requests that were not sent are no error")
	}
}

func TestRequests(t *testing.T) {
	got := string(appendGet(appendSet(nil, 1234, 5, "EX", "60"), 0))
	want := string(appendRequest(appendRequest(nil, "SET", "key:000000001234", values[:5], "EX", "60"), "GET", "key:000000000000"))
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	seen := map[uint64]bool{}
	for i := range 1000 {
		seen[scatter(i)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("1000 numbers are scattered to %d", len(seen))
	}
}

func TestSummarize(t *testing.T) {
	samples := make([]int64, 1000)
	for i := range samples {
		samples[i] = int64(1000 - i)
	}
	if got, want := summarize(samples), (latencies{1000, 501, 991, 1000, 1000}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := summarize([]int64{7}); got != (latencies{1, 7, 7, 7, 7}) {
		t.Errorf("of one sample %+v", got)
	}
	if got := summarize(nil); got != (latencies{}) {
		t.Errorf("of nothing %+v", got)
	}
}

func TestParsing(t *testing.T) {
	metrics, err := parseMetrics(strings.NewReader("# HELP x y\nplain 1.5e+06\nwith{label=\"a b\"} 2\nother 3\n"))
	if err != nil || len(metrics) != 3 || metrics["plain"] != 1.5e6 || metrics["with{label=\"a b\"}"] != 2 {
		t.Errorf("metrics are %v, %v", metrics, err)
	}
	if _, err := pick(metrics, "plain", "with"); err == nil {
		t.Error("a metric that is missing is no error")
	}
	info := "# Commandstats\r\ncmdstat_get:calls=3,usec=7,usec_per_call=2.3\r\ncmdstat_keys:calls=1,usec=506000,usec_per_call=506000.00\r\n"
	if micros, err := parseCommandStats(info, "keys"); err != nil || micros != 506_000 {
		t.Errorf("KEYS took %d, %v", micros, err)
	}
	if _, err := parseCommandStats(info, "scan"); err == nil {
		t.Error("a command that was not called is no error")
	}
	out := "goos: linux\nBenchmarkLongestSet-2   \t 5000000\t      1683 ns/op\t   1751245 longest-ns\nPASS\n"
	if longest, err := parseLongest(out); err != nil || !slices.Equal(longest, []float64{1.751245}) {
		t.Errorf("the longest is %v, %v", longest, err)
	}
}

func TestMemoryVerdicts(t *testing.T) {
	rows := []keyMemory{{"snakecached", false, 110, 140.5, 0.1}, {"redis-server", false, 149, 150, 0.05}}
	var met []bool
	for _, v := range memoryVerdicts("snakecached", rows) {
		met = append(met, v.met)
	}
	if !slices.Equal(met, []bool{true, false, true}) {
		t.Errorf("verdicts are %v", met)
	}
}

func TestCompareRounds(t *testing.T) {
	got := compareRounds([]float64{1, 6, 2}, []float64{2, 3, 2}, func(x float64) float64 { return x })
	if want := (comparison{2, 2, ratio{1, 0.5, 2}}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := compareRounds([]float64{0}, []float64{1}, func(x float64) float64 { return x }); !math.IsNaN(got.ratio.median) {
		t.Errorf("a figure of nothing has the ratio %v", got.ratio)
	}
}

// The variables that a program is given besides come last, where they win.
func TestWithVariables(t *testing.T) {
	p := program{command: func(path string, _ int) *exec.Cmd {
		cmd := exec.Command(path)
		cmd.Env = []string{"A=1", "B=1"}
		return cmd
	}}
	got := p.with("B=2").command("x", 1).Env
	if !slices.Contains(got, "A=1") || slices.Index(got, "B=2") < slices.Index(got, "B=1") {
		t.Errorf("the environment is %v", got)
	}
}
