package actor_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// row is a command that the engine takes.
func row(name string, run actor.Handler) actor.Command {
	return actor.Command{Name: name, Arity: -1, Run: run, Group: "test", Since: "7.4.0", Summary: "For tests."}
}

func mustTable(t *testing.T, rows ...actor.Command) *actor.Table {
	t.Helper()
	table, err := actor.NewTable(rows)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// hold keeps the owner busy until release is called, so that a test decides what waits in the mailbox.
func hold(t *testing.T, e *actortest.Engine) (release func()) {
	held, gate := make(chan struct{}), make(chan struct{})
	go e.Do(context.WithoutCancel(t.Context()), func() { close(held); <-gate })
	<-held
	return func() { close(gate) }
}

// submit sends requests from a goroutine and returns when they wait in the mailbox. The reply comes on the channel.
func submit(e *actortest.Engine, c *actortest.Client, waiting int, requests ...proto.Args) <-chan string {
	reply := make(chan string, 1)
	go func() { reply <- string(c.Send(requests...)) }()
	for e.Waiting() < waiting {
		runtime.Gosched()
	}
	return reply
}

func args(words ...string) (a proto.Args) {
	for _, word := range words {
		a = append(a, []byte(word))
	}
	return a
}

// A command that waited longer than the timeout is answered with an error and does not run; one that did not, runs.
func TestCommandTimeout(t *testing.T) {
	ran := 0
	table := mustTable(t, row("count", func(c *actor.Call) error {
		ran++
		c.Reply.OK()
		return nil
	}))
	e := actortest.Start(t, actortest.Options{Table: table, Bounds: actor.Bounds{CommandTimeout: int64(100 * time.Millisecond)}})
	client := e.Connect(proto.RESP2)
	for _, c := range []struct {
		wait time.Duration
		want string
		ran  int
	}{
		{100 * time.Millisecond, "+OK\r\n+OK\r\n", 2},
		{101 * time.Millisecond, strings.Repeat("-"+string(proto.ErrCommandTimeout)+"\r\n", 2), 2},
		{0, "+OK\r\n+OK\r\n", 4},
	} {
		release := hold(t, e)
		reply := submit(e, client, 1, args("count"), args("count"))
		e.Clock.Sleep(c.wait)
		release()
		if got := <-reply; got != c.want || ran != c.ran {
			t.Errorf("after %v: %q, and %d commands ran", c.wait, got, ran)
		}
	}
}

// A long pipeline does not make others wait until it is through: neither by its number of commands nor by its time.
func TestLongPipelinesTakeTurns(t *testing.T) {
	for _, c := range []struct {
		name  string
		takes time.Duration
		most  int // commands of the pipeline before the other client's
	}{
		{"many", 0, 256},
		{"slow", 300 * time.Microsecond, 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			ran, before := 0, -1
			table := mustTable(t,
				row("work", func(call *actor.Call) error {
					ran++
					call.Clock().Sleep(c.takes)
					call.Reply.Count(ran)
					return nil
				}),
				row("look", func(call *actor.Call) error {
					before = ran
					call.Reply.OK()
					return nil
				}))
			e := actortest.Start(t, actortest.Options{Table: table})
			greedy, modest := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
			const commands = 5000
			var pipeline []proto.Args
			var want bytes.Buffer
			for i := range commands {
				pipeline = append(pipeline, args("work"))
				fmt.Fprintf(&want, ":%d\r\n", i+1)
			}
			release := hold(t, e)
			first := submit(e, greedy, 1, pipeline...)
			second := submit(e, modest, 2, args("look"))
			release()
			if got := <-second; got != "+OK\r\n" || before < 1 || before > c.most {
				t.Errorf("%q after %d commands of the other client", got, before)
			}
			if got := <-first; got != want.String() {
				t.Errorf("the pipeline's replies are not in order, or not complete: %d bytes", len(got))
			}
		})
	}
}

