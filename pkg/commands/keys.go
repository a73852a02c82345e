package commands

import (
	"bytes"
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func keysCommands() []actor.Command {
	const group, server = "generic", "server"
	sum := []string{"request_policy:multi_shard", "response_policy:agg_sum"}
	everywhere := []string{"request_policy:all_shards", "response_policy:all_succeeded"}
	from := slices.Clip(actor.Key(1, actor.RW|actor.Access|actor.Delete))
	return []actor.Command{
		{Name: "del", Arity: -2, Flags: actor.Write, Keys: actor.KeysFrom(1, 1, actor.RM|actor.Delete), Run: delCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).",
			Summary:    "Deletes one or more keys.", Syntax: "key [key ...]", Tips: sum},
		{Name: "unlink", Arity: -2, Flags: actor.Write | actor.Fast, Keys: actor.KeysFrom(1, 1, actor.RM|actor.Delete), Run: delCommand, Group: group, Since: "4.0.0",
			Complexity: "O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.",
			Summary:    "Asynchronously deletes one or more keys.", Syntax: "key [key ...]", Tips: sum},
		{Name: "exists", Arity: -2, Flags: actor.ReadOnly | actor.Fast, Keys: actor.KeysFrom(1, 1, actor.RO), Run: existsCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the number of keys to check.", Summary: "Determines whether one or more keys exist.", Syntax: "key [key ...]", Tips: sum},
		{Name: "touch", Arity: -2, Flags: actor.ReadOnly | actor.Fast, Keys: actor.KeysFrom(1, 1, actor.RO), Run: touchCommand, Group: group, Since: "3.2.1",
			Complexity: "O(N) where N is the number of keys that will be touched.", Syntax: "key [key ...]", Tips: sum,
			Summary: "Returns the number of existing keys out of those specified after updating the time they were last accessed."},
		{Name: "type", Arity: 2, Flags: actor.ReadOnly | actor.Fast, Keys: actor.Key(1, actor.RO), Run: typeCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Determines the type of value stored at a key.", Syntax: "key"},
		{Name: "rename", Arity: 3, Flags: actor.Write, Keys: append(from, actor.Key(2, actor.OW|actor.Update)...), Run: renameCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Renames a key and overwrites the destination.", Syntax: "key newkey"},
		{Name: "renamenx", Arity: 3, Flags: actor.Write | actor.Fast, Keys: append(from, actor.Key(2, actor.OW|actor.Insert)...), Run: renamenxCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Renames a key only when the target key name doesn't exist.", Syntax: "key newkey"},
		{Name: "dbsize", Arity: 1, Flags: actor.ReadOnly | actor.Fast, Run: dbsizeCommand, Group: server, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Returns the number of keys in the database.", Categories: []string{"keyspace"},
			Tips: []string{"request_policy:all_shards", "response_policy:agg_sum"}},
		{Name: "flushdb", Arity: -1, Flags: actor.Write, Run: flushdbCommand, Group: server, Since: "1.0.0",
			Complexity: "O(N) where N is the number of keys in the selected database", Summary: "Removes all keys from the current database.", Syntax: "[ASYNC | SYNC]",
			Categories: []string{"keyspace", "dangerous"}, Tips: everywhere},
		{Name: "flushall", Arity: -1, Flags: actor.Write, Run: flushallCommand, Group: server, Since: "1.0.0",
			Complexity: "O(N) where N is the total number of keys in all databases", Summary: "Removes all keys from all databases.", Syntax: "[ASYNC | SYNC]",
			Categories: []string{"keyspace", "dangerous"}, Tips: everywhere},
	}
}

// delCommand is UNLINK too: a value's memory is the garbage collector's work either way.
func delCommand(c *actor.Call) error {
	deleted := 0
	for _, key := range c.Args[1:] {
		if c.Keys().Delete(key) {
			c.Changed(key, "del")
			deleted++
		}
	}
	c.Reply.Count(deleted)
	return nil
}

func existsCommand(c *actor.Call) error {
	replyCount(c, c.Keys().Exists)
	return nil
}

func touchCommand(c *actor.Call) error {
	replyCount(c, c.Keys().Touch)
	return nil
}

// replyCount answers for how many of the arguments, repeated ones included, the key is there.
func replyCount(c *actor.Call, there func(key []byte) bool) {
	n := 0
	for _, key := range c.Args[1:] {
		if there(key) {
			n++
		}
	}
	c.Reply.Count(n)
}

func typeCommand(c *actor.Call) error {
	if e := c.Keys().Inspect(c.Args[1]); e != nil {
		c.Reply.Status(e.Type().String())
	} else {
		c.Reply.Status("none")
	}
	return nil
}

func renameCommand(c *actor.Call) error {
	from, to := c.Args[1], c.Args[2]
	if c.Keys().Take(from) == nil {
		return proto.ErrNoSuchKey
	}
	rename(c, from, to)
	c.Reply.OK()
	return nil
}

func renamenxCommand(c *actor.Call) error {
	from, to := c.Args[1], c.Args[2]
	if c.Keys().Take(from) == nil {
		return proto.ErrNoSuchKey
	}
	vacant := c.Keys().Take(to) == nil
	if vacant {
		rename(c, from, to)
	}
	c.Reply.Flag(vacant)
	return nil
}

// rename moves an existing key. To its own name nothing happens, not even an event.
func rename(c *actor.Call, from, to []byte) {
	if bytes.Equal(from, to) {
		return
	}
	c.Keys().Rename(from, to)
	c.Changed(from, "rename_from")
	c.Changed(to, "rename_to")
}

func dbsizeCommand(c *actor.Call) error {
	c.Reply.Count(c.Keys().Len())
	return nil
}

func flushdbCommand(c *actor.Call) error {
	if err := flushMode(c.Args); err != nil {
		return err
	}
	flush(c, c.Keys())
	c.AllGone()
	c.Reply.OK()
	return nil
}

func flushallCommand(c *actor.Call) error {
	if err := flushMode(c.Args); err != nil {
		return err
	}
	for i := range c.Store().Databases() {
		flush(c, c.Store().DB(i))
	}
	c.AllGone()
	c.Reply.OK()
	return nil
}

// flushMode checks the word that says who is to wait for the memory. Nobody has to here, so it makes no difference.
func flushMode(args proto.Args) error {
	o := args.Options(1)
	if o.More() && !o.Word("async") && !o.Word("sync") || o.More() {
		return proto.ErrSyntax
	}
	return nil
}

func flush(c *actor.Call, ks *store.Keyspace) {
	if ks.Len() > 0 {
		c.Flushed(ks)
		ks.Flush()
	}
}
