package commands_test

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/rdb"
	"snakecache/pkg/store"
)

// dumped are values of every type in every form that the two servers keep them in.
var dumped = func() map[string][][]string {
	text := func(n int, unit string) string { return strings.Repeat(unit, n) }
	return map[string][][]string{
		"empty string": {{"SET", "k", ""}},
		"integers":     {{"MSET", "k", "1", "k1", "-129", "k2", "70000", "k3", "9223372036854775807", "k4", "01"}},
		"compressible": {{"SET", "k", text(1000, "abc")}},
		"large":        {{"SET", "k", text(40_000, "abcdefgh")}},
		"raw":          {{"SET", "k", "a"}, {"APPEND", "k", "b\r\n\x00"}},
		"short list":   {{"RPUSH", "k", "a", "1", "-70000", "", text(70, "x"), "5000000000"}},
		"long list":    {many([]string{"RPUSH", "k"}, "element:%d"), {"RPUSH", "k", text(9000, "y")}},
		"intset":       {{"SADD", "k", "1", "2", "-3"}, {"SADD", "k1", "1", "70000"}, {"SADD", "k2", "5000000000", "-1"}},
		"short set":    {{"SADD", "k", "a", "1", text(60, "z")}},
		"long set":     {many([]string{"SADD", "k"}, "member:%d")},
		"short hash":   {{"HSET", "k", "a", "1", "b", "", "", "c"}},
		"long hash":    {many([]string{"HSET", "k"}, "field:%d", "%d"), {"HSET", "k", "large", text(20_000, "v")}},
		"short zset":   {{"ZADD", "k", "1", "a", "1.5", "b", "-inf", "c", "inf", "d", "1e300", "e", "-0", "f"}},
		"long zset":    {many([]string{"ZADD", "k"}, "0.%d", "member:%d")},
		"hyperloglog":  {{"PFADD", "k", "a", "b", "c"}},
		"dense sketch": {many([]string{"PFADD", "k"}, "element:%d"), {"PFDEBUG", "TODENSE", "k"}, {"PFCOUNT", "k"}},
		"stream": {
			{"XADD", "k", "1-1", "a", "1", "b", "2"}, {"XADD", "k", "1-2", "a", "3", "b", "4"}, {"XADD", "k", "5-0", "other", "x"},
			{"XDEL", "k", "1-2"}, {"XGROUP", "CREATE", "k", "g", "0"}, {"XGROUP", "CREATE", "k", "h", "$"},
			{"XREADGROUP", "GROUP", "g", "c", "COUNT", "2", "STREAMS", "k", ">"}, {"XACK", "k", "g", "1-1"},
		},
		"long stream":  slices.Repeat([][]string{{"XADD", "k", "*", "field", text(50, "w")}}, 300),
		"empty stream": {{"XADD", "k", "1-1", "a", "1"}, {"XDEL", "k", "1-1"}, {"XADD", "k", "MAXLEN", "0", "2-1", "a", "b"}},
	}
}()

// exchange dumps all keys of one server into the other, and returns what each holds.
func exchange(t *testing.T, from, to server) (before, after map[string]held) {
	t.Helper()
	ask(to, "FLUSHALL")
	ask(to, "SELECT", "0")
	ask(from, "SELECT", "0")
	for _, key := range ask(from, "KEYS", "*").Elems {
		dump := ask(from, "DUMP", key.Text)
		if reply := ask(to, "RESTORE", key.Text, "0", dump.Text); reply.String() != "+OK" {
			t.Errorf("%q: %s\n%.300q", key.Text, reply, dump.Text)
		}
	}
	return contents(from), contents(to)
}

func TestDumpsAreExchangedWithRedis(t *testing.T) {
	addr := redistest.Start(t).Options().Addr
	for name, requests := range dumped {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, addr)
			for _, s := range []server{p.ours, p.theirs} {
				for _, request := range requests {
					if reply := ask(s, request...); reply.IsError() {
						t.Fatalf("%.100q: %s", request, reply)
					}
				}
			}
			compareExchanged(t, "ours to ours", p.ours, p.ours)
			compareExchanged(t, "ours to theirs", p.ours, p.theirs)
			compareExchanged(t, "theirs to ours", p.theirs, p.ours)
		})
	}
}

