package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"snakecache/internal/leaktest"
	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/commands"
	"snakecache/pkg/config"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// giveUp is for how long a test waits for what must come. No test passes or fails by how long it took.
const giveUp = 5 * time.Minute

// rig is a server with all commands, and a few of its own, on a port of the loopback interface.
type rig struct {
	*Server
	t      testing.TB
	engine *actortest.Engine
	addr   string
}

// setup is what a test may want different.
type setup struct {
	store  store.Options
	limits Limits
	bounds actor.Bounds
	waits  patience
}

// start runs a server until the test ends. Nobody looks at silent connections but the test itself, and nobody is cut off for
// being slow, which on a busy machine all clients are.
func start(t testing.TB, changes ...func(*setup)) *rig {
	t.Helper()
	with := setup{
		limits: Limits{MaxClients: 1000, MaxBulk: 512 << 20},
		bounds: actor.Bounds{MaxClients: 1000, MaxBulk: 512 << 20},
		waits:  patience{sweep: time.Hour, login: time.Hour, write: time.Hour},
	}
	for _, change := range changes {
		change(&with)
	}
	table, err := actor.NewTable(append(commands.Families(), testCommands())...)
	if err != nil {
		t.Fatal(err)
	}
	values, _, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler) // a panic's stack is no news here
	r := &rig{t: t, engine: actortest.Start(t, actortest.Options{
		Table: table, Settings: config.NewLive(values), Store: with.store, Bounds: with.bounds, Log: log,
	})}
	r.Server = New(Options{Actor: r.engine.Actor, Table: table, Log: log, Limits: with.limits})
	r.waits = with.waits
	if err := r.Listen([]string{"127.0.0.1"}, 0, 128); err != nil {
		t.Fatal(err)
	}
	r.addr = r.Addrs()[0].String()
	served := make(chan struct{})
	go func() { r.Serve(); close(served) }()
	t.Cleanup(func() { r.shutdown(); <-served })
	return r
}

func (r *rig) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), giveUp)
	defer cancel()
	if err := r.Shutdown(ctx); err != nil {
		r.t.Errorf("connections did not end: %v", err)
	}
}

// testCommands do what no real command does.
func testCommands() []actor.Command {
	row := func(name string, arity int, run actor.Handler) actor.Command {
		return actor.Command{Name: name, Arity: arity, Run: run, Group: "test", Since: "1.0.0", Summary: "For a test."}
	}
	return []actor.Command{
		row("test.panic", 1, func(c *actor.Call) error {
			c.Reply.Array(2)
			panic("on purpose")
		}),
		row("test.fill", 2, func(c *actor.Call) error { // answers that many bytes, which the reply holds
			n, _ := proto.ParseInt(c.Args[1])
			c.Reply.Bulk(make([]byte, n))
			return nil
		}),
		row("test.held", 1, func(c *actor.Call) error { // tells the length of the reply so far
			c.Reply.Count(c.Reply.Len())
			return nil
		}),
	}
}

// client is the other end of a connection. What it reads through in, it reads through values as well.
type client struct {
	*net.TCPConn
	t      testing.TB
	in     *bufio.Reader
	values *proto.ValueReader
}

// dial connects a client, which is closed when the test ends.
func (r *rig) dial() *client {
	r.t.Helper()
	nc, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(giveUp))
	return newClient(r.t, nc)
}

func newClient(t testing.TB, nc net.Conn) *client {
	in := bufio.NewReaderSize(nc, 16<<10)
	return &client{nc.(*net.TCPConn), t, in, proto.NewValueReader(in, 1<<30)}
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		c.t.Fatalf("sending %.60q: %v", text, err)
	}
}

// do sends a request and returns its reply.
func (c *client) do(words ...string) proto.Value {
	c.t.Helper()
	c.send(string(proto.AppendCommand(nil, words...)))
	v, err := c.values.Read()
	if err != nil {
		c.t.Fatalf("%.60q: %v", words, err)
	}
	return v
}

// expect reads as many bytes as text has.
func (c *client) expect(text string) {
	c.t.Helper()
	got := make([]byte, len(text))
	if n, err := io.ReadFull(c.in, got); err != nil || string(got) != text {
		c.t.Errorf("got %.200q, %v, want %.200q", got[:n], err, text)
	}
}

// rest returns what comes until the server closes the connection. A server that has not read all it was sent closes
// with a reset.
func (c *client) rest() string {
	c.t.Helper()
	got, err := io.ReadAll(c.in)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		c.t.Errorf("the connection is not closed: %v", err)
	}
	return string(got)
}

// reset closes the connection with an RST.
func (c *client) reset() {
	c.SetLinger(0)
	c.Close()
}

// conn returns the server's end of a client's connection, or nil.
func (r *rig) conn(c *client) *conn {
	var found *conn
	r.each(func(x *conn) {
		if x.session.Addr == c.LocalAddr().String() {
			found = x
		}
	})
	return found
}

// await returns when something has come true for which there is no event.
func (r *rig) await(what string, came func() bool) {
	r.t.Helper()
	for end := time.Now().Add(giveUp); !came(); runtime.Gosched() {
		if time.Now().After(end) {
			r.t.Fatalf("still not: %s", what)
		}
	}
}

// calls returns how often a command has run.
func (r *rig) calls(name string) uint64 {
	_, figures := r.engine.State()
	return figures.Commands[r.table.Find([]byte(name)).ID()].Calls
}

// repeat returns n copies of s joined.
func repeat(n int, s string) string { return string(slices.Repeat([]byte(s), n)) }
