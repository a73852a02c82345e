package realclients

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"snakecache/internal/redistest"
)

// The program that operators use, in the modes that ask a server for more than one command. It is Redis' own, so what it
// finds out about the server is what Redis says.
func TestRedisCLI(t *testing.T) {
	each(t,
		section{"bigkeys", cliBigKeys},
		section{"memkeys", cliMemKeys},
		section{"hotkeys", cliHotKeys},
		section{"scan", cliScan},
		section{"stat", cliStat},
		section{"latency", cliLatency},
		section{"formats", cliFormats},
		section{"session", cliSession},
		section{"help", cliHelp},
		section{"pipe", cliPipe},
		section{"monitor", cliMonitor},
		section{"subscribe", cliSubscribe},
		section{"cluster", cliCluster},
		section{"benchmark", cliBenchmark},
	)
}

// cli returns redis-cli that is to talk to the server.
func cli(t *testing.T, s *server, args ...string) *exec.Cmd {
	t.Helper()
	return tool(t, s, "redis-cli", args...)
}

// tool returns one of Redis' programs that is to talk to the server. Its output goes line by line, whoever reads it.
func tool(t *testing.T, s *server, program string, args ...string) *exec.Cmd {
	t.Helper()
	for _, needed := range []string{"stdbuf", program} {
		if _, err := exec.LookPath(needed); err != nil {
			redistest.Missing(t, needed+" is not installed")
		}
	}
	host, port, _ := net.SplitHostPort(s.addr)
	return exec.CommandContext(t.Context(), "stdbuf", append([]string{"-oL", program, "-h", host, "-p", port}, args...)...)
}

// output is what redis-cli says to the input, if it then ends well.
func output(t *testing.T, s *server, input string, args ...string) string {
	t.Helper()
	cmd := cli(t, s, args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("redis-cli %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// stream is a redis-cli that goes on until the test ends.
type stream struct {
	t     *testing.T
	args  []string
	lines chan string
}

func startStream(t *testing.T, s *server, args ...string) *stream {
	t.Helper()
	cmd := cli(t, s, args...)
	out, err := cmd.StdoutPipe()
	try(t, "a pipe", err)
	try(t, "starting", cmd.Start())
	lines := make(chan string, 1000)
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			lines <- in.Text()
		}
		close(lines)
	}()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return &stream{t, args, lines}
}

// expect reads lines, each of which must match its pattern wholly.
func (s *stream) expect(patterns ...string) {
	s.t.Helper()
	for _, pattern := range patterns {
		if got := receive(s.t, pattern, s.lines); !regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(got) {
			s.t.Errorf("redis-cli %q says %q, want %s", s.args, got, pattern)
		}
	}
}

// expectParts fails the test if the text lacks one of the parts.
func expectParts(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
}

// fillWithAll empties the database and puts three keys of each type into it, the first of which is the biggest.
func fillWithAll(t *testing.T, s *server) {
	ctx := t.Context()
	must(t, s.admin.FlushAll(ctx))
	_, err := s.admin.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range 3 {
			for j := range 10 - i {
				element := fmt.Sprintf("element %d", j)
				p.Append(ctx, fmt.Sprint("string", i), element)
				p.RPush(ctx, fmt.Sprint("list", i), element)
				p.HSet(ctx, fmt.Sprint("hash", i), element, j)
				p.SAdd(ctx, fmt.Sprint("set", i), element)
				p.ZAdd(ctx, fmt.Sprint("zset", i), redis.Z{Score: float64(j), Member: element})
				p.XAdd(ctx, &redis.XAddArgs{Stream: fmt.Sprint("stream", i), Values: []string{"f", element}})
			}
		}
		return nil
	})
	try(t, "filling", err)
}

