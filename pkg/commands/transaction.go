package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func transactionCommands() []actor.Command {
	const group = "transactions"
	const slow = actor.NoScript | actor.Loading | actor.Stale
	const fast = slow | actor.Fast | actor.AllowBusy
	const atOnce = actor.Unqueued
	return []actor.Command{
		{Name: "multi", Arity: 1, Flags: fast | atOnce, Run: multiCommand, Group: group, Since: "1.2.0", Complexity: "O(1)",
			Summary: "Starts a transaction."},
		{Name: "exec", Arity: 1, Flags: slow | actor.SkipSlowlog | atOnce | actor.Executes, Run: execCommand, Group: group, Since: "1.2.0",
			Complexity: "Depends on commands in the transaction", Summary: "Executes all commands in a transaction."},
		{Name: "discard", Arity: 1, Flags: fast | atOnce, Run: discardCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N), when N is the number of queued commands", Summary: "Discards a transaction."},
		{Name: "watch", Arity: -2, Flags: fast | atOnce, Keys: actor.KeysFrom(1, 1, actor.RO), Run: watchCommand, Group: group, Since: "2.2.0",
			Complexity: "O(1) for every key.", Summary: "Monitors changes to keys to determine the execution of a transaction.",
			Syntax: "key [key ...]"},
		{Name: "unwatch", Arity: 1, Flags: fast, Run: unwatchCommand, Group: group, Since: "2.2.0", Complexity: "O(1)",
			Summary: "Forgets about watched keys of a transaction."},
	}
}

func multiCommand(c *actor.Call) error {
	if c.Session.Queues() {
		return proto.ErrNestedMulti
	}
	c.BeginTransaction()
	c.Reply.OK()
	return nil
}

// execCommand answers an array of replies, whatever becomes of each command. A command that was refused and never queued
// outweighs a watched key that was changed.
func execCommand(c *actor.Call) error {
	s := c.Session
	if !s.Queues() {
		return proto.ErrExecAlone
	}
	defer c.EndTransaction()
	c.LookAtWatched()
	switch {
	case s.HasFailed():
		return proto.ErrExecAbort
	case s.IsBroken():
		c.Reply.NullArray()
	default:
		c.Unwatch()
		c.Execute()
	}
	return nil
}

func discardCommand(c *actor.Call) error {
	if !c.Session.Queues() {
		return proto.ErrDiscardAlone
	}
	c.EndTransaction()
	c.Reply.OK()
	return nil
}

func watchCommand(c *actor.Call) error {
	if c.Session.Queues() {
		return proto.ErrWatchInMulti
	}
	for _, key := range c.Args[1:] {
		c.Watch(key)
	}
	c.Reply.OK()
	return nil
}

func unwatchCommand(c *actor.Call) error {
	c.Unwatch()
	c.Reply.OK()
	return nil
}
