package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The shape of the measurement of hit ratios.
const (
	hitKeys     = 50_000  // that fit
	hitDistinct = 500_000 // that are asked for
	hitSkew     = 1.01
	hitBatch    = 50
	hitPace     = time.Millisecond // for each batch: 50,000 requests/s
	hitWarm     = 1_000_000
	hitMeasured = 1_000_000
	hitLook     = 20_000 // requests between two looks at how many keys a server holds
	hitValue    = 64
	hitSeed     = 2611

	exactLimit = 1.0 // points of hit ratio that may be missing to the exact policy's
	noiseLimit = 0.3 // points within which two servers count as equal
	equalLimit = 0.02
)

// hitPolicies are measured, each beside its exact form.
var hitPolicies = []struct {
	name  string
	exact func(capacity int) cache
}{
	{"allkeys-lru", newExactLRU}, {"allkeys-lfu", newExactLFU}, {"volatile-lru", newExactLRU}, {"volatile-lfu", newExactLFU},
}

// hitsSuite measures how good the choice of keys to evict is.
var hitsSuite = suite{
	name: "hits", title: "Hit ratio", measure: measureHits,
	what: fmt.Sprintf(`A cache that is read through: GET, and SET of what was missing. The keys of the requests are drawn by Zipf's law with exponent
%.2f from %d keys, of which %d fit; %d requests fill the cache and %d are counted. Both servers get the same requests
in lockstep, in pipelines of %d and at %d requests/s at most: hit ratios do not depend on speed, but ages do on time, of which Redis' LRU clock
knows whole seconds. Both sample %s keys, their default. Keys have %d bytes, values %d; under the volatile policies each has a
time to live of two hours.

For equal chances the *number of keys* that fit is made equal, since snakecached would hold more in the same memory: each server is
filled with that many keys without a limit, and what it then says is used_memory becomes its maxmemory. The columns of keys are what it
really held on average while it was measured. The exact ratio is that of a simulation of the same requests, in the same pipelines, with as
many keys as the server held: LRU evicts the key that has not been used for the longest time, LFU the one with the fewest uses since it came in, of
several the one that has not been used for the longest time. Differences are in points, hundredths of the requests.`,
		hitSkew, hitDistinct, hitKeys, hitWarm, hitMeasured, hitBatch, int(hitBatch*time.Second/hitPace), hitSamples,
		len(appendKey(nil, 0)), hitValue),
}

const hitSamples = "5"

// hitRun is one policy's result.
type hitRun struct {
	policy          string
	ours, theirs    hitResult
	ourLabel, other string
}

// hitResult is one server's.
type hitResult struct {
	ratio float64
	keys  float64 // held on average while it was measured
	exact float64 // ratio with as many keys
}

// missing is by how many points the ratio is below the exact one's.
func (r hitResult) missing() float64 { return 100 * (r.exact - r.ratio) }

// ahead is by how many points our ratio is above theirs.
func (r hitRun) ahead() float64 { return 100 * (r.ours.ratio - r.theirs.ratio) }

func measureHits(ctx context.Context, s setup) (section, error) {
	trace := zipfTrace(hitSeed, hitWarm+hitMeasured, hitDistinct, hitSkew)
	var runs []hitRun
	for _, policy := range hitPolicies {
		r := hitRun{policy: policy.name, ourLabel: s.subject.label, other: s.reference.label}
		players, err := playServers(ctx, s, policy.name, trace)
		if err != nil {
			return section{}, err
		}
		for i, result := range []*hitResult{&r.ours, &r.theirs} {
			*result = players[i].result()
			result.exact = play(policy.exact(int(math.Round(result.keys))), trace, hitBatch, hitWarm)
		}
		progress("hits, %s: %s %+v, %s %+v", r.policy, r.ourLabel, r.ours, r.other, r.theirs)
		runs = append(runs, r)
	}
	return section{renderHits(runs), judgeHits(runs)}, nil
}

// player plays a trace against one server.
type player struct {
	*wire
	server *server
	expiry []string // last arguments of SET
	hits   int
	held   []float64 // numbers of keys, looked up at the same moments
	missed []int32   // by the batch under way
}

// playServers plays the trace against fresh servers, both at once.
func playServers(ctx context.Context, s setup, policy string, trace []int32) (players []*player, err error) {
	for _, p := range []program{s.subject, s.reference} {
		server, err := p.start(ctx, s.dir)
		if err != nil {
			return nil, err
		}
		defer server.stop()
		pl := &player{server: server}
		if strings.HasPrefix(policy, "volatile-") {
			pl.expiry = []string{"EX", "7200"}
		}
		if pl.wire, err = dialWire(ctx, server.addr); err != nil {
			return nil, err
		}
		defer pl.close()
		if err := pl.bound(ctx, policy); err != nil {
			return nil, server.failure("maxmemory", err)
		}
		players = append(players, pl)
	}
	return players, playInLockstep(ctx, players, trace)
}

