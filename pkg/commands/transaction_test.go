package commands_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/commands"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

const execAbort = "EXECABORT Transaction discarded because of previous errors."

// What is queued outlives the buffer in which it came: whole, whatever its length, and in order.
func TestQueuedArgumentsAreKept(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	lengths := []int{0, 1, 20, 4095, 16, 16 << 10, 16<<10 - 1, 3, 100_000, 16<<10 + 1, 7}
	var want []string
	for round := range 3 { // the second and third with memory of the one before
		c.Do("MULTI")
		want = nil
		for i, n := range slices.Concat(lengths, lengths, lengths) {
			value := bytes.Repeat([]byte{byte('a' + (i+round)%26)}, n)
			request := proto.Args{[]byte("SET"), fmt.Appendf(nil, "key:%d", i), value}
			want = append(want, string(value))
			if got := string(c.Send(request)); got != "+QUEUED\r\n" {
				t.Fatal(got)
			}
			for _, arg := range request {
				if len(arg) < proto.RefSize { // others have memory of their own
					clear(arg)
				}
			}
		}
		if reply := c.Do("EXEC"); len(reply.Elems) != len(want) {
			t.Fatalf("EXEC answers %.100v", reply)
		}
		for i, value := range want {
			if got := c.Do("GET", fmt.Sprint("key:", i)).Text; got != value {
				t.Errorf("round %d: key %d has %d bytes %.20q, not %d bytes %.20q", round, i, len(got), got, len(value), value)
			}
		}
	}
}

// A transaction takes 64 MB and no more. Who wanted more is told, and nothing of it runs.
func TestTransactionIsBounded(t *testing.T) {
	for name, arg := range map[string][]byte{"large": make([]byte, 1<<20), "small": make([]byte, 16), "none": nil} {
		t.Run(name, func(t *testing.T) {
			e := startEngine(t)
			c := e.Connect(proto.RESP2)
			request := proto.Args{[]byte("PING"), arg}
			if name == "none" {
				request = request[:1]
			}
			c.Do("MULTI")
			pipeline, refused, queued := slices.Repeat([]proto.Args{request}, 1<<10), false, 0
			for ; !refused && queued < 1<<21; queued += len(pipeline) {
				refused = strings.Contains(string(c.Send(pipeline...)), string(proto.ErrTransactionSize))
			}
			if least := 60 << 20 / (56 + 2*24 + 4 + len(arg)); !refused || queued < least {
				t.Errorf("of %d commands one was refused: %v", queued, refused)
			}
			if line := c.Do("EXEC").Text; line != execAbort {
				t.Errorf("EXEC answers %.100s", line)
			}
			if c.Do("MULTI"); c.Do("PING").Text != "QUEUED" || c.Do("EXEC").IsError() {
				t.Error("the next one is refused as well")
			}
		})
	}
}

// startWith returns an engine that has some rows more.
func startWith(t *testing.T, rows ...actor.Command) *actortest.Engine {
	t.Helper()
	table, err := actor.NewTable(append(commands.Families(), rows)...)
	if err != nil {
		t.Fatal(err)
	}
	return actortest.Start(t, actortest.Options{Table: table, Store: store.Options{Databases: 1}})
}

func testRow(name string, flags actor.Flags, run actor.Handler) actor.Command {
	return actor.Command{Name: name, Arity: 1, Flags: flags, Run: run, Group: "test", Since: "7.4.0", Summary: "For tests."}
}

// A panic inside EXEC is one reply, and what is behind it runs.
func TestPanicInsideExec(t *testing.T) {
	e := startWith(t, testRow("fail", 0, func(c *actor.Call) error {
		c.Reply.Array(7)
		panic("on purpose")
	}))
	c := e.Connect(proto.RESP2)
	for _, words := range []string{"MULTI", "SET k 1", "FAIL", "INCR k", "FAIL"} {
		c.Do(strings.Fields(words)...)
	}
	reply := c.Do("EXEC")
	if want := fmt.Sprintf("*4\n  +OK\n  -%s\n  :2\n  -%[1]s", proto.ErrInternal); reply.String() != want {
		t.Errorf("EXEC answers %v", reply)
	}
	if reply := c.Do("INCR", "k"); reply.Int != 3 {
		t.Errorf("INCR answers %v behind it", reply)
	}
	if _, figures := e.State(); figures.Panics != 2 {
		t.Errorf("%d panics are counted", figures.Panics)
	}
}

