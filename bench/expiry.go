package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The shape of the measurement of expiry.
const (
	probes         = 1000
	probeTTL       = 2000 // milliseconds of the first probe to expire; each other one has a millisecond more
	probeWait      = 30 * time.Second
	probePoll      = 20 * time.Millisecond // twice the target: what comes 10 ms late cannot hide between two looks
	volatileSample = 1_000_000             // keys by which the cost of a deadline is measured
	expiryLimit    = 10.0                  // milliseconds, the target for p99
	deadlineLimit  = 12.0                  // bytes, the target for a key's place in the order of deadlines
)

var expiryBackgrounds = []int{0, 10_000, 100_000, 1_000_000}

// expirySuite measures when keys that nobody asks for are removed.
var expirySuite = suite{
	name: "expiry", title: "Expiry on time", measure: measureExpiry,
	what: fmt.Sprintf(`%d keys with deadlines %d to %d ms ahead that nobody reads, beside others that expire in one to two hours. A lag is
the time from a key's deadline to its removal; %.0f s are waited behind the last deadline. A server that sends expired events is
measured by their arrival, from the earliest moment at which the key could be due; one that does not by the histogram it
keeps where it drops a key (INFO's quantiles, and the bound of the last bucket of /metrics that is not empty). So that
nobody's own word stands alone, DBSIZE is asked every %d ms: the last column is by how much a key that was still counted was
overdue at most, for certain.

What a deadline costs in memory is measured with %d keys of 16 bytes and values of 32, before and after EXPIRE of each.
The overhead is used_memory_overhead of INFO: the nodes in the heap of deadlines in snakecached, the table of expires in Redis.
used_memory has what the key's own piece of memory grew by, too, and the resident memory is the system's figure.`,
		probes, probeTTL, probeTTL+probes, probeWait.Seconds(), probePoll.Milliseconds(), volatileSample),
}

// expiryRun is what became of the probes beside so many other keys that expire much later.
type expiryRun struct {
	label      string
	background int
	source     string  // of the lags
	delivered  int     // probes removed in time
	p50, p99   float64 // milliseconds; infinite if so many were not removed
	worst      float64
	overdue    float64 // milliseconds by which a probe was seen to be overdue from outside, at most
}

// deadlineCost is what a deadline costs in memory, in bytes for each key.
type deadlineCost struct {
	label                    string
	overhead, used, resident float64
}

func measureExpiry(ctx context.Context, s setup) (section, error) {
	var runs []expiryRun
	var costs []deadlineCost
	for _, p := range []program{s.subject, s.reference} {
		for _, background := range expiryBackgrounds {
			run, err := p.expiry(ctx, s.dir, background)
			if err != nil {
				return section{}, err
			}
			progress("expiry, %s, %d keys: %d of %d removed, p50 %s, p99 %s, worst %s, seen overdue by %s", p.label, background,
				run.delivered, probes, lagText(run.p50), lagText(run.p99), lagText(run.worst), lagText(run.overdue))
			runs = append(runs, run)
		}
		cost, err := p.deadlineCost(ctx, s.dir)
		if err != nil {
			return section{}, err
		}
		progress("expiry, %s: a deadline costs %+v", p.label, cost)
		costs = append(costs, cost)
	}
	return section{renderExpiry(runs, costs), judgeExpiry(s.subject.label, runs, costs)}, nil
}

// expiry measures in a fresh process: its figures are those of the probes, and nothing else is under way in it.
func (p program) expiry(ctx context.Context, dir string, background int) (run expiryRun, err error) {
	p, url, err := p.metered()
	if err != nil {
		return run, err
	}
	s, err := p.start(ctx, dir)
	if err != nil {
		return run, err
	}
	defer s.stop()
	others := fill(func(out []byte, i int) []byte { return appendSet(out, i, 1, "EX", strconv.Itoa(3600+i%3600)) })
	if err := s.sendAll(ctx, others, background); err != nil {
		return run, err
	}
	run, err = s.watchProbes(ctx, background, url)
	run.label, run.background = p.label, background
	return run, s.failure("expiry", err)
}

// watchProbes sets the probes and follows them by the server's events, or by its figures if it sends none.
func (s *server) watchProbes(ctx context.Context, background int, url string) (run expiryRun, err error) {
	if s.rdb.ConfigSet(ctx, "notify-keyspace-events", "Ex").Err() == nil {
		return s.watchByEvents(ctx, background)
	}
	before, err := scrape(ctx, url)
	if err != nil {
		return run, err
	}
	due, err := s.setProbes(ctx)
	if err != nil {
		return run, err
	}
	if run.overdue, err = s.pollProbes(ctx, due, int64(background)); err != nil {
		return run, err
	}
	err = s.readLags(ctx, &run, url, before)
	return run, err
}

