package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// keysSuite is what it takes to look at all keys, or at any.
var keysSuite = suite{
	name: "keys", title: "Looking through the keys",
	what: `Both servers hold the same strings under 16-byte keys. Execution is the time in the command by INFO commandstats, during which
nobody else is served; the client's time has the transfer and the client's reading of the reply in it, and for a whole SCAN the round
trips. A ratio is that of one round, in alternation; given are the median over the rounds and, in parentheses, the least and the greatest. Times
are medians of milliseconds.`,
	measure: func(ctx context.Context, s setup) (section, error) { return measureKeys(ctx, s, 1_000_000) },
}

// keysLimit is the target for KEYS, as a ratio of execution times.
const keysLimit = 1.0 / 3

// keysCase is one row of the table.
type keysCase struct {
	name, command string
	target        bool
	// run returns how many keys it was shown; share is how many at least are due for each key there is.
	run   func(w *wire, keys int) (found int, err error)
	share float64
}

var keysCases = []keysCase{
	{"KEYS *", "keys", true, keysMatching("*"), 1},
	{"KEYS key:*42", "keys", true, keysMatching("key:*42"), 0.01},
	{"RANDOMKEY, one for each ten keys, pipeline 64", "randomkey", false, randomKeys, 0.1},
	{"SCAN of all, COUNT 10", "scan", false, scanAll("10"), 1},
	{"SCAN of all, COUNT 1000", "scan", false, scanAll("1000"), 1},
}

func keysMatching(pattern string) func(*wire, int) (int, error) {
	return func(w *wire, _ int) (int, error) {
		w.out = appendRequest(w.out, "KEYS", pattern)
		if err := w.send(); err != nil {
			return 0, err
		}
		return w.array()
	}
}

func randomKeys(w *wire, keys int) (int, error) {
	const depth = 64
	wanted := keys / 10
	for sent := 0; sent < wanted; sent += depth {
		n := min(depth, wanted-sent)
		for range n {
			w.out = appendRequest(w.out, "RANDOMKEY")
		}
		if err := w.exchange(n); err != nil {
			return sent, err
		}
	}
	return wanted, nil
}

func scanAll(count string) func(*wire, int) (int, error) {
	return func(w *wire, _ int) (found int, err error) {
		for cursor := "0"; ; {
			w.out = appendRequest(w.out, "SCAN", cursor, "COUNT", count)
			if err := w.send(); err != nil {
				return found, err
			}
			next, n, err := w.scanReply()
			found += n
			if err != nil || next == "0" {
				return found, err
			}
			cursor = next
		}
	}
}

// scanReply reads a reply to SCAN: the next cursor and how many keys came with it.
func (w *wire) scanReply() (cursor string, n int, err error) {
	if kind, length, err := w.line(); err != nil || kind != '*' || string(length) != "2" {
		return "", 0, errors.Join(err, errors.New("a reply to SCAN has other than two parts"))
	}
	text, err := w.bulk()
	if err != nil {
		return "", 0, err
	}
	n, err = w.array()
	return string(text), n, err
}

// keysSample is one server's part of a round, in milliseconds.
type keysSample struct{ execution, client float64 }

// keysRow is what a case's rounds have shown.
type keysRow struct {
	keysCase
	ours, theirs []keysSample
}

func measureKeys(ctx context.Context, s setup, keys int) (section, error) {
	ours, theirs, stop, err := startBoth(ctx, s.dir, s.subject, s.reference)
	if err != nil {
		return section{}, err
	}
	defer stop()
	for _, server := range []*server{ours, theirs} {
		if err := plainKeys(ctx, server, keys); err != nil {
			return section{}, err
		}
	}
	var rows []keysRow
	for _, c := range keysCases {
		row := keysRow{keysCase: c}
		for round := range s.rounds {
			err := inTurn(round, ours, theirs, func(server *server) error {
				sample, err := c.measure(ctx, server, keys)
				if server == ours {
					row.ours = append(row.ours, sample)
				} else {
					row.theirs = append(row.theirs, sample)
				}
				return err
			})
			if err != nil {
				return section{}, fmt.Errorf("%s: %w", c.name, err)
			}
		}
		progress("keys, %s: execution %s", c.name, row.compare(execution).ratio)
		rows = append(rows, row)
	}
	return section{renderKeys(keys, ours.label, theirs.label, rows), keysVerdicts(theirs.label, rows)}, nil
}

// measure runs a case once.
func (c keysCase) measure(ctx context.Context, s *server, keys int) (keysSample, error) {
	if err := s.settled(ctx, 2*time.Second); err != nil {
		return keysSample{}, err
	}
	if err := s.failure("CONFIG RESETSTAT", s.rdb.ConfigResetStat(ctx).Err()); err != nil {
		return keysSample{}, err
	}
	w, err := dialWire(ctx, s.addr)
	if err != nil {
		return keysSample{}, s.failure(c.name, err)
	}
	defer w.close()
	began := time.Now()
	found, err := c.run(w, keys)
	took := time.Since(began)
	if least := int(c.share * float64(keys)); err == nil && found < least {
		err = fmt.Errorf("%d keys came, not %d", found, least)
	}
	if err != nil {
		return keysSample{}, s.failure(c.name, err)
	}
	micros, err := s.executionMicros(ctx, c.command)
	return keysSample{float64(micros) / 1e3, float64(took) / 1e6}, err
}

// executionMicros is the time spent in a command since CONFIG RESETSTAT.
func (s *server) executionMicros(ctx context.Context, command string) (int64, error) {
	info, err := s.rdb.Info(ctx, "commandstats").Result()
	if err != nil {
		return 0, s.failure("INFO", err)
	}
	micros, err := parseCommandStats(info, command)
	return micros, s.failure("INFO", err)
}

// parseCommandStats finds usec in "cmdstat_keys:calls=1,usec=506000,usec_per_call=…".
func parseCommandStats(info, command string) (int64, error) {
	for line := range strings.Lines(info) {
		fields, found := strings.CutPrefix(line, "cmdstat_"+command+":")
		for field := range strings.SplitSeq(fields, ",") {
			if micros, is := strings.CutPrefix(field, "usec="); found && is {
				return strconv.ParseInt(micros, 10, 64)
			}
		}
	}
	return 0, fmt.Errorf("commandstats has no %s", command)
}

func execution(s keysSample) float64  { return s.execution }
func clientTime(s keysSample) float64 { return s.client }

func (r keysRow) compare(figure func(keysSample) float64) comparison {
	return compareRounds(r.ours, r.theirs, figure)
}

// renderKeys writes the table.
func renderKeys(keys int, ours, theirs string, rows []keysRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d keys, %d rounds.\n\n", keys, len(rows[0].ours))
	fmt.Fprintf(&b, "| | execution | %s, ms | %s, ms | client's time | %s, ms | %s, ms |\n|---|---|---|---|---|---|---|\n", ours, theirs, ours, theirs)
	for _, row := range rows {
		e, c := row.compare(execution), row.compare(clientTime)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", row.name,
			e.ratio, figure(e.ours, 1), figure(e.theirs, 1), c.ratio, figure(c.ours, 1), figure(c.theirs, 1))
	}
	return b.String()
}

// keysVerdicts judges the cases that have a target.
func keysVerdicts(reference string, rows []keysRow) []verdict {
	var all []verdict
	for _, row := range rows {
		if row.target {
			median := row.compare(execution).ratio.median
			all = append(all, verdict{fmt.Sprintf("%s: execution ≤ %.2f × %s's", row.name, keysLimit, reference), figure(median, 3), median <= keysLimit})
		}
	}
	return all
}
