package commands

import (
	"bytes"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func listCommands() []actor.Command {
	const group = "list"
	const added = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments."
	const returned = "O(N) where N is the number of elements returned"
	grow, take, edit := actor.Write|actor.DenyOOM|actor.Fast, actor.Write|actor.Fast, actor.Write|actor.DenyOOM
	insert, access := actor.Key(1, actor.RW|actor.Insert), actor.Key(1, actor.RO|actor.Access)
	remove, pop := actor.Key(1, actor.RW|actor.Delete), actor.Key(1, actor.RW|actor.Access|actor.Delete)
	both := append(actor.Key(1, actor.RW|actor.Access|actor.Delete), actor.Key(2, actor.RW|actor.Insert)...)
	return []actor.Command{
		{Name: "lpush", Arity: -3, Flags: grow, Keys: insert, Run: lpushCommand, Group: group, Since: "1.0.0", Complexity: added,
			Summary: "Prepends one or more elements to a list. Creates the key if it doesn't exist.", Syntax: "key element [element ...]"},
		{Name: "rpush", Arity: -3, Flags: grow, Keys: insert, Run: rpushCommand, Group: group, Since: "1.0.0", Complexity: added,
			Summary: "Appends one or more elements to a list. Creates the key if it doesn't exist.", Syntax: "key element [element ...]"},
		{Name: "lpushx", Arity: -3, Flags: grow, Keys: insert, Run: lpushxCommand, Group: group, Since: "2.2.0", Complexity: added,
			Summary: "Prepends one or more elements to a list only when the list exists.", Syntax: "key element [element ...]"},
		{Name: "rpushx", Arity: -3, Flags: grow, Keys: insert, Run: rpushxCommand, Group: group, Since: "2.2.0", Complexity: added,
			Summary: "Appends an element to a list only when the list exists.", Syntax: "key element [element ...]"},
		{Name: "lpop", Arity: -2, Flags: take, Keys: pop, Run: lpopCommand, Group: group, Since: "1.0.0", Complexity: returned,
			Summary: "Returns the first elements in a list after removing it. Deletes the list if the last element was popped.", Syntax: "key [count]"},
		{Name: "rpop", Arity: -2, Flags: take, Keys: pop, Run: rpopCommand, Group: group, Since: "1.0.0", Complexity: returned,
			Summary: "Returns and removes the last elements of a list. Deletes the list if the last element was popped.", Syntax: "key [count]"},
		{Name: "lmove", Arity: 5, Flags: edit, Keys: both, Run: lmoveCommand, Group: group, Since: "6.2.0", Complexity: "O(1)",
			Summary: "Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.",
			Syntax:  "source destination <LEFT | RIGHT> <LEFT | RIGHT>"},
		{Name: "rpoplpush", Arity: 3, Flags: edit, Keys: both, Run: rpoplpushCommand, Group: group, Since: "1.2.0", Complexity: "O(1)",
			Deprecated: "6.2.0", Instead: "`LMOVE` with the `RIGHT` and `LEFT` arguments",
			Summary: "Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.",
			Syntax:  "source destination"},
		{Name: "llen", Arity: 2, Flags: actor.ReadOnly | actor.Fast, Keys: actor.Key(1, actor.RO), Run: llenCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Returns the length of a list.", Syntax: "key"},
		{Name: "lindex", Arity: 3, Flags: actor.ReadOnly, Keys: access, Run: lindexCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).",
			Summary:    "Returns an element from a list by its index.", Syntax: "key index"},
		{Name: "lrange", Arity: 4, Flags: actor.ReadOnly, Keys: access, Run: lrangeCommand, Group: group, Since: "1.0.0",
			Complexity: "O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.",
			Summary:    "Returns a range of elements from a list.", Syntax: "key start stop"},
		{Name: "lpos", Arity: -3, Flags: actor.ReadOnly, Keys: access, Run: lposCommand, Group: group, Since: "6.0.6",
			Complexity: "O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.",
			Summary:    "Returns the index of matching elements in a list.", Syntax: "key element [RANK rank] [COUNT num-matches] [MAXLEN len]"},
		{Name: "lset", Arity: 4, Flags: edit, Keys: actor.Key(1, actor.RW|actor.Update), Run: lsetCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).",
			Summary:    "Sets the value of an element in a list by its index.", Syntax: "key index element"},
		{Name: "linsert", Arity: 5, Flags: edit, Keys: insert, Run: linsertCommand, Group: group, Since: "2.2.0",
			Complexity: "O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).",
			Summary:    "Inserts an element before or after another element in a list.", Syntax: "key <BEFORE | AFTER> pivot element"},
		{Name: "lrem", Arity: 4, Flags: actor.Write, Keys: remove, Run: lremCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N+M) where N is the length of the list and M is the number of elements removed.",
			Summary:    "Removes elements from a list. Deletes the list if the last element was removed.", Syntax: "key count element"},
		{Name: "ltrim", Arity: 4, Flags: actor.Write, Keys: remove, Run: ltrimCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the number of elements to be removed by the operation.",
			Summary:    "Removes elements from both ends a list. Deletes the list if all elements were trimmed.", Syntax: "key start stop"},
	}
}

