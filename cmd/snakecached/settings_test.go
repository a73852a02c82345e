package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/config"
	"snakecache/pkg/server"
	"snakecache/pkg/store"
)

func load(t *testing.T, environ string) *config.Values {
	t.Helper()
	v, warnings, err := config.Load(strings.Fields(environ))
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	return v
}

func TestTranslation(t *testing.T) {
	v := load(t, `SNAKE_CACHE_REQUIREPASS=x SNAKE_CACHE_COMMAND_TIMEOUT=20 SNAKE_CACHE_MAX_CLIENTS=7 SNAKE_CACHE_TIMEOUT=3
		SNAKE_CACHE_ENABLE_DEBUG_COMMAND=local SNAKE_CACHE_DATABASES=2 SNAKE_CACHE_MAXMEMORY=99999999999gb
		SNAKE_CACHE_SLOWLOG_LOG_SLOWER_THAN=7 SNAKE_CACHE_SLOWLOG_MAX_LEN=9 SNAKE_CACHE_LATENCY_MONITOR_THRESHOLD=9223372036854775807
		SNAKE_CACHE_MAXMEMORY_POLICY=noeviction SNAKE_CACHE_TCP_KEEPALIVE=9 SNAKE_CACHE_PROTO_MAX_BULK_LEN=1mb
		SNAKE_CACHE_MAXMEMORY_CLIENTS=5% SNAKE_CACHE_BUSY_REPLY_THRESHOLD=7 SNAKE_CACHE_SCRIPT_MEMORY=2mb`)
	if got, want := boundsOf(v), (actor.Bounds{
		Password: "x", CommandTimeout: 20e6, MaxClients: 7, MaxBulk: 1 << 20, Debug: actor.DebugLocal,
		Slowlog: actor.SlowlogBounds{On: true, Threshold: 7000, MaxLen: 9}, LatencyThreshold: math.MaxInt64, LatencyTracking: true,
		Output: outputLimitsOf(v.ClientOutputBufferLimit), TrackingKeys: 1000000, ClientMemory: math.MaxInt64 / 100 * 5,
		BusyReply: 7e6, ScriptMemory: 2 << 20,
	}); got != want {
		t.Errorf("bounds %+v, want %+v", got, want)
	}
	if got := storeOptionsOf(v); got.Databases != 2 || got.MaxMemory != math.MaxInt64 || got.Policy != store.NoEviction || got.Samples != 5 ||
		got.ListMaxListpackSize != -2 || got.HLLSparseMaxBytes != 3000 || got.StreamNodeMaxBytes != 4096 || got.StreamNodeMaxEntries != 100 {
		t.Errorf("store options %+v", got)
	}
	if got, want := limitsOf(v), (server.Limits{
		MaxClients: 7, Timeout: 3 * time.Second, KeepAlive: 9 * time.Second, Password: true, MaxBulk: 1 << 20, MaxRequest: 1 << 30,
	}); got != want {
		t.Errorf("limits %+v, want %+v", got, want)
	}
	defaults := load(t, "")
	if !limitsOf(defaults).Protected || storeOptionsOf(defaults).Policy != store.AllKeysLRU || boundsOf(defaults).Debug != actor.DebugNo ||
		boundsOf(load(t, "SNAKE_CACHE_SLOWLOG_LOG_SLOWER_THAN=-1")).Slowlog.On {
		t.Error("the defaults are not protected mode, eviction and no DEBUG")
	}
}

func TestProtectionIsSaid(t *testing.T) {
	for _, c := range []struct {
		environ, said string
		unprotected   bool
	}{
		{"", "level=WARN msg=\"no password is set", false},
		{"SNAKE_CACHE_PROTECTED_MODE=no", "level=WARN msg=\"UNPROTECTED", true},
		{"SNAKE_CACHE_PROTECTED_MODE=no SNAKE_CACHE_REQUIREPASS=x", "level=INFO msg=\"protected mode is off", false},
		{"SNAKE_CACHE_PROTECTED_MODE=no SNAKE_CACHE_BIND=127.0.0.1", "level=INFO msg=\"protected mode is off", false},
		{"SNAKE_CACHE_PROTECTED_MODE=no SNAKE_CACHE_BIND=10.1.2.3", "level=WARN msg=\"UNPROTECTED", true},
		{"SNAKE_CACHE_REQUIREPASS=x", "", false},
		{"SNAKE_CACHE_BIND=-::1", "", false},
		{"SNAKE_CACHE_BIND=localhost", "", false},
	} {
		v := load(t, c.environ)
		var log bytes.Buffer
		sayProtection(slog.New(slog.NewTextHandler(&log, nil)), v)
		if !strings.Contains(log.String(), c.said) || (c.said == "") != (log.Len() == 0) || isUnprotected(v) != c.unprotected {
			t.Errorf("%q: unprotected %t, said %q", c.environ, isUnprotected(v), log.String())
		}
	}
}

