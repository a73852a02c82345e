package commands

import (
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func setAlgebraCommands() []actor.Command {
	const group = "set"
	const cross = "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets."
	const total = "O(N) where N is the total number of elements in all given sets."
	write := actor.Write | actor.DenyOOM
	operands, stored := actor.KeysFrom(1, 1, actor.RO|actor.Access), actor.KeysFrom(2, 1, actor.RO|actor.Access)
	unordered := []string{"nondeterministic_output_order"}
	return []actor.Command{
		{Name: "sinter", Arity: -2, Flags: actor.ReadOnly, Keys: operands, Run: sinterCommand, Group: group, Since: "1.0.0",
			Complexity: cross, Summary: "Returns the intersect of multiple sets.", Syntax: "key [key ...]", Tips: unordered},
		{Name: "sintercard", Arity: -3, Flags: actor.ReadOnly, Keys: actor.KeysCounted(1, actor.RO|actor.Access), Run: sintercardCommand, Group: group, Since: "7.0.0",
			Complexity: cross, Summary: "Returns the number of members of the intersect of multiple sets.", Syntax: "numkeys key [key ...] [LIMIT limit]"},
		{Name: "sinterstore", Arity: -3, Flags: write, Keys: append(actor.Key(1, actor.RW|actor.Update), stored...), Run: sinterstoreCommand, Group: group, Since: "1.0.0",
			Complexity: cross, Summary: "Stores the intersect of multiple sets in a key.", Syntax: "destination key [key ...]"},
		{Name: "sunion", Arity: -2, Flags: actor.ReadOnly, Keys: operands, Run: sunionCommand, Group: group, Since: "1.0.0",
			Complexity: total, Summary: "Returns the union of multiple sets.", Syntax: "key [key ...]", Tips: unordered},
		{Name: "sunionstore", Arity: -3, Flags: write, Keys: append(actor.Key(1, actor.OW|actor.Update), stored...), Run: sunionstoreCommand, Group: group, Since: "1.0.0",
			Complexity: total, Summary: "Stores the union of multiple sets in a key.", Syntax: "destination key [key ...]"},
		{Name: "sdiff", Arity: -2, Flags: actor.ReadOnly, Keys: operands, Run: sdiffCommand, Group: group, Since: "1.0.0",
			Complexity: total, Summary: "Returns the difference of multiple sets.", Syntax: "key [key ...]", Tips: unordered},
		{Name: "sdiffstore", Arity: -3, Flags: write, Keys: append(actor.Key(1, actor.OW|actor.Update), stored...), Run: sdiffstoreCommand, Group: group, Since: "1.0.0",
			Complexity: total, Summary: "Stores the difference of multiple sets in a key.", Syntax: "destination key [key ...]"},
	}
}

// fewSets is how many operands need no memory from the heap.
const fewSets = 8

// findSets appends the sets of all keys, nil where there is none.
func findSets(c *actor.Call, sets []*store.Set, keys [][]byte) ([]*store.Set, error) {
	for _, key := range keys {
		set, err := store.Find[*store.Set](c.Keys(), key)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}

func byLen(x, y *store.Set) int { return x.Len() - y.Len() }

// findFactors appends the sets to be intersected, the smallest first, or nothing if one is missing.
func findFactors(c *actor.Call, sets []*store.Set, keys [][]byte) ([]*store.Set, error) {
	sets, err := findSets(c, sets, keys)
	if err != nil || slices.Contains(sets, nil) {
		return nil, err
	}
	slices.SortStableFunc(sets, byLen)
	return sets, nil
}

// eachCommon yields what the first set has in common with all others.
func eachCommon(sets []*store.Set, yield func(member []byte) bool) {
	if len(sets) == 0 {
		return
	}
	sets[0].Each(func(member []byte) bool {
		for _, other := range sets[1:] {
			if !other.Has(member) {
				return true
			}
		}
		return yield(member)
	})
}

func sinterCommand(c *actor.Call) error {
	var room [fewSets]*store.Set
	sets, err := findFactors(c, room[:0], c.Args[1:])
	if err != nil {
		return err
	}
	members, n := c.Reply.DeferSet(), 0
	eachCommon(sets, func(member []byte) bool {
		c.Reply.Bulk(member)
		n++
		return true
	})
	c.Reply.EndSet(members, n)
	return nil
}

func sintercardCommand(c *actor.Call) error {
	keys, limit, err := readSintercard(c.Args)
	if err != nil {
		return err
	}
	var room [fewSets]*store.Set
	sets, err := findFactors(c, room[:0], keys)
	if err != nil {
		return err
	}
	n := 0
	eachCommon(sets, func([]byte) bool {
		n++
		return n != limit
	})
	c.Reply.Count(n)
	return nil
}

// readSintercard returns the keys and from how many members on there is no need to count, 0 for no limit.
func readSintercard(args proto.Args) (keys [][]byte, limit int, err error) {
	count, err := natural(args[1], proto.ErrNumKeys)
	switch {
	case err != nil || count == 0:
		return nil, 0, proto.ErrNumKeys
	case count > len(args)-2:
		return nil, 0, proto.ErrTooManyKeys
	}
	o := args.Options(2 + count)
	for o.More() {
		arg, ok := o.WordWith("limit")
		if !ok {
			return nil, 0, proto.ErrSyntax
		}
		if limit, err = natural(arg, proto.ErrLimitNegative); err != nil {
			return nil, 0, err
		}
	}
	return args[2 : 2+count], limit, nil
}

func sinterstoreCommand(c *actor.Call) error {
	var room [fewSets]*store.Set
	sets, err := findFactors(c, room[:0], c.Args[2:])
	if err != nil {
		return err
	}
	if len(sets) == 0 {
		storeMembers(c, c.Keys().NewSet(), "sinterstore")
		return nil
	}
	result := c.Keys().NewSetLike(sets[0])
	eachCommon(sets, func(member []byte) bool {
		result.Add(member)
		return true
	})
	result.KeepInts()
	storeMembers(c, result, "sinterstore")
	return nil
}

// storeMembers makes a set that was built the value of the first key and answers how many members it has.
func storeMembers(c *actor.Call, result *store.Set, event string) {
	n := result.Len()
	replaceKey(c, c.Args[1], result, event)
	c.Reply.Count(n)
}

// replaceKey makes a collection that was built the value of a key, which goes if the collection is empty, and says so.
func replaceKey(c *actor.Call, key []byte, built store.Value, event string) {
	empty := built.Len() == 0
	existed := c.Keys().Replace(key, built)
	if !empty {
		c.Changed(key, event)
	} else if existed {
		c.Changed(key, "del")
	}
}

func sunionCommand(c *actor.Call) error {
	var room [fewSets]*store.Set
	sets, err := findSets(c, room[:0], c.Args[1:])
	if err != nil {
		return err
	}
	union := newScratchSet(c, sets)
	addAll(union, sets)
	replyMembers(c, union)
	c.Keys().Abandon(union)
	return nil
}

func sunionstoreCommand(c *actor.Call) error {
	var room [fewSets]*store.Set
	sets, err := findSets(c, room[:0], c.Args[2:])
	if err != nil {
		return err
	}
	union := c.Keys().NewSet()
	addAll(union, sets)
	storeMembers(c, union, "sunionstore")
	return nil
}

// newScratchSet returns an empty set for members of some sets. Among strings it finds each at once.
func newScratchSet(c *actor.Call, sets []*store.Set) *store.Set {
	scratch := c.Keys().NewSet()
	if slices.ContainsFunc(sets, func(set *store.Set) bool { return set != nil && set.Encoding() != "intset" }) {
		scratch.Spread()
	}
	return scratch
}

// addAll adds the members of all sets, of which some may be missing.
func addAll(union *store.Set, sets []*store.Set) {
	for _, set := range sets {
		if set != nil {
			set.Each(func(member []byte) bool {
				union.Add(member)
				return true
			})
		}
	}
}

// subtraction is a set from which others are to be taken away.
type subtraction struct {
	from    *store.Set // nil = there is nothing to take away from
	others  []*store.Set
	probing bool // it is less work to look each member up in the others than to take their members out of a copy
}

// findSubtraction prepares the difference of the sets of all keys. It chooses the way as Redis does, which shows in how
// the result is kept.
func findSubtraction(c *actor.Call, keys [][]byte) (s subtraction, err error) {
	sets, err := findSets(c, nil, keys)
	if err != nil || sets[0] == nil {
		return s, err
	}
	there := slices.DeleteFunc(sets, func(set *store.Set) bool { return set == nil })
	s.from, s.others = there[0], there[1:]
	all := 0
	for _, set := range there {
		all += set.Len()
	}
	if s.probing = len(there)*s.from.Len()/2 <= all; s.probing {
		slices.SortStableFunc(s.others, func(x, y *store.Set) int { return byLen(y, x) })
	}
	return s, nil
}

// each yields what is left, by probing.
func (s *subtraction) each(yield func(member []byte)) {
	s.from.Each(func(member []byte) bool {
		if !slices.ContainsFunc(s.others, func(other *store.Set) bool { return other.Has(member) }) {
			yield(member)
		}
		return true
	})
}

// into leaves what is left in an empty set.
func (s *subtraction) into(rest *store.Set) {
	switch {
	case s.from == nil:
		return
	case s.probing:
		s.each(func(member []byte) { rest.Add(member) })
		return
	}
	addAll(rest, []*store.Set{s.from})
	for _, other := range s.others {
		other.Each(func(member []byte) bool {
			rest.Remove(member)
			return rest.Len() > 0
		})
	}
}

func sdiffCommand(c *actor.Call) error {
	s, err := findSubtraction(c, c.Args[1:])
	if err != nil {
		return err
	}
	if s.from != nil && !s.probing {
		rest := newScratchSet(c, []*store.Set{s.from})
		s.into(rest)
		replyMembers(c, rest)
		c.Keys().Abandon(rest)
		return nil
	}
	members, n := c.Reply.DeferSet(), 0
	if s.from != nil {
		s.each(func(member []byte) {
			c.Reply.Bulk(member)
			n++
		})
	}
	c.Reply.EndSet(members, n)
	return nil
}

func sdiffstoreCommand(c *actor.Call) error {
	s, err := findSubtraction(c, c.Args[2:])
	if err != nil {
		return err
	}
	rest := c.Keys().NewSet()
	s.into(rest)
	storeMembers(c, rest, "sdiffstore")
	return nil
}
