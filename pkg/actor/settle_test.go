package actor

import (
	"log/slog"
	"sync/atomic"
	"testing"

	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// idleLink is the connection of a client that takes whatever it is sent.
type idleLink struct {
	bytes  int
	parked bool
	killed atomic.Bool
}

func (l *idleLink) Kill()                        { l.killed.Store(true) }
func (l *idleLink) Reply(r *proto.Reply)         { l.bytes += r.Len() }
func (l *idleLink) Push(b []byte) (waiting int)  { l.bytes += len(b); return 0 }
func (l *idleLink) Claim() bool                  { return true }
func (l *idleLink) Write()                       {}
func (l *idleLink) Flush()                       {}
func (l *idleLink) Waiting() (bytes, pushed int) { return 0, 0 }
func (l *idleLink) Park()                        { l.parked = true }
func (l *idleLink) Resume()                      { l.parked = false }

// join makes a session known to an owner that does not run.
func join(a *Actor, dialect int) (*Session, *idleLink) {
	l := new(idleLink)
	s := a.NewSession(l, "a:1", "b:2", true)
	s.Protocol = dialect
	a.sessions[s.ID] = s
	return s, l
}

// An owner that has nothing more to do has told everybody what its own work brought about: who waits for a key that was evicted
// without a command's need, and who keeps a copy of it.
func TestEvictionIsToldBeforeTheOwnerRests(t *testing.T) {
	table, err := NewTable([]Command{{Name: "x", Arity: 1, Group: "g", Since: "1", Summary: "s", Run: func(c *Call) error {
		if c.Keys().Peek([]byte("k")) == nil {
			return proto.ErrSyntax
		}
		return c.Block(Wait{Args: c.Args, Keys: [][]byte{[]byte("k")}, Type: store.TypeString, Gone: true})
	}}})
	if err != nil {
		t.Fatal(err)
	}
	st := store.New(store.Options{Databases: 1})
	a := New(Options{Table: table, Store: st, Clock: SystemClock()})
	st.DB(0).SetString([]byte("k"), make([]byte, 1000), false)

	waiter, waits := join(a, proto.RESP2)
	b := NewBatch(waiter)
	b.Requests = []Request{{table.Commands()[0], proto.Args{[]byte("x")}}}
	b.deliver(a)
	cache, told := join(a, proto.RESP3)
	a.call.bind(cache, new(proto.Reply))
	a.call.Track(Tracking{Broadcast: true})
	a.turn()
	if !waits.parked || told.bytes > 0 {
		t.Fatal("nobody waits, or was told too early")
	}

	st.Configure(store.Options{Databases: 1, MaxMemory: st.Used() - 1, Policy: store.AllKeysLRU, Samples: 5})
	for turns := 0; a.busy() && turns < 1000; turns++ {
		a.turn()
	}
	if st.Evicted == 0 {
		t.Fatal("nothing was evicted")
	}
	if waits.parked || waits.bytes == 0 {
		t.Error("a client waits for a key that is gone")
	}
	if told.bytes == 0 {
		t.Error("a client keeps a key that is gone")
	}
}

// Who tracks keys by prefix is told of those that begin with it, whatever others track; of a key that is as long as can be, only
// prefixes are looked for that there are.
func TestPrefixes(t *testing.T) {
	a := New(Options{Table: new(Table), Store: store.New(store.Options{Databases: 1}), Clock: SystemClock()})
	track := func(prefixes ...string) (*Session, *idleLink) {
		s, l := join(a, proto.RESP3)
		a.call.bind(s, new(proto.Reply))
		a.call.Track(Tracking{Broadcast: true, Prefixes: prefixes})
		return s, l
	}
	long := make([]byte, 4<<20) // to look for all its beginnings takes hours
	one, toldOne := track("a", "bcd")
	two, toldTwo := track("a", string(long[:len(long)-1]))
	_, toldAll := track()
	change := func(key []byte, first, second, all bool) {
		t.Helper()
		*toldOne, *toldTwo, *toldAll = idleLink{}, idleLink{}, idleLink{}
		a.change(a.store.DB(0), key, "set")
		a.settle()
		if (toldOne.bytes > 0) != first || (toldTwo.bytes > 0) != second || (toldAll.bytes > 0) != all {
			t.Errorf("of %.10q are told: %v, %v, %v", key, toldOne.bytes, toldTwo.bytes, toldAll.bytes)
		}
	}
	change([]byte("ab"), true, true, true)
	change([]byte("bcd"), true, false, true)
	change([]byte("bc"), false, false, true)
	change(long, false, true, true)
	a.untrack(one)
	change([]byte("a"), false, true, true)
	change([]byte("bcd"), false, false, true)
	a.change(a.store.DB(0), []byte("a"), "set")
	a.untrack(two) // while there is something to be told
	*toldTwo = idleLink{}
	a.settle()
	if toldTwo.bytes > 0 || len(a.trackers.groups) != 1 || len(a.trackers.lengths) != 1 || len(a.trackers.changed) != 0 {
		t.Errorf("something is left of who is gone: %+v", a.trackers)
	}
}

// A key that is read for ever and never changed does not gather those who read it once and left.
func TestReadersThatLeave(t *testing.T) {
	a := New(Options{Table: new(Table), Store: store.New(store.Options{Databases: 1}), Clock: SystemClock()})
	stays, told := join(a, proto.RESP3)
	a.call.bind(stays, new(proto.Reply))
	a.call.Track(Tracking{})
	a.read([]byte("k"), stays.ID)
	for range 10_000 {
		s, _ := join(a, proto.RESP3)
		a.call.bind(s, new(proto.Reply))
		a.call.Track(Tracking{})
		a.read([]byte("k"), s.ID)
		a.leave(s)
		delete(a.sessions, s.ID)
	}
	if n := len(a.trackers.readers["k"]); n > 2*staleReaders || n != a.trackers.items {
		t.Errorf("%d readers are remembered, and %d counted", n, a.trackers.items)
	}
	a.change(a.store.DB(0), []byte("k"), "set")
	if told.bytes == 0 || a.trackers.items != 0 {
		t.Errorf("who has stayed gets %d bytes, and %d readers are counted", told.bytes, a.trackers.items)
	}
}

// A client that was cut off for what it does not read gets no element that others wait for.
func TestNothingIsServedToWhoIsCutOff(t *testing.T) {
	table, err := NewTable([]Command{{Name: "x", Arity: 1, Group: "g", Since: "1", Summary: "s", Run: func(c *Call) error {
		if c.Keys().Peek([]byte("k")) == nil {
			return c.Block(Wait{Args: c.Args, Keys: [][]byte{[]byte("k")}, Type: store.TypeString})
		}
		c.Keys().Delete([]byte("k"))
		c.Changed([]byte("k"), "del")
		c.Reply.OK()
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	a := New(Options{Table: table, Store: store.New(store.Options{Databases: 1}), Clock: SystemClock(),
		Log: slog.New(slog.DiscardHandler)})
	var links [2]*idleLink
	var sessions [2]*Session
	for i := range links {
		sessions[i], links[i] = join(a, proto.RESP3)
		b := NewBatch(sessions[i])
		b.Requests = []Request{{table.Commands()[0], proto.Args{[]byte("x")}}}
		b.deliver(a)
		a.turn()
	}
	a.cutOff(sessions[0], 1)
	a.store.DB(0).SetString([]byte("k"), nil, false)
	a.change(a.store.DB(0), []byte("k"), "set")
	a.settle()
	if links[0].bytes > 0 || links[1].bytes == 0 || links[1].parked || a.waiting.blocked != 0 {
		t.Errorf("the first gets %d bytes, the second %d; %d are blocked", links[0].bytes, links[1].bytes, a.waiting.blocked)
	}
}
