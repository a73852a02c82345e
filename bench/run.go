package main

import (
	"context"
	"math"
	"slices"
	"time"
)

// pair is one round: a run of each server, one right after the other, so that both see the same weather.
type pair struct{ subject, reference sample }

// cell is one command at one pipeline depth, with a pair for each round.
type cell struct {
	command  string
	pipeline int
	requests int // commands in each run
	rounds   []pair
}

// measureCells starts both servers and measures every pipeline and command of the options. They are stopped when it
// returns, also on an error or a panic.
func measureCells(ctx context.Context, opts options, subject, reference program, dir string) ([]cell, error) {
	ours, theirs, stop, err := startBoth(ctx, dir, subject, reference)
	if err != nil {
		return nil, err
	}
	defer stop()
	var cells []cell
	for _, pipeline := range opts.pipelines {
		for _, w := range opts.workloads {
			c, err := measureCell(ctx, opts, ours, theirs, w, pipeline)
			if err != nil {
				return nil, err
			}
			cells = append(cells, c)
			progress("pipeline %d, %s: %d rounds of %d commands: requests/s %s, CPU %s",
				pipeline, w.name, len(c.rounds), c.requests, c.ratio(rps), c.ratio(cpu))
		}
	}
	return cells, nil
}

// measureCell runs the rounds A B, B A, A B, …: who comes first changes, so that a drift of the machine's speed
// favours neither.
func measureCell(ctx context.Context, opts options, ours, theirs *server, w workload, pipeline int) (cell, error) {
	c := cell{command: w.name, pipeline: pipeline}
	var err error
	if c.requests, err = calibrate(ctx, opts, ours, theirs, w, pipeline); err != nil {
		return c, err
	}
	// The cell's rounds follow each other directly, rather than one sweep of the table another, so that a pair differs
	// from the next by seconds only.
	for round := range opts.rounds {
		var p pair
		order := []turn{{ours, &p.subject}, {theirs, &p.reference}}
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, t := range order {
			if *t.result, err = t.server.measure(ctx, w, pipeline, c.requests); err != nil {
				return c, err
			}
		}
		c.rounds = append(c.rounds, p)
	}
	return c, nil
}

// turn is one server's run within a round.
type turn struct {
	server *server
	result *sample
}

// measure prepares the server, waits until it has nothing left to do from that (a collection of what FLUSHALL freed, the
// list filler's connections being closed), and loads it. A server that is busy without end is loaded after two seconds.
func (s *server) measure(ctx context.Context, w workload, pipeline, n int) (sample, error) {
	if err := w.prepare(ctx, s, n); err != nil {
		return sample{}, err
	}
	if err := s.settled(ctx, 2*time.Second); err != nil {
		return sample{}, err
	}
	return s.load(ctx, w, pipeline, n)
}

// calibrate chooses the number of commands with which a run of the reference lasts as long as asked, from a short run
// that also warms it up; the subject is warmed up alike. With -n given, there is nothing to choose.
func calibrate(ctx context.Context, opts options, ours, theirs *server, w workload, pipeline int) (int, error) {
	if opts.requests > 0 {
		return roundUp(opts.requests, pipeline), nil
	}
	// Enough for some 100 ms of the table's commands, which tells the rate to a few per cent: it need not be better.
	n := roundUp(10_000+1_000*pipeline, pipeline)
	if _, err := ours.measure(ctx, w, pipeline, n); err != nil {
		return 0, err
	}
	warm, err := theirs.measure(ctx, w, pipeline, n)
	if err != nil {
		return 0, err
	}
	return runLength(warm.rps, opts.seconds, pipeline), nil
}

// runLength is the number of commands that last so many seconds, in whole pipelines of every connection. A rate
// that redis-benchmark could not tell (it prints inf for a run below its clock's millisecond) counts as one million.
func runLength(perSecond, seconds float64, pipeline int) int {
	if math.IsInf(perSecond, 0) || math.IsNaN(perSecond) {
		perSecond = 1e6
	}
	return roundUp(max(1, int(perSecond*seconds)), pipeline*connections)
}