// A handler can tell whether it may wait.
func TestInTransaction(t *testing.T) {
	e := startWith(t,
		testRow("inside", 0, func(c *actor.Call) error { c.Reply.Flag(!c.MayBlock()); return nil }),
		testRow("never", actor.NoMulti, func(c *actor.Call) error { c.Reply.OK(); return nil }))
	c := e.Connect(proto.RESP2)
	for _, step := range [][2]string{
		{"INSIDE", ":0"}, {"MULTI", "+OK"}, {"INSIDE", "+QUEUED"}, {"EXEC", "*1\n  :1"}, {"INSIDE", ":0"},
		{"NEVER", "+OK"}, {"MULTI", "+OK"}, {"NEVER", "-ERR Command not allowed inside a transaction"}, {"EXEC", "-" + execAbort},
	} {
		if reply := c.Do(step[0]).String(); reply != step[1] {
			t.Errorf("%s answers %s", step[0], reply)
		}
	}
}

// The time that commands may wait in the queue is EXEC's: those inside do not look at it.
func TestCommandTimeoutAndTransactions(t *testing.T) {
	e := startEngine(t)
	e.Connect(proto.RESP2).Do("CONFIG", "SET", "command-timeout", "1000")
	pipeline := func(lines ...string) (requests []proto.Args) {
		for _, line := range lines {
			requests = append(requests, asArgs(strings.Fields(line)))
		}
		return requests
	}
	replies := inOneTurn(e, pipeline("MULTI", "DEBUG SLEEP 2", "SET k v", "EXEC"), pipeline("MULTI", "SET k w", "EXEC"))
	late := "-" + string(proto.ErrCommandTimeout) + "\r\n"
	if want := "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n"; replies[0] != want {
		t.Errorf("a long transaction is answered %q", replies[0])
	}
	if want := late + late + "-EXECABORT Transaction discarded because of: " + late[5:]; replies[1] != want {
		t.Errorf("a late one is answered %q", replies[1])
	}
}

// EXEC waits for room as a single command does, and others meanwhile do not.
func TestRoomIsMadeForExec(t *testing.T) {
	e := startLimited(t, store.AllKeysLRU)
	fillUp(t, e)
	set := func(key string) proto.Args { return proto.Args{[]byte("SET"), []byte(key), make([]byte, 60_000)} }
	multi, exec, get := proto.Args{[]byte("MULTI")}, proto.Args{[]byte("EXEC")}, proto.Args{[]byte("GET"), []byte("missing")}
	info := proto.Args{[]byte("INFO"), []byte("stats")}
	_, before := e.State()
	replies := inOneTurn(e, []proto.Args{multi, set("a"), set("b"), get, set("c"), set("d"), exec}, []proto.Args{get, info})
	if want := "+OK\r\n" + strings.Repeat("+QUEUED\r\n", 5) + "*5\r\n+OK\r\n+OK\r\n$-1\r\n+OK\r\n+OK\r\n"; replies[0] != want {
		t.Fatalf("the transaction is answered %.200q", replies[0])
	}
	_, after := e.State()
	all, reader := after.Evicted-before.Evicted, evictedIn(t, replies[1])-before.Evicted
	if all < 800 || reader > all/2 {
		t.Errorf("of %d evictions the reader waited for %d", all, reader)
	}
	if after.UsedMemory > after.MaxMemory*102/100 {
		t.Errorf("%d bytes used of %d", after.UsedMemory, after.MaxMemory)
	}
}

// While memory is short nothing is queued, as in Redis, and EXEC is refused only if it would add to it.
func TestTransactionsWhileMemoryIsShort(t *testing.T) {
	e := startLimited(t, store.NoEviction)
	fillUp(t, e)
	c, other := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	bound := func(bytes string) { other.Do("CONFIG", "SET", "maxmemory", bytes) }
	check := func(want string, words ...string) {
		t.Helper()
		if got := c.Do(words...).String(); got != want {
			t.Errorf("%s answers %s, not %s", words, got, want)
		}
	}
	bound("500kb")
	check("+OK", "MULTI")
	check("-"+oom, "GET", "key:0:0")
	check("-"+execAbort, "EXEC")
	bound("0")
	check("+OK", "MULTI")
	check("+QUEUED", "GET", "missing")
	check("+QUEUED", "SET", "k", "v")
	bound("500kb")
	check("-EXECABORT Transaction discarded because of: "+oom, "EXEC")
	check("-ERR EXEC without MULTI", "EXEC")
	bound("0")
	check("+OK", "MULTI")
	check("+QUEUED", "GET", "missing")
	check("+QUEUED", "DEL", "missing")
	bound("500kb")
	check("*2\n  $-1\n  :0", "EXEC")
	check("+OK", "WATCH", "missing")
	check("+OK", "MULTI")
	check("+OK", "DISCARD")
}

// Values that take each other's place need not fit beside each other.
func TestExecNeedsNoMoreThanItAdds(t *testing.T) {
	e := startLimited(t, store.AllKeysLRU)
	c := e.Connect(proto.RESP2)
	c.Do("SET", "small", "v")
	c.Do("MULTI")
	for range 30 {
		c.Do("SET", "k", strings.Repeat("x", 50_000))
	}
	if reply := c.Do("EXEC"); len(reply.Elems) != 30 || c.Do("GET", "small").Text != "v" {
		t.Errorf("EXEC answers %.100v", reply)
	}
}

