package actor

import (
	"cmp"
	"log/slog"
	"maps"
	"slices"
	"time"

	"snakecache/pkg/proto"
	"snakecache/pkg/script"
	"snakecache/pkg/store"
)

// Call is one command's turn on the owner goroutine, and all that its handler may do. Handlers do not keep it, nor
// Args, nor anything they got through it.
type Call struct {
	Args    proto.Args
	Reply   *proto.Reply
	Session *Session
	Command *Command

	actor *Actor
	keys  *store.Keyspace // the session's database

	pushes bool // what a handler has written is no reply but pushes, which even a muted session gets
}

// Settings is the table of parameters behind CONFIG.
type Settings interface {
	// Match returns name, value, name, value … of the parameters that match any of the patterns.
	Match(patterns [][]byte) []string
	// Set changes all the parameters or none. The error's text is for the client, without an error code.
	Set(pairs [][2]string) error
}

// Host tells what the engine's surroundings know and the engine does not, and does what it cannot. No method blocks.
type Host interface {
	Facts() Facts
	// Shutdown asks for the end of the process, as a signal does. It may be called more than once.
	Shutdown()
	// Purge asks for memory that is not in use to be given back to the system.
	Purge()
}

// Facts are figures of the process and its server at one moment.
type Facts struct {
	Version      string // of snakecached
	Commit       string
	Executable   string
	OS           string // uname's system, release and machine
	RunID        string // 40 hexadecimal digits, new with every start
	PID          int
	Port         int
	MetricsPort  int
	RSS          int64 // resident bytes
	SystemMemory int64 // bytes
	UserCPU      time.Duration
	SystemCPU    time.Duration
	Rejected     uint64 // connections refused because of maxclients or protected mode
	TooLong      uint64 // clients closed because of the length of their requests

	// Bytes of the Go heap, on which everything is that OffHeap of Figures does not count.
	HeapObjects int64 // of objects, those that wait for a collection among them
	HeapActive  int64 // of pages that have any
	HeapMapped  int64 // from the system, and not given back
}

// bind makes the call that of another session and batch.
func (c *Call) bind(s *Session, r *proto.Reply) {
	c.Session, c.Reply = s, r
	c.keys = c.actor.store.DB(s.DB)
	c.actor.store.Freeze(s.NoTouch)
}

// Keys returns the keyspace that the session has selected.
func (c *Call) Keys() *store.Keyspace { return c.keys }

// Store returns all databases.
func (c *Call) Store() *store.Store { return c.actor.store }

// Now returns the time by which this command goes, in unix milliseconds.
func (c *Call) Now() int64 { return c.actor.nowMs }

// Monotonic returns the same in milliseconds of a clock that nobody sets, for how long something took or has lasted.
func (c *Call) Monotonic() int64 { return c.actor.ms }

// Clock returns the engine's source of time, for the few commands whose subject is time itself.
func (c *Call) Clock() Clock { return c.actor.clock }

// Changed says that the command wrote to key, and what happened in the words of keyspace notifications. It is to be
// called once for each change of a key, after it was made. An empty event is a change of which notifications do not
// tell.
func (c *Call) Changed(key []byte, event string) { c.ChangedIn(c.keys, key, event) }

// ChangedIn is Changed for a key of any database.
func (c *Call) ChangedIn(ks *store.Keyspace, key []byte, event string) {
	c.actor.change(ks, key, event)
}

// ChangedAside is Changed for what is kept with a key but is not its value: the groups of a stream, the form of a
// HyperLogLog. Who watches the key does not hear of it.
func (c *Call) ChangedAside(key []byte, event string) { c.actor.changeAside(c.keys, key, event) }

// Swap exchanges all keys of two databases, which may be one and the same, and says so; keyspace notifications have no event
// for it.
func (c *Call) Swap(x, y *store.Keyspace) { c.actor.swap(x, y) }

// Flushed says that the command removed every key of ks at once, for which keyspace notifications have no event. It
// is to be called before the keys go, and only if there are any.
func (c *Call) Flushed(ks *store.Keyspace) { c.actor.flushed(ks) }

