package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func stringCommands() []actor.Command {
	const group = "string"
	return []actor.Command{
		{Name: "get", Arity: 2, Flags: actor.ReadOnly | actor.Fast, Keys: actor.Key(1, actor.RO|actor.Access), Run: getCommand,
			Group: group, Since: "1.0.0", Complexity: "O(1)", Summary: "Returns the string value of a key.", Syntax: "key"},
		{Name: "set", Arity: 3, Flags: actor.Write | actor.DenyOOM, Keys: actor.Key(1, actor.OW|actor.Update), Run: setCommand,
			Group: group, Since: "1.0.0", Complexity: "O(1)", Summary: "Sets the string value of a key.", Syntax: "key value"},
		{Name: "incr", Arity: 2, Flags: actor.Write | actor.DenyOOM | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Access|actor.Update), Run: incrCommand,
			Group: group, Since: "1.0.0", Complexity: "O(1)", Summary: "Increments the integer value of a key by one.", Syntax: "key"},
	}
}

func getCommand(c *actor.Call) error {
	s, err := store.Find[*store.String](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	replyString(c.Reply, s)
	return nil
}

// replyString writes a stored string, or null if there is none.
func replyString(r *proto.Reply, s *store.String) {
	if s == nil {
		r.Null()
	} else if n, ok := s.Integer(); ok {
		r.BulkInt(n)
	} else {
		r.BulkRef(s.Bytes())
	}
}

func setCommand(c *actor.Call) error {
	c.Keys().SetString(c.Args[1], c.Args[2], false)
	c.Changed(c.Args[1], "set")
	c.Reply.OK()
	return nil
}

func incrCommand(c *actor.Call) error {
	s, err := store.FindForWrite[*store.String](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if s == nil {
		c.Keys().SetString(c.Args[1], []byte("1"), false)
		c.Changed(c.Args[1], "incrby")
		c.Reply.Int(1)
		return nil
	}
	n, ok := s.Integer()
	if !ok {
		return proto.ErrNotInt
	}
	if n == 1<<63-1 {
		return proto.ErrOverflow
	}
	s.SetInteger(n + 1)
	c.Reply.Int(n + 1)
	c.Changed(c.Args[1], "incrby")
	return nil
}
