package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pausesSuite is what one client notices of a large dataset that others change at full speed.
var pausesSuite = suite{
	name: "pauses", title: "Pauses under load",
	what: `Both servers are filled with 16-byte keys and 32-byte values. Then, in alternation, a few pipelined connections
overwrite random keys with values of 28 to 36 bytes and read others, half and half, as fast as they can, while a client in a process of its own
sends one GET after the other. A ratio is that of one round; given are the median over the rounds and, in parentheses, the least
and the greatest; the absolute values are medians.

Nobody is to wait for a table that grows. The longest single SET while the store grows from nothing is measured in process, by
BenchmarkLongestSet of pkg/store, in CPU time of its thread; the least over the rounds is what counts, because interrupts that the
thread serves for other processes can only add. The longest turn of the server's owner while the server is filled bounds it
from above, in wall time, in which waiting for other processes counts too: a turn is what the owner does between two looks into its
mailbox, here at most a pipeline of 16 from the only client. The share of garbage collection is that of
the process' CPU time during all rounds.`,
	measure: func(ctx context.Context, s setup) (section, error) {
		return pauseLoad{keys: 5_000_000, connections: 4, depth: 32, lasts: 10 * time.Second}.measure(ctx, s)
	},
}

// The targets: a ratio, a share and a time.
const (
	pauseLimit     = 1.0
	collectorLimit = 0.05
	growthLimit    = time.Millisecond
)

// growthDepth is the pipeline with which servers are filled: deep enough for speed, and so few commands that a turn says
// something about each.
const growthDepth = 16

// pauseLoad is the size of the measurement.
type pauseLoad struct {
	keys, connections, depth int
	lasts                    time.Duration
}

// pauseRound is one server's part of a round.
type pauseRound struct {
	latencies
	rate float64 // commands per second of the load
}

// pauses are the results.
type pauses struct {
	load               pauseLoad
	subject, reference string
	ours, theirs       []pauseRound
	longestTurn        time.Duration // while growing
	longestSets        []float64     // in process, in milliseconds
	collectorShare     float64
	collections        float64
}

func (l pauseLoad) measure(ctx context.Context, s setup) (section, error) {
	longest, err := longestSets(ctx, l.keys, s.rounds)
	if err != nil {
		return section{}, err
	}
	metered, url, err := s.subject.metered()
	if err != nil {
		return section{}, err
	}
	ours, theirs, stop, err := startBoth(ctx, s.dir, metered, s.reference)
	if err != nil {
		return section{}, err
	}
	defer stop()
	r := pauses{load: l, longestSets: longest, subject: ours.label, reference: theirs.label}
	if r.longestTurn, err = l.grow(ctx, ours, theirs, url); err != nil {
		return section{}, err
	}
	progress("pauses: longest turn while growing to %d keys: %v", l.keys, r.longestTurn)
	before, err := scrapeCPU(ctx, url)
	if err != nil {
		return section{}, err
	}
	for round := range s.rounds {
		err := inTurn(round, ours, theirs, func(server *server) error {
			result, err := l.round(ctx, server, round)
			if server == ours {
				r.ours = append(r.ours, result)
			} else {
				r.theirs = append(r.theirs, result)
			}
			progress("pauses: %s: p50 %s, p99 %s, p99.9 %s, max %s ms at %.0f commands/s", server.label,
				millis(result.P50), millis(result.P99), millis(result.P999), millis(result.Max), result.rate)
			return err
		})
		if err != nil {
			return section{}, err
		}
	}
	after, err := scrapeCPU(ctx, url)
	r.collections = after.collections - before.collections
	r.collectorShare = (after.collector - before.collector) / (after.all - before.all)
	return section{r.render(), r.verdicts()}, err
}

// grow fills both servers, one after the other, and returns the subject's longest turn meanwhile.
func (l pauseLoad) grow(ctx context.Context, ours, theirs *server, url string) (time.Duration, error) {
	for _, server := range []*server{ours, theirs} {
		t := traffic{1, growthDepth, func(out []byte, i int) []byte { return appendSet(out, i, 32) }}
		if err := server.sendAll(ctx, t, l.keys); err != nil {
			return 0, err
		}
		size, err := server.rdb.DBSize(ctx).Result()
		if err := expectSize("DBSIZE", size, int64(l.keys), err); err != nil {
			return 0, server.failure("counting keys", err)
		}
	}
	// By now the figures of the subject's last turns have been published: the other server's filling took its time.
	metrics, err := scrape(ctx, url)
	if err != nil {
		return 0, err
	}
	figures, err := pick(metrics, "snakecached_slowest_turn_seconds")
	if err != nil {
		return 0, err
	}
	return time.Duration(figures[0] * float64(time.Second)), nil
}

// longestSets runs the Go benchmark several times and returns what it reports, in milliseconds.
func longestSets(ctx context.Context, keys, count int) ([]float64, error) {
	out, err := exec.CommandContext(ctx, "go", "test", "snakecache/pkg/store", "-run", "^$", "-bench", "^BenchmarkLongestSet$",
		"-benchtime", fmt.Sprintf("%dx", keys), "-count", strconv.Itoa(count)).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("BenchmarkLongestSet: %w\n%s", err, out)
	}
	longest, err := parseLongest(string(out))
	if err == nil && len(longest) != count {
		err = fmt.Errorf("BenchmarkLongestSet ran %d times, not %d:\n%s", len(longest), count, out)
	}
	return longest, err
}

