package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/glob"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func scanCommands() []actor.Command {
	const group = "generic"
	return []actor.Command{
		{Name: "keys", Arity: 2, Flags: actor.ReadOnly, Run: keysCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.",
			Summary:    "Returns all key names that match a pattern.", Syntax: "pattern", Categories: []string{"dangerous"},
			Tips: []string{"request_policy:all_shards", "nondeterministic_output_order"}},
		{Name: "randomkey", Arity: 1, Flags: actor.ReadOnly, Run: randomkeyCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Returns a random key name from the database.",
			Tips: []string{"request_policy:all_shards", "response_policy:special", "nondeterministic_output"}},
		{Name: "scan", Arity: -2, Flags: actor.ReadOnly, Run: scanCommand, Group: group, Since: "2.8.0",
			Complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
			Summary:    "Iterates over the key names in the database.", Syntax: "cursor [MATCH pattern] [COUNT count] [TYPE type]",
			Tips: []string{"nondeterministic_output", "request_policy:special", "response_policy:special"}},
	}
}

func keysCommand(c *actor.Call) error {
	filter := keyFilter{pattern: c.Args[1]}
	list, n := c.Reply.DeferArray(), 0
	c.Keys().Each(func(e *store.Entry) bool {
		if filter.accepts(e) {
			c.Reply.Bulk(e.Key())
			n++
		}
		return true
	})
	c.Reply.EndArray(list, n)
	return nil
}

func randomkeyCommand(c *actor.Call) error {
	if e := c.Keys().Random(); e != nil {
		c.Reply.Bulk(e.Key())
	} else {
		c.Reply.Null()
	}
	return nil
}

func scanCommand(c *actor.Call) error {
	cursor, ok := proto.ParseUint(c.Args[1])
	if !ok {
		return proto.ErrInvalidCursor
	}
	count, filter, err := scanOptions(c.Args.Options(2))
	if err != nil {
		return err
	}
	var found [][]byte
	next := c.Keys().Scan(cursor, count, func(e *store.Entry) {
		if filter.accepts(e) {
			found = append(found, e.Key()) // good until the command ends
		}
	})
	c.Reply.Array(2)
	c.Reply.BulkInt(int64(next))
	c.Reply.Array(len(found))
	for _, key := range found {
		c.Reply.Bulk(key)
	}
	return nil
}

// defaultScanCount is how many keys a SCAN without COUNT looks at.
const defaultScanCount = 10

// scanOptions reads MATCH, COUNT and TYPE; of an option given twice the last one counts.
func scanOptions(o proto.Options) (count int, filter keyFilter, err error) {
	count = defaultScanCount
	for o.More() {
		if pattern, ok := o.WordWith("match"); ok {
			filter.pattern = pattern
		} else if name, ok := o.WordWith("type"); ok {
			filter.typeName = name
		} else if arg, ok := o.WordWith("count"); ok {
			n, err := integer(arg)
			if err == nil && n < 1 {
				err = proto.ErrSyntax
			}
			if err != nil {
				return 0, filter, err
			}
			count = int(min(n, math.MaxInt))
		} else {
			return 0, filter, proto.ErrSyntax
		}
	}
	return count, filter, nil
}

// keyFilter is what KEYS and SCAN pick keys by.
type keyFilter struct {
	pattern  []byte // nil = any name
	typeName []byte // nil = any type; one that no type has matches nothing
}

// accepts reports whether the entry is wanted. "*" is told apart because as a pattern it does not match the empty
// name, and because most scans have it.
func (f *keyFilter) accepts(e *store.Entry) bool {
	if f.typeName != nil && !proto.EqualFold(f.typeName, e.Type().String()) {
		return false
	}
	return f.pattern == nil || string(f.pattern) == "*" || glob.Match(f.pattern, e.Key(), false)
}
