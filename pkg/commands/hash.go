package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func hashCommands() []actor.Command {
	const group = "hash"
	const all, each = "O(N) where N is the size of the hash.", "O(N) where N is the number of fields being requested."
	read, slow, write := actor.ReadOnly|actor.Fast, actor.ReadOnly, actor.Write|actor.DenyOOM|actor.Fast
	look, access := actor.Key(1, actor.RO), actor.Key(1, actor.RO|actor.Access)
	update, change := actor.Key(1, actor.RW|actor.Update), actor.Key(1, actor.RW|actor.Access|actor.Update)
	unordered := []string{"nondeterministic_output_order"}
	return []actor.Command{
		{Name: "hset", Arity: -4, Flags: write, Keys: update, Element: 2, Run: hsetCommand, Group: group, Since: "2.0.0",
			Complexity: "O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.",
			Summary:    "Creates or modifies the value of a field in a hash.", Syntax: "key field value [field value ...]"},
		{Name: "hmset", Arity: -4, Flags: write, Keys: update, Element: 2, Run: hmsetCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) where N is the number of fields being set.",
			Deprecated: "4.0.0", Instead: "`HSET` with multiple field-value pairs",
			Summary: "Sets the values of multiple fields.",
			Syntax:  "key field value [field value ...]"},
		{Name: "hsetnx", Arity: 4, Flags: write, Keys: actor.Key(1, actor.RW|actor.Insert), Element: 2, Run: hsetnxCommand, Group: group, Since: "2.0.0",
			Complexity: "O(1)", Summary: "Sets the value of a field in a hash only when the field doesn't exist.", Syntax: "key field value"},
		{Name: "hget", Arity: 3, Flags: read, Keys: access, Element: 2, Run: hgetCommand, Group: group, Since: "2.0.0", Complexity: "O(1)",
			Summary: "Returns the value of a field in a hash.", Syntax: "key field"},
		{Name: "hmget", Arity: -3, Flags: read, Keys: access, Element: 2, Run: hmgetCommand, Group: group, Since: "2.0.0", Complexity: each,
			Summary: "Returns the values of all fields in a hash.", Syntax: "key field [field ...]"},
		{Name: "hgetall", Arity: 2, Flags: slow, Keys: access, Run: hgetallCommand, Group: group, Since: "2.0.0", Complexity: all,
			Summary: "Returns all fields and values in a hash.", Syntax: "key", Tips: unordered},
		{Name: "hkeys", Arity: 2, Flags: slow, Keys: access, Run: hkeysCommand, Group: group, Since: "2.0.0", Complexity: all,
			Summary: "Returns all fields in a hash.", Syntax: "key", Tips: unordered},
		{Name: "hvals", Arity: 2, Flags: slow, Keys: access, Run: hvalsCommand, Group: group, Since: "2.0.0", Complexity: all,
			Summary: "Returns all values in a hash.", Syntax: "key", Tips: unordered},
		{Name: "hlen", Arity: 2, Flags: read, Keys: look, Run: hlenCommand, Group: group, Since: "2.0.0", Complexity: "O(1)",
			Summary: "Returns the number of fields in a hash.", Syntax: "key"},
		{Name: "hstrlen", Arity: 3, Flags: read, Keys: look, Element: 2, Run: hstrlenCommand, Group: group, Since: "3.2.0", Complexity: "O(1)",
			Summary: "Returns the length of the value of a field.", Syntax: "key field"},
		{Name: "hexists", Arity: 3, Flags: read, Keys: look, Element: 2, Run: hexistsCommand, Group: group, Since: "2.0.0", Complexity: "O(1)",
			Summary: "Determines whether a field exists in a hash.", Syntax: "key field"},
		{Name: "hdel", Arity: -3, Flags: actor.Write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Delete), Element: 2, Run: hdelCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) where N is the number of fields to be removed.",
			Summary:    "Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.", Syntax: "key field [field ...]"},
		{Name: "hincrby", Arity: 4, Flags: write, Keys: change, Element: 2, Run: hincrbyCommand, Group: group, Since: "2.0.0", Complexity: "O(1)",
			Summary: "Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist.", Syntax: "key field increment"},
		{Name: "hincrbyfloat", Arity: 4, Flags: write, Keys: change, Element: 2, Run: hincrbyfloatCommand, Group: group, Since: "2.6.0", Complexity: "O(1)",
			Summary: "Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist.", Syntax: "key field increment"},
		{Name: "hrandfield", Arity: -2, Flags: slow, Keys: access, Run: hrandfieldCommand, Group: group, Since: "6.2.0",
			Complexity: "O(N) where N is the number of fields returned", Summary: "Returns one or more random fields from a hash.",
			Syntax: "key [count [WITHVALUES]]", Tips: []string{"nondeterministic_output"}},
		{Name: "hscan", Arity: -3, Flags: slow, Keys: access, Run: hscanCommand, Group: group, Since: "2.8.0",
			Complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
			Summary:    "Iterates over fields and values of a hash.", Syntax: "key cursor [MATCH pattern] [COUNT count] [NOVALUES]",
			Tips: []string{"nondeterministic_output"}},
	}
}

