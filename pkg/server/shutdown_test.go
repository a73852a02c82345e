package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"snakecache/pkg/proto"
)

// All replies of this test have the same length, so that one which was torn shows in the number of bytes.
const (
	stamp      = "0123456789abcdef"
	stampReply = "$16\r\n" + stamp + "\r\n"
)

// Shutdown in the middle of a load tears no reply: clients that wait for their replies, clients that do not, and those
// that read slowly, get whole ones up to the end.
func TestShutdownUnderLoad(t *testing.T) {
	for range 20 {
		r := start(t)
		var replies atomic.Int64
		var load sync.WaitGroup
		for i := range 6 {
			c := r.dial()
			load.Go(func() { checkWhole(t, c, &replies) })
			load.Go(func() {
				wire := slices.Repeat(proto.AppendCommand(nil, "ECHO", stamp), 1+i*i)
				for {
					if _, err := c.Write(wire); err != nil {
						return
					}
				}
			})
		}
		r.await("the load is on", func() bool { return replies.Load() > 1000 })
		r.shutdown()
		load.Wait()
		r.shutdown() // once more does no harm
		if _, err := net.Dial("tcp", r.addr); err == nil {
			t.Error("there is still somebody listening")
		}
	}
}

// checkWhole reads to the end and counts replies. The end must not come in the middle of one.
func checkWhole(t *testing.T, c *client, replies *atomic.Int64) {
	buf := make([]byte, 5*len(stampReply))
	for n := 0; ; {
		m, err := c.in.Read(buf)
		replies.Add(int64((n%len(stampReply) + m) / len(stampReply)))
		n += m
		if err == nil {
			continue
		}
		if torn := n % len(stampReply); torn != 0 {
			t.Errorf("a reply was torn behind %d of its %d bytes: %v", torn, len(stampReply), err)
		}
		return
	}
}

// What has been received is answered before a connection is closed, even what the kernel still had.
func TestShutdownAnswers(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("on other systems what the server has not read yet is lost")
	}
	const n = 5000
	r := start(t)
	c, idle := r.dial(), r.dial()
	idle.do("PING")
	c.do("PING")
	c.send(repeat(n, pingText))
	r.shutdown()
	if got := c.rest(); got != repeat(n, pong) {
		t.Errorf("%d of %d bytes came", len(got), n*len(pong))
	}
	if got := idle.rest(); got != "" {
		t.Errorf("an idle client gets %q", got)
	}
}

// The last replies reach a client that has not taken them yet and sends on, which makes a plain close throw them away.
func TestLastRepliesArrive(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("on other systems they may be lost")
	}
	const size = 100_000
	for _, last := range []string{"QUIT\r\n", "*x\r\n"} {
		r := start(t)
		c := r.dial()
		c.SetReadBuffer(16 << 10)
		c.send(fmt.Sprintf("TEST.FILL %d\r\n", size) + last + repeat(10_000, pingText))
		r.await("the reply is made", func() bool { return r.calls("test.fill") == 1 })
		for range 10 {
			c.Write([]byte(pingText)) // fails if the server has closed, which shows below
		}
		if got := len(c.rest()); got < size {
			t.Errorf("%q: only %d bytes came", last, got)
		}
	}
}

// A client that does not take its replies cannot hold up the end for longer than the context allows.
func TestShutdownCutsOff(t *testing.T) {
	r := start(t)
	c := r.dial()
	c.do("SET", "k", repeat(1<<20, "v"))
	c.send(repeat(1000, "GET k\r\n"))
	r.await("the server writes", func() bool { return r.conn(c).moves.Load() > 10 })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown returns %v", err)
	}
	if got := r.clients(); got != 0 {
		t.Errorf("%d connections are left", got)
	}
}

