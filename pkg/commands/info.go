package commands

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// infoSection is one heading of INFO and what stands below it.
type infoSection struct {
	name     string
	optional bool // not among those that INFO shows unasked
	write    func(*infoReport)
}

// infoSections are in the order in which INFO prints them.
var infoSections = []infoSection{
	{name: "Server", write: (*infoReport).server},
	{name: "Clients", write: (*infoReport).clients},
	{name: "Memory", write: (*infoReport).memory},
	{name: "Persistence", write: (*infoReport).persistence},
	{name: "Stats", write: (*infoReport).stats},
	{name: "Replication", write: (*infoReport).replication},
	{name: "CPU", write: (*infoReport).cpu},
	{name: "Modules", write: func(*infoReport) {}},
	{name: "Commandstats", optional: true, write: (*infoReport).commandstats},
	{name: "Errorstats", write: (*infoReport).errorstats},
	{name: "Latencystats", optional: true, write: func(*infoReport) {}}, // empty as with latency-tracking no
	{name: "Cluster", write: func(r *infoReport) { r.fields("cluster_enabled", 0) }},
	{name: "Keyspace", write: (*infoReport).keyspace},
}

// wanted reports whether the words behind INFO ask for the section.
func (s *infoSection) wanted(words proto.Args) bool {
	return (len(words) == 0 && !s.optional) || slices.ContainsFunc(words, func(word []byte) bool {
		return proto.EqualFold(word, strings.ToLower(s.name)) || proto.EqualFold(word, "all") ||
			proto.EqualFold(word, "everything") || (!s.optional && proto.EqualFold(word, "default"))
	})
}

func infoCommand(c *actor.Call) error {
	r := infoReport{call: c, facts: c.Facts(), figures: c.Figures()}
	for i := range infoSections {
		s := &infoSections[i]
		if !s.wanted(c.Args[1:]) {
			continue
		}
		if r.text.Len() > 0 {
			r.text.WriteString("\r\n")
		}
		r.text.WriteString("# " + s.name + "\r\n")
		s.write(&r)
	}
	c.Reply.Verbatim("txt", r.text.String())
	return nil
}

// infoReport is INFO's text under way. Every value in it is true of this server: what a field counts and we do not
// have is 0 or off, and fields that could only be made up are left out.
type infoReport struct {
	text    strings.Builder
	call    *actor.Call
	facts   actor.Facts
	figures *actor.Figures
}

// fields writes lines of name:value from name, value, name, value …
func (r *infoReport) fields(pairs ...any) {
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&r.text, "%v:%v\r\n", pairs[i], pairs[i+1])
	}
}

// server says hz:0 because there is no periodic tick: the owner's one alarm is set to the next thing due.
func (r *infoReport) server() {
	uptime := (r.figures.Nanos - r.figures.StartNanos) / 1e9
	r.fields(
		"redis_version", proto.RedisVersion,
		"redis_git_sha1", "00000000",
		"redis_git_dirty", 0,
		"redis_mode", "standalone",
		"snakecached_version", r.facts.Version,
		"snakecached_commit", r.facts.Commit,
		"os", r.facts.OS,
		"arch_bits", strconv.IntSize,
		"go_version", runtime.Version(),
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
	)
}

func (r *infoReport) clients() {
	largest := 0
	for _, s := range r.call.Sessions() {
		largest = max(largest, s.QueryBuffer+s.QueryRoom)
	}
	r.fields(
		"connected_clients", r.figures.Clients,
		"cluster_connections", 0,
		"maxclients", r.call.Bounds().MaxClients,
		"client_recent_max_input_buffer", largest,
		"client_recent_max_output_buffer", 0,
		"blocked_clients", 0,
		"tracking_clients", 0,
		"pubsub_clients", r.figures.PubSubClients,
		"watching_clients", 0,
		"clients_in_timeout_table", 0,
		"total_watched_keys", 0,
		"total_blocking_keys", 0,
		"total_blocking_keys_on_nokey", 0,
	)
}

