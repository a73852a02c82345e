package server

import (
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func TestMaxClients(t *testing.T) {
	r := start(t, func(with *setup) { with.limits.MaxClients = 2 })
	first, second := r.dial(), r.dial()
	first.do("PING")
	second.do("PING")
	if got := r.dial().rest(); got != "-ERR max number of clients reached\r\n" {
		t.Errorf("the third client gets %q", got)
	}
	second.Close()
	r.await("the second client is gone", func() bool { return r.clients() == 1 })
	if got := r.dial().do("PING").Text; got != "PONG" {
		t.Errorf("the client in its place gets %q", got)
	}
	r.Configure(Limits{MaxClients: 3, MaxBulk: 1 << 20})
	if got := r.dial().do("PING").Text; got != "PONG" {
		t.Errorf("with a higher limit one client more gets %q", got)
	}
	if got := r.Rejected(); got != 1 {
		t.Errorf("%d clients were refused", got)
	}
}

// The process needs some descriptors for itself.
func TestMostClients(t *testing.T) {
	if got, files := MostClients(), fileLimit(); got <= 0 || got >= files {
		t.Errorf("%d clients with %d descriptors", got, files)
	}
}

func TestProtectedMode(t *testing.T) {
	for _, c := range []struct {
		remote  string
		clients int
		want    proto.Error
	}{
		{"127.0.0.1:1", 0, ""}, {"127.9.9.9:1", 0, ""}, {"[::1]:1", 0, ""},
		{"[::ffff:127.0.0.1]:1", 0, ""}, {"10.0.0.1:1", 0, proto.ErrProtected}, {"[fe80::1]:1", 0, proto.ErrProtected},
		{"10.0.0.1:1", 10, proto.ErrMaxClients}, {"127.0.0.1:1", 10, proto.ErrMaxClients},
	} {
		remote, err := net.ResolveTCPAddr("tcp", c.remote)
		if err != nil {
			t.Fatal(err)
		}
		limits := Limits{MaxClients: 10, Protected: true}
		if got := limits.refusal(c.clients, isLoopback(remote)); got != c.want {
			t.Errorf("%s is refused with %.30q", c.remote, got)
		}
		limits.Protected = false
		if got := limits.refusal(0, isLoopback(remote)); got != "" {
			t.Errorf("%s is refused without protected mode: %.30q", c.remote, got)
		}
	}
	if isLoopback(&net.UnixAddr{Name: "127.0.0.1", Net: "unix"}) {
		t.Error("an address of another kind is taken for the loopback interface")
	}
}

// Before it has authenticated a client may send little and ask for nothing.
func TestStrangers(t *testing.T) {
	r := start(t, func(with *setup) { with.limits.Password, with.bounds.Password = true, "secret" })
	for _, x := range []exchange{
		protocolError("*11\r\n", "unauthenticated multibulk length"),
		protocolError("*1\r\n$16385\r\n", "unauthenticated bulk length"),
		protocolError("AUTH wrong\r\n*11\r\n", "unauthenticated multibulk length"),
		{"GET k\r\n", "-NOAUTH Authentication required.\r\n", "AUTH secret\r\n" + pingText, "+OK\r\n" + pong},
	} {
		c := r.dial()
		c.send(x.sent)
		if x.next == "" {
			if got := c.rest(); !strings.HasSuffix(got, x.got) {
				t.Errorf("%q: got %q", x.sent, got)
			}
			continue
		}
		c.expect(x.got)
		c.send(x.next)
		c.expect(x.then)
	}

	// The limits end with the request behind AUTH, even if both arrive at once, and begin again with RESET.
	c := r.dial()
	long := repeat(16385, "x")
	c.send("AUTH secret\r\n" + string(proto.AppendCommand(nil, "ECHO", long)))
	c.expect("+OK\r\n$16385\r\n" + long + "\r\n")
	c.do("RESET")
	c.send("*11\r\n")
	if got := c.rest(); got != "-ERR Protocol error: unauthenticated multibulk length\r\n" {
		t.Errorf("behind RESET: %q", got)
	}
}

// A client that asks for a gigabyte and reads nothing has the server prepare no more than what the sockets hold and one
// round, holds up nobody, and is closed when it took nothing for too long.
func TestSlowReader(t *testing.T) {
	const size, asked = 1 << 20, 1000
	r := start(t, func(with *setup) { with.waits.write = 100 * time.Millisecond })
	good, slow := r.dial(), r.dial()
	for name, ask := range map[string]string{"set": "GET k\r\n", "test.fill": fmt.Sprintf("TEST.FILL %d\r\n", size)} {
		good.do("SET", "k", repeat(size, "v"))
		slow.do("PING")
		slow.send(repeat(asked, ask))
		r.await(name+": the slow reader is closed", func() bool {
			return good.do("PING").Text == "PONG" && r.clients() == 1
		})
		command := strings.ToLower(strings.Fields(ask)[0])
		if got := r.calls(command); got == 0 || got > asked/10 {
			t.Errorf("%s ran %d times for a client that reads nothing", command, got)
		}
		slow = r.dial()
	}
}

// A client that takes its time with a long reply is not idle while it takes it.
func TestSteadyReader(t *testing.T) {
	const size, asked = 1 << 20, 200 // more than is read here and the sockets hold
	r := start(t, func(with *setup) { with.limits.Timeout = 10 * time.Second })
	c := r.dial()
	c.do("SET", "k", repeat(size, "v"))
	c.send(repeat(asked, "GET k\r\n"))
	x, at := r.conn(c), time.Now().Add(time.Hour)
	for range 8 {
		moves := x.moves.Load()
		if n, err := c.in.Discard(10 * size); err != nil { // the system lets a writer wait until there is much room
			t.Fatalf("%d bytes, %v", n, err)
		}
		r.await("the server goes on writing", func() bool { return x.moves.Load() > moves })
		at = at.Add(8 * time.Second)
		r.sweep(at)
	}
	if r.clients() != 1 || x.killed.Load() {
		t.Error("the client was closed as idle")
	}
	c.reset()
}

// A single reply over the output limit closes its client, who gets nothing of it, and nobody else.
func TestOutputLimit(t *testing.T) {
	r := start(t)
	other, c := r.dial(), r.dial()
	other.do("PING")
	c.send(pingText)
	c.expect(pong)
	element := repeat(33<<20, "x")
	for range 3 {
		other.do("RPUSH", "list", element)
	}
	c.send("LRANGE list 0 -1\r\nPING\r\n")
	if got := c.rest(); got != "" {
		t.Errorf("%d bytes came", len(got))
	}
	if got := other.do("PING").Text; got != "PONG" {
		t.Errorf("the other client gets %q", got)
	}
	if _, figures := r.engine.State(); figures.OutputLimitClosed != 1 {
		t.Errorf("%d clients are counted", figures.OutputLimitClosed)
	}
	if got := other.do("TEST.FILL", strconv.Itoa(63<<20)); len(got.Text) != 63<<20 {
		t.Errorf("a reply below the limit has %d bytes", len(got.Text))
	}
}

// A single value may be longer than the limit: what is popped has gone from the server, and must reach the client.
func TestOutputLimitLetsOneValueThrough(t *testing.T) {
	r := start(t)
	c := r.dial()
	element := repeat(65<<20, "x")
	c.do("RPUSH", "list", element)
	c.send("LINDEX list 0\r\nLPOP list\r\nPING\r\n")
	for range 2 {
		if got, err := c.values.Read(); err != nil || got.Text != element {
			t.Fatalf("%d bytes came, %v", len(got.Text), err)
		}
	}
	c.expect(pong)
}

func TestSweepClosesIdleClients(t *testing.T) {
	r := start(t, func(with *setup) { with.limits.Timeout = 10 * time.Second })
	idle, busy := r.dial(), r.dial()
	idle.do("PING")
	busy.do("PING")
	at := time.Now().Add(time.Hour) // later than any real time in this test
	r.sweep(at)
	r.sweep(at.Add(9 * time.Second))
	busy.do("PING")
	r.sweep(at.Add(10 * time.Second))
	if got := r.clients(); got != 2 {
		t.Fatalf("%d clients are left within the timeout", got)
	}
	r.sweep(at.Add(11 * time.Second))
	if got := idle.rest(); got != "" {
		t.Errorf("an idle client is told %q", got)
	}
	if got := busy.do("PING").Text; got != "PONG" {
		t.Errorf("the busy client gets %q", got)
	}
	r.Configure(Limits{MaxClients: 10, MaxBulk: 1 << 20}) // no timeout
	r.sweep(at.Add(1000 * time.Hour))
	if got := busy.do("PING").Text; got != "PONG" {
		t.Errorf("without a timeout the client gets %q", got)
	}
}

func TestSweepClosesThoseWhoDoNotAuthenticate(t *testing.T) {
	r := start(t, func(with *setup) { with.limits.Password, with.bounds.Password = true, "secret" })
	stranger, friend := r.dial(), r.dial()
	stranger.do("PING")
	friend.do("AUTH", "secret")
	friend.do("PING") // behind it the server has noticed
	r.sweep(time.Now().Add(r.waits.login / 2))
	stranger.do("PING") // what it does meanwhile does not help
	r.sweep(time.Now().Add(r.waits.login + time.Second))
	if got := stranger.rest(); got != "" {
		t.Errorf("a client that does not authenticate is told %q", got)
	}
	if got := friend.do("PING").Text; got != "PONG" {
		t.Errorf("one that did gets %q", got)
	}
}

// Once no password is needed any more, nobody is a stranger: neither who connected before that, nor with the request that
// comes next. Who authenticates later is left alone, too.
func TestStrangersWhenThePasswordGoes(t *testing.T) {
	limits, bounds := Limits{MaxClients: 10, MaxBulk: 1 << 20, Password: true}, actor.Bounds{MaxClients: 10, MaxBulk: 1 << 20, Password: "secret"}
	r := start(t, func(with *setup) { with.limits, with.bounds = limits, bounds })
	configure := func(password string) {
		limits.Password, bounds.Password = password != "", password
		r.Configure(limits)
		r.engine.Inspect(func(*store.Store) { r.engine.Configure(bounds) })
	}
	quiet, early := r.dial(), r.dial()
	quiet.do("PING")
	early.do("PING")
	configure("")
	long := repeat(16385, "x")
	if got := early.do("ECHO", long).Text; got != long {
		t.Errorf("without a password a long argument gets %.50q", got)
	}
	r.sweep(time.Now().Add(r.waits.login + time.Second))
	if got := quiet.do("PING").Text; got != "PONG" {
		t.Errorf("who had not authenticated gets %q", got)
	}
	configure("secret")
	early.do("AUTH", "secret")
	early.do("PING")
	r.sweep(time.Now().Add(r.waits.login + time.Second))
	if got := early.do("PING").Text; got != "PONG" {
		t.Errorf("who authenticated later gets %q", got)
	}
}

// What a large request took is given back even if the client never falls silent, wherever in a pipeline it was.
func TestBusyClientsReleaseMemory(t *testing.T) {
	const size = 32 << 20
	r := start(t)
	c := r.dial()
	echo := repeat(20, string(proto.AppendCommand(nil, "ECHO", "x")))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		c.send(echo + string(proto.AppendCommand(nil, "STRLEN", repeat(size, "k"))) + echo)
	}()
	c.expect(repeat(20, "$1\r\nx\r\n") + ":0\r\n" + repeat(20, "$1\r\nx\r\n"))
	<-sent
	r.await("the buffer is gone", func() bool {
		c.do("PING")
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc < size
	})
}

