package commands

import (
	"bytes"
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func copyCommands() []actor.Command {
	const group = "generic"
	return []actor.Command{
		{Name: "copy", Arity: -3, Flags: actor.Write | actor.DenyOOM, Run: copyCommand, Grows: copyGrows, Group: group, Since: "6.2.0",
			Keys:       append(actor.Key(1, actor.RO|actor.Access), actor.Key(2, actor.OW|actor.Update)...),
			Complexity: "O(N) worst case for collections, where N is the number of nested items. O(1) for string values.",
			Summary:    "Copies the value of a key to a new key.", Syntax: "source destination [DB destination-db] [REPLACE]"},
		{Name: "move", Arity: 3, Flags: actor.Write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Access|actor.Update), Run: moveCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1) for strings and lists, else O(N) where N is the number of nested items.", Summary: "Moves a key to another database.", Syntax: "key db"},
		{Name: "swapdb", Arity: 3, Flags: actor.Write | actor.Fast, Run: swapdbCommand, Group: "server", Since: "4.0.0",
			Complexity: "O(N) where N is the count of clients watching or blocking on keys from both databases.",
			Summary:    "Swaps two Redis databases.", Syntax: "index1 index2", Categories: []string{"keyspace", "dangerous"}},
	}
}

// int32Of reads an argument as a C int, which is what Redis takes a database's number for.
func int32Of(arg []byte) (int, error) {
	n, err := integer(arg)
	if err == nil && (n < math.MinInt32 || n > math.MaxInt32) {
		err = proto.ErrNotInt32
	}
	return int(n), err
}

// database returns the existing database of a number.
func database(c *actor.Call, i int) (*store.Keyspace, error) {
	if i < 0 || i >= c.Store().Databases() {
		return nil, proto.ErrDBIndex
	}
	return c.Store().DB(i), nil
}

// readDatabase reads the number of a database that exists.
func readDatabase(c *actor.Call, arg []byte) (*store.Keyspace, error) {
	i, err := int32Of(arg)
	if err != nil {
		return nil, err
	}
	return database(c, i)
}

func copyCommand(c *actor.Call) error {
	from, to := c.Args[1], c.Args[2]
	into, replace, err := readCopy(c)
	switch {
	case err != nil:
		return err
	case !c.Keys().Touch(from) || into.Take(to) != nil && !replace:
		c.Reply.Flag(false)
		return nil
	}
	c.Keys().Copy(from, to, into)
	c.ChangedIn(into, to, "copy_to")
	c.Reply.Flag(true)
	return nil
}

// readCopy reads DB and REPLACE; of a database given twice the last one counts.
func readCopy(c *actor.Call) (into *store.Keyspace, replace bool, err error) {
	into = c.Keys()
	for o := c.Args.Options(3); err == nil && o.More(); {
		if o.Word("replace") {
			replace = true
		} else if arg, ok := o.WordWith("db"); ok {
			into, err = readDatabase(c, arg)
		} else {
			err = proto.ErrSyntax
		}
	}
	if err == nil && into == c.Keys() && bytes.Equal(c.Args[1], c.Args[2]) {
		err = proto.ErrSameObject
	}
	return into, replace, err
}

// copyGrows is the size of what is copied.
func copyGrows(c *actor.Call) int64 {
	into, replace, err := readCopy(c)
	e := c.Keys().Peek(c.Args[1])
	if err != nil || e == nil || !replace && into.Peek(c.Args[2]) != nil {
		return 0
	}
	return int64(e.Size())
}

func moveCommand(c *actor.Call) error {
	key := c.Args[1]
	into, err := readDatabase(c, c.Args[2])
	switch {
	case err != nil:
		return err
	case into == c.Keys():
		return proto.ErrSameObject
	case c.Keys().Take(key) == nil || into.Take(key) != nil:
		c.Reply.Flag(false)
		return nil
	}
	c.Keys().Move(key, into)
	c.Changed(key, "move_from")
	c.ChangedIn(into, key, "move_to")
	c.Reply.Flag(true)
	return nil
}

// swapdbCommand, like Redis, reads both numbers before it looks whether there are such databases.
func swapdbCommand(c *actor.Call) error {
	i, err := int32Of(c.Args[1])
	if err != nil {
		return proto.ErrFirstDB
	}
	j, err := int32Of(c.Args[2])
	if err != nil {
		return proto.ErrSecondDB
	}
	first, err := database(c, i)
	if err != nil {
		return err
	}
	second, err := database(c, j)
	if err != nil {
		return err
	}
	c.Swap(first, second)
	c.Reply.OK()
	return nil
}
