package server

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// message is what a RESP2 subscriber to a channel gets.
func message(channel, payload string) string {
	return string(proto.EncodePush(proto.RESP2, []byte("message"), []byte(channel), []byte(payload)))
}

// subscribed returns a client that is subscribed to a channel.
func (r *rig) subscribed(channel string) *client {
	r.t.Helper()
	c := r.dial()
	c.do("SUBSCRIBE", channel)
	return c
}

// Of a subscriber that does not read nobody else notices anything: it is cut off at its limit, and the others get all
// messages in order.
func TestSubscriberThatDoesNotRead(t *testing.T) {
	r := start(t, func(with *setup) { with.bounds.Output[actor.PubSubOutput].Hard = 1 << 20 })
	deaf := r.subscribed("c")
	deaf.SetReadBuffer(4 << 10)
	publisher := r.dial()
	const readers = 3
	var listening sync.WaitGroup
	total := make(chan int, readers)
	for range readers {
		c := r.subscribed("c")
		listening.Go(func() {
			for n := 0; ; n++ {
				v, err := c.values.Read()
				if err != nil {
					t.Errorf("behind %d messages: %v", n, err)
					return
				}
				if v.Elems[2].Text == "last" {
					total <- n
					return
				}
				if number, _, _ := strings.Cut(v.Elems[2].Text, " "); number != fmt.Sprint(n) {
					t.Errorf("message %d comes for %d", n, len(number))
					return
				}
			}
		})
	}
	closed := func() uint64 {
		_, figures := r.engine.State()
		return figures.OutputLimitClosed
	}
	padding, sent := strings.Repeat("x", 10_000), 0
	for closed() == 0 {
		for range 10 {
			publisher.do("PUBLISH", "c", fmt.Sprint(sent, " ", padding))
			sent++
			// A reader may be slow for want of a processor: it must have read before it gets more than its limit.
			r.await("the readers have read", func() bool { return r.mostPushed(deaf) < 500_000 })
		}
	}
	if n := publisher.do("PUBLISH", "c", "last").Int; n != readers {
		t.Errorf("%d subscribers are left", n)
	}
	listening.Wait()
	for range readers {
		if n := <-total; n != sent {
			t.Errorf("a reader got %d of %d messages", n, sent)
		}
	}
	r.await("its connection is gone", func() bool { return r.conn(deaf) == nil })
	if n := closed(); n != 1 {
		t.Errorf("%d were closed", n)
	}
}

// mostPushed returns how many bytes wait at most for any client but one.
func (r *rig) mostPushed(but *client) (most int) {
	r.each(func(c *conn) {
		if _, pushed := c.Waiting(); c.session.Addr != but.LocalAddr().String() {
			most = max(most, pushed)
		}
	})
	return most
}

// Messages of all sizes arrive as they are, those that outboxes refer to as well.
func TestLargeMessages(t *testing.T) {
	r := start(t)
	subscriber, publisher := r.subscribed("c"), r.dial()
	want := ""
	for i, size := range []int{0, 1, proto.RefSize - 100, proto.RefSize, 100, 300_000, proto.RefSize, 1, 3 << 20, 2} {
		payload := strings.Repeat(string(rune('a'+i)), size)
		want += message("c", payload)
		publisher.send(string(proto.AppendCommand(nil, "PUBLISH", "c", payload)))
	}
	subscriber.expect(want)
	publisher.expect(strings.Repeat(":1\r\n", 10))
}

// Replies and messages of a client come in the order in which they came about, each in one piece, whoever writes them.
func TestRepliesAmongMessages(t *testing.T) {
	r := start(t)
	c, publisher := r.dial(), r.dial()
	c.do("HELLO", "3")
	const rounds, pings = 200, 20
	var sending sync.WaitGroup
	sending.Go(func() {
		for i := range rounds {
			publisher.do("PUBLISH", "c", fmt.Sprint(i))
		}
	})
	sending.Go(func() {
		for i := range rounds { // in and out of being subscribed
			request := string(proto.AppendCommand(nil, "SUBSCRIBE", "c"))
			for j := range pings {
				request += string(proto.AppendCommand(nil, "PING", fmt.Sprint(i*pings+j)))
			}
			c.send(request + string(proto.AppendCommand(nil, "UNSUBSCRIBE", "c")))
		}
	})
	ping, last := 0, -1
	for ends := 0; ends < rounds; {
		v, err := c.values.Read()
		switch {
		case err != nil:
			t.Fatal(err)
		case v.Type == '$':
			if v.Text != fmt.Sprint(ping) {
				t.Fatalf("reply %s comes for %d", v.Text, ping)
			}
			ping++
		case v.Elems[0].Text == "message":
			var n int
			if fmt.Sscan(v.Elems[2].Text, &n); n <= last {
				t.Fatalf("message %d comes behind %d", n, last)
			}
			last = n
		case v.Elems[0].Text == "unsubscribe":
			ends++
			if ping != ends*pings {
				t.Fatalf("%d replies came before the end of round %d", ping, ends)
			}
		}
	}
	sending.Wait()
}

