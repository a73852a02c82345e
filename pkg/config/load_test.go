package config

import (
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// load is Load for tests in which nothing is wrong.
func load(t *testing.T, environ ...string) *Values {
	t.Helper()
	v, warnings, err := Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) > 0 {
		t.Fatalf("warnings: %q", warnings)
	}
	return v
}

func defaults() *Values {
	everywhere := Addresses{"*", "-::*"}
	return &Values{
		Port: 6379, Bind: everywhere, MetricsPort: 9121, MetricsBind: everywhere,
		ProtectedMode: true,
		MaxClients:    10000, Backlog: 2048, TCPKeepalive: 60,
		ClientOutputBufferLimit: defaultOutputLimits,
		ClientQueryBufferLimit:  1 << 30,
		TrackingTableMaxKeys:    1000000,
		Databases:               16,
		MaxMemoryPolicy:         "allkeys-lru", MaxMemorySamples: 5, LFULogFactor: 10, LFUDecayTime: 1, ProtoMaxBulkLen: 512 << 20, HLLSparseMaxBytes: 3000, ListMaxListpackSize: -2,
		HashMaxListpackEntries: 512, HashMaxListpackValue: 64, SetMaxIntsetEntries: 512,
		SetMaxListpackEntries: 128, SetMaxListpackValue: 64, ZSetMaxListpackEntries: 128, ZSetMaxListpackValue: 64,
		StreamNodeMaxBytes: 4096, StreamNodeMaxEntries: 100,
		SlowlogLogSlowerThan: 10000, SlowlogMaxLen: 128, LatencyTracking: true, LatencyTrackingInfoPercentiles: Percentiles{50, 99, 99.9},
		BusyReplyThreshold: 5000, ScriptMemory: 256 << 20,
		EnableDebugCommand: "no", LogLevel: "notice", LogFormat: "text",
	}
}

func TestDefaults(t *testing.T) {
	if v := load(t); !reflect.DeepEqual(v, defaults()) {
		t.Errorf("got %+v\nnot %+v", v, defaults())
	}
}

func TestEmptyVariableCountsAsUnset(t *testing.T) {
	var environ []string
	for _, r := range table {
		if r.env != "" {
			environ = append(environ, r.env+"=")
		}
	}
	if v := load(t, environ...); !reflect.DeepEqual(v, defaults()) {
		t.Errorf("got %+v\nnot %+v", v, defaults())
	}
}

// TestNothingElseIsRead sets every variable in the process, where Load may not
// look, and every variable without the prefix, where it may.
func TestNothingElseIsRead(t *testing.T) {
	var environ []string
	for _, r := range table {
		if r.env != "" {
			t.Setenv(r.env, "bad")
			environ = append(environ, strings.TrimPrefix(r.env, Prefix)+"=bad")
		}
	}
	if v := load(t, environ...); !reflect.DeepEqual(v, defaults()) {
		t.Errorf("got %+v\nnot %+v", v, defaults())
	}
}

