package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func monitorCommands() []actor.Command {
	return []actor.Command{
		{Name: "monitor", Arity: 1, Flags: actor.Admin | actor.NoScript | actor.Loading | actor.Stale, Run: monitorCommand,
			Group: "server", Since: "1.0.0", Summary: "Listens for all requests received by the server in real-time."},
	}
}

// monitorCommand answers nothing to a client that monitors already.
func monitorCommand(c *actor.Call) error {
	if !c.MayBlock() {
		return proto.ErrMonitorInside
	}
	if c.Monitor() {
		c.Reply.OK()
	}
	return nil
}