// A key that is evicted was changed; one that stays was not.
func TestEvictionBreaksWatch(t *testing.T) {
	e := startLimited(t, store.AllKeysRandom)
	fillUp(t, e)
	setter := e.Connect(proto.RESP2)
	clients := map[string]*actortest.Client{}
	for i := range 60 {
		key := fmt.Sprintf("key:%d:%d", i/6, i%6*16)
		if setter.Do("EXISTS", key).Int == 1 {
			clients[key] = e.Connect(proto.RESP2)
			clients[key].Do("WATCH", key)
		}
	}
	setter.Do("CONFIG", "SET", "maxmemory", "500kb")
	evictAll(e)
	setter.Do("CONFIG", "SET", "maxmemory", "0")
	gone := 0
	for key, c := range clients {
		c.Do("MULTI")
		evicted := setter.Do("EXISTS", key).Int == 0
		if evicted {
			gone++
		}
		if reply := c.Do("EXEC"); reply.Null != evicted {
			t.Errorf("%s is evicted: %v, and EXEC answers %v", key, evicted, reply)
		}
	}
	if gone == 0 || gone == len(clients) {
		t.Errorf("%d of %d keys are gone", gone, len(clients))
	}
}

// A field of a hash that expires is a change of the hash, whether anything has removed it or not.
func TestExpiryOfFieldsBreaksWatch(t *testing.T) {
	for _, active := range []string{"1", "0"} {
		for _, wait := range []time.Duration{0, 20 * time.Millisecond} {
			e := startEngine(t)
			c := e.Connect(proto.RESP2)
			c.Do("DEBUG", "SET-ACTIVE-EXPIRE", active)
			c.Do("HSET", "h", "f", "1", "g", "2")
			c.Do("HPEXPIRE", "h", "20", "FIELDS", "1", "f")
			c.Do("WATCH", "h")
			e.Advance(wait)
			c.Do("MULTI")
			if reply := c.Do("EXEC"); reply.Null != (wait > 0) {
				t.Errorf("after %v: %v", wait, reply)
			}
		}
	}
}

// Keys are watched as long as somebody watches them, and no longer, however he goes.
func TestWatchedKeysAreForgotten(t *testing.T) {
	for name, leave := range map[string]func(e *actortest.Engine, c *actortest.Client){
		"UNWATCH": func(_ *actortest.Engine, c *actortest.Client) { c.Do("UNWATCH") },
		"EXEC":    func(_ *actortest.Engine, c *actortest.Client) { c.Do("MULTI"); c.Do("EXEC") },
		"EXEC x":  func(_ *actortest.Engine, c *actortest.Client) { c.Do("EXEC", "x") },
		"DISCARD": func(_ *actortest.Engine, c *actortest.Client) { c.Do("MULTI"); c.Do("GET", "a"); c.Do("DISCARD") },
		"RESET":   func(_ *actortest.Engine, c *actortest.Client) { c.Do("RESET") },
		"QUIT":    func(_ *actortest.Engine, c *actortest.Client) { c.Do("MULTI"); c.Do("QUIT") },
		"close":   func(_ *actortest.Engine, c *actortest.Client) { c.Do("MULTI"); c.Do("GET", "a"); c.Close() },
		"change":  func(e *actortest.Engine, _ *actortest.Client) { e.Connect(proto.RESP2).Do("SET", "a", "1") },
	} {
		t.Run(name, func(t *testing.T) {
			e := startEngine(t)
			first, second := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
			first.Do("WATCH", "a", "b", "a")
			second.Do("WATCH", "a", "c")
			second.Do("SELECT", "3")
			second.Do("WATCH", "a")
			want := func(sessions, keys int) {
				t.Helper()
				if _, f := e.State(); f.Watching != sessions || f.WatchedKeys != keys {
					t.Errorf("%d clients watch %d keys, not %d and %d", f.Watching, f.WatchedKeys, sessions, keys)
				}
			}
			want(2, 4)
			leave(e, first)
			if name == "change" {
				want(0, 0)
				return
			}
			want(1, 3)
			leave(e, second)
			want(0, 0)
		})
	}
}

// All of a transaction runs even if the client ends itself in it. Unlike in Redis, which stops writing there, the client gets
// the whole answer first.
func TestKillOfSelfInsideExec(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	for _, line := range []string{"MULTI", "SET k 1", "CLIENT KILL TYPE normal SKIPME no", "INCR k"} {
		c.Do(strings.Fields(line)...)
	}
	if reply := c.Do("EXEC").String(); reply != "*3\n  +OK\n  :1\n  :2" || !c.Closed() {
		t.Errorf("EXEC answers %s, and the client is closed: %v", reply, c.Closed())
	}
	if reply := e.Connect(proto.RESP2).Do("GET", "k").Text; reply != "2" {
		t.Errorf("then there is %q", reply)
	}
}
