package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stallsSuite is what one client waits for another's expensive command.
var stallsSuite = suite{
	name: "stalls", title: "Stalls by single commands",
	what: `A client in a process of its own sends a GET each millisecond while another does what the row says, and until the server has
nothing left to do. Given is the longest of all GETs in milliseconds: the median over the rounds and, in parentheses, the least and the
greatest. Both servers do the same in alternation. The first row, in which nothing happens, is what the machine itself adds.`,
	measure: func(ctx context.Context, s setup) (section, error) {
		return measureStalls(ctx, s, stallCases, 1_000_000, time.Second)
	},
}

// stallLimit is for the greatest of all rounds.
const stallLimit = 10 * time.Millisecond

// stallCase is one row of the table. The data of a case is n elements, made by prepare; act is what the others are to notice
// as little as possible.
type stallCase struct {
	name         string
	prepare, act func(ctx context.Context, s *server, n int) error
}

var stallCases = []stallCase{
	{"nothing", noData, doNothing},
	{"DEL of a list", collection("RPUSH", func(i int) []string { return []string{memberName(i)} }), deleteCollection},
	{"FLUSHALL of strings", plainKeys, flushAll},
	{"strings due in the same millisecond", keysDueTogether, awaitExpiry},
}

// probedKey is the number of the key that is probed. No case uses it.
const probedKey = 999_999_999_999

// collectionKey is the key of the collection that a case prepares.
const collectionKey = "collection"

func memberName(i int) string { return "element:" + strconv.Itoa(i) }

func noData(context.Context, *server, int) error { return nil }

func doNothing(ctx context.Context, _ *server, _ int) error { return pause(ctx, time.Second) }

// collection prepares one collection by a command that takes any number of elements, each of them one or more arguments.
func collection(command string, element func(i int) []string) func(context.Context, *server, int) error {
	const each = 100 // elements of one command
	return func(ctx context.Context, s *server, n int) error {
		return s.sendAll(ctx, traffic{1, 8, func(out []byte, i int) []byte {
			args := []string{command, collectionKey}
			for j := i * each; j < min((i+1)*each, n); j++ {
				args = append(args, element(j)...)
			}
			return appendRequest(out, args...)
		}}, (n+each-1)/each)
	}
}

// deleteCollection is DEL, of something that is there.
func deleteCollection(ctx context.Context, s *server, _ int) error {
	deleted, err := s.rdb.Del(ctx, collectionKey).Result()
	if err == nil && deleted != 1 {
		err = fmt.Errorf("there is no %s to delete", collectionKey)
	}
	return s.failure("DEL", err)
}

func plainKeys(ctx context.Context, s *server, n int) error {
	return s.sendAll(ctx, fill(func(out []byte, i int) []byte { return appendSet(out, i, 32) }), n)
}

func flushAll(ctx context.Context, s *server, _ int) error {
	return s.failure("FLUSHALL", s.rdb.FlushAll(ctx).Err())
}

// keysDueTogether makes keys whose deadline is far enough away for all of them to be there by then.
func keysDueTogether(ctx context.Context, s *server, n int) error {
	at := time.Now().Add(time.Second + time.Duration(n)*10*time.Microsecond)
	deadline := strconv.FormatInt(at.UnixMilli(), 10)
	err := s.sendAll(ctx, fill(func(out []byte, i int) []byte { return appendSet(out, i, 32, "PXAT", deadline) }), n)
	if err == nil && time.Now().After(at) {
		err = s.failure("filling", fmt.Errorf("%d keys took too long to set: the first were due before the last", n))
	}
	return err
}

// awaitExpiry waits until only the probed key is left.
func awaitExpiry(ctx context.Context, s *server, _ int) error {
	for giveUp := time.Now().Add(time.Minute); ; {
		size, err := s.rdb.DBSize(ctx).Result()
		switch {
		case err != nil || size <= 1:
			return s.failure("DBSIZE", err)
		case time.Now().After(giveUp):
			return s.failure("expiry", fmt.Errorf("%d keys are left after a minute", size))
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// stall is what a case's rounds have shown: the longest GET of each, in milliseconds.
type stall struct {
	name         string
	ours, theirs []float64
}

// measureStalls starts both servers and goes through the cases; rest is for how long a server is probed before the act, and at
// least after it.
func measureStalls(ctx context.Context, s setup, cases []stallCase, n int, rest time.Duration) (section, error) {
	ours, theirs, stop, err := startBoth(ctx, s.dir, s.subject, s.reference)
	if err != nil {
		return section{}, err
	}
	defer stop()
	var rows []stall
	for _, c := range cases {
		row := stall{name: c.name}
		for round := range s.rounds {
			err := inTurn(round, ours, theirs, func(server *server) error {
				longest, err := c.run(ctx, server, n, rest)
				if server == ours {
					row.ours = append(row.ours, longest)
				} else {
					row.theirs = append(row.theirs, longest)
				}
				return err
			})
			if err != nil {
				return section{}, fmt.Errorf("%s: %w", c.name, err)
			}
		}
		progress("stalls, %s: longest GET %s ms, %s %s ms", c.name, spread(row.ours), theirs.label, spread(row.theirs))
		rows = append(rows, row)
	}
	return section{renderStalls(n, ours.label, theirs.label, rows), stallVerdicts(rows)}, nil
}

// run does a case once and returns the longest GET in milliseconds.
func (c stallCase) run(ctx context.Context, s *server, n int, rest time.Duration) (float64, error) {
	if err := flushAll(ctx, s, n); err != nil {
		return 0, err
	}
	probed := string(appendKey(nil, probedKey))
	if err := s.failure("SET", s.rdb.Set(ctx, probed, values[:32], 0).Err()); err != nil {
		return 0, err
	}
	if err := c.prepare(ctx, s, n); err != nil {
		return 0, err
	}
	if err := s.settled(ctx, 2*time.Second); err != nil {
		return 0, err
	}
	p, err := startProber(ctx, s, probedKey, time.Millisecond)
	if err != nil {
		return 0, err
	}
	err = c.provoke(ctx, s, n, rest)
	seen, probeErr := p.stop()
	if err == nil {
		err = s.failure("probing", probeErr)
	}
	return float64(seen.Max) / 1e6, err
}

// provoke acts between two rests.
func (c stallCase) provoke(ctx context.Context, s *server, n int, rest time.Duration) error {
	if err := pause(ctx, rest); err != nil {
		return err
	}
	if err := c.act(ctx, s, n); err != nil {
		return err
	}
	return pause(ctx, rest)
}

// renderStalls writes the table.
func renderStalls(n int, ours, theirs string, rows []stall) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d elements or keys, %d rounds.\n\n| longest GET beside | %s, ms | %s, ms |\n|---|---|---|\n", n, len(rows[0].ours), ours, theirs)
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.name, spread(row.ours), spread(row.theirs))
	}
	return b.String()
}

// spread prints figures as their median with the least and the greatest.
func spread(figures []float64) string { return summary(figures).String() }

// stallVerdicts judges the greatest figure of every case in which something happens.
func stallVerdicts(rows []stall) []verdict {
	var all []verdict
	for _, row := range rows {
		if row.name == stallCases[0].name {
			continue
		}
		longest := slices.Max(row.ours)
		all = append(all, verdict{fmt.Sprintf("%s: longest GET ≤ %v in every round", row.name, stallLimit),
			figure(longest, 2) + " ms", longest <= float64(stallLimit)/1e6})
	}
	return all
}
