package server

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// batchLimit is how many requests one batch holds at most, which bounds its memory when requests are tiny.
const batchLimit = 4096

// drainReads is how many reads Shutdown grants a connection that never falls silent. What a client had sent when it
// began is mostly answered by them, a megabyte for sure.
const drainReads = 16

// conn is one client's connection. Its goroutine owns everything but the fields that say otherwise.
type conn struct {
	server  *Server
	nc      *net.TCPConn
	raw     syscall.RawConn // nc's
	session *actor.Session
	batch   *actor.Batch
	decoder *proto.Decoder
	opened  time.Time
	socket  socket
	pieces  net.Buffers // scratch for writing

	ended    bool  // nothing more is to be read
	releases bool  // give memory back as soon as nothing is left to read
	lingers  bool  // the client is to get the last replies before the connection is closed
	drains   int   // reads since draining began
	stalled  bool  // something is to be done when the client is no longer parked
	broken   error // what the decoder met behind the requests of the batch

	out     outbox
	parking atomic.Int32 // the owner parks and resumes, the connection adds that it has work

	// For the sweep and for whoever kills the connection.
	moves    atomic.Uint32 // counts up with every read and every step of a long write that moved bytes
	stranger atomic.Bool   // must authenticate first
	killed   atomic.Bool
	ending   atomic.Bool // it takes no more requests

	// Owned by the sweep.
	seenMoves uint32
	seenAt    time.Time
	restedAt  time.Time // when its client last waited for something to come
	quiet     bool      // fell silent and was nudged for that
}

// open makes an accepted socket a client and starts its goroutine.
func (s *Server) open(nc *net.TCPConn, limits *Limits, local bool) {
	now := time.Now()
	raw, err := nc.SyscallConn()
	if err != nil {
		nc.Close()
		return
	}
	c := &conn{server: s, nc: nc, raw: raw, opened: now, seenAt: now}
	c.decoder = proto.NewDecoder(proto.Limits{MaxBulk: limits.MaxBulk, Strangers: limits.Password})
	c.stranger.Store(limits.Password)
	c.session = s.actor.NewSession(c, nc.RemoteAddr().String(), nc.LocalAddr().String(), local)
	c.batch = actor.NewBatch(c.session)
	if !s.enter(c) {
		nc.Close()
		return
	}
	go c.serve()
}

// serve is the connection's goroutine.
func (c *conn) serve() {
	defer c.server.leave(c)
	c.server.actor.Attach(c.session)
	c.read()
	c.server.actor.Detach(c.session)
	c.ending.Store(true)
	delivered := !c.killed.Load() && c.empties()
	c.out.fail() // or what is pushed meanwhile would be written behind the end
	if delivered && c.lingers && isUnsent(c.nc) {
		c.linger()
	}
	c.nc.Close()
}

// empties has the rest of the outbox written, for which the client has no more time than for a reply. It reports whether it
// was.
func (c *conn) empties() bool {
	c.hurry()
	if c.killed.Load() {
		c.Kill() // whose deadline is gone
	}
	return c.out.await(0)
}

// Kill ends the connection soon, whatever it is waiting for. Any goroutine may call it. The client sees the end at once, lest it
// send another request when whoever has it killed already knows of that.
func (c *conn) Kill() {
	c.killed.Store(true)
	c.nc.CloseWrite()
	c.nc.SetDeadline(longAgo)
}

// nudge makes the connection look at its socket once more. Any goroutine may call it.
func (c *conn) nudge() { c.nc.SetReadDeadline(longAgo) }

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// nudged answers a nudge: it reports whether the connection is to go on. The deadline is cleared before killed is
// looked at, so that a Kill in between is not lost.
func (c *conn) nudged() bool {
	c.nc.SetReadDeadline(time.Time{})
	c.releases = true
	return !c.killed.Load()
}

// moved counts bytes that moved. Only the connection's goroutine calls it.
func (c *conn) moved() { c.moves.Store(c.moves.Load() + 1) }

// silence returns for how long nothing has moved, as far as the sweeps saw it.
func (c *conn) silence(now time.Time) time.Duration {
	if moves := c.moves.Load(); moves != c.seenMoves {
		c.seenMoves, c.seenAt, c.quiet = moves, now, false
	}
	return now.Sub(c.seenAt)
}

