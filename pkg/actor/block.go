package actor

import (
	"container/heap"
	"container/list"
	"slices"
	"strings"

	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// Wait is what a blocking command waits for.
type Wait struct {
	Args     proto.Args  // the request to run again when it may be served; its bytes are copied
	Keys     [][]byte    // in the session's database; copied
	Type     store.Type  // what a key must hold for the request to be run again
	Gone     bool        // run it again, too, when a key goes or becomes something else, for it to answer an error
	UntilMs  int64       // by Call.Monotonic; 0 = for ever
	Unserved func(*Call) // answers when the time is over, or at once if nobody may wait, see Call.MayBlock
}

// wait is a session that is blocked.
type wait struct {
	Wait
	session *Session
	command *Command
	keys    []keyName
	places  []*list.Element // in the queues of the keys
	timeout int             // place in waiting.timeouts, noPlace if it has no end
}

const noPlace = -1

// keyName is a key of a database. A lookup by keyName{db, string(key)} does not allocate.
type keyName struct {
	db  int
	key string
}

// queue holds the waits for one key in the order in which they came.
type queue struct {
	list.List
	key      keyName
	gone     int  // how many of them have Gone
	signaled bool // it is in waiting.ready
}

// waiting holds the sessions that are blocked.
type waiting struct {
	queues   map[keyName]*queue
	timeouts timeouts
	ready    []*queue // of keys that changed, in the order of the changes
	spare    []*queue // ready's other buffer
	serving  *wait    // the one whose request is being run again
	vain     bool     // and could not be served
	reply    proto.Reply
	blocked  int
	onNoKey  int // queues of which somebody has Gone
}

// MayBlock reports whether the session can be made to wait, which it cannot within a transaction or a script.
func (c *Call) MayBlock() bool { return !c.actor.executing }

// Block makes the session wait, or answers as if the time were over unless it MayBlock. The handler must have written
// nothing, have changed nothing that it would change once more when it runs again, and return after it.
func (c *Call) Block(w Wait) error {
	a := c.actor
	switch {
	case !c.MayBlock():
		w.Unserved(c)
	case a.waiting.serving != nil:
		a.waiting.vain = true
	default:
		a.block(c, w)
	}
	return nil
}

// block begins a wait.
func (a *Actor) block(c *Call, w Wait) {
	s := c.Session
	entry := &wait{Wait: w, session: s, command: c.Command, timeout: noPlace}
	entry.Args, entry.Keys = keepArgs(w.Args), nil
	for _, key := range w.Keys {
		name := keyName{s.DB, string(key)}
		if place := a.waiting.add(name, entry); place != nil {
			entry.keys, entry.places = append(entry.keys, name), append(entry.places, place)
		}
	}
	if w.UntilMs != 0 {
		heap.Push(&a.waiting.timeouts, entry)
	}
	a.heard |= hearWaiters
	s.wait = entry
	s.MayRest.Store(true)
	a.waiting.blocked++
}

// IsBlocked reports whether the session waits for a key, or for the end of a pause.
func (s *Session) IsBlocked() bool { return s.wait != nil || s.held }

// keepArgs copies a request, but for arguments that have memory of their own already, see proto.Decoder.
func keepArgs(args proto.Args) proto.Args {
	size := 0
	for _, arg := range args {
		if len(arg) < proto.RefSize {
			size += len(arg)
		}
	}
	room, kept := make([]byte, 0, size), make(proto.Args, len(args))
	for i, arg := range args {
		if len(arg) >= proto.RefSize {
			kept[i] = arg
			continue
		}
		from := len(room)
		room = append(room, arg...)
		kept[i] = room[from:len(room):len(room)]
	}
	return kept
}

// add puts a wait at the end of the queue of a key, or returns nil if it is there already.
func (w *waiting) add(name keyName, entry *wait) *list.Element {
	q := w.queues[name]
	if q == nil {
		q = &queue{key: name}
		w.queues[name] = q
	}
	if last := q.Back(); last != nil && last.Value == entry {
		return nil
	}
	if entry.Gone {
		if q.gone++; q.gone == 1 {
			w.onNoKey++
		}
	}
	return q.PushBack(entry)
}

// remove takes a wait out of the queue of a key.
func (w *waiting) remove(name keyName, entry *wait, place *list.Element) {
	q := w.queues[name]
	if entry.Gone {
		if q.gone--; q.gone == 0 {
			w.onNoKey--
		}
	}
	if q.Remove(place); q.Len() == 0 {
		delete(w.queues, name)
	}
}

// stopWaiting takes a session out of everybody's way. It is not resumed.
func (a *Actor) stopWaiting(s *Session) {
	w := s.wait
	if w == nil {
		return
	}
	for i, name := range w.keys {
		a.waiting.remove(name, w, w.places[i])
	}
	if w.timeout != noPlace {
		heap.Remove(&a.waiting.timeouts, w.timeout)
	}
	s.wait = nil
	s.MayRest.Store(s.duplex())
	a.stats.waits++
	if a.waiting.blocked--; a.waiting.blocked == 0 {
		a.heard &^= hearWaiters
	}
}

// signal notes that a key changed for which somebody may wait.
func (w *waiting) signal(ks *store.Keyspace, key []byte) {
	if q := w.queues[keyName{ks.Index(), string(key)}]; q != nil {
		w.mark(q)
	}
}

// signalAll notes that all keys of a database may have changed. Their order is that of their names, so that the same requests
// always have the same effects.
func (w *waiting) signalAll(ks *store.Keyspace) {
	before := len(w.ready)
	for name, q := range w.queues {
		if name.db == ks.Index() {
			w.mark(q)
		}
	}
	slices.SortFunc(w.ready[before:], func(x, y *queue) int { return strings.Compare(x.key.key, y.key.key) })
}

func (w *waiting) mark(q *queue) {
	if !q.signaled {
		q.signaled = true
		w.ready = append(w.ready, q)
	}
}

// serveWaiters runs the requests of those who wait for the keys that changed, the oldest of each key first. What they change
// may serve others in turn. While a script runs they go on waiting: to them it is one command.
func (a *Actor) serveWaiters() {
	if a.scripting.running != nil {
		return
	}
	for len(a.waiting.ready) > 0 {
		ready := a.waiting.ready
		a.waiting.ready = a.waiting.spare[:0]
		for i, q := range ready {
			ready[i], q.signaled = nil, false
			a.serveQueue(q)
		}
		a.waiting.spare = ready
	}
}

// serveQueue serves those who wait for a key. Who is not served keeps its place.
func (a *Actor) serveQueue(q *queue) {
	ks, key := a.store.DB(q.key.db), []byte(q.key.key)
	place := q.Front()
	for n := q.Len(); n > 0; n-- {
		w := place.Value.(*wait)
		place = place.Next()
		entry := ks.Peek(key)
		if entry == nil && q.gone == 0 {
			return
		}
		if w.session.closing {
			continue // it was cut off in this turn, and what it got would be lost
		}
		if w.Gone || (entry != nil && entry.Type() == w.Type) {
			a.serve(w)
		}
	}
}

// serve runs the request of a blocked session again, which may block it again.
func (a *Actor) serve(w *wait) {
	a.waiting.serving = w
	a.answerFor(w.session, func(c *Call) {
		c.Command, c.Args = w.command, w.Args
		if err := w.command.Run(c); err != nil {
			a.fail(err)
		}
		a.store.Settle()
		if c.Session.tracking != nil {
			a.remember(c)
		}
	})
	a.waiting.serving = nil
	if !a.waiting.vain {
		a.unblock(w.session)
	}
}

// answerFor has f answer a session by way of its link, whosever command is under way.
func (a *Actor) answerFor(s *Session, f func(*Call)) {
	under, mark, executing := a.call, a.mark, a.executing
	r := &a.waiting.reply
	r.SetDialect(s.Protocol)
	a.call.bind(s, r)
	a.mark, a.executing, a.waiting.vain = r.Mark(), false, false
	before := s.open
	s.open = r
	a.guard(func() { f(&a.call) })
	if s.muted != unmuted && !a.waiting.vain {
		a.mute(&a.call)
	}
	a.deliverLater(s)
	s.open = before
	if r.Overflowed() {
		a.overflowed(s)
		a.kill(s)
	} else {
		a.reply(s, r)
	}
	r.Reset()
	a.call, a.mark, a.executing = under, mark, executing
	a.store.Freeze(under.Session != nil && under.Session.NoTouch)
}

// guard runs f, and answers the command under way with an error if a handler panics in it.
func (a *Actor) guard(f func()) {
	defer func() {
		if fault := recover(); fault != nil {
			a.answerPanic(fault)
			a.waiting.vain = false // there is an answer
		}
	}()
	f()
}

// unblock ends a session's wait and has its connection go on when the turn ends, behind the flush: a connection that finds
// its client's next request broken answers that by itself, and must not be ahead of what the owner sent.
func (a *Actor) unblock(s *Session) {
	a.stopWaiting(s)
	if s.muted == skipThis {
		s.muted = unmuted
	}
	s.ActiveMs = a.ms
	s.resumes = true
	a.unsent(s)
}

// giveUp answers those whose time is over.
func (a *Actor) giveUp() {
	for len(a.waiting.timeouts) > 0 && a.waiting.timeouts[0].UntilMs <= a.ms {
		a.unserve(a.waiting.timeouts[0].session, nil)
	}
}

// unserve answers a blocked session as if its time were over, or with an error.
func (a *Actor) unserve(s *Session, err error) {
	w := s.wait
	a.waiting.vain = false
	a.answerFor(s, func(c *Call) {
		c.Command, c.Args = w.command, w.Args
		if err == nil {
			w.Unserved(c)
		} else {
			a.fail(err)
		}
	})
	a.unblock(s)
}

// timeouts is a heap of the waits that have an end, the nearest first, and of those that end together the oldest client's.
type timeouts []*wait

func (t timeouts) Len() int { return len(t) }
func (t timeouts) Less(i, j int) bool {
	if t[i].UntilMs == t[j].UntilMs {
		return t[i].session.ID < t[j].session.ID
	}
	return t[i].UntilMs < t[j].UntilMs
}
func (t timeouts) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].timeout, t[j].timeout = i, j
}

// Push and Pop are for container/heap.
func (t *timeouts) Push(x any) {
	w := x.(*wait)
	w.timeout = len(*t)
	*t = append(*t, w)
}

func (t *timeouts) Pop() any {
	last := len(*t) - 1
	w := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	w.timeout = noPlace
	return w
}
