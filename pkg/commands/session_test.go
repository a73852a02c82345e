package commands_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// A client for which keys are evicted when a pause begins holds up nobody when it is gone behind that.
func TestPauseWhileRoomIsMade(t *testing.T) {
	e := startLimited(t, store.AllKeysLRU)
	fillUp(t, e)
	large := proto.Args{[]byte("SET"), []byte("large"), make([]byte, 300_000)}
	replies := inOneTurn(e, []proto.Args{large}, []proto.Args{asArgs(strings.Fields("CLIENT PAUSE 1000 WRITE"))})
	if replies[0] != "" || replies[1] != "+OK\r\n" {
		t.Fatalf("it is not held: %.40q", replies)
	}
	other := e.Connect(proto.RESP2)
	other.Do("CLIENT", "KILL", "TYPE", "normal")
	other.Do("CLIENT", "UNPAUSE")
	if got := other.Do("SET", "k", "v"); got.Text != "OK" {
		t.Errorf("another client gets %s", got)
	}
}

// What a client does not want to be told of a request that blocks it, it is not told when that is served, or its time is over.
func TestMutedWaits(t *testing.T) {
	for _, how := range []string{"served", "over", "unblocked"} {
		e := startEngine(t)
		other, c := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
		end := func() {
			switch how {
			case "served":
				other.Do("RPUSH", "k", "v")
			case "over":
				e.Advance(1e9)
			default:
				other.Do("CLIENT", "UNBLOCK", strconv.FormatUint(c.ID(), 10), "ERROR")
			}
		}
		c.Send(asArgs([]string{"CLIENT", "REPLY", "SKIP"}))
		block(t, c, "BLPOP", "k", "1")
		c.Send(asArgs([]string{"PING"}))
		end()
		received(t, c, "+PONG\r\n")
		c.Send(asArgs([]string{"CLIENT", "REPLY", "OFF"}))
		block(t, c, "BLPOP", "k", "1")
		end()
		received(t, c, "")
		if got := string(c.Send(asArgs([]string{"PING"}), asArgs([]string{"CLIENT", "REPLY", "ON"}))); got != "+OK\r\n" {
			t.Errorf("%s: behind that it gets %q", how, got)
		}
	}
}

// What may be as many as one request holds costs no more than in proportion: squares of these numbers take minutes.
func TestManyInOneRequest(t *testing.T) {
	const many = 200_000
	e := startEngine(t)
	other, c := e.Connect(proto.RESP2), e.Connect(proto.RESP3)
	numbered := func(words ...string) proto.Args {
		request := asArgs(words)
		for i := range many {
			request = append(request, fmt.Appendf(nil, "k%d", i))
		}
		return request
	}
	for _, client := range []*actortest.Client{other, c} {
		client.Send(numbered("WATCH"))
		client.Send(numbered("WATCH"))
	}
	c.Send(asArgs([]string{"UNWATCH"}))
	c.Send(numbered("SUBSCRIBE"))
	c.Send(asArgs([]string{"UNSUBSCRIBE"}))
	c.Send(append(numbered("BLPOP"), []byte("k1"), []byte("0")))
	other.Do("RPUSH", "k1", "v")
	received(t, c, "*2\r\n$2\r\nk1\r\n$1\r\nv\r\n")
	if _, figures := e.State(); figures.BlockingKeys+figures.Blocked+figures.Channels != 0 {
		t.Errorf("something is left: %+v", figures)
	}
}

// Of a request that is longer than a line may be, monitors see the beginning, and of one whose memory is somebody else's when it
// has run, what it was.
func TestMonitorOfLargeRequests(t *testing.T) {
	e := startEngine(t)
	monitor, c := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	monitor.Do("MONITOR")
	request := asArgs([]string{"DEL"})
	for range 10_000 {
		request = append(request, bytes.Repeat([]byte("x"), 1000))
	}
	c.Send(request)
	line := string(monitor.Received())
	if len(line) > 70<<10 || !strings.HasSuffix(line, `x" ... (9934 more arguments)`+"\r\n") {
		t.Errorf("a line of %d bytes ends with %q", len(line), line[max(0, len(line)-60):])
	}
	large := bytes.Repeat([]byte("a"), 100_000)
	c.Send(proto.Args{[]byte("SET"), []byte("k"), large, []byte("PXAT"), []byte("1")})
	line = string(monitor.Received())
	if !strings.Contains(line, strings.Repeat("a", 16<<10)+`"... (83616 more bytes) "PXAT" "1"`) {
		t.Errorf("a line of %d bytes ends with %q", len(line), line[max(0, len(line)-60):])
	}
}

// A client that makes itself be told more than a reply may hold is closed, and the owner does not keep what it is not to get.
func TestOwnMessagesAreBounded(t *testing.T) {
	e := startEngine(t)
	c, other := e.Connect(proto.RESP3), e.Connect(proto.RESP2)
	request := asArgs([]string{"PSUBSCRIBE"})
	for i := range 100 {
		request = append(request, bytes.Repeat([]byte("*"), i+1))
	}
	c.Send(request)
	c.Send(proto.Args{[]byte("PUBLISH"), []byte("c"), make([]byte, 1<<20)})
	if !c.Closed() {
		t.Error("it is sent 100 MiB at once")
	}
	if _, figures := e.State(); other.Do("PUBLISH", "c", "x").Int != 0 || figures.OutputLimitClosed != 1 {
		t.Errorf("it is subscribed still, or %d were closed", figures.OutputLimitClosed)
	}
}
