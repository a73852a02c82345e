package commands

import "snakecache/pkg/actor"

func serverCommands() []actor.Command {
	const group = "server"
	return []actor.Command{
		{Name: "time", Arity: 1, Flags: actor.Loading | actor.Stale | actor.Fast, Run: timeCommand, Group: group, Since: "2.6.0",
			Complexity: "O(1)", Summary: "Returns the server time.", Tips: []string{"nondeterministic_output"}},
		{Name: "info", Arity: -1, Partly: "without subexpiry in the lines of databases, and the CPU time of a main thread", Flags: actor.Loading | actor.Stale, Run: infoCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Returns information and statistics about the server.", Syntax: "[section [section ...]]",
			Categories: []string{"dangerous"},
			Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"}},
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