// memory calls used what maxmemory bounds: the dataset with all it costs. The process has more, which rss shows.
func (r *infoReport) memory() {
	f := r.figures
	dataset := f.UsedMemory - f.Overhead
	r.fields(
		"used_memory", f.UsedMemory,
		"used_memory_human", humanBytes(f.UsedMemory),
		"used_memory_rss", r.facts.RSS,
		"used_memory_rss_human", humanBytes(r.facts.RSS),
		"used_memory_peak", f.PeakMemory,
		"used_memory_peak_human", humanBytes(f.PeakMemory),
		"used_memory_peak_perc", percent(f.UsedMemory, f.PeakMemory),
		"used_memory_overhead", f.Overhead,
		"used_memory_startup", 0,
		"used_memory_dataset", dataset,
		"used_memory_dataset_perc", percent(dataset, f.UsedMemory),
		"total_system_memory", r.facts.SystemMemory,
		"total_system_memory_human", humanBytes(r.facts.SystemMemory),
		"used_memory_lua", 0,
		"used_memory_lua_human", humanBytes(0),
		"used_memory_scripts", 0,
		"used_memory_scripts_human", humanBytes(0),
		"number_of_cached_scripts", 0,
		"number_of_functions", 0,
		"number_of_libraries", 0,
		"maxmemory", f.MaxMemory,
		"maxmemory_human", humanBytes(f.MaxMemory),
		"maxmemory_policy", r.setting("maxmemory-policy"),
		"mem_fragmentation_ratio", fixed(ratio(r.facts.RSS, f.UsedMemory)),
		"mem_fragmentation_bytes", r.facts.RSS-f.UsedMemory,
		"mem_not_counted_for_evict", 0,
		"mem_replication_backlog", 0,
		"mem_clients_slaves", 0,
		"mem_aof_buffer", 0,
		"mem_allocator", "snakecached-slabs",
		"mem_off_heap", f.OffHeap,
		"active_defrag_running", 0,
		"lazyfree_pending_objects", 0,
		"lazyfreed_objects", 0,
	)
}

// persistence is what Redis says that never saved: its last save is its start.
func (r *infoReport) persistence() {
	r.fields(
		"loading", 0,
		"async_loading", 0,
		"rdb_changes_since_last_save", r.figures.Changes,
		"rdb_bgsave_in_progress", 0,
		"rdb_last_save_time", r.figures.StartMs/1000,
		"rdb_last_bgsave_status", "ok",
		"rdb_last_bgsave_time_sec", -1,
		"rdb_current_bgsave_time_sec", -1,
		"rdb_saves", 0,
		"rdb_last_cow_size", 0,
		"aof_enabled", 0,
		"aof_rewrite_in_progress", 0,
		"aof_rewrite_scheduled", 0,
		"aof_last_rewrite_time_sec", -1,
		"aof_current_rewrite_time_sec", -1,
		"aof_last_bgrewrite_status", "ok",
		"aof_rewrites", 0,
		"aof_last_write_status", "ok",
		"aof_last_cow_size", 0,
		"module_fork_in_progress", 0,
	)
}

