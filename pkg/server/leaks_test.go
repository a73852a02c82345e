package server

import (
	"flag"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

var ends = flag.Int("ends", 100, "how many connections TestLeaks ends in each of the ways")

// farewell is a way in which a connection ends. After what is asked, the server has got to the state before the end comes.
type farewell struct {
	name  string
	asked []string // requests, all of which are answered
	then  string   // sent behind them, of which the server may be in the middle
	state string   // what INFO then says of the server, with %d for how many connections there are
	end   func(*client)
}

func quit(c *client) {
	c.Write([]byte("QUIT\r\n"))
	c.rest()
	c.Close()
}

func closeBoth(c *client) { c.Close() }

func halfClose(c *client) {
	c.CloseWrite()
	c.rest()
	c.Close()
}

var farewells = []farewell{
	{name: "QUIT", end: quit},
	{name: "QUIT at once", then: "PING\r\n", end: quit},
	{name: "FIN", end: closeBoth},
	{name: "FIN unseen", then: "PING\r\n", end: closeBoth},
	{name: "RST", end: (*client).reset},
	{name: "half-close", then: "PING\r\n", end: halfClose},
	{name: "middle of a length", asked: []string{"PING"}, then: "*2\r\n$4\r\nECHO\r\n$10", end: closeBoth},
	{name: "middle of a bulk", asked: []string{"PING"}, then: "*2\r\n$4\r\nECHO\r\n$100000\r\nxxx", end: closeBoth},
	{name: "middle of a bulk, half-close", then: "*2\r\n$4\r\nECHO\r\n$100000\r\nxxx", end: halfClose},
	{name: "middle of a reply", asked: []string{"PING"}, then: strings.Repeat("GET large\r\n", 6), end: closeBoth},
	{name: "middle of a reply, RST", asked: []string{"PING"}, then: strings.Repeat("GET large\r\n", 6), end: (*client).reset},
	{name: "protocol error", then: "*x\r\n", end: halfClose},
	{name: "blocked", then: "BLPOP none 0\r\n", state: "blocked_clients:%d\r\n", end: closeBoth},
	{name: "blocked, RST", then: "XREAD BLOCK 0 STREAMS none $\r\nPING\r\n", state: "blocked_clients:%d\r\n", end: (*client).reset},
	{name: "blocked, half-close", then: "BLMOVE none none2 LEFT RIGHT 0\r\n", state: "blocked_clients:%d\r\n", end: closeBoth},
	{name: "in MULTI", asked: []string{"WATCH k", "MULTI", "SET k v"}, end: closeBoth},
	{name: "in MULTI, RST", asked: []string{"WATCH k", "MULTI", "GET large"}, end: (*client).reset},
	{name: "subscribed", asked: []string{"SUBSCRIBE a", "PSUBSCRIBE a*", "SSUBSCRIBE s"}, end: closeBoth},
	{name: "subscribed, RST", asked: []string{"HELLO 3", "SUBSCRIBE a"}, end: (*client).reset},
	{name: "subscribed, QUIT", asked: []string{"SUBSCRIBE a"}, end: quit},
	{name: "tracking", asked: []string{"HELLO 3", "CLIENT TRACKING ON", "GET k"}, state: "tracking_clients:%d\r\n", end: closeBoth},
	{name: "MONITOR", asked: []string{"MONITOR"}, end: closeBoth},
	{name: "reply off", asked: []string{"PING"}, then: "CLIENT REPLY OFF\r\nPING\r\n", end: closeBoth},
}

// However connections end, and in the middle of whatever, nothing of them stays: no goroutine, no descriptor, and nothing
// that the engine knew of them.
func TestLeaks(t *testing.T) {
	both(t, func(t *testing.T, r *rig) {
		admin := r.dial()
		admin.SetDeadline(time.Now().Add(time.Hour))
		admin.do("SET", "large", repeat(1<<20, "v"))
		for range 4 { // more than one batch takes along: that starts the goroutines that write outboxes, which stay
			early := r.dial()
			defer early.Close()
			early.do("SUBSCRIBE", "a")
		}
		admin.do("PUBLISH", "a", "x")
		for _, way := range farewells {
			t.Run(way.name, func(t *testing.T) { checkLeaks(t, r, admin, way) })
		}
	})
}

func checkLeaks(t *testing.T, r *rig, admin *client, way farewell) {
	const together = 50 // connections that are in the middle of it at once
	r, admin = &rig{Server: r.Server, t: t, engine: r.engine, addr: r.addr}, &client{admin.TCPConn, t, admin.in, admin.values}
	before := r.standing(t, admin)
	for done := 0; done < *ends && !t.Failed(); done += together {
		r.depart(t, admin, way, min(together, *ends-done))
	}
	r.await("all is as before", func() bool {
		now := r.standing(t, admin)
		return now.goroutines <= before.goroutines && now.files <= before.files && now.engine == before.engine
	})
}

// depart connects clients, has them get into the state, and ends them.
func (r *rig) depart(t *testing.T, admin *client, way farewell, n int) {
	clients := make([]*client, n)
	for i := range clients {
		nc, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		nc.SetDeadline(time.Now().Add(giveUp))
		c := newClient(t, nc)
		c.SetReadBuffer(4 << 10) // long replies are to wait in the server
		clients[i] = c
		for _, request := range way.asked {
			if _, err := c.ask(strings.Fields(request)...); err != nil {
				t.Fatalf("%s: %v", request, err)
			}
		}
		c.send(way.then)
	}
	if way.state != "" {
		want := fmt.Sprintf(way.state, n)
		r.await(want, func() bool { return strings.Contains(admin.do("INFO", "clients").Text, want) })
	}
	for _, c := range clients {
		way.end(c)
	}
}

// standing is what must not grow.
type standing struct {
	goroutines, files int
	engine            string // what the engine says of its clients
}

func (r *rig) standing(t *testing.T, admin *client) standing {
	t.Helper()
	return standing{runtime.NumGoroutine(), openFiles(t), known(admin)}
}

// known returns what the engine knows of clients: those that are connected, blocked, subscribed, tracking or watching, and
// the channels that somebody has subscribed to.
func known(admin *client) string {
	var lines []string
	for line := range strings.Lines(admin.do("INFO", "clients").Text) {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "connected_clients", "blocked_clients", "pubsub_clients", "tracking_clients", "watching_clients", "total_watched_keys",
			"total_blocking_keys", "clients_in_timeout_table":
			lines = append(lines, line)
		}
	}
	for _, ask := range []string{"PUBSUB CHANNELS", "PUBSUB SHARDCHANNELS", "PUBSUB NUMPAT"} {
		lines = append(lines, admin.do(strings.Fields(ask)...).String())
	}
	return strings.Join(lines, "\n")
}