func cliBigKeys(t *testing.T, s *server) {
	fillWithAll(t, s)
	expectParts(t, output(t, s, "", "--bigkeys"), "Sampled 18 keys in the keyspace!\n", "Total key length in bytes is 99 (avg len 5.50)\n",
		`Biggest string found '"string0"' has 90 bytes`, `Biggest   list found '"list0"' has 10 items`,
		`Biggest   hash found '"hash0"' has 10 fields`, `Biggest    set found '"set0"' has 10 members`,
		`Biggest   zset found '"zset0"' has 10 members`, `Biggest stream found '"stream0"' has 10 entries`,
		"3 lists with 27 items (16.67% of keys, avg size 9.00)\n", "3 streams with 27 entries (16.67% of keys, avg size 9.00)\n")
}

func cliMemKeys(t *testing.T, s *server) {
	fillWithAll(t, s)
	said := output(t, s, "", "--memkeys", "--memkeys-samples", "0")
	expectParts(t, said, "Sampled 18 keys in the keyspace!\n")
	for _, kind := range []string{"string", "list", "hash", "set", "zset", "stream"} {
		if found := regexp.MustCompile(`Biggest +` + kind + ` found '"` + kind + `\d"' has \d{2,5} bytes\n`).FindString(said); found == "" {
			t.Errorf("nothing is said of the biggest %s:\n%s", kind, said)
		}
	}
}

func cliHotKeys(t *testing.T, s *server) {
	fillWithAll(t, s)
	out, err := cli(t, s, "--hotkeys").CombinedOutput()
	if err == nil {
		t.Error("--hotkeys works without LFU")
	}
	expectParts(t, string(out), "Error: ERR An LFU maxmemory policy is not selected, access frequency not tracked. ")
	before := must(t, s.admin.ConfigGet(t.Context(), "maxmemory-policy"))["maxmemory-policy"]
	must(t, s.admin.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lfu"))
	defer s.admin.ConfigSet(t.Context(), "maxmemory-policy", before)
	fillWithAll(t, s)
	for range 1000 {
		must(t, s.admin.Get(t.Context(), "string1"))
	}
	said := output(t, s, "", "--hotkeys")
	hottest := regexp.MustCompile(`summary -------\n\nSampled 18 keys in the keyspace!\nhot key found with counter: \d+\tkeyname: "string1"\n`)
	if !hottest.MatchString(said) {
		t.Errorf("--hotkeys says\n%s", said)
	}
}

func cliScan(t *testing.T, s *server) {
	fillWithAll(t, s)
	keys := strings.Fields(output(t, s, "", "--scan", "--pattern", "z*"))
	if len(keys) != 3 {
		t.Errorf("--scan finds %q", keys)
	}
	check(t, "--scan of all", len(strings.Fields(output(t, s, "", "--scan"))), 18)
}

func cliStat(t *testing.T, s *server) {
	fillWithAll(t, s)
	waiting := block(t, s, func() ([]string, error) {
		other := redis.NewClient(&redis.Options{Addr: s.addr})
		defer other.Close()
		return other.BLPop(t.Context(), giveUp, "stat:none").Result()
	})
	await(t, "those of earlier sections are gone", func() bool {
		return strings.Contains(must(t, s.admin.Info(t.Context(), "clients")), "\nconnected_clients:2\r\n")
	})
	stat := startStream(t, s, "--stat", "-i", "0.05")
	const row = `18 +[0-9.]+[KM] +3 +1 +[0-9]+ \(\+[0-9]+\) +[0-9]+ +`
	stat.expect(`-+ data -+ -+ load -+ - child -`, `keys +mem +clients +blocked +requests +connections +`, row, row, row)
	must(t, s.admin.RPush(t.Context(), "stat:none", "x"))
	receive(t, "BLPOP", waiting)
}

func cliLatency(t *testing.T, s *server) {
	if got := output(t, s, "", "--latency", "-i", "0.1"); !regexp.MustCompile(`^\d+ \d+ \d+\.\d\d \d+\n$`).MatchString(got) {
		t.Errorf("--latency says %q", got)
	}
	startStream(t, s, "--latency-history", "-i", "0.05").expect(`\d+ \d+ \d+\.\d\d \d+`)
	startStream(t, s, "--latency-dist", "-i", "0.05").expect(`-+`, `\. - \* # .*`, `1,2,3.*`, `A,B.*`, `F,G.*`, `K,L.*`, `From 0 to 100%.*`, `-+`, `.*\?.*`)
}

func cliFormats(t *testing.T, s *server) {
	must(t, s.admin.Do(t.Context(), "DEL", "h", "z"))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"HSET", "h", "f", "v w"}, "1\n"},
		{[]string{"--csv", "HGETALL", "h"}, "\"f\",\"v w\"\n"},
		{[]string{"--json", "HGETALL", "h"}, "{\"f\":\"v w\"}\n"},
		{[]string{"-2", "--json", "HGETALL", "h"}, "[\"f\",\"v w\"]\n"},
		{[]string{"-3", "--no-raw", "HGETALL", "h"}, "1# \"f\" => \"v w\"\n"},
		{[]string{"ZADD", "z", "1.5", "m"}, "1\n"},
		{[]string{"-3", "--no-raw", "ZSCORE", "z", "m"}, "(double) 1.5\n"},
		{[]string{"-3", "--no-raw", "ZRANGE", "z", "0", "-1", "WITHSCORES"}, "1) 1) \"m\"\n   2) (double) 1.5\n"},
		{[]string{"-3", "--no-raw", "SMEMBERS", "nosuch"}, "(empty set)\n"},
		{[]string{"-3", "--no-raw", "GET", "nosuch"}, "(nil)\n"},
		{[]string{"-D", ";", "-d", "|", "HGETALL", "h"}, "f|v w;"},
		{[]string{"-x", "SET", "x"}, "OK\n"},
		{[]string{"GET", "x"}, "from the standard input\n"},
		{[]string{"-r", "2", "-i", "0.01", "INCR", "counter"}, "1\n2\n"},
	} {
		if got := output(t, s, "from the standard input", c.args...); got != c.want {
			t.Errorf("redis-cli %q says %q, want %q", c.args, got, c.want)
		}
	}
	out, err := cli(t, s, "-e", "NOSUCH").CombinedOutput()
	if err == nil || !strings.HasPrefix(string(out), "ERR unknown command 'NOSUCH'") {
		t.Errorf("with -e an error is %q, %v", out, err)
	}
}

