package config

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"snakecache/internal/redistest"
)

func patterns(names ...string) [][]byte {
	var globs [][]byte
	for _, name := range names {
		globs = append(globs, []byte(name))
	}
	return globs
}

func TestMatchEverything(t *testing.T) {
	all := NewLive(load(t, "SNAKE_CACHE_REQUIREPASS=hunter2", "SNAKE_CACHE_MAXMEMORY=1kb")).Match(patterns("*"))
	want := []string{
		"port", "6379", "bind", "* -::*", "metrics-port", "9121", "metrics-bind", "* -::*",
		"protected-mode", "yes", "requirepass", "hunter2",
		"maxclients", "10000", "tcp-backlog", "2048", "timeout", "0", "tcp-keepalive", "60",
		"command-timeout", "0", "drain-delay", "0",
		"client-output-buffer-limit", "normal 67108864 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
		"client-query-buffer-limit", "1073741824", "maxmemory-clients", "0", "tracking-table-max-keys", "1000000",
		"notify-keyspace-events", "",
		"databases", "16", "maxmemory", "1024", "maxmemory-policy", "allkeys-lru", "maxmemory-samples", "5",
		"lfu-log-factor", "10", "lfu-decay-time", "1",
		"proto-max-bulk-len", "536870912", "hll-sparse-max-bytes", "3000", "list-max-listpack-size", "-2",
		"hash-max-listpack-entries", "512", "hash-max-listpack-value", "64", "set-max-intset-entries", "512",
		"set-max-listpack-entries", "128", "set-max-listpack-value", "64",
		"zset-max-listpack-entries", "128", "zset-max-listpack-value", "64",
		"stream-node-max-bytes", "4096", "stream-node-max-entries", "100",
		"slowlog-log-slower-than", "10000", "slowlog-max-len", "128", "latency-monitor-threshold", "0", "latency-tracking", "yes",
		"latency-tracking-info-percentiles", "50 99 99.9",
		"busy-reply-threshold", "5000", "script-memory-limit", "268435456",
		"enable-debug-command", "no", "loglevel", "notice", "log-format", "text",
		"list-max-ziplist-size", "-2", "hash-max-ziplist-entries", "512", "hash-max-ziplist-value", "64",
		"zset-max-ziplist-entries", "128", "zset-max-ziplist-value", "64",
		"lua-time-limit", "5000", "save", "", "appendonly", "no",
	}
	if got := all[:min(len(want), len(all))]; !slices.Equal(got, want) {
		t.Errorf("got %q\nnot %q", got, want)
	}
	if rest := all[min(len(want), len(all)):]; len(rest) < 100 || slices.Contains(rest, "requirepass") {
		t.Errorf("the constants are %q", rest)
	}
}