func TestEveryVariable(t *testing.T) {
	v := load(t,
		"SNAKE_CACHE_PORT=7000", "SNAKE_CACHE_BIND=127.0.0.1 -::1", "SNAKE_CACHE_METRICS_PORT=0", "SNAKE_CACHE_METRICS_BIND=-::*",
		"SNAKE_CACHE_PROTECTED_MODE=NO", "SNAKE_CACHE_REQUIREPASS=pa ss",
		"SNAKE_CACHE_MAX_CLIENTS=1", "SNAKE_CACHE_BACKLOG=511", "SNAKE_CACHE_TIMEOUT=300", "SNAKE_CACHE_TCP_KEEPALIVE=0",
		"SNAKE_CACHE_COMMAND_TIMEOUT=1500", "SNAKE_CACHE_DRAIN_DELAY=5000",
		"SNAKE_CACHE_CLIENT_OUTPUT_BUFFER_LIMIT=replica 1kb 2kb 3", "SNAKE_CACHE_MAXMEMORY_CLIENTS=5%",
		"SNAKE_CACHE_CLIENT_QUERY_BUFFER_LIMIT=1mb", "SNAKE_CACHE_TRACKING_TABLE_MAX_KEYS=0", "SNAKE_CACHE_NOTIFY_KEYSPACE_EVENTS=Egx",
		"SNAKE_CACHE_DATABASES=1", "SNAKE_CACHE_MAXMEMORY=2GB", "SNAKE_CACHE_MAXMEMORY_POLICY=NoEviction",
		"SNAKE_CACHE_MAXMEMORY_SAMPLES=64", "SNAKE_CACHE_LFU_LOG_FACTOR=0", "SNAKE_CACHE_LFU_DECAY_TIME=7", "SNAKE_CACHE_PROTO_MAX_BULK_LEN=1mb", "SNAKE_CACHE_HLL_SPARSE_MAX_BYTES=4kb", "SNAKE_CACHE_LIST_MAX_LISTPACK_SIZE=128",
		"SNAKE_CACHE_HASH_MAX_LISTPACK_ENTRIES=1", "SNAKE_CACHE_HASH_MAX_LISTPACK_VALUE=1kb", "SNAKE_CACHE_SET_MAX_INTSET_ENTRIES=2",
		"SNAKE_CACHE_SET_MAX_LISTPACK_ENTRIES=3", "SNAKE_CACHE_SET_MAX_LISTPACK_VALUE=4",
		"SNAKE_CACHE_ZSET_MAX_LISTPACK_ENTRIES=5", "SNAKE_CACHE_ZSET_MAX_LISTPACK_VALUE=6",
		"SNAKE_CACHE_STREAM_NODE_MAX_BYTES=1kb", "SNAKE_CACHE_STREAM_NODE_MAX_ENTRIES=7",
		"SNAKE_CACHE_SLOWLOG_LOG_SLOWER_THAN=-1", "SNAKE_CACHE_SLOWLOG_MAX_LEN=0", "SNAKE_CACHE_LATENCY_MONITOR_THRESHOLD=100",
		"SNAKE_CACHE_LATENCY_TRACKING=no", "SNAKE_CACHE_LATENCY_TRACKING_INFO_PERCENTILES=0 99.99 1e2",
		"SNAKE_CACHE_BUSY_REPLY_THRESHOLD=0", "SNAKE_CACHE_SCRIPT_MEMORY=64mb",
		"SNAKE_CACHE_ENABLE_DEBUG_COMMAND=local", "SNAKE_CACHE_LOG_LEVEL=WARNING", "SNAKE_CACHE_LOG_FORMAT=json",
	)
	want := &Values{
		Port: 7000, Bind: Addresses{"127.0.0.1", "-::1"}, MetricsPort: 0, MetricsBind: Addresses{"-::*"},
		ProtectedMode: false, RequirePass: "pa ss",
		MaxClients: 1, Backlog: 511, Timeout: 300, TCPKeepalive: 0,
		CommandTimeout: 1500, DrainDelay: 5000,
		ClientOutputBufferLimit: OutputLimits{
			Normal: OutputLimit{64 << 20, 0, 0}, Replica: OutputLimit{1 << 10, 2 << 10, 3}, PubSub: OutputLimit{32 << 20, 8 << 20, 60}, known: true,
		},
		MaxMemoryClients: MemoryShare{Percent: 5}, ClientQueryBufferLimit: 1 << 20, NotifyKeyspaceEvents: EventKeyevent | EventGeneric | EventExpired,
		Databases: 1, MaxMemory: 2 << 30, MaxMemoryPolicy: "noeviction",
		MaxMemorySamples: 64, LFULogFactor: 0, LFUDecayTime: 7, ProtoMaxBulkLen: 1 << 20, HLLSparseMaxBytes: 4 << 10, ListMaxListpackSize: 128,
		HashMaxListpackEntries: 1, HashMaxListpackValue: 1 << 10, SetMaxIntsetEntries: 2,
		SetMaxListpackEntries: 3, SetMaxListpackValue: 4, ZSetMaxListpackEntries: 5, ZSetMaxListpackValue: 6,
		StreamNodeMaxBytes: 1024, StreamNodeMaxEntries: 7,
		SlowlogLogSlowerThan: -1, LatencyMonitorThreshold: 100, LatencyTrackingInfoPercentiles: Percentiles{0, 99.99, 100},
		ScriptMemory:       64 << 20,
		EnableDebugCommand: "local", LogLevel: "warning", LogFormat: "json",
	}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("got %+v\nnot %+v", v, want)
	}
	if v.CommandTimeout.Duration() != 1500*time.Millisecond || v.Timeout.Duration() != 5*time.Minute {
		t.Errorf("durations %v, %v", v.CommandTimeout.Duration(), v.Timeout.Duration())
	}
}