func cliSession(t *testing.T, s *server) {
	for _, dialect := range []string{"-2", "-3"} {
		must(t, s.admin.Del(t.Context(), "a", "b"))
		got := output(t, s, "WATCH a\nMULTI\nSET a b\nGET a\nNOSUCH\nEXEC\nMULTI\nSET a c\nINCR a\nLPUSH b 1 2\nEXEC\nEXEC\nMULTI\nDISCARD\nGET a\n", dialect)
		check(t, "a session with "+dialect, got, "OK\nOK\nQUEUED\nQUEUED\n"+
			"ERR unknown command 'NOSUCH', with args beginning with: \n\nEXECABORT Transaction discarded because of previous errors.\n\n"+
			"OK\nQUEUED\nQUEUED\nQUEUED\nOK\nERR value is not an integer or out of range\n\n2\nERR EXEC without MULTI\n\nOK\nOK\nc\n")
	}
	check(t, "RESET", output(t, s, "MULTI\nRESET\nPING\n"), "OK\nRESET\nPONG\n")
}

// The help of a session is made from COMMAND DOCS.
func cliHelp(t *testing.T, s *server) {
	said := regexp.MustCompile("\x1b\\[[0-9;]*m|\r").ReplaceAllString(output(t, s, "HELP GET\nHELP @transactions\nHELP CLIENT KILL\n"), "")
	expectParts(t, said, "\n  GET key\n", "\n  group: string\n", "\n  EXEC \n", "\n  WATCH key [key ...]\n", "\n  CLIENT KILL ")
}

func cliPipe(t *testing.T, s *server) {
	var mass strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&mass, "SET mass:%d %d\r\n*2\r\n$4\r\nINCR\r\n$4\r\nmass\r\n", i, i)
	}
	expectParts(t, output(t, s, mass.String(), "--pipe"), "errors: 0, replies: 10000\n")
	check(t, "the counter", must(t, s.admin.Get(t.Context(), "mass")), "5000")
	expectParts(t, output(t, s, "MULTI\r\nINCR mass\r\nEXEC\r\n", "--pipe"), "errors: 0, replies: 3\n")
}

