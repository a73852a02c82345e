package metrics

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"snakecache/pkg/actor"
	"snakecache/pkg/commands"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// rig is a server without sockets: a running actor and what serves its metrics.
type rig struct {
	t        *testing.T
	actor    *actor.Actor
	server   *Server
	settings Settings
	link     link
	session  *actor.Session
	batch    *actor.Batch
	stop     func()
}

type link struct{ actor.Link }

func (link) Kill() {}

type host struct{}

func (host) Shutdown() {}
func (host) Purge()    {}

func (host) Facts() actor.Facts {
	return actor.Facts{
		Version: "1.0.0", Commit: "abc", OS: "Linux 6.1 x86_64", RunID: "f00", PID: 42, Port: 6379, RSS: 1 << 20,
		SystemMemory: 1 << 30, UserCPU: 1500 * time.Millisecond, SystemCPU: time.Second, Rejected: 3,
	}
}

const databases = 2

// inRig runs test with a rig in a bubble of fake time.
func inRig(t *testing.T, test func(*rig)) {
	synctest.Test(t, func(t *testing.T) {
		table, err := commands.Table()
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{t: t, settings: Settings{Databases: databases, MaxClients: 100, MaxMemoryPolicy: "allkeys-lru"}}
		log := slog.New(slog.DiscardHandler)
		r.actor = actor.New(actor.Options{
			Table: table, Store: store.New(store.Options{Databases: databases, MaxMemory: 1 << 30}),
			Clock: actor.SystemClock(), Host: host{}, Log: log,
		})
		go r.actor.Run()
		r.server = NewServer(New(Options{
			Actor: r.actor, Host: host{}, RedisVersion: "7.4.0", Settings: func() Settings { return r.settings },
		}), log)
		r.session = r.actor.NewSession(r.link, "127.0.0.1:1", "127.0.0.1:6379", true)
		r.actor.Attach(r.session)
		r.batch = actor.NewBatch(r.session)
		r.stop = sync.OnceFunc(r.actor.Stop)
		defer r.stop()
		test(r)
	})
}

// send runs one command.
func (r *rig) send(words ...string) {
	args := make(proto.Args, len(words))
	size := 0
	for i, word := range words {
		args[i] = []byte(word)
		size += len(word)
	}
	r.batch.Reset()
	r.batch.Requests = append(r.batch.Requests, actor.Request{Command: r.actor.Table().Lookup(args), Args: args})
	r.batch.BytesIn = size
	r.actor.Submit(r.batch)
	r.batch.RunErrands()
}

// pass lets fake time go by, and everybody come to rest.
func (r *rig) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (r *rig) request(method, path string, header http.Header) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, nil)
	for name, values := range header {
		request.Header[name] = values
	}
	recorder := httptest.NewRecorder()
	r.server.http.Handler.ServeHTTP(recorder, request)
	return recorder
}

func (r *rig) get(path string) (code int, body string) {
	answer := r.request("GET", path, nil)
	return answer.Code, answer.Body.String()
}

// scrape returns the series as "name{labels}" to value.
func (r *rig) scrape() map[string]string {
	code, body := r.get("/metrics")
	if code != http.StatusOK {
		r.t.Fatalf("/metrics answers %d: %s", code, body)
	}
	values := map[string]string{}
	for line := range strings.Lines(body) {
		if i := strings.LastIndexByte(line, ' '); i > 0 && line[0] != '#' {
			values[line[:i]] = strings.TrimSpace(line[i:])
		}
	}
	return values
}

func (r *rig) expect(want map[string]string) {
	r.t.Helper()
	got := r.scrape()
	for series, value := range want {
		if got[series] != value {
			r.t.Errorf("%s is %q, want %q", series, got[series], value)
		}
	}
}

func TestKnownSeriesStartAtZero(t *testing.T) {
	inRig(t, func(r *rig) {
		r.expect(map[string]string{
			`snakecached_commands_total{command="get"}`:                                            "0",
			`snakecached_command_errors_total{command="get",reason="failed"}`:                      "0",
			`snakecached_command_errors_total{command="other",reason="rejected"}`:                  "0",
			`redis_commands_total{cmd="get"}`:                                                      "0",
			`redis_errors_total{err="OOM"}`:                                                        "0",
			`redis_db_keys{db="db1"}`:                                                              "0",
			`snakecached_volatile_keys{db="1"}`:                                                    "0",
			`snakecached_hits_total`:                                                               "0",
			`snakecached_queue_time_seconds_count`:                                                 "0",
			`snakecached_build_info{commit="abc",goversion="` + goVersion() + `",version="1.0.0"}`: "1",
		})
	})
}