// A panic is the fault of one command: it is answered, counted, and what comes behind it runs.
func TestPanic(t *testing.T) {
	table := mustTable(t,
		row("fail", func(c *actor.Call) error {
			c.Reply.Array(2)
			c.Reply.Count(1)
			panic("on purpose")
		}),
		row("fine", func(c *actor.Call) error { c.Reply.OK(); return nil }))
	e := actortest.Start(t, actortest.Options{Table: table})
	want := "+OK\r\n-" + string(proto.ErrInternal) + "\r\n+OK\r\n"
	if got := string(e.Connect(proto.RESP2).Send(args("fine"), args("fail"), args("fine"))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, figures := e.State()
	if figures.Panics != 1 || figures.Commands[table.Find([]byte("fine")).ID()].Calls != 2 {
		t.Errorf("%d panics counted", figures.Panics)
	}
}

// Keys go at their deadline without anybody asking, a slice of them in one turn, and the furthest deadline there is does
// not keep the owner awake.
func TestKeysGoOnTime(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: mustTable(t, row("nop", func(c *actor.Call) error { c.Reply.OK(); return nil }))})
	const due = 2000
	start := e.Clock.Now().UnixMilli()
	e.Inspect(func(st *store.Store) {
		for i := range due {
			key := fmt.Appendf(nil, "key:%d", i)
			st.DB(i%16).SetString(key, nil, false)
			st.DB(i%16).ExpireAt(key, start+1000)
		}
		st.DB(0).SetString([]byte("late"), nil, false)
		st.DB(0).ExpireAt([]byte("late"), 1<<63-1)
	})
	keys := func() (n int) {
		e.Inspect(func(st *store.Store) {
			for i := range 16 {
				n += st.DB(i).Len()
			}
		})
		return n
	}
	e.Advance(999 * time.Millisecond)
	if n := keys(); n != due+1 {
		t.Errorf("%d keys a millisecond before the deadline", n)
	}
	e.Advance(time.Millisecond)
	if n := keys(); n != 1 {
		t.Errorf("%d keys at the deadline", n)
	}
	_, figures := e.State()
	if figures.Expired != due || figures.ExpiryLag.Count != due || figures.ExpiryLag.Sum != 0 {
		t.Errorf("%d expired, %d ns late in all", figures.Expired, figures.ExpiryLag.Sum)
	}
}

// Whatever came before, the next request in a pipeline is looked up alike.
func TestLookupNextIsLookup(t *testing.T) {
	none := func(*actor.Call) error { return nil }
	container := row("config", none)
	container.Subs = []actor.Command{row("get", none), row("set", none)}
	table := mustTable(t, row("get", none), row("set", none), container)
	var requests []proto.Args
	for _, text := range []string{"get", "GET", "set", "config", "config get", "config SET", "config nosuch", "nosuch", "getx"} {
		requests = append(requests, bytes.Fields([]byte(text)))
	}
	for _, first := range requests {
		last := actor.Request{Command: table.Lookup(first), Args: first}
		for _, args := range requests {
			if got, want := table.LookupNext(&last, args), table.Lookup(args); got != want {
				t.Errorf("%q behind %q is %v, not %v", args, first, got, want)
			}
		}
	}
}

// The table refuses rows that cannot be meant.
func TestTableRefusesNonsense(t *testing.T) {
	nop := func(*actor.Call) error { return nil }
	change := func(f func(*actor.Command)) actor.Command {
		r := row("x", nop)
		f(&r)
		return r
	}
	for name, rows := range map[string][]actor.Command{
		"two rows":         {row("x", nop), row("x", nop)},
		"capitals":         {row("X", nop)},
		"no name":          {row("", nop)},
		"no arity":         {change(func(r *actor.Command) { r.Arity = 0 })},
		"no handler":       {row("x", nil)},
		"write, read":      {change(func(r *actor.Command) { r.Flags = actor.Write | actor.ReadOnly })},
		"denyoom, read":    {change(func(r *actor.Command) { r.Flags = actor.DenyOOM })},
		"no summary":       {change(func(r *actor.Command) { r.Summary = "" })},
		"impossible keys":  {change(func(r *actor.Command) { r.Keys = actor.Key(0, actor.RO) })},
		"two subcommands":  {change(func(r *actor.Command) { r.Run, r.Subs = nil, []actor.Command{row("y", nop), row("y", nop)} })},
		"bad subcommand":   {change(func(r *actor.Command) { r.Run, r.Subs = nil, []actor.Command{row("y", nil)} })},
		"lonely share":     {change(func(r *actor.Command) { r.Keys = []actor.KeySpec{{First: 1, Last: -1, Step: 1, Share: 2}} })},
		"keys without end": {change(func(r *actor.Command) { r.Keys = actor.KeysFrom(1, 0, actor.RO) })},
	} {
		if _, err := actor.NewTable(rows); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
