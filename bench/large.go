package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The shape of the load with large values.
const (
	largeBytes = 1 << 20
	largeRuns  = 6000 // commands in each run: about two seconds
	largeWarm  = 500
	largeKey   = "key:__rand_int__" // of redis-benchmark, if it is not to draw keys
)

var largeClients = []int{10, 50}

// largeSuite measures commands with values of a megabyte.
var largeSuite = suite{
	name: "large", title: "Large values", measure: measureLarge,
	what: fmt.Sprintf("SET and GET of one key with a value of %d bytes, by redis-benchmark, %d commands a run. Both servers run side by side and are\n"+
		"loaded in alternation (A B, B A, …), never at once. A ratio is ours ÷ theirs within one round; the table has the median over\n"+
		"the rounds and, in parentheses, the least and the greatest. redis-benchmark itself is near its limit here, so that the CPU time\n"+
		"of the server says more than the requests/s.", largeBytes, largeRuns),
}

// largeCell is a command with so many clients, and its rounds.
type largeCell struct {
	cell
	clients int
}

func measureLarge(ctx context.Context, s setup) (section, error) {
	ours, theirs, stop, err := startBoth(ctx, s.dir, s.subject, s.reference)
	if err != nil {
		return section{}, err
	}
	defer stop()
	var cells []largeCell
	for _, clients := range largeClients {
		for _, command := range []string{"SET", "GET"} {
			c := largeCell{cell{command: command, pipeline: 1, requests: largeRuns}, clients}
			if err := c.measure(ctx, s.rounds, ours, theirs); err != nil {
				return section{}, err
			}
			progress("large values, %d clients, %s: requests/s %s, CPU %s", clients, command, c.ratio(rps), c.ratio(cpu))
			cells = append(cells, c)
		}
	}
	return section{renderLarge(cells, s), judgeLarge(cells)}, nil
}

// measure runs the rounds. Each server is warmed up first: ours learns only from the first value of a connection how large
// they are, and either grows its heap.
func (c *largeCell) measure(ctx context.Context, rounds int, ours, theirs *server) error {
	for _, s := range []*server{ours, theirs} {
		if _, err := redisBenchmark(ctx, s, c.args("set", largeWarm)...); err != nil {
			return s.failure("warming up", err)
		}
		// redis-benchmark takes a missing key for a fast one.
		length, err := s.rdb.StrLen(ctx, largeKey).Result()
		if err := expectSize("STRLEN", length, largeBytes, err); err != nil {
			return s.failure("warming up", err)
		}
	}
	for round := range rounds {
		var p pair
		err := inTurn(round, ours, theirs, func(s *server) (err error) {
			result := &p.reference
			if s == ours {
				result = &p.subject
			}
			*result, err = c.run(ctx, s)
			return err
		})
		if err != nil {
			return err
		}
		c.rounds = append(c.rounds, p)
	}
	return nil
}

// run measures one server once it has nothing left to do from its last run.
func (c *largeCell) run(ctx context.Context, s *server) (sample, error) {
	if err := s.settled(ctx, 2*time.Second); err != nil {
		return sample{}, err
	}
	return s.costing(c.command, c.requests, func() (sample, error) {
		return redisBenchmark(ctx, s, c.args(strings.ToLower(c.command), c.requests)...)
	})
}

func (c *largeCell) args(test string, n int) []string {
	return []string{"-t", test, "-c", strconv.Itoa(c.clients), "-d", strconv.Itoa(largeBytes), "-n", strconv.Itoa(n)}
}

func renderLarge(cells []largeCell, s setup) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| clients | command | requests/s | p50 | p99 | CPU per command | CPU µs, %[1]s | CPU µs, %[2]s | requests/s, %[1]s | requests/s, %[2]s |\n",
		s.subject.label, s.reference.label)
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range cells {
		ourCPU, theirCPU := c.medians(cpu)
		ourRate, theirRate := c.medians(rps)
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", c.clients, c.command, c.ratio(rps), c.ratio(p50), c.ratio(p99),
			c.ratio(cpu), figure(ourCPU, 0), figure(theirCPU, 0), figure(ourRate, 0), figure(theirRate, 0))
	}
	return b.String()
}

func judgeLarge(cells []largeCell) (verdicts []verdict) {
	for _, clients := range largeClients {
		v := verdict{target: fmt.Sprintf("values of 1 MiB, %d clients: requests/s ≥ 1.00", clients), met: true}
		var figures []string
		for _, c := range cells {
			if c.clients == clients {
				ratio := c.ratio(rps).median
				figures = append(figures, c.command+" "+figure(ratio, 3))
				v.met = v.met && !math.IsNaN(ratio) && ratio >= 1
			}
		}
		v.figures = strings.Join(figures, ", ")
		verdicts = append(verdicts, v)
	}
	return verdicts
}
