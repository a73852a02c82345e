package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// loadSuite is the acceptance table: throughput, latency and CPU time of the common commands, and idle connections.
var loadSuite = suite{name: "load", title: "Load", measure: measureLoad}

// report is everything that the load suite prints, gathered before anything is rendered.
type report struct {
	rounds             int
	subject, reference program
	cells              []cell
	idle               []idleMemory
}

// measureLoad measures what the flags of the load ask for.
func measureLoad(ctx context.Context, s setup) (section, error) {
	r := report{rounds: s.rounds, subject: s.subject, reference: s.reference}
	var err error
	if s.load.idle == 0 {
		if r.cells, err = measureCells(ctx, s.load, s.subject, s.reference, s.dir); err != nil {
			return section{}, err
		}
	}
	if connections := s.load.idleConnections(); connections > 0 {
		if r.idle, err = measureIdle(ctx, connections, s.dir, s.subject, s.reference); err != nil {
			return section{}, err
		}
	}
	return section{r.render(), r.verdicts()}, nil
}

// render writes the report as Markdown.
func (r report) render() string {
	var b strings.Builder
	if len(r.cells) > 0 {
		r.renderHead(&b)
	}
	for _, pipeline := range r.pipelines() {
		r.renderPipeline(&b, pipeline)
	}
	if len(r.idle) > 0 {
		r.renderIdle(&b)
	}
	return b.String()
}

// renderHead says how the load is made.
func (r report) renderHead(b *strings.Builder) {
	fmt.Fprintf(b, `redis-benchmark over loopback, %d connections, %d-byte values, %d keys, %d rounds.

Both servers run side by side and are loaded in alternation (A B, B A, …), never at once. Before each run the server is
emptied and filled alike: every key exists for SET, GET and MSET, every counter for INCR; LPUSH begins with no list, LPOP
with as many elements as it takes, LRANGE_100 with %d.

A ratio is %s ÷ %s within one round; the tables have the median over the rounds and, in parentheses, the
least and the greatest. For requests/s more is better, for latencies and CPU less. CPU is the server's
user and system time divided by the commands; one MSET sets ten keys and counts as one.

The target of no allocation for GET, SET over a key and INCR is held by the Go benchmarks of dispatch.
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
	fmt.Fprintf(b, "\n### Pipeline %d\n\n", pipeline)
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
	b.WriteString("\n### Idle connections\n\nResident memory of a fresh server with connections that sent one PING each, " +
		"less the memory before, per connection.\n\n| server | connections | bytes each |\n|---|---|---|\n")
	for _, m := range r.idle {
		fmt.Fprintf(b, "| %s | %d | %.0f |\n", m.label, m.connections, m.bytes)
	}
}

// verdicts judges every target that this run says something about. One that speaks of figures which are missing is
// judged only where those that are there miss it.
func (r report) verdicts() []verdict {
	var all []verdict
	for _, t := range targets {
		if !slices.Contains(r.pipelines(), t.pipeline) {
			continue
		}
		if figures, result := t.judge(r.cells); result != notMeasured {
			all = append(all, verdict{t.text(), figures, result == isMet})
		}
	}
	for _, m := range r.idle {
		if m.label == r.subject.label {
			all = append(all, verdict{fmt.Sprintf("idle connection: ≤ %d bytes", idleLimit), figure(m.bytes, 0), m.bytes <= idleLimit})
		}
	}
	return all
}
