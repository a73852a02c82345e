package metrics

import "github.com/prometheus/client_golang/prometheus"

// series is a value without labels under the name that redis_exporter gives it, our own name, or both.
type series struct {
	redis, ours string
	help        string
	kind        prometheus.ValueType
	value       func(*moment) float64
}

const (
	total  = prometheus.CounterValue
	figure = prometheus.GaugeValue
)

// plain are all series without labels. What redis_exporter shows of a server without replicas and cluster is
// here, with a 0 that is true. What it then does not show, about a replica's master and the cluster, is not.
var plain = []series{
	{"redis_up", "", "1: who answers the scrape is up.",
		figure, constant(1)},
	{"redis_uptime_in_seconds", "snakecached_uptime_seconds", "Time since the start.",
		figure, func(m *moment) float64 { return m.uptime }},
	{"redis_start_time_seconds", "", "Unix time of the start.",
		figure, func(m *moment) float64 { return float64(m.StartMs) / 1e3 }},
	{"redis_connected_clients", "snakecached_connections", "Clients that are connected.",
		figure, func(m *moment) float64 { return float64(m.Clients) }},
	{"redis_blocked_clients", "snakecached_blocked_clients", "Clients in a blocking command.",
		figure, func(m *moment) float64 { return float64(m.Blocked) }},
	{"redis_tracking_clients", "snakecached_tracking_clients", "Clients that are told when keys they have read change.",
		figure, func(m *moment) float64 { return float64(m.Tracking) }},
	{"redis_tracking_total_keys", "snakecached_tracked_keys", "Keys that are remembered for client-side caches.",
		figure, func(m *moment) float64 { return float64(m.TrackedKeys) }},
	{"redis_tracking_total_items", "", "Keys that are remembered for client-side caches, once for each client.",
		figure, func(m *moment) float64 { return float64(m.TrackedItems) }},
	{"redis_tracking_total_prefixes", "", "Prefixes of keys of whose changes clients are told.",
		figure, func(m *moment) float64 { return float64(m.TrackedPrefixes) }},
	{"redis_pubsub_clients", "snakecached_subscribed_clients", "Clients with a subscription.",
		figure, func(m *moment) float64 { return float64(m.PubSubClients) }},
	{"redis_watching_clients", "snakecached_watching_clients", "Clients that WATCH keys.",
		figure, func(m *moment) float64 { return float64(m.Watching) }},
	{"redis_total_watched_keys", "snakecached_watched_keys", "Keys that clients WATCH.",
		figure, func(m *moment) float64 { return float64(m.WatchedKeys) }},
	{"redis_total_blocking_keys", "", "Keys that clients in a blocking command wait for.",
		figure, func(m *moment) float64 { return float64(m.BlockingKeys) }},
	{"redis_pubsub_channels", "", "Channels with a subscriber.",
		figure, func(m *moment) float64 { return float64(m.Channels) }},
	{"redis_pubsub_patterns", "", "Patterns with a subscriber.",
		figure, func(m *moment) float64 { return float64(m.Patterns) }},
	{"redis_pubsubshard_channels", "", "Shard channels with a subscriber.",
		figure, func(m *moment) float64 { return float64(m.ShardChannels) }},
	{"redis_connected_slaves", "", "Connected replicas.",
		figure, constant(0)},
	{"redis_config_maxclients", "snakecached_connections_max", "Clients that may be connected.",
		figure, func(m *moment) float64 { return float64(m.MaxClients) }},
	{"redis_memory_used_bytes", "snakecached_memory_used_bytes", "Memory of the dataset.",
		figure, func(m *moment) float64 { return float64(m.UsedMemory) }},
	{"redis_memory_used_peak_bytes", "snakecached_memory_peak_bytes", "Most memory the dataset ever had.",
		figure, func(m *moment) float64 { return float64(m.PeakMemory) }},
	{"redis_memory_used_rss_bytes", "", "Resident memory of the process.",
		figure, func(m *moment) float64 { return float64(m.RSS) }},
	{"redis_memory_max_bytes", "snakecached_memory_max_bytes", "Parameter maxmemory; 0 = no limit.",
		figure, func(m *moment) float64 { return float64(m.MaxMemory) }},
	{"redis_memory_fragmentation_ratio", "", "Resident memory divided by the dataset's.",
		figure, fragmentation},
	{"redis_mem_fragmentation_ratio", "", "Resident memory divided by the dataset's.",
		figure, fragmentation},
	{"redis_total_system_memory_bytes", "", "Memory of the machine.",
		figure, func(m *moment) float64 { return float64(m.SystemMemory) }},
	{"redis_keyspace_hits_total", "snakecached_hits_total", "Look-ups that found their key.",
		total, func(m *moment) float64 { return float64(m.Hits) }},
	{"redis_keyspace_misses_total", "snakecached_misses_total", "Look-ups that found no key.",
		total, func(m *moment) float64 { return float64(m.Misses) }},
	{"redis_expired_keys_total", "snakecached_expired_total", "Keys removed because their deadline passed.",
		total, func(m *moment) float64 { return float64(m.Expired) }},
	{"", "snakecached_expired_fields_total", "Fields of hashes removed because their deadline passed.",
		total, func(m *moment) float64 { return float64(m.ExpiredFields) }},
	{"redis_evicted_keys_total", "snakecached_evicted_total", "Keys removed for want of memory.",
		total, func(m *moment) float64 { return float64(m.Evicted) }},
	{"redis_commands_processed_total", "", "Commands that ran.",
		total, func(m *moment) float64 { return float64(m.Processed) }},
	{"redis_connections_received_total", "snakecached_connections_accepted_total", "Connections accepted.",
		total, func(m *moment) float64 { return float64(m.Connections) }},
	{"redis_rejected_connections_total", "snakecached_connections_rejected_total", "Connections refused because of maxclients or protected mode.",
		total, func(m *moment) float64 { return float64(m.Rejected) }},
	{"redis_rdb_changes_since_last_save", "", "Changes of keys since the start: nothing is saved.",
		figure, func(m *moment) float64 { return float64(m.Changes) }},
	{"redis_loading_dump_file", "", "1 while data is loaded from disk, which it never is.",
		figure, constant(0)},
	{"redis_aof_enabled", "", "1 if an append-only file is written, which it never is.",
		figure, constant(0)},
	{"redis_net_input_bytes_total", "snakecached_received_bytes_total", "Bytes received from clients.",
		total, func(m *moment) float64 { return float64(m.BytesIn) }},
	{"redis_net_output_bytes_total", "snakecached_sent_bytes_total", "Bytes of replies.",
		total, func(m *moment) float64 { return float64(m.BytesOut) }},
	{"redis_cpu_user_seconds_total", "", "CPU time of the process in user mode.",
		total, func(m *moment) float64 { return m.UserCPU.Seconds() }},
	{"redis_cpu_sys_seconds_total", "", "CPU time of the process in the kernel.",
		total, func(m *moment) float64 { return m.SystemCPU.Seconds() }},
	{"redis_slowlog_length", "snakecached_slowlog_entries", "Entries of the slow log.",
		figure, func(m *moment) float64 { return float64(m.SlowlogLen) }},
	{"redis_slowlog_last_id", "", "Number of the slow log's last entry.",
		figure, func(m *moment) float64 { return float64(m.SlowlogLastID) }},
	{"", "snakecached_expired_keys_pending", "Keys, and fields of hashes, whose deadline has passed and that are not removed yet; counted up to 4096.",
		figure, func(m *moment) float64 { return float64(m.ExpiryPending) }},
	{"", "snakecached_memory_off_heap_bytes", "Memory that the dataset has from the system outside the Go heap.",
		figure, func(m *moment) float64 { return float64(m.OffHeap) }},
	{"", "snakecached_output_limit_closed_total", "Clients closed because a reply, or what they do not read, went over an output limit.",
		total, func(m *moment) float64 { return float64(m.OutputLimitClosed) }},
	{"", "snakecached_query_limit_closed_total", "Clients closed because their requests went over client-query-buffer-limit.",
		total, func(m *moment) float64 { return float64(m.TooLong) }},
	{"redis_evicted_clients_total", "snakecached_evicted_clients_total", "Clients closed because of maxmemory-clients.",
		total, func(m *moment) float64 { return float64(m.EvictedClients) }},
	{"redis_mem_clients_normal", "snakecached_clients_memory_bytes", "Memory of clients when it was counted last: four times a second with maxmemory-clients, else by INFO.",
		figure, func(m *moment) float64 { return float64(m.ClientMemory) }},
	{"", "snakecached_error_replies_total", "Error replies.",
		total, func(m *moment) float64 { return float64(m.ErrorReplies) }},
	{"", "snakecached_panics_total", "Commands that ended in a panic.",
		total, func(m *moment) float64 { return float64(m.Panics) }},
	{"", "snakecached_owner_busy_seconds_total", "Time the owner was not waiting: its rate is the owner's busy share.",
		total, func(m *moment) float64 { return seconds(m.BusyNanos) }},
	{"", "snakecached_mailbox_depth", "Messages and batches that wait for the owner.",
		figure, func(m *moment) float64 { return float64(m.MailboxDepth) }},
	{"", "snakecached_slowest_turn_seconds", "Longest turn of the owner since the start or CONFIG RESETSTAT.",
		figure, func(m *moment) float64 { return seconds(m.SlowestTurnNanos) }},
	{"", "snakecached_unprotected", "1 if anybody who reaches the port is served without a password.",
		figure, unprotected},
}

func constant(n float64) func(*moment) float64 { return func(*moment) float64 { return n } }

// fragmentation is 0 for an empty dataset, which has no ratio.
func fragmentation(m *moment) float64 {
	if m.UsedMemory == 0 {
		return 0
	}
	return float64(m.RSS) / float64(m.UsedMemory)
}

func unprotected(m *moment) float64 {
	if m.Unprotected {
		return 1
	}
	return 0
}
