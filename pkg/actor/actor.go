package actor

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
	"snakecache/pkg/script"
	"snakecache/pkg/store"
)

// ErrStopped tells that the owner has stopped and answers no more.
var ErrStopped = errors.New("the owner has stopped")

const (
	mailboxSize  = 1 << 10
	sliceNanos   = 1e6      // how long one batch may run while others wait
	sliceWeight  = 32       // commands between two looks at the clock; by weight
	slowWeight   = 4        // the weight of a command that is not Fast
	sliceLimit   = 256      // commands of one batch in one turn
	turnLimit    = 64       // batches of one turn
	replyBudget  = 64 << 10 // bytes of reply after which a batch goes back to be written
	aliveBudget  = 1 << 20  // the same with the values to which the reply refers, which it keeps alive
	expirySlice  = 64       // keys, and fields of hashes, that may expire in one turn
	publishEvery = 250      // milliseconds between two published figures
	choresShare  = 8        // of the time, the part that chores take unless they press
	breatheNanos = 1e6      // after which an owner that works for itself takes breath
	breath       = 20 * time.Microsecond
)

// Actor is the engine. Fields are grouped by who may touch them.
type Actor struct {
	// Immutable.
	table    *Table
	clock    Clock
	settings Settings
	host     Host
	log      *slog.Logger
	mailbox  chan message // connections, alarm and probes write; the owner reads
	stopped  chan struct{}

	// For everybody.
	lastID    atomic.Uint64
	published atomic.Pointer[Figures]
	offHeap   atomic.Int64 // Store.OffHeap at the end of the last turn
	ending    atomic.Int32 // which scripts are to end, see EndScripts

	// Owned by the owner goroutine.
	store    *store.Store
	bounds   Bounds
	sessions map[uint64]*Session
	queue    []*Batch   // batches that wait for their next slice, first come first served
	pending  []*Batch   // those whose slice comes in this turn
	spare    []*Batch   // queue's other buffer
	finished []*Batch   // batches that go back at the end of the turn
	flushes  []*Session // whose links are to be flushed before that
	call     Call
	heard    hearing
	waiting  waiting
	trackers trackers
	monitors []*Session
	pause    pause
	hub      hub
	limits   limits
	notices  notices
	delayed  int // pushes that wait for the end of a command, see push
	ahead    ahead
	nanos    int64 // last reading of the monotonic clock
	ms       int64 // the same in milliseconds: what happens inside goes by this
	nowMs    int64 // the wall clock at that time, in unix milliseconds: what users see as a date
	epochMs  int64 // by how much nowMs is ahead of ms
	alarm    alarm
	stats    stats
	running  lap // the calls that are being timed
	slowlog  Slowlog
	latency  LatencyMonitor
	slow     thresholds
	waited   int64      // how long the batch under way had waited
	mark     proto.Mark // where the reply of the command under way begins
	roomFor  *Session   // for whose command keys are being evicted
	strict   bool       // isStrict of the session whose batch is running
	observed bool       // and isObserved
	late     bool       // the batch under way waited longer than Bounds.CommandTimeout
	watched  watched
	spares   []*transaction // empty ones, to be used again

	scripting scripting

	executing bool  // EXEC or a script is running
	choresAt  int64 // Clock.Nanos from which on chores may be done that do not press
	stopping  bool
	lazyOnly  bool // DEBUG SET-ACTIVE-EXPIRE 0
}

// message is anything the mailbox carries.
type message interface{ deliver(*Actor) }

// doing is a message that runs a function on the owner.
type doing func(*Actor)

func (f doing) deliver(a *Actor) {
	f(a)
	a.tick() // nobody knows how long it took
}