// A client that falls silent gives back its buffers.
func TestSweepReleasesMemory(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.do("MSET", "a", repeat(16_000, "v"), "b", repeat(16_000, "v"), "c", repeat(16_000, "v"))
	if free := c.queryRoom(); free < 30_000 {
		t.Fatalf("only %d bytes are free in the buffer of a busy client", free)
	}
	r.fallSilent()
	r.await("the buffer is small", func() bool { return c.queryRoom() < 1<<10 })
}

// But not the beginning of a request.
func TestSweepKeepsWhatIsUnderWay(t *testing.T) {
	r := start(t)
	c := r.dial()
	const ping = "*1\r\n$4\r\nPING\r\n"
	for cut := range len(ping) {
		c.send(ping[:cut])
		r.fallSilent()
		c.send(ping[cut:])
		c.expect(pong)
	}
}

// fallSilent sweeps as if nothing had come for a second.
func (r *rig) fallSilent() {
	at := time.Now().Add(time.Hour)
	r.sweep(at)
	r.sweep(at.Add(time.Second))
}

// queryRoom returns what CLIENT INFO says of the client's own buffer.
func (c *client) queryRoom() int {
	c.t.Helper()
	_, rest, ok := strings.Cut(c.do("CLIENT", "INFO").Text, "qbuf-free=")
	free, err := strconv.Atoi(rest[:max(strings.IndexByte(rest, ' '), 0)])
	if !ok || err != nil {
		c.t.Fatalf("CLIENT INFO: %q", rest)
	}
	return free
}

// failing is a listener without descriptors to spare.
type failing struct {
	net.Listener
	tried  chan time.Time
	closed chan struct{}
}

func (f failing) Accept() (net.Conn, error) {
	select {
	case f.tried <- time.Now():
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	case <-f.closed:
		return nil, net.ErrClosed
	}
}

// Out of descriptors the server does not spin: it tries again after 10 ms, 20 ms … and then once a second.
func TestAcceptBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := failing{tried: make(chan time.Time), closed: make(chan struct{})}
		s := New(Options{Log: slog.New(slog.DiscardHandler), Limits: Limits{MaxClients: 1}})
		ended := make(chan struct{})
		go func() { s.accept(l); close(ended) }()
		last, want := <-l.tried, shortestBackoff
		for range 12 {
			now := <-l.tried
			if got := now.Sub(last); got != want {
				t.Errorf("tried again after %v, want %v", got, want)
			}
			last, want = now, min(2*want, longestBackoff)
		}
		close(l.closed)
		close(s.done)
		<-ended
	})
}
