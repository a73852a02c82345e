package main

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What is promised of scripts against redis-server.
const (
	scriptsTarget   = 0.8  // least requests/s
	bystanderTarget = 1.25 // greatest p99
)

// scriptsSuite is what applications run most as scripts, by digest, and what another client notices of it.
var scriptsSuite = suite{
	name: "scripts", title: "Scripts",
	what: fmt.Sprintf(`redis-benchmark sends EVALSHA over %[1]d connections. The counter is INCR, and PEXPIRE the first time, on %[2]d keys. The release
of a lock is GET and, if it finds the token, DEL; there are so many locks that half of the calls do. The limiter is ZREMRANGEBYSCORE, ZCARD,
ZADD and PEXPIRE on %[3]d windows, which begin with %[4]d entries and stay at about that: time and member are drawn from %[5]d numbers. The
loop has 1000 turns with arithmetic, a table and strings, and calls nothing. That both servers answer the same, and leave the same behind,
is checked before anything is measured.

Both servers are loaded in alternation; a ratio is that of one round, given are the median and, in parentheses, the least and the greatest.
CPU is the server's per call. Client busy is the share of the run for which redis-benchmark's thread was on a processor: near 1 it is the
client that is measured. In the last table a client in a process of its own sends a GET each millisecond while %[1]d others run the limiter.`,
		connections, keyspace, limiterDraws*limiterDraws, limiterWindow, limiterDraws),
	measure: measureScripts,
}

// The shape of the limiter's load. Keys have two drawn numbers in their name, so that there are the square of them.
const (
	limiterDraws  = 64 // numbers, of which times and members are drawn
	limiterWindow = 24 // of them, so many are within the window at the end
)

// hitHalf is how many calls there are for each key if half of them are to find it: x for which (1 - exp(-x)) / x = 1/2.
const hitHalf = 1.5936

// drawn is where redis-benchmark puts a number that it draws, in 12 digits.
const drawn = "__rand_int__"

// scriptCase is one script and its load.
type scriptCase struct {
	name  string
	text  string
	args  []string        // behind the digest
	draws func(n int) int // from how many numbers each is drawn if there are n calls; nil: of as many as there are keys in the load
	fill  func(ctx context.Context, s *server, n int) error
	calls [][]string // arguments behind the digest of calls that both servers must answer alike
	left  [][]string // requests that show what these leave behind

	pipelines []int
	target    bool
}

