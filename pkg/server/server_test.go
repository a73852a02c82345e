package server

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"snakecache/pkg/proto"
)

// exchange is what a client sends and what it gets. After next is sent, which must be answered with then, the
// connection is open; if next is empty the server must close it.
type exchange struct{ sent, got, next, then string }

const (
	pingText = "PING\r\n"
	pong     = "+PONG\r\n"
)

// protocolError is the reply behind which a connection is closed.
func protocolError(sent, text string) exchange {
	return exchange{sent: sent, got: "-ERR Protocol error: " + text + "\r\n"}
}

// answered is a reply behind which the connection stays.
func answered(sent, got string) exchange { return exchange{sent, got, pingText, pong} }

// The replies of redis 7.0.15, recorded from it.
var reference = []exchange{
	answered("\r\n", ""), answered("*0\r\n", ""), answered("*-10\r\n", ""),
	protocolError("*3000000000\r\n", "invalid multibulk length"),
	protocolError("*+1\r\n", "invalid multibulk length"),
	protocolError("*01\r\n", "invalid multibulk length"),
	protocolError("* 1\r\n", "invalid multibulk length"),
	protocolError("*1\r\n$2000000000\r\n", "invalid bulk length"),
	protocolError("*1\r\n$-1\r\n", "invalid bulk length"),
	protocolError("*1\r\n$blah\r\n", "invalid bulk length"),
	protocolError("*1\r\nfooz\r\n", "expected '$', got 'f'"),
	protocolError("*1\r\n\r\n", "expected '$', got ' '"),
	protocolError("set \"\"\"k\"\"\" v\r\n", "unbalanced quotes in request"),
	protocolError(repeat(70_000, "x"), "too big inline request"),
	answered("*1\r\n$4\r\nPINGxx", pong),
	{sent: "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nSET k v\r\n"},
	{sent: "Host: example.org\r\n"},
	{sent: "PING\r\npost /\r\nPING\r\n", got: pong},
	{sent: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n"}, // how TLS begins
	answered("GET / HTTP/1.1\r\n", "-ERR wrong number of arguments for 'get' command\r\n"),
	answered("*1\r\n$8\r\nfoo\r\nbar\r\n", "-ERR unknown command 'foo  bar', with args beginning with: \r\n"),
	answered("SET k -9223372036854775808\r\nDECR k\r\n", "+OK\r\n-ERR increment or decrement would overflow\r\n"),
	answered("SET k 9223372036854775807\r\nINCR k\r\n", "+OK\r\n-ERR increment or decrement would overflow\r\n"),
	answered("SET k 0\r\nDECRBY k -9223372036854775808\r\n", "+OK\r\n-ERR decrement would overflow\r\n"),
	answered("SET k v\r\nEXPIRE k 9223372036854775807\r\n", "+OK\r\n-ERR invalid expire time in 'expire' command\r\n"),
	answered("SET k v\r\nEXPIRE k -9223372036854775808\r\n", "+OK\r\n-ERR invalid expire time in 'expire' command\r\n"),
	answered("SET k v\r\nPEXPIRE k 9223372036854775807\r\n", "+OK\r\n-ERR invalid expire time in 'pexpire' command\r\n"),
	answered("RPUSH l a\r\nLPOP l -1\r\n", ":1\r\n-ERR value is out of range, must be positive\r\n"),
	answered("LPOP l 9223372036854775808\r\n", "-ERR value is out of range, must be positive\r\n"),
	answered("SCAN 18446744073709551615\r\n", "*2\r\n$1\r\n0\r\n*0\r\n"),
	answered("SCAN 18446744073709551616\r\n", "-ERR invalid cursor\r\n"),
	answered("SCAN abc\r\n", "-ERR invalid cursor\r\n"),
	answered("SCAN 0 COUNT 0\r\n", "-ERR syntax error\r\n"),
}

func TestReferenceReplies(t *testing.T) {
	r := start(t)
	for _, x := range reference {
		r.dial().do("FLUSHALL")
		c := r.dial()
		c.send(x.sent)
		c.expect(x.got)
		if x.next == "" {
			if more := c.rest(); more != "" {
				t.Errorf("%.60q: %q before the end", x.sent, more)
			}
		} else {
			c.send(x.next)
			c.expect(x.then)
		}
		if t.Failed() {
			t.Fatalf("the first to fail was %.60q", x.sent)
		}
	}
}

// What announces more than it sends is waited for: the connection is still open when it reads a second time.
func TestIncompleteRequestsWait(t *testing.T) {
	r := start(t)
	for _, sent := range []string{
		"*1\r\n$536870912\r\n", "*2147483647\r\n", "*1048577\r\n", "*1\n$4\nPING\n", "PING", "*1\r\n$4\r\nPING",
	} {
		c := r.dial()
		for i, part := range []string{sent, "x"} {
			c.send(part)
			r.await("the server has read "+part, func() bool {
				x := r.conn(c)
				return x != nil && x.moves.Load() == uint32(i+1)
			})
		}
		c.CloseWrite()
		if got := c.rest(); got != "" {
			t.Errorf("%q: got %q", sent, got)
		}
	}
}

// A client that shuts down its side gets the answers to all that it sent, as printf 'PING\r\n' | nc expects.
func TestHalfClose(t *testing.T) {
	r := start(t)
	for _, n := range []int{1, 100, 10_000} {
		c := r.dial()
		go func() { // not waited for: more is sent than buffers hold while nobody reads
			c.Write([]byte(repeat(n, pingText)))
			c.CloseWrite()
		}()
		if got := c.rest(); got != repeat(n, pong) {
			t.Errorf("%d bytes of reply to %d PINGs", len(got), n)
		}
	}
}

func TestQuitAnswersWhatCameBefore(t *testing.T) {
	c := start(t).dial()
	c.send("PING\r\nQUIT\r\nPING\r\n")
	if got := c.rest(); got != "+PONG\r\n+OK\r\n" {
		t.Errorf("got %q", got)
	}
}

// Pipelines much longer than a batch or a turn's slice are answered in order.
func TestLongPipelines(t *testing.T) {
	const n = 10_000
	c := start(t).dial()
	go c.Write([]byte(repeat(n, "INCR k\r\n")))
	for i := range n {
		c.expect(fmt.Sprintf(":%d\r\n", i+1))
	}
}

// The reply of one batch is written in rounds, so that what the server holds for a client stays small however much one
// pipeline asks for: of copies, and of values that the reply keeps alive.
func TestRepliesAreWrittenInRounds(t *testing.T) {
	const n = 100
	r := start(t)
	c := r.dial()
	c.do("SET", "k", repeat(200_000, "v"))
	for _, x := range []struct {
		ask         string
		size, bound int64
	}{{"TEST.FILL 20000", 20_000, 64 << 10}, {"GET k", 200_000, 1 << 20}} {
		c.send(repeat(n, x.ask+"\r\nTEST.HELD\r\n"))
		most := int64(0)
		for range n {
			value, err := c.values.Read()
			if err != nil || len(value.Text) != int(x.size) {
				t.Fatalf("%s: %d bytes, %v", x.ask, len(value.Text), err)
			}
			held, err := c.values.Read()
			if err != nil || held.Type != ':' {
				t.Fatalf("%s: %v, %v", x.ask, held, err)
			}
			most = max(most, held.Int)
		}
		if most < 2*x.size || most > x.bound+x.size {
			t.Errorf("%s: up to %d bytes were held", x.ask, most)
		}
	}
}

// A command that panics is answered with an error, and nobody else notices.
func TestPanicInACommand(t *testing.T) {
	r := start(t)
	other, c := r.dial(), r.dial()
	other.do("SET", "k", "v")
	c.send("PING\r\nTEST.PANIC\r\nPING\r\nTEST.PANIC\r\n")
	c.expect(pong + "-" + string(proto.ErrInternal) + "\r\n" + pong + "-" + string(proto.ErrInternal) + "\r\n")
	if got := other.do("GET", "k").Text; got != "v" {
		t.Errorf("the other client reads %q", got)
	}
	if got := c.do("GET", "k").Text; got != "v" {
		t.Errorf("the same client reads %q", got)
	}
	if _, figures := r.engine.State(); figures.Panics != 2 {
		t.Errorf("%d panics are counted", figures.Panics)
	}
}

func TestClientKill(t *testing.T) {
	r := start(t)
	killer, idle, stuck := r.dial(), r.dial(), r.dial()
	killer.do("SET", "k", repeat(1<<20, "v"))
	if got := killer.do("CLIENT", "KILL", "ID", fmt.Sprint(idle.do("CLIENT", "ID").Int)); got.Int != 1 {
		t.Errorf("CLIENT KILL answers %v", got)
	}
	if got := idle.rest(); got != "" {
		t.Errorf("a killed client gets %q", got)
	}
	stuck.do("PING")
	stuck.send(repeat(1000, "GET k\r\n")) // and reads none of it, so that the server waits in the middle of a write
	id := r.conn(stuck).session.ID
	killer.do("CLIENT", "KILL", "ID", fmt.Sprint(id))
	r.await("a client killed in the middle of a write is gone", func() bool { return r.clients() == 1 })
	killer.send("CLIENT KILL ID " + fmt.Sprint(killer.do("CLIENT", "ID").Int) + " SKIPME no\r\nPING\r\n")
	if got := killer.rest(); got != ":1\r\n" {
		t.Errorf("a client that kills itself gets %q", got)
	}
}

// Whoever kills a client may rely on that it has no connection any more when the reply comes, however late the goroutine of that
// connection gets to closing it: here it waits for the owner, which does nothing else meanwhile.
func TestKilledClientSeesTheEndAtOnce(t *testing.T) {
	r := start(t)
	victim := r.dial()
	victim.do("PING")
	c, begun, release := r.conn(victim), make(chan struct{}), make(chan struct{})
	occupied := make(chan error, 1)
	go func() { occupied <- r.engine.Do(t.Context(), func() { close(begun); <-release }) }()
	<-begun
	moves := c.moves.Load()
	victim.send("PING\r\n")
	r.await("the request has been read", func() bool { return c.moves.Load() != moves })
	c.Kill()
	if got := victim.rest(); got != "" {
		t.Errorf("a killed client gets %q", got)
	}
	close(release)
	if err := <-occupied; err != nil {
		t.Error(err)
	}
}

// Every client gets the replies to its own requests in their order, however requests are cut and mixed.
func TestRepliesFindTheirRequests(t *testing.T) {
	const clients, requests = 50, 200
	r := start(t)
	var all sync.WaitGroup
	for i := range clients {
		c := r.dial()
		var wire []byte
		var tokens []string
		random := rand.New(rand.NewPCG(uint64(i), 0))
		for j := range requests {
			token := fmt.Sprintf("%d.%d.%s", i, j, strings.Repeat("x", random.IntN(1<<random.IntN(13))))
			tokens = append(tokens, token)
			wire = proto.AppendCommand(wire, "ECHO", token)
		}
		all.Go(func() {
			for len(wire) > 0 {
				n := min(len(wire), 1+random.IntN(1<<random.IntN(16)))
				c.Write(wire[:n]) // the reader notices if it fails
				wire = wire[n:]
			}
		})
		all.Go(func() {
			for _, token := range tokens {
				if v, err := c.values.Read(); err != nil || v.Text != token {
					t.Errorf("got %.40q, %v, want %.40q", v.Text, err, token)
					return
				}
			}
		})
	}
	all.Wait()
}
