package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func objectCommands() []actor.Command {
	const group = "generic"
	tips := []string{"nondeterministic_output"}
	key := actor.Key(2, actor.RO)
	return []actor.Command{{
		Name: "object", Arity: -2, Group: group, Since: "2.2.3", Complexity: "Depends on subcommand.",
		Summary: "A container for object introspection commands.",
		Subs: []actor.Command{
			{Name: "encoding", Arity: 3, Flags: actor.ReadOnly, Keys: key, Run: objectEncodingCommand, Group: group, Since: "2.2.3", Complexity: "O(1)",
				Summary: "Returns the internal encoding of a Redis object.", Syntax: "key", Tips: tips},
			{Name: "freq", Arity: 3, Flags: actor.ReadOnly, Keys: key, Run: objectFreqCommand, Group: group, Since: "4.0.0", Complexity: "O(1)",
				Summary: "Returns the logarithmic access frequency counter of a Redis object.", Syntax: "key", Tips: tips},
			{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: objectHelpCommand, Group: group, Since: "6.2.0", Complexity: "O(1)",
				Summary: "Returns helpful text about the different subcommands."},
			{Name: "idletime", Arity: 3, Flags: actor.ReadOnly, Keys: key, Run: objectIdletimeCommand, Group: group, Since: "2.2.3", Complexity: "O(1)",
				Summary: "Returns the time since the last access to a Redis object.", Syntax: "key", Tips: tips},
			{Name: "refcount", Arity: 3, Flags: actor.ReadOnly, Keys: key, Run: objectRefcountCommand, Group: group, Since: "2.2.3", Complexity: "O(1)",
				Summary: "Returns the reference count of a value of a key.", Syntax: "key", Tips: tips},
		},
	}}
}

func objectEncodingCommand(c *actor.Call) error {
	if e := c.Keys().Examine(c.Args[2]); e != nil {
		c.Reply.BulkString(e.Value().Encoding())
	} else {
		c.Reply.Null()
	}
	return nil
}

// objectIdletimeCommand answers in whole seconds.
func objectIdletimeCommand(c *actor.Call) error {
	e := c.Keys().Examine(c.Args[2])
	switch {
	case e == nil:
		c.Reply.Null()
	case c.Store().Policy().LFU():
		return proto.ErrLFU
	default:
		c.Reply.Int(c.Keys().Idle(e) / 1000)
	}
	return nil
}

func objectFreqCommand(c *actor.Call) error {
	e := c.Keys().Examine(c.Args[2])
	switch {
	case e == nil:
		c.Reply.Null()
	case !c.Store().Policy().LFU():
		return proto.ErrNotLFU
	default:
		c.Reply.Int(int64(c.Keys().Frequency(e)))
	}
	return nil
}

// objectRefcountCommand answers 1: no two keys share a value here, not even a small integer as in a Redis without an LRU
// or LFU bound.
func objectRefcountCommand(c *actor.Call) error {
	if c.Keys().Examine(c.Args[2]) != nil {
		c.Reply.Int(1)
	} else {
		c.Reply.Null()
	}
	return nil
}

func objectHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"ENCODING <key>",
		"    Return the kind of internal representation used in order to store the value",
		"    associated with a <key>.",
		"FREQ <key>",
		"    Return the access frequency index of the <key>. The returned integer is",
		"    proportional to the logarithm of the recent access frequency of the key.",
		"IDLETIME <key>",
		"    Return the idle time of the <key>, that is the approximated number of",
		"    seconds elapsed since the last access to the key.",
		"REFCOUNT <key>",
		"    Return the number of references of the value associated with the specified",
		"    <key>.",
	)
	return nil
}
