package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The shape of the measurement of memory limits.
const (
	groupLimit    = 512 << 20 // bytes of the control group
	groupShare    = 0.70      // of it is what snakecached takes for maxmemory by itself; the other server is told
	limitsTimes   = 3         // maxmemory is written so often
	limitsWriters = 8
	limitsKeys    = 200_000
	leastValue    = 10
	largestValue  = 10_000_000
	limitsPoll    = 5 * time.Millisecond

	overLimit = 2.0  // percent by which used_memory may exceed maxmemory
	gcLimit   = 25.0 // percent of CPU time
)

// outOfMemory is Redis' refusal of a command that would add to a full dataset.
const outOfMemory = "OOM command not allowed when used memory > 'maxmemory'."

var limitsPolicies = []string{
	"noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
}

// limitsSuite writes more than fits into a server that may not have more memory.
var limitsSuite = suite{
	name: "limits", title: "Within the memory there is", measure: measureLimits,
	what: fmt.Sprintf(`A server in a control group of %d MiB without swap is sent %d times its maxmemory in values of %d bytes to %d MB by %d clients
under %d keys: most values are small and most bytes in large ones, sizes are spread as size^-1.5. maxmemory is not set for
snakecached, which takes it from the control group; redis-server is given the same by CONFIG SET. Under the volatile policies nine of ten
keys have a time to live. used_memory is asked for every %d ms. Killed is what the kernel ended for want of memory; refused are the
commands answered with -OOM, all others succeeded. GC is the CPU time of Go's collector, its idle workers included, as a share of the
process' CPU time.`, groupLimit>>20, limitsTimes, leastValue, largestValue/1_000_000, limitsWriters, limitsKeys, limitsPoll.Milliseconds()),
}

// limitsRun is one server's behaviour under one policy.
type limitsRun struct {
	label, policy    string
	bound            int64   // maxmemory in bytes
	most             int64   // used_memory at any look
	resident, group  int64   // bytes at most: of the process at any look, of the control group ever; 0 = not known
	kills            int64   // by the kernel
	died             bool    // for whatever reason
	written, refused int     // commands
	perSecond        float64 // bytes sent
	gc               float64 // percent of the CPU time; NaN if the program has no collector
}

func (r limitsRun) over() float64 { return 100 * float64(r.most-r.bound) / float64(r.bound) }

func measureLimits(ctx context.Context, s setup) (section, error) {
	var runs []limitsRun
	for _, p := range []program{s.subject, s.reference} {
		for i, policy := range limitsPolicies {
			r, err := p.limits(ctx, s.dir, policy, uint64(i))
			if err != nil {
				return section{}, err
			}
			progress("limits, %s, %s: used at most %+.2f %%, group %d MiB, killed %d, refused %d of %d, GC %s %%, %.0f MB/s", p.label, policy,
				r.over(), r.group>>20, r.kills, r.refused, r.written+r.refused, figure(r.gc, 1), r.perSecond/1e6)
			runs = append(runs, r)
		}
	}
	return section{renderLimits(runs), judgeLimits(s.subject.label, runs)}, nil
}

// limits measures a fresh process. Where no control group can be made, it is bounded by maxmemory alone, and the section
// shows that it knows of no group.
func (p program) limits(ctx context.Context, dir, policy string, seed uint64) (r limitsRun, err error) {
	r = limitsRun{label: p.label, policy: policy, gc: math.NaN()}
	p, url, err := p.metered()
	if err != nil {
		return r, err
	}
	group, err := newMemoryGroup(fmt.Sprintf("snakecache-bench-%d", os.Getpid()), groupLimit)
	if err != nil {
		progress("limits: no control group, so only used_memory and the resident memory are looked at: %v", err)
	} else {
		defer group.remove()
		p = p.inGroup(group)
	}
	s, err := p.start(ctx, dir)
	if err != nil {
		return r, err
	}
	defer s.stop()
	if r.bound, err = s.adoptBound(ctx, group != nil); err == nil {
		err = s.rdb.ConfigSet(ctx, "maxmemory-policy", policy).Err()
	}
	if err == nil {
		err = s.overfill(ctx, &r, url, seed)
	}
	if err == nil && group != nil {
		r.kills, err = group.kills()
		if err == nil {
			r.group, err = group.number(group.files.peak)
		}
	}
	return r, s.failure("limits, "+policy, err)
}

