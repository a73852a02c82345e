package main

import (
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"strings"

	"snakecache/pkg/actor"
	"snakecache/pkg/config"
	"snakecache/pkg/metrics"
	"snakecache/pkg/server"
	"snakecache/pkg/store"
)

// This file translates the settings into the words of the packages that go by them.

func boundsOf(v *config.Values) actor.Bounds {
	debug := map[config.Word]actor.DebugPolicy{
		"no": actor.DebugNo, "local": actor.DebugLocal, "yes": actor.DebugYes,
	}
	return actor.Bounds{
		Password:       string(v.RequirePass),
		CommandTimeout: int64(v.CommandTimeout.Duration()),
		BusyReply:      v.BusyReplyThreshold.Times(1e6),
		MaxClients:     int(v.MaxClients),
		MaxBulk:        int64(v.ProtoMaxBulkLen),
		TrackingKeys:   int(v.TrackingTableMaxKeys),
		ClientMemory:   v.MaxMemoryClients.Of(int64(min(v.MaxMemory, math.MaxInt64))),
		ScriptMemory:   int64(v.ScriptMemory),
		Debug:          debug[v.EnableDebugCommand],
		Slowlog: actor.SlowlogBounds{
			On:        v.SlowlogLogSlowerThan >= 0,
			Threshold: v.SlowlogLogSlowerThan.Times(1e3),
			MaxLen:    int64(v.SlowlogMaxLen),
		},
		LatencyThreshold: v.LatencyMonitorThreshold.Times(1e6),
		LatencyTracking:  bool(v.LatencyTracking),
		Output:           outputLimitsOf(v.ClientOutputBufferLimit),
		Notify:           actor.Notify(v.NotifyKeyspaceEvents), // their bits mean the same
	}
}

func outputLimitsOf(limits config.OutputLimits) (all [actor.OutputClasses]actor.OutputLimit) {
	limit := func(l config.OutputLimit) actor.OutputLimit {
		return actor.OutputLimit{
			Hard: int64(min(l.Hard, math.MaxInt64)), Soft: int64(min(l.Soft, math.MaxInt64)), SoftSeconds: int64(l.Seconds),
		}
	}
	all[actor.NormalOutput], all[actor.ReplicaOutput] = limit(limits.Normal), limit(limits.Replica)
	all[actor.PubSubOutput] = limit(limits.PubSub)
	return all
}

func storeOptionsOf(v *config.Values) store.Options {
	return store.Options{
		Databases: int(v.Databases),
		MaxMemory: int64(min(v.MaxMemory, math.MaxInt64)),
		Policy:    policyOf(v),
		Samples:   int(v.MaxMemorySamples),

		LFULogFactor: int(v.LFULogFactor),
		LFUDecayTime: int(v.LFUDecayTime),

		HLLSparseMaxBytes:      int(min(v.HLLSparseMaxBytes, math.MaxInt)),
		ListMaxListpackSize:    int(v.ListMaxListpackSize),
		HashMaxListpackEntries: int(v.HashMaxListpackEntries),
		HashMaxListpackValue:   int(v.HashMaxListpackValue),
		SetMaxIntsetEntries:    int(v.SetMaxIntsetEntries),
		SetMaxListpackEntries:  int(v.SetMaxListpackEntries),
		SetMaxListpackValue:    int(v.SetMaxListpackValue),
		ZSetMaxListpackEntries: int(v.ZSetMaxListpackEntries),
		ZSetMaxListpackValue:   int(v.ZSetMaxListpackValue),
		StreamNodeMaxBytes:     int64(v.StreamNodeMaxBytes),
		StreamNodeMaxEntries:   int64(v.StreamNodeMaxEntries),
	}
}

// maxMemoryShare is what part of a container's memory data may have if nobody says how much, in percent. The rest is for
// buffers of clients, for garbage among large values, and for pages that are not full.
const maxMemoryShare = 70

// scriptShare is what part of a container's memory scripts may have at most if nobody says how much: one in so many. They take it
// only while they run.
const scriptShare = 8

// adoptMemoryLimit sets maxmemory and the limit of scripts by the container's limit, if it has one and the environment does not set
// them.
func adoptMemoryLimit(v *config.Values, environ []string, limit int64) {
	if limit <= 0 {
		return
	}
	if !config.IsSet(environ, "MAXMEMORY") {
		v.MaxMemory = config.Memory(limit / 100 * maxMemoryShare)
	}
	if !config.IsSet(environ, "SCRIPT_MEMORY") {
		v.ScriptMemory = min(v.ScriptMemory, config.Memory(limit/scriptShare))
	}
}

// policyOf relies on the settings' own check of the word.
func policyOf(v *config.Values) store.Policy {
	policy, _ := store.PolicyNamed(string(v.MaxMemoryPolicy))
	return policy
}

func limitsOf(v *config.Values) server.Limits {
	return server.Limits{
		MaxClients: int(v.MaxClients),
		Timeout:    v.Timeout.Duration(),
		KeepAlive:  v.TCPKeepalive.Duration(),
		Protected:  bool(v.ProtectedMode) && v.RequirePass == "",
		Password:   v.RequirePass != "",
		MaxBulk:    int(v.ProtoMaxBulkLen),
		MaxRequest: int64(v.ClientQueryBufferLimit),
	}
}

func metricsSettingsOf(v *config.Values) metrics.Settings {
	return metrics.Settings{
		Databases:       int(v.Databases),
		MaxClients:      int(v.MaxClients),
		MaxMemoryPolicy: string(v.MaxMemoryPolicy),
		Unprotected:     isUnprotected(v),
	}
}

// enoughFiles refuses more clients than the limit of open files has room for.
func enoughFiles(v *config.Values) error {
	if most := server.MostClients(); int(v.MaxClients) > most {
		//lint:ignore ST1005 Redis' text begins with a capital
		return fmt.Errorf("The operating system is not able to handle the specified number of clients, try with %d", most)
	}
	return nil
}

// apply makes a change of settings take effect. It runs on the owner goroutine.
func (s *service) apply(v *config.Values) {
	s.actor.Configure(boundsOf(v))
	s.store.Configure(storeOptionsOf(v))
	s.server.Configure(limitsOf(v))
	s.level.Set(v.SlogLevel())
	if was := s.unprotected; isUnprotected(v) != was {
		s.unprotected = !was
		sayProtection(s.log, v)
	}
}

// isUnprotected reports whether anybody on the network is served without a password.
func isUnprotected(v *config.Values) bool {
	return v.RequirePass == "" && !bool(v.ProtectedMode) && !isLoopback(v.Bind)
}

// isLoopback reports whether the addresses are all of this machine only.
func isLoopback(bind config.Addresses) bool {
	for _, address := range bind {
		host, _ := address.Host()
		ip, err := netip.ParseAddr(host)
		if host != "localhost" && (err != nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}

// sayProtection tells the log who is let in, loudly where that is anybody.
func sayProtection(log *slog.Logger, v *config.Values) {
	switch {
	case isUnprotected(v):
		log.Warn("UNPROTECTED: no password is set and protected mode is off, so whoever reaches this port can read and " +
			"delete everything; set SNAKE_CACHE_REQUIREPASS, or keep the port from strangers by other means")
	case v.RequirePass == "" && !isLoopback(v.Bind):
		log.Warn("no password is set: protected mode refuses all clients but those on this machine; " +
			"set SNAKE_CACHE_REQUIREPASS for others")
	case !bool(v.ProtectedMode):
		log.Info("protected mode is off")
	}
}

// addresses returns bind's words as server.Listen takes them.
func addresses(bind config.Addresses) []string { return strings.Fields(bind.String()) }
