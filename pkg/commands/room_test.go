package commands_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// startLimited returns an engine with a megabyte for data.
func startLimited(t *testing.T, policy store.Policy) *actortest.Engine {
	t.Helper()
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	if reply := c.Do("CONFIG", "SET", "maxmemory", "1mb", "maxmemory-policy", policy.String()); reply.Text != "OK" {
		t.Fatal(reply)
	}
	return e
}

// fillUp writes small keys until one more is refused or something is evicted.
func fillUp(t *testing.T, e *actortest.Engine) {
	c := e.Connect(proto.RESP2)
	for i := 0; e.Figures().Evicted == 0; i++ {
		var pipeline []proto.Args
		for j := range 100 {
			pipeline = append(pipeline, proto.Args{[]byte("SET"), fmt.Appendf(nil, "key:%d:%d", i, j), []byte("some value")})
		}
		if replies := c.Send(pipeline...); strings.Contains(string(replies), "-OOM") {
			return
		}
		e.Advance(1e9) // so that figures are published
	}
}

const oom = "OOM command not allowed when used memory > 'maxmemory'."

// A value that does not fit beside what is there has keys evicted for it, a slice in each turn. Meanwhile others read,
// and who writes waits for the room to be made.
func TestRoomIsMadeInSlices(t *testing.T) {
	e := startLimited(t, store.AllKeysLRU)
	fillUp(t, e)
	_, before := e.State()
	large := proto.Args{[]byte("SET"), []byte("large"), make([]byte, 300_000)}
	small := proto.Args{[]byte("SET"), []byte("small"), []byte("v")}
	get := proto.Args{[]byte("GET"), []byte("missing")}
	info := proto.Args{[]byte("INFO"), []byte("stats")}
	replies := inOneTurn(e, []proto.Args{large}, []proto.Args{get, info}, []proto.Args{small, info})

	_, after := e.State()
	all := after.Evicted - before.Evicted
	reader, writer := evictedIn(t, replies[1])-before.Evicted, evictedIn(t, replies[2])-before.Evicted
	if replies[0] != "+OK\r\n" || !strings.HasPrefix(replies[1], "$-1\r\n") || !strings.HasPrefix(replies[2], "+OK\r\n") {
		t.Fatalf("the replies are %.40q", replies)
	}
	if all < 1000 || reader == 0 || reader > all/2 || writer < all*9/10 {
		t.Errorf("of %d evictions the reader waited for %d, the writer for %d", all, reader, writer)
	}
	if after.UsedMemory > after.MaxMemory*102/100 {
		t.Errorf("%d bytes used of %d", after.UsedMemory, after.MaxMemory)
	}
}

// inOneTurn has every client's requests handed to the owner, in this order, before it takes the first, and returns their
// replies.
func inOneTurn(e *actortest.Engine, pipelines ...[]proto.Args) []string {
	replies, done := make([]string, len(pipelines)), make(chan struct{})
	clients := make([]*actortest.Client, len(pipelines))
	for i := range clients {
		clients[i] = e.Connect(proto.RESP2)
	}
	e.Inspect(func(*store.Store) {
		for i, pipeline := range pipelines {
			go func() {
				replies[i] = string(clients[i].Send(pipeline...))
				done <- struct{}{}
			}()
			for e.Measure().MailboxDepth <= i {
				runtime.Gosched()
			}
		}
	})
	for range pipelines {
		<-done
	}
	return replies
}

// evictedIn reads the figure from INFO's reply.
func evictedIn(t *testing.T, reply string) (n uint64) {
	_, rest, _ := strings.Cut(reply, "\nevicted_keys:")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatalf("%q: %v", reply, err)
	}
	return n
}

// A client that is killed while keys are evicted for it holds up nobody.
func TestTheKilledLeaveTheQueueForRoom(t *testing.T) {
	e := startLimited(t, store.AllKeysLRU)
	fillUp(t, e)
	large := proto.Args{[]byte("SET"), []byte("large"), make([]byte, 300_000)}
	kill := proto.Args{[]byte("CLIENT"), []byte("KILL"), []byte("TYPE"), []byte("normal")}
	small := proto.Args{[]byte("SET"), []byte("small"), []byte("v")}
	replies := inOneTurn(e, []proto.Args{large}, []proto.Args{kill})
	if replies[0] != "" || !strings.HasPrefix(replies[1], ":") {
		t.Fatalf("the replies are %.40q", replies)
	}
	if reply := e.Connect(proto.RESP2).Send(small); string(reply) != "+OK\r\n" {
		t.Errorf("the next one is answered %q", reply)
	}
}

// One whose time in the queue is up while keys are evicted for it holds up nobody either.
func TestTheLateLeaveTheQueueForRoom(t *testing.T) {
	e := startLimited(t, store.AllKeysLRU)
	fillUp(t, e)
	e.Connect(proto.RESP2).Do("CONFIG", "SET", "command-timeout", "1000")
	large := proto.Args{[]byte("SET"), []byte("large"), make([]byte, 300_000)}
	sleep := proto.Args{[]byte("DEBUG"), []byte("SLEEP"), []byte("2")}
	replies := inOneTurn(e, []proto.Args{large}, []proto.Args{sleep})
	if replies[0] != "-"+string(proto.ErrCommandTimeout)+"\r\n" || replies[1] != "+OK\r\n" {
		t.Fatalf("the replies are %.40q", replies)
	}
	small := proto.Args{[]byte("SET"), []byte("small"), []byte("v")}
	if reply := e.Connect(proto.RESP2).Send(small); string(reply) != "+OK\r\n" { // comes at all
		t.Errorf("the next one is answered %q", reply)
	}
}

