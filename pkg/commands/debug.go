package commands

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func debugCommands() []actor.Command {
	return []actor.Command{{Name: "debug", Arity: -2,
		Flags: actor.Admin | actor.NoScript | actor.Loading | actor.Stale | actor.Protected, Refusal: proto.ErrDebugDisabled, Run: debugCommand,
		Group: "server", Since: "1.0.0", Complexity: "Depends on subcommand.",
		Internal: true,
		Summary:  "A container for debugging commands.",
		Partly:   "only ERROR, LOG, OBJECT, PROTOCOL, SET-ACTIVE-EXPIRE, SLEEP"}}
}

// debugCommand looks at its subcommands itself, because in Redis too they have no rows and one error for all faults.
func debugCommand(c *actor.Call) error {
	word := c.Args[1]
	switch n := len(c.Args); {
	case n == 3 && proto.EqualFold(word, "sleep"):
		return debugSleepCommand(c)
	case n == 3 && proto.EqualFold(word, "set-active-expire"):
		return debugSetActiveExpireCommand(c)
	case n == 3 && proto.EqualFold(word, "object"):
		return debugObjectCommand(c)
	case n == 3 && proto.EqualFold(word, "error"):
		return debugErrorCommand(c)
	case n == 3 && proto.EqualFold(word, "protocol"):
		return debugProtocolCommand(c)
	case n == 3 && proto.EqualFold(word, "log"):
		return debugLogCommand(c)
	case n == 2 && proto.EqualFold(word, "help"):
		return debugHelpCommand(c)
	}
	return proto.ErrSubcommandSyntax(c.Command.Name, word)
}

// debugSleepCommand stops the owner, and with it all clients. What is no number is 0, as in Redis.
func debugSleepCommand(c *actor.Call) error {
	seconds, _ := strconv.ParseFloat(string(c.Args[2]), 64)
	c.Clock().Sleep(time.Duration(seconds * float64(time.Second)))
	c.Reply.OK()
	return nil
}

func debugSetActiveExpireCommand(c *actor.Call) error {
	n, _ := strconv.Atoi(string(c.Args[2]))
	c.SetActiveExpire(n != 0)
	c.Reply.OK()
	return nil
}

// debugObjectCommand tells of a value what Redis tells, but for the nodes of its quicklist, which is another
// structure here. The lru clock counts seconds modulo 2^24.
func debugObjectCommand(c *actor.Call) error {
	e := c.Keys().Peek(c.Args[2])
	if e == nil {
		return proto.ErrNoSuchKey
	}
	idle := c.Keys().Idle(e)
	c.Reply.Status(fmt.Sprintf("Value at:%p refcount:1 encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
		e.Value(), e.Value().Encoding(), e.SerializedLen(), lruClock(c.Now()-idle), idle/1000))
	return nil
}

// lruClock is a time in unix milliseconds as Redis keeps it beside each value.
func lruClock(ms int64) int64 { return ms / 1000 & (1<<24 - 1) }

// debugErrorCommand answers the error that was asked for, code and all. The command itself has not failed, and is not counted
// as if it had.
func debugErrorCommand(c *actor.Call) error {
	c.Reply.Err(proto.Error(c.Args[2]))
	return nil
}

func debugLogCommand(c *actor.Call) error {
	c.Log().Warn("DEBUG LOG", "message", string(c.Args[2]))
	c.Reply.OK()
	return nil
}

// debugValues write a value of each type of reply, by its name in DEBUG PROTOCOL. Attributes and pushes are no replies, so that
// one comes behind them.
var debugValues = map[string]func(*proto.Reply){
	"string":   func(r *proto.Reply) { r.BulkString("Hello World") },
	"integer":  func(r *proto.Reply) { r.Int(12345) },
	"double":   func(r *proto.Reply) { r.Double(3.141) },
	"bignum":   func(r *proto.Reply) { r.BigNumber("1234567999999999999999999999999999999") },
	"null":     func(r *proto.Reply) { r.Null() },
	"array":    func(r *proto.Reply) { r.Array(3); replyDebugNumbers(r) },
	"set":      func(r *proto.Reply) { r.Set(3); replyDebugNumbers(r) },
	"map":      replyDebugMap,
	"attrib":   replyDebugAttribute,
	"push":     replyDebugPush,
	"verbatim": func(r *proto.Reply) { r.Verbatim("txt", "This is a verbatim\nstring") },
	"true":     func(r *proto.Reply) { r.Bool(true) },
	"false":    func(r *proto.Reply) { r.Bool(false) },
}

func replyDebugNumbers(r *proto.Reply) {
	for i := range 3 {
		r.Count(i)
	}
}

func replyDebugMap(r *proto.Reply) {
	r.Map(3)
	for i := range 3 {
		r.Count(i)
		r.Bool(i == 1)
	}
}

func replyDebugAttribute(r *proto.Reply) {
	if r.RESP3() {
		r.Attribute(1)
		r.BulkString("key-popularity")
		r.Array(2)
		r.BulkString("key:123")
		r.Int(90)
	}
	r.BulkString("Some real reply following the attribute")
}

func replyDebugPush(r *proto.Reply) {
	r.Push(2)
	r.BulkString("server-cpu-usage")
	r.Int(42)
	r.BulkString("Some real reply following the push reply")
}

func debugProtocolCommand(c *actor.Call) error {
	word := strings.ToLower(string(c.Args[2]))
	write := debugValues[word]
	switch {
	case write == nil:
		return proto.ErrProtocolType
	case word == "push" && !c.Reply.RESP3():
		return proto.ErrNeedsRESP3
	}
	write(c.Reply)
	return nil
}

func debugHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"ERROR <string>",
		"    Return a Redis protocol error with <string> as message. Useful for clients",
		"    unit tests to simulate Redis errors.",
		"LOG <message>",
		"    Write <message> to the server log.",
		"OBJECT <key>",
		"    Show low level info about `key` and associated value.",
		"PROTOCOL <type>",
		"    Reply with a test value of the specified type. <type> can be: string,",
		"    integer, double, bignum, null, array, set, map, attrib, push, verbatim,",
		"    true, false.",
		"SET-ACTIVE-EXPIRE <0|1>",
		"    Setting it to 0 disables expiring keys in background when they are not",
		"    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the",
		"    default.",
		"SLEEP <seconds>",
		"    Stop the server for <seconds>. Decimals allowed.",
	)
	return nil
}
