package script

import (
	"strings"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// loadNanos is how long a library may take to load.
const loadNanos = 500e6

// initialSeed is where math.random of functions begins. Unlike EVAL's it is not set back before each call.
const initialSeed = 0x1234ABCD

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

	calling  calling
	begin    lua.Value // a function that puts on the stack what calling says
	building building
	build    lua.Value // a function that loads what building says
	restored shelf     // what RestoreLibraries has built so far
}

// calling is the call of a function that is about to begin.
type calling struct {
	function   *Function
	keys, argv proto.Args
}

// building is a library under construction.
type building struct {
	library   *Library
	prototype *lua.Prototype
}

// newWorld returns one without libraries. Its limit on memory holds from then on.
func (e *Engine) newWorld() *world {
	limits := e.limits
	limits.Memory = max(limits.Memory, lua.DefaultLimits.Memory)
	s := lua.New(limits)
	w := &world{shelf: newShelf(), lua: s}
	openLibraries(s)
	s.Globals.SetString(s, "redis", e.openRedis(s).Value())
	protect(s, s.Globals)
	e.openGlobals(w)
	w.begin = s.NewFunction("begin", w.beginCall)
	w.build = s.NewFunction("build", w.buildLibrary)
	s.SeedRandom(initialSeed)
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
	if w.building.library != nil {
		w.building.library.values(yield)
	}
}

func (l *Library) values(yield func(lua.Value) bool) {
	for _, f := range l.Functions {
		yield(f.callback)
	}
}

// build compiles a library and runs it once, so that it registers its functions. They are those of the library that is returned.
func (e *Engine) build(w *world, name, code string, nanos func() int64) (*Library, error) {
	prototype, err := lua.Compile(code[strings.IndexByte(code, '\n'):], "@user_function")
	if err != nil {
		return nil, proto.Error("ERR Error compiling function: " + err.Error())
	}
	l := &Library{Name: name, Code: code}
	w.building = building{l, prototype}
	w.show(w.loading)
	end := nanos() + loadNanos
	e.run = run{dialect: proto.RESP2, name: name, late: func() bool { return nanos() > end }}
	defer func() {
		e.run, w.building = run{}, building{}
		w.show(w.running)
	}()
	L := w.lua.Main()
	L.Push(w.build)
	if err := L.PCall(0, 0); err != nil {
		text, counted := raised(L, err)
		return nil, replyError("ERR Error registering functions: "+text, counted)
	}
	if len(l.Functions) == 0 {
		return nil, proto.Error("ERR No functions registered")
	}
	return l, nil
}

// buildLibrary runs the library under construction.
func (w *world) buildLibrary(L *lua.Thread) int {
	L.Push(w.lua.Load(w.building.prototype, w.globals))
	L.Call(0, 0)
	return 0
}

// Call runs a function and writes its result to reply, which must not be the one that host writes to.
func (e *Engine) Call(f *Function, host Host, keys, argv proto.Args, reply *proto.Reply) error {
	w := e.world
	w.calling = calling{f, keys, argv}
	defer func() { w.calling = calling{} }()
	L := w.lua.Main()
	L.Push(w.begin)
	if err := L.PCall(0, 3); err != nil {
		return e.failure(L, err)
	}
	return e.call(L, 2, run{host: host, dialect: proto.RESP2, name: f.Name}, reply)
}

// beginCall returns a function and its two arguments: lists of its own, since it may keep them.
func (w *world) beginCall(L *lua.Thread) int {
	L.Push(w.calling.function.callback)
	pushList(L, w.calling.keys)
	pushList(L, w.calling.argv)
	return 3
}

func pushList(L *lua.Thread, args proto.Args) {
	t := L.NewTable(len(args), 0)
	L.Push(t.Value())
	for i, arg := range args {
		t.SetInt(L.State, i+1, L.NewString(arg))
	}
}
