package commands_test

import (
	"strconv"
	"strings"
	"testing"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// TestListEvents counts what each call says to have changed: one event for each list, one more for each end of a list
// that an element left or came to, and one for each key that went.
func TestListEvents(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	for _, step := range []struct {
		request string
		events  uint64
	}{
		{"RPUSH l a b c d", 1},
		{"LPUSHX l x", 1},
		{"LPUSHX nosuch x", 0},
		{"LPOP nosuch", 0},
		{"LPOP l", 1},
		{"LPOP l 0", 0},
		{"RPOP l 2", 1},
		{"RPOP l", 1},
		{"LPOP l", 2}, // lpop del
		{"RPUSH l a b", 1},
		{"RPOP l 9", 2},
		{"RPUSH l a b c", 1},
		{"LSET l 0 A", 1},
		{"LSET l 3 A", 0},
		{"LINSERT l BEFORE A x", 1},
		{"LINSERT l BEFORE nosuch x", 0},
		{"LREM l 0 nosuch", 0},
		{"LREM l 0 x", 1},
		{"LTRIM l 0 -1", 1},
		{"LTRIM l 0 0", 1},
		{"LREM l 0 A", 2}, // lrem del
		{"RPUSH l a", 1},
		{"LTRIM l 1 0", 2}, // ltrim del
		{"LTRIM l 1 0", 0},
		{"RPUSH l a b", 1},
		{"RPOPLPUSH l l", 2}, // lpush rpop
		{"LMOVE l l LEFT LEFT", 2},
		{"LMOVE l m LEFT LEFT", 2},
		{"LMOVE l m LEFT LEFT", 3}, // lpush lpop del
		{"LMOVE l m LEFT LEFT", 0},
	} {
		_, before := e.State()
		reply := c.Do(strings.Fields(step.request)...)
		_, after := e.State()
		if got := after.Changes - before.Changes; got != step.events {
			t.Errorf("%s: %d events, want %d; it said %v", step.request, got, step.events, reply)
		}
	}
}

// TestPopOfTheLastElement looks below the reply: the key, its deadline and all their memory are gone.
func TestPopOfTheLastElement(t *testing.T) {
	for _, request := range []string{"LPOP l", "RPOP l", "LPOP l 1", "RPOP l 5"} {
		e := startEngine(t)
		c := e.Connect(proto.RESP2)
		used, keys, deadlines := footprint(e)
		c.Do("RPUSH", "l", "a")
		c.Do("EXPIRE", "l", "100")
		if grown, _, _ := footprint(e); grown <= used {
			t.Errorf("a list with a deadline takes no memory: %d of %d bytes", grown, used)
		}
		c.Do(strings.Fields(request)...)
		if u, k, d := footprint(e); u != used || k != keys || d != deadlines {
			t.Errorf("after %s: %d bytes, %d keys, %d deadlines; before the list: %d, %d, %d", request, u, k, d, used, keys, deadlines)
		}
	}
}

func footprint(e *actortest.Engine) (used int64, keys, deadlines int) {
	e.Inspect(func(st *store.Store) {
		used, keys, deadlines = st.Used(), st.DB(0).Len(), st.DB(0).Volatile()
	})
	return used, keys, deadlines
}

// idleLink is a connection that nobody listens to.
type idleLink struct{ actor.Link }

func (idleLink) Kill() {}

// pipeline returns a function that runs the requests as one batch, as a connection does again and again.
func pipeline(e *actortest.Engine, requests ...string) func() {
	session := e.NewSession(idleLink{}, "127.0.0.1:50000", "127.0.0.1:6379", true)
	e.Attach(session)
	batch := actor.NewBatch(session)
	var all []actor.Request
	for _, request := range requests {
		args := asArgs(strings.Fields(request))
		all = append(all, actor.Request{Command: e.Table().Lookup(args), Args: args})
	}
	return func() {
		batch.Reset()
		batch.Requests = append(batch.Requests, all...)
		for e.Submit(batch); !batch.Done(); e.Submit(batch) {
			batch.Reply.Reset()
		}
	}
}

// listPipelines are what is measured beside Redis, and what else must be as quick. Each leaves the list as it was.
var listPipelines = map[string][]string{
	"push and pop":   {"RPUSH l some-element", "LPOP l", "LPUSH l 12345 x", "RPOP l", "LPOP l"},
	"count":          {"RPUSH l a b c", "RPOP l 3", "LPUSH l a b c", "LPOP l 3"},
	"move":           {"LMOVE l l LEFT RIGHT", "RPOPLPUSH l l", "RPOPLPUSH l m", "LMOVE m l LEFT RIGHT", "LPUSHX m x", "RPOP m"},
	"read":           {"LRANGE l 0 99", "LRANGE l 0 299", "LINDEX l -5", "LLEN l"},
	"search and set": {"LPOS l element:250", "LPOS l element:2 RANK -1 COUNT 3", "LSET l 5 element:5", "LREM l 1 nosuch"},
}

func fillList(e *actortest.Engine) {
	request := []string{"RPUSH", "l"}
	for i := range 300 {
		request = append(request, "element:"+strconv.Itoa(i))
	}
	c := e.Connect(proto.RESP2)
	c.Do(request...)
	c.Do("RPUSH", "m", "stays")
}

func TestListCommandsAllocateNothing(t *testing.T) {
	for name, requests := range listPipelines {
		e := startEngine(t)
		fillList(e)
		run := pipeline(e, requests...)
		for range 100 {
			run()
		}
		if n := testing.AllocsPerRun(200, run); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkListCommands(b *testing.B) {
	for name, requests := range listPipelines {
		b.Run(name, func(b *testing.B) {
			e := startEngine(b)
			fillList(e)
			run := pipeline(e, requests...)
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}
