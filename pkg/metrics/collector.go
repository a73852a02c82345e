// Package metrics shows the engine's figures to Prometheus and answers the probes of an orchestrator, over HTTP on
// a port of its own. It reads the copy of the figures that the owner publishes: a scrape neither waits for the
// owner nor holds it up.
package metrics

import (
	"runtime"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"snakecache/pkg/actor"
)

// Options are what a Collector is made of.
type Options struct {
	Actor        *actor.Actor
	Host         actor.Host
	RedisVersion string // the version of Redis that clients are told
	// Settings returns those that metrics show, as they are now. Any goroutine may call it.
	Settings func() Settings
}

// Settings are the parameters that metrics show.
type Settings struct {
	Databases       int
	MaxClients      int
	MaxMemoryPolicy string
	Unprotected     bool // anybody who reaches the port is served, without a password
}

// Collector is the prometheus.Collector of one server: its own series, named snakecached_, and those that
// dashboards and alerts written for redis_exporter ask for, named redis_.
type Collector struct {
	Options
	commands []*actor.Command
	plain    []plainSeries
}

// plainSeries is one name of a row of the table plain.
type plainSeries struct {
	*series
	desc *prometheus.Desc
}

// New returns the collector of a server.
func New(o Options) *Collector {
	c := &Collector{Options: o, commands: o.Actor.Table().Commands()}
	for i := range plain {
		for _, name := range []string{plain[i].redis, plain[i].ours} {
			if name != "" {
				c.plain = append(c.plain, plainSeries{&plain[i], prometheus.NewDesc(name, plain[i].help, nil, nil)})
			}
		}
	}
	return c
}

// moment is everything that one scrape shows.
type moment struct {
	*actor.Figures
	actor.Facts
	Settings
	uptime float64 // seconds
}

// now takes a moment. The figures may be a quarter of a second old; they stay as they are while nothing happens.
func (c *Collector) now() *moment {
	m := &moment{Figures: c.Actor.Figures(), Facts: c.Host.Facts(), Settings: c.Settings()}
	m.uptime = float64(c.Actor.Clock().Nanos()-m.StartNanos) / 1e9
	return m
}

// The series with labels. Values of labels come from the command table, the number of databases and the error codes
// in package proto, never from a client.
var (
	instanceInfo = prometheus.NewDesc("redis_instance_info", "About the server, as redis_exporter shows it.",
		[]string{"role", "redis_version", "redis_build_id", "redis_mode", "os", "maxmemory_policy", "tcp_port", "run_id",
			"process_id"}, nil)
	buildInfo = prometheus.NewDesc("snakecached_build_info", "About the program.",
		[]string{"version", "commit", "goversion"}, nil)

	redisErrors = prometheus.NewDesc("redis_errors_total", "Error replies by their code.", []string{"err"}, nil)

	redisDBKeys     = perDB("redis_db_keys", "Keys in a database.")
	redisDBVolatile = perDB("redis_db_keys_expiring", "Keys with a deadline in a database.")
	redisDBTTL      = perDB("redis_db_avg_ttl_seconds", "Average time to live of a database's keys with a deadline.")
	keys            = perDB("snakecached_keys", "Keys in a database.")
	volatileKeys    = perDB("snakecached_volatile_keys", "Keys with a deadline in a database.")

	redisCalls    = perCommand("redis_commands_total", "cmd", "Calls of a command.")
	redisDuration = perCommand("redis_commands_duration_seconds_total", "cmd", "Time spent in a command.")
	redisFailed   = perCommand("redis_commands_failed_calls_total", "cmd", "Calls that ran and answered an error.")
	redisRejected = perCommand("redis_commands_rejected_calls_total", "cmd", "Calls refused before they ran.")
	calls         = perCommand("snakecached_commands_total", "command", "Calls of a command.")
	callSeconds   = perCommand("snakecached_command_seconds_total", "command", "Time spent in a command.")
	callErrors    = prometheus.NewDesc("snakecached_command_errors_total",
		"Calls that answered an error: failed if they ran, rejected if they were refused before.",
		[]string{"command", "reason"}, nil)

	queueTime = prometheus.NewDesc("snakecached_queue_time_seconds",
		"Time from a command's submission to the owner until its batch's turn.", nil, nil)
	executionTime = prometheus.NewDesc("snakecached_execution_time_seconds",
		"Time a command ran, averaged over a run of the same command in a pipeline.", nil, nil)
	expiryLag = prometheus.NewDesc("snakecached_expiry_lag_seconds", "Time from a key's deadline to its removal.", nil, nil)
)

var labelled = []*prometheus.Desc{
	instanceInfo, buildInfo, redisErrors, redisDBKeys, redisDBVolatile, redisDBTTL, keys, volatileKeys, redisCalls, redisDuration,
	redisFailed, redisRejected, calls, callSeconds, callErrors, queueTime, executionTime, expiryLag,
}

func perDB(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{"db"}, nil)
}

func perCommand(name, label, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{label}, nil)
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	for _, s := range c.plain {
		out <- s.desc
	}
	for _, desc := range labelled {
		out <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	m := c.now()
	for _, s := range c.plain {
		out <- prometheus.MustNewConstMetric(s.desc, s.kind, s.value(m))
	}
	c.collectInfo(out, m)
	collectErrors(out, m)
	collectDatabases(out, m)
	c.collectCommands(out, m)
	out <- &histogram{queueTime, &m.QueueTime}
	out <- &histogram{executionTime, &m.ExecutionTime}
	out <- &histogram{expiryLag, &m.ExpiryLag}
}

func counter(out chan<- prometheus.Metric, desc *prometheus.Desc, n uint64, labels ...string) {
	out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels...)
}

func gauge(out chan<- prometheus.Metric, desc *prometheus.Desc, n int, labels ...string) {
	out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), labels...)
}

func (c *Collector) collectInfo(out chan<- prometheus.Metric, m *moment) {
	gauge(out, buildInfo, 1, m.Version, m.Commit, runtime.Version())
	gauge(out, instanceInfo, 1, "master", c.RedisVersion, m.Commit, "standalone", m.OS, m.MaxMemoryPolicy,
		strconv.Itoa(m.Port), m.RunID, strconv.Itoa(m.PID))
}

// usualErrors are shown before they happen, so that an alert sees the first one too.
var usualErrors = []string{"ERR", "NOAUTH", "OOM", "WRONGPASS", "WRONGTYPE"}

func collectErrors(out chan<- prometheus.Metric, m *moment) {
	for code, n := range m.Errors {
		counter(out, redisErrors, n, code)
	}
	for _, code := range usualErrors {
		if _, happened := m.Errors[code]; !happened {
			counter(out, redisErrors, 0, code)
		}
	}
}

// collectDatabases shows empty databases too. The label is a number for ours, db0 for redis_exporter's.
func collectDatabases(out chan<- prometheus.Metric, m *moment) {
	all := make([]actor.DatabaseFigures, m.Settings.Databases)
	for _, db := range m.Figures.Databases {
		all[db.Index] = db
	}
	for i, db := range all {
		number := strconv.Itoa(i)
		gauge(out, keys, db.Keys, number)
		gauge(out, volatileKeys, db.Volatile, number)
		gauge(out, redisDBKeys, db.Keys, "db"+number)
		gauge(out, redisDBVolatile, db.Volatile, "db"+number)
		ttl := float64(db.AverageTTL) / 1e3
		out <- prometheus.MustNewConstMetric(redisDBTTL, prometheus.GaugeValue, ttl, "db"+number)
	}
}

// collectCommands shows every command of the table, called or not. What is no command counts as other, which only
// ever is rejected.
func (c *Collector) collectCommands(out chan<- prometheus.Metric, m *moment) {
	for i, cmd := range c.commands {
		collectCommand(out, cmd.FullName(), &m.Commands[i])
	}
	collectCommand(out, "other", &actor.CommandFigures{Rejected: m.Unknown})
}

func collectCommand(out chan<- prometheus.Metric, name string, f *actor.CommandFigures) {
	counter(out, calls, f.Calls, name)
	counter(out, callErrors, f.Failed, name, "failed")
	counter(out, callErrors, f.Rejected, name, "rejected")
	counter(out, redisCalls, f.Calls, name)
	counter(out, redisFailed, f.Failed, name)
	counter(out, redisRejected, f.Rejected, name)
	for _, desc := range []*prometheus.Desc{callSeconds, redisDuration} {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, seconds(f.Nanos), name)
	}
}

func seconds(nanos int64) float64 { return float64(nanos) / 1e9 }