// Table returns all commands.
func (c *Call) Table() *Table { return c.actor.table }

// Settings returns the parameters of CONFIG.
func (c *Call) Settings() Settings { return c.actor.settings }

// Facts returns the figures of the process. It asks the system: for INFO, not for a hot path.
func (c *Call) Facts() Facts { return c.actor.host.Facts() }

// Shutdown asks for the end of the process, which comes soon. A script that runs is not waited for.
func (c *Call) Shutdown() {
	if s := c.actor.scripting.running; s != nil {
		s.stop = script.StopShutdown
	}
	c.actor.host.Shutdown()
}

// Purge asks for memory that is not in use to be given back to the system, and does not wait for it.
func (c *Call) Purge() { c.actor.host.Purge() }

// Log returns the server's log.
func (c *Call) Log() *slog.Logger { return c.actor.log }

// Bounds returns the settings that the engine goes by.
func (c *Call) Bounds() Bounds { return c.actor.bounds }

// Figures returns the counters as they stand.
func (c *Call) Figures() *Figures { return c.actor.figures() }

// ResetFigures sets to zero what CONFIG RESETSTAT resets.
func (c *Call) ResetFigures() { c.actor.resetStats() }

// Sessions returns the clients in the order in which they came, without those that were killed.
func (c *Call) Sessions() []*Session {
	all := slices.SortedFunc(maps.Values(c.actor.sessions), func(x, y *Session) int { return cmp.Compare(x.ID, y.ID) })
	return slices.DeleteFunc(all, func(s *Session) bool { return s.closing })
}

// SessionByID returns one of Sessions, or nil.
func (c *Call) SessionByID(id uint64) *Session {
	if s := c.actor.sessions[id]; s != nil && !s.closing {
		return s
	}
	return nil
}

// Kill ends a session: the caller's own after the replies so far, another's at once.
func (c *Call) Kill(s *Session) {
	if s == c.Session {
		s.closing = true
	} else {
		c.actor.kill(s)
	}
}

// Unblock ends the wait of a session that is blocked, as if its time were over or, if err is not nil, with that error. It
// reports whether the session was blocked.
func (c *Call) Unblock(s *Session, err error) bool {
	if s.wait == nil {
		return false
	}
	if err == nil { // a call that was ended counts as failed, whatever it answers
		c.actor.stats.commands[s.wait.command.id].Failed++
	}
	c.actor.unserve(s, err)
	return true
}

// Blocked returns how many sessions are blocked, those among them that wait for the end of a pause.
func (c *Call) Blocked() int { return c.actor.waiting.blocked + len(c.actor.pause.sessions) }

// Select makes the session use database i, which must exist.
func (c *Call) Select(i int) {
	c.Session.DB = i
	c.keys = c.actor.store.DB(i)
}

// SetDialect makes the session speak proto.RESP2 or proto.RESP3 from this reply on.
func (c *Call) SetDialect(dialect int) {
	c.Session.Protocol = dialect
	c.Session.restrict()
	c.actor.strict = true // it may be so now
	c.Reply.SetDialect(dialect)
}

// SetNoTouch makes the session's reads leave the time of last use alone, or not.
func (c *Call) SetNoTouch(on bool) {
	c.Session.NoTouch = on
	c.actor.store.Freeze(on)
}

// Reset makes the session what it was when it came: nothing is queued, watched or tracked any more, and it must authenticate
// again if a password is needed.
func (c *Call) Reset() {
	s := c.Session
	c.EndTransaction()
	c.Untrack()
	c.actor.unmonitor(s)
	c.UnsubscribeAll()
	c.Select(0)
	c.SetDialect(proto.RESP2)
	c.SetNoTouch(false)
	c.SetReplies(true)
	s.Name, s.NoEvict = "", false
	s.Authenticated = c.actor.bounds.Password == ""
}

// SetActiveExpire switches the removal of due keys before anybody asks for them. It is on by default.
func (c *Call) SetActiveExpire(on bool) { c.actor.lazyOnly = !on }