// compareExchanged exchanges and compares. To itself a server dumps under other names.
func compareExchanged(t *testing.T, what string, from, to server) {
	t.Helper()
	if from == to {
		for _, key := range ask(from, "KEYS", "*").Elems {
			dump := ask(from, "DUMP", key.Text).Text
			ask(from, "RESTORE", "copy", "0", dump, "REPLACE")
			if was, is := content(from, key.Text), content(from, "copy"); was != is {
				t.Errorf("%s: %q is\n%.300s\nrestored\n%.300s", what, key.Text, was, is)
			}
			was, is := ask(from, "OBJECT", "ENCODING", key.Text).Text, ask(from, "OBJECT", "ENCODING", "copy").Text
			if was != is && was != "raw" { // what became raw by an edit comes back as what it looks like
				t.Errorf("%s: %q is a %s, restored %s", what, key.Text, was, is)
			}
			ask(from, "DEL", "copy")
		}
		return
	}
	before, after := exchange(t, from, to)
	for key := range mergeKeys(before, after) {
		if was, is := before[key].content, after[key].content; was != is {
			t.Errorf("%s: %s is\n%.300s\nrestored\n%.300s", what, key, was, is)
		}
	}
}

// What is restored has memory of its own, or all that the request had: elements of collections do not keep the payload.
func TestRestoredElementsAreCopied(t *testing.T) {
	long, key := strings.Repeat("0123456789", 2000), []byte("copy")
	for _, request := range [][]string{
		{"RPUSH", "k", long}, {"SADD", "k", long}, {"ZADD", "k", "1", long}, {"HSET", "k", "f", long}, {"XADD", "k", "1-1", "f", long}, {"SET", "k", long[:10_000]},
	} {
		o := ours{startEngine(t).Connect(proto.RESP2)}
		o.Do(request...)
		dump := []byte(o.Do("DUMP", "k").Text)
		o.Send(proto.Args{[]byte("RESTORE"), key, []byte("0"), dump})
		for i := range dump {
			dump[i] = '!'
		}
		if was, is := content(o, "k"), content(o, "copy"); was != is {
			t.Errorf("%.40q: restored, it changes with the request", request)
		}
	}
}

// No reply refers to a string because it was dumped, so that it can still be changed in place.
func TestDumpLeavesStringsTheirMemory(t *testing.T) {
	c := startEngine(t).Connect(proto.RESP2)
	const size = 8 << 20
	c.Do("SET", "k", strings.Repeat("x", size))
	c.Do("DUMP", "k")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c.Do("SETRANGE", "k", "7", "y")
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > size/2 {
		t.Errorf("SETRANGE takes %d bytes", took)
	}
}

// Deadlines of fields survive: Redis 7.4's form, which 7.0 cannot read.
func TestDumpKeepsDeadlinesOfFields(t *testing.T) {
	c := startEngine(t).Connect(proto.RESP2)
	c.Do("HSET", "k", "a", "1", "b", "2", "c", "3")
	c.Do("HPEXPIREAT", "k", "33177117420000", "FIELDS", "1", "a")
	c.Do("HPEXPIREAT", "k", "33177117427000", "FIELDS", "1", "b")
	if reply := c.Do("RESTORE", "copy", "0", c.Do("DUMP", "k").Text); reply.String() != "+OK" {
		t.Fatal(reply)
	}
	want := c.Do("HPEXPIRETIME", "k", "FIELDS", "3", "a", "b", "c").String()
	if got := c.Do("HPEXPIRETIME", "copy", "FIELDS", "3", "a", "b", "c").String(); got != want || !strings.Contains(got, ":33177117427000") {
		t.Errorf("the deadlines are\n%s\nnot\n%s", got, want)
	}
}

// Whatever is restored, it is refused or a value like any other, and the store stays whole.
func FuzzRestore(f *testing.F) {
	e := startEngine(f)
	c := e.Connect(proto.RESP2)
	for _, requests := range dumped {
		for _, request := range requests {
			c.Do(request...)
		}
		f.Add([]byte(c.Do("DUMP", "k").Text))
		c.Do("FLUSHALL")
	}
	for _, d := range olderDumps {
		f.Add(rdb.Seal([]byte(d.value), 9))
	}
	f.Fuzz(func(t *testing.T, dump []byte) {
		e := startEngine(t)
		c := e.Connect(proto.RESP2)
		reply := c.Do("RESTORE", "k", "0", string(sealed(dump)))
		restored := reply.String() == "+OK"
		if exists := c.Do("EXISTS", "k").Int == 1; exists != restored && !restored {
			t.Fatalf("%s, and the key exists", reply)
		}
		if restored {
			useAll(c)
		}
		verifyStore(t, e)
	})
}

