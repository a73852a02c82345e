package commands_test

import (
	"strconv"
	"strings"
	"testing"

	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// countEvents runs requests one after the other and checks how many changes of keys each tells of.
func countEvents(t *testing.T, steps []eventCount) {
	t.Helper()
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	for _, step := range steps {
		_, before := e.State()
		reply := c.Do(strings.Fields(step.request)...)
		_, after := e.State()
		if got := after.Changes - before.Changes; got != step.events {
			t.Errorf("%s: %d events, want %d; it said %v", step.request, got, step.events, reply)
		}
	}
}

type eventCount struct {
	request string
	events  uint64
}

// One event for each set that changed, and one for each key that went.
func TestSetEvents(t *testing.T) {
	countEvents(t, []eventCount{
		{"SADD s a b c d", 1},
		{"SADD s a b", 0},
		{"SREM s x", 0},
		{"SREM s a x", 1},
		{"SREM nosuch x", 0},
		{"SMOVE s t x", 0},
		{"SMOVE s t b", 2}, // srem sadd
		{"SADD s b", 1},
		{"SMOVE s t b", 1}, // srem
		{"SMOVE s s c", 0},
		{"SMOVE s t c", 2},
		{"SMOVE s t d", 3}, // srem del sadd
		{"SPOP t 0", 0},
		{"SPOP t", 1},
		{"SPOP t 1", 1},
		{"SPOP t", 2}, // spop del
		{"SPOP t", 0},
		{"SADD t a b", 1},
		{"SPOP t 5", 2},
		{"SADD s 1 2", 1},
		{"SADD t 2 3", 1},
		{"SINTERSTORE d s t", 1},
		{"SUNIONSTORE d s t", 1},
		{"SDIFFSTORE d s t", 1},
		{"SDIFFSTORE d s s", 1}, // del
		{"SDIFFSTORE d s s", 0},
		{"SINTERSTORE d s nosuch", 0},
	})
}

func TestCopyEvents(t *testing.T) {
	countEvents(t, []eventCount{
		{"SET a 1", 1},
		{"COPY a b", 1},
		{"COPY a b", 0},
		{"COPY a b REPLACE", 1}, // and no del
		{"MOVE a 1", 2},         // move_from move_to
		{"MOVE a 1", 0},
		{"SWAPDB 0 1", 1},
		{"RPUSH l 2 1", 1},
		{"SORT l", 0},
		{"SORT l STORE d", 1},
		{"SORT l LIMIT 5 5 STORE d", 1}, // del
		{"SORT l LIMIT 5 5 STORE d", 0},
	})
}

// A reply that grows beyond what the client will get is given up, not made to its end.
func TestEndlessRandomMembers(t *testing.T) {
	for _, member := range []string{"a", "1", strings.Repeat("long", 100)} {
		e := startEngine(t)
		c := e.Connect(proto.RESP2)
		c.Do("SADD", "s", member)
		c.Send(asArgs([]string{"SRANDMEMBER", "s", "-9223372036854775807"}))
		if !c.Closed() {
			t.Error("the client is still connected")
		}
		if n := e.Connect(proto.RESP2).Do("SCARD", "s").Int; n != 1 {
			t.Errorf("SCARD says %d", n)
		}
	}
}

// setPipelines are what is measured beside Redis, and what else must be as quick. Each leaves the sets as they were.
var setPipelines = map[string][]string{
	"members":  {"SISMEMBER ints 77", "SISMEMBER packed m:7", "SISMEMBER large m:777", "SMISMEMBER large m:1 nosuch m:2", "SCARD large"},
	"existing": {"SADD ints 77 78", "SADD packed m:7", "SADD large m:777 m:778", "SREM ints 1000", "SREM packed x", "SREM large x"},
	"in place": {"SREM ints 77", "SADD ints 77", "SREM packed m:7", "SADD packed m:7", "SREM large m:777", "SADD large m:777"},
	"move":     {"SMOVE packed large x", "SMOVE large packed m:777", "SMOVE packed large m:777"},
	"random":   {"SRANDMEMBER ints", "SRANDMEMBER packed -5", "SRANDMEMBER large -5", "SRANDMEMBER large"},
	"read":     {"SMEMBERS ints", "SMEMBERS packed", "SSCAN large 0 COUNT 100", "SSCAN packed 0 MATCH m:1*"},
	"inter":    {"SINTER ints ints", "SINTER packed large", "SINTERCARD 2 large packed LIMIT 5"},
}

func fillSets(e *actortest.Engine) {
	c := e.Connect(proto.RESP2)
	for name, n := range map[string]int{"ints": 100, "packed": 100, "large": 1000} {
		request := []string{"SADD", name}
		for i := range n {
			member := strconv.Itoa(i)
			if name != "ints" {
				member = "m:" + member
			}
			request = append(request, member)
		}
		c.Do(request...)
	}
}

func TestSetCommandsAllocateNothing(t *testing.T) {
	for name, requests := range setPipelines {
		e := startEngine(t)
		fillSets(e)
		run := pipeline(e, requests...)
		for range 100 {
			run()
		}
		if n := testing.AllocsPerRun(200, run); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkSetCommands(b *testing.B) {
	for name, requests := range setPipelines {
		b.Run(name, func(b *testing.B) {
			e := startEngine(b)
			fillSets(e)
			run := pipeline(e, requests...)
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}