// New returns an actor; nothing happens before Run.
func New(o Options) *Actor {
	a := &Actor{
		table: o.Table, clock: o.Clock, settings: o.Settings, host: o.Host, log: o.Log,
		mailbox: make(chan message, mailboxSize), stopped: make(chan struct{}),
		store: o.Store, sessions: map[uint64]*Session{},
	}
	a.call.actor = a
	if a.scripting.engine = o.Scripts; o.Scripts == nil {
		a.scripting.engine = script.New(lua.DefaultLimits)
	}
	a.waiting.queues = map[keyName]*queue{}
	a.hub.init()
	a.stats = newStats(len(o.Table.commands))
	a.Configure(o.Bounds)
	a.nanos = a.clock.Nanos()
	a.millisecond(a.nanos / 1e6)
	a.stats.startMs, a.stats.startNanos, a.stats.wokenAt = a.nowMs, a.nanos, a.nanos
	a.store.OnExpire(func(ks *store.Keyspace, key []byte, lagMs int64) {
		a.expired(lagMs)
		a.vanished(ks, key, "expired")
	})
	a.store.OnEvict(func(ks *store.Keyspace, key []byte) { a.vanished(ks, key, "evicted") })
	a.store.OnExpireField(func(ks *store.Keyspace, key []byte, lagMs int64, last bool) {
		a.expired(lagMs)
		a.lostField(ks, key, last)
	})
	a.store.OnRelease(proto.Recycle)
	a.listen()
	a.publish()
	return a
}

// expired notes how late a key, or a field of a hash, is removed.
func (a *Actor) expired(lagMs int64) { a.stats.expiryLag.Observe(lagMs*1e6 + a.nanos%1e6) }

// Run is the owner goroutine. It returns after Stop, when everything submitted before has been answered.
func (a *Actor) Run() {
	defer close(a.stopped)
	for !a.stopping || a.busy() || len(a.mailbox) > 0 {
		if a.busy() {
			a.share()
		} else {
			a.rest()
		}
		a.turn()
	}
}

// busy reports whether the last turn left something over: batches, keys that are due, or too many bytes.
func (a *Actor) busy() bool {
	in, ok := a.store.NextDeadline()
	return len(a.queue) > 0 || (ok && in <= 0 && a.expires()) || a.choresDue()
}

// expires reports whether keys that are due go before anybody asks for them.
func (a *Actor) expires() bool { return !a.lazyOnly && !a.pausing() }

// choresDue reports whether a slice of the store's chores is to be done now.
func (a *Actor) choresDue() bool {
	return a.store.HasChores() && (a.nanos >= a.choresAt || a.store.ChoresPress())
}

// doChores does a slice of the chores, and sees to it that those which do not press take no more than their share of the time.
func (a *Actor) doChores() {
	began, evicted := a.clock.Nanos(), a.store.Evicted
	a.store.DoChores()
	now := a.clock.Nanos()
	if a.store.Evicted != evicted {
		a.spike("eviction-cycle", now-began)
	} else {
		a.spike("chores", now-began)
	}
	a.choresAt = now + (choresShare-1)*(now-began)
	a.stats.chores++
}

// expireDue removes a slice of the keys and fields that are due, and measures how long that takes.
func (a *Actor) expireDue() {
	if in, ok := a.store.NextDeadline(); !ok || in > 0 {
		return
	}
	began := a.clock.Nanos()
	if a.store.ExpireDue(expirySlice) {
		a.stats.expiryCapped++
	}
	a.stats.expiryNanos += a.clock.Nanos() - began
}

// Stop makes Run return. All sessions must be detached: nobody may submit any more.
func (a *Actor) Stop() {
	a.EndScripts(true)
	a.mailbox <- doing(func(a *Actor) { a.stopping = true })
	<-a.stopped
}

// Do runs f on the owner goroutine and waits for it, until ctx ends or the owner stops. f must be quick.
func (a *Actor) Do(ctx context.Context, f func()) error {
	done := make(chan struct{})
	m := doing(func(*Actor) { f(); close(done) })
	select {
	case a.mailbox <- m:
	case <-ctx.Done():
		return ctx.Err()
	case <-a.stopped:
		return ErrStopped
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-a.stopped:
		return ErrStopped
	}
}

// Configure changes the bounds. It must be called on the owner goroutine, or before Run.
func (a *Actor) Configure(b Bounds) {
	a.bounds = b
	a.stats.tracking = b.LatencyTracking
	a.slow = thresholdsOf(b)
	if b.ScriptMemory > 0 {
		a.scripting.engine.LimitMemory(b.ScriptMemory)
	}
	a.listen()
}

// Table returns the commands.
func (a *Actor) Table() *Table { return a.table }

// Clock returns the engine's source of time.
func (a *Actor) Clock() Clock { return a.clock }

// rest waits for the next message; the time until it comes is the owner's idle time. Behind the message that wakes it
// the owner lets connections that are ready submit theirs first, so that one turn serves them all: 3 % less CPU time
// per command at pipeline 1.
func (a *Actor) rest() {
	a.stats.busyNanos += a.nanos - a.stats.wokenAt
	m := <-a.mailbox
	runtime.Gosched()
	a.tick()
	a.stats.wokenAt = a.nanos
	m.deliver(a)
}