// getCases are sets of patterns; the names are what Redis answers of those
// that the table has.
var getCases = []struct{ globs, names []string }{
	{[]string{"maxmemory"}, []string{"maxmemory"}},
	{[]string{"PORT"}, []string{"PORT"}},
	{[]string{"PORT", "port"}, []string{"PORT"}},
	{[]string{"por?", "PORT"}, []string{"port"}},
	{[]string{"PORT", "por?"}, []string{"PORT"}},
	{[]string{"MAXMEM*", "maxmemory"}, []string{"maxmemory", "maxmemory-clients", "maxmemory-policy", "maxmemory-samples"}},
	{[]string{"hash-max-*"}, []string{"hash-max-listpack-entries", "hash-max-listpack-value", "hash-max-ziplist-entries", "hash-max-ziplist-value"}},
	{[]string{"*-priority"}, []string{"replica-priority", "slave-priority"}},
	{[]string{"[S-T]*ve"}, []string{"save", "tcp-keepalive"}},
	{[]string{"port*", "timeout", "nothing-of-this-name"}, []string{"port", "timeout"}},
	{[]string{`max\memory`, `port\`, "", "x[", "*foo*"}, nil},
	{nil, nil},
}

func TestMatchNames(t *testing.T) {
	live := NewLive(load(t))
	for _, c := range getCases {
		if got := names(live.Match(patterns(c.globs...))); !slices.Equal(got, c.names) {
			t.Errorf("%q: got %q, not %q", c.globs, got, c.names)
		}
	}
}

func names(pairs []string) []string {
	var names []string
	for pair := range slices.Chunk(pairs, 2) {
		names = append(names, pair[0])
	}
	slices.Sort(names)
	return names
}

func TestMatchNamesAsRedis(t *testing.T) {
	server := redistest.Start(t)
	for _, c := range getCases[:len(getCases)-1] { // Redis' arity leaves no way to name nothing
		args := []any{"config", "get"}
		for _, pattern := range c.globs {
			args = append(args, pattern)
		}
		reply, err := server.Do(context.Background(), args...).StringSlice()
		if err != nil {
			t.Fatal(err)
		}
		got := slices.DeleteFunc(names(reply), func(name string) bool { return lookup(name) == nil })
		if !slices.Equal(got, c.names) {
			t.Errorf("%q: redis answers %q, not %q", c.globs, got, c.names)
		}
	}
}

// pairs turns name, value, name, value… into what Set takes.
func pairs(args ...string) [][2]string {
	var all [][2]string
	for pair := range slices.Chunk(args, 2) {
		all = append(all, [2]string(pair))
	}
	return all
}

const failed = "CONFIG SET failed (possibly related to argument '%s') - "

// setCases are CONFIG SET's arguments and the error. Those that differ from
// Redis 7.0.15 say why; the others are asked of it where it is installed.
var setCases = []struct {
	args  []string
	where string // the argument that the error names; empty if it is the whole text
	text  string // empty if there is no error
	ours  string // why Redis answers otherwise
}{
	{[]string{"foo", "bar"}, "", "Unknown option or number of arguments for CONFIG SET - 'foo'", ""},
	{[]string{"FoO", "bar"}, "", "Unknown option or number of arguments for CONFIG SET - 'FoO'", ""},
	{[]string{"", ""}, "", "Unknown option or number of arguments for CONFIG SET - ''", ""},
	{[]string{"time*", "1"}, "", "Unknown option or number of arguments for CONFIG SET - 'time*'", ""},
	{[]string{"databases", "3"}, "databases", "can't set immutable config", ""},
	{[]string{"Databases", "16"}, "Databases", "can't set immutable config", ""},
	{[]string{"tcp-backlog", "x"}, "tcp-backlog", "can't set immutable config", ""},
	{[]string{"enable-debug-command", "yes"}, "enable-debug-command", "can't set immutable config", ""},
	{[]string{"foo", "1", "databases", "3"}, "", "Unknown option or number of arguments for CONFIG SET - 'foo'", ""},
	{[]string{"databases", "3", "foo", "1"}, "databases", "can't set immutable config", ""},
	{[]string{"timeout", "x", "foo", "1"}, "", "Unknown option or number of arguments for CONFIG SET - 'foo'", ""},
	{[]string{"timeout", "x", "maxmemory", "x"}, "timeout", "argument couldn't be parsed into an integer", ""},
	{[]string{"timeout", "1", "TIMEOUT", "x"}, "TIMEOUT", "duplicate parameter", ""},
	{[]string{"timeout", "1", "timeout", "1", "databases", "1"}, "timeout", "duplicate parameter", ""},
	{[]string{"timeout", "7", "maxmemory", "x"}, "maxmemory", "argument must be a memory value", ""},
	{[]string{"TimeOut", "1.5"}, "timeout", "argument couldn't be parsed into an integer", ""},
	{[]string{"timeout", ""}, "timeout", "argument couldn't be parsed into an integer", ""},
	{[]string{"timeout", "-0"}, "timeout", "argument couldn't be parsed into an integer", ""},
	{[]string{"timeout", "+7"}, "timeout", "argument couldn't be parsed into an integer", ""},
	{[]string{"timeout", "07"}, "timeout", "argument couldn't be parsed into an integer", ""},
	{[]string{"timeout", " 7"}, "timeout", "argument couldn't be parsed into an integer", ""},
	{[]string{"timeout", "99999999999999999999"}, "timeout", "argument couldn't be parsed into an integer", ""},
	{[]string{"timeout", "-1"}, "timeout", "argument must be between 0 and 2147483647 inclusive", ""},
	{[]string{"timeout", "2147483648"}, "timeout", "argument must be between 0 and 2147483647 inclusive", ""},
	{[]string{"timeout", "2147483647"}, "", "", ""},
	{[]string{"tcp-keepalive", "-1"}, "tcp-keepalive", "argument must be between 0 and 2147483647 inclusive", ""},
	{[]string{"tcp-keepalive", "300", "timeout", "10"}, "", "", ""},
	{[]string{"maxclients", "0"}, "maxclients", "argument must be between 1 and 4294967295 inclusive", ""},
	{[]string{"maxclients", "4294967296"}, "maxclients", "argument must be between 1 and 4294967295 inclusive", ""},
	{[]string{"MaxClients", "64"}, "", "", ""},
	{[]string{"maxmemory-samples", "0"}, "maxmemory-samples", "argument must be between 1 and 64 inclusive", "64 since 7.4"},
	{[]string{"maxmemory-samples", "64"}, "", "", ""},
	{[]string{"lfu-log-factor", "-1"}, "lfu-log-factor", "argument must be between 0 and 2147483647 inclusive", ""},
	{[]string{"lfu-log-factor", "2147483647", "lfu-decay-time", "0"}, "", "", ""},
	{[]string{"lfu-decay-time", "2147483648"}, "lfu-decay-time", "argument must be between 0 and 2147483647 inclusive", ""},
	{[]string{"hll-sparse-max-bytes", "3kb"}, "", "", ""},
	{[]string{"list-max-listpack-size", "2147483648"}, "list-max-listpack-size", "argument must be between -2147483648 and 2147483647 inclusive", ""},
	{[]string{"list-max-listpack-size", "-2147483648"}, "", "", ""},
	{[]string{"hash-max-listpack-entries", "-1"}, "hash-max-listpack-entries", "argument must be between 0 and 9223372036854775807 inclusive", ""},
	{[]string{"hash-max-listpack-value", "9223372036854775808"}, "hash-max-listpack-value", "argument must be between 0 and 9223372036854775807 inclusive", ""},
	{[]string{"zset-max-listpack-value", "1kb", "zset-max-listpack-entries", "0", "set-max-intset-entries", "7"}, "", "", ""},
	{[]string{"stream-node-max-bytes", "9223372036854775808"}, "stream-node-max-bytes", "argument must be between 0 and 9223372036854775807 inclusive", ""},
	{[]string{"stream-node-max-entries", "-1"}, "stream-node-max-entries", "argument must be between 0 and 9223372036854775807 inclusive", ""},
	{[]string{"slowlog-log-slower-than", "-2"}, "slowlog-log-slower-than", "argument must be between -1 and 9223372036854775807 inclusive", ""},
	{[]string{"slowlog-log-slower-than", "-1", "slowlog-max-len", "0"}, "", "", ""},
	{[]string{"slowlog-max-len", "-1"}, "slowlog-max-len", "argument must be between 0 and 9223372036854775807 inclusive", ""},
	{[]string{"latency-monitor-threshold", "9223372036854775807", "latency-tracking", "no"}, "", "", ""},
	{[]string{"latency-monitor-threshold", "-1"}, "latency-monitor-threshold", "argument must be between 0 and 9223372036854775807 inclusive", ""},
	{[]string{"latency-tracking-info-percentiles", ""}, "", "", ""},
	{[]string{"latency-tracking-info-percentiles", "0 99.99 50 50 1e1 +5 99.9999999 33.3333"}, "", "", ""},
	{[]string{"latency-tracking-info-percentiles", "50  99"}, "latency-tracking-info-percentiles", "Invalid latency-tracking-info-percentiles parameters", ""},
	{[]string{"latency-tracking-info-percentiles", "nan"}, "latency-tracking-info-percentiles", "Invalid latency-tracking-info-percentiles parameters", ""},
	{[]string{"latency-tracking-info-percentiles", "50 100.1"}, "latency-tracking-info-percentiles", "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]", ""},
	{[]string{"latency-tracking-info-percentiles", "inf"}, "latency-tracking-info-percentiles", "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]", ""},
	{[]string{"maxmemory", ""}, "", "", ""},
	{[]string{"maxmemory", "1k"}, "", "", ""},
	{[]string{"maxmemory", "1KB"}, "", "", ""},
	{[]string{"maxmemory", "3m"}, "", "", ""},
	{[]string{"maxmemory", "3Mb"}, "", "", ""},
	{[]string{"maxmemory", "2G"}, "", "", ""},
	{[]string{"maxmemory", "2gb"}, "", "", ""},
	{[]string{"maxmemory", "007b"}, "", "", ""},
	{[]string{"maxmemory", "kb"}, "", "", ""},
	{[]string{"maxmemory", "18446744073709551615"}, "", "", ""},
	{[]string{"maxmemory", "18446744073709551616"}, "", "", ""},
	{[]string{"maxmemory", "18446744073709551615kb"}, "", "", "Redis lets it wrap around"},
	{[]string{"maxmemory", "-1"}, "maxmemory", "argument must be a memory value", ""},
	{[]string{"maxmemory", "1.5gb"}, "maxmemory", "argument must be a memory value", ""},
	{[]string{"maxmemory", "1 kb"}, "maxmemory", "argument must be a memory value", ""},
	{[]string{"maxmemory", "1tb"}, "maxmemory", "argument must be a memory value", ""},
	{[]string{"maxmemory", "+5"}, "maxmemory", "argument must be a memory value", ""},
	{[]string{"maxmemory", "5%"}, "maxmemory", "argument must be a memory value", ""},
	{[]string{"maxmemory", "0"}, "", "", ""},
	{[]string{"proto-max-bulk-len", "1048575"}, "proto-max-bulk-len", "argument must be between 1048576 and 9223372036854775807 inclusive", ""},
	{[]string{"proto-max-bulk-len", "8589934592gb"}, "proto-max-bulk-len", "argument must be between 1048576 and 9223372036854775807 inclusive", ""},
	{[]string{"proto-max-bulk-len", "-1"}, "proto-max-bulk-len", "argument must be a memory value", ""},
	{[]string{"proto-max-bulk-len", "1mb"}, "", "", ""},
	{[]string{"protected-mode", "maybe"}, "protected-mode", "argument must be 'yes' or 'no'", ""},
	{[]string{"protected-mode", ""}, "protected-mode", "argument must be 'yes' or 'no'", ""},
	{[]string{"protected-mode", "NO"}, "", "", ""},
	{[]string{"maxmemory-policy", "NOeviction"}, "", "", ""},
	{[]string{"maxmemory-policy", "allkeys-ttl"}, "maxmemory-policy", "argument(s) must be one of the following: volatile-lru, volatile-lfu, " +
		"volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction", ""},
	{[]string{"maxmemory-policy", "Volatile-TTL"}, "", "", ""},
	{[]string{"loglevel", "WARNING"}, "", "", ""},
	{[]string{"loglevel", "info"}, "loglevel", "argument(s) must be one of the following: debug, verbose, notice, warning, nothing", "nothing since 7.2"},
	{[]string{"loglevel", "nothing"}, "", "", "nothing since 7.2"},
	{[]string{"save", ""}, "", "", ""},
	{[]string{"save", "60 1"}, "save", "only '' is supported in this release: nothing is kept on disk", "no persistence"},
	{[]string{"appendonly", "NO"}, "", "", ""},
	{[]string{"appendonly", "maybe"}, "appendonly", "argument must be 'yes' or 'no'", ""},
	{[]string{"appendonly", "yes"}, "appendonly", "only 'no' is supported in this release: nothing is kept on disk", "no persistence"},
	{[]string{"port", "7000"}, "port", "can't set immutable config", "listeners are not reopened"},
	{[]string{"bind", "::1"}, "bind", "can't set immutable config", "listeners are not reopened"},
	{[]string{"log-format", "json"}, "log-format", "can't set immutable config", "no such parameter in Redis"},
	{[]string{"command-timeout", "100", "drain-delay", "5"}, "", "", "no such parameters in Redis"},
	{[]string{"requirepass", "hunter2"}, "", "", ""},
	{[]string{"hash-max-ziplist-entries", "7"}, "", "", ""},
	{[]string{"zset-max-ziplist-value", "-1"}, "zset-max-ziplist-value", "argument must be a memory value", ""},
	{[]string{"replica-priority", "-1"}, "replica-priority", "only '100' is supported in this release: there is no replication", "no replication"},
	{[]string{"slave-priority", "100", "tls-port", "0", "cluster-node-timeout", "15000"}, "", "", ""},
	{[]string{"tls-port", "x"}, "tls-port", "argument couldn't be parsed into an integer", ""},
	{[]string{"tls-port", "6380"}, "tls-port", "only '0' is supported in this release: there is no TLS", "no TLS"},
	{[]string{"appendfsync", "foo"}, "appendfsync", "argument(s) must be one of the following: everysec, always, no", ""},
	{[]string{"appendfsync", "NO"}, "", "", ""},
	{[]string{"appendfsync", "always"}, "appendfsync", "only 'no' is supported in this release: nothing is kept on disk", "no persistence"},
	{[]string{"hz", "10"}, "hz", "only '0' is supported in this release: nothing runs at regular intervals", "no ticks"},
	{[]string{"io-threads", "1"}, "io-threads", "can't set immutable config", ""},
	{[]string{"cluster-enabled", "no"}, "cluster-enabled", "can't set immutable config", ""},
	{[]string{"replicaof", "x"}, "replicaof", "can't set immutable config", ""},
	{[]string{"dir", "/"}, "dir", "can't set protected config", ""},
	{[]string{"DBFILENAME", "x.rdb"}, "DBFILENAME", "can't set protected config", ""},
	{[]string{"busy-reply-threshold", "5000", "activedefrag", "no", "list-compress-depth", "0"}, "", "", ""},
	{[]string{"rdbcompression", "maybe"}, "rdbcompression", "argument must be 'yes' or 'no'", ""},

	{[]string{"client-output-buffer-limit", "slave 1mb 2mb 60"}, "", "", ""},
	{[]string{"client-output-buffer-limit", "replica 0 0 0 pubsub 1 2 3"}, "", "", ""},
	{[]string{"client-output-buffer-limit", "normal 0 0 0 NORMAL 5 5kb 5"}, "", "", ""},
	{[]string{"client-output-buffer-limit", ""}, "", "", ""},
	{[]string{"client-output-buffer-limit", "normal 0 0 07"}, "", "", ""},
	{[]string{"client-output-buffer-limit", "normal 18446744073709551616 1 1"}, "", "", ""},
	{[]string{"client-output-buffer-limit", "normal 1 1 2147483648"}, "", "", "Redis lets it wrap around"},
	{[]string{"client-output-buffer-limit", "normal 0 0"}, "client-output-buffer-limit", "Wrong number of arguments in buffer limit configuration.", ""},
	{[]string{"client-output-buffer-limit", "normal 0 0 0 x"}, "client-output-buffer-limit", "Wrong number of arguments in buffer limit configuration.", ""},
	{[]string{"client-output-buffer-limit", "normal 0 0  "}, "client-output-buffer-limit", "Wrong number of arguments in buffer limit configuration.", ""},
	{[]string{"client-output-buffer-limit", "normal  0   0  0"}, "client-output-buffer-limit", "Invalid client class specified in buffer limit configuration.", ""},
	{[]string{"client-output-buffer-limit", "master 0 0 0"}, "client-output-buffer-limit", "Invalid client class specified in buffer limit configuration.", ""},
	{[]string{"client-output-buffer-limit", "pubsub 7 7 7 foo 0 0 0"}, "client-output-buffer-limit", "Invalid client class specified in buffer limit configuration.", ""},
	{[]string{"client-output-buffer-limit", "normal x 0 0"}, "client-output-buffer-limit", "Error in hard, soft or soft_seconds setting in buffer limit configuration.", ""},
	{[]string{"client-output-buffer-limit", "normal 0 5% 0"}, "client-output-buffer-limit", "Error in hard, soft or soft_seconds setting in buffer limit configuration.", ""},
	{[]string{"client-output-buffer-limit", "normal 0 0 -1"}, "client-output-buffer-limit", "Error in hard, soft or soft_seconds setting in buffer limit configuration.", ""},
	{[]string{"client-output-buffer-limit", "normal 0 0 99999999999999999999"}, "client-output-buffer-limit", "Error in hard, soft or soft_seconds setting in buffer limit configuration.", ""},

	{[]string{"notify-keyspace-events", "KEA"}, "", "", ""},
	{[]string{"notify-keyspace-events", "Egx"}, "", "", ""},
	{[]string{"notify-keyspace-events", "Kgx$lshzxet"}, "", "", ""},
	{[]string{"notify-keyspace-events", "KEgxelshzt$d"}, "", "", ""},
	{[]string{"notify-keyspace-events", "KEtdm"}, "", "", ""},
	{[]string{"notify-keyspace-events", "Kn"}, "", "", ""},
	{[]string{"notify-keyspace-events", "KEAmnd"}, "", "", ""},
	{[]string{"notify-keyspace-events", "Q"}, "notify-keyspace-events", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.", ""},
	{[]string{"notify-keyspace-events", "K E"}, "notify-keyspace-events", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.", ""},
	{[]string{"notify-keyspace-events", ""}, "", "", ""},

	{[]string{"maxmemory-clients", "10%"}, "", "", ""},
	{[]string{"maxmemory-clients", "0%"}, "", "", ""},
	{[]string{"maxmemory-clients", "100%"}, "", "", ""},
	{[]string{"maxmemory-clients", "101%"}, "maxmemory-clients", "percentage argument must be less or equal to 100", ""},
	{[]string{"maxmemory-clients", "5mb"}, "", "", ""},
	{[]string{"maxmemory-clients", "-5%"}, "maxmemory-clients", "argument must be a memory or percent value", ""},
	{[]string{"maxmemory-clients", "1.5%"}, "maxmemory-clients", "argument must be a memory or percent value", ""},
	{[]string{"maxmemory-clients", "%"}, "maxmemory-clients", "argument must be a memory or percent value", ""},
	{[]string{"maxmemory-clients", "007%"}, "maxmemory-clients", "argument must be a memory or percent value", ""},
	{[]string{"maxmemory-clients", "x"}, "maxmemory-clients", "argument must be a memory or percent value", ""},
	{[]string{"maxmemory-clients", "-1"}, "maxmemory-clients", "argument must be a memory or percent value", ""},
	{[]string{"maxmemory-clients", ""}, "", "", ""},

	{[]string{"client-query-buffer-limit", "1mb"}, "", "", ""},
	{[]string{"client-query-buffer-limit", "1048575"}, "client-query-buffer-limit", "argument must be between 1048576 and 9223372036854775807 inclusive", ""},
	{[]string{"client-query-buffer-limit", "x"}, "client-query-buffer-limit", "argument must be a memory value", ""},
	{[]string{"busy-reply-threshold", "0"}, "", "", ""},
	{[]string{"lua-time-limit", "250"}, "", "", ""},
	{[]string{"busy-reply-threshold", "-1"}, "busy-reply-threshold", "argument must be between 0 and 9223372036854775807 inclusive", ""},
	{[]string{"lua-time-limit", "5s"}, "lua-time-limit", "argument couldn't be parsed into an integer", ""},
	{[]string{"script-memory-limit", "64mb"}, "", "", "Redis has no such limit"},
	{[]string{"script-memory-limit", "1048575"}, "script-memory-limit", "argument must be between 1048576 and 9223372036854775807 inclusive", "nor"},
	{[]string{"script-memory-limit", "5%"}, "script-memory-limit", "argument must be a memory value", "nor"},

	{[]string{"tracking-table-max-keys", "0"}, "", "", ""},
	{[]string{"tracking-table-max-keys", "-1"}, "tracking-table-max-keys", "argument must be between 0 and 9223372036854775807 inclusive", ""},
	{[]string{"tracking-table-max-keys", "1mb"}, "tracking-table-max-keys", "argument couldn't be parsed into an integer", ""},
}

func (l *Live) textOfSet(args []string) string {
	if err := l.Set(pairs(args...)); err != nil {
		return err.Error()
	}
	return ""
}

func TestSet(t *testing.T) {
	for _, c := range setCases {
		live := NewLive(load(t))
		before := live.Load()
		want := c.text
		if c.where != "" {
			want = strings.ReplaceAll(failed, "%s", c.where) + c.text
		}
		if got := live.textOfSet(c.args); got != want {
			t.Errorf("%q: got  %q\nwant %q", c.args, got, want)
		}
		if c.text != "" && (live.Load() != before || !reflect.DeepEqual(before, defaults())) {
			t.Errorf("%q: the error left a change", c.args)
		}
	}
}

// TestSetAsRedis sends the cases, which build on each other here, to both and
// compares the reply and what the shared parameters are afterwards.
func TestSetAsRedis(t *testing.T) {
	ctx, server := context.Background(), redistest.Start(t)
	live := NewLive(load(t))
	shared := []string{
		"client-output-buffer-limit", "notify-keyspace-events", "maxmemory-clients",
		"protected-mode", "timeout", "tcp-keepalive", "maxclients", "maxmemory", "maxmemory-policy", "maxmemory-samples",
		"lfu-log-factor", "lfu-decay-time", "proto-max-bulk-len", "hll-sparse-max-bytes", "list-max-listpack-size", "hash-max-listpack-entries", "hash-max-listpack-value",
		"set-max-intset-entries", "zset-max-listpack-entries", "zset-max-listpack-value", "stream-node-max-bytes", "stream-node-max-entries",
		"slowlog-log-slower-than", "slowlog-max-len", "latency-monitor-threshold", "latency-tracking", "latency-tracking-info-percentiles", "loglevel", "save", "appendonly", "requirepass", "databases",
		"busy-reply-threshold", "lua-time-limit",
	}
	for name, value := range byName(live.Match(patterns(shared...))) {
		if name != "databases" {
			if err := server.ConfigSet(ctx, name, value).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range setCases {
		if c.ours != "" {
			continue
		}
		got, want := live.textOfSet(c.args), redisSet(ctx, server, c.args)
		if got != want {
			t.Errorf("%q: got   %q\nredis %q", c.args, got, want)
		}
		is, err := server.Do(ctx, configGet(shared)...).StringSlice()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := byName(live.Match(patterns(shared...))), byName(is); !maps.Equal(got, want) {
			t.Fatalf("after %q: got   %q\nredis %q", c.args, got, want)
		}
	}
}

// redisSet returns the error's text without its code.
func redisSet(ctx context.Context, server *redis.Client, args []string) string {
	command := []any{"config", "set"}
	for _, arg := range args {
		command = append(command, arg)
	}
	if err := server.Do(ctx, command...).Err(); err != nil {
		return strings.TrimPrefix(err.Error(), "ERR ")
	}
	return ""
}

func configGet(names []string) []any {
	command := []any{"config", "get"}
	for _, name := range names {
		command = append(command, name)
	}
	return command
}

func byName(pairs []string) map[string]string {
	values := map[string]string{}
	for pair := range slices.Chunk(pairs, 2) {
		values[pair[0]] = pair[1]
	}
	return values
}

func TestSetTakesEffect(t *testing.T) {
	live := NewLive(load(t))
	before := live.Load()
	var order []string
	live.OnChange(func(v *Values) {
		if v != live.Load() {
			t.Error("applied before it is what Load returns")
		}
		order = append(order, "first "+v.Timeout.String())
	})
	live.OnChange(func(v *Values) { order = append(order, "second "+v.MaxMemory.String()) })

	if live.textOfSet([]string{"timeout", "5", "maxmemory", "x"}) == "" {
		t.Fatal("no error")
	}
	if len(order) != 0 {
		t.Errorf("an error called %q", order)
	}
	if err := live.textOfSet([]string{"timeout", "5", "MAXMEMORY", "1mb", "maxmemory-policy", "NOEVICTION"}); err != "" {
		t.Fatal(err)
	}
	if want := []string{"first 5", "second 1048576"}; !slices.Equal(order, want) {
		t.Errorf("called %q", order)
	}
	want := defaults()
	want.Timeout, want.MaxMemory, want.MaxMemoryPolicy = 5, 1<<20, "noeviction"
	if !reflect.DeepEqual(live.Load(), want) {
		t.Errorf("got %+v\nnot %+v", live.Load(), want)
	}
	if !reflect.DeepEqual(before, defaults()) {
		t.Error("the values of before have changed")
	}
}

func TestSetDoesNotShowTheSecret(t *testing.T) {
	live := NewLive(load(t))
	for _, args := range [][]string{
		{"requirepass", "hunter2", "timeout", "x"},
		{"requirepass", "hunter2", "requirepass", "hunter2"},
		{"requirepas", "hunter2"},
	} {
		if text := live.textOfSet(args); text == "" || strings.Contains(text, "hunter2") {
			t.Errorf("%q: %q", args, text)
		}
	}
}
