package main

import (
	"context"
	"fmt"
	"strings"
)

// memorySuite is what keys cost, and what is left when they have gone.
var memorySuite = suite{
	name: "memory", title: "Memory per key",
	what: `Resident bytes of a fresh server, less those before the first key, divided by the keys: 16-byte keys with 32-byte
values, then after three overwrites for each key on average, of random keys by values of 28 to 36 bytes. Memory is read once it has
kept still for half a second, at the latest after five. The last column is the share of that growth which is left then after FLUSHALL.`,
	measure: func(ctx context.Context, s setup) (section, error) { return measureMemory(ctx, s, 1_000_000) },
}

// The bounds on resident bytes per key, and on the share that FLUSHALL may leave.
const (
	plainLimit    = 110
	volatileLimit = 135
	rewriteLimit  = 140
	flushedLimit  = 0.10
)

// keyMemory is what one server's keys cost at each stage.
type keyMemory struct {
	label             string
	volatile          bool
	filled, rewritten float64 // bytes per key
	flushed           float64 // what is left, as a share
}

func measureMemory(ctx context.Context, s setup, keys int) (section, error) {
	var rows []keyMemory
	for _, volatile := range []bool{false, true} {
		for _, p := range []program{s.subject, s.reference} {
			m, err := p.keyMemory(ctx, s.dir, keys, volatile)
			if err != nil {
				return section{}, err
			}
			progress("memory, %s, volatile %v: %.1f bytes per key, %.1f after overwrites, %.1f %% left by FLUSHALL",
				m.label, m.volatile, m.filled, m.rewritten, 100*m.flushed)
			rows = append(rows, m)
		}
	}
	return section{renderMemory(keys, rows), memoryVerdicts(s.subject.label, rows)}, nil
}

// keyMemory measures one program in a fresh process: memory that earlier keys have left free would hide the later ones'.
func (p program) keyMemory(ctx context.Context, dir string, keys int, volatile bool) (keyMemory, error) {
	m := keyMemory{label: p.label, volatile: volatile}
	s, err := p.start(ctx, dir)
	if err != nil {
		return m, err
	}
	defer s.stop()
	before, err := s.settledMemory(ctx)
	if err != nil {
		return m, err
	}
	var options []string
	if volatile {
		options = []string{"EX", "1000000"}
	}
	grown := func(t traffic, n int) (float64, error) {
		if err := s.sendAll(ctx, t, n); err != nil {
			return 0, err
		}
		now, err := s.settledMemory(ctx)
		return float64(now - before), err
	}
	bytes, err := grown(fill(func(out []byte, i int) []byte { return appendSet(out, i, 32, options...) }), keys)
	if err != nil {
		return m, err
	}
	m.filled = bytes / float64(keys)
	bytes, err = grown(fill(func(out []byte, i int) []byte {
		at := scatter(i)
		return appendSet(out, int(at%uint64(keys)), 28+int(at>>60)%9, options...)
	}), 3*keys)
	if err != nil {
		return m, err
	}
	m.rewritten = bytes / float64(keys)
	size, err := s.rdb.DBSize(ctx).Result()
	if err := expectSize("DBSIZE", size, int64(keys), err); err != nil {
		return m, s.failure("counting keys", err)
	}
	flush := traffic{1, 1, func(out []byte, _ int) []byte { return appendRequest(out, "FLUSHALL") }}
	left, err := grown(flush, 1)
	m.flushed = left / bytes
	return m, err
}

// renderMemory writes the table.
func renderMemory(keys int, rows []keyMemory) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d keys.\n\n", keys)
	b.WriteString("| server | deadline | bytes per key | after overwrites | left by FLUSHALL |\n|---|---|---|---|---|\n")
	for _, m := range rows {
		deadline := "none"
		if m.volatile {
			deadline = "EX"
		}
		fmt.Fprintf(&b, "| %s | %s | %.1f | %.1f | %.1f %% |\n", m.label, deadline, m.filled, m.rewritten, 100*m.flushed)
	}
	return b.String()
}

// memoryVerdicts judges the subject's rows.
func memoryVerdicts(subject string, rows []keyMemory) []verdict {
	var all []verdict
	for _, m := range rows {
		if m.label != subject {
			continue
		}
		name, limit := "without a deadline", plainLimit
		if m.volatile {
			name, limit = "with a deadline", volatileLimit
		}
		all = append(all,
			verdict{fmt.Sprintf("%s: ≤ %d bytes per key", name, limit), figure(m.filled, 1), m.filled <= float64(limit)},
			verdict{fmt.Sprintf("%s, after overwrites: ≤ %d bytes per key", name, rewriteLimit), figure(m.rewritten, 1), m.rewritten <= rewriteLimit},
			verdict{fmt.Sprintf("%s: FLUSHALL leaves ≤ %.0f %%", name, 100*flushedLimit), figure(100*m.flushed, 1) + " %", m.flushed <= flushedLimit})
	}
	return all
}