func (r *infoReport) stats() {
	f := r.figures
	r.fields(
		"total_connections_received", f.Connections,
		"total_commands_processed", f.Processed,
		"instantaneous_ops_per_sec", int64(f.OpsPerSecond),
		"total_net_input_bytes", f.BytesIn,
		"total_net_output_bytes", f.BytesOut,
		"total_net_repl_input_bytes", 0,
		"total_net_repl_output_bytes", 0,
		"instantaneous_input_kbps", fixed(f.InPerSecond/1024),
		"instantaneous_output_kbps", fixed(f.OutPerSecond/1024),
		"rejected_connections", r.facts.Rejected,
		"sync_full", 0,
		"sync_partial_ok", 0,
		"sync_partial_err", 0,
		"expired_subkeys", f.ExpiredFields,
		"expired_keys", f.Expired,
		"expired_stale_perc", fixed(0), // due keys go within a turn: none waits for a sampling to find it
		"expired_time_cap_reached_count", 0,
		"evicted_keys", f.Evicted,
		"evicted_clients", 0,
		"keyspace_hits", f.Hits,
		"keyspace_misses", f.Misses,
		"pubsub_channels", f.Channels,
		"pubsub_patterns", f.Patterns,
		"pubsubshard_channels", f.ShardChannels,
		"latest_fork_usec", 0,
		"total_forks", 0,
		"migrate_cached_sockets", 0,
		"tracking_total_keys", 0,
		"tracking_total_items", 0,
		"tracking_total_prefixes", 0,
		"unexpected_error_replies", 0,
		"total_error_replies", f.ErrorReplies,
		"client_output_buffer_limit_disconnections", f.OutputLimitClosed,
		"acl_access_denied_auth", f.Errors[proto.ErrWrongPass.Code()],
		"acl_access_denied_cmd", 0,
		"acl_access_denied_key", 0,
		"acl_access_denied_channel", 0,
		"expired_keys_pending", f.ExpiryPending,
		"expire_lag_p50_us", f.ExpiryLag.Quantile(0.5)/1000,
		"expire_lag_p99_us", f.ExpiryLag.Quantile(0.99)/1000,
		"owner_busy_ratio", fmt.Sprintf("%.4f", ratio(f.BusyNanos, f.Nanos-f.StartNanos)),
		"mailbox_depth", f.MailboxDepth,
	)
}

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

func (r *infoReport) cpu() {
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
	r.fields(
		"used_cpu_sys", seconds(r.facts.SystemCPU),
		"used_cpu_user", seconds(r.facts.UserCPU),
		"used_cpu_sys_children", seconds(0),
		"used_cpu_user_children", seconds(0),
	)
}

// commandstats lists the commands that were called or refused.
func (r *infoReport) commandstats() {
	for _, cmd := range r.call.Table().Commands() {
		f := r.figures.Commands[cmd.ID()]
		if f.Calls+f.Rejected+f.Failed == 0 {
			continue
		}
		r.fields("cmdstat_"+cmd.FullName(), fmt.Sprintf("calls=%d,usec=%d,usec_per_call=%s,rejected_calls=%d,failed_calls=%d",
			f.Calls, f.Nanos/1e3, fixed(ratio(f.Nanos/1e3, int64(f.Calls))), f.Rejected, f.Failed))
	}
}

func (r *infoReport) errorstats() {
	for _, code := range slices.Sorted(maps.Keys(r.figures.Errors)) {
		r.fields("errorstat_"+code, fmt.Sprintf("count=%d", r.figures.Errors[code]))
	}
}

// keyspace leaves out Redis 7.4's fourth figure, subexpiry: exporters from before it read lines of three only.
func (r *infoReport) keyspace() {
	for _, db := range r.figures.Databases {
		r.fields(fmt.Sprintf("db%d", db.Index), fmt.Sprintf("keys=%d,expires=%d,avg_ttl=%d", db.Keys, db.Volatile, db.AverageTTL))
	}
}

// setting returns the value of one parameter.
func (r *infoReport) setting(name string) string {
	if found := r.call.Settings().Match([][]byte{[]byte(name)}); len(found) > 1 {
		return found[1]
	}
	return ""
}

// humanBytes is a number of bytes as INFO shows it to people.
func humanBytes(n int64) string {
	const units = "KMGTP"
	if n < 1024 {
		return strconv.FormatInt(n, 10) + "B"
	}
	size, unit := float64(n)/1024, 0
	for size >= 1024 && unit < len(units)-1 {
		size, unit = size/1024, unit+1
	}
	return fixed(size) + units[unit:unit+1]
}

// ratio is a quotient that is 0 where there is nothing to divide by.
func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func percent(part, whole int64) string { return fixed(100*ratio(part, whole)) + "%" }

func fixed(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }
