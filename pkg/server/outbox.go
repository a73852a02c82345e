package server

import (
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"snakecache/pkg/proto"
)

// Who writes to a connection's socket. An ordinary client's replies are written by its own goroutine, what comes by way of
// its outbox by one of the server's flushers: for a thousand subscribers to one channel these need neither a goroutine for
// each nor a wake-up for each message.
const (
	nobodyWrites   int32 = iota
	somebodyWrites       // and has the sole right to
	moreToWrite          // the same, and must look into the outbox before it lets go of the right
)

// outbox holds what the owner sends a client beside the batches of its own goroutine: pushes, replies to a client that gets
// pushes, and those to one that was blocked. The owner fills it, whoever has the right to write empties it.
type outbox struct {
	writer atomic.Int32

	mu      sync.Mutex
	next    proto.Reply // what is to be written next
	pushed  int         // bytes of pushes in it
	writing int         // bytes that are being written
	pushing int         // and those of pushes
	broken  bool        // nothing more can be written
	drained *sync.Cond  // tells that something was written, or nothing can be; nil until somebody waits

	now proto.Reply // what is being written; whoever has the right owns it
}

const (
	sealedPiece = 64 << 10 // bytes after which an outbox goes on in fresh memory
	keptOutbox  = 4 << 10  // bytes that each half of an outbox keeps when it is empty
)

// Reply queues a reply; see actor.Link.
func (c *conn) Reply(r *proto.Reply) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.broken {
		o.next.Join(r)
	}
}

// Push queues bytes that nobody asked for; see actor.Link.
func (c *conn) Push(b []byte) (waiting int) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.broken {
		if o.next.Held() >= sealedPiece {
			o.next.Seal()
		}
		o.next.Raw(b)
		o.pushed += len(b)
	}
	return o.pushed + o.pushing
}

// Waiting returns how many bytes wait to be written; see actor.Link.
func (c *conn) Waiting() (bytes, pushed int) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.next.Len() + o.writing, o.pushed + o.pushing
}

// Claim takes the right to write what is queued; see actor.Link. Flush gives it to a flusher, and Write uses it here and now.
func (c *conn) Claim() bool { return c.out.claim() }
func (c *conn) Flush()      { c.server.flushers.add(c) }
func (c *conn) Write()      { c.flushNow() }

// claim takes the right to write, or has whoever has it look into the outbox again.
func (o *outbox) claim() bool {
	for {
		if o.writer.CompareAndSwap(nobodyWrites, somebodyWrites) {
			return true
		}
		if o.writer.CompareAndSwap(somebodyWrites, moreToWrite) || o.writer.Load() == moreToWrite {
			return false
		}
	}
}

// take moves what is queued to o.now and reports whether there is anything. If not, it lets go of the right to write.
func (o *outbox) take() bool {
	for {
		o.writer.Store(somebodyWrites)
		if o.swap() {
			return true
		}
		if o.writer.CompareAndSwap(somebodyWrites, nobodyWrites) {
			return false
		}
	}
}

// swap is take without the right to write. What was taken before has been written.
func (o *outbox) swap() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now.Reset()
	o.writing, o.pushing = 0, 0
	if o.drained != nil {
		o.drained.Broadcast()
	}
	if o.broken || o.next.Len() == 0 {
		o.now.Shrink(keptOutbox)
		o.next.Shrink(keptOutbox)
		return false
	}
	o.now, o.next = o.next, o.now
	o.writing, o.pushing, o.pushed = o.now.Len(), o.pushed, 0
	return true
}

// fail drops everything: the client does not take it.
func (o *outbox) fail() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = true
	o.next.Reset()
	o.pushed = 0
	if o.drained != nil {
		o.drained.Broadcast()
	}
}

// isPushing reports whether there are pushes in what is being written.
func (o *outbox) isPushing() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pushing > 0
}

// wrote tells that so many bytes of what is being written are. Which of them were pushes nobody knows: those come last.
func (o *outbox) wrote(bytes int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing -= bytes
	o.pushing = min(o.pushing, o.writing)
	if o.drained != nil {
		o.drained.Broadcast()
	}
}

// await waits until no more than so many bytes wait to be written, and reports whether more can be.
func (o *outbox) await(bytes int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.next.Len()+o.writing > bytes && !o.broken {
		if o.drained == nil {
			o.drained = sync.NewCond(&o.mu)
		}
		o.drained.Wait()
	}
	return !o.broken
}

