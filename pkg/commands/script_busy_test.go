package commands_test

import (
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// while passes fake time until a reply comes, a millisecond at a time: scripts look at the clock.
func while(e *actortest.Engine, reply <-chan []byte) string {
	for {
		select {
		case got := <-reply:
			return string(got)
		default:
			e.Clock.Advance(time.Millisecond)
			runtime.Gosched()
		}
	}
}

// sending has a client send a request, which may take long.
func sending(c *actortest.Client, words ...string) <-chan []byte {
	reply := make(chan []byte, 1)
	go func() { reply <- c.Send(asArgs(words)) }()
	return reply
}

// evaluate runs a script that may take long, for as long as it takes or until it is killed behind the threshold.
func evaluate(e *actortest.Engine, source string, args ...string) (result string, killed bool) {
	c, other := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	defer c.Close()
	defer other.Close()
	reply := sending(c, append([]string{"EVAL", source, "0"}, args...)...)
	for {
		select {
		case got := <-reply:
			return string(got), killed
		default:
			answer := while(e, sending(other, "SCRIPT", "KILL"))
			killed = killed || answer == "+OK\r\n"
		}
	}
}

// endless are scripts that do not end in this life, in all shapes.
var endless = map[string]string{
	"while":              `while true do end`,
	"repeat":             `repeat until false`,
	"for":                `for i = 1, math.huge do end`,
	"goto by tail call":  `local function f() return f() end return f()`,
	"pcall":              `while true do pcall(function() while true do end end) end`,
	"pcall of error":     `while true do pcall(error, 'x') end`,
	"xpcall":             `while true do xpcall(function() while true do end end, function(e) while true do end end) end`,
	"nested pcall":       `local function f() pcall(f) return f() end f()`,
	"coroutine":          `local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end`,
	"inside a coroutine": `while true do coroutine.resume(coroutine.create(function() while true do end end)) end`,
	"find":               `return string.find(string.rep('a', 5000), '.-.-.-.-.-b')`,
	"optional items":     `return string.find(string.rep('a', 40), string.rep('a?', 40) .. string.rep('a', 40) .. 'b')`,
	"gsub":               `return string.gsub(string.rep('a', 1000), 'a', function() while true do end end)`,
	"gmatch":             `while true do for w in string.gmatch('a b c', '%a') do end end`,
	"sort":               `table.sort({3, 1, 2}, function(a, b) while true do end end)`,
	"many sorts":         `local t = {} for i = 1, 1000 do t[i] = i % 7 end while true do table.sort(t) end`,
	"rep":                `while true do local s = string.rep('x', 1000) end`,
	"concat":             `while true do local s = '' for i = 1, 100 do s = s .. i end end`,
	"index":              `local t = setmetatable({}, {__index = function(t, k) while true do end end}) return t.x`,
	"newindex":           `local t = setmetatable({}, {__newindex = function() while true do end end}) t.x = 1`,
	"eq":                 `local m = {__eq = function() while true do end end} return setmetatable({}, m) == setmetatable({}, m)`,
	"lt":                 `local m = {__lt = function() while true do end end} return setmetatable({}, m) < setmetatable({}, m)`,
	"call":               `setmetatable({}, {__call = function(self) while true do self = self end end})()`,
	"concat of objects":  `return setmetatable({}, {__concat = function() while true do end end}) .. 'x'`,
	"tostring":           `return tostring(setmetatable({}, {__tostring = function() while true do end end}))`,
	"foreach":            `while true do table.foreach({1, 2}, function() end) end`,
	"load":               `load(function() while true do end end)`,
	"loads":              `while true do loadstring('return 1')() end`,
	"calls":              `while true do redis.call('GET', 'k') end`,
	"pcalls":             `while true do redis.pcall('INCR') end`,
	"cjson":              `while true do cjson.decode(cjson.encode({1, {2}})) end`,
	"cmsgpack":           `while true do cmsgpack.unpack(cmsgpack.pack({1, {2}})) end`,
	"inserts in front":   `local t = {} while true do table.insert(t, 1, 1) if #t == 5000 then t = {} end end`,
	"logs":               `while true do redis.sha1hex('x') end`,
	"result":             `local t = {} for i = 1, 30 do t = {t, t} end return t`,
}

// An endless script of whatever shape can be killed, and leaves nothing behind that the next one would notice.
func TestScriptKillEndsAnything(t *testing.T) {
	e := startEngine(t)
	for name, source := range endless {
		t.Run(name, func(t *testing.T) {
			got, killed := evaluate(e, source)
			if name == "result" { // it may be too long before it is killed
				killed = killed || strings.HasPrefix(got, "-ERR the result is too long")
			} else if !strings.HasPrefix(got, "-ERR Script killed by user with SCRIPT KILL...") {
				t.Errorf("it answers %.200q", got)
			}
			if !killed {
				t.Error("it ends by itself")
			}
			c := e.Connect(proto.RESP2)
			defer c.Close()
			if got := string(c.Send(asArgs([]string{"EVAL", "return {#KEYS, ARGV[1], coroutine.running() == nil}", "0", "x"}))); got != "*3\r\n:0\r\n$1\r\nx\r\n:1\r\n" {
				t.Errorf("the next script answers %q", got)
			}
		})
	}
}

// The place of a script that is killed is in the loop.
func TestPlaceOfAKilledScript(t *testing.T) {
	e := startEngine(t)
	for source, line := range map[string]string{
		"local a = 1\n\nwhile true do a = a + 1 end\nreturn a":                                 "3",
		"local a = 1\nrepeat\n a = a + 1\nuntil a == 0\nreturn a":                              "3",
		"local s = 0\nfor i = 1, math.huge do\n s = s + i\nend\nreturn s":                      "3",
		"local function f() return 1 end\nlocal a = 1\nwhile a > 0 do\n a = f() end\nreturn a": "",
	} {
		got, _ := evaluate(e, source)
		if !strings.Contains(got, ", on @user_script:"+line) || strings.Contains(got, "_script:5") {
			t.Errorf("%q is killed as %q", source, got)
		}
	}
}

// A script that has written is not killed, but ends with the process.
func TestUnkillable(t *testing.T) {
	e := startEngine(t)
	c, other := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	reply := sending(c, "EVAL", "redis.call('SET', 'k', 'v') while true do end", "0")
	for got := ""; !strings.HasPrefix(got, "-UNKILLABLE"); {
		if got = while(e, sending(other, "SCRIPT", "KILL")); !strings.HasPrefix(got, "-NOTBUSY") && !strings.HasPrefix(got, "-UNKILLABLE") {
			t.Fatalf("SCRIPT KILL answers %q", got)
		}
	}
	if got := while(e, sending(other, "SHUTDOWN")); got != busyScript {
		t.Errorf("SHUTDOWN answers %q", got)
	}
	if got := while(e, sending(other, "SHUTDOWN", "ABORT")); got != "-ERR No shutdown in progress.\r\n" {
		t.Errorf("SHUTDOWN ABORT answers %q", got)
	}
	while(e, sending(other, "SHUTDOWN", "NOSAVE"))
	if got := while(e, reply); !strings.HasPrefix(got, "-ERR Script ended because the server ends.") || !other.Closed() {
		t.Errorf("the script answers %q", got)
	}
}

const busyScript = "-" + string(proto.ErrBusyScript) + "\r\n"

// Which commands work while a script is busy is Redis' choice.
func TestCommandsBesideABusyScript(t *testing.T) {
	const aborted = "-EXECABORT Transaction discarded because of: " + string(proto.ErrBusyScript) + "\r\n"
	e := startEngine(t)
	runner, other := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	reply := sending(runner, "EVAL", "while true do end", "0")
	for while(e, sending(other, "PING")) != busyScript {
	}
	for _, step := range []struct{ request, want string }{
		{"PING", busyScript}, {"GET k", busyScript}, {"INFO", busyScript}, {"EVAL x 0", busyScript}, {"SCRIPT FLUSH", busyScript},
		{"SUBSCRIBE c", busyScript}, {"BLPOP k 1", busyScript}, {"CONFIG GET port", busyScript}, {"CLIENT ID", busyScript},
		{"NOSUCH", "-ERR unknown command 'NOSUCH', with args beginning with: \r\n"},
		{"GET", "-ERR wrong number of arguments for 'get' command\r\n"},
		{"SCRIPT KILL x", "-ERR wrong number of arguments for 'script|kill' command\r\n"},
		{"MULTI", "+OK\r\n"}, {"SET a 1", busyScript}, {"EXEC", aborted}, {"EXEC", aborted},
		{"WATCH a", "+OK\r\n"}, {"UNWATCH", "+OK\r\n"}, {"MULTI", "+OK\r\n"}, {"DISCARD", "+OK\r\n"}, {"DISCARD", "-ERR DISCARD without MULTI\r\n"},
		{"MULTI", "+OK\r\n"}, {"EXEC", aborted},
		{"HELLO 9", "-NOPROTO unsupported protocol version\r\n"}, {"AUTH a b c", "-ERR syntax error\r\n"},
		{"RESET", "+RESET\r\n"}, {"SHUTDOWN SAVE", busyScript}, {"SHUTDOWN x", "-ERR syntax error\r\n"},
	} {
		if got := while(e, sending(other, strings.Fields(step.request)...)); got != step.want {
			t.Errorf("%s: got %q, want %q", step.request, got, step.want)
		}
	}
	while(e, sending(other, "SCRIPT", "KILL"))
	while(e, reply)
	if got := other.Do("PING"); got.Text != "PONG" {
		t.Errorf("behind it PING answers %s", got)
	}
}

// What others are to hear of a script's changes they hear when it is over, whatever it was that told them to wait.
func TestOthersHearOfABusyScript(t *testing.T) {
	e := startEngine(t)
	other, watcher, blocked, tracker, monitor := e.Connect(proto.RESP2), e.Connect(proto.RESP2), e.Connect(proto.RESP2), e.Connect(proto.RESP3), e.Connect(proto.RESP2)
	subscriber, gone := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	other.Do("CONFIG", "SET", "notify-keyspace-events", "KA")
	watcher.Do("WATCH", "k")
	watcher.Do("MULTI")
	block(t, blocked, "BLPOP", "list", "0")
	block(t, gone, "BLPOP", "list", "0")
	tracker.Do("CLIENT", "TRACKING", "ON")
	tracker.Do("GET", "k")
	subscriber.Do("PSUBSCRIBE", "__key*")
	monitor.Do("MONITOR")
	runner := e.Connect(proto.RESP2)
	reply := sending(runner, "EVAL", `redis.call('SELECT', '3') redis.call('SELECT', '0')
redis.call('SET', 'k', 'v', 'PX', 50) redis.call('RPUSH', 'list', 'x')
local before = redis.call('PTTL', 'k')
for i = 1, tonumber(ARGV[1]) do redis.call('PING') end
redis.call('SELECT', '5')
return {before, redis.call('PTTL', 'k')}`, "0", "3")
	if got := while(e, reply); got != "*2\r\n:50\r\n:-2\r\n" {
		t.Errorf("the script answers %q", got)
	}
	if got := runner.Do("EXISTS", "k"); got.Int != 1 && e.Clock.Nanos() == 0 {
		t.Errorf("it has selected another database: %s", got)
	}
	received(t, blocked, "*2\r\n$4\r\nlist\r\n$1\r\nx\r\n")
	received(t, gone, "")
	if got := string(tracker.Received()); got != ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n" {
		t.Errorf("whoever tracks the key gets %q", got)
	}
	if got := string(watcher.Send(asArgs([]string{"EXEC"}))); got != "*-1\r\n" {
		t.Errorf("whoever watches the key gets %q", got)
	}
	if got := string(subscriber.Received()); strings.Count(got, "pmessage") < 4 || !strings.Contains(got, "rpush") || !strings.Contains(got, "lpop") {
		t.Errorf("notifications are %q", got)
	}
	lines := string(monitor.Received())
	for _, want := range []string{` lua] "SELECT" "3"`, ` [0 lua] "SET" "k" "v" "PX" "50"`, ` [0 lua] "PING"`, `"EVAL"`} {
		if !strings.Contains(lines, want) {
			t.Errorf("monitors do not see %s:\n%s", want, lines)
		}
	}
	if strings.Index(lines, `"EVAL"`) > strings.Index(lines, "lua]") {
		t.Error("monitors see a script behind its commands")
	}
}

