package commands

import "snakecache/pkg/actor"

func connectionCommands() []actor.Command {
	const group = "connection"
	return []actor.Command{
		{Name: "ping", Arity: -1, Flags: actor.Fast, Run: pingCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Returns the server's liveliness response.", Syntax: "[message]",
			Tips: []string{"request_policy:all_shards", "response_policy:all_succeeded"}},
	}
}

func pingCommand(c *actor.Call) error {
	switch len(c.Args) {
	case 1:
		c.Reply.Status("PONG")
	case 2:
		c.Reply.Bulk(c.Args[1])
	default:
		return wrongArity(c)
	}
	return nil
}
