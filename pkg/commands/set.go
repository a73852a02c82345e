package commands

import (
	"bytes"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func setCommands() []actor.Command {
	const group = "set"
	read, quick := actor.ReadOnly, actor.ReadOnly|actor.Fast
	key, access := actor.Key(1, actor.RO), actor.Key(1, actor.RO|actor.Access)
	pop := actor.Key(1, actor.RW|actor.Access|actor.Delete)
	chance := []string{"nondeterministic_output"}
	return []actor.Command{
		{Name: "sadd", Arity: -3, Flags: actor.Write | actor.DenyOOM | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Insert), Element: 2, Run: saddCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
			Summary:    "Adds one or more members to a set. Creates the key if it doesn't exist.", Syntax: "key member [member ...]"},
		{Name: "srem", Arity: -3, Flags: actor.Write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Delete), Element: 2, Run: sremCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the number of members to be removed.",
			Summary:    "Removes one or more members from a set. Deletes the set if the last member was removed.", Syntax: "key member [member ...]"},
		{Name: "smove", Arity: 4, Flags: actor.Write | actor.Fast, Keys: append(pop[:1:1], actor.Key(2, actor.RW|actor.Insert)...), Run: smoveCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Moves a member from one set to another.", Syntax: "source destination member"},
		{Name: "sismember", Arity: 3, Flags: quick, Keys: key, Element: 2, Run: sismemberCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Determines whether a member belongs to a set.", Syntax: "key member"},
		{Name: "smismember", Arity: -3, Flags: quick, Keys: access, Element: 2, Run: smismemberCommand, Group: group, Since: "6.2.0",
			Complexity: "O(N) where N is the number of elements being checked for membership",
			Summary:    "Determines whether multiple members belong to a set.", Syntax: "key member [member ...]"},
		{Name: "scard", Arity: 2, Flags: quick, Keys: key, Run: scardCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Returns the number of members in a set.", Syntax: "key"},
		{Name: "smembers", Arity: 2, Flags: read, Keys: access, Run: smembersCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the set cardinality.", Summary: "Returns all members of a set.", Syntax: "key",
			Tips: []string{"nondeterministic_output_order"}},
		{Name: "spop", Arity: -2, Flags: actor.Write | actor.Fast, Keys: pop, Run: spopCommand, Group: group, Since: "1.0.0",
			Complexity: "Without the count argument O(1), otherwise O(N) where N is the value of the passed count.",
			Summary:    "Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.",
			Syntax:     "key [count]", Tips: chance},
		{Name: "srandmember", Arity: -2, Flags: read, Keys: access, Run: srandmemberCommand, Group: group, Since: "1.0.0",
			Complexity: "Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.",
			Summary:    "Returns one or more random members from a set.", Syntax: "key [count]", Tips: chance},
		{Name: "sscan", Arity: -3, Flags: read, Keys: access, Run: sscanCommand, Group: group, Since: "2.8.0",
			Complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
			Summary:    "Iterates over members of a set.", Syntax: "key cursor [MATCH pattern] [COUNT count]", Tips: chance},
	}
}

func saddCommand(c *actor.Call) error {
	set, err := store.Edit(c.Keys(), c.Args[1], c.Keys().NewSet)
	if err != nil {
		return err
	}
	added, members := 0, c.Args[2:]
	set.Expect(members[0], len(members))
	for _, member := range members {
		if set.Add(member) {
			added++
		}
	}
	if added > 0 {
		c.Changed(c.Args[1], "sadd")
	}
	c.Reply.Count(added)
	return nil
}

func sremCommand(c *actor.Call) error {
	set, err := store.FindForWrite[*store.Set](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	removed := 0
	for _, member := range c.Args[2:] {
		if set != nil && set.Remove(member) {
			removed++
		}
	}
	if removed > 0 {
		shrunk(c, c.Args[1], set, "srem")
	}
	c.Reply.Count(removed)
	return nil
}

// smoveCommand, like Redis, looks at the destination only if there is a source.
func smoveCommand(c *actor.Call) error {
	from, to, member := c.Args[1], c.Args[2], c.Args[3]
	source, err := store.FindForWrite[*store.Set](c.Keys(), from)
	if err != nil {
		return err
	}
	if source == nil {
		c.Reply.Flag(false)
		return nil
	}
	destination, err := store.FindForWrite[*store.Set](c.Keys(), to)
	if err != nil {
		return err
	}
	if bytes.Equal(from, to) || !source.Has(member) {
		c.Reply.Flag(source.Has(member))
		return nil
	}
	source.Remove(member)
	shrunk(c, from, source, "srem")
	if destination == nil {
		destination, _ = store.Edit(c.Keys(), to, c.Keys().NewSet)
		destination.Expect(member, 1)
	}
	if destination.Add(member) {
		c.Changed(to, "sadd")
	}
	c.Reply.Flag(true)
	return nil
}

func sismemberCommand(c *actor.Call) error {
	set, err := store.Find[*store.Set](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	c.Reply.Flag(set != nil && set.Has(c.Args[2]))
	return nil
}

func smismemberCommand(c *actor.Call) error {
	set, err := store.Find[*store.Set](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	c.Reply.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		c.Reply.Flag(set != nil && set.Has(member))
	}
	return nil
}

func scardCommand(c *actor.Call) error {
	set, err := store.Find[*store.Set](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	n := 0
	if set != nil {
		n = set.Len()
	}
	c.Reply.Count(n)
	return nil
}

func smembersCommand(c *actor.Call) error {
	set, err := store.Find[*store.Set](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	replyMembers(c, set)
	return nil
}

// replyMembers answers all members of a set, which may be missing.
func replyMembers(c *actor.Call, set *store.Set) {
	if set == nil {
		c.Reply.Set(0)
		return
	}
	c.Reply.Set(set.Len())
	set.Each(func(member []byte) bool {
		c.Reply.Bulk(member)
		return true
	})
}

func spopCommand(c *actor.Call) error {
	switch len(c.Args) {
	case 2:
		return spopOne(c)
	case 3:
		return spopSome(c)
	}
	return proto.ErrSyntax
}

func spopOne(c *actor.Call) error {
	set, err := store.FindForWrite[*store.Set](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if set == nil {
		c.Reply.Null()
		return nil
	}
	set.Take(1, c.Reply.Bulk)
	shrunk(c, c.Args[1], set, "spop")
	return nil
}

// spopSome is the form with a count, which answers a set. A count of 0 changes nothing.
func spopSome(c *actor.Call) error {
	key := c.Args[1]
	count, err := natural(c.Args[2], proto.ErrNotPositive)
	if err != nil {
		return err
	}
	set, err := store.FindForWrite[*store.Set](c.Keys(), key)
	switch {
	case err != nil:
		return err
	case set == nil || count == 0:
		c.Reply.Set(0)
	case count < set.Len():
		c.Reply.Set(count)
		set.Take(count, c.Reply.Bulk)
		c.Changed(key, "spop")
	default:
		replyMembers(c, set)
		c.Keys().Delete(key)
		c.Changed(key, "spop")
		c.Changed(key, "del")
	}
	return nil
}

func srandmemberCommand(c *actor.Call) error {
	switch len(c.Args) {
	case 2:
		return srandmemberOne(c)
	case 3:
		return srandmemberSome(c)
	}
	return proto.ErrSyntax
}

func srandmemberOne(c *actor.Call) error {
	set, err := store.Find[*store.Set](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if set == nil {
		c.Reply.Null()
	} else {
		c.Reply.Bulk(set.Random())
	}
	return nil
}

// srandmemberSome is the form with a count: of different members, or if it is negative of members that may come again.
func srandmemberSome(c *actor.Call) error {
	count, err := negatable(c.Args[2])
	if err != nil {
		return err
	}
	set, err := store.Find[*store.Set](c.Keys(), c.Args[1])
	switch {
	case err != nil:
		return err
	case set == nil:
		c.Reply.Array(0)
	case count < 0:
		replyRandomMembers(c, set, -count)
	default:
		n := min(count, set.Len())
		c.Reply.Array(n)
		set.Sample(n, c.Reply.Bulk)
	}
	return nil
}

// replyRandomMembers draws n times. It ends early when the reply has become longer than the client will get.
func replyRandomMembers(c *actor.Call, set *store.Set, n int) {
	c.Reply.Array(n)
	set.Draw(n, func(member []byte) bool {
		c.Reply.Bulk(member)
		return !c.Reply.Overflowed()
	})
}

// sscanCommand, like Redis, looks at the options only if there is a set.
func sscanCommand(c *actor.Call) error {
	cursor, ok := proto.ParseUint(c.Args[2])
	if !ok {
		return proto.ErrInvalidCursor
	}
	set, err := store.Find[*store.Set](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	page, n := c.Reply.DeferPage(), 0
	if set == nil {
		c.Reply.EndPage(page, 0, 0)
		return nil
	}
	scan, err := elementScanOptions(c.Args.Options(3))
	if err != nil {
		return err
	}
	next := set.Scan(cursor, scan.count, func(member []byte) {
		if scan.accepts(member) {
			c.Reply.Bulk(member)
			n++
		}
	})
	c.Reply.EndPage(page, next, n)
	return nil
}
