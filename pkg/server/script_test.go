package server

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

const busyError = "-" + string(proto.ErrBusyScript) + "\r\n"

// withScripts is a server on which time passes until the test ends, as fast as it can: scripts look at the clock.
func withScripts(t *testing.T, threshold time.Duration, changes ...func(*setup)) *rig {
	r := start(t, append(changes, func(with *setup) { with.bounds.BusyReply = int64(threshold) })...)
	ended, passing := make(chan struct{}), sync.WaitGroup{}
	passing.Go(func() {
		for {
			select {
			case <-ended:
				return
			default:
				r.engine.Clock.Advance(time.Millisecond)
				runtime.Gosched()
			}
		}
	})
	t.Cleanup(func() { close(ended); passing.Wait() })
	return r
}

// beginScript has a client run a script for ever, and returns when others are told that the server is busy.
func (r *rig) beginScript(source string) *client {
	r.t.Helper()
	runner, other := r.dial(), r.dial()
	defer other.Close()
	runner.send(string(proto.AppendCommand(nil, "EVAL", source, "0")))
	r.await("the script is busy", func() bool { return strings.HasPrefix(other.do("PING").Text, "BUSY") })
	return runner
}

// While a script runs clients come, go and send what they like; all are answered in order, and nothing of them stays.
func TestClientsBesideABusyScript(t *testing.T) {
	r := withScripts(t, 10*time.Millisecond)
	admin := r.dial()
	admin.do("PING")
	blocked, subscriber := r.dial(), r.subscribed("c")
	blocked.send("BLPOP list 0\r\n")
	r.await("it is blocked", func() bool { _, figures := r.engine.State(); return figures.Blocked == 1 })
	before := r.standing(t, admin)
	runner := r.beginScript("while true do end")
	var beside sync.WaitGroup
	for i := range 20 {
		beside.Go(func() {
			c := r.dial()
			switch i % 5 {
			case 0: // one after the other
				for range 20 {
					c.send("PING\r\n")
					c.expect(busyError)
				}
			case 1: // a pipeline, the end of it in halves
				c.send(repeat(500, pingText) + "*1\r\n$4\r\nPI")
				c.send("NG\r\n")
				c.expect(repeat(501, busyError))
			case 2: // a transaction
				c.send("MULTI\r\nPING\r\nEXEC\r\nHELLO 3\r\nRESET\r\n")
				c.expect("+OK\r\n" + busyError + "-EXECABORT Transaction discarded because of: " + busyError[1:] + "%7\r\n")
			case 3: // gone before the answer
				c.send(repeat(100, pingText))
				c.reset()
			case 4: // nothing but the end, in the middle of a request
				c.send("*2\r\n$4\r\nECHO\r\n$10\r\nx")
			}
			c.Close()
		})
	}
	beside.Wait()
	if got := admin.do("SCRIPT", "KILL"); got.Text != "OK" {
		t.Errorf("SCRIPT KILL answers %s", got)
	}
	if line, err := runner.in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "-ERR Script killed by user") {
		t.Errorf("the script answers %q, %v", line, err)
	}
	runner.Close()
	admin.do("RPUSH", "list", "x")
	blocked.expect("*2\r\n$4\r\nlist\r\n$1\r\nx\r\n")
	admin.do("PUBLISH", "c", "message")
	subscriber.expect(message("c", "message"))
	blocked.send("BLPOP list 0\r\n")
	r.await("all is as before", func() bool {
		now := r.standing(t, admin)
		return now.goroutines <= before.goroutines && now.files <= before.files && now.engine == before.engine
	})
}

// A client that runs a script and goes away changes nothing about it: its writes are there, and the next request of a pipeline is dropped.
func TestRunnerGoesAway(t *testing.T) {
	r := withScripts(t, 10*time.Millisecond)
	admin := r.dial()
	runner := r.beginScript("for i = 1, math.huge do if redis.call('EXISTS', 'k') == 1 then end end")
	runner.send("PING\r\n")
	runner.reset()
	if got := admin.do("SCRIPT", "KILL"); got.Text != "OK" {
		t.Errorf("SCRIPT KILL answers %s", got)
	}
	r.await("only one client is left", func() bool { return r.clients() == 1 })
	if got := admin.do("EVAL", "return 'fine'", "0"); got.Text != "fine" {
		t.Errorf("the next script answers %s", got)
	}
}

// A monitor that does not read is cut off at its limit, though the script that it is shown does not end.
func TestDeafMonitorOfAScript(t *testing.T) {
	r := withScripts(t, time.Millisecond, func(with *setup) {
		with.bounds.Output[actor.NormalOutput].Hard = 1 << 20
	})
	admin, deaf := r.dial(), r.dial()
	deaf.do("MONITOR")
	runner := r.beginScript("local s = string.rep('x', 10000) while true do redis.call('ECHO', s) end")
	r.await("its connection is gone", func() bool { return r.conn(deaf) == nil })
	admin.do("SCRIPT", "KILL")
	if line, _ := runner.in.ReadString('\n'); !strings.HasPrefix(line, "-ERR Script killed") {
		t.Errorf("the script answers %q", line)
	}
}

// The server ends though a script does not: at once if it is busy, and when nobody may wait any longer if it is not.
func TestShutdownEndsScripts(t *testing.T) {
	t.Run("busy", func(t *testing.T) {
		r := withScripts(t, time.Millisecond)
		runner := r.beginScript("redis.call('SET', 'k', 'v') while true do end")
		r.shutdown()
		if got := runner.rest(); !strings.HasPrefix(got, "-ERR Script ended because the server ends.") {
			t.Errorf("the script answers %q", got)
		}
	})
	t.Run("not busy", func(t *testing.T) {
		r := withScripts(t, 0)
		begun := r.dial()
		begun.send(repeat(3, string(proto.AppendCommand(nil, "EVAL", "while true do end", "0"))))
		r.await("the server has it", func() bool { return r.conn(begun) != nil && r.conn(begun).moves.Load() > 0 })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Shutdown(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Shutdown returns %v", err)
		}
		if got := r.clients(); got != 0 {
			t.Errorf("%d connections are left", got)
		}
	})
}

// Many clients run scripts at once, some of which are killed, beside others that do not.
func TestScriptsOfManyClients(t *testing.T) {
	const clients, rounds = 8, 100
	r := withScripts(t, time.Hour)
	var running sync.WaitGroup
	for i := range clients {
		running.Go(func() {
			c := r.dial()
			for n := range rounds {
				if i%2 == 0 {
					c.send(string(proto.AppendCommand(nil, "EVAL", "local n = redis.call('INCR', KEYS[1]) redis.call('LPUSH', KEYS[2], n) return n", "2", "sum", "list")) + pingText)
					if _, err := c.in.ReadString('\n'); err != nil {
						t.Error(err)
						return
					}
					c.expect(pong)
					continue
				}
				if got := c.do("EVAL", "local a = redis.call('GET', 'sum') or 0 local b = #redis.call('LRANGE', 'list', 0, -1) return a - b", "0"); got.Int != 0 {
					t.Errorf("round %d: a script sees half of another: %s", n, got)
				}
			}
		})
	}
	running.Wait()
	if got := r.dial().do("GET", "sum"); got.Text != "400" {
		t.Errorf("the sum is %s", got)
	}
}
