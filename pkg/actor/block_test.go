package actor_test

import (
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// waitRows are "put key", "take key how", which waits for a key and then does as told, and "ping".
func waitRows() []actor.Command {
	wait := func(c *actor.Call) error {
		return c.Block(actor.Wait{Args: c.Args, Keys: c.Args[1:2], Type: store.TypeString, UntilMs: c.Monotonic() + 1000,
			Unserved: func(c *actor.Call) {
				if string(c.Args[2]) == "late panic" {
					panic("on purpose")
				}
				c.Reply.Null()
			}})
	}
	return []actor.Command{
		row("put", func(c *actor.Call) error {
			c.Keys().SetString(c.Args[1], nil, false)
			c.Changed(c.Args[1], "put")
			c.Reply.OK()
			return nil
		}),
		row("take", func(c *actor.Call) error {
			how := string(c.Args[2])
			if how == "early panic" {
				wait(c)
				panic("on purpose")
			}
			if c.Keys().Peek(c.Args[1]) == nil {
				return wait(c)
			}
			switch how {
			case "panic":
				c.Reply.Array(3)
				panic("on purpose")
			case "wait and panic":
				wait(c)
				panic("on purpose")
			case "fail":
				c.Reply.Array(3)
				return proto.ErrSyntax
			case "fill":
				c.Reply.Bulk(make([]byte, proto.MaxHeld+1))
				c.Reply.Count(1)
			case "vain":
				return wait(c)
			default:
				c.Keys().Delete(c.Args[1])
				c.Changed(c.Args[1], "del")
				c.Reply.OK()
			}
			return nil
		}),
		row("nested", func(c *actor.Call) error { // take within a transaction, and put
			c.Nest(true)
			defer c.Nest(false)
			if err := wait(c); err != nil {
				return err
			}
			c.Keys().SetString(c.Args[1], nil, false)
			c.Changed(c.Args[1], "put")
			c.Reply.Status("PUT")
			return nil
		}),
		row("undone", func(c *actor.Call) error { // a transaction that puts and deletes
			c.Keys().SetString(c.Args[1], nil, false)
			c.Changed(c.Args[1], "put")
			c.Keys().Delete(c.Args[1])
			c.Changed(c.Args[1], "del")
			c.Reply.OK()
			return nil
		}),
		row("ping", func(c *actor.Call) error {
			c.Reply.Status("PONG")
			return nil
		}),
	}
}

// However the request of a blocked client ends when it runs again, the client gets one answer, the command that served it its
// own, and who comes next is served.
func TestServedHandlers(t *testing.T) {
	const broken = "-ERR internal error, the command was not completed\r\n"
	for _, c := range []struct {
		how, later, over string
		waits            bool // after the key has come
		closed           bool
	}{
		{how: "take", later: "+OK\r\n"},
		{how: "fail", later: "-ERR syntax error\r\n"},
		{how: "panic", later: broken},
		{how: "wait and panic", later: broken},
		{how: "vain", waits: true, over: "$-1\r\n"},
		{how: "late panic", later: "+OK\r\n"},
		{how: "fill", closed: true},
	} {
		t.Run(c.how, func(t *testing.T) {
			e := actortest.Start(t, actortest.Options{Table: mustTable(t, waitRows()...)})
			first, next, other := e.Connect(proto.RESP2), e.Connect(proto.RESP2), e.Connect(proto.RESP2)
			if got := first.Send(args("take", "k", c.how), args("ping")); len(got) > 0 || !first.Parked() {
				t.Fatalf("it does not wait: %q", got)
			}
			next.Send(args("take", "k", "take"))
			for range 2 {
				if got := string(other.Send(args("put", "k"))); got != "+OK\r\n" {
					t.Errorf("whoever serves it gets %q", got)
				}
			}
			if got := string(next.Received()); got != "+OK\r\n" {
				t.Errorf("who comes next gets %q", got)
			}
			expect := func(want string) {
				t.Helper()
				if got := string(first.Received()); got != want || first.Closed() != c.closed {
					t.Errorf("got %.100q, want %q", got, want)
				}
			}
			switch {
			case c.closed:
				expect("")
			case c.waits:
				expect("")
				e.Advance(time.Second)
				expect(c.over + "+PONG\r\n")
			default:
				expect(c.later + "+PONG\r\n")
			}
			if _, figures := e.State(); figures.Blocked != 0 || figures.BlockingKeys != 0 {
				t.Errorf("%d clients are blocked for %d keys", figures.Blocked, figures.BlockingKeys)
			}
		})
	}
}

// A handler that panics when it has made its client wait, or at the end of the wait, has answered: nobody waits.
func TestPanicAroundBlock(t *testing.T) {
	const broken = "-ERR internal error, the command was not completed\r\n"
	e := actortest.Start(t, actortest.Options{Table: mustTable(t, waitRows()...)})
	c, other := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	if got := string(c.Send(args("take", "k", "early panic"), args("ping"))); got != broken+"+PONG\r\n" {
		t.Errorf("got %q", got)
	}
	c.Send(args("take", "k", "late panic"))
	e.Advance(time.Second)
	if got := string(c.Received()); got != broken {
		t.Errorf("got %q", got)
	}
	other.Send(args("put", "k"))
	if got := string(c.Received()); got != "" || c.Parked() {
		t.Errorf("a client that has its answer gets %q", got)
	}
}

// The bytes of a request are the connection's: what waits has copies.
func TestBlockedRequestsAreCopied(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: mustTable(t, waitRows()...)})
	c, other := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	request := args("take", "key", "take")
	c.Send(request)
	for _, arg := range request {
		copy(arg, "xxxx")
	}
	other.Send(args("put", "xxx"))
	if got := string(c.Received()); got != "" {
		t.Errorf("got %q", got)
	}
	other.Send(args("put", "key"))
	if got := string(c.Received()); got != "+OK\r\n" {
		t.Errorf("got %q", got)
	}
}

