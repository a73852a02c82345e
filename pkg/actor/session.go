package actor

import "snakecache/pkg/proto"

// Link is a client's connection as the owner sees it.
type Link interface {
	// Kill makes the connection end soon. It does not block and may be called more than once.
	Kill()
}

// Session is one client. A connection makes it with NewSession, announces it with Attach and its end with Detach.
type Session struct {
	// Immutable.
	ID        uint64
	Addr      string // ip:port of the client
	LocalAddr string // ip:port it connected to
	Local     bool   // it came over the loopback interface
	link      Link

	// Owned by the owner goroutine. A connection may read Authenticated and Protocol while it holds its batch.
	DB            int
	Protocol      int // proto.RESP2 or proto.RESP3
	Authenticated bool
	Name          string
	LibName       string
	LibVersion    string
	NoEvict       bool
	NoTouch       bool
	CreatedMs     int64    // by Call.Monotonic
	ActiveMs      int64    // when it last sent a command, by the same
	LastCommand   *Command // nil before the first one
	Commands      uint64
	BytesIn       uint64
	BytesOut      uint64
	QueryBuffer   int // bytes of an incomplete request that waited when the last batch was submitted
	QueryRoom     int // and bytes the read buffer could take without growing

	transaction *transaction // nil outside MULTI
	watches     []*watch     // since the last EXEC; none once broken
	broken      bool         // a key of them was changed

	closing bool // close the connection once the reply so far is written
}

// NewSession returns a session that has sent nothing yet. It is not known to the owner before Attach.
func (a *Actor) NewSession(link Link, addr, localAddr string, local bool) *Session {
	return &Session{
		ID: a.lastID.Add(1), Addr: addr, LocalAddr: localAddr, Local: local, link: link, Protocol: proto.RESP2,
	}
}

// Link returns the session's connection.
func (s *Session) Link() Link { return s.link }

// Reset brings back everything that RESET resets: database, dialect, name and switches, and authentication if a
// password is needed.
func (s *Session) Reset(passwordNeeded bool) {
	s.DB, s.Protocol, s.Name = 0, proto.RESP2, ""
	s.NoEvict, s.NoTouch = false, false
	s.Authenticated = !passwordNeeded
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
		delete(a.sessions, s.ID)
		a.endTransaction(s)
		a.stats.departures++
	})
}
