package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func memoryCommands() []actor.Command {
	const group = "server"
	return []actor.Command{{
		Name: "memory", Arity: -2, Group: group, Since: "4.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for memory diagnostics commands.",
		Subs: []actor.Command{
			{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: memoryHelpCommand, Group: group, Since: "4.0.0", Complexity: "O(1)",
				Summary: "Returns helpful text about the different subcommands."},
			{Name: "usage", Arity: -3, Flags: actor.ReadOnly, Keys: actor.Key(2, actor.RO), Run: memoryUsageCommand, Group: group, Since: "4.0.0",
				Complexity: "O(N) where N is the number of samples.", Summary: "Estimates the memory usage of a key.", Syntax: "key [SAMPLES count]"},
		},
	}}
}

// memoryUsageCommand answers what the key is accounted for in used_memory, all but its part of the tables and, as in
// Redis, its deadline's. That is known to the byte, so there is nothing to sample.
func memoryUsageCommand(c *actor.Call) error {
	if err := checkSamples(c.Args.Options(3)); err != nil {
		return err
	}
	if e := c.Keys().Peek(c.Args[2]); e != nil {
		c.Reply.Count(e.Size())
	} else {
		c.Reply.Null()
	}
	return nil
}

// checkSamples refuses what Redis refuses.
func checkSamples(o proto.Options) error {
	for o.More() {
		arg, ok := o.WordWith("samples")
		if !ok {
			return proto.ErrSyntax
		}
		if n, err := integer(arg); err != nil {
			return err
		} else if n < 0 {
			return proto.ErrSyntax
		}
	}
	return nil
}

func memoryHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"USAGE <key> [SAMPLES <count>]",
		"    Return memory in bytes used by <key> and its value. Nested values are",
		"    sampled up to <count> times (default: 5, 0 means sample all).",
	)
	return nil
}