func cliMonitor(t *testing.T, s *server) {
	monitor := startStream(t, s, "MONITOR")
	monitor.expect("OK")
	const stamp = `\d+\.\d{6} \[`
	admin := regexp.QuoteMeta(must(t, s.admin.ClientInfo(t.Context())).Addr)
	monitor.expect(stamp + `0 ` + admin + `\] "client" "info"`)
	must(t, s.admin.Set(t.Context(), "monitored", "a \"b\"\r\n\x00\xff", 0))
	monitor.expect(stamp + `0 ` + admin + `\] "set" "monitored" "a \\"b\\"\\r\\n\\x00\\xff"`)
	must(t, s.admin.ConfigSet(t.Context(), "maxmemory-samples", "5")) // what administrates is not shown
	s.admin.Do(t.Context(), "AUTH", "secret")
	monitor.expect(stamp + `0 ` + admin + `\] "AUTH" "\(redacted\)"`)
	check(t, "a transaction", output(t, s, "SELECT 1\nMULTI\nGET m\nEXEC\n"), "OK\nOK\nQUEUED\n\n")
	for _, want := range []string{`1 [0-9.:]+\] "SELECT" "1"`, `1 [0-9.:]+\] "MULTI"`, `1 [0-9.:]+\] "GET" "m"`, `1 [0-9.:]+\] "EXEC"`} {
		got := ""
		for got == "" || strings.Contains(got, `"COMMAND"`) { // the session asks for its help first
			got = receive(t, want, monitor.lines)
		}
		if !regexp.MustCompile(stamp + want + `$`).MatchString(got) {
			t.Errorf("MONITOR says %q, want %s", got, want)
		}
	}
}

func cliSubscribe(t *testing.T, s *server) {
	for _, dialect := range []string{"-2", "-3"} {
		plain := startStream(t, s, dialect, "SUBSCRIBE", "a", "b")
		plain.expect("subscribe", "a", "1", "subscribe", "b", "2")
		pattern := startStream(t, s, dialect, "--csv", "PSUBSCRIBE", "a*")
		pattern.expect(`Reading messages.*`, `"psubscribe","a\*",1`)
		check(t, "PUBLISH", must(t, s.admin.Publish(t.Context(), "a", "hello")), 2)
		plain.expect("message", "a", "hello")
		pattern.expect(`"pmessage","a\*","a","hello"`)
		check(t, "CLIENT KILL TYPE pubsub", must(t, s.admin.ClientKillByFilter(t.Context(), "TYPE", "pubsub")), 2)
		await(t, "nobody subscribes", func() bool { return must(t, s.admin.PubSubNumPat(t.Context())) == 0 })
	}
}

// What asks for a cluster is told that this is none.
func cliCluster(t *testing.T, s *server) {
	expectParts(t, output(t, s, "", "CLUSTER", "INFO"), "ERR This instance has cluster support disabled\n")
	check(t, "-c", output(t, s, "", "-c", "SET", "k", "v"), "OK\n")
	out, err := cli(t, s, "--cluster", "check", s.addr).CombinedOutput()
	if err == nil {
		t.Error("--cluster check is content")
	}
	expectParts(t, string(out), "is not configured as a cluster node")
	check(t, "ROLE", output(t, s, "", "ROLE"), "master\n0\n\n")
}

func cliBenchmark(t *testing.T, s *server) {
	for _, args := range [][]string{{"-P", "1"}, {"-P", "16"}, {"-3", "-P", "4", "--threads", "2"}} {
		args = append(args, "-q", "-n", "1000", "-t", "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange,mset")
		out, err := tool(t, s, "redis-benchmark", args...).CombinedOutput()
		measured, said := strings.Count(string(out), "requests per second"), strings.ToLower(string(out))
		if err != nil || measured != 20 || strings.Contains(said, "err") || strings.Contains(said, "warn") {
			t.Errorf("redis-benchmark %q: %v, and %d measurements:\n%s", args, err, measured, out)
		}
	}
}
