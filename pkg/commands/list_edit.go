package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// lsetCommand, like Redis, looks at the index only if there is a list.
func lsetCommand(c *actor.Call) error {
	key := c.Args[1]
	list, err := store.FindForWrite[*store.List](c.Keys(), key)
	if err != nil {
		return err
	}
	if list == nil {
		return proto.ErrNoSuchKey
	}
	i, err := position(c.Args[2])
	if err != nil {
		return err
	}
	if !list.Set(i, c.Args[3]) {
		return proto.ErrIndex
	}
	c.Changed(key, "lset")
	c.Reply.OK()
	return nil
}

// linsertCommand answers how long the list is now, -1 if it has no such pivot and 0 if there is no list.
func linsertCommand(c *actor.Call) error {
	before := proto.EqualFold(c.Args[2], "before")
	if !before && !proto.EqualFold(c.Args[2], "after") {
		return proto.ErrSyntax
	}
	key, pivot, element := c.Args[1], c.Args[3], c.Args[4]
	list, err := store.FindForWrite[*store.List](c.Keys(), key)
	switch {
	case err != nil:
		return err
	case list == nil:
		c.Reply.Count(0)
	case !list.Insert(pivot, element, before):
		c.Reply.Int(-1)
	default:
		c.Changed(key, "linsert")
		c.Reply.Count(list.Len())
	}
	return nil
}

func lremCommand(c *actor.Call) error {
	count, err := negatable(c.Args[2])
	if err != nil {
		return err
	}
	key := c.Args[1]
	list, err := store.FindForWrite[*store.List](c.Keys(), key)
	if err != nil {
		return err
	}
	if list == nil {
		c.Reply.Count(0)
		return nil
	}
	removed := list.Remove(count, c.Args[3])
	if removed > 0 {
		shrunk(c, key, list, "lrem")
	}
	c.Reply.Count(removed)
	return nil
}

// ltrimCommand says ltrim even if there was nothing to trim, as Redis does.
func ltrimCommand(c *actor.Call) error {
	kept, err := readBounds(c.Args[2], c.Args[3])
	if err != nil {
		return err
	}
	key := c.Args[1]
	list, err := store.FindForWrite[*store.List](c.Keys(), key)
	if err != nil {
		return err
	}
	if list != nil {
		start, stop, _ := kept.within(list.Len())
		list.Trim(start, stop)
		shrunk(c, key, list, "ltrim")
	}
	c.Reply.OK()
	return nil
}
