package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func slowlogCommands() []actor.Command {
	return []actor.Command{{Name: "slowlog", Arity: -2, Group: "server", Since: "2.2.12", Complexity: "Depends on subcommand.",
		Summary: "A container for slow log commands.", Subs: slowlogSubcommands()}}
}

func slowlogSubcommands() []actor.Command {
	const (
		group = "server"
		flags = actor.Admin | actor.Loading | actor.Stale
	)
	return []actor.Command{
		{Name: "get", Arity: -2, Flags: flags, Run: slowlogGetCommand, Group: group, Since: "2.2.12",
			Complexity: "O(N) where N is the number of entries returned", Summary: "Returns the slow log's entries.",
			Syntax: "[count] [QUEUETIME]", Tips: []string{"request_policy:all_nodes", "nondeterministic_output"}},
		{Name: "len", Arity: 2, Flags: flags, Run: slowlogLenCommand, Group: group, Since: "2.2.12", Complexity: "O(1)",
			Summary: "Returns the number of entries in the slow log.",
			Tips:    []string{"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"}},
		{Name: "reset", Arity: 2, Flags: flags, Run: slowlogResetCommand, Group: group, Since: "2.2.12",
			Complexity: "O(N) where N is the number of entries in the slowlog", Summary: "Clears all entries from the slow log.",
			Tips: []string{"request_policy:all_nodes", "response_policy:all_succeeded"}},
		{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: slowlogHelpCommand, Group: group, Since: "6.2.0",
			Complexity: "O(1)", Summary: "Show helpful text about the different subcommands"},
	}
}

// slowlogGetCommand shows the youngest entries first. How long a call had waited is shown only to those who ask with a
// word of ours: clients do not expect more than six elements, or something else there.
func slowlogGetCommand(c *actor.Call) error {
	words := c.Args[2:]
	queueTime := len(words) > 0 && proto.EqualFold(words[len(words)-1], "queuetime")
	if queueTime {
		words = words[:len(words)-1]
	}
	if len(words) > 1 {
		return proto.ErrSubcommandSyntax("slowlog", c.Args[1])
	}
	count, err := readSlowlogCount(words)
	if err != nil {
		return err
	}
	log := c.Slowlog()
	n := min(count, log.Len())
	c.Reply.Array(n)
	for i := range n {
		replySlowEntry(c.Reply, log.Entry(i), queueTime)
	}
	return nil
}

// slowlogCount is how many entries are shown unasked.
const slowlogCount = 10

func readSlowlogCount(words proto.Args) (int, error) {
	if len(words) == 0 {
		return slowlogCount, nil
	}
	count, err := position(words[0])
	switch {
	case err != nil || count < -1:
		return 0, proto.ErrSlowlogCount
	case count == -1:
		return math.MaxInt, nil
	}
	return count, nil
}

func replySlowEntry(r *proto.Reply, e *actor.SlowEntry, queueTime bool) {
	n := 6
	if queueTime {
		n++
	}
	r.Array(n)
	r.Int(e.ID)
	r.Int(e.Unix)
	r.Int(e.Nanos / 1e3)
	r.Array(len(e.Args))
	for _, arg := range e.Args {
		r.BulkString(arg)
	}
	r.BulkString(e.Addr)
	r.BulkString(e.Name)
	if queueTime {
		r.Int(e.QueueNanos / 1e3)
	}
}

func slowlogLenCommand(c *actor.Call) error {
	c.Reply.Count(c.Slowlog().Len())
	return nil
}

func slowlogResetCommand(c *actor.Call) error {
	c.Slowlog().Reset()
	c.Reply.OK()
	return nil
}

func slowlogHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"GET [<count>] [QUEUETIME]",
		"    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
		"    Entries are made of:",
		"    id, timestamp, time in microseconds, arguments array, client IP and port,",
		"    client name, and with QUEUETIME the microseconds for which it had waited",
		"LEN",
		"    Return the length of the slowlog.",
		"RESET",
		"    Reset the slowlog.",
	)
	return nil
}
