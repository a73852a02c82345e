package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/store"
)

func listBlockCommands() []actor.Command {
	const group = "list"
	wait := actor.Write | actor.Blocking
	keys := []actor.KeySpec{{First: 1, Last: -2, Step: 1, Use: actor.RW | actor.Access | actor.Delete}}
	both := append(actor.Key(1, actor.RW|actor.Access|actor.Delete), actor.Key(2, actor.RW|actor.Insert)...)
	return []actor.Command{
		{Name: "blpop", Arity: -3, Flags: wait, Keys: keys, Run: blpopCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) where N is the number of provided keys.",
			Summary:    "Removes and returns the first element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
			Syntax:     "key [key ...] timeout"},
		{Name: "brpop", Arity: -3, Flags: wait, Keys: keys, Run: brpopCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) where N is the number of provided keys.",
			Summary:    "Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
			Syntax:     "key [key ...] timeout"},
		{Name: "blmove", Arity: 6, Flags: wait | actor.DenyOOM, Keys: both, Run: blmoveCommand, Group: group, Since: "6.2.0", Complexity: "O(1)",
			Summary: "Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. Deletes the list if the last element was moved.",
			Syntax:  "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout"},
		{Name: "brpoplpush", Arity: 4, Flags: wait | actor.DenyOOM, Keys: both, Run: brpoplpushCommand, Group: group, Since: "2.2.0", Complexity: "O(1)",
			Summary:    "Pops an element from a list, pushes it to another list and returns it. Block until an element is available otherwise. Deletes the list if the last element was popped.",
			Syntax:     "source destination timeout",
			Deprecated: "6.2.0", Instead: "`BLMOVE` with the `RIGHT` and `LEFT` arguments"},
		{Name: "blmpop", Arity: -5, Flags: wait, Keys: actor.KeysCounted(2, actor.RW|actor.Access|actor.Delete), Run: blmpopCommand, Group: group, Since: "7.0.0",
			Complexity: "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
			Summary:    "Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
			Syntax:     "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]"},
	}
}

func blpopCommand(c *actor.Call) error { return blockingPop(c, listHead) }
func brpopCommand(c *actor.Call) error { return blockingPop(c, listTail) }

func blockingPop(c *actor.Call, end listEnd) error {
	last := len(c.Args) - 1
	untilMs, err := readWait(c, c.Args[last])
	if err != nil {
		return err
	}
	key, list, err := firstOf[*store.List](c, c.Args[1:last])
	if err != nil {
		return err
	}
	if key == nil {
		return await(c, store.TypeList, c.Args[1:last], untilMs)
	}
	c.Reply.Array(2)
	c.Reply.Bulk(key)
	c.Reply.Bulk(end.pop(list))
	shrunk(c, key, list, end.popped())
	return nil
}

func blmoveCommand(c *actor.Call) error {
	from, to, err := readListEnds(c)
	if err != nil {
		return err
	}
	return blockingMove(c, from, to)
}

func brpoplpushCommand(c *actor.Call) error { return blockingMove(c, listTail, listHead) }

func blockingMove(c *actor.Call, from, to listEnd) error {
	untilMs, err := readWait(c, c.Args[len(c.Args)-1])
	if err != nil {
		return err
	}
	moved, err := move(c, from, to)
	if moved || err != nil {
		return err
	}
	return c.Block(actor.Wait{Args: c.Args, Keys: c.Args[1:2], Type: store.TypeList, UntilMs: untilMs, Unserved: nothingMoved})
}

// nothingMoved answers as Redis does: an array that is not there, though it is an element that has not come, where the client
// has waited.
func nothingMoved(c *actor.Call) {
	if c.MayBlock() {
		c.Reply.NullArray()
	} else {
		c.Reply.Null()
	}
}

func blmpopCommand(c *actor.Call) error {
	p, err := readMultiPop(c.Args[1:], "left", "right")
	if err != nil {
		return err
	}
	untilMs, err := readWait(c, c.Args[1])
	if err != nil {
		return err
	}
	popped, err := p.popList(c)
	if popped || err != nil {
		return err
	}
	return await(c, store.TypeList, p.keys, untilMs)
}
