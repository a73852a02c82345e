package metrics

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"snakecache/pkg/actor"
)

// State is what /readyz goes by.
type State int32

// The states, in the order of a server's life. Clients are to be sent here only in Ready.
const (
	Loading State = iota
	Ready
	Draining
)

var stateNames = [...]string{"loading", "ready", "draining"}

func (s State) String() string { return stateNames[s] }

const (
	liveDeadline   = time.Second // for the owner to answer a probe
	scrapesAtOnce  = 8           // those beyond get a 503
	maxHeaderBytes = 16 << 10
)

// Server answers /metrics, /livez and /readyz.
type Server struct {
	http  http.Server
	log   *slog.Logger
	actor *actor.Actor
	state atomic.Int32
}

// NewServer returns a server in the state Loading that listens to nothing yet. It shows what c collects, and the
// figures of the process and of Go.
func NewServer(c *Collector, log *slog.Logger) *Server {
	s := &Server{log: log, actor: c.Actor}
	s.http = http.Server{
		Handler:           s.routes(newRegistry(c)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute, // longer than between two scrapes
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // mostly peers that went away
	}
	return s
}

// collectorTime is the CPU time of Go's garbage collector, to be seen beside process_cpu_seconds_total. It is not among
// the figures that the library shows unasked.
var collectorTime = collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile("^/cpu/classes/gc/total:")}

func newRegistry(c *Collector) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(c, collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectorTime)),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

func (s *Server) routes(registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		Registry: registry, EnableOpenMetrics: true, MaxRequestsInFlight: scrapesAtOnce,
	}))
	mux.HandleFunc("GET /livez", s.live)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /{$}", index)
	return mux
}

// Serve answers on the listeners until Shutdown, without waiting for that.
func (s *Server) Serve(listeners []net.Listener) {
	for _, l := range listeners {
		go func() {
			if err := s.http.Serve(l); err != http.ErrServerClosed {
				s.log.Error("metrics are not served any more", "address", l.Addr().String(), "error", err)
			}
		}()
	}
}

// SetState changes what /readyz answers.
func (s *Server) SetState(state State) { s.state.Store(int32(state)) }

// Shutdown stops listening and waits until requests under way are answered, or ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// live asks the owner through its mailbox: a process whose owner hangs is not alive, however well it answers HTTP.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), liveDeadline)
	defer cancel()
	if err := s.actor.Do(ctx, func() {}); err != nil {
		http.Error(w, "the owner does not answer: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	state := State(s.state.Load())
	if state != Ready {
		http.Error(w, state.String(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, state)
}

func index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><title>snakecached</title><h1>snakecached</h1>
<ul><li><a href="/metrics">metrics</a><li><a href="/livez">livez</a><li><a href="/readyz">readyz</a></ul>
`)
}