// A client that is killed while its outbox waits for it is gone at once, and so is its outbox.
func TestKillWhileFlushing(t *testing.T) {
	r := start(t)
	deaf, publisher := r.subscribed("c"), r.dial()
	deaf.SetReadBuffer(4 << 10)
	payload := strings.Repeat("x", 1<<20)
	r.await("its outbox is full", func() bool {
		publisher.do("PUBLISH", "c", payload)
		bytes, _ := r.conn(deaf).Waiting()
		return bytes > 4<<20
	})
	if n := publisher.do("CLIENT", "KILL", "TYPE", "pubsub").Int; n != 1 {
		t.Errorf("%d clients are killed", n)
	}
	r.await("it is gone", func() bool { return r.conn(deaf) == nil })
	if n := publisher.do("PUBLISH", "c", "x").Int; n != 0 {
		t.Errorf("%d get the next message", n)
	}
}

// A subscriber may take its time: what it does not read is bounded, for how long it does not is not. Only when it says
// goodbye, nobody waits for it longer than for others.
func TestSubscriberMayTakeItsTime(t *testing.T) {
	r := start(t, func(with *setup) { with.waits.write = time.Millisecond })
	slow, gone, publisher := r.subscribed("c"), r.subscribed("c"), r.dial()
	payload, sent := strings.Repeat("x", 100_000), 0
	r.await("their outboxes are full", func() bool {
		publisher.do("PUBLISH", "c", payload)
		sent++
		_, pushed := r.conn(slow).Waiting()
		_, also := r.conn(gone).Waiting()
		return min(pushed, also) > 1<<20
	})
	for began := time.Now(); time.Since(began) < 20*time.Millisecond; sent++ {
		publisher.do("PUBLISH", "c", payload)
	}
	gone.send("QUIT\r\n")
	r.await("who said goodbye is gone", func() bool { return r.conn(gone) == nil })
	slow.expect(strings.Repeat(message("c", payload), sent))
}

// Who is subscribed when the server is shut down gets what was published before.
func TestDrainDeliversMessages(t *testing.T) {
	r := start(t)
	subscriber, publisher := r.subscribed("c"), r.dial()
	payload := strings.Repeat("x", 1<<20)
	for range 8 {
		publisher.do("PUBLISH", "c", payload)
	}
	done := make(chan error)
	go func() { done <- r.Shutdown(context.Background()) }()
	subscriber.expect(strings.Repeat(message("c", payload), 8))
	if rest := subscriber.rest(); rest != "" {
		t.Errorf("behind them comes %.60q", rest)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A client that ends its subscription goes back to the shorter way of replies, and keeps little memory for the other one.
func TestOutboxGivesMemoryBack(t *testing.T) {
	r := start(t)
	subscriber, publisher := r.subscribed("c"), r.dial()
	payload := strings.Repeat("x", 1000)
	const n = 1000
	for range n {
		publisher.send(string(proto.AppendCommand(nil, "PUBLISH", "c", payload)))
	}
	subscriber.expect(strings.Repeat(message("c", payload), n))
	publisher.expect(strings.Repeat(":1\r\n", n))
	out := &r.conn(subscriber).out
	r.await("it has nothing under way", func() bool { return out.writer.Load() == nobodyWrites })
	out.mu.Lock()
	defer out.mu.Unlock()
	if room := out.next.Room() + out.now.Room(); room > 2*keptOutbox {
		t.Errorf("it keeps %d bytes", room)
	}
}
