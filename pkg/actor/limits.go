package actor

// OutputClass is a kind of client as limits of output tell them apart.
type OutputClass uint8

// The classes. Nobody is a replica yet.
const (
	NormalOutput OutputClass = iota
	ReplicaOutput
	PubSubOutput
	OutputClasses
)

// String is the class's word in client-output-buffer-limit.
func (c OutputClass) String() string { return [...]string{"normal", "slave", "pubsub"}[c] }

// OutputLimit is how much of what it did not ask for may wait for a client to read it. A zero is no limit.
type OutputLimit struct {
	Hard        int64 // bytes with which it is closed
	Soft        int64 // bytes with which it is closed if they are never fewer
	SoftSeconds int64 // for longer than this
}

// limits holds who reads too slowly.
type limits struct {
	over     []*Session // above their soft limit when they were looked at last, or since then
	lookedMs int64
	cut      []*Session // to be closed in this turn, and to leave everything when it ends

	clientMemory int64 // bytes that all clients took when that was counted last
	countedMs    int64 // Actor.ms of that, while there is a limit
}

// limitsEvery is how often those who are over a soft limit are looked at, in milliseconds, if nothing is sent to them.
const limitsEvery = 1000

// OutputClass returns the class by which the session's output is limited.
func (s *Session) OutputClass() OutputClass {
	if s.IsSubscriber() {
		return PubSubOutput
	}
	return NormalOutput
}

// checkOutput closes a session for which too many bytes wait.
func (a *Actor) checkOutput(s *Session, waiting int) {
	limit, n := &a.bounds.Output[s.OutputClass()], int64(waiting)
	switch {
	case limit.Hard > 0 && n >= limit.Hard:
		a.cutOff(s, waiting)
	case limit.Soft == 0 || n < limit.Soft:
		s.overSoft = false
	case !s.overSoft:
		s.overSoft, s.overSince = true, a.ms
		if !s.overListed {
			s.overListed = true
			a.limits.over = append(a.limits.over, s)
		}
	case a.ms-s.overSince > limit.SoftSeconds*1000:
		a.cutOff(s, waiting)
	}
}

// cutOff closes a session that does not read. It stays what it is until the turn ends: whoever sends to it may be going
// through a list that it is in.
func (a *Actor) cutOff(s *Session, waiting int) {
	a.log.Warn("client closed: it does not read what it is sent", "client", s.Addr, "name", s.Name,
		"class", s.OutputClass().String(), "bytes", waiting)
	a.stats.outputLimitClosed++
	s.closing = true
	s.link.Kill()
	a.limits.cut = append(a.limits.cut, s)
}

// enforceLimits ends what was cut off, and looks once in a while at who is over a soft limit and is sent nothing, and at the
// memory of all clients.
func (a *Actor) enforceLimits() {
	l := &a.limits
	if len(l.over) > 0 && a.ms >= l.lookedMs+limitsEvery {
		l.lookedMs = a.ms
		still := l.over[:0]
		for _, s := range l.over {
			if _, pushed := s.link.Waiting(); !s.closing {
				a.checkOutput(s, pushed)
			}
			if s.overListed = s.overSoft && !s.closing; s.overListed {
				still = append(still, s)
			}
		}
		clear(l.over[len(still):])
		l.over = still
	}
	for i, s := range l.cut {
		l.cut[i] = nil
		a.leave(s)
	}
	l.cut = l.cut[:0]
	if a.bounds.ClientMemory > 0 && a.ms >= l.countedMs+publishEvery {
		l.countedMs = a.ms
		a.limitClients()
	}
}
