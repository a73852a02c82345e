package realclients

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/middleware/stdlib"
	limits "github.com/ulule/limiter/v3/drivers/store/redis"
)

// Limiters for which a server does the counting, in a script. Where a limit must hold it is one of an hour, in which no
// place becomes free while the test runs.
func TestLimiters(t *testing.T) {
	t.Parallel()
	each(t,
		section{"redis_rate", rateLimit},
		section{"redis_rate concurrently", rateLimitConcurrently},
		section{"redis_rate with time", rateLimitWithTime},
		section{"limiter", countLimit},
		section{"limiter concurrently", countLimitConcurrently},
		section{"limiter with time", countLimitWithTime},
		section{"limiter for HTTP", httpLimit},
	)
}

// patient is of a client that does not send a request again, which would count twice, for a busy machine.
func patient(o *redis.Options) { o.ReadTimeout = giveUp }

// redis_rate computes in fractions, and by the server's TIME.
func rateLimit(t *testing.T, s *server) {
	ctx, limit := t.Context(), redis_rate.PerHour(5)
	limiter := redis_rate.NewLimiter(goRedis{}.connect(t, s, patient))
	for left := 4; left >= 0; left-- {
		got, err := limiter.Allow(ctx, "caller", limit)
		try(t, "Allow", err)
		check(t, "allowed, remaining", [2]int{got.Allowed, got.Remaining}, [2]int{1, left})
		check(t, "RetryAfter", got.RetryAfter, -1)
		within(t, "ResetAfter", got.ResetAfter, time.Duration(5-left)*12*time.Minute)
	}
	got, err := limiter.Allow(ctx, "caller", limit)
	try(t, "Allow", err)
	check(t, "the sixth: allowed, remaining", [2]int{got.Allowed, got.Remaining}, [2]int{0, 0})
	within(t, "RetryAfter", got.RetryAfter, 12*time.Minute)
	within(t, "ResetAfter", got.ResetAfter, time.Hour)
	within(t, "the time to live", must(t, s.admin.TTL(ctx, "rate:caller")), time.Hour)

	got, err = limiter.AllowN(ctx, "another", limit, 3)
	try(t, "AllowN", err)
	check(t, "three at once: allowed, remaining", [2]int{got.Allowed, got.Remaining}, [2]int{3, 2})
	got, err = limiter.AllowN(ctx, "another", limit, 3)
	try(t, "AllowN", err)
	check(t, "three more", got.Allowed, 0)
	got, err = limiter.AllowAtMost(ctx, "another", limit, 3)
	try(t, "AllowAtMost", err)
	check(t, "as many of three as may be: allowed, remaining", [2]int{got.Allowed, got.Remaining}, [2]int{2, 0})

	try(t, "Reset", limiter.Reset(ctx, "caller"))
	got, err = limiter.Allow(ctx, "caller", limit)
	try(t, "Allow", err)
	check(t, "after a reset: allowed, remaining", [2]int{got.Allowed, got.Remaining}, [2]int{1, 4})
}

// within checks a time that was the given one at the most, a while ago.
func within(t *testing.T, what string, got, most time.Duration) {
	t.Helper()
	if got > most || got < most-10*time.Minute {
		t.Errorf("%s is %v, not %v or a little less", what, got, most)
	}
}

// crowd calls f from 8 goroutines 10 times each, and returns how often it was true.
func crowd(f func() bool) int {
	var all sync.WaitGroup
	var n atomic.Int64
	for range 8 {
		all.Go(func() {
			for range 10 {
				if f() {
					n.Add(1)
				}
			}
		})
	}
	all.Wait()
	return int(n.Load())
}

func rateLimitConcurrently(t *testing.T, s *server) {
	limiter := redis_rate.NewLimiter(goRedis{}.connect(t, s, patient))
	allowed := crowd(func() bool {
		got, err := limiter.Allow(t.Context(), "crowd", redis_rate.PerHour(25))
		if err != nil {
			t.Error(err)
			return false
		}
		return got.Allowed == 1
	})
	check(t, "of 80 are allowed", allowed, 25)
}