func TestIsSet(t *testing.T) {
	for environ, want := range map[string]bool{
		"SNAKE_CACHE_MAXMEMORY=0": true, "SNAKE_CACHE_MAXMEMORY=": false, "MAXMEMORY=1": false, "SNAKE_CACHE_MAXMEMORY_POLICY=x": false,
	} {
		if got := IsSet([]string{environ}, "MAXMEMORY"); got != want {
			t.Errorf("%s: %v", environ, got)
		}
	}
}

func TestBadValues(t *testing.T) {
	integer := func(kind string, lowest, highest int64) (string, []string) {
		bad := []string{"abc", "1.5", " 1", "+1", "01", "0x1", "1kb", "99999999999999999999",
			fmt.Sprint(lowest - 1), fmt.Sprint(highest + 1)}
		return fmt.Sprintf("%s from %d to %d", kind, lowest, highest), bad
	}
	tested := map[string]bool{}
	try := func(name, expects string, bad []string) {
		tested[Prefix+name] = true
		for _, value := range bad {
			v, _, err := Load([]string{Prefix + name + "=" + value})
			want := fmt.Sprintf("%s%s=%q must be %s", Prefix, name, value, expects)
			if v != nil || err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		}
	}
	tryInteger := func(name, kind string, lowest, highest int64) {
		expects, bad := integer(kind, lowest, highest)
		try(name, expects, bad)
	}
	const int32Max = 1<<31 - 1
	tryInteger("PORT", "an integer", 0, 65535)
	tryInteger("METRICS_PORT", "an integer", 0, 65535)
	tryInteger("MAX_CLIENTS", "an integer", 1, 1<<32-1)
	tryInteger("BACKLOG", "an integer", 0, int32Max)
	tryInteger("DATABASES", "an integer", 1, 1<<15)
	tryInteger("MAXMEMORY_SAMPLES", "an integer", 1, 64)
	tryInteger("SLOWLOG_LOG_SLOWER_THAN", "an integer", -1, 1<<63-1)
	tryInteger("SLOWLOG_MAX_LEN", "an integer", 0, 1<<63-1)
	tryInteger("LATENCY_MONITOR_THRESHOLD", "an integer", 0, 1<<63-1)
	tryInteger("BUSY_REPLY_THRESHOLD", "an integer", 0, 1<<63-1)
	try("LATENCY_TRACKING_INFO_PERCENTILES", "percentages from 0 to 100 with a space between each two",
		[]string{"a", "50  99", " 50", "50,99", "101", "-1", "nan", "inf", "1e400"})
	tryInteger("LFU_LOG_FACTOR", "an integer", 0, int32Max)
	tryInteger("LFU_DECAY_TIME", "an integer", 0, int32Max)
	tryInteger("LIST_MAX_LISTPACK_SIZE", "an integer", -1<<31, int32Max)
	for _, name := range []string{"HASH_MAX_LISTPACK_ENTRIES", "SET_MAX_INTSET_ENTRIES", "SET_MAX_LISTPACK_ENTRIES",
		"SET_MAX_LISTPACK_VALUE", "ZSET_MAX_LISTPACK_ENTRIES", "STREAM_NODE_MAX_ENTRIES", "TRACKING_TABLE_MAX_KEYS"} {
		tryInteger(name, "an integer", 0, math.MaxInt64)
	}
	tryInteger("TIMEOUT", "a whole number of seconds", 0, int32Max)
	tryInteger("TCP_KEEPALIVE", "a whole number of seconds", 0, int32Max)
	tryInteger("COMMAND_TIMEOUT", "a whole number of milliseconds", 0, int32Max)
	tryInteger("DRAIN_DELAY", "a whole number of milliseconds", 0, int32Max)

	bytes := "a number of bytes such as 1048576, 100mb or 2gb"
	amounts := []string{"abc", "-1", "1.5gb", "1 kb", "1tb", "+5", "0x10", " 5", "5%"}
	try("MAXMEMORY", bytes, amounts)
	for _, name := range []string{"HASH_MAX_LISTPACK_VALUE", "ZSET_MAX_LISTPACK_VALUE", "STREAM_NODE_MAX_BYTES"} {
		try(name, bytes+" from 0 to 9223372036854775807", append(amounts, "9223372036854775808"))
	}
	try("HLL_SPARSE_MAX_BYTES", bytes+" from 0 to 9223372036854775807", append(amounts, "9223372036854775808"))
	for _, name := range []string{"PROTO_MAX_BULK_LEN", "CLIENT_QUERY_BUFFER_LIMIT", "SCRIPT_MEMORY"} {
		try(name, bytes+" from 1048576 to 9223372036854775807",
			append(amounts, "0", "1048575", "1m", "9223372036854775808", "8589934592gb"))
	}

	words := []string{"x", "true", "1", " yes", "yes no"}
	try("PROTECTED_MODE", "yes or no", words)
	try("LATENCY_TRACKING", "yes or no", words)
	try("ENABLE_DEBUG_COMMAND", "one of no, yes, local", words)
	try("LOG_FORMAT", "one of text, json", words)
	try("LOG_LEVEL", "one of debug, verbose, notice, warning, nothing", append(words, "info"))
	try("MAXMEMORY_POLICY", "one of volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, "+
		"allkeys-random, noeviction", append(words, "lru", "allkeys-ttl"))

	try("CLIENT_OUTPUT_BUFFER_LIMIT", "classes normal, replica or pubsub, each with bytes, bytes and seconds",
		[]string{"normal 0 0", "master 0 0 0", "normal x 0 0", "normal 0 0 x", "normal 0  0 0"})
	try("MAXMEMORY_CLIENTS", "a number of bytes, or a percentage of maxmemory such as 5%", []string{"x", "101%", "-1%", "%", "1.5gb"})
	try("NOTIFY_KEYSPACE_EVENTS", "letters of Ag$lshzxeKEtmdn", []string{"Q", "K E", "KEA,"})

	addresses := []string{"-", "* -", strings.Repeat("::1 ", 17)}
	try("BIND", "up to 16 addresses separated by spaces", addresses)
	try("METRICS_BIND", "up to 16 addresses separated by spaces", addresses)

	for _, r := range table { // a secret cannot have a bad value
		if r.env != "" && !r.secret() && !tested[r.env] {
			t.Errorf("%s is not tested", r.env)
		}
	}
}

