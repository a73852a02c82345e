package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func memoryCommands() []actor.Command {
	const group = "server"
	shards := []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"}
	return []actor.Command{{
		Name: "memory", Arity: -2, Group: group, Since: "4.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for memory diagnostics commands.",
		Subs: []actor.Command{
			{Name: "doctor", Arity: 2, Run: memoryDoctorCommand, Group: group, Since: "4.0.0", Complexity: "O(1)",
				Summary: "Outputs a memory problems report.", Tips: shards},
			{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: memoryHelpCommand, Group: group, Since: "4.0.0", Complexity: "O(1)",
				Summary: "Returns helpful text about the different subcommands."},
			{Name: "malloc-stats", Arity: 2, Run: memoryMallocStatsCommand, Group: group, Since: "4.0.0",
				Complexity: "Depends on how much memory is allocated, could be slow", Summary: "Returns the allocator statistics.", Tips: shards},
			{Name: "purge", Arity: 2, Run: memoryPurgeCommand, Group: group, Since: "4.0.0",
				Complexity: "Depends on how much memory is allocated, could be slow", Summary: "Asks the allocator to release memory.",
				Tips: []string{"request_policy:all_shards", "response_policy:all_succeeded"}},
			{Name: "stats", Arity: 2, Partly: "without db.N, the hash tables that are not here", Run: memoryStatsCommand, Group: group, Since: "4.0.0", Complexity: "O(1)",
				Summary: "Returns details about memory usage.", Tips: shards},
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

// memoryPurgeCommand does not wait for the collection it asks for: other clients are served meanwhile.
func memoryPurgeCommand(c *actor.Call) error {
	c.Purge()
	c.Reply.OK()
	return nil
}

func memoryHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"DOCTOR",
		"    Return memory problems reports.",
		"MALLOC-STATS",
		"    Return internal statistics report from the memory allocator.",
		"PURGE",
		"    Attempt to purge dirty pages for reclamation by the allocator.",
		"STATS",
		"    Return information about the memory usage of the server.",
		"USAGE <key> [SAMPLES <count>]",
		"    Return memory in bytes used by <key> and its value. Nested values are",
		"    sampled up to <count> times (default: 5, 0 means sample all).",
	)
	return nil
}