// bound makes room for hitKeys keys and no more.
func (p *player) bound(ctx context.Context, policy string) error {
	for _, setting := range [][2]string{{"maxmemory", "0"}, {"maxmemory-policy", policy}, {"maxmemory-samples", hitSamples}} {
		if err := p.server.rdb.ConfigSet(ctx, setting[0], setting[1]).Err(); err != nil {
			return err
		}
	}
	for first := 0; first < hitKeys; first += hitBatch {
		for i := range hitBatch {
			p.set(int32(first + i))
		}
		if err := p.exchange(hitBatch); err != nil {
			return err
		}
	}
	// What a filling leaves behind in buffers, and a rehash under way, are not to count.
	used, err := settle(ctx, 5*time.Second, 100*time.Millisecond, 5, 0, func() (int64, error) {
		fields, err := p.server.infoNumbers(ctx, "used_memory")
		if err != nil {
			return 0, err
		}
		return int64(fields[0]), nil
	})
	if err == nil {
		err = p.server.rdb.ConfigSet(ctx, "maxmemory", strconv.FormatInt(used, 10)).Err()
	}
	if err == nil {
		err = p.server.rdb.FlushAll(ctx).Err()
	}
	return err
}

func (p *player) set(key int32) { p.out = appendSet(p.out, int(key), hitValue, p.expiry...) }

// playInLockstep gives each batch to one server after the other.
func playInLockstep(ctx context.Context, players []*player, trace []int32) error {
	pace := time.NewTicker(hitPace)
	defer pace.Stop()
	for first := 0; first < len(trace); first += hitBatch {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pace.C:
		}
		measured := first >= hitWarm
		for _, p := range players {
			if err := p.batch(trace[first:min(first+hitBatch, len(trace))], measured); err != nil {
				return p.server.failure("hits", err)
			}
			if measured && first%hitLook == 0 {
				size, err := p.integer("DBSIZE")
				if err != nil {
					return p.server.failure("hits", err)
				}
				p.held = append(p.held, float64(size))
			}
		}
	}
	return nil
}

// batch reads the keys, and then writes those that were missing.
func (p *player) batch(keys []int32, measured bool) error {
	for _, key := range keys {
		p.out = appendGet(p.out, int(key))
	}
	if err := p.send(); err != nil {
		return err
	}
	p.missed = p.missed[:0]
	for _, key := range keys {
		found, err := p.found()
		switch {
		case err != nil:
			return err
		case !found:
			p.missed = append(p.missed, key)
		case measured:
			p.hits++
		}
	}
	for _, key := range p.missed {
		p.set(key)
	}
	return p.exchange(len(p.missed))
}

func (p *player) result() hitResult {
	sum := 0.0
	for _, n := range p.held {
		sum += n
	}
	return hitResult{ratio: float64(p.hits) / hitMeasured, keys: sum / float64(len(p.held))}
}

func renderHits(runs []hitRun) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| policy | %[1]s | exact | %[2]s | exact | %[1]s ahead by | keys, %[1]s | keys, %[2]s |\n", runs[0].ourLabel, runs[0].other)
	b.WriteString("|---|---|---|---|---|---|---|---|\n")
	for _, r := range runs {
		fmt.Fprintf(&b, "| %s | %.2f %% | %.2f %% | %.2f %% | %.2f %% | %+.2f | %.0f | %.0f |\n", r.policy, 100*r.ours.ratio, 100*r.ours.exact,
			100*r.theirs.ratio, 100*r.theirs.exact, r.ahead(), r.ours.keys, r.theirs.keys)
	}
	return b.String()
}

func judgeHits(runs []hitRun) []verdict {
	exact := verdict{target: fmt.Sprintf("hit ratio within %.0f point of the exact policy's", exactLimit), met: true}
	other := verdict{target: fmt.Sprintf("hit ratio not below %s's, to %.1f point", runs[0].other, noiseLimit), met: true}
	equal := verdict{target: fmt.Sprintf("the servers held the same number of keys, to %.0f %%", 100*equalLimit), met: true}
	var missing, ahead, ratios []string
	for _, r := range runs {
		ratio := r.ours.keys / r.theirs.keys
		missing = append(missing, fmt.Sprintf("%s %+.2f", r.policy, -r.ours.missing()))
		ahead = append(ahead, fmt.Sprintf("%s %+.2f", r.policy, r.ahead()))
		ratios = append(ratios, fmt.Sprintf("%.3f", ratio))
		exact.met = exact.met && r.ours.missing() <= exactLimit
		other.met = other.met && r.ahead() >= -noiseLimit
		equal.met = equal.met && math.Abs(ratio-1) <= equalLimit
	}
	exact.figures, other.figures, equal.figures = strings.Join(missing, ", "), strings.Join(ahead, ", "), strings.Join(ratios, ", ")
	return []verdict{exact, other, equal}
}
