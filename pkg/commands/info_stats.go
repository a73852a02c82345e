package commands

import (
	"fmt"
	"maps"
	"slices"

	"snakecache/pkg/proto"
)

// stats are in Redis' order, with ours at the end. What Redis does and we do not, such as forking, happens no times.
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
		"instantaneous_input_repl_kbps", fixed(0),
		"instantaneous_output_repl_kbps", fixed(0),
		"rejected_connections", r.facts.Rejected,
		"sync_full", 0,
		"sync_partial_ok", 0,
		"sync_partial_err", 0,
	)
	r.removals()
	r.fields(
		"keyspace_hits", f.Hits,
		"keyspace_misses", f.Misses,
		"pubsub_channels", f.Channels,
		"pubsub_patterns", f.Patterns,
		"pubsubshard_channels", f.ShardChannels,
		"latest_fork_usec", 0,
		"total_forks", 0,
		"migrate_cached_sockets", 0,
		"slave_expires_tracked_keys", 0,
		"active_defrag_hits", 0,
		"active_defrag_misses", 0,
		"active_defrag_key_hits", 0,
		"active_defrag_key_misses", 0,
		"total_active_defrag_time", 0,
		"current_active_defrag_time", 0,
		"tracking_total_keys", f.TrackedKeys,
		"tracking_total_items", f.TrackedItems,
		"tracking_total_prefixes", f.TrackedPrefixes,
		"unexpected_error_replies", 0,
		"total_error_replies", f.ErrorReplies,
		"dump_payload_sanitizations", r.calls("restore")+r.calls("restore-asking"), // each payload is looked through
	)
	r.work()
}

// removals are keys and fields that went by themselves. None that is due waits for a sampling to find it, as in Redis.
func (r *infoReport) removals() {
	f := r.figures
	r.fields(
		"expired_subkeys", f.ExpiredFields,
		"expired_keys", f.Expired,
		"expired_stale_perc", fixed(0),
		"expired_time_cap_reached_count", f.ExpiryCapped,
		"expire_cycle_cpu_milliseconds", f.ExpiryNanos/1e6,
		"evicted_keys", f.Evicted,
		"evicted_clients", f.EvictedClients,
		"evicted_scripts", r.call.Scripts().Figures.Evicted,
		"total_eviction_exceeded_time", f.ExceededMs,
		"current_eviction_exceeded_time", f.ExceededNowMs,
	)
}

// work is what the owner does: what Redis calls a cycle of its event loop is a turn here.
func (r *infoReport) work() {
	f := r.figures
	r.fields(
		"total_reads_processed", f.BatchesIn,
		"total_writes_processed", f.BatchesOut,
		"io_threaded_reads_processed", 0,
		"io_threaded_writes_processed", 0,
		"client_query_buffer_limit_disconnections", r.facts.TooLong,
		"client_output_buffer_limit_disconnections", f.OutputLimitClosed,
		"reply_buffer_shrinks", 0,
		"reply_buffer_expands", 0,
		"eventloop_cycles", f.Turns,
		"eventloop_duration_sum", f.BusyNanos/1e3,
		"eventloop_duration_cmd_sum", f.ExecutionTime.Sum/1e3,
		"instantaneous_eventloop_cycles_per_sec", int64(f.TurnsPerSecond),
		"instantaneous_eventloop_duration_usec", f.TurnNanos/1e3,
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

// calls returns how often a command ran.
func (r *infoReport) calls(name string) uint64 {
	if cmd := r.call.Table().Find([]byte(name)); cmd != nil {
		return r.figures.Commands[cmd.ID()].Calls
	}
	return 0
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
