package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// beforeSessions is the last commit whose server has none of what the suite off is about.
const beforeSessions = "eca6375"

// The shape of the measurement of features.
const (
	offPipeline = 64
	offTarget   = 0.02 // what may be lost to features that are off
)

var offCommands = []string{"GET", "SET"}

// offSuite is what features cost: off, against a build that does not have them; and on, against the same server without.
var offSuite = suite{
	name: "off", title: "Features that are off, and on", measure: measureOff,
	what: fmt.Sprintf(`redis-benchmark at pipeline %d, as in the section on load. MONITOR, tracking, keyspace notifications and the slow log cost a server
that does not use them what it is slower than commit %s, the last without them: the suite builds it from the repository's history, and
both builds are loaded in alternation. All else that has changed since is in that ratio, too. (-server NEW -against OLD -commands GET,SET
-pipelines %[1]d compares any two builds.)

What each costs when it is on is measured on one server, which is loaded with and without it in alternation; so is redis-server. Whoever
listens reads as fast as it can, in the process that measures: on few cores it takes time from the server and from
redis-benchmark, so that CPU, the server's per command, says more than requests/s. Cut off is how many of those that
listened were disconnected in all rounds because they were too slow.`, offPipeline, beforeSessions),
}

func measureOff(ctx context.Context, s setup) (section, error) {
	before, err := buildCommit(ctx, s.dir, beforeSessions)
	if err != nil {
		return section{}, err
	}
	load := s.load
	load.pipelines, load.workloads = []int{offPipeline}, nil
	for _, name := range offCommands {
		w, err := findWorkload(name)
		if err != nil {
			return section{}, err
		}
		load.workloads = append(load.workloads, w)
	}
	cells, err := measureCells(ctx, load, s.subject, before, s.dir)
	if err != nil {
		return section{}, err
	}
	prices, err := measureFeatures(ctx, s, load)
	if err != nil {
		return section{}, err
	}
	return section{renderOff(cells, before) + renderFeatures(prices, s), offVerdicts(cells)}, nil
}

// buildCommit builds snakecached as it was at a commit.
func buildCommit(ctx context.Context, dir, commit string) (program, error) {
	tree, output := filepath.Join(dir, "tree-"+commit), filepath.Join(dir, "snakecached-"+commit)
	progress("building commit %s", commit)
	// Not with ctx: the tree is to go when the run is interrupted, too.
	defer exec.Command("git", "worktree", "remove", "--force", tree).Run()
	out, err := exec.CommandContext(ctx, "git", "worktree", "add", "--detach", tree, commit).CombinedOutput()
	if err != nil {
		return program{}, fmt.Errorf("commit %s is not to be had, it needs the repository's whole history: %w\n%s", commit, err, out)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", output, "snakecache/cmd/snakecached")
	cmd.Dir = tree
	if out, err := cmd.CombinedOutput(); err != nil {
		return program{}, fmt.Errorf("building commit %s: %w\n%s", commit, err, out)
	}
	return readyBinary("commit "+commit, output)
}

// feature is one thing that can be on.
type feature struct {
	name     string
	settings [2][]string // arguments of CONFIG SET that turn it on and off
	listener [][]string  // requests of a connection that listens while it is on
	load     []string    // arguments of redis-benchmark besides
}

var features = []feature{
	{name: "slow log of every command", settings: [2][]string{{"slowlog-log-slower-than", "0"}, {"slowlog-log-slower-than", "10000"}}},
	{name: "notifications KEA, nobody listens", settings: notifications},
	{name: "notifications KEA, a subscriber to all", settings: notifications, listener: [][]string{{"PSUBSCRIBE", "__key*"}}},
	{name: "tracking by a client that reads nothing", listener: [][]string{{"HELLO", "3"}, {"CLIENT", "TRACKING", "ON"}}},
	{name: "tracking by BCAST", listener: [][]string{{"HELLO", "3"}, {"CLIENT", "TRACKING", "ON", "BCAST"}}},
	{name: "tracking by the loading clients", load: []string{"-3", "--enable-tracking"}},
	{name: "MONITOR", listener: [][]string{{"MONITOR"}}},
}

var notifications = [2][]string{{"notify-keyspace-events", "KEA"}, {"notify-keyspace-events", ""}}

// price is what a feature has shown: the subject of each pair is the run with it, the reference the one without.
type price struct {
	feature, command string
	ours, theirs     cell
	cutOff           [2]int // listeners, of ours and theirs
}

// measureFeatures measures the price of each feature for each command.
func measureFeatures(ctx context.Context, s setup, load options) ([]price, error) {
	ours, theirs, stop, err := startBoth(ctx, s.dir, s.subject, s.reference)
	if err != nil {
		return nil, err
	}
	defer stop()
	var prices []price
	for _, w := range load.workloads {
		n, err := calibrate(ctx, load, ours, theirs, w, offPipeline)
		if err != nil {
			return nil, err
		}
		for _, f := range features {
			p := price{feature: f.name, command: w.name}
			for round := range s.rounds {
				err := inTurn(round, ours, theirs, func(server *server) error {
					c, cut := &p.ours, &p.cutOff[0]
					if server == theirs {
						c, cut = &p.theirs, &p.cutOff[1]
					}
					return f.round(ctx, server, w, n, round, c, cut)
				})
				if err != nil {
					return nil, err
				}
			}
			progress("%s, %s: CPU %s, theirs %s", w.name, f.name, p.ours.ratio(cpu), p.theirs.ratio(cpu))
			prices = append(prices, p)
		}
	}
	return prices, nil
}

// round loads a server with and without the feature, whichever comes first in the round.
func (f feature) round(ctx context.Context, s *server, w workload, n, round int, c *cell, cut *int) error {
	var result pair
	for turn := range 2 {
		var err error
		if on := turn == round%2; on {
			result.subject, err = f.measure(ctx, s, w, n, cut)
		} else {
			result.reference, err = s.measure(ctx, w, offPipeline, n)
		}
		if err != nil {
			return err
		}
	}
	c.rounds = append(c.rounds, result)
	return nil
}

// measure loads a server while the feature is on.
func (f feature) measure(ctx context.Context, s *server, w workload, n int, cut *int) (sample, error) {
	if err := w.prepare(ctx, s, n); err != nil {
		return sample{}, err
	}
	if err := s.configure(ctx, f.settings[0]); err != nil {
		return sample{}, err
	}
	listening, err := f.listen(ctx, s)
	if err != nil {
		return sample{}, err
	}
	if err := s.settled(ctx, 2*time.Second); err != nil {
		return sample{}, err
	}
	w.args = append(f.load[:len(f.load):len(f.load)], w.args...)
	result, err := s.load(ctx, w, offPipeline, n)
	if listening.stop() {
		*cut++
	}
	return result, errors.Join(err, s.configure(ctx, f.settings[1]))
}

// configure sends CONFIG SET, if there is anything to set.
func (s *server) configure(ctx context.Context, setting []string) error {
	if setting == nil {
		return nil
	}
	return s.failure("CONFIG SET", s.rdb.ConfigSet(ctx, setting[0], setting[1]).Err())
}

// listening is a connection that reads whatever comes. The zero value listens to nothing.
type listening struct {
	wire  *wire
	ended chan struct{}
}

// listen makes the feature's listener, and returns when the server has answered all it asked for.
func (f feature) listen(ctx context.Context, s *server) (listening, error) {
	if f.listener == nil {
		return listening{}, nil
	}
	w, err := dialWire(ctx, s.addr)
	if err != nil {
		return listening{}, s.failure("listening", err)
	}
	for _, request := range f.listener {
		if err := w.do(request...); err != nil {
			w.close()
			return listening{}, s.failure(strings.Join(request, " "), err)
		}
	}
	l := listening{w, make(chan struct{})}
	go func() {
		defer close(l.ended)
		w.conn.SetDeadline(time.Time{})
		io.CopyBuffer(struct{ io.Writer }{io.Discard}, w.in, make([]byte, 1<<20))
	}()
	return l, nil
}

// stop ends the connection and reports whether the server had ended it before.
func (l listening) stop() (cutOff bool) {
	if l.wire == nil {
		return false
	}
	select {
	case <-l.ended:
		cutOff = true
	default:
	}
	l.wire.close()
	<-l.ended
	return cutOff
}

func renderOff(cells []cell, before program) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### Off\n\nBeside %s, %s.\n\n| command | requests/s | CPU per command | client busy | rounds | commands per run |\n|---|---|---|---|---|---|\n",
		before.label, before.version)
	for _, c := range cells {
		client, _ := c.medians(clientBusy)
		fmt.Fprintf(&b, "| %s | %s | %s | %.2f | %d | %d |\n", c.command, c.ratio(rps), c.ratio(cpu), client, len(c.rounds), c.requests)
	}
	return b.String()
}

func renderFeatures(prices []price, s setup) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### On\n\nWith the feature ÷ without it.\n\n| command | feature | requests/s, %[1]s | CPU, %[1]s | cut off | requests/s, %[2]s | CPU, %[2]s | cut off |\n"+
		"|---|---|---|---|---|---|---|---|\n", s.subject.label, s.reference.label)
	for _, p := range prices {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %d | %s | %s | %d |\n", p.command, p.feature,
			p.ours.ratio(rps), p.ours.ratio(cpu), p.cutOff[0], p.theirs.ratio(rps), p.theirs.ratio(cpu), p.cutOff[1])
	}
	return b.String()
}

func offVerdicts(cells []cell) (all []verdict) {
	for _, c := range cells {
		speed, cost := c.ratio(rps).median, c.ratio(cpu).median
		all = append(all,
			verdict{fmt.Sprintf("off, pipeline %d, %s: requests/s ≥ %.2f of those before", c.pipeline, c.command, 1-offTarget), figure(speed, 3), speed >= 1-offTarget},
			verdict{fmt.Sprintf("off, pipeline %d, %s: CPU per command ≤ %.2f of that before", c.pipeline, c.command, 1+offTarget), figure(cost, 3), cost <= 1+offTarget})
	}
	return all
}
