package actor

import (
	"errors"

	"snakecache/pkg/proto"
	"snakecache/pkg/script"
	"snakecache/pkg/store"
)

// dispatch runs one request: the gate, the handler, and what follows from how it ended. It returns false if the request is
// to be tried again in the batch's next slice, because keys are being evicted for it.
func (a *Actor) dispatch(req *Request) (done bool) {
	c := &a.call
	c.Command, c.Args = req.Command, req.Args
	a.mark = c.Reply.Mark()
	c.Session.LastCommand = c.Command
	switch err := a.admit(c); {
	case err == nil:
		c.Session.Commands++
		a.run(c)
	case err == errWait:
		return false
	case err == errHold:
		a.hold(c.Session)
		return false
	case err == errQueued:
		c.Reply.Status("QUEUED")
	default:
		a.reject(c, err)
	}
	if a.delayed|len(a.waiting.ready)|int(c.Session.muted) != 0 {
		a.conclude(c)
	}
	return true
}

// conclude does what follows from a command rarely.
func (a *Actor) conclude(c *Call) {
	if s := c.Session; s.muted != unmuted && s.wait == nil {
		a.mute(c)
	}
	a.serveWaiters()
	if a.delayed > 0 {
		a.deliverLater(c.Session)
	}
}

// run runs a command that may run.
func (a *Actor) run(c *Call) {
	a.lap(c.Command)
	if a.observed {
		a.runObserved(c)
		return
	}
	if err := c.Command.Run(c); err != nil {
		a.fail(err)
	}
	a.store.Settle()
}

// isObserved reports whether anybody takes note of a session's commands. It is asked as often as isStrict.
func (a *Actor) isObserved(s *Session) bool { return len(a.monitors) > 0 || s.tracking != nil }

// runObserved runs a command, shows it to all who monitor, and notes what it has read for a client-side cache.
func (a *Actor) runObserved(c *Call) {
	var text []byte
	if len(a.monitors) > 0 {
		text = c.monitored()
	}
	if err := c.Command.Run(c); err != nil {
		a.fail(err)
	}
	if text != nil {
		a.feedMonitors(c.Session, text)
	}
	a.store.Settle()
	if c.Session.tracking != nil {
		a.remember(c)
	}
}

// errWait is the gate's word for a command that has to wait for room, errHold for one that waits for the end of a pause,
// errQueued for one that waits for EXEC.
var (
	errWait   = errors.New("not now")
	errHold   = errors.New("not during a pause")
	errQueued = errors.New("not before EXEC")
)

// admit is the gate: the refusals that need no knowledge of a command beyond its row, in Redis' order.
func (a *Actor) admit(c *Call) error {
	cmd := c.Command
	if cmd == nil || !cmd.Accepts(len(c.Args)) {
		return misfit(c)
	}
	if cmd.Refusal != nil && !(cmd.Is(Protected) && a.debugAllowed(c.Session)) {
		return cmd.Refusal
	}
	if !c.Session.Authenticated && a.bounds.Password != "" && !cmd.Is(NoAuth) {
		return proto.ErrNoAuth
	}
	if a.strict {
		return a.admitStrictly(c)
	}
	return a.admitGrowth(c)
}

// admitGrowth is the end of the gate: room for what the command adds. A script is let in without, since what it will do is
// not known; it is told.
func (a *Actor) admitGrowth(c *Call) error {
	switch cmd := c.Command; {
	case cmd.Is(DenyOOM):
		return a.makeRoom(c, a.need(c))
	case cmd.ScriptFlags != nil:
		return a.admitScript(c)
	}
	return nil
}

// isStrict reports whether anything may refuse a session's commands, or have them wait, beside what is in their rows. It is
// asked for each slice of a batch; what makes it so within one says so.
func (a *Actor) isStrict(s *Session) bool {
	return a.late || a.scripting.running != nil || s.restricted || s.monitors || a.pause.untilMs != 0 || s.transaction != nil
}

// admitStrictly is the rest of the gate where that is so.
func (a *Actor) admitStrictly(c *Call) error {
	cmd := c.Command
	if a.isBusy(cmd) {
		return a.scripting.running.Refusal()
	}
	if a.late {
		return proto.ErrCommandTimeout
	}
	if c.Session.restricted && !cmd.Is(Subscribed) {
		return proto.ErrSubscribed(cmd.FullName())
	}
	if c.Session.monitors && c.Command.Flags&(Write|ReadOnly|MayReplicate) != 0 {
		return proto.ErrMonitorReads
	}
	if a.pause.untilMs != 0 && a.isPaused(c) {
		return errHold
	}
	if c.Session.transaction != nil {
		return a.admitInside(c)
	}
	return a.admitGrowth(c)
}

// makeRoom has keys evicted for a command that adds so many bytes to the dataset. While one waits for that, the others that add wait
// behind it, or they would take the room as fast as it is made. Nothing else waits: other evictions are chores.
func (a *Actor) makeRoom(c *Call, need int64) error {
	if a.roomFor != nil && a.roomFor != c.Session {
		return errWait
	}
	a.roomFor = nil
	switch a.evictFor(need) {
	case store.RoomNever:
		return proto.ErrOOM
	case store.RoomSoon:
		a.roomFor = c.Session
		return errWait
	}
	return nil
}

// needsNoRoom ends the eviction of keys for a session's command, if it is under way: others may wait for room.
func (a *Actor) needsNoRoom(s *Session) {
	if a.roomFor == s {
		a.roomFor = nil
	}
}

// need is what the command is about to add, in bytes, as far as that is known before it runs.
func (a *Actor) need(c *Call) (bytes int64) {
	if a.store.MaxMemory() == 0 {
		return 0
	}
	for _, arg := range c.Args[1:] {
		bytes += int64(len(arg))
	}
	if c.Command.Grows != nil {
		bytes += c.Command.Grows(c)
	}
	return bytes
}

// misfit tells why a request is no call of any command.
func misfit(c *Call) error {
	cmd := c.Command
	switch {
	case cmd == nil:
		return proto.ErrUnknownCommand(c.Args)
	case cmd.lacks(c.Args):
		return proto.ErrUnknownSubcommand(cmd.Name, c.Args[1])
	}
	return proto.ErrArity(cmd.FullName())
}

func (a *Actor) debugAllowed(s *Session) bool {
	return a.bounds.Debug == DebugYes || (a.bounds.Debug == DebugLocal && s.Local)
}

// reject answers a request that did not run. If keys were being evicted for it, that is over.
func (a *Actor) reject(c *Call, err error) {
	a.needsNoRoom(c.Session)
	if c.Command == nil || c.Command.lacks(c.Args) {
		c.Session.LastCommand = nil
		a.stats.unknown++
	} else {
		a.stats.commands[c.Command.id].Rejected++
	}
	err = a.spoil(c, err)
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
	if counted, ok := err.(script.Counted); ok {
		err = counted.Reply
	} else {
		a.stats.countError(err)
	}
	a.call.Reply.Err(err)
}
