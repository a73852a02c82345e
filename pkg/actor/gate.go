package actor

import (
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// dispatch runs one request: the gate, the handler, and what follows from how it ended.
func (a *Actor) dispatch(req *Request) {
	c := &a.call
	c.Command, c.Args = req.Command, req.Args
	a.mark = c.Reply.Mark()
	if err := a.admit(c); err != nil {
		a.reject(c, err)
		return
	}
	a.lap(c.Command)
	if err := c.Command.Run(c); err != nil {
		a.fail(err)
	}
	a.store.Settle()
	s := c.Session
	s.LastCommand = c.Command
	s.Commands++
}

// admit is the gate: the refusals that need no knowledge of a command beyond its row, in Redis' order.
func (a *Actor) admit(c *Call) error {
	cmd := c.Command
	if cmd == nil || !cmd.Accepts(len(c.Args)) {
		return misfit(c)
	}
	if cmd.Is(Protected) && !a.debugAllowed(c.Session) {
		return proto.ErrDebugDisabled
	}
	if !c.Session.Authenticated && a.bounds.Password != "" && !cmd.Is(NoAuth) {
		return proto.ErrNoAuth
	}
	if a.late {
		return proto.ErrCommandTimeout
	}
	if a.store.MakeRoom(0) == store.RoomNever && cmd.Is(DenyOOM) {
		return proto.ErrOOM
	}
	return nil
}

// misfit tells why a request is no call of any command.
func misfit(c *Call) error {
	cmd := c.Command
	switch {
	case cmd == nil:
		return proto.ErrUnknownCommand(c.Args)
	case cmd.Subs != nil && len(c.Args) > 1:
		return proto.ErrUnknownSubcommand(cmd.Name, c.Args[1])
	}
	return proto.ErrArity(cmd.FullName())
}

func (a *Actor) debugAllowed(s *Session) bool {
	return a.bounds.Debug == DebugYes || (a.bounds.Debug == DebugLocal && s.Local)
}

// reject answers a request that did not run.
func (a *Actor) reject(c *Call, err error) {
	if c.Command != nil {
		a.stats.commands[c.Command.id].Rejected++
	} else {
		a.stats.unknown++
	}
	a.stats.countError(err)
	c.Reply.Err(err)
}

// fail makes the error the whole reply of the command that just ran.
func (a *Actor) fail(err error) {
	if err == store.ErrWrongType {
		err = proto.ErrWrongType
	}
	a.call.Reply.Rewind(a.mark)
	a.stats.commands[a.call.Command.id].Failed++
	a.stats.countError(err)
	a.call.Reply.Err(err)
}
