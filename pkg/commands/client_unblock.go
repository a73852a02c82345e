package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// clientUnblockCommand ends the wait of another client, as if its time were over or with an error.
func clientUnblockCommand(c *actor.Call) error {
	var reason error
	if len(c.Args) > 4 {
		return proto.ErrSubcommandSyntax(string(c.Args[0]), c.Args[1])
	}
	if len(c.Args) == 4 && proto.EqualFold(c.Args[3], "error") {
		reason = proto.ErrUnblocked
	} else if len(c.Args) == 4 && !proto.EqualFold(c.Args[3], "timeout") {
		return proto.ErrUnblockReason
	}
	id, err := integer(c.Args[2])
	if err != nil {
		return err
	}
	s := c.SessionByID(uint64(id))
	c.Reply.Flag(s != nil && c.Unblock(s, reason))
	return nil
}
