package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// report is everything that is printed, gathered before anything is rendered.
type report struct {
	date               time.Time
	machine            machine
	args               []string // the flags that repeat this run
	rounds             int
	subject, reference program
	againstRedis       bool // else there are no targets to judge
	cells              []cell
	idle               []idleMemory
}

// render writes the report as Markdown.
func (r report) render() string {
	var b strings.Builder
	r.renderHead(&b)
	for _, pipeline := range r.pipelines() {
		r.renderPipeline(&b, pipeline)
	}
	if len(r.idle) > 0 {
		r.renderIdle(&b)
	}
	if r.againstRedis {
		r.renderTargets(&b)
	}
	return b.String()
}

// renderHead says what was measured, where and how: the figures mean nothing without it.
func (r report) renderHead(b *strings.Builder) {
	fmt.Fprintf(b, "# Benchmarks: %s beside %s\n\n", r.subject.label, r.reference.label)
	fmt.Fprintf(b, "Written by `%s`, which repeats the run.\n\n", strings.TrimSpace("go run ./bench "+strings.Join(r.args, " ")))
	fmt.Fprintf(b, "- Date: %s\n", r.date.UTC().Format(time.DateOnly))
	fmt.Fprintf(b, "- Machine: %s, %d cores, Linux %s; load average before the run: %s\n",
		r.machine.cpu, r.machine.cores, r.machine.kernel, r.machine.load)
	fmt.Fprintf(b, "- %s: %s\n", r.subject.label, r.subject.version)
	fmt.Fprintf(b, "- %s: %s\n", r.reference.label, r.reference.version)
	if len(r.machine.environment) > 0 {
		fmt.Fprintf(b, "- Environment: %s\n", strings.Join(r.machine.environment, " "))
	}
	if len(r.cells) == 0 {
		return
	}
	fmt.Fprintf(b, `- Load: redis-benchmark over loopback, %d connections, %d-byte values, %d keys, %d rounds

Both servers run side by side and are loaded in alternation (A B, B A, …), never at once. Before each run the server is
emptied and filled alike: every key exists for SET, GET and MSET, every counter for INCR; LPUSH begins with no list, LPOP
with as many elements as it takes, LRANGE_100 with %d.

A ratio is %s ÷ %s within one round; the tables have the median over the rounds and, in parentheses, the
least and the greatest. For requests/s more is better, for latencies and CPU less. CPU is the server's
user and system time divided by the commands; one MSET sets ten keys and counts as one.
`, connections, valueBytes, keyspace, r.rounds, rangeList, r.subject.label, r.reference.label)
}

// pipelines are the depths that were measured, in that order.
func (r report) pipelines() []int {
	var depths []int
	for _, c := range r.cells {
		if !slices.Contains(depths, c.pipeline) {
			depths = append(depths, c.pipeline)
		}
	}
	return depths
}

// renderPipeline writes the table of one depth. Rates and latencies appear as ratios only: their absolute values are
// the machine's, and the hour's.
func (r report) renderPipeline(b *strings.Builder, pipeline int) {
	fmt.Fprintf(b, "\n## Pipeline %d\n\n", pipeline)
	fmt.Fprintf(b, "| command | requests/s | p50 | p99 | CPU per command | CPU µs, %s | CPU µs, %s | commands per run |\n",
		r.subject.label, r.reference.label)
	b.WriteString("|---|---|---|---|---|---|---|---|\n")
	for _, c := range r.cells {
		if c.pipeline != pipeline {
			continue
		}
		ours, theirs := c.medians(cpu)
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %d |\n",
			c.command, c.ratio(rps), c.ratio(p50), c.ratio(p99), c.ratio(cpu), figure(ours, 2), figure(theirs, 2), c.requests)
	}
}

// renderIdle writes what idle connections cost each server.
func (r report) renderIdle(b *strings.Builder) {
	b.WriteString("\n## Idle connections\n\nResident memory of a fresh server with connections that sent one PING each, " +
		"less the memory before, per connection.\n\n| server | connections | bytes each |\n|---|---|---|\n")
	for _, m := range r.idle {
		fmt.Fprintf(b, "| %s | %d | %.0f |\n", m.label, m.connections, m.bytes)
	}
}

// renderTargets judges every target that this run says something about.
func (r report) renderTargets(b *strings.Builder) {
	b.WriteString("\n## Targets\n\n| target | figures | |\n|---|---|---|\n")
	for _, t := range targets {
		if slices.Contains(r.pipelines(), t.pipeline) {
			figures, verdict := t.judge(r.cells)
			fmt.Fprintf(b, "| %s | %s | %s |\n", t.text(), figures, verdict)
		}
	}
	for _, m := range r.idle {
		if m.label == r.subject.label {
			verdict := target{limit: idleLimit}.verdict(m.bytes)
			fmt.Fprintf(b, "| idle connection: ≤ %d bytes | %.0f | %s |\n", idleLimit, m.bytes, verdict)
		}
	}
	b.WriteString("\nThe target of no allocation for GET, SET over a key and INCR is held by the Go benchmarks of dispatch.\n")
}
