package actor

// pause has commands wait, see Call.Pause.
type pause struct {
	untilMs  int64 // by Actor.ms; 0 = there is none
	all      bool  // not only commands that may write
	sessions map[*Session]struct{}
}

// Pause has commands wait until so many milliseconds of Call.Monotonic: all, or those that may write. Keys do not expire by
// themselves meanwhile. A pause during another one makes that no shorter and no weaker, as in Redis.
func (c *Call) Pause(untilMs int64, all bool) {
	p := &c.actor.pause
	if !c.actor.pausing() {
		*p = pause{sessions: p.sessions}
	}
	c.actor.strict = true
	p.untilMs, p.all = max(p.untilMs, untilMs), p.all || all
}

// pausing reports whether there is a pause.
func (a *Actor) pausing() bool { return a.pause.untilMs > a.ms }

// Unpause ends the pause.
func (c *Call) Unpause() { c.actor.endPause() }

// isPaused reports whether a command has to wait because of a pause.
func (a *Actor) isPaused(c *Call) bool {
	return a.pausing() && (a.pause.all || c.mayWrite())
}

// mayWrite reports whether a command may change anything, or have others do.
func (c *Call) mayWrite() bool {
	flags := c.Command.Flags
	if c.Command.ScriptFlags != nil {
		flags = c.Command.ScriptFlags(c)
	}
	if tx := c.Session.transaction; tx != nil && c.Command.Is(Executes) {
		flags |= tx.flags
	}
	return flags&(Write|MayReplicate) != 0
}

// hold has the session whose command is under way wait for the end of the pause. Its batch goes back parked. If keys were being
// evicted for it, others may wait for room meanwhile.
func (a *Actor) hold(s *Session) {
	a.needsNoRoom(s)
	if a.pause.sessions == nil {
		a.pause.sessions = map[*Session]struct{}{}
	}
	a.pause.sessions[s] = struct{}{}
	s.held = true
	s.MayRest.Store(true)
}

// unhold takes a session out of those that wait. It is not resumed.
func (a *Actor) unhold(s *Session) {
	if s.held {
		s.held = false
		s.MayRest.Store(s.duplex())
		delete(a.pause.sessions, s)
	}
}

// endPause has everybody go on.
func (a *Actor) endPause() {
	a.pause.untilMs, a.pause.all = 0, false
	for s := range a.pause.sessions {
		a.unhold(s)
		s.link.Resume()
	}
}
