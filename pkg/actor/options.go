package actor

import (
	"log/slog"

	"snakecache/pkg/script"
	"snakecache/pkg/store"
)

// Options are what an Actor is made of.
type Options struct {
	Table    *Table
	Store    *store.Store
	Clock    Clock
	Settings Settings
	Host     Host
	Log      *slog.Logger
	Scripts  *script.Engine // one with the default limits if it is nil
	Bounds   Bounds
}

// Bounds are the settings the owner goes by. They change only through Configure.
type Bounds struct {
	Password       string // what AUTH must say; empty = no authentication
	CommandTimeout int64  // nanoseconds a command may wait in the queue; 0 = no limit
	MaxClients     int
	MaxBulk        int64 // bytes that a string may grow to, proto-max-bulk-len
	TrackingKeys   int   // most keys that are remembered for client-side caches, tracking-table-max-keys; 0 = no limit
	ClientMemory   int64 // bytes that all clients may take together, maxmemory-clients; 0 = no limit
	BusyReply      int64 // nanoseconds from which on a script makes others be told BUSY, busy-reply-threshold; 0 = never
	ScriptMemory   int64 // bytes that the values of scripts may take together, script-memory-limit; 0 = lua.DefaultLimits'
	Debug          DebugPolicy

	Slowlog          SlowlogBounds
	LatencyThreshold int64 // nanoseconds from which on the latency monitor takes samples; 0 = off
	LatencyTracking  bool  // whether calls count in histograms by command

	Output [OutputClasses]OutputLimit
	Notify Notify // of which changes of keys subscribers are told
}

// DebugPolicy says who may use DEBUG.
type DebugPolicy uint8

// The values of enable-debug-command.
const (
	DebugNo DebugPolicy = iota
	DebugLocal
	DebugYes
)
