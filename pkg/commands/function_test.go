package commands_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/commands"
	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
	"snakecache/pkg/rdb"
	scripting "snakecache/pkg/script"
)

// startSpinning is an engine whose functions can take as long as they like: the command pass lets a millisecond pass, and tells
// whether enough has.
func startSpinning(t *testing.T, enough *atomic.Bool) *actortest.Engine {
	var e *actortest.Engine
	table, err := actor.NewTable(append(commands.Families(), []actor.Command{{
		Name: "pass", Arity: 1, Group: "generic", Since: "1.0.0", Complexity: "O(1)", Summary: "Lets time pass.",
		Run: func(c *actor.Call) error {
			e.Clock.Sleep(time.Millisecond)
			c.Reply.Flag(enough.Load())
			return nil
		},
	}})...)
	if err != nil {
		t.Fatal(err)
	}
	e = actortest.Start(t, actortest.Options{Table: table, Bounds: actor.Bounds{
		MaxClients: 10, MaxBulk: 1 << 20, BusyReply: int64(100 * time.Millisecond),
	}})
	if got := e.Connect(proto.RESP2).Do("FUNCTION", "LOAD", `#!lua name=lib
		redis.register_function('spin', function() while redis.call('pass') == 0 do pcall(function() end) end return 'over' end)
		redis.register_function('write', function(keys)
			redis.call('set', keys[1], 'v') while redis.call('pass') == 0 do end return 'over' end)`); got.Text != "lib" {
		t.Fatal(got)
	}
	return e
}

// awaitRunning asks for statistics until they tell of a function that runs, and returns those of it.
func awaitRunning(c *actortest.Client) proto.Value {
	for {
		if running := field(c.Do("FUNCTION", "STATS"), "running_script"); !running.Null {
			return running
		}
	}
}

func TestFunctionStatsAndKill(t *testing.T) {
	var never atomic.Bool
	e := startSpinning(t, &never)
	ended := make(chan proto.Value)
	go func() { ended <- e.Connect(proto.RESP2).Do("FCALL", "SPIN", "1", "key", "arg") }()

	c := e.Connect(proto.RESP3)
	running := awaitRunning(c)
	if name, command := field(running, "name"), field(running, "command"); name.Text != "spin" ||
		command.String() != "*5\n  $\"FCALL\"\n  $\"SPIN\"\n  $\"1\"\n  $\"key\"\n  $\"arg\"" {
		t.Errorf("%v runs", running)
	}
	if took := field(running, "duration_ms").Int; took < 100 || took > 1e6 {
		t.Errorf("it has run for %d ms", took)
	}
	if got := field(field(field(c.Do("FUNCTION", "STATS"), "engines"), "LUA"), "functions_count"); got.Int != 2 {
		t.Errorf("there are %v functions", got)
	}
	for _, request := range []string{"FUNCTION LIST", "FUNCTION DUMP", "FUNCTION FLUSH", "FUNCTION HELP", "FCALL spin 0", "SCRIPT KILL", "GET key"} {
		if got := c.Do(strings.Fields(request)...); got.String() != "-"+string(proto.ErrBusyFunction) {
			t.Errorf("%s is answered %v", request, got)
		}
	}
	if got := c.Do("FUNCTION", "KILL"); got.String() != "+OK" {
		t.Errorf("it cannot be killed: %v", got)
	}
	if got := <-ended; got.String() != "-ERR Script killed by user with SCRIPT KILL... script: spin, on @user_function:2." {
		t.Errorf("it ends with %v", got)
	}
	if got := c.Do("FUNCTION", "KILL"); got.String() != "-"+string(proto.ErrScriptNotBusy) {
		t.Errorf("nothing is killed: %v", got)
	}
}

func TestFunctionThatHasWrittenCannotBeKilled(t *testing.T) {
	var enough atomic.Bool
	e := startSpinning(t, &enough)
	ended := make(chan proto.Value)
	go func() { ended <- e.Connect(proto.RESP2).Do("FCALL", "write", "1", "key") }()

	c := e.Connect(proto.RESP3)
	awaitRunning(c)
	if got := c.Do("FUNCTION", "KILL"); got.String() != "-"+string(proto.ErrScriptUnkillable) {
		t.Errorf("FUNCTION KILL is answered %v", got)
	}
	enough.Store(true)
	if got := <-ended; got.Text != "over" {
		t.Errorf("it ends with %v", got)
	}
	if got := c.Do("GET", "key"); got.Text != "v" {
		t.Errorf("it wrote %v", got)
	}
}

// Statistics of functions are not for when a script of EVAL runs, which FUNCTION KILL does not end.
func TestFunctionStatsBesideEval(t *testing.T) {
	var never atomic.Bool
	e := startSpinning(t, &never)
	ended := make(chan proto.Value)
	go func() { ended <- e.Connect(proto.RESP2).Do("EVAL", "while true do redis.call('pass') end", "0") }()

	c := e.Connect(proto.RESP3)
	const busy = "-" + string(proto.ErrBusyScript)
	for c.Do("PING").String() != busy {
	}
	for _, subcommand := range []string{"STATS", "KILL"} {
		if got := c.Do("FUNCTION", subcommand); got.String() != busy {
			t.Errorf("FUNCTION %s is answered %v", subcommand, got)
		}
	}
	c.Do("SCRIPT", "KILL")
	if got := <-ended; !strings.HasPrefix(got.String(), "-ERR Script killed by user") {
		t.Errorf("it ends with %v", got)
	}
}

