package commands

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"snakecache/pkg/proto"
)

// server says hz:0 because there is no periodic tick: the owner's one alarm is set to the next thing due.
func (r *infoReport) server() {
	uptime := (r.figures.Nanos - r.figures.StartNanos) / 1e9
	r.fields(
		"redis_version", proto.RedisVersion,
		"redis_git_sha1", "00000000",
		"redis_git_dirty", 0,
		"redis_build_id", r.facts.Commit,
		"redis_mode", "standalone",
		"os", r.facts.OS,
		"arch_bits", strconv.IntSize,
		"monotonic_clock", "go",
		"multiplexing_api", pollers[runtime.GOOS],
		"atomicvar_api", "go",
		"gcc_version", "0.0.0", // what Redis says that was not compiled with it
		"process_id", r.facts.PID,
		"process_supervised", "no",
		"run_id", r.facts.RunID,
		"tcp_port", r.facts.Port,
		"server_time_usec", r.call.Clock().Now().UnixMicro(),
		"uptime_in_seconds", uptime,
		"uptime_in_days", uptime/(24*60*60),
		"hz", 0,
		"configured_hz", 0,
		"lru_clock", lruClock(r.figures.NowMs),
		"executable", r.facts.Executable,
		"config_file", "",
		"io_threads_active", 0,
		"listener0", r.listener(),
		"snakecached_version", r.facts.Version,
		"snakecached_commit", r.facts.Commit,
		"go_version", runtime.Version(),
	)
}

// pollers are what Go waits for sockets with, by the operating system.
var pollers = map[string]string{
	"linux": "epoll", "android": "epoll", "darwin": "kqueue", "freebsd": "kqueue", "netbsd": "kqueue", "openbsd": "kqueue", "windows": "iocp",
}

// listener describes the port for clients: name=tcp,bind=*,bind=-::*,port=6379.
func (r *infoReport) listener() string {
	text := "name=tcp"
	for _, address := range strings.Fields(r.setting("bind")) {
		text += ",bind=" + address
	}
	return text + ",port=" + strconv.Itoa(r.facts.Port)
}

func (r *infoReport) clients() {
	f := r.figures
	var input, output int64
	for _, s := range r.call.Sessions() {
		m := s.Memory()
		input, output = max(input, m.Query), max(output, m.Output)
	}
	r.fields(
		"connected_clients", f.Clients,
		"cluster_connections", 0,
		"maxclients", r.call.Bounds().MaxClients,
		"client_recent_max_input_buffer", input,
		"client_recent_max_output_buffer", output,
		"blocked_clients", f.Blocked,
		"tracking_clients", f.Tracking,
		"pubsub_clients", f.PubSubClients,
		"watching_clients", f.Watching,
		"clients_in_timeout_table", f.WaitsWithEnd,
		"total_watched_keys", f.WatchedKeys,
		"total_blocking_keys", f.BlockingKeys,
		"total_blocking_keys_on_nokey", f.BlockingOnNoKey,
	)
}

// persistence is what Redis says that never saved: its last save is its start.
func (r *infoReport) persistence() {
	r.fields(
		"loading", 0,
		"async_loading", 0,
		"current_cow_peak", 0,
		"current_cow_size", 0,
		"current_cow_size_age", 0,
		"current_fork_perc", fixed(0),
		"current_save_keys_processed", 0,
		"current_save_keys_total", 0,
		"rdb_changes_since_last_save", r.figures.Changes,
		"rdb_bgsave_in_progress", 0,
		"rdb_last_save_time", r.figures.StartMs/1000,
		"rdb_last_bgsave_status", "ok",
		"rdb_last_bgsave_time_sec", -1,
		"rdb_current_bgsave_time_sec", -1,
		"rdb_saves", 0,
		"rdb_last_cow_size", 0,
		"rdb_last_load_keys_expired", 0,
		"rdb_last_load_keys_loaded", 0,
		"aof_enabled", 0,
		"aof_rewrite_in_progress", 0,
		"aof_rewrite_scheduled", 0,
		"aof_last_rewrite_time_sec", -1,
		"aof_current_rewrite_time_sec", -1,
		"aof_last_bgrewrite_status", "ok",
		"aof_rewrites", 0,
		"aof_rewrites_consecutive_failures", 0,
		"aof_last_write_status", "ok",
		"aof_last_cow_size", 0,
		"module_fork_in_progress", 0,
		"module_fork_last_cow_size", 0,
	)
}

// replication is that of a primary that never had a replica.
func (r *infoReport) replication() {
	r.fields(
		"role", "master",
		"connected_slaves", 0,
		"master_failover_state", "no-failover",
		"master_replid", r.facts.RunID,
		"master_replid2", strings.Repeat("0", 40),
		"master_repl_offset", 0,
		"second_repl_offset", -1,
		"repl_backlog_active", 0,
		"repl_backlog_size", 0,
		"repl_backlog_first_byte_offset", 0,
		"repl_backlog_histlen", 0,
	)
}

// cpu leaves out what Redis tells of its main thread: the owner is a goroutine and has none of its own.
func (r *infoReport) cpu() {
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
	r.fields(
		"used_cpu_sys", seconds(r.facts.SystemCPU),
		"used_cpu_user", seconds(r.facts.UserCPU),
		"used_cpu_sys_children", seconds(0),
		"used_cpu_user_children", seconds(0),
	)
}