var scriptCases = []scriptCase{
	{
		name: "counter with expiry", pipelines: []int{1, 16}, target: true,
		text: `local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count`,
		args: []string{"1", "counter:" + drawn, "60000"}, fill: fillNothing,
		calls: [][]string{{"1", "a", "60000"}, {"1", "a", "60000"}, {"1", "b", "60000"}}, left: [][]string{{"MGET", "a", "b"}, {"PERSIST", "a"}},
	},
	{
		name: "release of a lock", pipelines: []int{1, 16}, target: true,
		text: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end`,
		args: []string{"1", "lock:" + drawn, lockToken}, draws: locks, fill: fillLocks,
		calls: [][]string{{"1", "lock:000000000000", lockToken}, {"1", "lock:000000000000", lockToken}, {"1", "lock:000000000001", "other"}},
		left:  [][]string{{"MGET", "lock:000000000000", "lock:000000000001"}},
	},
	{
		name: limiterName, pipelines: []int{1, 16}, target: true,
		text: `local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
if count >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1`,
		args:  []string{"1", "window:" + drawn + ":" + drawn, drawn, strconv.Itoa(limiterWindow), "100", drawn, "60000"},
		draws: func(int) int { return limiterDraws }, fill: fillWindows,
		calls: [][]string{{"1", windowKey(3, 4), "000000000063", "24", "100", "member", "60000"}, {"1", windowKey(3, 4), "70", "24", "25", "more", "60000"}, {"1", windowKey(3, 4), "70", "24", "18", "too many", "60000"}},
		left:  [][]string{{"ZRANGE", windowKey(3, 4), "0", "-1", "WITHSCORES"}, {"PERSIST", windowKey(3, 4)}},
	},
	{
		name: "loop of 1000 turns", pipelines: []int{1},
		text: `local words, sum, length = {}, 0, 0
for i = 1, 1000 do
  sum = (sum * 31 + i) % 65521
  words[#words + 1] = string.format('%d:%s', sum, ARGV[1])
  if #words == 50 then
    length = length + #table.concat(words, ',')
    words = {}
  end
end
return {sum, length}`,
		args: []string{"0", "word"}, fill: fillNothing,
		calls: [][]string{{"0", "word"}, {"0", "another"}},
	},
}

const (
	limiterName = "sliding-window limiter"
	lockToken   = "0123456789abcdef0123"
)

// limiterCase is the case that others are measured beside.
func limiterCase() scriptCase {
	return scriptCases[slices.IndexFunc(scriptCases, func(c scriptCase) bool { return c.name == limiterName })]
}

// digest is what EVALSHA calls the script.
func (c scriptCase) digest() string {
	sum := sha1.Sum([]byte(c.text))
	return hex.EncodeToString(sum[:])
}

// workload makes the case one that can be measured as the others are.
func (c scriptCase) workload() workload {
	return workload{name: c.name, fill: c.fill, send: func(ctx context.Context, s *server, pipeline, n int) (sample, error) {
		draws := keyspace
		if c.draws != nil {
			draws = c.draws(n)
		}
		args := append([]string{"-r", strconv.Itoa(draws), "EVALSHA", c.digest()}, c.args...)
		return runRedisBenchmark(ctx, s, pipeline, n, args...)
	}}
}

// locks is how many there are for n calls.
func locks(n int) int { return max(2, int(math.Round(float64(n)/hitHalf))) }

func fillLocks(ctx context.Context, s *server, n int) error {
	return s.sendAll(ctx, fill(func(out []byte, i int) []byte {
		return appendRequest(out, "SET", fmt.Sprintf("lock:%012d", i), lockToken)
	}), locks(n))
}

// windowKey is the name of one of the limiter's windows, as redis-benchmark draws it.
func windowKey(i, j int) string { return fmt.Sprintf("window:%012d:%012d", i, j) }

// fillWindows has every window begin as it is going to be: with the entries of the last times that can be drawn.
func fillWindows(ctx context.Context, s *server, _ int) error {
	return s.sendAll(ctx, fill(func(out []byte, i int) []byte {
		args := []string{"ZADD", windowKey(i/limiterDraws, i%limiterDraws)}
		for j := range limiterWindow {
			args = append(args, strconv.Itoa(limiterDraws-limiterWindow+j), fmt.Sprintf("%012d", (i+j)%limiterDraws))
		}
		return appendRequest(out, args...)
	}), limiterDraws*limiterDraws)
}

// measureScripts checks the cases, measures them, and then what another client sees.
func measureScripts(ctx context.Context, s setup) (section, error) {
	ours, theirs, stop, err := startBoth(ctx, s.dir, s.subject, s.reference)
	if err != nil {
		return section{}, err
	}
	defer stop()
	var cells []cell
	var targets []bool
	for _, c := range scriptCases {
		if err := c.agree(ctx, ours, theirs); err != nil {
			return section{}, err
		}
		for _, pipeline := range c.pipelines {
			measured, err := measureCell(ctx, s.load, ours, theirs, c.workload(), pipeline)
			if err != nil {
				return section{}, err
			}
			progress("%s, pipeline %d: %s, CPU %s", c.name, pipeline, measured.ratio(rps), measured.ratio(cpu))
			cells, targets = append(cells, measured), append(targets, c.target)
		}
	}
	rows, err := measureBystander(ctx, s, ours, theirs, cells)
	if err != nil {
		return section{}, err
	}
	markdown := renderScripts(cells, s) + renderBystander(rows, s)
	return section{markdown, append(scriptsVerdicts(cells, targets), bystanderVerdicts(rows)...)}, nil
}

// agree loads the script into both servers, and compares their answers to a few calls.
func (c scriptCase) agree(ctx context.Context, ours, theirs *server) error {
	mine, err := c.answers(ctx, ours)
	if err != nil {
		return err
	}
	other, err := c.answers(ctx, theirs)
	if err == nil && mine != other {
		err = fmt.Errorf("%s: %s answers %s, %s %s", c.name, ours.label, mine, theirs.label, other)
	}
	return err
}

func (c scriptCase) answers(ctx context.Context, s *server) (string, error) {
	if err := c.workload().prepare(ctx, s, 1000); err != nil {
		return "", err
	}
	requests := [][]string{{"SCRIPT", "LOAD", c.text}}
	for _, args := range c.calls {
		requests = append(requests, append([]string{"EVALSHA", c.digest()}, args...))
	}
	requests = append(append(requests, c.left...), []string{"DBSIZE"})
	var answers []string
	for _, request := range requests {
		words := make([]any, len(request))
		for i, word := range request {
			words[i] = word
		}
		answer, err := s.rdb.Do(ctx, words...).Result()
		if err != nil {
			return "", s.failure(c.name+": "+request[0], err)
		}
		answers = append(answers, fmt.Sprint(answer))
	}
	return strings.Join(answers, " | "), nil
}

// bystander is what a client saw beside the limiter at one depth, in each round.
type bystander struct {
	pipeline     int
	ours, theirs []latencies
}

// bystanderSeconds is by how much the runs beside which others are probed are longer.
const bystanderSeconds = 4

// measureBystander runs the limiter as long as it takes for some thousand GETs; cells tell its speed.
func measureBystander(ctx context.Context, s setup, ours, theirs *server, cells []cell) ([]bystander, error) {
	var rows []bystander
	for _, c := range cells {
		if c.command != limiterName {
			continue
		}
		row := bystander{pipeline: c.pipeline}
		for round := range s.rounds {
			err := inTurn(round, ours, theirs, func(server *server) error {
				seen, err := probeBeside(ctx, server, limiterCase().workload(), c.pipeline, bystanderSeconds*c.requests)
				if server == ours {
					row.ours = append(row.ours, seen)
				} else {
					row.theirs = append(row.theirs, seen)
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		progress("GET beside the limiter, pipeline %d: p99 %s", c.pipeline, row.p99().ratio)
		rows = append(rows, row)
	}
	return rows, nil
}

// probeBeside sends GETs while n commands of a workload run.
func probeBeside(ctx context.Context, s *server, w workload, pipeline, n int) (latencies, error) {
	if err := w.prepare(ctx, s, n); err != nil {
		return latencies{}, err
	}
	if err := s.failure("SET", s.rdb.Set(ctx, string(appendKey(nil, probedKey)), values[:valueBytes], 0).Err()); err != nil {
		return latencies{}, err
	}
	if err := s.settled(ctx, 2*time.Second); err != nil {
		return latencies{}, err
	}
	p, err := startProber(ctx, s, probedKey, time.Millisecond)
	if err != nil {
		return latencies{}, err
	}
	_, err = s.load(ctx, w, pipeline, n)
	seen, probeErr := p.stop()
	if err == nil {
		err = s.failure("probing", probeErr)
	}
	return seen, err
}

func (b bystander) p50() comparison { return b.compare(func(l latencies) int64 { return l.P50 }) }
func (b bystander) p99() comparison { return b.compare(func(l latencies) int64 { return l.P99 }) }

func (b bystander) compare(figure func(latencies) int64) comparison {
	return compareRounds(b.ours, b.theirs, func(l latencies) float64 { return float64(figure(l)) / 1e6 })
}

func renderScripts(cells []cell, s setup) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%[1]d rounds.\n\n| script | pipeline | requests/s | p99 | CPU | CPU µs, %[2]s | CPU µs, %[3]s | client busy, %[2]s | client busy, %[3]s | calls per run |\n"+
		"|---|---|---|---|---|---|---|---|---|---|\n", s.rounds, s.subject.label, s.reference.label)
	for _, c := range cells {
		cost, itsCost := c.medians(cpu)
		client, itsClient := c.medians(clientBusy)
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s | %s | %.2f | %.2f | %d |\n", c.command, c.pipeline,
			c.ratio(rps), c.ratio(p99), c.ratio(cpu), figure(cost, 2), figure(itsCost, 2), client, itsClient, c.requests)
	}
	return b.String()
}

func renderBystander(rows []bystander, s setup) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### GET of another client beside the limiter\n\n| pipeline of the limiter's clients | p50 | p99 | p99 ms, %s | p99 ms, %s |\n|---|---|---|---|---|\n",
		s.subject.label, s.reference.label)
	for _, r := range rows {
		p99 := r.p99()
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", r.pipeline, r.p50().ratio, p99.ratio, figure(p99.ours, 2), figure(p99.theirs, 2))
	}
	return b.String()
}

func scriptsVerdicts(cells []cell, targets []bool) (all []verdict) {
	for i, c := range cells {
		if targets[i] {
			ratio := c.ratio(rps).median
			all = append(all, verdict{fmt.Sprintf("pipeline %d, %s: requests/s ≥ %.2f", c.pipeline, c.command, scriptsTarget), figure(ratio, 3), ratio >= scriptsTarget})
		}
	}
	return all
}

func bystanderVerdicts(rows []bystander) (all []verdict) {
	for _, r := range rows {
		ratio := r.p99().ratio.median
		all = append(all, verdict{fmt.Sprintf("GET beside the limiter at pipeline %d: p99 ≤ %.2f", r.pipeline, bystanderTarget), figure(ratio, 3), ratio <= bystanderTarget})
	}
	return all
}