// share lets others run between two turns: whom the last one answered may share this processor. But on one that is never
// idle the Go scheduler looks only each 10 to 20 ms for what has arrived at sockets. So an owner that has been at expiry,
// eviction or chores for a millisecond sleeps for a moment, a millisecond at most since that is as short as epoll waits, in
// which the scheduler looks.
func (a *Actor) share() {
	if len(a.queue) > 0 || a.nanos-a.stats.wokenAt < breatheNanos {
		runtime.Gosched()
		a.tick()
		return
	}
	a.stats.busyNanos += a.nanos - a.stats.wokenAt
	a.clock.Sleep(breath)
	a.tick()
	a.stats.wokenAt = a.nanos
}

// tick reads the clock: when the owner wakes and behind each batch, and everything in between goes by that. For keys time
// stands still during a transaction.
func (a *Actor) tick() {
	a.nanos = a.clock.Nanos()
	if ms := a.nanos / 1e6; ms != a.ms && !a.executing {
		a.millisecond(ms)
	}
}

// wallStep is by how many milliseconds the wall clock must have moved against the monotonic one to be followed. The two
// are read one after the other and rounded down, so that one millisecond means nothing.
const wallStep = 2

// millisecond begins a new one: the store goes by it, and the wall clock is looked at.
func (a *Actor) millisecond(ms int64) {
	a.ms = ms
	if epoch := a.clock.Now().UnixMilli() - ms; epoch >= a.epochMs+wallStep || epoch <= a.epochMs-wallStep {
		a.epochMs = epoch
	}
	a.nowMs = a.epochMs + ms
	a.store.Tick(a.nowMs, ms)
}

// turn runs a slice of the batches that wait, the oldest first, and ends with settle.
func (a *Actor) turn() {
	began := a.nanos
	a.receive()
	n := min(len(a.queue), turnLimit)
	waiting := a.queue[:n]
	a.queue, a.spare = append(a.spare[:0], a.queue[n:]...), a.queue
	a.pending = waiting
	for i := 0; len(a.pending) > 0; i++ {
		if i%store.PrefetchDepth == 0 {
			a.prefetchFirst(a.pending)
		}
		b := a.pending[0]
		a.pending = a.pending[1:]
		a.serveBatch(b)
	}
	clear(a.spare)
	a.letGo()
	a.stats.slowestTurn = max(a.stats.slowestTurn, a.nanos-began)
	a.settle()
}

// receive takes in all that has arrived.
func (a *Actor) receive() {
	for len(a.mailbox) > 0 {
		(<-a.mailbox).deliver(a)
	}
}

// serveBatch runs a slice of a batch.
func (a *Actor) serveBatch(b *Batch) {
	waited, first := a.begin(b), b.next
	for !a.slice(b) {
	}
	a.stats.queueTime.ObserveN(waited, uint64(b.next-first))
	a.end(b)
}

// letGo forgets the last batch: its arguments alias a connection's buffer, which may be a gigabyte of a client that is
// gone soon.
func (a *Actor) letGo() {
	a.ahead.forget()
	a.call.Args, a.call.Reply, a.call.Session = nil, nil, nil
}

// begin opens a batch's slice and returns for how long its commands have waited.
func (a *Actor) begin(b *Batch) (waited int64) {
	s := b.session
	waited = a.nanos - b.submitted
	a.waited = waited
	if b.next == 0 {
		a.spike("queue", waited)
	}
	a.late = a.bounds.CommandTimeout > 0 && waited > a.bounds.CommandTimeout
	a.stats.bytesIn += uint64(b.BytesIn)
	if b.BytesIn > 0 {
		a.stats.batchesIn++
	}
	s.BytesIn += uint64(b.BytesIn)
	b.BytesIn = 0
	s.ActiveMs = a.ms
	b.Reply.SetDialect(s.Protocol)
	a.strict, a.observed = a.isStrict(s), a.isObserved(s)
	s.open = &b.Reply
	a.call.bind(s, &b.Reply)
	return waited
}

