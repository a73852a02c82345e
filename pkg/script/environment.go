package script

import (
	"snakecache/pkg/lua"
	"snakecache/pkg/lua/bit"
	"snakecache/pkg/lua/cjson"
	"snakecache/pkg/lua/cmsgpack"
	"snakecache/pkg/lua/structlib"
)

// openEnvironment makes the globals of EVAL: what of Lua is safe, the libraries that Redis adds, and redis. All of it is read-only,
// so that no script can leave anything behind for the next.
func (e *Engine) openEnvironment() {
	s := e.lua
	e.openLibraries(s)
	s.Globals.SetString(s, "redis", e.openRedis(s, evalOnly(s)...).Value())
	e.keys, e.argv = s.NewTable(0, 0), s.NewTable(0, 0)
	s.Globals.SetString(s, "KEYS", e.keys.Value())
	s.Globals.SetString(s, "ARGV", e.argv.Value())
	protect(s, s.Globals)
}

// openLibraries makes the globals that all scripts have, EVAL's and functions.
func (e *Engine) openLibraries(s *lua.State) {
	lua.OpenBase(s)
	lua.OpenString(s)
	lua.OpenTable(s)
	lua.OpenMath(s)
	lua.OpenCoroutine(s)
	lua.OpenOS(s, e.clock)
	cjson.Open(s)
	cmsgpack.Open(s)
	structlib.Open(s)
	bit.Open(s)
	s.Globals.SetString(s, "pcall", s.NewFunction("pcall", pcall))
}

// clock is what scripts measure time with.
func (e *Engine) clock() float64 {
	if e.run.host == nil {
		return 0
	}
	return e.run.host.Clock()
}

// protect makes a table of globals, and the tables in it, read-only, and has it raise an error where a script reads a global that
// there is not.
func protect(s *lua.State, globals *lua.Table) {
	meta := s.NewTable(0, 1)
	meta.SetString(s, "__index", s.NewFunction("?", missingGlobal))
	globals.Meta = meta
	freeze(globals)
	if s.Strings != nil {
		freeze(s.Strings)
	}
}

// freeze makes a table read-only with all tables in it.
func freeze(t *lua.Table) {
	if t.ReadOnly {
		return
	}
	t.ReadOnly = true
	if t.Meta != nil {
		freeze(t.Meta)
	}
	t.All(func(k, v lua.Value) bool {
		if v.IsTable() && !isInput(k) {
			freeze(v.Table())
		}
		return true
	})
}

// isInput reports whether a global is one that a script may change.
func isInput(name lua.Value) bool {
	return name.IsString() && (name.Str() == "KEYS" || name.Str() == "ARGV")
}

func missingGlobal(L *lua.Thread) int {
	name, _ := L.Arg(2).AsString()
	L.Errorf("Script attempted to access nonexistent global variable '%s'", name)
	return 0
}

// pcall is Lua's, but returns the text of an error that redis.call raised and not its table, as scripts had it before there was one.
func pcall(L *lua.Thread) int {
	if L.NArgs() == 0 {
		L.Push(lua.True) // what Redis puts below the arguments, and then calls
	}
	if err := L.PCall(L.NArgs()-1, -1); err != nil {
		L.SetTop(0)
		L.Push(lua.False)
		return 1 + pushPlainError(L, err.Value)
	}
	return L.PushOutcome(nil)
}

// pushPlainError pushes the text of an error that is a table. Of one that has none, Redis returns the table and what it has instead.
func pushPlainError(L *lua.Thread, v lua.Value) (pushed int) {
	if !v.IsTable() {
		L.Push(v)
		return 1
	}
	text := v.Table().GetString(fieldErr)
	if text.IsString() || text.IsNumber() {
		L.Push(text)
		return 1
	}
	L.Push(v)
	L.Push(text)
	return 2
}