// drained is called when the socket has nothing more to read. It reports whether to wait for more.
func (c *conn) drained() bool {
	if c.releases {
		c.releases = false
		c.decoder.Release()
		if len(c.batch.Requests) == 0 {
			c.batch.Release()
		}
		c.release()
		c.pieces = nil
		c.account()
	}
	c.lingers = c.server.draining.Load()
	return !c.lingers
}

// goesOn reports whether to wait for more when everything received has been answered.
func (c *conn) goesOn() bool {
	if c.server.draining.Load() {
		c.drains++
		c.lingers = c.drains == drainReads
	}
	return !c.lingers && !c.killed.Load()
}

// received answers n bytes that were read into the decoder's room. It reports whether the connection goes on.
func (c *conn) received(n int) bool {
	c.moved()
	c.decoder.Filled(n)
	c.batch.BytesIn += n
	if c.isParked() {
		c.stalled = true
		return c.hoards()
	}
	return c.proceed()
}

// proceed answers everything that has been received, beginning with what was left over when the client was parked.
func (c *conn) proceed() bool {
	for {
		if len(c.batch.Requests) == 0 && c.broken == nil {
			c.broken = c.decode()
		}
		if !c.answer() {
			return false
		}
		if c.batch.Parked {
			if c.remains() {
				return c.goesOn()
			}
			continue
		}
		if c.broken != nil {
			c.fail(c.broken)
			return false
		}
		if complete := len(c.batch.Requests) == 0; complete {
			return c.goesOn()
		}
		c.batch.Reset()
		if c.decoder.Reset() {
			c.batch.Release()
		}
	}
}

// decode fills the batch with the requests that are complete. A client that has not authenticated gets one at a
// time, because its limits go by what the one before it did.
func (c *conn) decode() error {
	limit := batchLimit
	c.decoder.MaxRequest = c.roomForRequest()
	if c.decoder.Strangers {
		limit = 1
		c.setStranger(c.server.limits.Load().Password) // it may be gone
	}
	for len(c.batch.Requests) < limit {
		args, err := c.decoder.Next()
		if args == nil || err != nil {
			return err
		}
		cmd := c.lookup(args)
		if cmd == nil && isHTTP(args[0]) {
			return proto.ErrDrop
		}
		c.batch.Requests = append(c.batch.Requests, actor.Request{Command: cmd, Args: args})
	}
	return nil
}

// lookup finds the command of the request that is decoded behind those of the batch.
func (c *conn) lookup(args proto.Args) *actor.Command {
	if n := len(c.batch.Requests); n > 0 {
		return c.server.table.LookupNext(&c.batch.Requests[n-1], args)
	}
	return c.server.table.Lookup(args)
}

// isHTTP reports whether a request's first word is one that a browser would send on an attacker's behalf, the way
// Redis guards against cross-protocol scripting.
func isHTTP(word []byte) bool { return proto.EqualFold(word, "post") || proto.EqualFold(word, "host:") }

// answer has the batch run and writes its replies, in several rounds if they are long. It reports whether the
// connection goes on.
func (c *conn) answer() bool {
	c.account()
	if len(c.batch.Requests) == 0 {
		return true
	}
	for {
		c.server.actor.Submit(c.batch)
		if c.batch.Close {
			c.ending.Store(true)
		}
		if !c.send(&c.batch.Reply) {
			return false
		}
		if c.batch.Close {
			c.lingers = true
			return false
		}
		if c.batch.Done() || c.batch.Parked {
			c.checkStranger()
			return true
		}
		c.batch.Reply.Reset()
	}
}

// checkStranger keeps the decoder's limits true to whether the client has to authenticate.
func (c *conn) checkStranger() {
	if stranger := !c.session.Authenticated && c.server.limits.Load().Password; stranger != c.decoder.Strangers {
		c.setStranger(stranger)
	}
}

func (c *conn) setStranger(stranger bool) {
	c.decoder.Strangers = stranger
	c.stranger.Store(stranger)
}

// fail tells the client how its request broke the protocol. The connection ends behind it.
func (c *conn) fail(err error) {
	switch err {
	case proto.ErrRequestTooLong:
		c.tooLong()
		return
	case proto.ErrDrop:
		return
	}
	c.batch.Reply.Reset()
	c.batch.Reply.Err(err)
	c.ending.Store(true)
	c.lingers = c.send(&c.batch.Reply)
}
