package actor

import (
	"maps"
	"slices"

	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// CommandFigures count the calls of one command.
type CommandFigures struct {
	Calls    uint64
	Nanos    int64  // in handlers, all calls together
	Rejected uint64 // refused before they ran
	Failed   uint64 // ran and answered an error
}

// DatabaseFigures describe one database that is not empty.
type DatabaseFigures struct {
	Index, Keys, Volatile int
	AverageTTL            int64 // milliseconds; of the keys that expire
}

// Figures are the engine's counters at one moment. A published copy never changes.
type Figures struct {
	store.Counters
	NowMs, StartMs    int64 // unix milliseconds
	Nanos, StartNanos int64 // the same by Clock.Nanos
	Clients           int
	Connections       uint64 // accepted since the start
	Commands          []CommandFigures
	Processed         uint64            // commands that ran
	Errors            map[string]uint64 // error replies by code
	ErrorReplies      uint64
	Unknown           uint64 // requests for commands that there are not
	Changes           uint64 // changes of keys
	Panics            uint64
	OutputLimitClosed uint64
	EvictedClients    uint64 // closed because of Bounds.ClientMemory
	ClientMemory      int64  // bytes that all clients took when that was counted last, see Call.ClientMemory
	BytesIn, BytesOut uint64
	OpsPerSecond      float64 // over the last second or so
	InPerSecond       float64 // bytes
	OutPerSecond      float64 // bytes
	TurnsPerSecond    float64
	TurnNanos         int64 // the owner's time not waiting for each of them
	Databases         []DatabaseFigures
	ExpiryDelayMs     int64 // by how much the oldest key or field that is due and not removed yet is late
	ExpiryPending     int   // keys and fields that are due and not removed yet; counted up to pendingLimit
	UsedMemory        int64 // bytes of dataset
	Overhead          int64 // how many of them are not keys' and values' own bytes
	PeakMemory        int64
	MaxMemory         int64
	OffHeap           int64     // bytes of memory that the dataset has outside the Go heap
	QueueTime         Histogram // from submission to the owner
	ExecutionTime     Histogram // in handlers
	ExpiryLag         Histogram // from the deadline of a key, or a field of a hash, to its removal
	BusyNanos         int64     // the owner's time not waiting
	MailboxDepth      int
	SlowestTurnNanos  int64
	SlowlogLen        int
	SlowlogLastID     int64  // of the entry noted last, also if it was removed; 0 before the first
	Turns             uint64 // of the owner
	BatchesIn         uint64 // that came with requests from a socket
	BatchesOut        uint64 // that went back with replies
	ExpiryNanos       int64  // of removing what is due
	ExpiryCapped      uint64 // turns that left something due
	ExceededMs        int64  // for how long the dataset was over maxmemory, up to the last time it was not
	Dying             int    // values and databases that are gone and still have memory
	ExceededNowMs     int64  // and for how long it is now, 0 if it is not

	// Clients in states, and what they wait for.
	Blocked, Tracking, PubSubClients, Watching int
	WaitsWithEnd                               int // of those that are blocked
	WatchedKeys, BlockingKeys, BlockingOnNoKey int // the last are those of which somebody waits to learn that they are gone
	Channels, Patterns, ShardChannels          int // with a subscriber
	TrackedKeys, TrackedItems, TrackedPrefixes int // for client-side caches
}

// stats are the counters as the owner keeps them: plain integers, no locks.
type stats struct {
	startMs            int64
	startNanos         int64
	publishedMs        int64  // by Actor.ms
	publishedWork      uint64 // work() at that time
	wokenAt, busyNanos int64
	slowestTurn        int64
	connections        uint64
	departures         uint64
	waits              uint64 // of blocked clients that are over
	chores             uint64 // slices done
	commands           []CommandFigures
	errors             map[string]uint64
	processed          uint64 // commands that ran
	replied            uint64 // error replies
	unknown            uint64
	changes, panics    uint64
	outputLimitClosed  uint64
	evictedClients     uint64
	bytesIn, bytesOut  uint64
	turns              uint64
	batchesIn          uint64
	batchesOut         uint64
	expiryNanos        int64
	expiryCapped       uint64
	exceeded           exceeded
	peakMemory         int64
	queueTime          Histogram
	executionTime      Histogram
	expiryLag          Histogram
	rates              [rateSamples]rateSample // a ring
	nextRate           int

	latency  []*LatencyHistogram // by command; nil for those that were not called
	tracking bool                // whether calls count in it
}

// exceeded measures for how long the dataset takes more than maxmemory, as often as figures are published.
type exceeded struct {
	sinceMs int64 // by Actor.ms; 0 = it does not
	totalMs int64
}

func (e *exceeded) look(over bool, ms int64) {
	switch {
	case over && e.sinceMs == 0:
		e.sinceMs = ms
	case !over && e.sinceMs != 0:
		e.totalMs += ms - e.sinceMs
		e.sinceMs = 0
	}
}

// nowMs is for how long it has been over.
func (e *exceeded) nowMs(ms int64) int64 {
	if e.sinceMs == 0 {
		return 0
	}
	return ms - e.sinceMs
}

// rateSamples is how many publications the rates look back.
const rateSamples = 8

// rateSample is the state of some counters at a publication.
type rateSample struct {
	atMs                                int64
	processed, bytesIn, bytesOut, turns uint64
	busyNanos                           int64
}

func newStats(commands int) stats {
	return stats{commands: make([]CommandFigures, commands), latency: make([]*LatencyHistogram, commands), errors: map[string]uint64{}}
}

// work changes whenever something happened that is worth publishing.
func (st *stats) work() uint64 {
	return st.processed + st.replied + st.connections + st.departures + st.waits + st.chores + st.expiryLag.Count
}

// dirty reports whether anything happened since the last publication.
func (st *stats) dirty() bool { return st.work() != st.publishedWork }

// maxErrorCodes bounds the map of errors, as Redis does.
const maxErrorCodes = 128

func (st *stats) countError(err error) {
	st.replied++
	code := "ERR"
	if e, ok := err.(proto.Error); ok {
		code = e.Code()
	}
	if _, known := st.errors[code]; known || len(st.errors) < maxErrorCodes {
		st.errors[code]++
	}
}

// count adds n calls of the command that took so many nanoseconds together.
func (st *stats) count(cmd *Command, n uint64, nanos int64) {
	figures := &st.commands[cmd.id]
	figures.Calls += n
	figures.Nanos += nanos
	st.processed += n
	st.executionTime.ObserveN(nanos/int64(n), n)
	if st.tracking {
		st.track(cmd, n, nanos)
	}
}

// track counts in the histogram of one command.
func (st *stats) track(cmd *Command, n uint64, nanos int64) {
	h := st.latency[cmd.id]
	if h == nil {
		h = new(LatencyHistogram)
		st.latency[cmd.id] = h
	}
	h.observe(nanos/int64(n), n)
}

// pendingLimit is up to where keys that are due are counted, since the count takes time and more need no exact number.
const pendingLimit = 1 << 12

// figures returns a copy of the counters as they stand.
func (a *Actor) figures() *Figures {
	st := &a.stats
	st.peakMemory = max(st.peakMemory, a.store.Used())
	f := &Figures{
		Counters: a.store.Counters, NowMs: a.nowMs, StartMs: st.startMs, Nanos: a.nanos, StartNanos: st.startNanos,
		Clients: len(a.sessions), Watching: a.watched.sessions, WatchedKeys: a.watched.keys, Tracking: a.trackers.sessions,
		TrackedKeys: len(a.trackers.readers), TrackedItems: a.trackers.items, TrackedPrefixes: len(a.trackers.groups), Connections: st.connections,
		Blocked: a.waiting.blocked + len(a.pause.sessions), WaitsWithEnd: len(a.waiting.timeouts),
		BlockingKeys: len(a.waiting.queues), BlockingOnNoKey: a.waiting.onNoKey,
		Commands: slices.Clone(st.commands), Processed: st.processed,
		Errors: maps.Clone(st.errors), ErrorReplies: st.replied, Unknown: st.unknown,
		Changes: st.changes, Panics: st.panics, OutputLimitClosed: st.outputLimitClosed,
		EvictedClients: st.evictedClients, ClientMemory: a.limits.clientMemory,
		PubSubClients: a.hub.subscribers, Channels: len(a.hub.audiences[Channels].all),
		Patterns: len(a.hub.audiences[Patterns].all), ShardChannels: len(a.hub.audiences[Shards].all),
		BytesIn: st.bytesIn, BytesOut: st.bytesOut,
		UsedMemory: a.store.Used(), Overhead: a.store.Overhead(), PeakMemory: st.peakMemory, MaxMemory: a.store.MaxMemory(),
		OffHeap:   a.store.OffHeap(),
		QueueTime: st.queueTime, ExecutionTime: st.executionTime, ExpiryLag: st.expiryLag,
		BusyNanos: st.busyNanos + a.nanos - st.wokenAt, MailboxDepth: len(a.mailbox) + len(a.queue),
		SlowlogLen: a.slowlog.Len(), SlowlogLastID: max(a.slowlog.nextID-1, 0),
		SlowestTurnNanos: st.slowestTurn, Turns: st.turns, BatchesIn: st.batchesIn, BatchesOut: st.batchesOut,
		Dying: a.store.Dying(), ExpiryNanos: st.expiryNanos, ExpiryCapped: st.expiryCapped,
		ExceededMs: st.exceeded.totalMs, ExceededNowMs: st.exceeded.nowMs(a.ms),
	}
	st.fillRates(f, a.ms)
	for i := range a.store.Databases() {
		if ks := a.store.DB(i); ks.Len() > 0 {
			f.Databases = append(f.Databases, DatabaseFigures{i, ks.Len(), ks.Volatile(), ks.AverageTTL()})
		}
	}
	if in, ok := a.store.NextDeadline(); ok && in <= 0 {
		f.ExpiryDelayMs, f.ExpiryPending = -in, a.store.DueKeys(pendingLimit)
	}
	return f
}

// Figures returns the last published figures, at most a quarter of a second old. It never waits for the owner.
func (a *Actor) Figures() *Figures { return a.published.Load() }

// OffHeap returns the bytes of memory that the dataset has outside the Go heap, for who has to keep up with it.
func (a *Actor) OffHeap() int64 { return a.offHeap.Load() }

// Measure returns the counters as they stand. It must be called on the owner goroutine.
func (a *Actor) Measure() *Figures { return a.figures() }

// publish makes a copy of the figures available to everybody.
func (a *Actor) publish() {
	st := &a.stats
	st.publishedMs, st.publishedWork = a.ms, st.work()
	busy := st.busyNanos + a.nanos - st.wokenAt
	st.rates[st.nextRate%rateSamples] = rateSample{a.ms, st.processed, st.bytesIn, st.bytesOut, st.turns, busy}
	st.nextRate++
	st.exceeded.look(a.store.MaxMemory() > 0 && a.store.Used() > a.store.MaxMemory(), a.ms)
	a.published.Store(a.figures())
}

// fillRates says how much there was per second since the oldest of the last publications. The rates go towards zero while
// nothing happens, since publications stop then.
func (st *stats) fillRates(f *Figures, ms int64) {
	oldest := st.rates[max(st.nextRate, rateSamples)%rateSamples]
	if st.nextRate < rateSamples {
		oldest = st.rates[0]
	}
	seconds := float64(ms-oldest.atMs) / 1e3
	if seconds <= 0 {
		return
	}
	per := func(now, then uint64) float64 { return float64(now-then) / seconds }
	f.OpsPerSecond = per(st.processed, oldest.processed)
	f.InPerSecond, f.OutPerSecond = per(st.bytesIn, oldest.bytesIn), per(st.bytesOut, oldest.bytesOut)
	f.TurnsPerSecond = per(st.turns, oldest.turns)
	if turns := int64(st.turns - oldest.turns); turns > 0 {
		f.TurnNanos = (f.BusyNanos - oldest.busyNanos) / turns
	}
}

// resetStats sets to zero what CONFIG RESETSTAT resets: counters of events, not of state.
func (a *Actor) resetStats() {
	old := &a.stats
	fresh := newStats(len(old.commands))
	fresh.startMs, fresh.startNanos, fresh.publishedMs = old.startMs, old.startNanos, old.publishedMs
	fresh.wokenAt, fresh.busyNanos = old.wokenAt, old.busyNanos
	fresh.changes, fresh.peakMemory = old.changes, old.peakMemory
	fresh.tracking = old.tracking
	fresh.turns, fresh.exceeded.sinceMs = old.turns, old.exceeded.sinceMs
	a.stats = fresh
	a.store.Counters = store.Counters{}
}
