// Package config holds the server's settings: one table that the environment,
// CONFIG GET and SET, --help and the README are all read from.
//
// The table is the struct Values with the tags of its fields, which are:
//
//	env         the environment variable, without Prefix; ",file" if it names
//	            a file that holds the value; none if it cannot be set there
//	envDefault  the value where the environment gives none
//	param       the name in CONFIG, Redis' where Redis has the parameter; none
//	            if CONFIG does not show it
//	alias       an older name of it in CONFIG
//	set         "yes" if CONFIG SET may change it; none and it is immutable
//	min, max    the inclusive range of a number, without unit
//	words       the words that it can be, separated by spaces
//	help        one line for those who set it
package config

import (
	"log/slog"
	"math"
)

// Prefix begins the name of every environment variable that is read.
const Prefix = "SNAKE_CACHE_"

// Values is one state of all settings. Those that Load and Live hand out are
// shared: they are read, not changed.
type Values struct {
	Port        Int       `env:"PORT" param:"port" envDefault:"6379" min:"0" max:"65535" help:"TCP port for Redis clients, 0 = any free one"`
	Bind        Addresses `env:"BIND" param:"bind" envDefault:"* -::*" help:"addresses to listen on; a leading - means it may be missing"`
	MetricsPort Int       `env:"METRICS_PORT" param:"metrics-port" envDefault:"9121" min:"0" max:"65535" help:"HTTP port of /metrics, /livez and /readyz, 0 = off"`
	MetricsBind Addresses `env:"METRICS_BIND" param:"metrics-bind" envDefault:"* -::*" help:"addresses for the metrics port, as BIND"`

	ProtectedMode   Bool   `env:"PROTECTED_MODE" param:"protected-mode" envDefault:"yes" set:"yes" help:"without a password, serve loopback clients only"`
	RequirePass     Secret `env:"REQUIREPASS" param:"requirepass" set:"yes" help:"password that clients must AUTH with, empty = none"`
	RequirePassFile Secret `env:"REQUIREPASS_FILE,file" help:"file that holds the password; instead of REQUIREPASS"`

	// The upper bound of maxclients is Redis'; how many descriptors the process
	// may open is for the server to hold it to.
	MaxClients     Int          `env:"MAX_CLIENTS" param:"maxclients" envDefault:"10000" set:"yes" min:"1" max:"4294967295" help:"connected clients beyond which new ones are refused"`
	Backlog        Int          `env:"BACKLOG" param:"tcp-backlog" envDefault:"2048" min:"0" max:"2147483647" help:"connections that may wait to be accepted"`
	Timeout        Seconds      `env:"TIMEOUT" param:"timeout" envDefault:"0" set:"yes" min:"0" max:"2147483647" help:"seconds until an idle client is closed, 0 = never"`
	TCPKeepalive   Seconds      `env:"TCP_KEEPALIVE" param:"tcp-keepalive" envDefault:"60" set:"yes" min:"0" max:"2147483647" help:"seconds between TCP keepalive probes, 0 = off"`
	CommandTimeout Milliseconds `env:"COMMAND_TIMEOUT" param:"command-timeout" envDefault:"0" set:"yes" min:"0" max:"2147483647" help:"milliseconds in the queue after which a command is refused, 0 = off"`
	DrainDelay     Milliseconds `env:"DRAIN_DELAY" param:"drain-delay" envDefault:"0" set:"yes" min:"0" max:"2147483647" help:"milliseconds to keep accepting after SIGTERM, with /readyz at 503"`

	ClientOutputBufferLimit OutputLimits `env:"CLIENT_OUTPUT_BUFFER_LIMIT" param:"client-output-buffer-limit" envDefault:"normal 64mb 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60" set:"yes" help:"bytes of replies that may wait: class, hard limit, soft limit, seconds of it"`
	ClientQueryBufferLimit  Memory       `env:"CLIENT_QUERY_BUFFER_LIMIT" param:"client-query-buffer-limit" envDefault:"1gb" set:"yes" min:"1048576" max:"9223372036854775807" help:"bytes of one request with what the client has queued or sent ahead"`
	MaxMemoryClients        MemoryShare  `env:"MAXMEMORY_CLIENTS" param:"maxmemory-clients" envDefault:"0" set:"yes" help:"bytes for buffers of all clients, or a percentage of maxmemory; 0 = no limit"`
	TrackingTableMaxKeys    Int          `env:"TRACKING_TABLE_MAX_KEYS" param:"tracking-table-max-keys" envDefault:"1000000" set:"yes" min:"0" max:"9223372036854775807" help:"keys that are remembered for client-side caches, 0 = no limit"`
	NotifyKeyspaceEvents    Events       `env:"NOTIFY_KEYSPACE_EVENTS" param:"notify-keyspace-events" set:"yes" help:"keyspace events that are published: K, E and classes; empty = none"`

	Databases           Int    `env:"DATABASES" param:"databases" envDefault:"16" min:"1" max:"32768" help:"number of databases for SELECT"`
	MaxMemory           Memory `env:"MAXMEMORY" param:"maxmemory" envDefault:"0" set:"yes" help:"bytes for data, or as 100mb, 2gb; 0 = no limit; unset: 70 % of a container's"`
	MaxMemoryPolicy     Word   `env:"MAXMEMORY_POLICY" param:"maxmemory-policy" envDefault:"allkeys-lru" set:"yes" words:"volatile-lru volatile-lfu volatile-random volatile-ttl allkeys-lru allkeys-lfu allkeys-random noeviction" help:"allkeys- or volatile- with lru, lfu, random; volatile-ttl; or noeviction"`
	MaxMemorySamples    Int    `env:"MAXMEMORY_SAMPLES" param:"maxmemory-samples" envDefault:"5" set:"yes" min:"1" max:"64" help:"keys that an eviction chooses from"`
	LFULogFactor        Int    `env:"LFU_LOG_FACTOR" param:"lfu-log-factor" envDefault:"10" set:"yes" min:"0" max:"2147483647" help:"the greater, the more uses it takes to count as frequent"`
	LFUDecayTime        Int    `env:"LFU_DECAY_TIME" param:"lfu-decay-time" envDefault:"1" set:"yes" min:"0" max:"2147483647" help:"minutes without use after which a frequency falls by one, 0 = never"`
	ProtoMaxBulkLen     Memory `env:"PROTO_MAX_BULK_LEN" param:"proto-max-bulk-len" envDefault:"512mb" set:"yes" min:"1048576" max:"9223372036854775807" help:"longest argument in bytes, or with a unit as MAXMEMORY"`
	HLLSparseMaxBytes   Memory `env:"HLL_SPARSE_MAX_BYTES" param:"hll-sparse-max-bytes" envDefault:"3000" set:"yes" min:"0" max:"9223372036854775807" help:"bytes beyond which a HyperLogLog becomes dense"`
	ListMaxListpackSize Int    `env:"LIST_MAX_LISTPACK_SIZE" param:"list-max-listpack-size" alias:"list-max-ziplist-size" envDefault:"-2" set:"yes" min:"-2147483648" max:"2147483647" help:"list node size: elements, or -1 to -5 for 4 to 64 kb"`

	HashMaxListpackEntries Int    `env:"HASH_MAX_LISTPACK_ENTRIES" param:"hash-max-listpack-entries" alias:"hash-max-ziplist-entries" envDefault:"512" set:"yes" min:"0" max:"9223372036854775807" help:"fields up to which a hash is kept as a listpack"`
	HashMaxListpackValue   Memory `env:"HASH_MAX_LISTPACK_VALUE" param:"hash-max-listpack-value" alias:"hash-max-ziplist-value" envDefault:"64" set:"yes" min:"0" max:"9223372036854775807" help:"bytes of a field or value up to which it is"`
	SetMaxIntsetEntries    Int    `env:"SET_MAX_INTSET_ENTRIES" param:"set-max-intset-entries" envDefault:"512" set:"yes" min:"0" max:"9223372036854775807" help:"integers up to which a set of nothing else is kept as an intset"`
	SetMaxListpackEntries  Int    `env:"SET_MAX_LISTPACK_ENTRIES" param:"set-max-listpack-entries" envDefault:"128" set:"yes" min:"0" max:"9223372036854775807" help:"members up to which a set is kept as a listpack"`
	SetMaxListpackValue    Int    `env:"SET_MAX_LISTPACK_VALUE" param:"set-max-listpack-value" envDefault:"64" set:"yes" min:"0" max:"9223372036854775807" help:"bytes of a member up to which it is"`
	ZSetMaxListpackEntries Int    `env:"ZSET_MAX_LISTPACK_ENTRIES" param:"zset-max-listpack-entries" alias:"zset-max-ziplist-entries" envDefault:"128" set:"yes" min:"0" max:"9223372036854775807" help:"members up to which a sorted set is kept as a listpack"`
	ZSetMaxListpackValue   Memory `env:"ZSET_MAX_LISTPACK_VALUE" param:"zset-max-listpack-value" alias:"zset-max-ziplist-value" envDefault:"64" set:"yes" min:"0" max:"9223372036854775807" help:"bytes of a member up to which it is"`
	StreamNodeMaxBytes     Memory `env:"STREAM_NODE_MAX_BYTES" param:"stream-node-max-bytes" envDefault:"4kb" set:"yes" min:"0" max:"9223372036854775807" help:"stream node size in bytes, or with a unit as MAXMEMORY, 0 = no limit"`
	StreamNodeMaxEntries   Int    `env:"STREAM_NODE_MAX_ENTRIES" param:"stream-node-max-entries" envDefault:"100" set:"yes" min:"0" max:"9223372036854775807" help:"entries of a stream node, 0 = no limit"`

	SlowlogLogSlowerThan           Int         `env:"SLOWLOG_LOG_SLOWER_THAN" param:"slowlog-log-slower-than" envDefault:"10000" set:"yes" min:"-1" max:"9223372036854775807" help:"microseconds from which on the slow log notes a command, 0 = all, -1 = off"`
	SlowlogMaxLen                  Int         `env:"SLOWLOG_MAX_LEN" param:"slowlog-max-len" envDefault:"128" set:"yes" min:"0" max:"9223372036854775807" help:"commands that the slow log keeps"`
	LatencyMonitorThreshold        Int         `env:"LATENCY_MONITOR_THRESHOLD" param:"latency-monitor-threshold" envDefault:"0" set:"yes" min:"0" max:"9223372036854775807" help:"milliseconds from which on LATENCY shows what happened, 0 = off"`
	LatencyTracking                Bool        `env:"LATENCY_TRACKING" param:"latency-tracking" envDefault:"yes" set:"yes" help:"keep a histogram of the time of each command"`
	LatencyTrackingInfoPercentiles Percentiles `env:"LATENCY_TRACKING_INFO_PERCENTILES" param:"latency-tracking-info-percentiles" envDefault:"50 99 99.9" set:"yes" help:"percentiles of these that INFO latencystats shows"`

	BusyReplyThreshold Int    `env:"BUSY_REPLY_THRESHOLD" param:"busy-reply-threshold" alias:"lua-time-limit" envDefault:"5000" set:"yes" min:"0" max:"9223372036854775807" help:"milliseconds after which a script makes other clients be told BUSY, 0 = never"`
	ScriptMemory       Memory `env:"SCRIPT_MEMORY" param:"script-memory-limit" envDefault:"256mb" set:"yes" min:"1048576" max:"9223372036854775807" help:"bytes for values of scripts; unset: no more than an eighth of a container's"`
	EnableDebugCommand Word   `env:"ENABLE_DEBUG_COMMAND" param:"enable-debug-command" envDefault:"no" words:"no yes local" help:"who may use DEBUG: no, yes, or local = loopback clients"`
	LogLevel           Word   `env:"LOG_LEVEL" param:"loglevel" envDefault:"notice" set:"yes" words:"debug verbose notice warning nothing" help:"debug or verbose = DEBUG, notice = INFO, warning = WARN, or nothing"`
	LogFormat          Word   `env:"LOG_FORMAT" param:"log-format" envDefault:"text" words:"text json" help:"log lines as text or json"`
}

// SlogLevel is the lowest level that LogLevel lets into the log.
func (v *Values) SlogLevel() slog.Level {
	switch v.LogLevel {
	case "debug", "verbose":
		return slog.LevelDebug
	case "notice":
		return slog.LevelInfo
	case "warning":
		return slog.LevelWarn
	default:
		return slog.Level(math.MaxInt)
	}
}
