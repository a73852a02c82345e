package actor

import (
	"context"
	"log/slog"
	"runtime"
	"slices"

	"snakecache/pkg/proto"
	"snakecache/pkg/script"
	"snakecache/pkg/store"
)

// Script is the run of a script by a command: what it may do, and what has come of it. The owner does nothing else meanwhile,
// unless the script takes so long that others are told (see Attend).
type Script struct {
	Name     string // what logs and FUNCTION STATS call it
	Function bool   // it is a function of a library and no EVAL
	ReadOnly bool   // it may not write
	AllowOOM bool   // it may write though memory is short

	actor  *Actor
	outer  state // of the command under which it runs
	db     int   // that the client had selected
	began  int64 // Clock.Nanos
	looked int64 // the same when others were attended to last
	short  bool  // memory was short when it began
	wrote  bool  // it has run a command that writes
	busy   bool  // it has run for so long that others are told
	stop   script.Stop
}

// scripting is what the owner keeps for the runs of scripts.
type scripting struct {
	engine  *script.Engine
	running *Script // nil if none is
	room    Script  // where that is
	reply   proto.Reply
	nested  lap
}

// state is what the owner goes by while it runs the commands of one client, and may have to put aside for those of another.
type state struct {
	call                   Call
	mark                   proto.Mark
	running                lap
	waited                 int64
	strict, observed, late bool
	executing              bool
}

func (a *Actor) state() state {
	return state{a.call, a.mark, a.running, a.waited, a.strict, a.observed, a.late, a.executing}
}

// resume goes on where state was called.
func (a *Actor) resume(s *state) {
	a.call, a.mark, a.running, a.waited = s.call, s.mark, s.running, s.waited
	a.strict, a.observed, a.late, a.executing = s.strict, s.observed, s.late, s.executing
	a.store.Freeze(a.call.Session.NoTouch)
}

const (
	// attendEvery is how many nanoseconds pass at least between two looks at what others want of a script that makes them wait.
	attendEvery = 1e6
	// evictionRounds is how many slices of keys are evicted at most for a command of a script, which cannot be tried again later.
	evictionRounds = 64
)

// EnterScript begins the run of a script by the command under way, which is to call Leave behind it. Time stands still for keys
// meanwhile, as in a transaction.
func (c *Call) EnterScript(what Script) *Script {
	a := c.actor
	s := &a.scripting.room
	*s = what
	s.actor, s.db, s.outer = a, c.Session.DB, a.state()
	s.began, s.short = a.clock.Nanos(), a.evictFor(0) == store.RoomNever
	s.looked = s.began
	a.executing = true
	a.running = a.scripting.nested
	a.scripting.running = s
	return s
}

// Leave ends the run. What the script has selected is no longer.
func (s *Script) Leave() {
	a := s.actor
	a.scripting.nested, a.scripting.running = a.running, nil
	a.scripting.reply.Reset()
	a.resume(&s.outer)
	a.call.Session.DB = s.db
	*s = Script{}
}

// Script returns the script that runs, nil if none does.
func (c *Call) Script() *Script { return c.actor.scripting.running }

// Scripts returns the engine of scripts.
func (c *Call) Scripts() *script.Engine { return c.actor.scripting.engine }

// Knows reports whether there is such a command.
func (s *Script) Knows(args proto.Args) bool {
	cmd := s.actor.table.Lookup(args)
	return cmd != nil && !cmd.lacks(args)
}

// Log writes to the server's log in the name of the script.
func (s *Script) Log(level slog.Level, text string) {
	s.actor.log.Log(context.Background(), level, text, "script", s.Name)
}

// Do runs a command for the script in the given dialect and returns the reply, which is valid until the next Do. It goes through
// the gate and the rows as any other command. The arguments are the command's: it may keep those of proto.RefSize bytes and more.
func (s *Script) Do(args proto.Args, dialect int) *proto.Reply {
	a := s.actor
	c, reply := &a.call, &a.scripting.reply
	reply.Reset()
	reply.SetDialect(dialect)
	c.Command, c.Args, c.Reply = a.table.Lookup(args), args, reply
	a.mark = reply.Mark()
	if err := s.admit(c); err != nil {
		s.reject(c, err)
		return reply
	}
	s.wrote = s.wrote || c.Command.Is(Write)
	s.run(c)
	return reply
}

// run times the command alone, without what the script does around it. A handler that panics is that command's fault only.
func (s *Script) run(c *Call) {
	a := s.actor
	defer func() {
		if fault := recover(); fault != nil {
			a.answerPanic(fault)
		}
		a.lap(nil)
	}()
	a.tick()
	a.run(c)
}

// reject answers a command that did not run.
func (s *Script) reject(c *Call, err error) {
	if c.Command != nil {
		s.actor.stats.commands[c.Command.id].Rejected++
	}
	s.actor.stats.countError(err)
	c.Reply.Err(err)
}

