package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/commands"
	"snakecache/pkg/config"
	"snakecache/pkg/metrics"
	"snakecache/pkg/proto"
	"snakecache/pkg/server"
	"snakecache/pkg/store"
)

const (
	metricsBacklog = 128
	metricsTimeout = time.Second // for scrapes under way at the end
)

// drainTimeout is for what is in flight; whoever stops us mostly gives 10 s or more. Tests have more patience.
var drainTimeout = 9 * time.Second

// endSignals has the signals that ask a server to end.
func endSignals() <-chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return signals
}

// service is a running server with all its parts.
type service struct {
	log    *slog.Logger
	level  *slog.LevelVar
	live   *config.Live
	actor  *actor.Actor
	server *server.Server
	web    *metrics.Server

	memoryLimit int64 // the container's, 0 if there is none

	asked   chan struct{}  // SHUTDOWN writes one message; drain reads
	ending  chan struct{}  // closed when the clients are gone
	helpers sync.WaitGroup // goroutines that run until then

	// Owned by the owner goroutine once it runs.
	store       *store.Store
	unprotected bool
}

// serve is the server's life: it returns after a signal, when what was in flight has been answered.
func (w world) serve() error {
	v, warnings, err := config.Load(w.environ)
	if err != nil {
		return usageError{err}
	}
	if most := server.MostClients(); int(v.MaxClients) > most {
		warnings = append(warnings, fmt.Sprintf("maxclients lowered from %d to %d, which the limit of open files allows", v.MaxClients, most))
		v.MaxClients = config.Int(most)
	}
	limit := server.MemoryLimit()
	adoptMemoryLimit(v, w.environ, limit)
	s := newService(v, w.stderr)
	s.memoryLimit = limit
	for _, warning := range warnings {
		s.log.Warn(warning)
	}
	if err := s.start(v); err != nil {
		return err
	}
	return s.drain(w.signals)
}

func newService(v *config.Values, logTo io.Writer) *service {
	s := &service{live: config.NewLive(v), level: new(slog.LevelVar), asked: make(chan struct{}, 1), ending: make(chan struct{})}
	s.level.Set(v.SlogLevel())
	options := &slog.HandlerOptions{Level: s.level}
	if v.LogFormat == "json" {
		s.log = slog.New(slog.NewJSONHandler(logTo, options))
	} else {
		s.log = slog.New(slog.NewTextHandler(logTo, options))
	}
	return s
}

// start puts the parts together, opens the ports and starts all goroutines. After an error nothing runs.
func (s *service) start(v *config.Values) error {
	table, err := commands.Table()
	if err != nil {
		return err
	}
	host := server.NewHost(version, builtFrom())
	host.End = s.askToEnd
	s.store = store.New(storeOptionsOf(v))
	s.actor = actor.New(actor.Options{
		Table: table, Store: s.store, Clock: actor.SystemClock(), Settings: s.live, Host: host, Log: s.log,
		Bounds: boundsOf(v),
	})
	s.server = server.New(server.Options{Actor: s.actor, Table: table, Log: s.log, Limits: limitsOf(v)})
	s.live.Guard("maxclients", enoughFiles)
	s.live.OnChange(s.apply)
	s.web = metrics.NewServer(metrics.New(metrics.Options{
		Actor: s.actor, Host: host, RedisVersion: proto.RedisVersion,
		Settings: func() metrics.Settings { return metricsSettingsOf(s.live.Load()) },
	}), s.log)

	scrapes, err := s.listen(v)
	if err != nil {
		return err
	}
	host.Port, host.MetricsPort, host.Rejected = portOf(s.server.Addrs()[0]), int(v.MetricsPort), s.server.Rejected
	host.TooLong = s.server.TooLong
	s.run(v, scrapes)
	return nil
}

// listen opens the ports and returns the listeners for scrapes, none if metrics are off. The metrics port comes first
// because what it opened is ours to close.
func (s *service) listen(v *config.Values) (scrapes []net.Listener, err error) {
	if v.MetricsPort != 0 {
		scrapes, err = server.Listen(addresses(v.MetricsBind), int(v.MetricsPort), metricsBacklog)
		if err != nil {
			return nil, fmt.Errorf("%sMETRICS_PORT: %w", config.Prefix, err)
		}
	}
	if err := s.server.Listen(addresses(v.Bind), int(v.Port), int(v.Backlog)); err != nil {
		for _, l := range scrapes {
			l.Close()
		}
		return nil, fmt.Errorf("%sPORT: %w", config.Prefix, err)
	}
	return scrapes, nil
}

// run starts all goroutines and says so.
func (s *service) run(v *config.Values, scrapes []net.Listener) {
	s.unprotected = isUnprotected(v)
	sayProtection(s.log, v)
	go s.actor.Run()
	go s.server.Serve()
	s.helpers.Go(func() { server.FollowLoad(s.ending) })
	s.helpers.Go(func() { server.FollowMemory(s.ending, s.memoryLimit, s.actor.OffHeap) })
	s.helpers.Go(func() { server.FollowShrinking(s.ending, func() int64 { return s.actor.Figures().UsedMemory }) })
	s.web.Serve(scrapes)
	s.web.SetState(metrics.Ready)
	s.log.Info("memory for data", "maxmemory", v.MaxMemory.String(), "policy", string(v.MaxMemoryPolicy), "container_limit", s.memoryLimit)
	s.log.Info("serving Redis clients", "addresses", joined(s.server.Addrs()), "version", version, "pid", os.Getpid())
	if len(scrapes) > 0 {
		s.log.Info("serving metrics", "url", fmt.Sprintf("http://%s/metrics", scrapes[0].Addr()))
	}
}

// askToEnd has drain begin, if it has not already.
func (s *service) askToEnd() {
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

// waitForEnd returns what asks for the end first: the name of a signal, or SHUTDOWN.
func (s *service) waitForEnd(signals <-chan os.Signal) string {
	select {
	case first := <-signals:
		return first.String()
	case <-s.asked:
		return "SHUTDOWN"
	}
}

// drain waits for a signal or for SHUTDOWN and ends the service. A signal after that ends the program at once.
func (s *service) drain(signals <-chan os.Signal) error {
	reason := s.waitForEnd(signals)
	delay := s.live.Load().DrainDelay.Duration()
	s.web.SetState(metrics.Draining)
	s.log.Info("draining", "signal", reason, "delay", delay)
	ended := make(chan struct{})
	go func() {
		time.Sleep(delay)
		s.end()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case second := <-signals:
		return fmt.Errorf("ended at once by a second signal: %s", second)
	}
}

// end accepts nobody any more, has everything in flight answered, and stops.
func (s *service) end() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		s.log.Warn("clients that did not take their replies in time were cut off", "waited", drainTimeout)
	}
	s.actor.Stop()
	close(s.ending)
	s.helpers.Wait()
	ctx, cancel = context.WithTimeout(context.Background(), metricsTimeout)
	defer cancel()
	s.web.Shutdown(ctx) // a scrape that takes longer is lost with the process
	s.log.Info("ended")
}

func portOf(addr net.Addr) int { return addr.(*net.TCPAddr).Port }

func joined(addrs []net.Addr) string {
	var text []string
	for _, addr := range addrs {
		text = append(text, addr.String())
	}
	return strings.Join(text, " ")
}
