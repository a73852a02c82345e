package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/store"
)

func zsetBlockCommands() []actor.Command {
	const popped = "O(log(N)) with N being the number of elements in the sorted set."
	keys := []actor.KeySpec{{First: 1, Last: -2, Step: 1, Use: actor.RW | actor.Access | actor.Delete}}
	return []actor.Command{
		{Name: "bzpopmin", Arity: -3, Flags: actor.Write | actor.Blocking | actor.Fast, Keys: keys, Run: bzpopminCommand, Group: zsetGroup, Since: "5.0.0", Complexity: popped,
			Summary: "Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
			Syntax:  "key [key ...] timeout"},
		{Name: "bzpopmax", Arity: -3, Flags: actor.Write | actor.Blocking | actor.Fast, Keys: keys, Run: bzpopmaxCommand, Group: zsetGroup, Since: "5.0.0", Complexity: popped,
			Summary: "Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member available otherwise.  Deletes the sorted set if the last element was popped.",
			Syntax:  "key [key ...] timeout"},
		{Name: "bzmpop", Arity: -5, Flags: actor.Write | actor.Blocking, Keys: actor.KeysCounted(2, actor.RW|actor.Access|actor.Delete), Run: bzmpopCommand, Group: zsetGroup, Since: "7.0.0",
			Complexity: "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.",
			Summary:    "Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
			Syntax:     "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]"},
	}
}

func bzpopminCommand(c *actor.Call) error { return blockingZpop(c, lowest) }
func bzpopmaxCommand(c *actor.Call) error { return blockingZpop(c, highest) }

func blockingZpop(c *actor.Call, end zsetEnd) error {
	last := len(c.Args) - 1
	untilMs, err := readWait(c, c.Args[last])
	if err != nil {
		return err
	}
	key, z, err := firstOf[*store.ZSet](c, c.Args[1:last])
	if err != nil {
		return err
	}
	if key == nil {
		return await(c, store.TypeZSet, c.Args[1:last], untilMs)
	}
	c.Reply.Array(3)
	c.Reply.Bulk(key)
	end.pop(z, 1, func(member []byte, score float64) bool {
		c.Reply.Bulk(member)
		c.Reply.Double(score)
		return true
	})
	shrunk(c, key, z, end.popped())
	return nil
}

func bzmpopCommand(c *actor.Call) error {
	p, err := readMultiPop(c.Args[1:], "min", "max")
	if err != nil {
		return err
	}
	untilMs, err := readWait(c, c.Args[1])
	if err != nil {
		return err
	}
	popped, err := p.popZSet(c)
	if popped || err != nil {
		return err
	}
	return await(c, store.TypeZSet, p.keys, untilMs)
}
