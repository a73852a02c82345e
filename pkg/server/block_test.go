package server

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"snakecache/pkg/proto"
)

// awaitBlocked returns when so many clients are blocked.
func (r *rig) awaitBlocked(n int) {
	r.t.Helper()
	r.await(fmt.Sprintf("%d blocked clients", n), func() bool {
		_, figures := r.engine.State()
		return figures.Blocked == n
	})
}

// wire is requests as clients send them, words split at spaces.
func wire(requests ...string) (text string) {
	for _, request := range requests {
		text += string(proto.AppendCommand(nil, strings.Fields(request)...))
	}
	return text
}

const one = "*2\r\n$1\r\nk\r\n$1\r\n1\r\n"

// What a client sends behind a request that blocks it is answered when that is, in order, however it ends. It is many times
// the same, because the flusher that writes the first reply and the connection that goes on are in a race each time.
func TestBehindBlockedRequest(t *testing.T) {
	for name, c := range map[string]struct {
		behind, reply string
		closed        bool
	}{
		"requests":       {wire("PING", "SET a b", "GET a"), "+PONG\r\n+OK\r\n$1\r\nb\r\n", false},
		"quit":           {wire("QUIT", "PING"), "+OK\r\n", true},
		"reset":          {wire("RESET", "PING"), "+RESET\r\n+PONG\r\n", false},
		"another block":  {wire("BLPOP l k 0", "BLPOP m 0.001", "PING"), "*2\r\n$1\r\nl\r\n$1\r\n2\r\n*-1\r\n+PONG\r\n", false},
		"broken":         {"*1\r\n$-5\r\n", "-" + string(proto.ErrBulkLength) + "\r\n", true},
		"broken later":   {wire("PING") + "*x\r\n", "+PONG\r\n-" + string(proto.ErrMultibulkLength) + "\r\n", true},
		"HTTP":           {wire("PING") + "POST / HTTP/1.1\r\n", "+PONG\r\n", true},
		"a panic":        {wire("test.panic", "PING"), "-" + string(proto.ErrInternal) + "\r\n+PONG\r\n", false},
		"a large reply":  {wire("test.fill 300000", "PING"), "$300000\r\n" + repeat(300_000, "\x00") + "\r\n+PONG\r\n", false},
		"a long request": {wire("SET a "+repeat(300_000, "x"), "STRLEN a"), "+OK\r\n:300000\r\n", false},
	} {
		for _, cut := range []int{0, 1, len(c.behind) / 2, len(c.behind)} { // what comes with the request, and what later
			t.Run(fmt.Sprintf("%s/%d", name, cut), func(t *testing.T) {
				r := start(t)
				other := r.dial()
				for range 20 {
					blocked := r.dial()
					blocked.send(wire("BLPOP k 0") + c.behind[:cut])
					r.awaitBlocked(1)
					blocked.send(c.behind[cut:])
					other.do("RPUSH", "k", "1")
					if name == "another block" {
						other.do("RPUSH", "l", "2")
						r.await("the wait for m", func() bool { _, f := r.engine.State(); return f.WaitsWithEnd == 1 })
						r.engine.Advance(time.Millisecond)
					}
					blocked.expect(one + c.reply)
					if c.closed {
						if more := blocked.rest(); more != "" {
							t.Errorf("there is more: %q", more)
						}
					}
					blocked.Close()
				}
			})
		}
	}
}

// A client that goes while it is blocked is noticed at once, and takes no element with it.
func TestVanishWhileBlocked(t *testing.T) {
	r := start(t)
	other := r.dial()
	for name, end := range map[string]func(*client){
		"FIN":       func(c *client) { c.Close() },
		"FIN alone": func(c *client) { c.CloseWrite() },
		"RST":       (*client).reset,
		"killed":    func(c *client) { other.do("CLIENT", "KILL", "ADDR", c.LocalAddr().String()) },
	} {
		for _, ahead := range []string{"", wire("PING"), wire("PING") + "*2\r\n$4\r\necho\r\n$100000\r\nxxx", "*x\r\n"} {
			gone, next := r.dial(), r.dial()
			gone.send(wire("BLPOP k 0") + ahead)
			r.awaitBlocked(1)
			next.send(wire("BLPOP k 0"))
			r.awaitBlocked(2)
			end(gone)
			r.awaitBlocked(1)
			other.do("RPUSH", "k", "1")
			next.expect(one)
			gone.Close()
			next.Close()
			r.await(name+": the connections have ended", func() bool { return r.clients() == 1 })
		}
	}
}