func TestFiguresReachTheScrape(t *testing.T) {
	inRig(t, func(r *rig) {
		r.send("SET", "k", "v")
		r.send("PEXPIRE", "k", "11000")
		r.send("GET", "k")
		r.send("GET", "absent")
		r.send("GET")
		r.send("NOSUCH", "x")
		r.pass(time.Second)
		r.settings.Unprotected = true
		r.expect(map[string]string{
			`snakecached_commands_total{command="get"}`:                           "2",
			`snakecached_command_errors_total{command="get",reason="rejected"}`:   "1",
			`snakecached_command_errors_total{command="other",reason="rejected"}`: "1",
			`redis_commands_total{cmd="set"}`:                                     "1",
			`redis_commands_rejected_calls_total{cmd="get"}`:                      "1",
			`redis_commands_processed_total`:                                      "4",
			`redis_errors_total{err="ERR"}`:                                       "2",
			`snakecached_error_replies_total`:                                     "2",
			`redis_keyspace_hits_total`:                                           "1",
			`snakecached_misses_total`:                                            "1",
			`redis_db_keys{db="db0"}`:                                             "1",
			`redis_db_avg_ttl_seconds{db="db0"}`:                                  "10.75", // when the figures were published
			`snakecached_keys{db="0"}`:                                            "1",
			`redis_connected_clients`:                                             "1",
			`redis_net_input_bytes_total`:                                         "41",
			`redis_rejected_connections_total`:                                    "3",
			`redis_memory_max_bytes`:                                              "1.073741824e+09",
			`redis_cpu_user_seconds_total`:                                        "1.5",
			`redis_uptime_in_seconds`:                                             "1",
			`snakecached_queue_time_seconds_count`:                                "6",
			`snakecached_execution_time_seconds_bucket{le="+Inf"}`:                "4",
			`snakecached_connections_max`:                                         "100",
			`snakecached_unprotected`:                                             "1",
			`redis_instance_info{maxmemory_policy="allkeys-lru",os="Linux 6.1 x86_64",process_id="42",redis_build_id="abc",` +
				`redis_mode="standalone",redis_version="7.4.0",role="master",run_id="f00",tcp_port="6379"}`: "1",
		})
	})
}

func TestSlowlogReachesTheScrape(t *testing.T) {
	inRig(t, func(r *rig) {
		r.expect(map[string]string{`redis_slowlog_length`: "0", `redis_slowlog_last_id`: "0"})
		r.actor.Do(context.Background(), func() {
			r.actor.Configure(actor.Bounds{Slowlog: actor.SlowlogBounds{On: true, MaxLen: 3}})
		})
		for range 5 {
			r.send("PING")
		}
		r.pass(time.Second)
		r.expect(map[string]string{`redis_slowlog_length`: "3", `redis_slowlog_last_id`: "4"})
	})
}

// A pipeline that is longer than one slice of the owner's time counts each of its commands once.
func TestLongPipelinesCountOnce(t *testing.T) {
	inRig(t, func(r *rig) {
		args := proto.Args{[]byte("PING")}
		ping := actor.Request{Command: r.actor.Table().Lookup(args), Args: args}
		r.batch.Requests = slices.Repeat([]actor.Request{ping}, 1000)
		r.actor.Submit(r.batch)
		r.batch.RunErrands()
		r.pass(time.Second)
		r.expect(map[string]string{
			"snakecached_queue_time_seconds_count":             "1000",
			"snakecached_execution_time_seconds_count":         "1000",
			`snakecached_commands_total{command="ping"}`:       "1000",
			`snakecached_queue_time_seconds_bucket{le="+Inf"}`: "1000",
		})
	})
}

func TestClientsThatLeaveAreSeenWithoutAnyCommand(t *testing.T) {
	inRig(t, func(r *rig) {
		r.pass(time.Second)
		r.expect(map[string]string{"snakecached_connections": "1"})
		r.actor.Detach(r.session)
		r.pass(time.Second)
		r.expect(map[string]string{"snakecached_connections": "0", "snakecached_connections_accepted_total": "1"})
	})
}

