package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func clientPauseSubcommands() []actor.Command {
	const (
		group = "connection"
		flags = actor.NoScript | actor.Loading | actor.Stale
	)
	return []actor.Command{
		{Name: "pause", Arity: -3, Flags: flags | actor.Admin, Run: clientPauseCommand, Group: group, Since: "3.0.0", Complexity: "O(1)",
			Summary: "Suspends commands processing.", Syntax: "timeout [WRITE | ALL]"},
		{Name: "unpause", Arity: 2, Flags: flags | actor.Admin, Run: clientUnpauseCommand, Group: group, Since: "6.2.0",
			Complexity: "O(N) Where N is the number of paused clients", Summary: "Resumes processing commands from paused clients."},
		{Name: "reply", Arity: 3, Flags: flags, Run: clientReplyCommand, Group: group, Since: "3.2.0", Complexity: "O(1)",
			Summary: "Instructs the server whether to reply to commands.", Syntax: "<ON | OFF | SKIP>"},
	}
}

func clientPauseCommand(c *actor.Call) error {
	all := true
	switch {
	case len(c.Args) > 4:
		return proto.ErrSubcommandSyntax("client", c.Args[1])
	case len(c.Args) == 4:
		if all = proto.EqualFold(c.Args[3], "all"); !all && !proto.EqualFold(c.Args[3], "write") {
			return proto.ErrPauseMode
		}
	}
	ms, ok := proto.ParseInt(c.Args[2])
	switch {
	case !ok:
		return proto.ErrTimeoutNotInt
	case ms < 0:
		return proto.ErrTimeoutNegative
	}
	c.Pause(c.Monotonic()+min(ms, math.MaxInt64-c.Monotonic()), all)
	c.Reply.OK()
	return nil
}

func clientUnpauseCommand(c *actor.Call) error {
	c.Unpause()
	c.Reply.OK()
	return nil
}

func clientReplyCommand(c *actor.Call) error {
	switch {
	case proto.EqualFold(c.Args[2], "on"):
		c.SetReplies(true)
		c.Reply.OK()
	case proto.EqualFold(c.Args[2], "off"):
		c.SetReplies(false)
	case proto.EqualFold(c.Args[2], "skip"):
		c.SkipReply()
	default:
		return proto.ErrSyntax
	}
	return nil
}