func rateLimitWithTime(t *testing.T, s *server) {
	limiter, limit := redis_rate.NewLimiter(goRedis{}.connect(t, s, patient)), redis_rate.Limit{Rate: 1, Burst: 1, Period: time.Second}
	begun := time.Now()
	for range 2 {
		await(t, "a place is free", func() bool {
			got, err := limiter.Allow(t.Context(), "slow", limit)
			try(t, "Allow", err)
			return got.Allowed == 1
		})
	}
	if took := time.Since(begun); took < 750*time.Millisecond {
		t.Errorf("one a second: two after %v", took)
	}
}

func newLimiter(t *testing.T, s *server, limit int64, period time.Duration) *limiter.Limiter {
	store, err := limits.NewStoreWithOptions(goRedis{}.connect(t, s, patient), limiter.StoreOptions{Prefix: t.Name()})
	try(t, "loading the scripts", err)
	return limiter.New(store, limiter.Rate{Limit: limit, Period: period})
}

func countLimit(t *testing.T, s *server) {
	ctx, l := t.Context(), newLimiter(t, s, 3, time.Hour)
	ask := func(what string, f func(context.Context, string) (limiter.Context, error), remaining int64, reached bool) {
		t.Helper()
		got, err := f(ctx, "caller")
		try(t, what, err)
		within(t, "the time to the reset", time.Until(time.Unix(got.Reset, 0)), time.Hour)
		got.Reset = 0
		check(t, what, got, limiter.Context{Limit: 3, Remaining: remaining, Reached: reached})
	}
	ask("Peek", l.Peek, 3, false)
	ask("the first", l.Get, 2, false)
	ask("the second", l.Get, 1, false)
	ask("Peek", l.Peek, 1, false)
	must(t, s.admin.ScriptFlush(ctx)) // it loads its scripts again
	ask("the third", l.Get, 0, false)
	ask("the fourth", l.Get, 0, true)
	ask("Peek", l.Peek, 0, true)
	ask("Reset", l.Reset, 3, false)
	ask("after a reset", l.Get, 2, false)
	ask("two at once", func(ctx context.Context, key string) (limiter.Context, error) { return l.Increment(ctx, key, 2) }, 0, false)
	ask("the fourth", l.Get, 0, true)
}

func countLimitConcurrently(t *testing.T, s *server) {
	l := newLimiter(t, s, 25, time.Hour)
	check(t, "of 80 are allowed", crowd(func() bool {
		got, err := l.Get(t.Context(), "crowd")
		if err != nil {
			t.Error(err)
		}
		return err == nil && !got.Reached
	}), 25)
}

func countLimitWithTime(t *testing.T, s *server) {
	l := newLimiter(t, s, 1, 500*time.Millisecond)
	begun := time.Now()
	for range 2 {
		await(t, "a place is free", func() bool {
			got, err := l.Get(t.Context(), "slow")
			try(t, "Get", err)
			return !got.Reached
		})
	}
	if took := time.Since(begun); took < 375*time.Millisecond {
		t.Errorf("one in half a second: two after %v", took)
	}
}

func httpLimit(t *testing.T, s *server) {
	l := newLimiter(t, s, 2, time.Hour)
	site := stdlib.NewMiddleware(l).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("welcome")) }))
	for _, want := range []struct {
		caller, body, remaining string
		code                    int
	}{
		{"192.0.2.1", "welcome", "1", http.StatusOK},
		{"192.0.2.1", "welcome", "0", http.StatusOK},
		{"192.0.2.1", "Limit exceeded\n", "0", http.StatusTooManyRequests},
		{"192.0.2.2", "welcome", "1", http.StatusOK},
	} {
		request, reply := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
		request.RemoteAddr = want.caller + ":1234"
		site.ServeHTTP(reply, request)
		check(t, "the code", reply.Code, want.code)
		check(t, "the body", reply.Body.String(), want.body)
		check(t, "what remains", reply.Header().Get("X-RateLimit-Remaining"), want.remaining)
	}
}