// adoptBound returns the maxmemory the server has found in its control group, or sets it for one that does not look.
func (s *server) adoptBound(ctx context.Context, grouped bool) (int64, error) {
	fields, err := s.infoNumbers(ctx, "maxmemory")
	if err != nil || (fields[0] > 0 && grouped) {
		return int64(fields[0]), err
	}
	bound := int64(groupLimit / 100 * int(math.Round(groupShare*100)))
	return bound, s.rdb.ConfigSet(ctx, "maxmemory", strconv.FormatInt(bound, 10)).Err()
}

// overfill writes and looks, until all is written or the server has died.
func (s *server) overfill(ctx context.Context, r *limitsRun, url string, seed uint64) error {
	cpuBefore, err := cpuTime(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	gcBefore, _ := s.collected(ctx, url)
	began := time.Now()
	load := &overfilling{left: limitsTimes * r.bound, volatile: strings.HasPrefix(r.policy, "volatile-")}
	writers := load.start(ctx, s, seed)
	watchErr := s.watchMemory(ctx, r, writers)
	errs := <-writers
	r.written, r.refused = int(load.written.Load()), int(load.refused.Load())
	r.perSecond = float64(limitsTimes*r.bound) / time.Since(began).Seconds()
	if errs = errors.Join(errs, watchErr); errs != nil {
		r.died = s.exitsWithin(time.Second) // that is a result, and all else an error
		if r.died {
			errs = nil
		}
		return errs
	}
	cpuAfter, err := cpuTime(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	gcAfter, found := s.collected(ctx, url)
	if found {
		r.gc = 100 * (gcAfter - gcBefore) / (cpuAfter - cpuBefore).Seconds()
	}
	return nil
}

// exitsWithin reports whether the server has ended or does so soon: its connections break before its end is known.
func (s *server) exitsWithin(d time.Duration) bool {
	select {
	case <-s.exited:
		return true
	case <-time.After(d):
		return false
	}
}

// watchMemory looks at the memory until the writers have ended; it puts their result back.
func (s *server) watchMemory(ctx context.Context, r *limitsRun, writers chan error) error {
	ticker := time.NewTicker(limitsPoll)
	defer ticker.Stop()
	for {
		fields, err := s.infoNumbers(ctx, "used_memory")
		if err != nil {
			return err
		}
		resident, err := residentBytes(s.cmd.Process.Pid)
		if err != nil {
			return err
		}
		r.most, r.resident = max(r.most, int64(fields[0])), max(r.resident, resident)
		select {
		case errs := <-writers:
			writers <- errs
			return nil
		case <-ticker.C:
		}
	}
}

// overfilling is what all writers share.
type overfilling struct {
	left             int64 // bytes yet to be sent, by all; atomic
	volatile         bool
	written, refused atomic.Int64
}

// start begins the writing. The channel has room for the result: the first error, or nil when all is written.
func (o *overfilling) start(ctx context.Context, s *server, seed uint64) chan error {
	result := make(chan error, 1)
	var group sync.WaitGroup
	errs := make([]error, limitsWriters)
	for i := range errs {
		group.Go(func() { errs[i] = o.write(ctx, s, rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	go func() {
		group.Wait()
		result <- errors.Join(errs...)
	}()
	return result
}

var largestText = strings.Repeat("0123456789", largestValue/10)

// write is one writer: a value after the other until what all have sent together is enough.
func (o *overfilling) write(ctx context.Context, s *server, rng *rand.Rand) error {
	w, err := dialWire(ctx, s.addr)
	if err != nil {
		return err
	}
	defer w.close()
	for ctx.Err() == nil {
		size := valueSize(rng.Float64())
		if atomic.AddInt64(&o.left, -int64(size)) < 0 {
			return nil
		}
		request := []string{"SET", fmt.Sprintf("key:%06d", rng.IntN(limitsKeys)), largestText[:size]}
		if o.volatile && rng.IntN(10) > 0 {
			request = append(request, "EX", strconv.Itoa(3600+rng.IntN(3600)))
		}
		err := w.do(request...)
		switch {
		case err == nil:
			o.written.Add(1)
		case err.Error() == outOfMemory:
			o.refused.Add(1)
		default:
			return err
		}
	}
	return ctx.Err()
}

// valueSize spreads sizes from leastValue to largestValue with a density that falls as size^-1.5; u is uniform in [0, 1).
// Three times as many bytes are in values of each order of magnitude as in those of the one below.
func valueSize(u float64) int {
	least, most := 1/math.Sqrt(leastValue), 1/math.Sqrt(largestValue)
	root := least - u*(least-most)
	return min(max(int(1/(root*root)), leastValue), largestValue)
}

// collected returns the CPU time of Go's collector so far; a program that shows no figures has no such collector.
func (s *server) collected(ctx context.Context, url string) (seconds float64, found bool) {
	series, err := scrape(ctx, url)
	if err != nil {
		return 0, false
	}
	seconds, found = series["go_cpu_classes_gc_total_cpu_seconds_total"]
	return seconds, found
}

func renderLimits(runs []limitsRun) string {
	var b strings.Builder
	b.WriteString(`| server | policy | maxmemory, MiB | used_memory at most | resident at most, MiB | control group at most, MiB | killed | written | refused | MB/s | GC |
|---|---|---|---|---|---|---|---|---|---|---|
`)
	for _, r := range runs {
		fmt.Fprintf(&b, "| %s | %s | %d | %+.2f %% | %d | %s | %s | %d | %d | %.0f | %s %% |\n", r.label, r.policy, r.bound>>20, r.over(), r.resident>>20,
			orDash(r.group > 0, strconv.FormatInt(r.group>>20, 10)), r.fate(), r.written, r.refused, r.perSecond/1e6, figure(r.gc, 1))
	}
	return b.String()
}

// fate says what the kernel did, and whether the server ended without that.
func (r limitsRun) fate() string {
	switch {
	case r.kills == 0 && r.died:
		return "ended"
	case r.group == 0:
		return "–"
	}
	return strconv.FormatInt(r.kills, 10)
}

func orDash(known bool, text string) string {
	if known {
		return text
	}
	return "–"
}

func judgeLimits(subject string, runs []limitsRun) []verdict {
	alive := verdict{target: fmt.Sprintf("memory limit: alive after %d × maxmemory under every policy", limitsTimes), met: true}
	used := verdict{target: fmt.Sprintf("memory limit: used_memory ≤ maxmemory + %.0f %% at all times", overLimit), met: true}
	refusals := verdict{target: "memory limit: -OOM with noeviction, and never else", met: true}
	collector := verdict{target: fmt.Sprintf("memory limit: GC ≤ %.0f %% of the CPU time", gcLimit), met: true}
	deaths, over, busiest := 0, math.Inf(-1), 0.0
	refused := make(map[bool]int) // whether it is noeviction
	for _, r := range runs {
		if r.label != subject {
			continue
		}
		if r.died || r.kills > 0 {
			deaths++
		}
		over, busiest = max(over, r.over()), max(busiest, r.gc)
		refused[r.policy == "noeviction"] += r.refused
	}
	alive.met, alive.figures = deaths == 0, fmt.Sprintf("%d deaths", deaths)
	used.met, used.figures = over <= overLimit, fmt.Sprintf("%+.2f %%", over)
	refusals.met = refused[true] > 0 && refused[false] == 0
	refusals.figures = fmt.Sprintf("%d, %d", refused[true], refused[false])
	collector.met, collector.figures = busiest <= gcLimit, fmt.Sprintf("%.1f %%", busiest)
	return []verdict{alive, used, refusals, collector}
}