// sealed gives a dump a version and the checksum that it should have.
func sealed(dump []byte) []byte {
	const footer = 10
	return rdb.Seal(bytes.Clone(dump[:max(0, len(dump)-footer)]), 10)
}

// olderDumps are values as older versions of Redis write them, and what they are.
var olderDumps = []struct{ what, value, request, want string }{
	{"list of a ziplist", "\x0a\x10" + "\x10\x00\x00\x00\x0d\x00\x00\x00\x02\x00" + "\x00\x01a" + "\x03\xf2" + "\xff", "LRANGE k 0 -1", "*2\n  $\"a\"\n  $\"1\""},
	{"quicklist of ziplists", "\x0e\x01\x10" + "\x10\x00\x00\x00\x0d\x00\x00\x00\x02\x00" + "\x00\x01a" + "\x03\xf2" + "\xff", "LRANGE k 0 -1", "*2\n  $\"a\"\n  $\"1\""},
	{"hash of a ziplist", "\x0d\x11" + "\x11\x00\x00\x00\x0d\x00\x00\x00\x02\x00" + "\x00\x01a" + "\x03\xfe\x80" + "\xff", "HGETALL k", "*2\n  $\"a\"\n  $\"-128\""},
	{"sorted set of a ziplist", "\x0c\x13" + "\x13\x00\x00\x00\x0d\x00\x00\x00\x02\x00" + "\x00\x01a" + "\x03\x031.5" + "\xff", "ZRANGE k 0 -1 WITHSCORES", "*2\n  $\"a\"\n  $\"1.5\""},
	{"sorted set of text", "\x03\x02\x01a\x031.5\x01b\xff", "ZRANGE k 0 -1 WITHSCORES", "*4\n  $\"b\"\n  $\"-inf\"\n  $\"a\"\n  $\"1.5\""},
	{"set of a listpack", "\x14\x0a" + "\x0a\x00\x00\x00\x01\x00" + "\x81a\x02" + "\xff", "SMEMBERS k", "*1\n  $\"a\""},
	{"compressed string", "\x00\xc3\x0a\x23" + "\x00a\xe0\x15\x00\x03abcd", "STRLEN k", ":35"},
}

func TestOlderDumps(t *testing.T) {
	for _, d := range olderDumps {
		c := startEngine(t).Connect(proto.RESP2)
		if reply := c.Do("RESTORE", "k", "0", string(rdb.Seal([]byte(d.value), 9))); reply.String() != "+OK" {
			t.Errorf("%s: %s", d.what, reply)
		}
		if got := c.Do(strings.Fields(d.request)...).String(); got != d.want {
			t.Errorf("%s: %s\nnot %s", d.what, got, d.want)
		}
	}
}

// useAll reads the key k as what it is, and changes it a little.
func useAll(c *actortest.Client) {
	for _, request := range []string{
		"DUMP k", "OBJECT ENCODING k", "GET k", "APPEND k x", "LRANGE k 0 -1", "LPUSH k x", "SMEMBERS k", "SADD k x", "HGETALL k", "HSET k x y",
		"ZRANGE k 0 -1 WITHSCORES", "ZADD k 1 x", "XRANGE k - +", "XREVRANGE k + -", "XINFO STREAM k FULL", "XINFO GROUPS k", "XINFO CONSUMERS k g",
		"XADD k * x y", "XADD k MAXLEN ~ 1 * x y", "XGROUP CREATE k fresh 0", "XREADGROUP GROUP g c STREAMS k 0", "XREADGROUP GROUP g d COUNT 1 STREAMS k >",
		"XPENDING k g", "XPENDING k g - + 10 c", "XCLAIM k g e 0 1-1 5-0 FORCE", "XAUTOCLAIM k g f 0 0 COUNT 1", "XACK k g 1-1 5-0", "XDEL k 5-0 1-1",
		"XGROUP DELCONSUMER k g c", "COPY k l", "XTRIM k MAXLEN 0", "XGROUP DESTROY k g", "PFADD k x", "PFCOUNT k", "DEL k l",
	} {
		c.Do(strings.Fields(request)...)
	}
}

func verifyStore(t *testing.T, e *actortest.Engine) {
	t.Helper()
	var damage error
	e.Inspect(func(st *store.Store) { damage = st.Verify() })
	if _, figures := e.State(); damage != nil || figures.Panics > 0 {
		t.Fatalf("%v, %d panics", damage, figures.Panics)
	}
}
