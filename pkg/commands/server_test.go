package commands_test

import (
	"slices"
	"strings"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/commands"
	"snakecache/pkg/proto"
)

// host is a process that only notes what it is asked for.
type host struct {
	facts         actor.Facts
	ends, purging int
}

func (h *host) Facts() actor.Facts { return h.facts }
func (h *host) Shutdown()          { h.ends++ }
func (h *host) Purge()             { h.purging++ }

// startOn is startEngine on a host of the test's.
func startOn(t *testing.T, h *host) *actortest.Engine {
	table, err := commands.Table()
	if err != nil {
		t.Fatal(err)
	}
	return actortest.Start(t, actortest.Options{Table: table, Host: h})
}

func TestShutdown(t *testing.T) {
	for _, words := range [][]string{
		{"SHUTDOWN"}, {"shutdown", "nosave"}, {"SHUTDOWN", "NOSAVE", "NOW", "FORCE"}, {"SHUTDOWN", "SAVE", "FORCE"},
	} {
		h := &host{}
		c := startOn(t, h).Connect(proto.RESP2)
		if reply := c.Send(asArgs(words)); len(reply) > 0 || !c.Closed() || h.ends != 1 {
			t.Errorf("%q: answered %q, closed %t, %d ends", words, reply, c.Closed(), h.ends)
		}
	}
}

func TestShutdownThatIsRefused(t *testing.T) {
	h := &host{}
	c := startOn(t, h).Connect(proto.RESP2)
	for text, want := range map[string]proto.Error{
		"SHUTDOWN SAVE": proto.ErrShutdown, "SHUTDOWN SAVE NOW": proto.ErrShutdown, "SHUTDOWN ABORT": proto.ErrNoShutdown,
		"SHUTDOWN SAVE NOSAVE": proto.ErrSyntax, "SHUTDOWN later": proto.ErrSyntax,
	} {
		if got := c.Do(strings.Fields(text)...); got.Text != string(want) {
			t.Errorf("%s: %v", text, got)
		}
	}
	if h.ends != 0 || c.Closed() {
		t.Errorf("%d ends, closed %t", h.ends, c.Closed())
	}
}

func TestMemoryPurge(t *testing.T) {
	h := &host{}
	if c := startOn(t, h).Connect(proto.RESP2); c.Do("MEMORY", "PURGE").Text != "OK" || h.purging != 1 {
		t.Errorf("asked %d times", h.purging)
	}
}

// Nobody may take this server for one that keeps data on disk, has a replica or is one.
func TestNothingIsPromised(t *testing.T) {
	c := startEngine(t).Connect(proto.RESP2)
	for text, want := range map[string]proto.Error{
		"SAVE": proto.ErrNoPersistence, "BGSAVE": proto.ErrNoPersistence, "BGSAVE SCHEDULE": proto.ErrNoPersistence,
		"BGREWRITEAOF": proto.ErrNoPersistence, "PSYNC ? -1": proto.ErrNoReplication, "SYNC": proto.ErrNoReplication,
		"REPLICAOF 127.0.0.1 65535": proto.ErrNoReplication, "SLAVEOF no 1": proto.ErrNoReplication,
	} {
		if got := c.Do(strings.Fields(text)...); got.Text != string(want) {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// newerStats and tableStats are names of MEMORY STATS that the oracle does not have yet, and that we have no need of.
var (
	newerStats = []string{"allocator.muzzy"}
	tableStats = []string{"db.0"}
)

func TestMemoryStatsAreThoseOfRedis(t *testing.T) {
	theirs := dial(t, redistest.Start(t).Options().Addr, proto.RESP3)
	defer theirs.conn.Close()
	theirs.must("SET", "k", "v")
	for strings.Contains(theirs.must("INFO", "memory").Text, "\nallocator_active:0\r\n") { // it has not looked yet, and says -nan
	}
	ours := startEngine(t).Connect(proto.RESP3)
	ours.Do("SET", "k", "v")
	got, want := ours.Do("MEMORY", "STATS"), theirs.must("MEMORY", "STATS")
	gotNames, wantNames := kinds(got, newerStats), kinds(want, tableStats)
	if !slices.Equal(gotNames, wantNames) {
		t.Errorf("ours are\n%q\nRedis has\n%q", gotNames, wantNames)
	}
	if keys := field(got, "keys.count").Int; keys != 1 {
		t.Errorf("%d keys", keys)
	}
}

// kinds returns the names of a map with the types of their values, without some of them.
func kinds(m proto.Value, without []string) (all []string) {
	for i := 0; i < len(m.Elems); i += 2 {
		if name := m.Elems[i].Text; !slices.Contains(without, name) {
			all = append(all, name+" "+string(m.Elems[i+1].Type))
		}
	}
	return all
}

func TestMemoryDoctor(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		facts actor.Facts
		keys  int // of 1 MB
		says  string
	}{
		{actor.Facts{RSS: 500 * mb}, 0, "Hi Sam, this instance is empty"},
		{actor.Facts{RSS: 10 * mb}, 8, "Hi Sam, I can't find any memory issue in your instance."},
		{actor.Facts{RSS: 100 * mb}, 8, " * Resident memory: "},
		{actor.Facts{RSS: 10 * mb, HeapObjects: 10 * mb, HeapActive: 100 * mb}, 8, " * Fragmentation: "},
	} {
		client := startOn(t, &host{facts: c.facts}).Connect(proto.RESP2)
		for i := range c.keys {
			client.Do("SETRANGE", string(rune('a'+i)), "1048575", "x")
		}
		report := client.Do("MEMORY", "DOCTOR").Text
		if !strings.Contains(report, c.says) || strings.Count(report, " * ") > 1 {
			t.Errorf("%d MB with %+v: %s", c.keys, c.facts, report)
		}
		if c.keys > 0 {
			client.Do("SETRANGE", "peak", "20000000", "x")
			client.Do("INFO") // the peak is as high as it was when somebody looked
			client.Do("DEL", "peak")
			if report := client.Do("MEMORY", "DOCTOR").Text; !strings.Contains(report, " * Peak memory: ") {
				t.Errorf("after a peak: %s", report)
			}
		}
	}
}