// What a client has sent ahead is kept once, however often it blocks, and does not alias the connection's buffer.
func TestBatchKeep(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: mustTable(t, waitRows()...)})
	b := actor.NewBatch(e.NewSession(nil, "", "", true))
	long := make([]byte, proto.RefSize)
	requests := []proto.Args{args("take", "a", "take"), args("put", "b"), {[]byte("put"), long}}
	for _, request := range requests {
		b.Requests = append(b.Requests, actor.Request{Args: request})
	}
	b.Keep()
	kept := b.Requests
	for _, request := range requests[:2] {
		copy(request[1], "x")
	}
	if string(kept[0].Args[1]) != "a" || string(kept[1].Args[1]) != "b" || len(kept) != 3 {
		t.Errorf("what is kept aliases the buffer: %q", kept[0].Args)
	}
	if &kept[2].Args[1][0] != &long[0] {
		t.Error("an argument with memory of its own is copied")
	}
	b.Keep()
	if &b.Requests[0].Args[1][0] != &kept[0].Args[1][0] {
		t.Error("what was kept is copied once more")
	}
	b.Reset()
	b.Requests = append(b.Requests, actor.Request{Args: requests[0]})
	b.Keep()
	if copy(requests[0][1], "y"); string(b.Requests[0].Args[1]) != "x" {
		t.Error("the next requests are not copied")
	}
}

// Within a transaction or a script nobody waits, and who waits elsewhere is served when it is over, if there is anything left.
func TestNobodyWaitsWithinTransaction(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: mustTable(t, waitRows()...)})
	var clients []*actortest.Client
	for range 3 {
		c := e.Connect(proto.RESP2)
		c.Send(args("take", "k", "take"))
		clients = append(clients, c)
	}
	other := e.Connect(proto.RESP2)
	other.Send(args("undone", "k"))
	for _, c := range clients {
		if got := string(c.Received()); got != "" {
			t.Errorf("somebody is served within a transaction: %q", got)
		}
	}
	if got := string(other.Send(args("nested", "k", "take"), args("ping"))); got != "$-1\r\n+PUT\r\n+PONG\r\n" {
		t.Errorf("the transaction gives %q", got)
	}
	var got string
	for _, c := range clients {
		got += string(c.Received())
	}
	if _, figures := e.State(); got != "+OK\r\n" || figures.Blocked != 2 {
		t.Errorf("they get %q, and %d wait", got, figures.Blocked)
	}
}