// INFO tells what there is of scripts and functions, and MEMORY STATS the same.
func TestInfoOfScripts(t *testing.T) {
	c := startEngine(t).Connect(proto.RESP3)
	figures := func() map[string]string {
		all := map[string]string{}
		for line := range strings.Lines(c.Do("INFO", "memory").Text) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			all[name] = value
		}
		return all
	}
	counted := []string{"number_of_cached_scripts", "number_of_libraries", "number_of_functions"}
	taken := []string{"used_memory_scripts_eval", "used_memory_functions", "used_memory_vm_functions", "used_memory_scripts"}
	check := func(when, wanted string, takes bool) {
		all := figures()
		got := all[counted[0]] + " " + all[counted[1]] + " " + all[counted[2]]
		if got != wanted {
			t.Errorf("%s %v are %s", when, counted, got)
		}
		for _, name := range taken {
			if (all[name] != "0") != takes {
				t.Errorf("%s %s is %s", when, name, all[name])
			}
		}
		if all["used_memory_lua"] == "0" || all["used_memory_vm_eval"] != all["used_memory_lua"] {
			t.Errorf("%s used_memory_lua is %s", when, all["used_memory_lua"])
		}
	}
	check("at first", "0 0 0", false)
	c.Do("EVAL", "return 1", "0")
	c.Do("FUNCTION", "LOAD", "#!lua name=a\nredis.register_function('f', function() end) redis.register_function('g', function() end)")
	check("then", "1 1 2", true)
	if stats := c.Do("MEMORY", "STATS"); field(stats, "lua.caches").Int == 0 || field(stats, "functions.caches").Int == 0 {
		t.Errorf("MEMORY STATS tells %v", stats)
	}
	c.Do("SCRIPT", "FLUSH")
	c.Do("FUNCTION", "FLUSH")
	check("in the end", "0 0 0", false)
}

// Whatever is restored, it is refused and nothing has changed, or what is there then can be dumped and restored again.
func FuzzFunctionRestore(f *testing.F) {
	const code = "redis.register_function('f', function() return 1 end)"
	f.Add(rdb.DumpFunctions())
	f.Add(rdb.DumpFunctions("#!lua name=a\n" + code))
	f.Add(rdb.DumpFunctions("#!lua name=a\n"+code, "#!lua name=b\nredis.register_function{function_name='g', callback=redis.log, flags={'no-writes'}}"))
	f.Add(rdb.DumpFunctions("#!lua name=a\n"+code, "#!lua name=b\n"+code))
	f.Add(rdb.DumpFunctions("#!lua name=a\nwhile true do end"))
	f.Add([]byte("\xf5\xc3\x05\x08\x00a\xc0\x00\x00" + "0123456789"))
	for _, policy := range []scripting.Policy{scripting.RestoreAppend, scripting.RestoreReplace, scripting.RestoreFlush} {
		f.Add(append([]byte{byte(policy)}, rdb.DumpFunctions("#!lua name=kept\n"+code)...))
	}
	f.Fuzz(func(t *testing.T, dump []byte) {
		dump = sealed(dump)
		var nanos int64
		by := scripting.Loader{Nanos: func() int64 { nanos += 50e6; return nanos }, Log: func(slog.Level, string) {}}
		fresh := func() *scripting.Engine {
			return scripting.New(lua.Limits{Memory: 4 << 20, Calls: 1000, Nested: 100})
		}
		restore := func(e *scripting.Engine, policy scripting.Policy, dump []byte) error {
			return e.RestoreLibraries(policy, by, func(load func([]byte) error) error { return rdb.EachFunction(dump, 1<<20, load) })
		}
		dumped := func(e *scripting.Engine) []byte {
			var texts []string
			for _, l := range e.Libraries() {
				texts = append(texts, l.Code)
			}
			return rdb.DumpFunctions(texts...)
		}
		for _, policy := range []scripting.Policy{scripting.RestoreAppend, scripting.RestoreReplace, scripting.RestoreFlush} {
			e := fresh()
			if _, err := e.LoadLibrary([]byte("#!lua name=kept\nredis.register_function('kept', function() end)"), false, by); err != nil {
				t.Fatal(err)
			}
			before := dumped(e)
			if err := restore(e, policy, dump); err != nil {
				if !bytes.Equal(dumped(e), before) || e.FindFunction([]byte("kept")) == nil {
					t.Fatalf("%v, and libraries have changed", err)
				}
				var reply proto.Error
				if !errors.As(err, &reply) && err != rdb.ErrFormat && err != rdb.ErrNotFunction && err != rdb.ErrOldFunction {
					t.Fatalf("no reply: %v", err)
				}
				continue
			}
			again := fresh()
			if err := restore(again, policy, dumped(e)); err != nil || !bytes.Equal(dumped(again), dumped(e)) {
				t.Fatalf("what was restored cannot be again: %v", err)
			}
		}
	})
}
