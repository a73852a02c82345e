package commands

import (
	"bytes"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// listEnd is the end of a list at which elements come or go.
type listEnd bool

const (
	listHead listEnd = true
	listTail listEnd = false
)

// readListEnd reads LMOVE's words.
func readListEnd(arg []byte) (listEnd, error) {
	switch {
	case proto.EqualFold(arg, "left"):
		return listHead, nil
	case proto.EqualFold(arg, "right"):
		return listTail, nil
	}
	return listHead, proto.ErrSyntax
}

// push adds the elements one after the other.
func (end listEnd) push(list *store.List, elements ...[]byte) {
	if end == listHead {
		list.PushFront(elements...)
	} else {
		list.PushBack(elements...)
	}
}

// pop removes an element of a list that has one.
func (end listEnd) pop(list *store.List) (element []byte) {
	if end == listHead {
		element, _ = list.PopFront()
	} else {
		element, _ = list.PopBack()
	}
	return element
}

// popMany hands n elements of a list that has as many to visit, from the end on, and removes them.
func (end listEnd) popMany(list *store.List, n int, visit func(element []byte) bool) {
	last := list.Len() - 1
	if end == listHead {
		list.Range(0, n-1, visit)
		list.Trim(n, last)
	} else {
		list.RangeReverse(last, last-n+1, visit)
		list.Trim(0, last-n)
	}
}

// pushed and popped are the events of what happened at the end.
func (end listEnd) pushed() string {
	if end == listHead {
		return "lpush"
	}
	return "rpush"
}

func (end listEnd) popped() string {
	if end == listHead {
		return "lpop"
	}
	return "rpop"
}

func lpushCommand(c *actor.Call) error  { return push(c, listHead) }
func rpushCommand(c *actor.Call) error  { return push(c, listTail) }
func lpushxCommand(c *actor.Call) error { return pushx(c, listHead) }
func rpushxCommand(c *actor.Call) error { return pushx(c, listTail) }

func push(c *actor.Call, end listEnd) error {
	list, err := store.Edit(c.Keys(), c.Args[1], c.Keys().NewList)
	if err != nil {
		return err
	}
	pushOnto(c, list, end)
	return nil
}

func pushx(c *actor.Call, end listEnd) error {
	list, err := store.FindForWrite[*store.List](c.Keys(), c.Args[1])
	switch {
	case err != nil:
		return err
	case list == nil:
		c.Reply.Count(0)
	default:
		pushOnto(c, list, end)
	}
	return nil
}

// pushOnto adds the elements of the request and answers how long the list is now.
func pushOnto(c *actor.Call, list *store.List, end listEnd) {
	end.push(list, c.Args[2:]...)
	c.Changed(c.Args[1], end.pushed())
	c.Reply.Count(list.Len())
}

func lpopCommand(c *actor.Call) error { return pop(c, listHead) }
func rpopCommand(c *actor.Call) error { return pop(c, listTail) }

func pop(c *actor.Call, end listEnd) error {
	switch len(c.Args) {
	case 2:
		return popOne(c, end)
	case 3:
		return popSome(c, end)
	}
	return wrongArity(c)
}

func popOne(c *actor.Call, end listEnd) error {
	list, err := store.FindForWrite[*store.List](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if list == nil {
		c.Reply.Null()
		return nil
	}
	c.Reply.Bulk(end.pop(list))
	shrunk(c, c.Args[1], list, end.popped())
	return nil
}

// popSome is the form with a count, which answers an array. A count of 0 changes nothing.
func popSome(c *actor.Call, end listEnd) error {
	count, err := natural(c.Args[2], proto.ErrNotPositive)
	if err != nil {
		return err
	}
	list, err := store.FindForWrite[*store.List](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if list == nil {
		c.Reply.NullArray()
		return nil
	}
	n := min(count, list.Len())
	c.Reply.Array(n)
	if n == 0 {
		return nil
	}
	end.popMany(list, n, func(element []byte) bool {
		c.Reply.Bulk(element)
		return true
	})
	shrunk(c, c.Args[1], list, end.popped())
	return nil
}

// shrunk says that elements of a collection went, and the key with the last of them. The store removes it when the
// command ends.
func shrunk(c *actor.Call, key []byte, rest store.Value, event string) {
	c.Changed(key, event)
	if rest.Len() == 0 {
		c.Changed(key, "del")
	}
}

func lmoveCommand(c *actor.Call) error {
	from, to, err := readListEnds(c)
	if err != nil {
		return err
	}
	return moveNow(c, from, to)
}

// readListEnds reads the ends from which and to which an element is to be moved.
func readListEnds(c *actor.Call) (from, to listEnd, err error) {
	if from, err = readListEnd(c.Args[3]); err == nil {
		to, err = readListEnd(c.Args[4])
	}
	return from, to, err
}

func rpoplpushCommand(c *actor.Call) error { return moveNow(c, listTail, listHead) }

func moveNow(c *actor.Call, from, to listEnd) error {
	moved, err := move(c, from, to)
	if !moved && err == nil {
		c.Reply.Null()
	}
	return err
}

// move moves an element and answers it, or reports that there is none.
func move(c *actor.Call, from, to listEnd) (moved bool, err error) {
	source, err := store.FindForWrite[*store.List](c.Keys(), c.Args[1])
	switch {
	case err != nil || source == nil:
		return false, err
	case bytes.Equal(c.Args[1], c.Args[2]):
		turn(c, source, from, to)
		return true, nil
	}
	destination, err := store.Edit(c.Keys(), c.Args[2], c.Keys().NewList)
	if err != nil {
		return false, err
	}
	element := from.pop(source)
	to.push(destination, element)
	c.Reply.Bulk(element)
	c.Changed(c.Args[2], to.pushed())
	shrunk(c, c.Args[1], source, from.popped())
	return true, nil
}

// turn moves an element within a list, or leaves it where it is, which has the same events.
func turn(c *actor.Call, list *store.List, from, to listEnd) {
	if from != to {
		list.Rotate(to == listHead)
	}
	at := 0
	if to == listTail {
		at = -1
	}
	element, _ := list.Index(at)
	c.Reply.Bulk(element)
	c.Changed(c.Args[2], to.pushed())
	c.Changed(c.Args[1], from.popped())
}