func findHash(c *actor.Call) (*store.Hash, error) {
	return store.Find[*store.Hash](c.Keys(), c.Args[1])
}

func editHash(c *actor.Call) (*store.Hash, error) {
	return store.Edit(c.Keys(), c.Args[1], c.Keys().NewHash)
}

func hsetCommand(c *actor.Call) error {
	created, err := setFields(c)
	if err == nil {
		c.Reply.Count(created)
	}
	return err
}

func hmsetCommand(c *actor.Call) error {
	_, err := setFields(c)
	if err == nil {
		c.Reply.OK()
	}
	return err
}

// setFields sets all fields of the request and returns how many of them are new.
func setFields(c *actor.Call) (created int, err error) {
	pairs := c.Args[2:]
	if len(pairs)%2 != 0 {
		return 0, wrongArity(c)
	}
	h, err := editHash(c)
	if err != nil {
		return 0, err
	}
	h.Expect(pairs)
	for i := 0; i < len(pairs); i += 2 {
		if h.Set(pairs[i], pairs[i+1]) {
			created++
		}
	}
	c.Changed(c.Args[1], "hset")
	return created, nil
}

func hsetnxCommand(c *actor.Call) error {
	h, err := editHash(c)
	if err != nil {
		return err
	}
	vacant := !h.Has(c.Args[2])
	if vacant {
		h.Set(c.Args[2], c.Args[3])
		c.Changed(c.Args[1], "hset")
	}
	c.Reply.Flag(vacant)
	return nil
}

func hgetCommand(c *actor.Call) error {
	h, err := findHash(c)
	if err != nil {
		return err
	}
	replyField(c.Reply, h, c.Args[2])
	return nil
}

func hmgetCommand(c *actor.Call) error {
	h, err := findHash(c)
	if err != nil {
		return err
	}
	fields := c.Args[2:]
	c.Reply.Array(len(fields))
	for _, field := range fields {
		replyField(c.Reply, h, field)
	}
	return nil
}

// replyField answers with a field's value, or null if there is none.
func replyField(r *proto.Reply, h *store.Hash, field []byte) {
	value, ok := valueOf(h, field)
	if ok {
		r.BulkRef(value)
	} else {
		r.Null()
	}
}

// valueOf is Get that knows no hash as well.
func valueOf(h *store.Hash, field []byte) (value []byte, ok bool) {
	if h == nil {
		return nil, false
	}
	return h.Get(field)
}

func hgetallCommand(c *actor.Call) error {
	h, err := findHash(c)
	if err != nil {
		return err
	}
	c.Reply.Map(fieldsIn(h))
	eachField(h, func(field, value []byte) bool {
		c.Reply.Bulk(field)
		c.Reply.BulkRef(value)
		return true
	})
	return nil
}

func hkeysCommand(c *actor.Call) error {
	h, err := findHash(c)
	if err != nil {
		return err
	}
	c.Reply.Array(fieldsIn(h))
	eachField(h, func(field, _ []byte) bool {
		c.Reply.Bulk(field)
		return true
	})
	return nil
}

func hvalsCommand(c *actor.Call) error {
	h, err := findHash(c)
	if err != nil {
		return err
	}
	c.Reply.Array(fieldsIn(h))
	eachField(h, func(_, value []byte) bool {
		c.Reply.BulkRef(value)
		return true
	})
	return nil
}

// fieldsIn returns how many fields a hash has; no hash has none.
func fieldsIn(h *store.Hash) int {
	if h == nil {
		return 0
	}
	return h.Len()
}

func eachField(h *store.Hash, visit func(field, value []byte) bool) {
	if h != nil {
		h.Each(visit)
	}
}

func hlenCommand(c *actor.Call) error {
	h, err := findHash(c)
	if err != nil {
		return err
	}
	c.Reply.Count(fieldsIn(h))
	return nil
}

func hstrlenCommand(c *actor.Call) error {
	h, err := findHash(c)
	if err != nil {
		return err
	}
	value, _ := valueOf(h, c.Args[2])
	c.Reply.Count(len(value))
	return nil
}

func hexistsCommand(c *actor.Call) error {
	h, err := findHash(c)
	if err != nil {
		return err
	}
	c.Reply.Flag(h != nil && h.Has(c.Args[2]))
	return nil
}

func hdelCommand(c *actor.Call) error {
	h, err := store.FindForWrite[*store.Hash](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	deleted := 0
	for _, field := range c.Args[2:] {
		if h != nil && h.Delete(field) {
			deleted++
		}
	}
	if deleted > 0 {
		shrunk(c, c.Args[1], h, "hdel")
	}
	c.Reply.Count(deleted)
	return nil
}
