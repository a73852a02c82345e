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
emptied and filled alike: every key exists for SET, GET and MSET, every counter for INCR; commands that add to a collection
begin without it, where SADD, HSET and ZADD draw from as many elements as there are keys; those that pop begin with as many
elements as they take, LRANGE with %d.

A ratio is %s ÷ %s within one round; the tables have the median over the rounds and, in parentheses, the
least and the greatest. For requests/s more is better, for latencies and CPU less. CPU is the server's
user and system time divided by the commands; one MSET sets ten keys and counts as one. Client busy is the share of the run for which
redis-benchmark's thread was on a processor: near 1 it is the client that is measured, and no server can have more requests/s.

The target of no allocation for GET, SET over a key and INCR is held by the Go benchmarks of dispatch.
`, connections, valueBytes, keyspace, r.rounds, rangeList, r.subject.label, r.reference.label)
}

// pipelines are the depths that were measured, in that order.
func (r report) pipelines() []int { return depthsOf(r.cells) }

func depthsOf(cells []cell) []int {
	var depths []int
	for _, c := range cells {
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
	fmt.Fprintf(b, "| command | requests/s | p50 | p99 | CPU per command | CPU µs, %[1]s | CPU µs, %[2]s | client busy, %[1]s | client busy, %[2]s | commands per run |\n",
		r.subject.label, r.reference.label)
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range r.cells {
		if c.pipeline != pipeline {
			continue
		}
		ours, theirs := c.medians(cpu)
		client, itsClient := c.medians(clientBusy)
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %d |\n",
			c.command, c.ratio(rps), c.ratio(p50), c.ratio(p99), c.ratio(cpu), figure(ours, 2), figure(theirs, 2),
			figure(client, 2), figure(itsClient, 2), c.requests)
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

// verdicts judges every target that this run says something about.
func (r report) verdicts() []verdict {
	all := verdictsOf(targets, r.cells, workloadNames())
	for _, m := range r.idle {
		if m.label == r.subject.label {
			all = append(all, verdict{fmt.Sprintf("idle connection: ≤ %d bytes", idleLimit), figure(m.bytes, 0), m.bytes <= idleLimit})
		}
	}
	return all
}