// Shutdown does not wait for those who are blocked, for ever or with requests behind.
func TestShutdownWhileBlocked(t *testing.T) {
	r := start(t)
	var blocked []*client
	for i, ahead := range []string{"", wire("PING"), "*1\r\n$4\r\nPI", "*x\r\n"} {
		c := r.dial()
		c.send(wire("BLPOP k 0") + ahead)
		r.awaitBlocked(i + 1)
		blocked = append(blocked, c)
	}
	r.shutdown()
	for _, c := range blocked {
		if got := c.rest(); got != "" {
			t.Errorf("a blocked client gets %q at the end", got)
		}
	}
	r.awaitBlocked(0)
}

// A blocked client is not idle, and neither is one that was served a moment ago, however long it had waited.
func TestTimeoutOfBlockedClient(t *testing.T) {
	r := start(t, func(s *setup) { s.limits.Timeout = time.Minute })
	c := r.dial()
	c.send(wire("BLPOP k 0"))
	r.awaitBlocked(1)
	later := time.Now()
	for range 5 {
		later = later.Add(time.Hour)
		r.sweep(later)
	}
	r.dial().do("RPUSH", "k", "1")
	c.expect(one)
	r.sweep(later.Add(time.Minute))
	if c.do("PING").Text != "PONG" {
		t.Error("a client that was blocked for long is closed when it is served")
	}
	c.send(wire("BLPOP k 0"))
	r.awaitBlocked(1)
	r.dial().do("RPUSH", "k", "1")
	c.expect(one)
	r.sweep(later.Add(2 * time.Hour))
	r.sweep(later.Add(3 * time.Hour))
	c.rest() // or else it never ends
}

// What a blocked client may send ahead has an end.
func TestBlockedClientHoards(t *testing.T) {
	const limit = 8 << 20
	r := start(t, func(with *setup) { with.limits.MaxRequest = limit })
	c, other := r.dial(), r.dial()
	c.send(wire("BLPOP k 0"))
	r.awaitBlocked(1)
	chunk := []byte(repeat(1<<10, wire("SET k "+repeat(1<<10, "x"))))
	for range limit/len(chunk) + 2 {
		if _, err := c.Write(chunk); err != nil {
			break
		}
	}
	r.awaitBlocked(0)
	other.do("RPUSH", "k", "1")
	if n := other.do("LLEN", "k").Int; n != 1 {
		t.Errorf("%d elements are left, want 1", n)
	}
}

// Many clients block with pipelines of their own, and everything that is pushed comes to exactly one of them, in order.
func TestBlockedPipelines(t *testing.T) {
	const consumers, rounds, depth = 8, 40, 5
	r := start(t)
	var all sync.WaitGroup
	got := make([][]string, consumers)
	for i := range consumers {
		c := r.dial()
		if i%2 == 0 {
			c.do("HELLO", "3")
		}
		all.Go(func() {
			for range rounds {
				c.send(repeat(depth, wire("BLPOP a b c 0", "ECHO "+strconv.Itoa(i))))
				for range depth {
					popped, err := c.values.Read()
					echo, err2 := c.values.Read()
					if err != nil || err2 != nil || len(popped.Elems) != 2 || echo.Text != strconv.Itoa(i) {
						t.Errorf("client %d got %v %v, %v %v", i, popped, err, echo, err2)
						return
					}
					got[i] = append(got[i], popped.Elems[1].Text)
				}
			}
		})
	}
	for p := range 2 {
		c := r.dial()
		all.Go(func() {
			for n := range consumers * rounds * depth / 2 {
				c.do("RPUSH", string("abc"[n%3]), fmt.Sprintf("%d-%d", p, n))
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, elements := range got {
		for _, element := range elements {
			if seen[element] {
				t.Errorf("%s came twice", element)
			}
			seen[element] = true
		}
	}
	if len(seen) != consumers*rounds*depth {
		t.Errorf("%d elements came, want %d", len(seen), consumers*rounds*depth)
	}
}

// What a transaction has queued when a pause holds its next command does not alias the buffer into which its client sends on.
func TestTransactionDuringPause(t *testing.T) {
	r := start(t)
	c, other := r.dial(), r.dial()
	other.do("CLIENT", "PAUSE", "1000000", "WRITE")
	c.send(wire("MULTI", "ECHO value", "SET key value", "EXEC"))
	c.expect("+OK\r\n+QUEUED\r\n")
	before := r.conn(c).moves.Load()
	c.send(repeat(10, wire("ECHO "+repeat(60, "x"))))
	r.await("it was read", func() bool { return r.conn(c).moves.Load() != before })
	other.do("CLIENT", "UNPAUSE")
	c.expect("+QUEUED\r\n*2\r\n$5\r\nvalue\r\n+OK\r\n")
}