func TestEachBadVariableHasItsLine(t *testing.T) {
	_, _, err := Load([]string{"SNAKE_CACHE_TIMEOUT=-1", "SNAKE_CACHE_PORT=x", "SNAKE_CACHE_LOG_FORMAT=xml"})
	want := `SNAKE_CACHE_PORT="x" must be an integer from 0 to 65535
SNAKE_CACHE_TIMEOUT="-1" must be a whole number of seconds from 0 to 2147483647
SNAKE_CACHE_LOG_FORMAT="xml" must be one of text, json`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestPasswordFile(t *testing.T) {
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "secret-path")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return "SNAKE_CACHE_REQUIREPASS_FILE=" + path
	}
	for content, want := range map[string]Secret{
		"hunter2": "hunter2", "hunter2\n": "hunter2", "hunter2\r\n": "hunter2", " a\nb \n": " a\nb ",
	} {
		v := load(t, file(content))
		if v.RequirePass != want || v.RequirePassFile != "" {
			t.Errorf("%q: password %q, file %q", content, string(v.RequirePass), string(v.RequirePassFile))
		}
	}
	for want, environ := range map[string][]string{
		"SNAKE_CACHE_REQUIREPASS and SNAKE_CACHE_REQUIREPASS_FILE are both set: use one": {file("hunter2"), "SNAKE_CACHE_REQUIREPASS=hunter2"},
		"SNAKE_CACHE_REQUIREPASS_FILE: the file has no password in it":                   {file("\n")},
		"SNAKE_CACHE_REQUIREPASS_FILE: cannot read the file: no such file or directory":  {"SNAKE_CACHE_REQUIREPASS_FILE=" + t.TempDir() + "/hunter2", "SNAKE_CACHE_REQUIREPASS="},
		"SNAKE_CACHE_REQUIREPASS_FILE: cannot read the file: is a directory":             {"SNAKE_CACHE_REQUIREPASS_FILE=" + t.TempDir()},
		"SNAKE_CACHE_REQUIREPASS_FILE: cannot read the file: no such file or directory\n" +
			"SNAKE_CACHE_LOG_FORMAT=\"\\n\" must be one of text, json": {"SNAKE_CACHE_REQUIREPASS_FILE=hunter2", "SNAKE_CACHE_LOG_FORMAT=\n"},
	} {
		_, _, err := Load(environ)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got  %v\nwant %s", environ, err, want)
		}
	}
	if v := load(t, file("x"), "SNAKE_CACHE_REQUIREPASS="); v.RequirePass != "x" {
		t.Error("an empty SNAKE_CACHE_REQUIREPASS is in the way of the file")
	}
}

