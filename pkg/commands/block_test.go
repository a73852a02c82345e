package commands_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// block sends a request that must have the client wait.
func block(t *testing.T, c *actortest.Client, words ...string) {
	t.Helper()
	if raw := c.Send(asArgs(words)); len(raw) > 0 || !c.Parked() {
		t.Fatalf("%q does not wait: %q", words, raw)
	}
}

// received fails the test unless exactly this has come to a client since it last looked.
func received(t *testing.T, c *actortest.Client, want string) {
	t.Helper()
	if got := string(c.Received()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A wait ends at the millisecond at which it is to, one that has begun counts, and what would end before it began lasts.
func TestWaitsEndOnTime(t *testing.T) {
	for _, c := range []struct {
		request string
		ms      int // 0 = never
		reply   string
	}{
		{"BLPOP k 0.0001", 1, "*-1\r\n"},
		{"BRPOP k 0.001", 1, "*-1\r\n"},
		{"BRPOP k 0.0011", 2, "*-1\r\n"},
		{"BZPOPMIN k 1", 1000, "*-1\r\n"},
		{"BZPOPMAX k 1.5", 1500, "*-1\r\n"},
		{"BLMOVE k l LEFT LEFT 0x1p-1", 500, "*-1\r\n"},
		{"BRPOPLPUSH k l 1e-1", 100, "*-1\r\n"},
		{"BLMPOP 0.25 1 k LEFT", 250, "*-1\r\n"},
		{"BZMPOP +0.25 1 k MIN", 250, "*-1\r\n"},
		{"XREAD BLOCK 7 STREAMS k $", 7, "*-1\r\n"},
		{"WAIT 1 7", 7, ":0\r\n"},
		{"WAITAOF 0 1 7", 7, "*2\r\n:0\r\n:0\r\n"},
		{"BLPOP k 0", 0, ""},
		{"BLPOP k -0.0009", 0, ""},
		{"XREAD BLOCK 0 STREAMS k $", 0, ""},
		{"WAIT 1 0", 0, ""},
		{"WAITAOF 0 1 0", 0, ""},
		{"BLPOP k 9000000000000", 0, ""},
	} {
		t.Run(c.request, func(t *testing.T) {
			e := startEngine(t)
			client := e.Connect(proto.RESP2)
			block(t, client, strings.Fields(c.request)...)
			if c.ms == 0 {
				e.Advance(1000 * time.Hour)
				received(t, client, "")
				return
			}
			e.Advance(time.Duration(c.ms)*time.Millisecond - 1)
			received(t, client, "")
			e.Advance(1)
			received(t, client, c.reply)
			if client.Parked() {
				t.Error("the time is over, and the client still waits")
			}
		})
	}
}

// A wait ends when it was to end at first, however often its request runs in vain.
func TestWaitKeepsItsEnd(t *testing.T) {
	e := startEngine(t)
	other, c := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	other.Do("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
	block(t, c, "XREADGROUP", "GROUP", "g", "c", "BLOCK", "1000", "STREAMS", "s", ">")
	for i := range 9 {
		e.Advance(100 * time.Millisecond)
		other.Do("XGROUP", "CREATECONSUMER", "s", "g", strconv.Itoa(i))
		received(t, c, "")
	}
	e.Advance(100 * time.Millisecond)
	received(t, c, "*-1\r\n")
}

func TestClientUnblock(t *testing.T) {
	for request, replies := range map[string][2]string{
		"BLPOP k 0":                 {"*-1\r\n", "_\r\n"},
		"BLMOVE k l LEFT LEFT 10":   {"*-1\r\n", "_\r\n"},
		"BZPOPMAX k 0":              {"*-1\r\n", "_\r\n"},
		"XREAD BLOCK 0 STREAMS k $": {"*-1\r\n", "_\r\n"},
		"WAIT 1 0":                  {":0\r\n", ":0\r\n"},
		"WAITAOF 0 1 0":             {"*2\r\n:0\r\n:0\r\n", "*2\r\n:0\r\n:0\r\n"},
	} {
		for i, dialect := range dialects {
			e := startEngine(t)
			other, c := e.Connect(proto.RESP2), e.Connect(dialect)
			id := strconv.FormatUint(c.ID(), 10)
			unblock := func(want int64, words ...string) {
				t.Helper()
				if got := other.Do(append([]string{"CLIENT", "UNBLOCK"}, words...)...); got.Int != want {
					t.Errorf("%s: CLIENT UNBLOCK %q says %v, want %d", request, words, got, want)
				}
			}
			unblock(0, id)
			for _, words := range [][]string{{id}, {id, "timeout"}} {
				block(t, c, strings.Fields(request)...)
				unblock(1, words...)
				received(t, c, replies[i])
				unblock(0, words...)
			}
			block(t, c, strings.Fields(request)...)
			unblock(1, id, "ERROR")
			received(t, c, "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n")
			if _, figures := e.State(); figures.Blocked+figures.BlockingKeys+figures.WaitsWithEnd != 0 {
				t.Errorf("%s: somebody is still blocked", request)
			}
		}
	}
}

// What a client sends while it is blocked waits, whatever it is, and is answered in its order.
func TestRequestsBehindBlockedOne(t *testing.T) {
	e := startEngine(t)
	other, c := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	c.Send(asArgs([]string{"BLPOP", "a", "0"}), asArgs([]string{"PING"}), asArgs([]string{"BLPOP", "b", "0"}), asArgs([]string{"GET", "k"}))
	c.Send(asArgs([]string{"HELLO", "3"}), asArgs([]string{"BLPOP", "c", "0.5"}))
	c.Send(asArgs([]string{"QUIT"}), asArgs([]string{"SET", "k", "too late"}))
	received(t, c, "")
	other.Do("SET", "k", "v")
	other.Do("RPUSH", "b", "2")
	received(t, c, "")
	other.Do("RPUSH", "a", "1")
	got := string(c.Received())
	if want := "*2\r\n$1\r\na\r\n$1\r\n1\r\n+PONG\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nv\r\n%7\r\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q first", got, want)
	}
	e.Advance(500 * time.Millisecond)
	received(t, c, "_\r\n+OK\r\n")
	if !c.Closed() || other.Do("GET", "k").Text != "v" {
		t.Error("QUIT does not end the client")
	}
}

// An element is for a client that is there: one that has gone, or was killed, gets none.
func TestNoElementIsLost(t *testing.T) {
	e := startEngine(t)
	other := e.Connect(proto.RESP2)
	for _, end := range []func(c *actortest.Client){
		func(c *actortest.Client) { c.Close() },
		func(c *actortest.Client) { other.Do("CLIENT", "KILL", "ID", strconv.FormatUint(c.ID(), 10)) },
	} {
		gone, next := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
		block(t, gone, "BLPOP", "k", "l", "0")
		block(t, next, "BLMOVE", "k", "m", "LEFT", "RIGHT", "0")
		end(gone)
		other.Do("RPUSH", "k", "1", "2")
		received(t, gone, "")
		received(t, next, "$1\r\n1\r\n")
		if n := other.Do("LLEN", "k").Int; n != 1 {
			t.Errorf("%d elements are left, want 1", n)
		}
		other.Do("DEL", "k", "m")
	}
}

// INFO and the metrics tell who waits for what, at every moment.
func TestFiguresOfBlockedClients(t *testing.T) {
	e := startEngine(t)
	var clients [4]*actortest.Client
	for i := range clients {
		clients[i] = e.Connect(proto.RESP2)
	}
	other := e.Connect(proto.RESP2)
	other.Do("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
	expect := func(blocked, withEnd, keys, onNoKey int) {
		t.Helper()
		_, f := e.State()
		if got := [4]int{f.Blocked, f.WaitsWithEnd, f.BlockingKeys, f.BlockingOnNoKey}; got != [4]int{blocked, withEnd, keys, onNoKey} {
			t.Errorf("%d, want %d", got, []int{blocked, withEnd, keys, onNoKey})
		}
		info := other.Do("INFO", "clients").Text
		for _, want := range []string{
			fmt.Sprintf("\r\nblocked_clients:%d\r\n", blocked), fmt.Sprintf("\r\nclients_in_timeout_table:%d\r\n", withEnd),
			fmt.Sprintf("\r\ntotal_blocking_keys:%d\r\n", keys), fmt.Sprintf("\r\ntotal_blocking_keys_on_nokey:%d\r\n", onNoKey),
		} {
			if !strings.Contains(info, want) {
				t.Errorf("INFO has no %q: %q", want, info)
			}
		}
	}
	expect(0, 0, 0, 0)
	block(t, clients[0], "BLPOP", "a", "a", "b", "10")
	expect(1, 1, 2, 0)
	block(t, clients[1], "BZPOPMIN", "b", "c", "0")
	expect(2, 1, 3, 0)
	block(t, clients[2], "XREADGROUP", "GROUP", "g", "c", "BLOCK", "20000", "STREAMS", "s", ">")
	expect(3, 2, 4, 1)
	block(t, clients[3], "WAIT", "1", "0")
	expect(4, 2, 4, 1)
	other.Do("DEL", "s")
	expect(3, 1, 3, 0)
	e.Advance(10 * time.Second)
	expect(2, 0, 2, 0)
	if published := e.Figures(); published.Blocked != 2 {
		t.Errorf("%d are blocked in the published figures, want 2", published.Blocked)
	}
	clients[3].Close()
	other.Do("ZADD", "c", "1", "m")
	expect(0, 0, 0, 0)
}

// While nothing happens the owner has nothing to do, however many clients are blocked for ever: no message, no alarm.
func TestBlockedClientsCostNothing(t *testing.T) {
	const many = 10_000
	e := startEngine(t)
	for i := range many {
		block(t, e.Connect(proto.RESP2), "BLPOP", "k"+strconv.Itoa(i%100), "0")
	}
	e.Advance(time.Minute) // the last figures are published
	if in, armed := e.Clock.Next(); armed || e.Figures().Blocked != many {
		t.Errorf("with %d blocked clients the owner is to wake in %v", e.Figures().Blocked, in)
	}
	block(t, e.Connect(proto.RESP2), "BLPOP", "k", "1000")
	e.Advance(time.Minute)
	if in, armed := e.Clock.Next(); !armed || in != 940*time.Second {
		t.Errorf("with one wait that has an end the owner is to wake in %v, %v", in, armed)
	}
}