// end closes a batch's slice: the batch goes back, or to the end of the queue if it has commands left.
func (a *Actor) end(b *Batch) {
	s := b.session
	a.deliverLater(s) // of a command that panicked
	s.open = nil
	if b.Reply.Overflowed() {
		a.overflowed(s)
		b.Reply.Reset()
	}
	b.Close = s.closing
	if s.closing {
		a.needsNoRoom(s)
	}
	long := isLong(&b.Reply)
	if s.duplex() {
		a.reply(s, &b.Reply)
		b.Reply.Reset()
	}
	b.Parked = s.wait != nil || s.held
	if !b.Parked && !b.Done() && !long {
		a.queue = append(a.queue, b)
		return
	}
	if b.Parked {
		s.link.Park()
	}
	b.Queued = 0
	if s.transaction != nil {
		s.transaction.keep()
		b.Queued = s.transaction.bytes
	}
	a.stats.bytesOut += uint64(b.Reply.Len())
	if b.Reply.Len() > 0 {
		a.stats.batchesOut++
	}
	s.BytesOut += uint64(b.Reply.Len())
	a.finished = append(a.finished, b)
}

// overflowed closes a client whose reply grew too long.
func (a *Actor) overflowed(s *Session) {
	a.log.Warn("client closed: a reply went over the output limit", "client", s.Addr, "bytes", proto.MaxHeld)
	a.stats.outputLimitClosed++
	s.closing = true
}

// slice runs commands of the batch until it is through or has had its share. It returns false if a handler
// panicked: that command has been answered with an error, and the rest of the slice is still to run.
func (a *Actor) slice(b *Batch) (through bool) {
	defer func() {
		if fault := recover(); fault != nil {
			a.panicked(b, fault)
		}
	}()
	began, weight := a.nanos, 0
	limit, ahead := min(len(b.Requests), b.next+sliceLimit), b.next
	for b.next < limit && b.session.wait == nil && !b.session.closing && !isLong(&b.Reply) {
		if b.next == ahead {
			ahead += a.prefetch(b.Requests[b.next:limit])
		}
		req := &b.Requests[b.next]
		if !a.dispatch(req) {
			break
		}
		b.next++
		weight += slowWeight
		switch cmd := req.Command; {
		case cmd == nil:
		case cmd.Is(Fast):
			weight -= slowWeight - 1
		case cmd.Is(Executes):
			weight = sliceWeight // for all that it may have run
		}
		if weight >= sliceWeight {
			weight = 0
			if a.look()-began > sliceNanos {
				break
			}
		}
	}
	a.lap(nil)
	return true
}

// isLong reports whether a reply is to be written, or dropped with its client, before more is added to it.
func isLong(r *proto.Reply) bool {
	return r.Held() >= replyBudget || r.Len() >= aliveBudget || r.Overflowed()
}

// panicked answers the command whose handler panicked, and goes on to the next.
func (a *Actor) panicked(b *Batch, fault any) {
	a.answerPanic(fault)
	a.stopWaiting(b.session) // it has been answered
	if b.session.muted != unmuted {
		a.mute(&a.call)
	}
	b.next++
}

// answerPanic answers the command whose handler panicked. The fault is ours: the client learns no more than that,
// the log gets the stack.
func (a *Actor) answerPanic(fault any) {
	a.log.Error("panic in a command", "command", a.call.Command.FullName(), "fault", fault, "stack", string(debug.Stack()))
	a.stats.panics++
	a.store.Settle()
	a.fail(proto.ErrInternal)
}

// settle ends a turn: due keys go, finished batches go back, figures are published, the alarm is set.
func (a *Actor) settle() {
	if a.expires() {
		a.monitored("expire-cycle", a.expireDue)
	}
	if a.pause.untilMs != 0 && !a.pausing() {
		a.endPause()
	}
	if a.choresDue() { // before those are told who want to know which keys were evicted
		a.doChores()
	}
	a.giveUp()
	a.serveWaiters()
	if a.trackers.sessions > 0 {
		a.limitTracking()
		a.broadcastChanges()
	}
	a.enforceLimits()
	a.stats.turns++
	if bytes := a.store.OffHeap(); bytes != a.offHeap.Load() {
		a.offHeap.Store(bytes)
	}
	a.sendBack()
	if a.ms-a.stats.publishedMs >= publishEvery {
		a.publish()
	}
	a.setAlarm()
}

// sendBack has everything written that goes by way of links, and gives the finished batches back to their connections.
func (a *Actor) sendBack() {
	a.flush()
	for i, b := range a.finished {
		a.finished[i] = nil
		b.done <- struct{}{}
	}
	a.finished = a.finished[:0]
}