// bombs are scripts that want more than there is. What they are answered begins so, empty is anything.
var bombs = map[string][2]string{
	"recursion":            {`local function f(n) return 1 + f(n + 1) end return f(1)`, "-ERR user_script:1: stack overflow"},
	"recursion of index":   {`local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) return t[1]`, "-ERR user_script:1: C stack overflow"},
	"recursion of pcall":   {`local function f() return pcall(f) end return f()`, ":1"},
	"recursion of resume":  {`local function f() return coroutine.wrap(f)() end return f()`, "-ERR user_script:1: "},
	"recursion of handler": {`local function h(e) error(e) end return {xpcall(error, h)}`, "*2\r\n$-1\r\n$23\r\nerror in error handling"},
	"rep":                  {`return #string.rep('x', 1e10)`, "-ERR not enough memory"},
	"doubling":             {`local s = 'x' while true do s = s .. s end`, "-ERR not enough memory"},
	"array":                {`local t, i = {}, 0 while true do i = i + 1 t[i] = i end`, "-ERR not enough memory"},
	"hash":                 {`local t, i = {}, 0 while true do i = i + 1 t['k' .. i] = i end`, "-ERR not enough memory"},
	"numbers":              {`local t = {} for i = 1, 1e9 do t[i + 0.5] = i end`, "-ERR not enough memory"},
	"nested tables":        {`local t = {} while true do t = {t} end`, "-ERR not enough memory"},
	"small tables":         {`local t = {} for i = 1, 1e9 do t[i] = {} end`, "-ERR not enough memory"},
	"closures":             {`local t = {} for i = 1, 1e9 do t[i] = function() return i end end`, "-ERR not enough memory"},
	"chain of upvalues":    {`local f = function() end while true do local g = f f = function() return g end end`, "-ERR not enough memory"},
	"coroutines":           {`local t = {} for i = 1, 1e9 do t[i] = coroutine.create(function() end) end`, "-ERR not enough memory"},
	"coroutines that wait": {`local t = {} for i = 1, 1e9 do t[i] = coroutine.wrap(function() coroutine.yield() end) t[i]() end`, "-ERR not enough memory"},
	"stacks":               {`local a, t = {}, {} for i = 1, 5000 do a[i] = i end for i = 1, 1e9 do t[i] = coroutine.wrap(function(...) coroutine.yield(...) end) t[i](unpack(a)) end`, "-ERR not enough memory"},
	"gsub":                 {`local s = 'aa' for i = 1, 100 do s = s:gsub('a', 'aaaaaaaaaa') end`, "-ERR not enough memory"},
	"table.concat":         {`local s, t = string.rep('x', 1e5), {} for i = 1, 1e4 do t[i] = s end return #table.concat(t)`, "-ERR not enough memory"},
	"substrings":           {`local t = {} for i = 1, 500 do t[i] = string.rep('x', 1e6):sub(1, 1) end return #t`, ":500"},
	"captures":             {`local t = {} for i = 1, 500 do t[i] = string.match(string.rep('x', 1e6), '(x)') end return #t`, ":500"},
	"code":                 {`local t = {} for i = 1, 1e9 do t[i] = loadstring(string.rep('x=1 ', 1000)) end`, "-ERR not enough memory"},
	"constants":            {`local t = {} for i = 1, 1e9 do t[i] = loadstring('return "' .. string.rep('x', 1e5) .. i .. '"') end`, "-ERR not enough memory"},
	"long code":            {`return loadstring(string.rep('x=1 ', 1e6))`, "-ERR not enough memory"},
	"deep code":            {`return {loadstring('return ' .. string.rep('(', 1e5))}`, "*0"},
	"cjson.encode":         {`local s, t = string.rep('\1', 1e5), {} for i = 1, 1e4 do t[i] = s end return #cjson.encode(t)`, "-ERR not enough memory"},
	"deep cjson.encode":    {`local t = {} for i = 1, 1e4 do t = {t} end return cjson.encode(t)`, "-ERR user_script:1: Cannot serialise, excessive nesting (1001)"},
	"cjson.decode":         {`return #cjson.decode('[' .. string.rep('1,', 1e6) .. '1]')`, "-ERR not enough memory"},
	"deep cjson.decode":    {`return cjson.decode(string.rep('[', 1e6))`, "-ERR user_script:1: Found too many nested data structures (1001)"},
	"cmsgpack.pack":        {`local s, t = string.rep('x', 1e5), {} for i = 1, 1e4 do t[i] = s end return #cmsgpack.pack(t)`, "-ERR not enough memory"},
	"cmsgpack.unpack":      {`return cmsgpack.unpack(string.rep('\145', 1e6))`, "-ERR user_script:1: "},
	"cmsgpack's length":    {`return cmsgpack.unpack('\221\127\255\255\255')`, "-ERR user_script:1: Missing bytes in input."},
	"unpack":               {`local t = {} for i = 1, 1e5 do t[i] = i end return {unpack(t)}`, "-ERR user_script:1: too many results to unpack"},
	"deep result":          {`local t = {} for i = 1, 1e5 do t = {t} end return t`, "*1\r\n*1\r\n"},
	"result in itself":     {`local t = {} t[1] = t t[2] = t return t`, "-ERR the result is too long for a reply"},
	"long result":          {`local s, t = string.rep('x', 1e6), {} for i = 1, 1000 do t[i] = s end return t`, "-ERR the result is too long for a reply"},
	"replies":              {`redis.call('SET', 'k', string.rep('x', 1e6)) local t = {} for i = 1, 1e6 do t[i] = redis.call('GET', 'k') end`, "-ERR not enough memory"},
	"nested replies":       {`redis.setresp(3) redis.call('HSET', 'h', 'a', 'b') local t = {} for i = 1, 1e9 do t[i] = redis.call('HGETALL', 'h') end`, "-ERR not enough memory"},
	"KEYS":                 {`for i = 1, 1e9 do KEYS[i] = i end`, "-ERR not enough memory"},
	"ARGV":                 {`for i = 1, 1e9 do ARGV[i] = string.rep('x', 100) .. i end`, "-ERR not enough memory"},
	"log":                  {`redis.log(redis.LOG_DEBUG, string.rep('x', 1e6), string.rep('x', 1e6))`, "$-1"},
	"error objects":        {`error(setmetatable({}, {__tostring = function() while true do end end, __index = function() while true do end end}))`, "-ERR unknown error"},
	"__gc":                 {`setmetatable({}, {__gc = function() redis.call('SET', 'gc', '1') end}) collectgarbage() return redis.call('EXISTS', 'gc')`, ":0"},
	"__mode":               {`local t = setmetatable({}, {__mode = 'kv'}) t[1] = {} collectgarbage() return type(t[1])`, ""},
	"chain of index":       {`local t = {} for i = 1, 1e4 do t = setmetatable({}, {__index = t}) end return t.x`, "-ERR user_script:1: loop in gettable"},
	"bad comparator":       {`local t = {} for i = 1, 1e4 do t[i] = i end table.sort(t, function(a, b) return true end)`, "-ERR user_script:1: invalid order function for sorting"},
	"complex pattern":      {`return string.find(string.rep('a', 1e6), string.rep('a-', 1e5) .. 'b')`, "-ERR user_script:1: pattern too complex"},
	"own error at the end": {`pcall(function() local s = 'x' while true do s = s .. s end end) return 'fine'`, "$4\r\nfine"},
}

