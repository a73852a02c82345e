package script_test

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
	"snakecache/pkg/script"
)

// nobody is a host without commands.
type nobody struct{ reply proto.Reply }

func (h *nobody) Do(proto.Args, int) *proto.Reply {
	h.reply.Reset()
	h.reply.OK()
	return &h.reply
}
func (*nobody) Knows(proto.Args) bool  { return true }
func (*nobody) Attend() script.Stop    { return script.StopNot }
func (*nobody) Clock() float64         { return 0 }
func (*nobody) Log(slog.Level, string) {}

// shop is an engine with which libraries are loaded.
type shop struct {
	*script.Engine
	t      testing.TB
	logged []string
	nanos  int64 // goes on by itself whenever somebody looks
}

func open(t testing.TB, memory int64) *shop {
	limits := lua.DefaultLimits
	limits.Memory = memory
	return &shop{Engine: script.New(limits), t: t}
}

func (s *shop) loader() script.Loader {
	return script.Loader{
		Nanos: func() int64 { s.nanos += 1e6; return s.nanos },
		Log:   func(level slog.Level, text string) { s.logged = append(s.logged, level.String()+" "+text) },
	}
}

// load loads a library of the name and code, and returns the error's text.
func (s *shop) load(name, code string, replace bool) string {
	loaded, err := s.LoadLibrary([]byte("#!lua name="+name+"\n"+code), replace, s.loader())
	if err != nil {
		return err.Error()
	}
	if loaded != name {
		s.t.Errorf("%s was loaded as %s", name, loaded)
	}
	return ""
}

func (s *shop) mustLoad(name, code string) {
	s.t.Helper()
	if err := s.load(name, code, true); err != "" {
		s.t.Fatalf("%s: %s", name, err)
	}
}

// call calls a function with arguments and no keys. Line ends are shown as spaces.
func (s *shop) call(name string, argv ...string) string {
	f := s.FindFunction([]byte(name))
	if f == nil {
		return "there is no " + name
	}
	args := make(proto.Args, len(argv))
	for i, arg := range argv {
		args[i] = []byte(arg)
	}
	var reply proto.Reply
	reply.SetDialect(proto.RESP2)
	if err := s.Call(f, &nobody{}, nil, args, &reply); err != nil {
		return "-" + err.Error()
	}
	return strings.TrimSpace(strings.ReplaceAll(string(reply.Copy()), "\r\n", " "))
}

