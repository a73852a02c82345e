package server

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"snakecache/pkg/proto"
)

// Real clients over real sockets. The engine's clock stands still, so what is left of a deadline is exact.

// tool returns a command that is to talk to the server, and skips the test if there is no such program.
func (r *rig) tool(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	host, port, _ := net.SplitHostPort(r.addr)
	return exec.CommandContext(t.Context(), path, append([]string{"-h", host, "-p", port}, args...)...)
}

func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

func TestGoRedis(t *testing.T) {
	for name, dialect := range map[string]int{"defaults": proto.RESP3, "RESP2": proto.RESP2} {
		t.Run(name, func(t *testing.T) {
			options := redis.Options{Addr: start(t).addr, DialTimeout: giveUp, ReadTimeout: giveUp, WriteTimeout: giveUp}
			if dialect != proto.RESP3 {
				options.Protocol = dialect
			}
			client := redis.NewClient(&options)
			defer client.Close()
			if got := must(t, client.ClientInfo(t.Context())); got.Resp != dialect || got.LibName == "" {
				t.Errorf("the client speaks RESP%d and is called %q", got.Resp, got.LibName)
			}
			t.Run("strings", func(t *testing.T) { goRedisStrings(t, client) })
			t.Run("lists", func(t *testing.T) { goRedisLists(t, client) })
			t.Run("pipeline", func(t *testing.T) { goRedisPipeline(t, client) })
			t.Run("connection", func(t *testing.T) { goRedisConnection(t, client) })
		})
	}
}

// must returns a result without its error, which fails the test.
func must[T any](t *testing.T, cmd interface{ Result() (T, error) }) T {
	t.Helper()
	v, err := cmd.Result()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return v
}

func goRedisStrings(t *testing.T, client *redis.Client) {
	ctx := t.Context()
	if _, err := client.Get(ctx, "nosuch").Result(); !errors.Is(err, redis.Nil) {
		t.Errorf("GET of no key: %v", err)
	}
	must(t, client.Set(ctx, "k", "v\r\n\x00", time.Minute))
	if got := must(t, client.Get(ctx, "k")); got != "v\r\n\x00" {
		t.Errorf("GET: %q", got)
	}
	if got := must(t, client.TTL(ctx, "k")); got != time.Minute {
		t.Errorf("TTL: %v", got)
	}
	if must(t, client.SetNX(ctx, "k", "w", 0)) {
		t.Error("SETNX over a key")
	}
	if got := must(t, client.IncrBy(ctx, "n", 5)); got != 5 {
		t.Errorf("INCRBY: %d", got)
	}
	if got := must(t, client.IncrByFloat(ctx, "n", 0.5)); got != 5.5 {
		t.Errorf("INCRBYFLOAT: %v", got)
	}
	if got := must(t, client.MGet(ctx, "k", "nosuch", "n")); !slices.Equal(got, []any{"v\r\n\x00", nil, "5.5"}) {
		t.Errorf("MGET: %q", got)
	}
	if err := client.Incr(ctx, "k").Err(); err == nil || err.Error() != "ERR value is not an integer or out of range" {
		t.Errorf("INCR of no number: %v", err)
	}
	large := repeat(3<<20, "x")
	must(t, client.Set(ctx, "large", large, 0))
	if got := must(t, client.Get(ctx, "large")); got != large {
		t.Errorf("a large value came back as %d bytes", len(got))
	}
}

func goRedisLists(t *testing.T, client *redis.Client) {
	ctx := t.Context()
	must(t, client.RPush(ctx, "l", "a", "b", "c"))
	if got := must(t, client.LRange(ctx, "l", 0, -1)); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("LRANGE: %q", got)
	}
	if got := must(t, client.LPopCount(ctx, "l", 2)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("LPOP: %q", got)
	}
	if _, err := client.LPopCount(ctx, "nosuch", 2).Result(); !errors.Is(err, redis.Nil) {
		t.Errorf("LPOP of no list: %v", err)
	}
	if err := client.Get(ctx, "l").Err(); err == nil || !strings.HasPrefix(err.Error(), "WRONGTYPE ") {
		t.Errorf("GET of a list: %v", err)
	}
}