// bounds are the first and the last element of a range, from the tail if negative.
type bounds struct{ start, stop int }

func readBounds(start, stop []byte) (b bounds, err error) {
	if b.start, err = position(start); err == nil {
		b.stop, err = position(stop)
	}
	return b, err
}

// within returns the elements of the range that a list of n has: n of them, from start to stop, or none, and then
// start is greater than stop.
func (b bounds) within(length int) (start, stop, n int) {
	if b.start < 0 {
		b.start += length
	}
	if b.stop < 0 {
		b.stop += length
	}
	start, stop = max(b.start, 0), max(min(b.stop, length-1), -1)
	return start, stop, max(stop-start+1, 0)
}

func llenCommand(c *actor.Call) error {
	list, err := store.Find[*store.List](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	n := 0
	if list != nil {
		n = list.Len()
	}
	c.Reply.Count(n)
	return nil
}

// lindexCommand, like Redis, looks at the index only if there is a list.
func lindexCommand(c *actor.Call) error {
	list, err := store.Find[*store.List](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if list == nil {
		c.Reply.Null()
		return nil
	}
	i, err := position(c.Args[2])
	if err != nil {
		return err
	}
	if element, ok := list.Index(i); ok {
		c.Reply.Bulk(element)
	} else {
		c.Reply.Null()
	}
	return nil
}

func lrangeCommand(c *actor.Call) error {
	wanted, err := readBounds(c.Args[2], c.Args[3])
	if err != nil {
		return err
	}
	list, err := store.Find[*store.List](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if list == nil {
		c.Reply.Array(0)
		return nil
	}
	start, stop, n := wanted.within(list.Len())
	c.Reply.Array(n)
	list.Range(start, stop, func(element []byte) bool {
		c.Reply.Bulk(element)
		return true
	})
	return nil
}

func lposCommand(c *actor.Call) error {
	search, err := readListSearch(c.Args.Options(3))
	if err != nil {
		return err
	}
	list, err := store.Find[*store.List](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if search.many {
		replyIndexes(c, list, search)
	} else {
		replyIndex(c, list, search)
	}
	return nil
}

// replyIndex answers where the element is, or null.
func replyIndex(c *actor.Call, list *store.List, search listSearch) {
	found := false
	search.each(list, c.Args[2], func(i int) bool {
		c.Reply.Count(i)
		found = true
		return false
	})
	if !found {
		c.Reply.Null()
	}
}

// replyIndexes answers all places asked for, or none of them.
func replyIndexes(c *actor.Call, list *store.List, search listSearch) {
	indexes, n := c.Reply.DeferArray(), 0
	search.each(list, c.Args[2], func(i int) bool {
		c.Reply.Count(i)
		n++
		return n != search.count
	})
	c.Reply.EndArray(indexes, n)
}

// listSearch is what LPOS looks for.
type listSearch struct {
	backward bool // from the tail
	skip     int  // matches to leave out
	many     bool // COUNT was given
	count    int  // of matches; 0 = all
	maxlen   int  // of elements to compare; 0 = all
}

// readListSearch reads RANK, COUNT and MAXLEN; of an option given twice the last one counts.
func readListSearch(o proto.Options) (search listSearch, err error) {
	for err == nil && o.More() {
		if arg, ok := o.WordWith("rank"); ok {
			search.backward, search.skip, err = readRank(arg)
		} else if arg, ok := o.WordWith("count"); ok {
			search.many = true
			search.count, err = natural(arg, proto.ErrCountNegative)
		} else if arg, ok := o.WordWith("maxlen"); ok {
			search.maxlen, err = natural(arg, proto.ErrMaxLenNegative)
		} else {
			err = proto.ErrSyntax
		}
	}
	return search, err
}

// readRank reads which match is the first one wanted: 1 is the first from the head, -1 the first from the tail.
func readRank(arg []byte) (backward bool, skip int, err error) {
	rank, err := negatable(arg)
	switch {
	case err != nil:
		return false, 0, err
	case rank == 0:
		return false, 0, proto.ErrRankZero
	case rank < 0:
		return true, -rank - 1, nil
	}
	return false, rank - 1, nil
}

// each yields where the element is, in the order of the search, until yield returns false. O(n).
func (search listSearch) each(list *store.List, element []byte, yield func(i int) bool) {
	if list == nil {
		return
	}
	i, step, last := 0, 1, list.Len()-1
	compare := func(other []byte) bool {
		at := i
		i += step
		if !bytes.Equal(other, element) {
			return true
		}
		search.skip--
		return search.skip >= 0 || yield(at)
	}
	n := list.Len()
	if search.maxlen > 0 {
		n = min(n, search.maxlen)
	}
	if search.backward {
		i, step = last, -1
		list.RangeReverse(last, last-n+1, compare)
	} else {
		list.Range(0, n-1, compare)
	}
}
