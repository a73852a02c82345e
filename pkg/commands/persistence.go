package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// persistenceCommands refuse to save: clients take their OK for a promise that data is on a disk.
func persistenceCommands() []actor.Command {
	const (
		group = "server"
		flags = actor.Admin | actor.NoScript | actor.NoAsyncLoading
		never = "no: nothing is kept on disk"
	)
	return []actor.Command{
		{Name: "save", Arity: 1, Flags: flags | actor.NoMulti, Run: noPersistenceCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the total number of keys in all databases",
			Summary:    "Synchronously saves the database(s) to disk.", Partly: never},
		{Name: "bgsave", Arity: -1, Flags: flags, Run: bgsaveCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Asynchronously saves the database(s) to disk.", Syntax: "[SCHEDULE]", Partly: never},
		{Name: "bgrewriteaof", Arity: 1, Flags: flags, Run: noPersistenceCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Asynchronously rewrites the append-only file to disk.", Partly: never},
		{Name: "lastsave", Arity: 1, Flags: actor.Loading | actor.Stale | actor.Fast, Run: lastsaveCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Returns the Unix timestamp of the last successful save to disk.",
			Categories: []string{"admin", "dangerous"}, Tips: []string{"nondeterministic_output"}},
	}
}

func noPersistenceCommand(*actor.Call) error { return proto.ErrNoPersistence }

func bgsaveCommand(c *actor.Call) error {
	o := c.Args.Options(1)
	if o.More() && (o.Left() > 1 || !o.Word("schedule")) {
		return proto.ErrSyntax
	}
	return proto.ErrNoPersistence
}

// lastsaveCommand answers the start, as a Redis that never saved.
func lastsaveCommand(c *actor.Call) error {
	c.Reply.Int(c.Figures().StartMs / 1000)
	return nil
}
