package commands_test

import (
	"fmt"
	"log/slog"
	"strconv"
	"testing"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/commands"
	"snakecache/pkg/store"
)

const (
	benchKeys    = 100_000
	benchDepth   = 64 // requests of one pipeline
	benchBatches = 256
)

// pipeliner is a connection without a socket to an actor. It sends the same requests
// round and round, and makes no garbage of its own.
type pipeliner struct {
	actor    *actor.Actor
	batch    *actor.Batch
	requests []actor.Request
	next     int
}

// startPipeliner has benchKeys keys k0 to k99999 that hold value, and sends what request makes for the key number i.
func startPipeliner(tb testing.TB, clock actor.Clock, value string, request func(i int) []string) *pipeliner {
	table, err := commands.Table()
	if err != nil {
		tb.Fatal(err)
	}
	st := store.New(store.Options{Databases: 1})
	for i := range benchKeys {
		st.DB(0).SetString(fmt.Appendf(nil, "k%d", i), []byte(value), false)
	}
	p := &pipeliner{actor: actor.New(actor.Options{
		Table: table, Store: st, Clock: clock, Log: slog.New(slog.DiscardHandler),
		Bounds: actor.Bounds{
			MaxBulk: 512 << 20, Slowlog: actor.SlowlogBounds{On: true, Threshold: 10e6, MaxLen: 128}, LatencyTracking: true,
		},
	})}
	for i := range benchDepth * benchBatches {
		args := asArgs(request(i * 7919 % benchKeys)) // a prime, so that neighbours are no neighbours in memory
		p.requests = append(p.requests, actor.Request{Command: table.Lookup(args), Args: args})
	}
	go p.actor.Run()
	session := p.actor.NewSession(nowhere{}, "", "", true)
	p.actor.Attach(session)
	p.batch = actor.NewBatch(session)
	tb.Cleanup(func() {
		p.actor.Detach(session)
		p.actor.Stop()
	})
	p.checkReplies(tb)
	return p
}

// nowhere is the link of a client that has none.
type nowhere struct{ actor.Link }

func (nowhere) Kill() {}

// send runs one pipeline.
func (p *pipeliner) send() {
	p.batch.Reset()
	p.batch.Requests = append(p.batch.Requests, p.requests[p.next:p.next+benchDepth]...)
	p.next = (p.next + benchDepth) % len(p.requests)
	p.actor.Submit(p.batch)
	p.batch.RunErrands()
}

// checkReplies sends every request once: what is measured afterwards must be commands that succeed, with warm buffers.
func (p *pipeliner) checkReplies(tb testing.TB) {
	for range benchBatches {
		p.send()
		reply, whole := p.batch.Reply.Bytes()
		if !p.batch.Done() || !whole || len(reply) == 0 || reply[0] == '-' {
			tb.Fatalf("the pipeline answers %.100q", reply)
		}
	}
}

// hotCommands are those that the owner runs without a single allocation.
var hotCommands = []struct {
	name, value string
	request     func(i int) []string
}{
	{"GET", sixtyFour, func(i int) []string { return []string{"GET", keyName(i)} }},
	{"GET integer", "1234567", func(i int) []string { return []string{"GET", keyName(i)} }},
	{"GET miss", sixtyFour, func(i int) []string { return []string{"GET", "missing"} }},
	{"SET", sixtyFour, func(i int) []string { return []string{"SET", keyName(i), sixtyFour} }},
	{"SET shorter", sixtyFour, func(i int) []string { return []string{"SET", keyName(i), sixtyFour[:40+i%20]} }},
	{"SET EX", sixtyFour, func(i int) []string { return []string{"SET", keyName(i), sixtyFour, "EX", "1000"} }},
	{"INCR", "1234567", func(i int) []string { return []string{"INCR", keyName(i)} }},
	{"DECRBY", "1234567", func(i int) []string { return []string{"DECRBY", keyName(i), "3"} }},
	{"MGET", sixtyFour, func(i int) []string { return []string{"MGET", keyName(i), keyName(i / 2)} }},
	{"STRLEN", sixtyFour, func(i int) []string { return []string{"STRLEN", keyName(i)} }},
	{"GETRANGE", sixtyFour, func(i int) []string { return []string{"GETRANGE", keyName(i), "3", "-3"} }},
	{"SETRANGE", sixtyFour, func(i int) []string { return []string{"SETRANGE", keyName(i), "3", "part"} }},
	{"HSET large", sixtyFour, func(i int) []string { return []string{"HSET", "h", keyName(i), sixtyFour[:16]} }},
	{"SADD large", sixtyFour, func(i int) []string { return []string{"SADD", "s", keyName(i)} }},
	{"SADD integers", sixtyFour, func(i int) []string { return []string{"SADD", "s" + keyName(i%5000), strconv.Itoa(i / 5000)} }},
}

const sixtyFour = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func keyName(i int) string { return fmt.Sprintf("k%d", i) }

// BenchmarkDispatch is the time of one command in a pipeline of 64, from the connection's hand-over to the owner until
// the replies are back. Decoding and sockets come on top.
func BenchmarkDispatch(b *testing.B) {
	for _, c := range hotCommands {
		b.Run(c.name, func(b *testing.B) {
			p := startPipeliner(b, actor.SystemClock(), c.value, c.request)
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; n < b.N; n += benchDepth {
				p.send()
			}
		})
	}
}

// The clock stands still, so that no figures are published, which are new ones each time.
func TestHotCommandsAllocateNothing(t *testing.T) {
	for _, c := range hotCommands {
		t.Run(c.name, func(t *testing.T) {
			p := startPipeliner(t, actortest.NewFakeClock(actortest.Epoch), c.value, c.request)
			perRun := testing.AllocsPerRun(5, func() {
				for range benchBatches {
					p.send()
				}
			})
			if perBatch := perRun / benchBatches; perBatch >= 1 {
				t.Errorf("a pipeline of %d allocates %v times", benchDepth, perBatch)
			}
		})
	}
}