// These are queried by redis_exporter's dashboard and alerts.
func TestSeriesOfRedisExporter(t *testing.T) {
	const present = `redis_up redis_uptime_in_seconds redis_connected_clients redis_blocked_clients redis_connected_slaves
		redis_memory_used_bytes redis_memory_used_rss_bytes redis_memory_max_bytes redis_memory_fragmentation_ratio
		redis_total_system_memory_bytes redis_db_keys redis_db_keys_expiring redis_keyspace_hits_total
		redis_keyspace_misses_total redis_expired_keys_total redis_evicted_keys_total redis_commands_total
		redis_commands_duration_seconds_total redis_net_input_bytes_total redis_net_output_bytes_total
		redis_commands_failed_calls_total redis_commands_rejected_calls_total redis_errors_total redis_instance_info redis_db_avg_ttl_seconds
		redis_slowlog_length redis_slowlog_last_id redis_rejected_connections_total redis_connections_received_total
		redis_commands_processed_total redis_start_time_seconds redis_pubsub_channels redis_pubsub_patterns redis_tracking_clients
		redis_loading_dump_file redis_rdb_changes_since_last_save redis_aof_enabled`
	// redis_exporter shows these of replicas and of members of a cluster only.
	const absent = `redis_master_last_io_seconds_ago redis_cluster_state redis_cluster_slots_fail redis_cluster_slots_pfail`
	inRig(t, func(r *rig) {
		_, body := r.get("/metrics")
		for name := range strings.FieldsSeq(present) {
			if !strings.Contains(body, "# TYPE "+name+" ") {
				t.Errorf("%s is missing", name)
			}
		}
		for name := range strings.FieldsSeq(absent) {
			if strings.Contains(body, name) {
				t.Errorf("%s is there", name)
			}
		}
	})
}

func TestNamesFollowTheRules(t *testing.T) {
	inRig(t, func(r *rig) {
		registry := newRegistry(New(Options{
			Actor: r.actor, Host: host{}, Settings: func() Settings { return r.settings },
		}))
		problems, err := testutil.GatherAndLint(registry)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	})
}

// A scrape reads a copy: it is answered while the owner is busy, where /livez, which asks the owner, is not.
func TestWhileTheOwnerIsBusy(t *testing.T) {
	inRig(t, func(r *rig) {
		go r.send("PING")
		release := make(chan struct{})
		go r.actor.Do(context.Background(), func() { <-release })
		synctest.Wait()

		began := time.Now()
		if code, _ := r.get("/metrics"); code != http.StatusOK || time.Since(began) != 0 {
			t.Errorf("/metrics answers %d after %v", code, time.Since(began))
		}
		code, body := r.get("/livez")
		if code != http.StatusServiceUnavailable || time.Since(began) != liveDeadline {
			t.Errorf("/livez answers %d after %v: %s", code, time.Since(began), body)
		}
		close(release)
		synctest.Wait()
		if code, body := r.get("/livez"); code != http.StatusOK || body != "ok\n" {
			t.Errorf("/livez answers %d: %s", code, body)
		}
	})
}

func TestLivezOfAStoppedOwner(t *testing.T) {
	inRig(t, func(r *rig) {
		r.stop()
		if code, _ := r.get("/livez"); code != http.StatusServiceUnavailable {
			t.Errorf("/livez answers %d", code)
		}
	})
}

func TestReadyzFollowsTheState(t *testing.T) {
	inRig(t, func(r *rig) {
		for _, c := range []struct {
			state State
			code  int
			body  string
		}{{Loading, 503, "loading\n"}, {Ready, 200, "ready\n"}, {Draining, 503, "draining\n"}} {
			r.server.SetState(c.state)
			if code, body := r.get("/readyz"); code != c.code || body != c.body {
				t.Errorf("%v: %d %q", c.state, code, body)
			}
		}
	})
}

func TestPaths(t *testing.T) {
	inRig(t, func(r *rig) {
		for path, want := range map[string]int{"/": 200, "/metrics": 200, "/x": 404, "/metrics/x": 404, "/debug/pprof/": 404} {
			if code, _ := r.get(path); code != want {
				t.Errorf("%s answers %d, want %d", path, code, want)
			}
		}
		if answer := r.request("POST", "/metrics", nil); answer.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST /metrics answers %d", answer.Code)
		}
	})
}

// Native buckets travel in the protocol buffer format only, and in the same metric as the classic ones.
func TestScrapeOfNativeHistograms(t *testing.T) {
	inRig(t, func(r *rig) {
		r.send("PING")
		r.pass(time.Second)
		format := expfmt.NewFormat(expfmt.TypeProtoDelim)
		answer := r.request("GET", "/metrics", http.Header{"Accept": {string(format)}})
		decoder := expfmt.NewDecoder(bytes.NewReader(answer.Body.Bytes()), format)
		for {
			var family dto.MetricFamily
			if err := decoder.Decode(&family); err != nil {
				t.Fatal("no snakecached_queue_time_seconds: ", err)
			}
			if family.GetName() != "snakecached_queue_time_seconds" {
				continue
			}
			h := family.Metric[0].Histogram
			if h.GetSampleCount() != 1 || h.GetSchema() != 2 || len(h.Bucket) == 0 {
				t.Errorf("histogram is %v", h)
			}
			return
		}
	})
}
