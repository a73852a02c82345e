package commands

import (
	"fmt"
	"strconv"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func serverCommands() []actor.Command {
	const group = "server"
	return []actor.Command{
		{Name: "time", Arity: 1, Flags: actor.Loading | actor.Stale | actor.Fast, Run: timeCommand, Group: group, Since: "2.6.0",
			Complexity: "O(1)", Summary: "Returns the server time.", Tips: []string{"nondeterministic_output"}},
		{Name: "info", Arity: -1, Flags: actor.Loading | actor.Stale, Run: infoCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Returns information and statistics about the server.", Syntax: "[section [section ...]]",
			Categories: []string{"dangerous"},
			Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"}},
		{Name: "debug", Arity: -2, Flags: actor.Admin | actor.NoScript | actor.Loading | actor.Stale | actor.Protected, Run: debugCommand,
			Group: group, Since: "1.0.0", Complexity: "Depends on subcommand.", Summary: "A container for debugging commands."},
		{Name: "config", Arity: -2, Group: group, Since: "2.0.0", Complexity: "Depends on subcommand.",
			Summary: "A container for server configuration commands.", Subs: configSubcommands()},
		{Name: "command", Arity: -1, Flags: actor.Loading | actor.Stale, Run: commandCommand, Group: group, Since: "2.8.13",
			Complexity: "O(N) where N is the total number of Redis commands", Summary: "Returns detailed information about all commands.",
			Categories: []string{"connection"}, Tips: []string{"nondeterministic_output_order"}, Subs: commandSubcommands()},
	}
}

// timeCommand reads the clock itself: all commands of a turn share one time, but whoever asks for it wants the best.
func timeCommand(c *actor.Call) error {
	now := c.Clock().Now()
	c.Reply.Array(2)
	c.Reply.BulkInt(now.Unix())
	c.Reply.BulkInt(int64(now.Nanosecond() / 1e3))
	return nil
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

func debugHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"OBJECT <key>",
		"    Show low level info about `key` and associated value.",
		"SET-ACTIVE-EXPIRE <0|1>",
		"    Setting it to 0 disables expiring keys in background when they are not",
		"    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the",
		"    default.",
		"SLEEP <seconds>",
		"    Stop the server for <seconds>. Decimals allowed.",
	)
	return nil
}