func TestReachable(t *testing.T) {
	for bind, want := range map[string]string{
		"*": "127.0.0.1", "-::*": "::1", "10.0.0.1": "10.0.0.1", "0.0.0.0": "127.0.0.1",
	} {
		if got := reachable(config.Addresses{config.Address(bind)}); got != want {
			t.Errorf("%s is reachable at %s, not %s", bind, want, got)
		}
	}
}

func TestMoreClientsThanFiles(t *testing.T) {
	most := server.MostClients()
	if err := enoughFiles(&config.Values{MaxClients: config.Int(most)}); err != nil {
		t.Errorf("%d clients are refused: %v", most, err)
	}
	live := config.NewLive(&config.Values{MaxClients: 10})
	live.Guard("maxclients", enoughFiles)
	err := live.Set([][2]string{{"maxclients", "4294967295"}})
	want := fmt.Sprintf("CONFIG SET failed (possibly related to argument 'maxclients') - "+
		"The operating system is not able to handle the specified number of clients, try with %d", most)
	if err == nil || err.Error() != want || live.Load().MaxClients != 10 {
		t.Errorf("got %v with maxclients %d, want %s", err, live.Load().MaxClients, want)
	}
}

func TestMemoryInAContainer(t *testing.T) {
	for _, c := range []struct {
		environ       string
		limit         int64
		want, scripts config.Memory
	}{
		{"SNAKE_CACHE_MAXMEMORY=", 1000, 700, 125},
		{"SNAKE_CACHE_MAXMEMORY=0", 1000, 0, 125},
		{"SNAKE_CACHE_MAXMEMORY=1kb", 1000, 1024, 125},
		{"SNAKE_CACHE_MAXMEMORY=", 0, 0, 256 << 20},
		{"SNAKE_CACHE_MAXMEMORY=", 64 << 30, 64 << 30 / 100 * 70, 256 << 20},
		{"SNAKE_CACHE_SCRIPT_MEMORY=9mb", 1000, 700, 9 << 20},
		{"SNAKE_CACHE_SCRIPT_MEMORY=", 1 << 30, 1 << 30 / 100 * 70, 128 << 20},
	} {
		environ := []string{c.environ}
		v, _, err := config.Load(environ)
		if err != nil {
			t.Fatal(err)
		}
		if adoptMemoryLimit(v, environ, c.limit); v.MaxMemory != c.want || v.ScriptMemory != c.scripts {
			t.Errorf("%s with %d bytes: %s, %s for scripts", c.environ, c.limit, v.MaxMemory, v.ScriptMemory)
		}
	}
}

// What is a number in the settings is the same number to the engine.
func TestEventsAreTheEnginesOwn(t *testing.T) {
	for _, letters := range strings.Fields("g $ l s h z x e t d n K E m A KEA AKEmn") {
		var events config.Events
		if err := events.UnmarshalText([]byte(letters)); err != nil {
			t.Fatal(err)
		}
		if got, want := actor.Notify(events), actor.NotifyOf(letters); got != want {
			t.Errorf("%s is %b, to the engine %b", letters, got, want)
		}
	}
}

func TestOutputLimitsOf(t *testing.T) {
	values, _, err := config.Load([]string{config.Prefix + "CLIENT_OUTPUT_BUFFER_LIMIT=normal 1 2 3 replica 4 5 6 pubsub 7kb 8 9"})
	if err != nil {
		t.Fatal(err)
	}
	want := [actor.OutputClasses]actor.OutputLimit{
		{Hard: 1, Soft: 2, SoftSeconds: 3}, {Hard: 4, Soft: 5, SoftSeconds: 6}, {Hard: 7 << 10, Soft: 8, SoftSeconds: 9},
	}
	if got := boundsOf(values).Output; got != want {
		t.Errorf("the limits are %v, want %v", got, want)
	}
}
