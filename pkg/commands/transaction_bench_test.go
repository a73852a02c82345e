package commands_test

import (
	"slices"
	"testing"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
)

// transactionCases are MULTI, ten commands and EXEC, as clients send them: in one pipeline, or one after the other.
var transactionCases = []struct {
	name  string
	depth int // requests of one batch
	watch bool
}{{"pipeline", 12, false}, {"one by one", 1, false}, {"in three", 4, false}, {"watched", 1, true}}

// transactionRequests are those of many transactions on different keys.
func transactionRequests(table *actor.Table, watch bool) (requests []actor.Request) {
	add := func(words ...string) {
		args := asArgs(words)
		requests = append(requests, actor.Request{Command: table.Lookup(args), Args: args})
	}
	for i := range 256 {
		if watch {
			add("WATCH", keyName(i))
		}
		add("MULTI")
		for j := range 10 {
			key := keyName((i*10 + j) * 7919 % benchKeys)
			add([][]string{{"SET", key, sixtyFour}, {"GET", key}, {"INCR", "n"}}[j%3]...)
		}
		add("EXEC")
	}
	return requests
}

// transact sends all requests.
func (p *pipeliner) transact(requests []actor.Request, depth int) {
	for batch := range slices.Chunk(requests, depth) {
		p.batch.Reset()
		p.batch.Requests = append(p.batch.Requests, batch...)
		p.actor.Submit(p.batch)
		p.batch.RunErrands()
	}
}

func startTransactions(tb testing.TB, clock actor.Clock, watch bool) (*pipeliner, []actor.Request) {
	p := startPipeliner(tb, clock, "1", func(i int) []string { return []string{"GET", keyName(i)} })
	requests := transactionRequests(p.actor.Table(), watch)
	p.transact(requests, 12)
	return p, requests
}

// BenchmarkTransaction is the time of a transaction of ten commands, without decoding and sockets.
func BenchmarkTransaction(b *testing.B) {
	for _, c := range transactionCases {
		b.Run(c.name, func(b *testing.B) {
			p, requests := startTransactions(b, actor.SystemClock(), c.watch)
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; n < b.N; n += 256 {
				p.transact(requests, c.depth)
			}
		})
	}
}

// What a transaction needs is used again by the next one. Only what WATCH needs is new: the key, and who watches it.
func TestTransactionsAllocateNothing(t *testing.T) {
	for _, c := range transactionCases {
		t.Run(c.name, func(t *testing.T) {
			p, requests := startTransactions(t, actortest.NewFakeClock(actortest.Epoch), c.watch)
			p.transact(requests, c.depth)
			each := testing.AllocsPerRun(5, func() { p.transact(requests, c.depth) }) / 256
			if most := map[bool]float64{false: 0.5, true: 4}[c.watch]; each > most {
				t.Errorf("a transaction allocates %v times", each)
			}
		})
	}
}