// release gives the memory of an outbox back that has nothing under way.
func (c *conn) release() {
	if !c.out.writer.CompareAndSwap(nobodyWrites, somebodyWrites) {
		return
	}
	c.out.mu.Lock()
	c.out.now.Release()
	if c.out.next.Len() == 0 {
		c.out.next.Release()
	}
	c.out.mu.Unlock()
	c.handOver()
}

// handOver lets go of the right to write, or gives it to a flusher if something was queued meanwhile.
func (c *conn) handOver() {
	if !c.out.writer.CompareAndSwap(somebodyWrites, nobodyWrites) {
		c.server.flushers.add(c)
	}
}

// flushNow writes what is in the outbox as far as the socket takes it without waiting, and leaves the rest to a goroutine
// of its own. The caller has the right to write, and gives it away.
func (c *conn) flushNow() {
	for c.out.take() {
		if rest := c.writeNow(&c.out.now); len(rest) > 0 {
			c.out.wrote(c.out.now.Len() - length(rest))
			c.server.flushers.wg.Go(func() { c.flushSlowly(rest) })
			return
		}
	}
}

// flushSlowly writes the pieces, and what is queued meanwhile, as the client takes them. One that does not take replies is
// killed after a while. For how long and how many pushes may wait is the owner's business.
func (c *conn) flushSlowly(pieces net.Buffers) {
	for {
		if !c.writeSteps(pieces) {
			c.out.fail()
			c.Kill()
		}
		if !c.out.take() {
			return
		}
		pieces = c.out.now.Pieces(nil)
	}
}

// writeSteps writes the pieces step by step, and waits for the client to take each.
func (c *conn) writeSteps(pieces net.Buffers) bool {
	var step net.Buffers
	for len(pieces) > 0 {
		step, pieces = cutStep(step[:0], pieces)
		bytes := length(step)
		if !c.writePatiently(step, c.out.isPushing()) {
			return false
		}
		c.out.wrote(bytes)
	}
	return true
}

func length(pieces net.Buffers) (bytes int) {
	for _, piece := range pieces {
		bytes += len(piece)
	}
	return bytes
}

// flushers are a few goroutines that write what is in the outboxes.
type flushers struct {
	wg sync.WaitGroup // they, and those that they start for slow clients

	mu    sync.Mutex
	wake  sync.Cond
	ready []*conn // the right to write to them is the flushers'; first come first served
	taken int     // how many of them have been taken, from the front
	runs  bool    // there are goroutines; they start when they are needed
	ended bool
}

const (
	mostFlushers = 4
	flushSlice   = 16 // connections that one flusher takes at a time
)

// end returns when all of them have ended. No connection may be left.
func (f *flushers) end() {
	f.mu.Lock()
	f.ended = true
	f.wake.Broadcast()
	f.mu.Unlock()
	f.wg.Wait()
}

// add has a connection's outbox written. The caller gives away the right to do so. The owner may still have something for a
// connection that has ended, which is for nobody.
func (f *flushers) add(c *conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return
	}
	f.ready = append(f.ready, c)
	if f.runs {
		f.wake.Signal()
		return
	}
	f.runs, f.wake.L = true, &f.mu
	for range min(runtime.NumCPU(), mostFlushers) {
		f.wg.Go(f.run)
	}
}

// run is a flusher. A write takes some microseconds, in which it keeps a processor: the owner does not have to wait for all of
// a thousand.
func (f *flushers) run() {
	var mine []*conn
	for f.next(&mine) {
		for i, c := range mine {
			mine[i] = nil
			c.flushNow()
		}
		runtime.Gosched()
	}
}

// next waits for connections and takes some of them. It returns false when none will come any more.
func (f *flushers) next(mine *[]*conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.ready) == 0 && !f.ended {
		f.wake.Wait()
	}
	n := min(len(f.ready)-f.taken, flushSlice)
	first := f.ready[f.taken:][:n]
	*mine = append((*mine)[:0], first...)
	clear(first)
	if f.taken += n; 2*f.taken >= len(f.ready) { // they may never have been through
		f.ready, f.taken = slices.Delete(f.ready, 0, f.taken), 0
	}
	return n > 0
}
