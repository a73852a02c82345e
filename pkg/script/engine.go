package script

import (
	"log/slog"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// Engine is everything about scripts of one server.
type Engine struct {
	lua        *lua.State
	keys, argv *lua.Table // the globals of these names, filled anew for each script: nothing that outlives one refers to them
	scripts    cache
	world      *world // of functions, nil while there is no library
	limits     lua.Limits
	run        run
	args       arguments
	Figures    Figures
}

// Figures count what has become of scripts.
type Figures struct {
	Evicted uint64 // scripts that were dropped because others are in use
}

// run is what is under way.
type run struct {
	host    Host
	dialect int // of the replies that the script gets
	name    string

	// While a library is being loaded there is no host.
	late func() bool // it takes too long
	log  func(level slog.Level, text string)
}

// New returns an engine with the given limits on all scripts together.
func New(limits lua.Limits) *Engine {
	e := &Engine{lua: lua.New(limits), scripts: newCache(), limits: limits}
	e.lua.OnTick = e.tick
	e.openEnvironment()
	return e
}

// LimitMemory sets how many bytes the values of a script may take, and those of all libraries with the function that runs. Scripts
// that run later are held to it.
func (e *Engine) LimitMemory(bytes int64) {
	e.limits.Memory = bytes
	e.lua.LimitMemory(bytes)
	if e.world != nil {
		e.world.lua.LimitMemory(bytes)
	}
}

// Memory returns how many bytes the values and the texts of EVAL's scripts take. Of values little is left when none runs.
func (e *Engine) Memory() (values, texts int64) {
	if e.run.host == nil {
		e.lua.Measure()
	}
	return e.lua.Memory(), e.scripts.bytes
}

// Scripts returns how many scripts are kept.
func (e *Engine) Scripts() int { return len(e.scripts.bySHA) }

// Flush forgets all scripts.
func (e *Engine) Flush() { e.scripts = newCache() }

// tick is called while a script runs.
func (e *Engine) tick(L *lua.Thread) {
	if e.run.late != nil && e.run.late() {
		L.Abort(lua.String("FUNCTION LOAD timeout"))
	}
	if e.run.host == nil {
		return
	}
	switch e.run.host.Attend() {
	case StopKilled:
		L.Abort(lua.String("Script killed by user with SCRIPT KILL..."))
	case StopShutdown:
		L.Abort(lua.String("Script ended because the server ends."))
	}
}

// Eval runs a script and writes its result to reply, which must not be the one that host writes to.
func (e *Engine) Eval(s *Script, host Host, keys, argv proto.Args, reply *proto.Reply) (err error) {
	L := e.lua.Main()
	defer e.end(L, &err)
	text := e.lua.NewString(joined(keys, argv)).Str()
	text = e.fill(e.keys, keys, text)
	e.fill(e.argv, argv, text)
	L.Push(s.function)
	return e.call(L, 0, run{host: host, dialect: proto.RESP2, name: s.SHA}, reply)
}

// call calls the function that lies on the stack below so many arguments.
func (e *Engine) call(L *lua.Thread, args int, r run, reply *proto.Reply) (err error) {
	e.run = r
	defer e.end(L, &err)
	if failure := L.PCall(args, 1); failure != nil {
		return e.failure(L, failure)
	}
	out := output{L: L, reply: reply, dialect: e.run.dialect}
	err = out.result(L.Arg(-1))
	L.Pop()
	return err
}

// end is deferred by whatever has values made or read. An error that is raised outside of a call, where memory is short or a script is
// killed whose result is being read, becomes the reply.
func (e *Engine) end(L *lua.Thread, err *error) {
	if fault := recover(); fault != nil {
		failure, ok := fault.(*lua.Error)
		if !ok {
			panic(fault)
		}
		L.SetTop(0)
		*err = e.failure(L, failure)
	}
	e.run = run{}
	e.args.forget()
	e.keys.Empty()
	e.argv.Empty()
}

// joined returns all arguments one behind the other.
func joined(lists ...proto.Args) []byte {
	size := 0
	for _, args := range lists {
		for _, arg := range args {
			size += len(arg)
		}
	}
	text := make([]byte, 0, size)
	for _, args := range lists {
		for _, arg := range args {
			text = append(text, arg...)
		}
	}
	return text
}

// fill makes a table the list of args, which text begins with, and returns the rest of text.
func (e *Engine) fill(t *lua.Table, args proto.Args, text string) (rest string) {
	t.Renew(e.lua, len(args))
	for i, arg := range args {
		t.SetInt(e.lua, i+1, lua.String(text[:len(arg)]))
		text = text[len(arg):]
	}
	return text
}
