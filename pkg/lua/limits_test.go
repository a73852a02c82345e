package lua

import (
	"strings"
	"testing"
)

// TestEveryLoopTicks runs what never ends by itself, in each of the ways that there are.
func TestEveryLoopTicks(t *testing.T) {
	for _, source := range []string{
		"while true do end",
		"repeat until false",
		"for i = 1, math.huge do end",
		"for i = 2, 1, 0 do end",
		"while 1 do if x then break end end",
		"repeat local a = 1; local function f() return a end until a == 2",
		"for i in function() return 1 end do end",
		"for i in math.floor, 1.5 do end",
		"local function f() return f() end f()",
		"local f = setmetatable({}, {__call = function(f) return f() end}) f()",
		"local f f = coroutine.wrap(function() while true do coroutine.yield() end end) while true do f() end",
		"coroutine.wrap(function() while true do end end)()",
		"while true do pcall(error) end",
		"local t = setmetatable({}, {__index = function(t, k) while true do end end}) return t.x",
		"while not (x and y) do end",
		"while x == nil do end",
		"while 1 < 2 do end",
		"table.sort({1, 2, 3}, function() while true do end end)",
		"local function f() pcall(f) pcall(f) end while true do f() end",
		"xpcall(error, function() while true do end end)",
		"while true do loadstring('return 1')() end",
		"while true do pcall(error, ('x'):rep(1e6)) end",
		"local s = ('%%'):rep(1e5) while true do s:format() end",
	} {
		var output strings.Builder
		s := newTestState(DefaultLimits, &output)
		ticks := 0
		s.OnTick = func(L *Thread) {
			if ticks++; ticks > 50 {
				L.Abort(String("too long"))
			}
		}
		err := runScript(s, source, "@loop")
		if err == nil || err.Error() != "too long" {
			t.Errorf("%s: %v", source, err)
		}
		s.OnTick = nil
		if err := runScript(s, "local ok = pcall(error, 'x') assert(not ok and coroutine.wrap(function() return 5 end)() == 5)", "@after"); err != nil {
			t.Errorf("after %s: %v", source, err)
		}
	}
}

// TestMemoryIsBounded runs what takes ever more memory, and then something else in the same state.
func TestMemoryIsBounded(t *testing.T) {
	for _, source := range []string{
		"local t = {} while true do t[#t + 1] = {} end",
		"local t = {} local i = 0 while true do i = i + 1 t[i .. 'x'] = i end",
		"local s = 'x' while true do s = s .. s end",
		"local t, s = {}, ('x'):rep(1000) for i = 1, 1e9 do t[i] = s .. i end",
		"local t while true do t = {t} end",
		"local f while true do local g = f f = function() return g end end",
		"local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
		"local function f() local c = coroutine.wrap(f) keep = {keep, c} while true do keep = {keep, coroutine.create(f)} end end f()",
		"local t = {} while true do t[#t + 1] = function() return t end end",
		"local t = {} while true do local c = coroutine.create(function() local function d(n) if n == 0 then coroutine.yield() else d(n - 1) end end d(2000) end) coroutine.resume(c) t[#t + 1] = c end",
		"local a = {} for i = 1, 1e9 do a[i] = i end",
		"return ('x'):rep(1e9)",
	} {
		var output strings.Builder
		s := newTestState(Limits{Memory: 8 << 20, Calls: 20000, Nested: 200}, &output)
		err := runScript(s, source, "@memory")
		if err == nil || !strings.Contains(err.Error(), "not enough memory") {
			t.Errorf("%s: %v", source, err)
		}
		s.Globals.SetString(s, "keep", Nil)
		if n := s.Measure(); n > 1<<19 {
			t.Errorf("%d bytes are in use after %s", n, source)
		}
		if err := runScript(s, "local t = {} for i = 1, 1000 do t[i] = {i .. ''} end", "@after"); err != nil {
			t.Errorf("after %s: %v", source, err)
		}
	}
}

