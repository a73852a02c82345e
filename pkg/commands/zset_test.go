package commands_test

import (
	"strconv"
	"strings"
	"testing"

	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// TestZSetEvents counts what each call says to have changed: one event for a sorted set, whatever the number of members, and
// one for each key that went.
func TestZSetEvents(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	for _, step := range []struct {
		request string
		events  uint64
	}{
		{"ZADD z 1 a 2 b 3 c", 1},
		{"ZADD z 1 a 2 b", 0},
		{"ZADD z 5 a 2 b", 1},
		{"ZADD z NX 1 a", 0},
		{"ZADD z GT 1 a", 0},
		{"ZADD z XX 1 new", 0},
		{"ZADD nosuch XX 1 a", 0},
		{"ZINCRBY z 1 a", 1},
		{"ZINCRBY z 0 a", 0},
		{"ZADD z NX INCR 1 a", 0},
		{"ZREM z nosuch", 0},
		{"ZREM z a b", 1},
		{"ZREM z c", 2}, // zrem del
		{"ZREM z c", 0},
		{"ZADD z 1 a 2 b 3 c 4 d 5 e 6 f", 1},
		{"ZPOPMIN z 0", 0},
		{"ZPOPMIN z", 1},
		{"ZPOPMAX z 2", 1},
		{"ZMPOP 2 nosuch z MIN", 1},
		{"ZMPOP 1 nosuch MIN", 0},
		{"ZREMRANGEBYRANK z 5 6", 0},
		{"ZREMRANGEBYRANK z 0 0", 1},
		{"ZREMRANGEBYSCORE z 100 200", 0},
		{"ZREMRANGEBYSCORE z -inf inf", 2}, // zremrangebyscore del
		{"ZADD z 0 a 0 b 0 c", 1},
		{"ZREMRANGEBYLEX z [x +", 0},
		{"ZREMRANGEBYLEX z - [b", 1},
		{"ZPOPMAX z 5", 2}, // zpopmax del
		{"ZADD z 1 a 2 b", 1},
		{"ZUNIONSTORE d 1 z", 1},
		{"ZINTERSTORE d 2 z nosuch", 1}, // del
		{"ZINTERSTORE d 2 z nosuch", 0},
		{"ZDIFFSTORE d 1 z", 1},
		{"ZRANGESTORE d z 0 0", 1},
		{"ZRANGESTORE d z 5 6", 1}, // del
		{"GEOADD g 1 1 a 2 2 b", 1},
		{"GEOADD g 1 1 a", 0},
		{"GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 1 km", 1},
		{"GEORADIUS g 1 1 1 km STORE d", 1},
		{"GEORADIUS g 50 50 1 m STORE d", 1}, // del
		{"ZMPOP 1 z MAX COUNT 2", 2},         // zpopmax del
		{"RPUSH l a b", 1},
		{"LMPOP 2 nosuch l LEFT", 1},
		{"LMPOP 2 nosuch l LEFT COUNT 5", 2}, // lpop del
	} {
		_, before := e.State()
		reply := c.Do(strings.Fields(step.request)...)
		_, after := e.State()
		if got := after.Changes - before.Changes; got != step.events {
			t.Errorf("%s: %d events, want %d; it said %v", step.request, got, step.events, reply)
		}
	}
}

// zsetPipelines are what is measured beside Redis, and what else must be as quick. Each leaves the sorted set as it was.
var zsetPipelines = map[string][]string{
	"add":    {"ZADD z 150 member:50", "ZADD z 50 member:50 50 member:50", "ZADD z 1.5 new", "ZREM z new"},
	"change": {"ZINCRBY z 1.5 member:20", "ZINCRBY z -1.5 member:20", "ZADD z GT CH 5 member:7", "ZADD z XX 7 member:7"},
	"score":  {"ZSCORE z member:99", "ZMSCORE z member:1 nosuch", "ZCARD z", "ZRANK z member:70", "ZREVRANK z member:3 WITHSCORE"},
	"range":  {"ZRANGE z 0 9", "ZRANGE z 0 9 REV WITHSCORES", "ZRANGEBYSCORE z 20 40 LIMIT 5 10", "ZCOUNT z (10 20", "ZREVRANGEBYSCORE z 20 10 WITHSCORES"},
	"pop":    {"ZADD z -1 x 999 y", "ZPOPMIN z", "ZPOPMAX z 1"},
	"random": {"ZRANDMEMBER z", "ZRANDMEMBER z -5 WITHSCORES", "ZRANDMEMBER z 3000"},
}

// fillZSet makes a sorted set of n members, of which the first hundred are looked at.
func fillZSet(e *actortest.Engine, n int) {
	request := []string{"ZADD", "z"}
	for i := range n {
		request = append(request, strconv.Itoa(i%100), "member:"+strconv.Itoa(i))
	}
	e.Connect(proto.RESP2).Do(request...)
}

func TestZSetCommandsAllocateNothing(t *testing.T) {
	for _, n := range []int{100, 2000} {
		for name, requests := range zsetPipelines {
			e := startEngine(t)
			fillZSet(e, n)
			run := pipeline(e, requests...)
			for range 100 {
				run()
			}
			if allocs := testing.AllocsPerRun(200, run); allocs > 0 {
				t.Errorf("%s among %d: %v allocations", name, n, allocs)
			}
		}
	}
}

func BenchmarkZSetCommands(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		for name, requests := range zsetPipelines {
			b.Run(name+"/"+strconv.Itoa(n), func(b *testing.B) {
				e := startEngine(b)
				fillZSet(e, n)
				run := pipeline(e, requests...)
				b.ReportAllocs()
				for b.Loop() {
					run()
				}
			})
		}
	}
}
