// Package actortest runs an actor inside a test: no sockets, a clock that the test owns, and clients that send
// requests in process and get the bytes of the reply.
package actortest

import (
	"log/slog"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/store"
)

// Options are what an engine is made of. Zero values are filled in: 16 databases, no limit of memory, DEBUG allowed,
// no facts about the host, a clock that shows Epoch, and a log that goes to the test's.
type Options struct {
	Start    time.Time // what the clock shows at first
	Table    *actor.Table
	Settings actor.Settings
	Host     actor.Host
	Store    store.Options
	Bounds   actor.Bounds
	Log      *slog.Logger
}

// Epoch is what the clock of a fresh engine shows if nothing else is asked for.
var Epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Engine is a running actor, its store and its clock.
type Engine struct {
	*actor.Actor
	Clock *FakeClock

	t       testing.TB
	store   *store.Store // the owner's: for functions under Inspect only
	barrier *Client      // sends empty batches, see settled
}

// Start runs an actor until the test ends.
func Start(t testing.TB, o Options) *Engine {
	if o.Store.Databases == 0 {
		o.Store.Databases = 16
	}
	if o.Bounds == (actor.Bounds{}) {
		o.Bounds = actor.Bounds{MaxClients: 10000, MaxBulk: 512 << 20, Debug: actor.DebugYes}
	}
	if o.Host == nil {
		o.Host = nowhere{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	if o.Start.IsZero() {
		o.Start = Epoch
	}
	e := &Engine{Clock: NewFakeClock(o.Start), t: t, store: store.New(o.Store)}
	e.Actor = actor.New(actor.Options{
		Table: o.Table, Store: e.store, Clock: e.Clock, Settings: o.Settings, Host: o.Host, Log: o.Log, Bounds: o.Bounds,
	})
	go e.Run()
	e.barrier = newClient(e) // not attached: CLIENT LIST does not show it
	t.Cleanup(e.Stop)
	return e
}

// nowhere is a host of which nothing is known.
type nowhere struct{}

func (nowhere) Facts() actor.Facts { return actor.Facts{} }
func (nowhere) Shutdown()          {}
func (nowhere) Purge()             {}

// Advance moves the clock by d. The owner handles every alarm at the moment for which it was set, and has expired
// what is due when Advance returns.
func (e *Engine) Advance(d time.Duration) {
	e.settled()
	target := e.Clock.Nanos() + int64(d)
	for e.Clock.fireNext(target) {
		e.settled()
	}
	e.settled()
}

// settled returns when the owner has expired all keys that are due now, has set its alarm anew and rests. One turn expires
// a limited number of keys: it goes on until a turn finds none. The batch at the end is what makes it sure of the rest: the
// owner reads the clock behind a function, but not between handing a batch back and resting, so that it does not take the
// time by which a test advances the clock for time in which it worked.
func (e *Engine) settled() {
	expired := e.expired()
	for {
		e.barrier.Send()
		now := e.expired()
		if now == expired {
			break
		}
		expired = now
	}
	e.barrier.Send()
}

func (e *Engine) expired() (n uint64) {
	e.Inspect(func(st *store.Store) { n = st.Expired })
	return n
}

// Inspect runs f on the owner goroutine and waits for it.
func (e *Engine) Inspect(f func(*store.Store)) {
	e.t.Helper()
	if err := e.Do(e.t.Context(), func() { f(e.store) }); err != nil {
		e.t.Fatalf("the owner does not answer: %v", err)
	}
}

// State returns a fingerprint of all data and the counters as they stand.
func (e *Engine) State() (sum store.Digest, figures *actor.Figures) {
	e.t.Helper()
	e.Inspect(func(st *store.Store) { sum, figures = st.Digest(), e.Actor.Measure() })
	return sum, figures
}
