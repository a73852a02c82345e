package script

import (
	"log/slog"
	"strings"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// loadNanos is how long a library may take to load.
const loadNanos = 500e6

// world is the Lua of functions: a state apart from EVAL's, so that what libraries keep neither takes room from scripts nor is looked
// through for them. It is made for the first library, and goes with the last flush.
type world struct {
	shelf
	lua *lua.State

	// The globals of libraries are an empty table that cannot be changed. What is read from it comes from another, by its metatable:
	// while a library loads it finds hardly anything but redis.register_function, and its functions later find all but that.
	globals          *lua.Table
	meta             *lua.Table
	running, loading lua.Value

	library  *Library // that is being loaded
	restored shelf    // what RestoreLibraries has loaded so far
}

// newWorld returns one without libraries. Its limit on memory holds from then on.
func (e *Engine) newWorld() *world {
	limits := e.limits
	limits.Memory = max(limits.Memory, lua.DefaultLimits.Memory)
	s := lua.New(limits)
	w := &world{shelf: newShelf(), lua: s}
	e.openLibraries(s)
	s.Globals.SetString(s, "redis", e.openRedis(s).Value())
	protect(s, s.Globals)
	e.openGlobals(w)
	s.ShareRandom(e.lua)
	s.OnTick = e.tick
	s.Roots = w.roots
	s.LimitMemory(e.limits.Memory)
	return w
}

// openGlobals makes the globals of libraries, and what these show while one loads.
func (e *Engine) openGlobals(w *world) {
	s := w.lua
	redis := tableOf(s, []entry{function(s, "register_function", w.register)}, e.logging(s), versions)
	protect(s, redis)
	loading := tableOf(s, []entry{{"redis", redis.Value()}})
	protect(s, loading)
	w.running, w.loading = s.Globals.Value(), loading.Value()
	w.meta = s.NewTable(0, 1)
	w.show(w.running)
	w.globals = s.NewTable(0, 0)
	w.globals.Meta, w.globals.ReadOnly = w.meta, true
}

// show sets what libraries read as globals. No script ever gets at the metatable, so that it may change.
func (w *world) show(globals lua.Value) { w.meta.SetString(w.lua, "__index", globals) }

// roots yields what libraries keep.
func (w *world) roots(yield func(lua.Value) bool) {
	yield(w.globals.Value())
	yield(w.loading)
	for _, s := range []*shelf{&w.shelf, &w.restored} {
		for _, l := range s.libraries {
			l.values(yield)
		}
	}
	if w.library != nil {
		w.library.values(yield)
	}
}

func (l *Library) values(yield func(lua.Value) bool) {
	for _, f := range l.Functions {
		yield(f.callback)
	}
}

// Loader is for whom libraries are loaded.
type Loader struct {
	Nanos func() int64                        // the time, to see how long it takes
	Log   func(level slog.Level, text string) // takes what redis.log writes
}

// build compiles a library and runs it once, so that it registers its functions.
func (e *Engine) build(w *world, name, code string, by Loader) (l *Library, err error) {
	L := w.lua.Main()
	defer e.end(L, &err)
	w.lua.MustFitCode(len(code))
	prototype, err := lua.Compile(code[strings.IndexByte(code, '\n'):], "@user_function")
	if err != nil {
		return nil, proto.Error("ERR Error compiling function: " + err.Error())
	}
	l = &Library{Name: name, Code: code}
	defer w.show(w.running)
	w.show(w.loading)
	w.library = l
	defer func() { w.library = nil }()
	end := by.Nanos() + loadNanos
	e.run = run{dialect: proto.RESP2, log: by.Log, late: func() bool { return by.Nanos() > end }}
	L.Push(w.lua.Load(prototype, w.globals))
	if failure := L.PCall(0, 0); failure != nil {
		text, counted := raised(L, failure)
		return nil, replyError("ERR Error registering functions: "+text, counted)
	}
	if len(l.Functions) == 0 {
		return nil, proto.Error("ERR No functions registered")
	}
	return l, nil
}

// Call runs a function and writes its result to reply, which must not be the one that host writes to.
func (e *Engine) Call(f *Function, host Host, keys, argv proto.Args, reply *proto.Reply) (err error) {
	L := e.world.lua.Main()
	defer e.end(L, &err)
	L.Push(f.callback)
	pushList(L, keys)
	pushList(L, argv)
	return e.call(L, 2, run{host: host, dialect: proto.RESP2, name: f.Name}, reply)
}

// pushList puts a list of its own on the stack, since functions may keep what they get.
func pushList(L *lua.Thread, args proto.Args) {
	t := L.NewTable(len(args), 0)
	L.Push(t.Value())
	for i, arg := range args {
		t.SetInt(L.State, i+1, L.NewString(arg))
	}
}
