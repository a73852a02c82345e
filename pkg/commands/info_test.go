package commands_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"snakecache/internal/redistest"
	"snakecache/pkg/proto"
)

// newerFields are those of Redis 7.4's INFO that the oracle does not have yet, with what stands before each.
var newerFields = [][2]string{
	{"listener0", "io_threads_active"},
	{"pubsub_clients", "tracking_clients"}, {"watching_clients", "pubsub_clients"},
	{"total_watched_keys", "clients_in_timeout_table"}, {"total_blocking_keys", "total_watched_keys"},
	{"total_blocking_keys_on_nokey", "total_blocking_keys"},
	{"allocator_muzzy", "allocator_resident"}, {"mem_overhead_db_hashtable_rehashing", "mem_allocator"},
	{"expired_subkeys", "sync_partial_err"}, {"evicted_scripts", "evicted_clients"},
	{"client_query_buffer_limit_disconnections", "io_threaded_writes_processed"},
	{"client_output_buffer_limit_disconnections", "client_query_buffer_limit_disconnections"},
	{"eventloop_cycles", "reply_buffer_expands"}, {"eventloop_duration_sum", "eventloop_cycles"},
	{"eventloop_duration_cmd_sum", "eventloop_duration_sum"},
	{"instantaneous_eventloop_cycles_per_sec", "eventloop_duration_cmd_sum"},
	{"instantaneous_eventloop_duration_usec", "instantaneous_eventloop_cycles_per_sec"},
	{"acl_access_denied_auth", "instantaneous_eventloop_duration_usec"}, {"acl_access_denied_cmd", "acl_access_denied_auth"},
	{"acl_access_denied_key", "acl_access_denied_cmd"}, {"acl_access_denied_channel", "acl_access_denied_key"},
}

// ownFields are ours beside those of Redis, at the end of their sections.
var ownFields = []string{
	"snakecached_version", "snakecached_commit", "go_version", "mem_off_heap",
	"expired_keys_pending", "expire_lag_p50_us", "expire_lag_p99_us", "owner_busy_ratio", "mailbox_depth",
}

// foreignFields are those of Redis that we do not have, and why.
var foreignFields = map[string]string{
	"used_cpu_sys_main_thread":  "the owner has no thread of its own; Redis too leaves it out where the system does not tell",
	"used_cpu_user_main_thread": "as used_cpu_sys_main_thread",
}

func TestInfoHasTheFieldsOfRedis(t *testing.T) {
	theirs := dial(t, redistest.Start(t).Options().Addr, proto.RESP2)
	defer theirs.conn.Close()
	want := infoNames(theirs.must("INFO").Text)
	for name := range foreignFields {
		want = slices.DeleteFunc(want, func(has string) bool { return has == name })
	}
	for _, newer := range newerFields {
		i := slices.Index(want, newer[1])
		if i < 0 || slices.Contains(want, newer[0]) {
			t.Fatalf("%s does not follow %s", newer[0], newer[1])
		}
		want = slices.Insert(want, i+1, newer[0])
	}
	got := infoNames(startEngine(t).Connect(proto.RESP2).Do("INFO").Text)
	got = slices.DeleteFunc(got, func(has string) bool { return slices.Contains(ownFields, has) })
	if !slices.Equal(got, want) {
		t.Errorf("ours are\n%q\nthose of Redis 7.4 are\n%q", got, want)
	}
}

// infoNames returns the headings and the names of INFO's fields.
func infoNames(text string) (names []string) {
	for line := range strings.Lines(text) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), ":"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// infoField returns the value of one of INFO's fields.
func infoField(t *testing.T, text, name string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+":"); ok {
			return value
		}
	}
	t.Fatalf("no field %s", name)
	return ""
}

func TestInfoTellsWhatIsMeasured(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	c.Do("DEBUG", "SET-ACTIVE-EXPIRE", "0")
	for i := range 100 {
		c.Do("SET", "k"+string(rune('A'+i)), "v", "PX", "10")
	}
	e.Advance(time.Second)
	c.Do("DEBUG", "SET-ACTIVE-EXPIRE", "1")
	e.Advance(time.Second)
	c.Do("CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "1")
	e.Advance(time.Second)
	text := c.Do("INFO").Text
	for name, want := range map[string]string{
		"expired_keys": "100", "expired_time_cap_reached_count": "1", "total_eviction_exceeded_time": "0",
		"maxmemory": "1", "maxmemory_policy": "noeviction", "executable": "",
	} {
		if got := infoField(t, text, name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	for _, name := range []string{"eventloop_cycles", "used_memory", "current_eviction_exceeded_time"} {
		if got := infoField(t, text, name); got == "0" {
			t.Errorf("%s is 0", name)
		}
	}
	c.Do("CONFIG", "SET", "maxmemory", "0")
	e.Advance(time.Second)
	text = c.Do("INFO").Text
	if now, total := infoField(t, text, "current_eviction_exceeded_time"), infoField(t, text, "total_eviction_exceeded_time"); now != "0" || total == "0" {
		t.Errorf("over maxmemory for %s ms now, %s in all", now, total)
	}
}