// parseLongest reads the metric longest-ns of each line of a Go benchmark's output.
func parseLongest(out string) (millis []float64, err error) {
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if at := slices.Index(fields, "longest-ns"); at > 0 {
			nanos, err := strconv.ParseFloat(fields[at-1], 64)
			if err != nil {
				return nil, err
			}
			millis = append(millis, nanos/1e6)
		}
	}
	return millis, nil
}

// cpuFigures are counted since the process' start: seconds of CPU time, and collections.
type cpuFigures struct{ collector, all, collections float64 }

func scrapeCPU(ctx context.Context, url string) (cpuFigures, error) {
	metrics, err := scrape(ctx, url)
	if err != nil {
		return cpuFigures{}, err
	}
	figures, err := pick(metrics, "go_cpu_classes_gc_total_cpu_seconds_total", "process_cpu_seconds_total",
		"go_gc_duration_seconds_count")
	if err != nil {
		return cpuFigures{}, err
	}
	return cpuFigures{figures[0], figures[1], figures[2]}, nil
}

// round loads one server and probes it meanwhile.
func (l pauseLoad) round(ctx context.Context, s *server, round int) (pauseRound, error) {
	if err := s.settled(ctx, 2*time.Second); err != nil {
		return pauseRound{}, err
	}
	loading, stop := context.WithCancel(ctx)
	defer stop()
	type loaded struct {
		answered int
		err      error
	}
	result := make(chan loaded, 1)
	began := time.Now()
	go func() {
		answered, err := l.traffic(round).send(loading, s.addr, 1<<62)
		result <- loaded{answered, err}
	}()
	seen, err := l.probe(ctx, s)
	stop()
	load := <-result
	if err == nil {
		err = s.failure("loading", load.err)
	}
	return pauseRound{seen, float64(load.answered) / time.Since(began).Seconds()}, err
}

// traffic is the load of a round, another one in each.
func (l pauseLoad) traffic(round int) traffic {
	return traffic{l.connections, l.depth, func(out []byte, i int) []byte {
		at := scatter(i + round<<32)
		key := int(at >> 8 % uint64(l.keys))
		if at&1 == 0 {
			return appendGet(out, key)
		}
		return appendSet(out, key, 28+int(at>>1&0x7f)%9)
	}}
}

// probe measures for as long as a round lasts.
func (l pauseLoad) probe(ctx context.Context, s *server) (latencies, error) {
	p, err := startProber(ctx, s, 0, 0)
	if err != nil {
		return latencies{}, err
	}
	select {
	case <-ctx.Done():
	case <-time.After(l.lasts):
	}
	return p.stop()
}

// quantiles are the columns of the table.
var quantiles = []struct {
	name string
	of   func(pauseRound) float64 // nanoseconds
}{
	{"p50", func(r pauseRound) float64 { return float64(r.P50) }},
	{"p99", func(r pauseRound) float64 { return float64(r.P99) }},
	{"p99.9", func(r pauseRound) float64 { return float64(r.P999) }},
	{"max", func(r pauseRound) float64 { return float64(r.Max) }},
}

func (p pauses) compare(figure func(pauseRound) float64) comparison {
	return compareRounds(p.ours, p.theirs, figure)
}

// render writes the table.
func (p pauses) render() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d keys, %d connections at pipeline %d, %d rounds of %v.\n\n", p.load.keys, p.load.connections, p.load.depth, len(p.ours), p.load.lasts)
	fmt.Fprintf(&b, "| GET of one client | ratio | %s, ms | %s, ms |\n|---|---|---|---|\n", p.subject, p.reference)
	for _, q := range quantiles {
		c := p.compare(q.of)
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", q.name, c.ratio, figure(c.ours/1e6, 3), figure(c.theirs/1e6, 3))
	}
	c := p.compare(func(r pauseRound) float64 { return r.rate })
	fmt.Fprintf(&b, "\n| load | ratio | %s | %s |\n|---|---|---|---|\n| commands/s | %s | %.0f | %.0f |\n", p.subject, p.reference, c.ratio, c.ours, c.theirs)
	fmt.Fprintf(&b, "\nGrowing to %d keys: longest SET %s ms of CPU time, longest turn of the owner %s ms. Garbage collections under load: %.0f, %s %% of the CPU time.\n",
		p.load.keys, spread(p.longestSets), millis(int64(p.longestTurn)), p.collections, figure(100*p.collectorShare, 2))
	return b.String()
}

// verdicts judges the ratios of the tail, the collector and growth.
func (p pauses) verdicts() []verdict {
	var all []verdict
	for _, q := range quantiles[2:] {
		median := p.compare(q.of).ratio.median
		all = append(all, verdict{fmt.Sprintf("%s of GET under load: ≤ %.2f × %s's", q.name, pauseLimit, p.reference),
			figure(median, 3), median <= pauseLimit})
	}
	longest := slices.Min(p.longestSets)
	return append(all,
		verdict{fmt.Sprintf("garbage collection: ≤ %.0f %% of CPU time", 100*collectorLimit),
			figure(100*p.collectorShare, 2) + " %", p.collectorShare <= collectorLimit},
		verdict{fmt.Sprintf("longest SET while growing: ≤ %v", growthLimit),
			figure(longest, 3) + " ms", longest <= float64(growthLimit)/1e6})
}

// millis prints nanoseconds as milliseconds.
func millis(nanos int64) string { return figure(float64(nanos)/1e6, 3) }
