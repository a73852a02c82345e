package actor

import (
	"sync/atomic"

	"snakecache/pkg/proto"
)

// Link is a client's connection as the owner sees it. No method blocks, and all but Kill are the owner's to call.
type Link interface {
	// Kill makes the connection end soon; its client sees the end from now on. Any goroutine may call it, more than once.
	Kill()
	// Reply queues the bytes of a reply, which it copies or refers to as a reply does.
	Reply(r *proto.Reply)
	// Push queues bytes that nobody asked for and nobody will change. It returns how many bytes of this kind wait to be written.
	Push(b []byte) (waiting int)
	// Claim takes the right to write what is queued, and reports whether it has it: if somebody else has, that one writes it. Who
	// has it calls Write, on whatever goroutine, or Flush, which has it written by others. Neither blocks.
	Claim() bool
	Write()
	Flush()
	// Waiting returns how many bytes in all wait to be written, and Pushed how many of those nobody asked for.
	Waiting() (bytes, pushed int)
	// Park makes the connection submit nothing before Resume. What its client sends meanwhile waits.
	Park()
	Resume()
}

// cacheLine is the bytes that processors take from each other at a time.
const cacheLine = 64

// Session is one client. A connection makes it with NewSession, announces it with Attach and its end with Detach.
type Session struct {
	// Immutable.
	ID        uint64
	Addr      string // ip:port of the client
	LocalAddr string // ip:port it connected to
	Local     bool   // it came over the loopback interface
	link      Link

	// MayRest tells that the client waits for something to come, and is not idle when it is silent. Anybody may read it.
	MayRest atomic.Bool

	// Bytes of memory that the connection has for the client, which it tells. Anybody may read them.
	QueryBuffer atomic.Int64 // what waits for the rest of a request, or for the client to be no longer blocked
	QueryRoom   atomic.Int64 // the rest of the read buffer
	Arguments   atomic.Int64 // arguments with memory of their own, and requests kept behind one that blocked the client
	ReplyBuffer atomic.Int64 // room for replies
	Unread      atomic.Int64 // a reply that the client has not taken yet

	_ [cacheLine]byte // or the connection and the owner would take the line from each other with every batch

	// Owned by the owner goroutine. A connection may read Authenticated and Protocol while it holds its batch. What each command
	// touches comes first.
	LastCommand   *Command // nil before the first one
	Commands      uint64
	DB            int
	Protocol      int          // proto.RESP2 or proto.RESP3
	open          *proto.Reply // of its command under way
	wait          *wait        // what it is blocked for, or nil
	tracking      *Tracking    // nil if it does not track
	transaction   *transaction // nil outside MULTI
	Authenticated bool
	NoTouch       bool
	muted         muting // CLIENT REPLY
	restricted    bool   // it may send but a few commands
	monitors      bool   // it is in Actor.monitors
	held          bool   // by CLIENT PAUSE
	unsent        bool   // its link is to be flushed at the end of the turn
	outbox        bool   // something may wait in its link's outbox
	resumes       bool   // and then to be resumed
	closing       bool   // close the connection once the reply so far is written
	broken        bool   // a key that it watches was changed
	ActiveMs      int64  // when it last sent a command, by Call.Monotonic
	BytesIn       uint64
	BytesOut      uint64
	pushed        int // how many reasons there are to send it anything that is no reply, see duplex

	Name       string
	LibName    string
	LibVersion string
	NoEvict    bool
	CreatedMs  int64 // by Call.Monotonic

	watches    []*watch // since the last EXEC; none once broken
	watchBytes int64    // of memory they take

	subscriptions [audiences]map[string]*subscription // see hub
	subscribed    int                                 // how many these are
	listenBytes   int64                               // of memory they take

	later      [][]byte // pushes that go behind the reply that is open
	laterBytes int      // of those

	overSoft   bool  // more waits in its outbox than should for long; see limits
	overSince  int64 // Actor.ms since when
	overListed bool  // it is in limits.over
}

// NewSession returns a session that has sent nothing yet. It is not known to the owner before Attach.
func (a *Actor) NewSession(link Link, addr, localAddr string, local bool) *Session {
	return &Session{
		ID: a.lastID.Add(1), Addr: addr, LocalAddr: localAddr, Local: local, link: link, Protocol: proto.RESP2,
	}
}

// Link returns the session's connection.
func (s *Session) Link() Link { return s.link }

