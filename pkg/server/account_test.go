package server

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// Of a client whose request is longer than client-query-buffer-limit, alone or with what it has queued, nothing more is
// heard, and it is counted. Up to there all is well.
func TestQueryBufferLimit(t *testing.T) {
	const limit = 1 << 20
	kilo := repeat(1000, "x")
	for name, request := range map[string]string{
		"an argument":      "*2\r\n$4\r\nPING\r\n$1048577\r\n",
		"its last one":     "*2\r\n$4\r\nPING\r\n$1048560\r\n",
		"many":             "*2000\r\n$4\r\nMSET\r\n" + repeat(1999, "$1000\r\n"+kilo+"\r\n"),
		"what is queued":   "MULTI\r\n" + repeat(2000, wire("SET k "+kilo)),
		"inline, the same": "MULTI\r\n" + repeat(2000, "SET k "+kilo+"\r\n"),
	} {
		r := start(t, func(with *setup) { with.limits.MaxRequest = limit })
		c := r.dial()
		go c.Write([]byte(request)) // it may be closed before it has sent all
		if got := strings.TrimPrefix(c.rest(), "+OK\r\n"); strings.ReplaceAll(got, "+QUEUED\r\n", "") != "" {
			t.Errorf("%s: the client is told %.60q", name, got)
		}
		if n := r.TooLong(); n != 1 {
			t.Errorf("%s: %d clients are counted", name, n)
		}
		other := r.dial()
		other.send(wire("SET k "+repeat(limit-100, "x")) + wire("MULTI") + repeat(900, wire("SET k "+kilo)))
		other.expect("+OK\r\n+OK\r\n" + repeat(900, "+QUEUED\r\n"))
		if got := other.do("EXEC"); len(got.Elems) != 900 {
			t.Errorf("%s: EXEC answers %v", name, got)
		}
	}
}

// The limit can be changed while clients are connected.
func TestQueryBufferLimitChanges(t *testing.T) {
	r := start(t)
	c := r.dial()
	long := repeat(2<<20, "x")
	c.do("SET", "k", long)
	r.Configure(Limits{MaxClients: 10, MaxBulk: 512 << 20, MaxRequest: 1 << 20})
	c.do("PING") // the limit of a request is read when the one before is answered
	go c.Write([]byte(wire("SET k " + long)))
	if got := c.rest(); got != "" || r.TooLong() != 1 {
		t.Errorf("the client is told %q, %d are counted", got, r.TooLong())
	}
}

// field returns a number of a client's line in CLIENT LIST, as another client sees it.
func (c *client) field(of *client, name string) int {
	c.t.Helper()
	for line := range strings.Lines(c.do("CLIENT", "LIST").Text) {
		if strings.Contains(line, " addr="+of.LocalAddr().String()+" ") {
			_, rest, _ := strings.Cut(line, " "+name+"=")
			value, _, _ := strings.Cut(rest, " ")
			n, err := strconv.Atoi(value)
			if err != nil {
				c.t.Fatalf("%s in %q", name, line)
			}
			return n
		}
	}
	c.t.Fatal("the client is not listed")
	return 0
}

// What the owner has not been sent yet, or what has left it, is the client's memory, too: the beginning of a request, requests
// behind one that blocks, replies and messages that are not read.
func TestClientMemoryBesideTheOwner(t *testing.T) {
	const size = 4 << 20 // more than sockets that were told so hold
	r := start(t)
	other := r.dial()
	other.do("SET", "value", repeat(size, "v"))
	for name, state := range map[string]struct {
		request string
		least   int
	}{
		"a request under way": {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$99999\r\n" + repeat(90_000, "x"), 90_000},
		"sent ahead":          {wire("BLPOP nothing 0") + wire("SET k "+repeat(90_000, "x")), 90_000},
		"unread replies":      {repeat(4, wire("GET value")), 100_000},
	} {
		c := r.dial()
		c.SetReadBuffer(4 << 10)
		c.do("PING") // behind it the client is listed
		before := other.field(c, "tot-mem")
		c.send(state.request)
		r.await(name+" is seen", func() bool { return other.field(c, "tot-mem") >= before+state.least })
		c.reset()
		r.await(name+": it is gone", func() bool { return r.clients() == 1 })
	}
}

// A client that makes all of them take too much is closed, even if the owner never hears of it.
func TestEvictionOfClientThatSendsAndSends(t *testing.T) {
	r := start(t, func(with *setup) { with.bounds.ClientMemory = 1 << 20 })
	other, c := r.dial(), r.dial()
	other.do("PING")
	go c.Write([]byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$99999999\r\n" + repeat(4<<20, "x")))
	r.await("it is closed", func() bool {
		r.engine.Advance(time.Second)
		return r.clients() == 1
	})
	if got := other.do("PING").Text; got != "PONG" {
		t.Errorf("the other gets %q", got)
	}
	if _, figures := r.engine.State(); figures.EvictedClients != 1 {
		t.Errorf("%d are counted", figures.EvictedClients)
	}
}

// Who waits for something to come is not idle, and is again when it waits no more.
func TestTimeoutSparesThoseWhoListen(t *testing.T) {
	r := start(t, func(with *setup) { with.limits.Timeout = 10 * time.Second })
	states := map[string]string{
		"subscribed": "SUBSCRIBE c", "to a pattern": "PSUBSCRIBE c*", "to a shard": "SSUBSCRIBE c", "monitoring": "MONITOR",
		"tracking": "CLIENT TRACKING ON",
	}
	var listeners []*client
	for name, state := range states {
		c := r.dial()
		c.do("HELLO", "3")
		if got := c.do(strings.Fields(state)...); got.IsError() {
			t.Fatalf("%s: %v", name, got)
		}
		listeners = append(listeners, c)
	}
	idle := r.dial()
	idle.do("PING")
	at := time.Now().Add(time.Hour)
	for range 5 {
		at = at.Add(9 * time.Second)
		r.sweep(at)
	}
	idle.rest()
	r.await("the idle one is gone", func() bool { return r.clients() == len(states) })
	for _, c := range listeners {
		c.send(string(proto.AppendCommand(nil, "RESET")))
		r.await("it listens no more", func() bool { return !r.conn(c).session.MayRest.Load() })
	}
	r.sweep(at.Add(time.Hour))
	r.sweep(at.Add(2 * time.Hour))
	r.await("all are gone", func() bool { return r.clients() == 0 })
}

// Limits of output are about what nobody asked for. Replies make a client wait instead, however many it asks for.
func TestOutputLimitLeavesRepliesAlone(t *testing.T) {
	r := start(t, func(with *setup) {
		with.bounds.Output[actor.NormalOutput] = actor.OutputLimit{Hard: 1000}
		with.bounds.Output[actor.PubSubOutput] = actor.OutputLimit{Hard: 1000}
	})
	const size, asked = 100_000, 100
	value := repeat(size, "v")
	r.dial().do("SET", "k", value)
	for _, before := range [][]string{{"PING"}, {"SUBSCRIBE", "c"}, {"CLIENT", "TRACKING", "ON"}} {
		c := r.dial()
		c.do("HELLO", "3")
		c.do(before...)
		go c.Write([]byte(repeat(asked, wire("GET k"))))
		for i := range asked {
			if v, err := c.values.Read(); err != nil || len(v.Text) != size {
				t.Fatalf("%q: reply %d: %d bytes, %v", before, i, len(v.Text), err)
			}
		}
	}
}
