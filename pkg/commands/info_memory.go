package commands

import "strconv"

// memory calls used what maxmemory bounds: the dataset with all it costs. The process has more, which rss shows; the
// allocator's figures are those of Go's heap and of the slabs outside it together.
func (r *infoReport) memory() {
	f := r.figures
	r.fields(
		"used_memory", f.UsedMemory,
		"used_memory_human", humanBytes(f.UsedMemory),
		"used_memory_rss", r.mem.rss,
		"used_memory_rss_human", humanBytes(r.mem.rss),
		"used_memory_peak", f.PeakMemory,
		"used_memory_peak_human", humanBytes(f.PeakMemory),
		"used_memory_peak_perc", percent(f.UsedMemory, f.PeakMemory),
		"used_memory_overhead", f.Overhead,
		"used_memory_startup", 0,
		"used_memory_dataset", r.mem.dataset(),
		"used_memory_dataset_perc", percent(r.mem.dataset(), f.UsedMemory),
		"allocator_allocated", r.mem.allocated,
		"allocator_active", r.mem.active,
		"allocator_resident", r.mem.resident,
		"allocator_muzzy", 0,
		"total_system_memory", r.facts.SystemMemory,
		"total_system_memory_human", humanBytes(r.facts.SystemMemory),
	)
	r.scripts()
	r.fields(
		"maxmemory", f.MaxMemory,
		"maxmemory_human", humanBytes(f.MaxMemory),
		"maxmemory_policy", r.setting("maxmemory-policy"),
		"allocator_frag_ratio", fixed(ratio(r.mem.active, r.mem.allocated)),
		"allocator_frag_bytes", r.mem.active-r.mem.allocated,
		"allocator_rss_ratio", fixed(ratio(r.mem.resident, r.mem.active)),
		"allocator_rss_bytes", r.mem.resident-r.mem.active,
		"rss_overhead_ratio", fixed(ratio(r.mem.rss, r.mem.resident)),
		"rss_overhead_bytes", r.mem.rss-r.mem.resident,
		"mem_fragmentation_ratio", fixed(ratio(r.mem.rss, f.UsedMemory)),
		"mem_fragmentation_bytes", r.mem.rss-f.UsedMemory,
		"mem_not_counted_for_evict", 0,
		"mem_replication_backlog", 0,
		"mem_total_replication_buffers", 0,
		"mem_clients_slaves", 0,
		"mem_clients_normal", r.mem.clients,
		"mem_cluster_links", 0,
		"mem_aof_buffer", 0,
		"mem_allocator", "snakecached-slabs",
		"mem_overhead_db_hashtable_rehashing", 0,
		"active_defrag_running", 0,
		"lazyfree_pending_objects", f.Dying,
		"lazyfreed_objects", f.Freed,
		"mem_off_heap", f.OffHeap,
	)
}

// scripts are what EVAL and functions keep: values, at most, and texts with what they are compiled to, estimated.
func (r *infoReport) scripts() {
	engine := r.call.Scripts()
	values, texts := engine.Memory()
	f := engine.FunctionFigures()
	r.fields(
		"used_memory_lua", values,
		"used_memory_vm_eval", values,
		"used_memory_lua_human", humanBytes(values),
		"used_memory_scripts_eval", texts,
		"number_of_cached_scripts", engine.Scripts(),
		"number_of_functions", f.Functions,
		"number_of_libraries", f.Libraries,
		"used_memory_vm_functions", f.Values,
		"used_memory_vm_total", values+f.Values,
		"used_memory_vm_total_human", humanBytes(values+f.Values),
		"used_memory_functions", f.Texts,
		"used_memory_scripts", texts+f.Texts,
		"used_memory_scripts_human", humanBytes(texts+f.Texts),
	)
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
