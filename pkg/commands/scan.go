package commands

import (
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
	options, filter, err := scanOptions(c.Args.Options(2))
	if err != nil {
		return err
	}
	page, n := c.Reply.DeferPage(), 0
	next := c.Keys().Scan(cursor, options.count, func(e *store.Entry) {
		if filter.accepts(e) {
			c.Reply.Bulk(e.Key())
			n++
		}
	})
	c.Reply.EndPage(page, next, n)
	return nil
}

// scanOptions reads MATCH, COUNT and TYPE; of an option given twice the last one counts.
func scanOptions(o proto.Options) (scan elementScan, filter keyFilter, err error) {
	scan.count = defaultScanCount
	for err == nil && o.More() {
		if name, ok := o.WordWith("type"); ok {
			filter.typeName = name
		} else {
			err = scan.readOption(&o)
		}
	}
	filter.pattern = scan.pattern
	return scan, filter, err
}

// defaultScanCount is how many keys or elements a scan without COUNT looks at.
const defaultScanCount = 10

// elementScan is what HSCAN, SSCAN and ZSCAN are asked for beside the cursor.
type elementScan struct {
	count   int    // elements to look at
	pattern []byte // nil = any element
}

// elementScanOptions reads MATCH and COUNT.
func elementScanOptions(o proto.Options) (scan elementScan, err error) {
	scan.count = defaultScanCount
	for err == nil && o.More() {
		err = scan.readOption(&o)
	}
	return scan, err
}

// readOption reads one option that all scans have.
func (scan *elementScan) readOption(o *proto.Options) (err error) {
	if pattern, ok := o.WordWith("match"); ok {
		scan.pattern = pattern
	} else if arg, ok := o.WordWith("count"); ok {
		scan.count, err = position(arg)
		if err == nil && scan.count < 1 {
			err = proto.ErrSyntax
		}
	} else if o.Word("novalues") {
		err = proto.ErrNoValues
	} else {
		err = proto.ErrSyntax
	}
	return err
}

// accepts reports whether an element is wanted.
func (scan *elementScan) accepts(element []byte) bool { return matches(scan.pattern, element) }

// matches is a match with no pattern too, which fits everything. "*" is told apart because as a pattern it does not match
// the empty name, and because most scans have it.
func matches(pattern, name []byte) bool {
	return pattern == nil || string(pattern) == "*" || glob.Match(pattern, name, false)
}

// keyFilter is what KEYS and SCAN pick keys by.
type keyFilter struct {
	pattern  []byte // nil = any name
	typeName []byte // nil = any type; one that no type has matches nothing
}

// accepts reports whether the entry is wanted.
func (f *keyFilter) accepts(e *store.Entry) bool {
	return (f.typeName == nil || proto.EqualFold(f.typeName, e.Type().String())) && matches(f.pattern, e.Key())
}