// setProbes sets the probes one by one in random order, and returns when each of them is due: at the earliest, since its
// time runs from some moment behind the one at which it was sent. The lags come out too long by that, at most.
func (s *server) setProbes(ctx context.Context) ([]time.Time, error) {
	w, err := dialWire(ctx, s.addr)
	if err != nil {
		return nil, err
	}
	defer w.close()
	due := make([]time.Time, probes)
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(probes) {
		due[i] = time.Now().Add(time.Duration(probeTTL+i) * time.Millisecond)
		if err := w.do("SET", probeKey(i), "x", "PX", strconv.Itoa(probeTTL+i)); err != nil {
			return nil, err
		}
	}
	return due, nil
}

func probeKey(i int) string { return fmt.Sprintf("probe:%04d", i) }

// pollProbes looks from outside how many keys are left until the probes are gone or time is over, and returns by how many
// milliseconds one was seen to be overdue at most. DBSIZE counts keys that are due and still there, in both servers.
func (s *server) pollProbes(ctx context.Context, due []time.Time, background int64) (overdue float64, err error) {
	w, err := dialWire(ctx, s.addr)
	if err != nil {
		return 0, err
	}
	defer w.close()
	order := slices.SortedFunc(slices.Values(due), time.Time.Compare)
	end := order[len(order)-1].Add(probeWait)
	ticker := time.NewTicker(probePoll)
	defer ticker.Stop()
	for time.Now().Before(end) {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-ticker.C:
		}
		asked := time.Now()
		size, err := w.integer("DBSIZE")
		if err != nil {
			return 0, err
		}
		overdue = max(overdue, seenOverdue(order, asked, int(size-background)))
		if size == background {
			break
		}
	}
	return overdue, nil
}

