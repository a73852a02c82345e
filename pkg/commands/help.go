package commands

import (
	"strings"

	"snakecache/pkg/actor"
)

// replyHelp answers the HELP of a container command: Redis' head line, the given ones, and HELP itself.
func replyHelp(c *actor.Call, lines ...string) {
	c.Reply.Array(len(lines) + 3)
	c.Reply.Status(strings.ToUpper(string(c.Args[0])) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, line := range lines {
		c.Reply.Status(line)
	}
	c.Reply.Status("HELP")
	c.Reply.Status("    Print this help.")
}
