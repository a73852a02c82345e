package script

import (
	"crypto/sha1"
	"encoding/hex"
	"log/slog"
	"strings"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// redisVersionNumber is proto.RedisVersion with a byte for each part.
const redisVersionNumber = 7<<16 | 4<<8

// logLevels are by redis.LOG_DEBUG and so on.
var logLevels = [...]slog.Level{slog.LevelDebug, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn}

// What redis.set_repl takes.
const (
	replicateNone    = 0
	replicateAOF     = 1
	replicateReplica = 2
	replicateAll     = replicateAOF | replicateReplica
)

// entry is a field of the table redis.
type entry struct {
	name  string
	value lua.Value
}

// function and number are entries of these kinds.
func function(s *lua.State, name string, f lua.Builtin) entry {
	return entry{name, s.NewFunction(name, f)}
}
func number(name string, n int) entry { return entry{name, lua.Int(n)} }

// openRedis returns the table redis. The order of the entries is that in which Redis makes them: pairs() shows it.
func (e *Engine) openRedis(s *lua.State, more ...entry) *lua.Table {
	return tableOf(s,
		[]entry{
			function(s, "call", func(L *lua.Thread) int { return e.callCommand(L, true) }),
			function(s, "pcall", func(L *lua.Thread) int { return e.callCommand(L, false) }),
		},
		e.logging(s),
		versions,
		[]entry{
			function(s, "setresp", e.setDialect),
			function(s, "sha1hex", sha1hex),
			function(s, "error_reply", errorReply),
			function(s, "status_reply", statusReply),
			function(s, "set_repl", setReplication),
			number("REPL_NONE", replicateNone),
			number("REPL_AOF", replicateAOF),
			number("REPL_SLAVE", replicateReplica),
			number("REPL_REPLICA", replicateReplica),
			number("REPL_ALL", replicateAll),
			function(s, "acl_check_cmd", e.checkCommand),
		},
		more,
	)
}

// evalOnly are the entries that functions of libraries do not have.
func evalOnly(s *lua.State) []entry {
	return []entry{
		function(s, "breakpoint", breakpoint),
		function(s, "debug", debug),
		function(s, "replicate_commands", replicateCommands),
	}
}

// logging is redis.log and the levels.
func (e *Engine) logging(s *lua.State) []entry {
	return []entry{
		function(s, "log", e.log),
		number("LOG_DEBUG", 0),
		number("LOG_VERBOSE", 1),
		number("LOG_NOTICE", 2),
		number("LOG_WARNING", 3),
	}
}

var versions = []entry{number("REDIS_VERSION_NUM", redisVersionNumber), {"REDIS_VERSION", lua.String(proto.RedisVersion)}}

// tableOf returns a table of all the entries.
func tableOf(s *lua.State, lists ...[]entry) *lua.Table {
	t := s.NewTable(0, 0)
	for _, list := range lists {
		for _, field := range list {
			t.SetString(s, field.name, field.value)
		}
	}
	return t
}

// raise raises an error that has a code and no place in the code.
func raise(L *lua.Thread, text string) { L.Raise(errorTable(L, "ERR "+text)) }

// callCommand runs a command. An error is raised, or returned to redis.pcall.
func (e *Engine) callCommand(L *lua.Thread, raises bool) int {
	value := e.do(L)
	if raises && value.IsTable() && value.Table().GetString(fieldErr).IsString() {
		L.Raise(value)
	}
	L.Push(value)
	return 1
}

// do runs a command and returns what it answers, or an error.
func (e *Engine) do(L *lua.Thread) lua.Value {
	n := L.NArgs()
	if n == 0 {
		return errorTable(L, "ERR Please specify at least one argument for this redis lib call")
	}
	if e.run.host == nil {
		return errorTable(L, "ERR redis.call/pcall can only be called inside a script invocation")
	}
	args, ok := e.args.read(L, n)
	if !ok {
		return errorTable(L, "ERR Lua redis lib command arguments must be strings or integers")
	}
	reply := e.run.host.Do(args, e.run.dialect)
	if reply.Overflowed() {
		return errorTable(L, "ERR the reply is too long for a script")
	}
	bytes, whole := reply.Bytes()
	if !whole {
		L.MustFit(int64(reply.Len()))
		bytes = reply.Copy()
	}
	in := input{L: L, rest: bytes}
	return in.value()
}

// maxLogged is how many bytes of a message come into the log.
const maxLogged = 64 << 10

// logged returns the arguments from the second on, as a line.
func logged(L *lua.Thread) string {
	var text []byte
	for i := 2; i <= L.NArgs(); i++ {
		if word, ok := L.Arg(i).AsString(); ok {
			if i > 2 {
				text = append(text, ' ')
			}
			text = append(text, word[:min(len(word), max(0, maxLogged-len(text)))]...)
		}
	}
	return string(text)
}

func (e *Engine) log(L *lua.Thread) int {
	if L.NArgs() < 2 {
		raise(L, "redis.log() requires two arguments or more.")
	}
	f, ok := L.Arg(1).AsNumber()
	if !ok {
		raise(L, "First argument must be a number (log level).")
	}
	level := lua.ToInt(f)
	if level < 0 || level >= len(logLevels) {
		raise(L, "Invalid debug level.")
	}
	text := logged(L)
	if e.run.host != nil {
		e.run.host.Log(logLevels[level], text)
	} else if e.run.log != nil {
		e.run.log(logLevels[level], text)
	}
	return 0
}

func (e *Engine) setDialect(L *lua.Thread) int {
	if L.NArgs() != 1 {
		raise(L, "redis.setresp() requires one argument.")
	}
	dialect := 0
	if f, ok := L.Arg(-1).AsNumber(); ok {
		dialect = lua.ToInt(f)
	}
	if dialect != proto.RESP2 && dialect != proto.RESP3 {
		raise(L, "RESP version must be 2 or 3.")
	}
	e.run.dialect = dialect
	return 0
}

// checkCommand tells whether the client may run a command, which every client may.
func (e *Engine) checkCommand(L *lua.Thread) int {
	if L.NArgs() == 0 {
		raise(L, "Please specify at least one argument for this redis lib call")
	}
	args, ok := e.args.read(L, L.NArgs())
	if !ok {
		raise(L, "Lua redis lib command arguments must be strings or integers")
	}
	if e.run.host == nil || !e.run.host.Knows(args) {
		raise(L, "Invalid command passed to redis.acl_check_cmd()")
	}
	L.Push(lua.True)
	return 1
}

func sha1hex(L *lua.Thread) int {
	if L.NArgs() != 1 {
		raise(L, "wrong number of arguments")
	}
	text, _ := L.Arg(1).AsString()
	L.Step(len(text) >> 6)
	sum := sha1.Sum(bytesOf(text))
	L.PushString(hex.EncodeToString(sum[:]))
	return 1
}

// errorReply makes an error of a text, which may begin with a hyphen. Its first word is the code; one word alone gets a code.
func errorReply(L *lua.Thread) int {
	if L.NArgs() != 1 || !L.Arg(1).IsString() {
		L.Push(errorTable(L, "ERR wrong number or type of arguments"))
		return 1
	}
	text := L.Arg(1).Str()
	text = strings.TrimRight(strings.TrimPrefix(text, "-"), "\r\n")
	if !strings.Contains(text, " ") {
		text = "ERR " + text
	}
	L.Push(errorTable(L, text))
	return 1
}

func statusReply(L *lua.Thread) int {
	if L.NArgs() != 1 || !L.Arg(1).IsString() {
		L.Push(errorTable(L, "ERR wrong number or type of arguments"))
		return 1
	}
	t := L.NewTable(0, 1)
	t.SetString(L.State, "ok", L.Arg(1))
	L.Push(t.Value())
	return 1
}

// setReplication checks what is asked for, and has nothing to do: there are no replicas.
func setReplication(L *lua.Thread) int {
	if L.NArgs() != 1 {
		raise(L, "redis.set_repl() requires two arguments.")
	}
	f, _ := L.Arg(1).AsNumber()
	if flags := lua.ToInt(f); flags&^replicateAll != 0 {
		raise(L, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
	}
	return 0
}

// replicateCommands says that effects are replicated, which is so in all versions since 7.0.
func replicateCommands(L *lua.Thread) int {
	L.Push(lua.True)
	return 1
}

// breakpoint and debug are for the debugger, which is not there: they do what they do without it.
func breakpoint(L *lua.Thread) int {
	L.Push(lua.False)
	return 1
}

func debug(*lua.Thread) int { return 0 }