// heap returns the bytes of Go's heap, with what has not been collected yet and what has not been given back.
func heap() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

// A script that wants more memory, depth or length than there is gets an error, the heap stays bounded, and the next script finds
// everything as it was.
func TestHostileScripts(t *testing.T) {
	const limit = 16 << 20
	e := startEngine(t)
	admin := e.Connect(proto.RESP2)
	admin.Do("CONFIG", "SET", "script-memory-limit", "16mb")
	for name, c := range bombs {
		t.Run(name, func(t *testing.T) {
			admin.Do("FLUSHALL")
			runtime.GC()
			before := heap()
			got := string(admin.Send(asArgs([]string{"EVAL", c[0], "0", "x"})))
			if !strings.HasPrefix(got, c[1]) || strings.HasPrefix(got, "-"+string(proto.ErrInternal)) {
				t.Errorf("it answers %.200q, not %q", got, c[1])
			}
			// Reachable is one and a half of the limit at most, the collector lets as much come on top, and a reply has 64 MB.
			if after := heap(); after > before+8*limit+2*proto.MaxHeld {
				t.Errorf("the heap grew from %d to %d bytes", before, after)
			}
			if got := admin.Do("EVAL", "local t = {} for i = 1, 1e5 do t[i] = i end return #KEYS + #ARGV + #t", "0"); got.Int != 1e5 {
				t.Errorf("the next script answers %s", got)
			}
		})
	}
	if _, figures := e.State(); figures.Panics != 0 {
		t.Errorf("%d commands panicked", figures.Panics)
	}
}

// A script of a megabyte is compiled and runs, and one too long for the limit is refused.
func TestLongScripts(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	long := "local x = 0\n" + strings.Repeat("x = x + 1\n", 100_000) + "return x"
	if got := c.Do("EVAL", long, "0"); got.Int != 100_000 {
		t.Errorf("it answers %s", got)
	}
	c.Do("CONFIG", "SET", "script-memory-limit", "1mb")
	if got := c.Do("EVAL", long+" ", "0"); !strings.HasPrefix(got.Text, "ERR not enough memory") {
		t.Errorf("with less memory it answers %s", got)
	}
	large := strings.Repeat("x", 2<<20)
	if got := c.Do("EVAL", "return 1", "0", large); !strings.HasPrefix(got.Text, "ERR not enough memory") {
		t.Errorf("with a large argument it answers %s", got)
	}
	if got := c.Do("EVAL", "return 1", "0"); got.Int != 1 {
		t.Errorf("a short one answers %s", got)
	}
}