// admit is the gate for what a script calls, in Redis' order.
func (s *Script) admit(c *Call) error {
	cmd := c.Command
	switch {
	case cmd == nil || cmd.lacks(c.Args):
		return proto.ErrScriptUnknown
	case !cmd.Accepts(len(c.Args)):
		return proto.ErrScriptArity
	case cmd.Is(NoScript):
		return proto.ErrScriptForbidden
	case cmd.Refusal != nil:
		return cmd.Refusal
	case s.ReadOnly && cmd.Flags&(Write|MayReplicate) != 0:
		return proto.ErrScriptReadOnly
	case cmd.Is(DenyOOM):
		return s.makeRoom(c)
	}
	return nil
}

// makeRoom has keys evicted for a command. Memory that is short stops a script only at its first write, and only if it was so
// when it began: what was begun is to be finished.
func (s *Script) makeRoom(c *Call) error {
	need := s.actor.need(c)
	for range evictionRounds {
		switch s.actor.evictFor(need) {
		case store.RoomNow:
			return nil
		case store.RoomNever:
			if s.short && !s.wrote && !s.AllowOOM {
				return proto.ErrOOM
			}
			return nil
		}
	}
	return nil
}

// admitScript is the end of the gate for a command that runs a script. Where memory is short, one that says that it writes is
// refused as a write is, and one that says nothing at its first write.
func (a *Actor) admitScript(c *Call) error {
	err := a.makeRoom(c, 0)
	if err == proto.ErrOOM && c.Command.ScriptFlags(c)&DenyOOM == 0 {
		return nil
	}
	return err
}

// Running returns for how many milliseconds the script has run, and the arguments of the command under which it does.
func (s *Script) Running() (millis int64, args proto.Args) {
	return (s.actor.clock.Nanos() - s.began) / 1e6, s.outer.call.Args
}

// Clock tells the time in seconds, which goes on while the script runs.
func (s *Script) Clock() float64 { return float64(s.actor.clock.Nanos()) / 1e9 }

// Kill asks for the end of the script, for SCRIPT KILL or FUNCTION KILL: if it has not written and is of that kind.
func (s *Script) Kill(function bool) error {
	switch {
	case s.wrote:
		return proto.ErrScriptUnkillable
	case s.Function != function:
		return s.Refusal()
	}
	s.stop = script.StopKilled
	return nil
}

// Refusal is what other clients are told meanwhile.
func (s *Script) Refusal() error {
	if s.Function {
		return proto.ErrBusyFunction
	}
	return proto.ErrBusyScript
}

// isBusy reports whether a script has run for so long that a command is refused.
func (a *Actor) isBusy(cmd *Command) bool {
	s := a.scripting.running
	return s != nil && s.busy && !cmd.Is(AllowBusy)
}

// Attend is to be called now and then by a script that runs, every thousand steps. It takes in what has arrived, so that
// clients can come and go, and probes are answered. Once the script has run for longer than Bounds.BusyReply, what others have sent
// is answered, too: most of it with an error. It returns whether the script is to end.
func (s *Script) Attend() script.Stop {
	a := s.actor
	now := a.clock.Nanos()
	if now-s.looked < attendEvery {
		return s.stop
	}
	a.receive()
	if a.bounds.BusyReply > 0 && now-s.began >= a.bounds.BusyReply {
		s.attendBusily(now)
	}
	s.looked = a.clock.Nanos()
	if ending := a.ending.Load(); ending == endAll || ending == endBusy && s.busy {
		s.stop = script.StopShutdown
	}
	return s.stop
}

// attendBusily answers others in the name of a script that takes too long.
func (s *Script) attendBusily(now int64) {
	a := s.actor
	if !s.busy {
		s.busy = true
		a.log.Warn("slow script: other clients are told BUSY until it ends or is killed", "script", s.Name,
			"milliseconds", (now-s.began)/1e6, "client", a.call.Session.Addr)
	}
	a.attend()
}

// attend answers what others have sent while a script runs: admitStrictly refuses nearly all.
func (a *Actor) attend() {
	aside := a.state()
	a.running = lap{}
	runtime.Gosched()
	a.receive()
	others := slices.Concat(a.pending, a.queue)
	a.pending, a.queue = nil, a.queue[:0]
	for _, b := range others {
		a.serveBatch(b)
	}
	a.sendBack()
	a.resume(&aside)
}

// What of scripts is to end because the process does.
const (
	endNone = iota
	endBusy // those of which others are told
	endAll
)

// EndScripts makes scripts end because the process does: those that have run for longer than Bounds.BusyReply, or all. It holds for
// those to come as well. Any goroutine may call it.
func (a *Actor) EndScripts(all bool) {
	if all {
		a.ending.Store(endAll)
	} else {
		a.ending.CompareAndSwap(endNone, endBusy)
	}
}

// Loader is for a command that loads libraries of functions.
func (c *Call) Loader() script.Loader {
	a := c.actor
	return script.Loader{Nanos: a.clock.Nanos, Log: func(level slog.Level, text string) {
		a.log.Log(context.Background(), level, text, "script", "a library that is being loaded")
	}}
}
