// Package server accepts connections and moves bytes: sockets in, batches to the owner, replies out. It knows the
// protocol and the engine, no commands and no data.
package server

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"snakecache/pkg/actor"
)

// Options are what a Server is made of.
type Options struct {
	Actor  *actor.Actor
	Table  *actor.Table
	Log    *slog.Logger
	Limits Limits
}

// Limits can be changed while the server runs.
type Limits struct {
	MaxClients int           // connections at a time, MostClients at most
	Timeout    time.Duration // an idle client is closed after this; 0 = never
	KeepAlive  time.Duration // TCP keepalive of new connections; 0 = off
	Protected  bool          // refuse clients that do not come over the loopback interface
	Password   bool          // new clients must authenticate
	MaxBulk    int           // longest argument in bytes, for new connections
	MaxRequest int64         // bytes of one request, or of what a client sends ahead or queues; 0 = no limit
}

const (
	spareFiles    = 64 // descriptors that clients may not take
	refuseTimeout = 100 * time.Millisecond
)

// patience is for how long the server waits for what. Tests have less of it.
type patience struct {
	sweep time.Duration // between two looks at silent connections
	login time.Duration // for a client that has to authenticate
	write time.Duration // for a client to take writeStep bytes
}

var usualPatience = patience{sweep: time.Second, login: 30 * time.Second, write: 10 * time.Second}

// Server owns the listening sockets and the connections.
type Server struct {
	actor  *actor.Actor
	table  *actor.Table
	log    *slog.Logger
	limits atomic.Pointer[Limits]
	waits  patience

	flushers flushers

	listeners []net.Listener
	rejected  atomic.Uint64
	tooLong   atomic.Uint64
	draining  atomic.Bool
	done      chan struct{} // closed when draining begins

	mu    sync.Mutex // guards conns
	conns map[*conn]struct{}
	wg    sync.WaitGroup // one for each connection's goroutine
}

// New returns a server that listens to nothing yet.
func New(o Options) *Server {
	s := &Server{
		actor: o.Actor, table: o.Table, log: o.Log, waits: usualPatience,
		conns: map[*conn]struct{}{}, done: make(chan struct{}),
	}
	s.Configure(o.Limits)
	return s
}

// Configure changes the limits. Any goroutine may call it.
func (s *Server) Configure(l Limits) { s.limits.Store(&l) }

// MostClients returns how many connections the limit of open files leaves room for.
func MostClients() int { return max(fileLimit()-spareFiles, 1) }

// Rejected returns how many connections were refused because there were too many or the server is protected.
func (s *Server) Rejected() uint64 { return s.rejected.Load() }

// TooLong returns how many clients were closed because their requests went over Limits.MaxRequest.
func (s *Server) TooLong() uint64 { return s.tooLong.Load() }

// Serve accepts connections on all listeners and returns after Shutdown.
func (s *Server) Serve() {
	var running sync.WaitGroup
	for _, l := range s.listeners {
		running.Go(func() { s.accept(l) })
	}
	running.Go(s.sweepUntilDone)
	running.Wait()
}

// Shutdown stops accepting, lets every connection answer what it has received, closes it, and returns when all are
// gone or ctx ends, which closes the rest at once. A script of which others are told that the server is busy is not waited for, and none
// is when ctx ends. A second call returns at once.
func (s *Server) Shutdown(ctx context.Context) error {
	if !s.draining.CompareAndSwap(false, true) {
		return nil
	}
	close(s.done)
	for _, l := range s.listeners {
		l.Close()
	}
	s.actor.EndScripts(false)
	s.each((*conn).nudge)
	gone := make(chan struct{})
	go func() {
		s.wg.Wait()
		s.flushers.end()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		s.actor.EndScripts(true)
		s.each((*conn).Kill)
		<-gone
		return ctx.Err()
	}
}

// enter adds a connection to those that Shutdown waits for, unless Shutdown has begun.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining.Load() {
		return false
	}
	s.conns[c] = struct{}{}
	s.wg.Add(1)
	return true
}

// leave takes it out again.
func (s *Server) leave(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.wg.Done()
}

// clients returns how many connections there are.
func (s *Server) clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// each calls visit for every connection there is now.
func (s *Server) each(visit func(*conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		visit(c)
	}
}

// sweepUntilDone looks after silent connections once a second.
func (s *Server) sweepUntilDone() {
	ticker := time.NewTicker(s.waits.sweep)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			s.sweep(now)
		case <-s.done:
			return
		}
	}
}

// sweep nudges connections that fell silent and ends those that were silent for too long.
func (s *Server) sweep(now time.Time) {
	limits := s.limits.Load()
	s.each(func(c *conn) {
		if c.session.MayRest.Load() {
			c.restedAt = now
		}
		switch silent := c.silence(now); {
		case limits.Timeout > 0 && min(silent, now.Sub(c.restedAt)) > limits.Timeout,
			limits.Password && c.stranger.Load() && now.Sub(c.opened) > s.waits.login:
			c.Kill()
		case silent > 0 && !c.quiet:
			c.quiet = true
			c.nudge()
		}
	})
}