func goRedisPipeline(t *testing.T, client *redis.Client) {
	const n = 1000
	var gets [n]*redis.StringCmd
	_, err := client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		for i := range n {
			key := fmt.Sprint("p", i)
			p.Set(t.Context(), key, i, 0)
			gets[i] = p.Get(t.Context(), key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, get := range gets {
		if get.Val() != fmt.Sprint(i) {
			t.Errorf("reply %d is %q", i, get.Val())
		}
	}
	keys := client.Scan(t.Context(), 0, "p*", 100).Iterator()
	found := map[string]bool{}
	for keys.Next(t.Context()) {
		found[keys.Val()] = true
	}
	if err := keys.Err(); err != nil || len(found) != n {
		t.Errorf("SCAN found %d keys, %v", len(found), err)
	}
}

func goRedisConnection(t *testing.T, client *redis.Client) {
	ctx := t.Context()
	conn := client.Conn()
	defer conn.Close()
	must(t, conn.ClientSetName(ctx, "tester"))
	if got := must(t, conn.ClientGetName(ctx)); got != "tester" {
		t.Errorf("CLIENT GETNAME: %q", got)
	}
	must(t, conn.Select(ctx, 3))
	if got := must(t, conn.DBSize(ctx)); got != 0 {
		t.Errorf("DBSIZE of another database: %d", got)
	}
	if got := must(t, conn.Command(ctx)); got["get"] == nil || got["get"].FirstKeyPos != 1 || !got["get"].ReadOnly {
		t.Errorf("COMMAND says of GET %+v", got["get"])
	}
	if got := must(t, conn.Info(ctx, "server")); !strings.Contains(got, "redis_version:7.4") {
		t.Errorf("INFO: %q", got)
	}
}

func TestRedisCLI(t *testing.T) {
	r := start(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"PING"}, "PONG"},
		{[]string{"SET", "k", "a b", "EX", "100"}, "OK"},
		{[]string{"GET", "k"}, "a b"},
		{[]string{"--no-raw", "TTL", "k"}, "(integer) 100"},
		{[]string{"-3", "--no-raw", "GET", "nosuch"}, "(nil)"},
		{[]string{"--no-raw", "RPUSH", "l", "a", "b"}, "(integer) 2"},
		{[]string{"--no-raw", "LRANGE", "l", "0", "-1"}, "1) \"a\"\n2) \"b\""},
		{[]string{"INCR", "k"}, "ERR value is not an integer or out of range"},
		{[]string{"--no-raw", "NOSUCH", "x"}, "(error) ERR unknown command 'NOSUCH', with args beginning with: 'x' "},
		{[]string{"-n", "3", "DBSIZE"}, "0"},
		{[]string{"-r", "3", "INCR", "n"}, "1\n2\n3"},
	} {
		if got := output(t, r.tool(t, "redis-cli", c.args...)); strings.TrimRight(got, "\n") != c.want {
			t.Errorf("redis-cli %s: got %q, want %q", strings.Join(c.args, " "), got, c.want)
		}
	}

	if got := output(t, r.tool(t, "redis-cli", "-3", "CLIENT", "INFO")); !strings.Contains(got, " resp=3 ") {
		t.Errorf("redis-cli -3 is a client of which is said: %s", got)
	}

	session := r.tool(t, "redis-cli")
	session.Stdin = strings.NewReader("SET s \"two words\"\nGET s\nSELECT 1\nGET s\n")
	if got := output(t, session); got != "OK\ntwo words\nOK\n\n" {
		t.Errorf("lines on the standard input are answered %q", got)
	}

	pipe := r.tool(t, "redis-cli", "--pipe")
	pipe.Stdin = strings.NewReader(repeat(5000, "INCR piped\r\n") + repeat(5000, "*2\r\n$4\r\nINCR\r\n$5\r\npiped\r\n"))
	if got := output(t, pipe); !strings.Contains(got, "errors: 0, replies: 10000") {
		t.Errorf("--pipe says %q", got)
	}
	if got := output(t, r.tool(t, "redis-cli", "GET", "piped")); got != "10000\n" {
		t.Errorf("behind --pipe the counter is %q", got)
	}
}

func TestRedisBenchmark(t *testing.T) {
	r := start(t)
	for _, args := range [][]string{{"-P", "1"}, {"-P", "16"}, {"-3", "-P", "4", "--threads", "2"}} {
		args = append(args, "-q", "-n", "1000", "-t", "ping,set,get,incr,lpush,rpush,lpop,rpop,lrange,mset")
		got := output(t, r.tool(t, "redis-benchmark", args...))
		n, words := strings.Count(got, "requests per second"), strings.ToLower(got)
		if n < 15 || strings.Contains(words, "err") || strings.Contains(words, "warn") {
			t.Errorf("redis-benchmark %s made %d measurements:\n%s", strings.Join(args, " "), n, got)
		}
	}
}

// script is what redis-py, in the version that Debian has, is to do. It takes host and port.
const script = `
import redis, sys
r = redis.Redis(host=sys.argv[1], port=int(sys.argv[2]))
def check(got, want):
    assert got == want, "got %r, want %r" % (got, want)
check(r.ping(), True)
check(r.set("k", "v", ex=100), True)
check(r.get("k"), b"v")
check(r.ttl("k"), 100)
check(r.get("nosuch"), None)
check(r.set("k", "w", nx=True), None)
check(r.set("k", "w", keepttl=True, get=True), b"v")
check(r.incr("n"), 1)
check(r.rpush("l", "a", "b", b"\xff\r\n"), 3)
check(r.lrange("l", 0, -1), [b"a", b"b", b"\xff\r\n"])
check(r.lpop("l", 2), [b"a", b"b"])
with r.pipeline(transaction=False) as p:
    for i in range(1000):
        p.set("p%d" % i, i).get("p%d" % i)
    got = p.execute()
check(got[0::2], [True] * 1000)
check(got[1::2], [b"%d" % i for i in range(1000)])
check(len(list(r.scan_iter("p*"))), 1000)
try:
    r.incr("k")
    assert False, "INCR of no number"
except redis.ResponseError as e:
    check(str(e), "value is not an integer or out of range")
try:
    r.get("l")
    assert False, "GET of a list"
except redis.ResponseError as e:
    assert str(e).startswith("WRONGTYPE"), e
check(r.client_setname("py"), True)
check(r.client_list()[0]["name"], "py")
check(r.info("server")["redis_mode"], "standalone")
check(r.config_get("maxmemory-policy"), {"maxmemory-policy": "allkeys-lru"})
r.close()
print("done")
`

// The system's own Python is tried too, because the one in the path may be another, without Debian's packages.
func TestRedisPy(t *testing.T) {
	i := slices.IndexFunc(pythons, func(python string) bool { return exec.Command(python, "-c", "import redis").Run() == nil })
	if i < 0 {
		t.Skip("no Python here has the package redis, Debian's python3-redis")
	}
	host, port, _ := net.SplitHostPort(start(t).addr)
	if got := output(t, exec.CommandContext(t.Context(), pythons[i], "-c", script, host, port)); got != "done\n" {
		t.Error(got)
	}
}

var pythons = []string{"python3", "/usr/bin/python3"}
