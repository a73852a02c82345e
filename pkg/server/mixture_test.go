package server

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

var mixtures = flag.Int("mixtures", 40, "how many connections each client of TestMixture makes")

// mixture is what clients send in any order: all that a connection can be in the middle of when something else happens to it.
var mixture = []string{
	"HELLO 2", "HELLO 3", "RESET", "MULTI", "EXEC", "DISCARD", "WATCH k l", "UNWATCH", "SET k v", "GET k", "INCR n", "DEL k",
	"BLPOP l m 0.01", "BLMOVE l m LEFT RIGHT 0.01", "BLMOVE m l LEFT RIGHT 0.01", "RPUSH l a b", "RPUSH m c", "DEL l m",
	"XREAD BLOCK 10 STREAMS x $", "XADD x * f v", "SUBSCRIBE c d", "PSUBSCRIBE * c?", "SSUBSCRIBE s", "UNSUBSCRIBE", "PUNSUBSCRIBE",
	"SUNSUBSCRIBE", "PUBLISH c message", "PUBLISH d message", "SPUBLISH s message", "MONITOR", "CLIENT TRACKING on",
	"CLIENT TRACKING on BCAST", "CLIENT TRACKING off", "CLIENT REPLY off", "CLIENT REPLY skip", "CLIENT REPLY on",
	"CLIENT PAUSE 3 WRITE", "CLIENT PAUSE 3 ALL", "CLIENT UNPAUSE", "CLIENT KILL TYPE pubsub", "CLIENT LIST", "CLIENT UNBLOCK 7",
	"QUIT", "FLUSHALL", "SWAPDB 0 1", "SELECT 1", "SELECT 0", "test.panic", "test.fill 100000", "nosuch", "PING",
}

// Whatever clients do to themselves and to each other, in pipelines, cut anywhere and with ends at any moment, the server goes on, and
// nothing of them is left: nobody waits, nobody is paused, subscribed or tracked. What it is for is the race detector.
func TestMixture(t *testing.T) {
	r := start(t, func(with *setup) {
		with.bounds.Notify = actor.NotifyOf("AKE")
		for class := range with.bounds.Output {
			with.bounds.Output[class].Hard = 1 << 20
		}
	})
	var clients, clock sync.WaitGroup
	over := make(chan struct{})
	clock.Go(func() { // waits and pauses end
		for {
			select {
			case <-over:
				return
			default:
				r.engine.Advance(1e6)
			}
		}
	})
	for i := range 16 {
		random := rand.New(rand.NewPCG(uint64(i), 9))
		clients.Go(func() {
			for range *mixtures {
				if err := mix(r.addr, random); err != nil {
					t.Error(err)
				}
			}
		})
	}
	clients.Wait()
	close(over)
	clock.Wait()
	r.await("all connections have ended", func() bool { return r.clients() == 0 })
	r.engine.Advance(5e6)
	_, f := r.engine.State()
	left := f.Blocked + f.BlockingKeys + f.WaitsWithEnd + f.PubSubClients + f.Channels + f.Patterns + f.ShardChannels + f.Clients
	if left != 0 {
		t.Errorf("something is left of clients that are gone: %+v", f)
	}
	if got := r.dial().do("PING").Text; got != "PONG" {
		t.Errorf("behind that a client gets %q", got)
	}
}

// mix is one connection. It reads what comes, or does not, and checks that it is well-formed.
func mix(addr string, random *rand.Rand) error {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(giveUp))
	read := make(chan error, 1)
	if reads := random.IntN(8) > 0; reads {
		go func() { read <- readValues(nc) }()
	} else {
		read <- nil
	}
	for range 1 + random.IntN(8) {
		var text string
		for range 1 + random.IntN(12) {
			text += wire(mixture[random.IntN(len(mixture))])
		}
		for len(text) > 0 {
			n := min(len(text), 1+random.IntN(200))
			if _, err := nc.Write([]byte(text[:n])); err != nil {
				return <-read // it was killed
			}
			text = text[n:]
		}
	}
	switch nc := nc.(*net.TCPConn); random.IntN(3) {
	case 0:
		nc.SetLinger(0)
		nc.Close()
	case 1:
		nc.CloseWrite()
	default:
		nc.Close()
	}
	return <-read
}

// readValues reads replies until the connection ends, however it does.
func readValues(nc net.Conn) error {
	values := proto.NewValueReader(nc, 1<<30)
	for {
		_, err := values.Read()
		var network net.Error
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network):
			return nil
		default:
			return fmt.Errorf("what comes is no reply: %w", err)
		}
	}
}