func (s *shop) restore(policy script.Policy, texts ...string) string {
	err := s.RestoreLibraries(policy, s.loader(), func(load func([]byte) error) error {
		for _, text := range texts {
			if err := load([]byte(text)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err.Error()
	}
	return ""
}

// contents is what there is, in words.
func (s *shop) contents() string {
	var words []string
	for _, l := range s.Libraries() {
		words = append(words, l.Name+":")
		for _, f := range l.Functions {
			words = append(words, f.Name)
		}
	}
	return strings.Join(words, " ")
}

func TestLibrariesKeepTheirVariables(t *testing.T) {
	s := open(t, 1<<20)
	s.mustLoad("counter", `
		local n, kept = 0, nil
		redis.register_function('count', function() n = n + 1 return n end)
		redis.register_function('keep', function(keys, args) kept = args return #args end)
		redis.register_function('kept', function() return kept end)`)
	if got := s.call("count") + s.call("COUNT"); got != ":1:2" {
		t.Errorf("it counts %s", got)
	}
	s.call("keep", "a", "b")
	s.call("count", "c")
	if got := s.call("kept"); got != "*2 $1 a $1 b" {
		t.Errorf("arguments were kept as %s", got)
	}
	if err := s.load("other", `redis.register_function('other', function() return n end)`, false); err != "" {
		t.Fatal(err)
	}
	if got := s.call("other"); !strings.Contains(got, "nonexistent global variable 'n'") {
		t.Errorf("another library sees %s", got)
	}
}

// What registers functions is gone when functions run, by whatever way it is reached.
func TestFunctionsAreRegisteredAtLoadOnly(t *testing.T) {
	s := open(t, 1<<20)
	s.mustLoad("lib", `
		local redis, register = redis, redis.register_function
		redis.register_function('kept', function() register('later', function() end) end)
		redis.register_function('table', function() redis.register_function('later', function() end) end)
		redis.register_function('global', function() _G.redis.register_function('later', function() end) end)`)
	const late = "-ERR redis.register_function can only be called on FUNCTION LOAD command script: "
	for name, want := range map[string]string{
		"kept":   late + "kept, on @user_function:4.",
		"table":  late + "table, on @user_function:5.",
		"global": "-ERR user_function:6: attempt to call field 'register_function' (a nil value) script: global, on @user_function:6.",
	} {
		if got := s.call(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := s.contents(); got != "lib: kept table global" {
		t.Errorf("there are %s", got)
	}
}

// A library that fails leaves everything as it was, however far it came.
func TestFailedLoadsChangeNothing(t *testing.T) {
	const f = "redis.register_function('f', function() return 'new' end) "
	const taken = "ERR Function G already exists"
	s := open(t, 1<<20)
	s.mustLoad("a", "local n = 0 redis.register_function('f', function() n = n + 1 return n end)")
	s.mustLoad("b", "redis.register_function('g', function() return 'g' end)")
	count := 0
	for _, c := range []struct{ code, want string }{
		{"syntax error", "ERR Error compiling function: user_function:2: '=' expected near 'error'"},
		{f + "x = 1", "ERR Error registering functions: ERR user_function:2: Attempt to modify a readonly table"},
		{f + "redis.register_function('G', function() end)", taken},
		{f + "redis.register_function('f', function() end)", "ERR Error registering functions: ERR Function already exists in the library"},
		{f + "while true do end", "ERR Error registering functions: ERR FUNCTION LOAD timeout"},
		{f + "local function again() return again() end again()", "ERR Error registering functions: ERR FUNCTION LOAD timeout"},
		{f + "local s = ('x'):rep(100) while true do s = s:gsub('.', '%0') end", "ERR Error registering functions: ERR FUNCTION LOAD timeout"},
		{f + "return ('x'):rep(1e9)", "ERR Error registering functions: ERR not enough memory"},
		{f + "local s = 'x' while true do s = s .. s end", "ERR Error registering functions: ERR not enough memory"},
		{f + "local t = {} while true do t[#t + 1] = {} end", "ERR Error registering functions: ERR not enough memory"},
		{"", "ERR No functions registered"},
	} {
		if got := s.load("a", c.code, true); got != c.want {
			t.Errorf("%.60s: %s", c.code, got)
		}
		if got := s.restore(script.RestoreReplace, "#!lua name=c\nredis.register_function('c', function() end)", "#!lua name=a\n"+c.code); got != c.want {
			t.Errorf("%.60s, restored: %s", c.code, got)
		}
		if c.want == taken {
			continue // and would be right if there was no other library
		}
		if got := s.restore(script.RestoreFlush, "#!lua name=a\n"+c.code); got != c.want {
			t.Errorf("%.60s, restored: %s", c.code, got)
		}
		count++
		if got := s.call("f") + s.call("g"); got != fmt.Sprintf(":%d$1 g", count) {
			t.Errorf("%.60s leaves %s", c.code, got)
		}
		if got := s.contents(); got != "a: f b: g" {
			t.Errorf("%.60s leaves %s", c.code, got)
		}
	}
}

// What libraries keep counts for as long as they are there, and they can be given up when it is too much.
func TestMemoryOfLibraries(t *testing.T) {
	const limit = 1 << 20
	s := open(t, limit)
	s.mustLoad("small", "redis.register_function('small', function() return 'small' end)")
	s.mustLoad("large", `
		local kept = {}
		redis.register_function('grow', function() kept[#kept + 1] = ('x'):rep(1000) .. #kept return #kept end)`)
	grown := 0
	for s.call("grow") == fmt.Sprintf(":%d", grown+1) {
		if grown++; grown*1000 > 2*limit {
			t.Fatalf("it grows beyond the limit: %+v", s.FunctionFigures())
		}
	}
	if grown*1000 < limit/2 {
		t.Errorf("it grows to %d KB only", grown)
	}
	if got := s.call("grow"); !strings.Contains(got, "not enough memory") {
		t.Errorf("when it is full it says %s", got)
	}
	if !s.DeleteLibrary([]byte("large")) {
		t.Fatal("it cannot be deleted")
	}
	for range 3 * limit / 1000 {
		if got := s.call("small"); got != "$5 small" {
			t.Fatalf("then another says %s", got)
		}
	}
	s.FlushLibraries()
	if got := s.FunctionFigures(); got != (script.FunctionFigures{}) {
		t.Errorf("after a flush there are %+v", got)
	}
}

// A function cannot be made to take more by long arguments, and the next one finds all in order.
func TestArgumentsBeyondMemory(t *testing.T) {
	s := open(t, 1<<20)
	s.mustLoad("lib", "redis.register_function('length', function(keys, args) return #args[1] end)")
	if got := s.call("length", strings.Repeat("x", 2<<20)); got != "-ERR not enough memory" {
		t.Errorf("of too many bytes it says %s", got)
	}
	if got := s.call("length", "abc"); got != ":3" {
		t.Errorf("then it says %s", got)
	}
}

func TestTextsOfLibrariesAreBounded(t *testing.T) {
	s := open(t, 256<<20)
	text := "redis.register_function('f%d', function() end) --" + strings.Repeat("x", 4<<20)
	n := 0
	for s.load(fmt.Sprint("lib", n), fmt.Sprintf(text, n), false) == "" {
		if n++; n > 10 {
			t.Fatal("there is no bound")
		}
	}
	if err := s.load("lib", fmt.Sprintf(text, n), false); n < 2 || err != proto.ErrOOM.Error() {
		t.Errorf("of %d fit, and then: %s", n, err)
	}
	if err := s.load("lib0", fmt.Sprintf(text, 0), true); err != "" {
		t.Errorf("one cannot be replaced: %s", err)
	}
	if err := s.restore(script.RestoreFlush, "#!lua name=lib0\n"+fmt.Sprintf(text, 0)); err != "" {
		t.Errorf("all cannot be replaced: %s", err)
	}
}

func TestLibrariesLogWhileTheyLoad(t *testing.T) {
	s := open(t, 1<<20)
	s.mustLoad("lib", `redis.log(redis.LOG_WARNING, 'loading', 1) redis.register_function('log', redis.log)`)
	if want := []string{"WARN loading 1"}; !slices.Equal(s.logged, want) {
		t.Errorf("it logs %q", s.logged)
	}
}

// model is what libraries should be there: their functions, by name.
type model map[string][]string

func (m model) String() string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		words = append(words, name+":")
		words = append(words, m[name]...)
	}
	return strings.Join(words, " ")
}

// with returns the libraries with others added, nil if that cannot be.
func (m model) with(added model, replace bool) model {
	all := maps.Clone(m)
	for name, functions := range added {
		if all[name] != nil && !replace {
			return nil
		}
		all[name] = functions
	}
	owned := map[string]bool{}
	for _, functions := range all {
		for _, f := range functions {
			if key := strings.ToLower(f); owned[key] {
				return nil
			} else {
				owned[key] = true
			}
		}
	}
	return all
}

func libraryText(name string, functions []string) string {
	text := "#!lua name=" + name + "\n"
	for _, f := range functions {
		text += fmt.Sprintf("redis.register_function('%s', function() return '%s.%s' end)\n", f, name, f)
	}
	return text
}

// Random changes of libraries that often cannot be made leave what a map of names would have.
func TestLibrariesModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, m := open(nil, 8<<20), model{}
		names := rapid.SampledFrom([]string{"a", "b", "c"})
		functions := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"f", "G", "h", "i", "J"}), 1, 3, rapid.ID)
		change := func(next model, err string) {
			if (next != nil) != (err == "") {
				t.Fatalf("%q, and there should be %v", err, next)
			}
			if next != nil {
				m = next
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"load": func(t *rapid.T) {
				name, f, replace := names.Draw(t, "name"), functions.Draw(t, "functions"), rapid.Bool().Draw(t, "replace")
				_, err := s.LoadLibrary([]byte(libraryText(name, f)), replace, s.loader())
				change(m.with(model{name: f}, replace), textOf(err))
			},
			"delete": func(t *rapid.T) {
				name := names.Draw(t, "name")
				if deleted := s.DeleteLibrary([]byte(name)); deleted != (m[name] != nil) {
					t.Fatalf("deleted: %v", deleted)
				}
				delete(m, name)
			},
			"flush": func(t *rapid.T) {
				s.FlushLibraries()
				clear(m)
			},
			"restore": func(t *rapid.T) {
				added := model(rapid.MapOfN(names, functions, 0, 3).Draw(t, "libraries"))
				policy := rapid.SampledFrom([]script.Policy{script.RestoreAppend, script.RestoreReplace, script.RestoreFlush}).Draw(t, "policy")
				var texts []string
				for name, f := range added {
					texts = append(texts, libraryText(name, f))
				}
				there := m
				if policy == script.RestoreFlush {
					there = model{}
				}
				change(there.with(added, policy == script.RestoreReplace), s.restore(policy, texts...))
			},
			"": func(t *rapid.T) {
				if got := s.contents(); got != m.String() {
					t.Fatalf("there are %s, wanted are %v", got, m)
				}
				n := 0
				for name, functions := range m {
					for _, f := range functions {
						n++
						if got, want := s.call(strings.ToUpper(f)), fmt.Sprintf("$3 %s.%s", name, f); got != want {
							t.Fatalf("%s is %s", want, got)
						}
					}
				}
				if got := s.FunctionFigures(); got.Libraries != len(m) || got.Functions != n {
					t.Fatalf("%d and %d are counted as %+v", len(m), n, got)
				}
			},
		})
	})
}

func textOf(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

// EVAL and functions get the random numbers of one sequence, which a flush does not begin anew: these are Redis'.
func TestRandomNumbersGoOn(t *testing.T) {
	s := open(t, 1<<20)
	load := func() {
		s.mustLoad("lib", "redis.register_function('random', function() return math.random(100000) end)")
	}
	load()
	got := s.call("random") + s.call("random")
	body, err := s.Load([]byte("return {math.random(100000), math.random(100000)}"), false)
	if err != nil {
		t.Fatal(err)
	}
	var reply proto.Reply
	reply.SetDialect(proto.RESP2)
	if err := s.Eval(body, &nobody{}, nil, nil, &reply); err != nil {
		t.Fatal(err)
	}
	got += strings.ReplaceAll(string(reply.Copy()), "\r\n", "")
	s.FlushLibraries()
	load()
	if got += s.call("random"); got != ":39647:84049*2:35334:44659:31870" {
		t.Errorf("they are %s", got)
	}
}