// Who waits for room goes by the bound as it is: one that is lifted is no reason to wait, and below one that is too low
// nothing is evicted any more.
func TestBoundChangesWhileKeysAreEvicted(t *testing.T) {
	large := proto.Args{[]byte("SET"), []byte("large"), make([]byte, 300_000)}
	for bound, wanted := range map[string]string{"0": "+OK\r\n", "290000": "-" + oom + "\r\n", "900kb": "+OK\r\n"} {
		e := startLimited(t, store.AllKeysLRU)
		fillUp(t, e)
		_, before := e.State()
		replies := inOneTurn(e, []proto.Args{large}, []proto.Args{{[]byte("CONFIG"), []byte("SET"), []byte("maxmemory"), []byte(bound)}})
		if replies[0] != wanted || replies[1] != "+OK\r\n" {
			t.Errorf("a bound of %s: the replies are %.60q", bound, replies)
		}
		evictAll(e)
		_, after := e.State()
		switch evicted := after.Evicted - before.Evicted; {
		case evicted == 0 || bound == "0" && evicted > 600:
			t.Errorf("a bound of %s: %d keys were evicted", bound, evicted)
		case after.MaxMemory > 0 && after.UsedMemory > after.MaxMemory:
			t.Errorf("a bound of %s: %d bytes are used", bound, after.UsedMemory)
		}
		e.Inspect(func(st *store.Store) {
			if err := st.Verify(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What can never fit is refused, and nothing is lost for it.
func TestWhatNeverFitsEvictsNothing(t *testing.T) {
	e := startLimited(t, store.AllKeysLFU)
	c := e.Connect(proto.RESP2)
	for i := range 100 {
		c.Do("SET", fmt.Sprint("key:", i), "v")
	}
	for _, request := range [][]string{
		{"SET", "key", strings.Repeat("x", 2<<20)},
		{"APPEND", "key:1", strings.Repeat("x", 2<<20)},
		{"SETRANGE", "key:1", "20000000", "x"},
		{"SETBIT", "key:1", "160000000", "1"},
		{"BITFIELD", "key:1", "GET", "u8", "0", "SET", "u8", "#20000000", "1"},
		{"RPUSH", "list", strings.Repeat("x", 1<<20), strings.Repeat("y", 1<<20)},
	} {
		if reply := c.Do(request...); reply.Text != oom {
			t.Errorf("%s: %.100s", request[0], reply)
		}
	}
	if reply := c.Do("SETRANGE", "key:1", fmt.Sprint(512<<20), "x"); !strings.Contains(reply.Text, "exceeds maximum") {
		t.Errorf("a string that is too long is answered %s", reply)
	}
	if keys := c.Do("DBSIZE").Int; keys != 100 {
		t.Errorf("%d keys are left", keys)
	}
}

// Under noeviction a full server still reads and deletes, and writes again when there is room.
func TestFullWithoutEviction(t *testing.T) {
	e := startLimited(t, store.NoEviction)
	fillUp(t, e)
	c := e.Connect(proto.RESP2)
	c.Do("CONFIG", "SET", "maxmemory", "500kb")
	refused := func(words ...string) bool { return c.Do(words...).Text == oom }
	if !refused("SET", "key:0:0", "v") || !refused("RPUSH", "list", "v") || !refused("INCR", "n") {
		t.Error("a full server writes")
	}
	if c.Do("GET", "key:0:0").Text != "some value" || c.Do("DEL", "key:0:0").Int != 1 || refused("EXPIRE", "key:0:1", "10") {
		t.Error("a full server does not read or delete")
	}
	c.Do("FLUSHALL")
	if c.Do("SET", "key", "v").Text != "OK" {
		t.Error("an empty server refuses")
	}
}

// A bound that is lowered at run time is kept without anybody's asking, and nothing is lost when it is not.
func TestLoweredBound(t *testing.T) {
	for _, policy := range []store.Policy{store.AllKeysLRU, store.AllKeysRandom, store.VolatileTTL, store.VolatileLFU} {
		e := startLimited(t, store.NoEviction)
		fillUp(t, e)
		c := e.Connect(proto.RESP2)
		c.Do("CONFIG", "SET", "maxmemory", "2mb")
		var pipeline []proto.Args
		for i := range 50 {
			for j := range 100 {
				pipeline = append(pipeline, proto.Args{[]byte("EXPIRE"), fmt.Appendf(nil, "key:%d:%d", i, j), []byte("1000")})
			}
		}
		c.Send(pipeline...)
		keys, volatile := c.Do("DBSIZE").Int, volatileKeys(e)
		c.Do("CONFIG", "SET", "maxmemory-policy", policy.String())
		if now := c.Do("DBSIZE").Int; now != keys {
			t.Errorf("%s: %d keys of %d when the policy changed", policy, now, keys)
		}
		c.Do("CONFIG", "SET", "maxmemory", "900kb")
		evictAll(e)
		_, figures := e.State()
		if figures.UsedMemory > 900<<10 || figures.Evicted == 0 {
			t.Errorf("%s: %d bytes used of 900 KB, %d keys evicted", policy, figures.UsedMemory, figures.Evicted)
		}
		if policy >= store.VolatileLRU && int(figures.Evicted) != volatile-volatileKeys(e) {
			t.Errorf("%s: %d keys evicted, %d of them volatile", policy, figures.Evicted, volatile-volatileKeys(e))
		}
	}
}

func volatileKeys(e *actortest.Engine) (n int) {
	e.Inspect(func(st *store.Store) { n = st.DB(0).Volatile() })
	return n
}

// evictAll returns when the owner has done its chores.
func evictAll(e *actortest.Engine) {
	for busy := true; busy; {
		e.Inspect(func(st *store.Store) { busy = st.HasChores() })
	}
}