// duplex reports whether the session's replies go the way of its pushes, so that the client gets both in the order in
// which they came about, and not back with the batch.
func (s *Session) duplex() bool { return s.pushed > 0 || s.wait != nil }

// expectPushes gives the session one reason more to be sent what is no reply, and missPushes takes one back. A client that
// has any may be silent for as long as it likes.
func (s *Session) expectPushes() {
	s.pushed++
	s.MayRest.Store(true)
}

func (s *Session) missPushes() {
	s.pushed--
	s.MayRest.Store(s.duplex())
}

// Attach makes the session known to the owner, before its first batch.
func (a *Actor) Attach(s *Session) {
	a.mailbox <- doing(func(a *Actor) {
		s.CreatedMs, s.ActiveMs = a.ms, a.ms
		s.Authenticated = a.bounds.Password == ""
		a.sessions[s.ID] = s
		a.stats.connections++
	})
}

// Detach makes the owner forget the session, after its last batch came back.
func (a *Actor) Detach(s *Session) {
	a.mailbox <- doing(func(a *Actor) {
		a.leave(s)
		delete(a.sessions, s.ID)
		a.stats.departures++
	})
}

// leave ends everything that a session takes part in. It may be called more than once.
func (a *Actor) leave(s *Session) {
	s.closing = true
	a.stopWaiting(s)
	a.unhold(s)
	a.untrack(s)
	a.unmonitor(s)
	a.endTransaction(s)
	a.unsubscribeAll(s)
}

// kill ends another session than the one whose command is under way.
func (a *Actor) kill(s *Session) {
	a.leave(s)
	s.link.Kill()
}

// reply sends the session what is in r by way of its link.
func (a *Actor) reply(s *Session, r *proto.Reply) {
	n := uint64(r.Len())
	if n == 0 {
		return
	}
	s.BytesOut += n
	a.stats.bytesOut += n
	s.link.Reply(r)
	a.unsent(s)
}

// push sends the session bytes that nobody asked for and nobody will change. What its own command under way brings about
// comes behind the reply to that, and is no more than it asked for.
func (a *Actor) push(s *Session, b []byte) {
	switch {
	case s.closing:
	case s.open != nil:
		a.pushLater(s, b)
	default:
		a.pushNow(s, b)
	}
}

// pushLater keeps a push back. A single command can bring about very many to its own client, one for each pattern to which that
// has subscribed: more than a reply may hold are not kept.
func (a *Actor) pushLater(s *Session, b []byte) {
	s.later = append(s.later, b)
	a.delayed++
	if s.laterBytes += len(b); s.laterBytes > proto.MaxHeld {
		a.overflowed(s)
		s.link.Kill()
	}
}

func (a *Actor) pushNow(s *Session, b []byte) {
	s.BytesOut += uint64(len(b))
	a.stats.bytesOut += uint64(len(b))
	a.checkOutput(s, s.link.Push(b))
	a.unsent(s)
}

// keptPushes is for how many pushes that are held back a session keeps room.
const keptPushes = 16

// deliverLater puts the pushes that were held back behind the reply of a session's command, which has ended.
func (a *Actor) deliverLater(s *Session) {
	for _, b := range s.later {
		s.open.Raw(b)
		a.delayed--
	}
	s.later, s.laterBytes = emptied(s.later, keptPushes), 0
}

// unsent sees to it that the session's link is flushed when the turn ends.
func (a *Actor) unsent(s *Session) {
	if !s.unsent {
		s.unsent, s.outbox = true, true
		a.flushes = append(a.flushes, s)
	}
}

// errandsEach is how many links a batch that goes back takes along.
const errandsEach = 2

// flush has everything written that was sent by way of links in this turn. If that is little, the connections do it whose batches
// go back, since they wake up anyway: to wake one goroutine more costs as much as the write.
func (a *Actor) flush() {
	spare := errandsEach * len(a.finished)
	for i, s := range a.flushes {
		a.flushes[i], s.unsent = nil, false
		switch {
		case !s.link.Claim():
		case spare > len(a.flushes)-1:
			b := a.finished[i%len(a.finished)]
			b.errands = append(b.errands, s.link)
		default:
			s.link.Flush()
		}
		if s.resumes {
			s.resumes = false
			s.link.Resume()
		}
	}
	a.flushes = a.flushes[:0]
}
