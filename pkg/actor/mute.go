package actor

// muting says which replies a session does not get.
type muting uint8

const (
	unmuted  muting = iota
	mutedOff        // none
	skipNext        // not the one to the next command
	skipThis        // not the one to this command
)

// SetReplies makes the session get replies, or none.
func (c *Call) SetReplies(on bool) {
	if on {
		c.Session.muted = unmuted
	} else {
		c.Session.muted = mutedOff
	}
}

// SkipReply spares the session the reply to its next command.
func (c *Call) SkipReply() {
	if c.Session.muted != mutedOff {
		c.Session.muted = skipNext
	}
}

// Pushes tells that what the handler writes are pushes, which even a session without replies gets.
func (c *Call) Pushes() { c.pushes = c.Session.muted != unmuted }

// mute takes back the reply to a command if its session is not to get it. What subscriptions answer are pushes, and come in
// any case.
func (a *Actor) mute(c *Call) {
	s := c.Session
	if s.muted != skipNext && !c.pushes {
		c.Reply.Rewind(a.mark)
	}
	c.pushes = false
	switch s.muted {
	case skipNext:
		s.muted = skipThis
	case skipThis:
		s.muted = unmuted
	}
}

// isMuted reports whether the session gets no replies now.
func (s *Session) isMuted() bool { return s.muted == mutedOff || s.muted == skipThis }
