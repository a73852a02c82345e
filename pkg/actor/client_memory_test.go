package actor_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// clientTable has what makes a client take memory: queue and whatever comes behind it, watch, join, say and wait.
func clientTable(t *testing.T) *actor.Table {
	plain := func(run func(c *actor.Call)) actor.Handler {
		return func(c *actor.Call) error {
			run(c)
			c.Reply.OK()
			return nil
		}
	}
	drop := row("drop", plain(func(c *actor.Call) { c.EndTransaction() }))
	drop.Flags |= actor.Unqueued
	return mustTable(t, drop,
		row("queue", plain(func(c *actor.Call) { c.BeginTransaction() })),
		row("watch", plain(func(c *actor.Call) { c.Watch(c.Args[1]) })),
		row("unwatch", plain(func(c *actor.Call) { c.Unwatch() })),
		row("join", plain(func(c *actor.Call) { c.Subscribe(actor.Channels, c.Args[1]) })),
		row("leave", plain(func(c *actor.Call) { c.UnsubscribeAll() })),
		row("say", plain(func(c *actor.Call) { c.Publish(c.Args[1], c.Args[2]) })),
		row("stay", plain(func(c *actor.Call) { c.Session.NoEvict = true })),
		row("nothing", plain(func(c *actor.Call) {})),
		row("wait", func(c *actor.Call) error {
			return c.Block(actor.Wait{Args: c.Args, Keys: c.Args[1:2], Unserved: func(c *actor.Call) { c.Reply.Null() }})
		}),
		row("memory", func(c *actor.Call) error {
			c.Reply.Int(c.ClientMemory())
			return nil
		}))
}

// What each state of a client takes is counted when it comes about, at least the bytes that were sent for it, and is no longer
// when that is over.
func TestClientMemory(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: clientTable(t)})
	observer := e.Connect(proto.RESP3)
	memory := func() int { return int(observer.Do("memory").Int) }
	long := strings.Repeat("x", 10_000)
	for _, state := range []struct {
		name, begin, end string
		least            int
	}{
		{"queued", "queue|nothing " + long, "drop", len(long)},
		{"watched", "watch " + long, "unwatch", len(long)},
		{"subscribed", "join " + long, "leave", len(long)},
		{"waiting", "wait " + long, "", len(long)},
	} {
		c := e.Connect(proto.RESP3)
		c.Do("nothing")
		before := memory()
		for _, request := range strings.Split(state.begin, "|") {
			c.Send(args(strings.Fields(request)...))
		}
		if got := memory() - before; got < state.least || got > state.least+1000 {
			t.Errorf("%s: %d bytes", state.name, got)
		}
		if state.end != "" {
			c.Send(args(state.end))
			if got := memory() - before; got != 0 {
				t.Errorf("%s: %d bytes are left", state.name, got)
			}
		}
		c.Close()
	}
	reader, before := e.Connect(proto.RESP3), 0
	reader.Send(args("join", "c"))
	reader.Received()
	before = memory()
	observer.Do("say", "c", long)
	if got := memory() - before; got < len(long) || got > len(long)+100 {
		t.Errorf("a message that waits takes %d bytes", got)
	}
	reader.Received()
	if got := memory() - before; got != 0 {
		t.Errorf("%d bytes are left of one that was read", got)
	}
}

// Over the limit those clients go that take most, but not those that may stay, and no key; each has its line in the log.
func TestClientEviction(t *testing.T) {
	var log bytes.Buffer
	e := actortest.Start(t, actortest.Options{
		Table: clientTable(t), Log: slog.New(slog.NewTextHandler(&log, nil)),
		Bounds: actor.Bounds{ClientMemory: 1 << 20},
	})
	e.Inspect(func(st *store.Store) { st.DB(0).SetString([]byte("k"), []byte("v"), false) })
	fill := func(size int, stay bool) *actortest.Client {
		c := e.Connect(proto.RESP2)
		if stay {
			c.Do("stay")
		}
		c.Do("queue")
		c.Do("nothing", strings.Repeat("x", size))
		return c
	}
	small := fill(200_000, false)
	biggest := fill(300_000, true)
	big := fill(250_000, false)
	e.Advance(time.Second)
	if _, f := e.State(); f.EvictedClients != 0 || big.Closed() {
		t.Fatalf("%d clients are closed below the limit", f.EvictedClients)
	}
	e.Advance(time.Second)
	last := fill(299_000, false)
	e.Advance(time.Second)
	for name, c := range map[string]struct {
		*actortest.Client
		closed bool
	}{"small": {small, false}, "big": {big, false}, "biggest": {biggest, false}, "last": {last, true}} {
		if c.Closed() != c.closed {
			t.Errorf("%s: closed is %v", name, c.Closed())
		}
	}
	_, f := e.State()
	if lines := strings.Count(log.String(), "maxmemory-clients"); f.EvictedClients != 1 || lines != 1 {
		t.Errorf("%d clients are counted, %d lines written", f.EvictedClients, lines)
	}
	if f.ClientMemory > 1<<20 || f.ClientMemory < 750_000 {
		t.Errorf("%d bytes are left", f.ClientMemory)
	}
	e.Inspect(func(st *store.Store) {
		if st.DB(0).Len() != 1 {
			t.Error("a key went")
		}
	})
}

// The least that a limit means is what one needs to change it.
func TestClientMemoryLeast(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: clientTable(t), Bounds: actor.Bounds{ClientMemory: 1}})
	c, hungry := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	c.Do("nothing")
	hungry.Do("queue")
	hungry.Do("nothing", strings.Repeat("x", 200_000))
	e.Advance(time.Second)
	if c.Closed() || !hungry.Closed() {
		t.Errorf("closed are the small one: %v, the big one: %v", c.Closed(), hungry.Closed())
	}
}

// While there is no limit the owner does not wake to look.
func TestNoClientLimitCostsNothing(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: clientTable(t)})
	e.Connect(proto.RESP2).Do("nothing")
	e.Advance(time.Minute)
	_, before := e.State()
	e.Advance(time.Hour)
	if _, after := e.State(); after.Turns > before.Turns+50 {
		t.Errorf("%d turns in an idle hour", after.Turns-before.Turns)
	}
}