// TestGarbageIsNotCounted makes much more than the limit, but keeps little of it.
func TestGarbageIsNotCounted(t *testing.T) {
	var output strings.Builder
	s := newTestState(Limits{Memory: 4 << 20, Calls: 20000, Nested: 200}, &output)
	err := runScript(s, `
for i = 1, 300000 do local t = {i, {i}} end
for i = 1, 300000 do local s = i .. "garbage" end
for i = 1, 100000 do local f = function() return i end f() end
for i = 1, 3000 do local c = coroutine.wrap(function(a) coroutine.yield(a) end) c(1) c() end
for i = 1, 2000 do local c = coroutine.wrap(function(a) coroutine.yield(a) end) c(1) end
`, "@garbage")
	if err != nil {
		t.Fatal(err)
	}
}

// TestErrorTellsWhere looks at what the host learns of an error beside its value.
func TestErrorTellsWhere(t *testing.T) {
	for _, c := range []struct {
		source string
		line   int
		where  string
	}{
		{"\nlocal x = nil + 1", 2, "@user_script"},
		{"\n\nerror('x')", 3, "@user_script"},
		{"\nerror({})", 2, "@user_script"},
		{"local function f() error('x', 2) end\n\nf()", 1, "@user_script"},
		{"pcall(error)\nstring.rep()", 2, "@user_script"},
		{"return error('x')", 1, "@user_script"},
		{"local function f()\nreturn error('x') end\nreturn f()", 2, "@user_script"},
		{"table.sort({3, 2, 1}, error)", -1, "=[C]"},
	} {
		s := newTestState(DefaultLimits, new(strings.Builder))
		p, err := Compile(c.source, "@user_script")
		if err != nil {
			t.Fatal(err)
		}
		L := s.Main()
		L.Push(s.Load(p, s.Globals))
		e := L.PCall(0, 0)
		if e == nil || e.Source != c.where || e.Line != c.line {
			t.Errorf("%q: %+v", c.source, e)
		}
		if L.top != 0 || L.frame.prev != nil || L.open != nil || s.nested != 0 {
			t.Errorf("%q: %d values are left", c.source, L.top)
		}
	}
}

// TestPanicOfGoPasses wants what is no error of a script to reach the host.
func TestPanicOfGoPasses(t *testing.T) {
	s := newTestState(DefaultLimits, new(strings.Builder))
	s.Globals.SetString(s, "bug", s.NewFunction("bug", func(L *Thread) int { panic("a bug") }))
	defer func() {
		if r := recover(); r != "a bug" {
			t.Errorf("recovered %v", r)
		}
	}()
	t.Error(runScript(s, "pcall(coroutine.wrap(function() pcall(bug) end))", "@bug"))
}

// FuzzRun compiles and runs anything: it must end within its budget, and leave a state that works.
func FuzzRun(f *testing.F) {
	for _, seed := range []string{
		"return 1", "local t = {} t.x = 1 for k, v in pairs(t) do t[v] = k end", "local function f(...) return ... end return f(1, f(2, 3))",
		"goto x", "x = 'a' .. 1 .. {}", "for i = 1, 10 do local f = function() return i end f() end", "return coroutine.wrap(function() coroutine.yield(1) end)()",
		"local a <x> = [==[ ]==] -- c", "a.b:c'd'{e}[1] = f", "while true do end", "return #'x' == 1 and not nil or -2 ^ 3 % 4", "local s = 'x' while true do s = s .. s end",
		"repeat local x = 1; local f = function() return x end until x", "return setmetatable({}, {__index = function(t, k) return t[k] end}).x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		s := newTestState(Limits{Memory: 4 << 20, Calls: 20000, Nested: 200}, new(strings.Builder))
		ticks := 0
		s.OnTick = func(L *Thread) {
			if ticks++; ticks > 100 {
				L.Abort(String("too long"))
			}
		}
		_ = runScript(s, source, "=fuzz")
		if n := s.Measure(); n > 4<<20 {
			t.Fatalf("%d bytes are in use", n)
		}
		s.OnTick = nil
		s.Main().SetTop(0)
		p, err := Compile("return 2 + 3", "=after")
		if err != nil {
			t.Fatal(err)
		}
		s.Main().Push(s.Load(p, s.Globals))
		if e := s.Main().PCall(0, 1); e != nil || s.Main().Arg(-1) != Int(5) {
			t.Fatal("the state is broken", e)
		}
	})
}