// TestKubernetesVariables uses what a pod sees of the Services snake-cache and
// snake-cache-metrics.
func TestKubernetesVariables(t *testing.T) {
	v, warnings, err := Load([]string{
		"SNAKE_CACHE_SERVICE_HOST=10.1.2.3",
		"SNAKE_CACHE_SERVICE_PORT=6379",
		"SNAKE_CACHE_SERVICE_PORT_REDIS=6379",
		"SNAKE_CACHE_PORT=tcp://10.1.2.3:6379",
		"SNAKE_CACHE_PORT_6379_TCP=tcp://10.1.2.3:6379",
		"SNAKE_CACHE_PORT_6379_TCP_PROTO=tcp",
		"SNAKE_CACHE_PORT_6379_TCP_PORT=6379",
		"SNAKE_CACHE_PORT_6379_TCP_ADDR=10.1.2.3",
		"SNAKE_CACHE_METRICS_SERVICE_HOST=10.1.2.4",
		"SNAKE_CACHE_METRICS_SERVICE_PORT=9121",
		"SNAKE_CACHE_METRICS_PORT=tcp://10.1.2.4:9121",
		"SNAKE_CACHE_METRICS_PORT_9121_TCP_ADDR=10.1.2.4",
		"SNAKE_CACHE_REPLICA_PORT=udp://10.1.2.5:53",
	})
	if err != nil || !reflect.DeepEqual(v, defaults()) {
		t.Errorf("got %+v, %v", v, err)
	}
	want := []string{
		"SNAKE_CACHE_METRICS_PORT=tcp://10.1.2.4:9121 comes from a Kubernetes Service and is ignored",
		"SNAKE_CACHE_PORT=tcp://10.1.2.3:6379 comes from a Kubernetes Service and is ignored",
	}
	if !slices.Equal(warnings, want) {
		t.Errorf("warnings %q", warnings)
	}
}

func TestUnknownVariablesAreWarnedAbout(t *testing.T) {
	_, warnings, err := Load([]string{
		"SNAKE_CACHE_MAXCLIENTS=hunter2", "SNAKE_CACHE_TCP_BACKLOG=1", "SNAKE_CACHE_LOGLEVEL=debug", "SNAKE_CACHE_REQUIRE_PASS=hunter2",
		"SNAKE_CACHE_SAVE=60", "SNAKE_CACHE_PORTS=1", "SNAKE_CACHE_=1", "SNAKE_CACHE_port=1", "PORT=1", "SNAKE_CACHEPORT=1",
	})
	want := []string{
		"SNAKE_CACHE_ is not a setting and is ignored",
		"SNAKE_CACHE_LOGLEVEL is not a setting and is ignored; the name is SNAKE_CACHE_LOG_LEVEL",
		"SNAKE_CACHE_MAXCLIENTS is not a setting and is ignored; the name is SNAKE_CACHE_MAX_CLIENTS",
		"SNAKE_CACHE_PORTS is not a setting and is ignored",
		"SNAKE_CACHE_REQUIRE_PASS is not a setting and is ignored",
		"SNAKE_CACHE_SAVE is not a setting and is ignored",
		"SNAKE_CACHE_TCP_BACKLOG is not a setting and is ignored; the name is SNAKE_CACHE_BACKLOG",
		"SNAKE_CACHE_port is not a setting and is ignored; the name is SNAKE_CACHE_PORT",
	}
	if err != nil || !slices.Equal(warnings, want) {
		t.Errorf("%v, warnings\n%s", err, strings.Join(warnings, "\n"))
	}
}

func TestSlogLevel(t *testing.T) {
	for level, want := range map[Word][4]bool{ // DEBUG, INFO, WARN, ERROR
		"debug":   {true, true, true, true},
		"verbose": {true, true, true, true},
		"notice":  {false, true, true, true},
		"warning": {false, false, true, true},
		"nothing": {},
	} {
		v := &Values{LogLevel: level}
		for i, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
			if got := l >= v.SlogLevel(); got != want[i] {
				t.Errorf("%s lets %v in: %v", level, l, got)
			}
		}
	}
}