// Clients may leave in whatever way: nothing of them stays. Goroutines are checked when all tests are over.
func TestNothingStaysOfClients(t *testing.T) {
	r := start(t)
	r.dial().do("SET", "k", repeat(1<<20, "v"))
	r.await("the first client is there", func() bool { return r.clients() == 1 })
	files := openFiles(t)
	for name, leave := range map[string]func(*client){
		"QUIT":           func(c *client) { c.do("QUIT"); c.rest() },
		"FIN":            func(c *client) {},
		"FIN at once":    func(c *client) { c.send("PING\r\n") },
		"RST":            func(c *client) { c.reset() },
		"half-close":     func(c *client) { c.CloseWrite(); c.rest() },
		"mid-length":     func(c *client) { c.send("*1\r\n$5") },
		"mid-bulk":       func(c *client) { c.send("*1\r\n$5\r\nab") },
		"mid-reply":      func(c *client) { c.send("GET k\r\n"); c.in.ReadByte() },
		"mid-reply, RST": func(c *client) { c.send("GET k\r\n"); c.in.ReadByte(); c.reset() },
		"error":          func(c *client) { c.send("*x\r\n"); c.rest() },
		"old":            func(c *client) { talk(c, oldAge) },
		"old, at once":   func(c *client) { talk(c, oldAge); c.send("PING\r\n") },
	} {
		for range 50 {
			c := r.dial()
			c.do("PING")
			leave(c)
			c.Close()
		}
		at := time.Now().Add(time.Hour)
		r.await(name+": only the first client is left", func() bool {
			at = at.Add(time.Second)
			r.sweep(at)
			return r.clients() == 1
		})
		r.await(name+": the owner knows of the first client only", func() bool {
			_, figures := r.engine.State()
			return figures.Clients == 1
		})
		r.await(fmt.Sprintf("%s: %d files are open", name, files), func() bool { return openFiles(t) == files })
	}
}

// oldAge is by how many requests a connection is no longer young, where the server tells them apart.
const oldAge = 40

func talk(c *client, requests int) {
	for range requests {
		c.do("PING")
	}
}

// openFiles returns how many descriptors the process has, or 0 where the system does not tell.
func openFiles(t *testing.T) int {
	if runtime.GOOS != "linux" {
		return 0
	}
	entries, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// Hundreds of clients that reset their connections in the middle of everything harm nobody.
func TestResetStorm(t *testing.T) {
	r := start(t)
	good := r.dial()
	good.do("SET", "k", repeat(100_000, "v"))
	var storm sync.WaitGroup
	for range 5 {
		storm.Go(func() {
			for i := range 100 {
				nc, err := net.Dial("tcp", r.addr)
				if err != nil {
					t.Error(err)
					return
				}
				fmt.Fprint(nc, repeat(i, "GET k\r\n"), "*2\r\n$3"[:i%7])
				if i%2 == 0 {
					io.CopyN(io.Discard, nc, int64(min(i, 1)))
				}
				nc.(*net.TCPConn).SetLinger(0)
				nc.Close()
			}
		})
	}
	for range 200 {
		if got := good.do("GET", "k"); len(got.Text) != 100_000 {
			t.Fatalf("a good client gets %.60v", got)
		}
	}
	storm.Wait()
	r.await("only the good client is left", func() bool { return r.clients() == 1 })
}

// Shutdown and the arrival of clients do not get in each other's way.
func TestShutdownWhileClientsArrive(t *testing.T) {
	for range 20 {
		r := start(t)
		var arriving sync.WaitGroup
		begun := make(chan struct{}, 4)
		for range 4 {
			arriving.Go(func() {
				for first := true; ; first = false {
					nc, err := net.Dial("tcp", r.addr)
					if err != nil {
						return
					}
					nc.Close()
					if first {
						begun <- struct{}{}
					}
				}
			})
		}
		for range cap(begun) {
			<-begun
		}
		r.shutdown()
		arriving.Wait()
		if got := r.clients(); got != 0 {
			t.Errorf("%d connections are left", got)
		}
	}
}