// seenOverdue returns by how many milliseconds one of the probes is overdue for certain if so many were left at a time:
// whichever they are, one of them was due no later than the first of as many last ones.
func seenOverdue(order []time.Time, now time.Time, left int) float64 {
	if left <= 0 || left > len(order) {
		return 0
	}
	return max(0, milliseconds(now.Sub(order[len(order)-left])))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// readLags completes the run from the server's own figures, which are published four times a second: the quantiles of
// INFO are of all keys that ever expired, which are the probes, and the longest is the bound of /metrics' last bucket with
// anything in it.
func (s *server) readLags(ctx context.Context, run *expiryRun, url string, before map[string]float64) error {
	var fields []float64
	_, err := settle(ctx, 2*time.Second, 100*time.Millisecond, 5, 0, func() (n int64, err error) {
		if fields, err = s.infoNumbers(ctx, "expired_keys", "expire_lag_p50_us", "expire_lag_p99_us"); err == nil {
			n = int64(fields[0])
		}
		return n, err
	})
	if err != nil {
		return err
	}
	now, err := scrape(ctx, url)
	if err != nil {
		return err
	}
	const name = "snakecached_expiry_lag_seconds"
	lags := since(bucketsOf(now, name), bucketsOf(before, name))
	run.source, run.delivered = "its histogram", int(fields[0])
	run.p50, run.p99, run.worst = fields[1]/1000, fields[2]/1000, bucketQuantile(lags, 1)*1000
	if missing := probes - run.delivered; missing > 0 {
		run.worst = math.Inf(1)
		if missing > probes/100 {
			run.p99 = math.Inf(1)
		}
	}
	return nil
}

// watchByEvents measures with what a subscriber of the expired events gets to know.
func (s *server) watchByEvents(ctx context.Context, background int) (run expiryRun, err error) {
	events := s.rdb.Subscribe(ctx, "__keyevent@0__:expired")
	defer events.Close()
	if _, err := events.Receive(ctx); err != nil { // the confirmation
		return run, err
	}
	due, err := s.setProbes(ctx)
	if err != nil {
		return run, err
	}
	reading, stop := context.WithTimeout(ctx, probeTTL*time.Millisecond+probes*time.Millisecond+probeWait)
	defer stop()
	lags := make(chan []float64, 1)
	go func() {
		var seen []float64
		for len(seen) < probes {
			event, err := events.ReceiveMessage(reading)
			if err != nil {
				break // the time is over, or a connection broke: what has not come counts as not delivered
			}
			if i, err := strconv.Atoi(strings.TrimPrefix(event.Payload, "probe:")); err == nil && i < probes {
				seen = append(seen, milliseconds(time.Since(due[i])))
			}
		}
		lags <- seen
	}()
	if run.overdue, err = s.pollProbes(ctx, due, int64(background)); err != nil {
		stop()
		<-lags
		return run, err
	}
	run.summarize(<-lags)
	return run, nil
}

// summarize takes probes of which no event came as infinitely late.
func (run *expiryRun) summarize(lags []float64) {
	run.source, run.delivered = "events", len(lags)
	for len(lags) < probes {
		lags = append(lags, math.Inf(1))
	}
	run.p50, run.p99, run.worst = quantile(lags, 0.5), quantile(lags, 0.99), slices.Max(lags)
}

// deadlineCost measures what a million keys take more after each of them got a deadline.
func (p program) deadlineCost(ctx context.Context, dir string) (cost deadlineCost, err error) {
	s, err := p.start(ctx, dir)
	if err != nil {
		return cost, err
	}
	defer s.stop()
	set := func(out []byte, i int) []byte { return appendSet(out, i, 32) }
	expire := func(out []byte, i int) []byte {
		return appendRequest(out, "EXPIRE", string(appendKey(nil, i)), strconv.Itoa(3600+i%3600))
	}
	var before, after [3]float64
	if before, err = s.memoryAfter(ctx, set); err == nil {
		after, err = s.memoryAfter(ctx, expire)
	}
	if err != nil {
		return cost, s.failure("the cost of deadlines", err)
	}
	each := func(i int) float64 { return (after[i] - before[i]) / volatileSample }
	return deadlineCost{p.label, each(0), each(1), each(2)}, nil
}

// memoryAfter runs a command for each key and returns the overhead and the whole of the dataset by INFO, and the resident
// memory of the process by the system.
func (s *server) memoryAfter(ctx context.Context, request func(out []byte, i int) []byte) (bytes [3]float64, err error) {
	if err := s.sendAll(ctx, fill(request), volatileSample); err != nil {
		return bytes, err
	}
	resident, err := s.settledMemory(ctx)
	if err != nil {
		return bytes, err
	}
	fields, err := s.infoNumbers(ctx, "used_memory_overhead", "used_memory")
	if err != nil {
		return bytes, err
	}
	return [3]float64{fields[0], fields[1], float64(resident)}, nil
}

// lagText prints milliseconds; what never came took longer than was waited.
func lagText(ms float64) string {
	switch {
	case math.IsInf(ms, 1):
		return fmt.Sprintf("> %.0f s", probeWait.Seconds())
	case ms >= 1000:
		return fmt.Sprintf("%.1f s", ms/1000)
	}
	return figure(ms, 1) + " ms"
}

func renderExpiry(runs []expiryRun, costs []deadlineCost) string {
	var b strings.Builder
	b.WriteString(`### Lag

| server | other keys | removed | p50 | p99 | longest | by | seen overdue |
|---|---|---|---|---|---|---|---|
`)
	for _, r := range runs {
		fmt.Fprintf(&b, "| %s | %d | %d of %d | %s | %s | %s | %s | %s |\n", r.label, r.background, r.delivered, probes,
			lagText(r.p50), lagText(r.p99), lagText(r.worst), r.source, lagText(r.overdue))
	}
	b.WriteString(`
### Bytes per deadline

| server | overhead | used_memory | resident |
|---|---|---|---|
`)
	for _, c := range costs {
		fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.1f |\n", c.label, c.overhead, c.used, c.resident)
	}
	return b.String()
}

func judgeExpiry(subject string, runs []expiryRun, costs []deadlineCost) (verdicts []verdict) {
	lag := verdict{target: fmt.Sprintf("expiry: lag p99 < %.0f ms beside every number of keys", expiryLimit), met: true}
	all := verdict{target: fmt.Sprintf("expiry: %d of %d removed", probes, probes), met: true}
	seen := verdict{target: fmt.Sprintf("expiry: never seen overdue by %.0f ms", expiryLimit), met: true}
	var p99s, counts, overdues []string
	for _, r := range runs {
		if r.label == subject {
			p99s, counts, overdues = append(p99s, lagText(r.p99)), append(counts, strconv.Itoa(r.delivered)), append(overdues, lagText(r.overdue))
			lag.met = lag.met && r.p99 < expiryLimit
			all.met = all.met && r.delivered == probes
			seen.met = seen.met && r.overdue < expiryLimit
		}
	}
	lag.figures, all.figures, seen.figures = strings.Join(p99s, ", "), strings.Join(counts, ", "), strings.Join(overdues, ", ")
	verdicts = []verdict{lag, all, seen}
	for _, c := range costs {
		if c.label == subject {
			verdicts = append(verdicts, verdict{
				target:  fmt.Sprintf("expiry: a deadline takes ≤ %.0f bytes of overhead", deadlineLimit),
				figures: fmt.Sprintf("%.1f", c.overhead), met: c.overhead <= deadlineLimit,
			})
		}
	}
	return verdicts
}
