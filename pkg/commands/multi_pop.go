package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func multiPopCommands() []actor.Command {
	keys := actor.KeysCounted(1, actor.RW|actor.Access|actor.Delete)
	return []actor.Command{
		{Name: "lmpop", Arity: -4, Flags: actor.Write, Keys: keys, Run: lmpopCommand, Group: "list", Since: "7.0.0",
			Complexity: "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
			Summary:    "Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.",
			Syntax:     "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]"},
		{Name: "zmpop", Arity: -4, Flags: actor.Write, Keys: keys, Run: zmpopCommand, Group: zsetGroup, Since: "7.0.0",
			Complexity: "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.",
			Summary:    "Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the sorted set if the last member was popped.",
			Syntax:     "numkeys key [key ...] <MIN | MAX> [COUNT count]"},
	}
}

// multiPop is what LMPOP and ZMPOP ask for: elements of the first of the keys that has any.
type multiPop struct {
	keys  [][]byte
	first bool // of the two words for an end the first one was given
	count int
}

// readMultiPop reads a request whose number of keys is its first argument.
func readMultiPop(args proto.Args, firstWord, lastWord string) (p multiPop, err error) {
	n, err := counted(args[1], proto.ErrNumKeys)
	if err != nil {
		return p, err
	}
	if n > len(args)-3 {
		return p, proto.ErrSyntax
	}
	p.keys, p.count = args[2:2+n], 1
	o := args.Options(2 + n)
	if p.first = o.Word(firstWord); !p.first && !o.Word(lastWord) {
		return p, proto.ErrSyntax
	}
	if arg, ok := o.WordWith("count"); ok {
		if p.count, err = counted(arg, proto.ErrCountZero); err != nil {
			return p, err
		}
	}
	if o.More() {
		return p, proto.ErrSyntax
	}
	return p, nil
}

// counted reads an argument as a number of things of which there must be one.
func counted(arg []byte, refusal proto.Error) (int, error) {
	n, err := natural(arg, refusal)
	if err == nil && n == 0 {
		err = refusal
	}
	return n, err
}

func lmpopCommand(c *actor.Call) error {
	p, err := readMultiPop(c.Args, "left", "right")
	if err != nil {
		return err
	}
	popped, err := p.popList(c)
	if !popped && err == nil {
		c.Reply.NullArray()
	}
	return err
}

// popList answers with elements of the first list, and reports whether there was one.
func (p *multiPop) popList(c *actor.Call) (popped bool, err error) {
	key, list, err := firstOf[*store.List](c, p.keys)
	if err != nil || key == nil {
		return false, err
	}
	end, n := listEnd(p.first), min(p.count, list.Len())
	beginMultiPop(c, key, n)
	end.popMany(list, n, func(element []byte) bool {
		c.Reply.Bulk(element)
		return true
	})
	shrunk(c, key, list, end.popped())
	return true, nil
}

func zmpopCommand(c *actor.Call) error {
	p, err := readMultiPop(c.Args, "min", "max")
	if err != nil {
		return err
	}
	popped, err := p.popZSet(c)
	if !popped && err == nil {
		c.Reply.NullArray()
	}
	return err
}

// popZSet is popList for sorted sets.
func (p *multiPop) popZSet(c *actor.Call) (popped bool, err error) {
	key, z, err := firstOf[*store.ZSet](c, p.keys)
	if err != nil || key == nil {
		return false, err
	}
	end, n := zsetEnd(p.first), min(p.count, z.Len())
	beginMultiPop(c, key, n)
	end.pop(z, n, func(member []byte, score float64) bool {
		c.Reply.Array(2)
		c.Reply.Bulk(member)
		c.Reply.Double(score)
		return true
	})
	shrunk(c, key, z, end.popped())
	return true, nil
}

// firstOf returns the first of the keys that exists with its value. If there is none the key is nil.
func firstOf[T store.Value](c *actor.Call, keys [][]byte) (key []byte, value T, err error) {
	for _, key := range keys {
		value, err := store.FindForWrite[T](c.Keys(), key)
		if err != nil || any(value) != any(*new(T)) {
			return key, value, err
		}
	}
	return nil, value, nil
}

// beginMultiPop promises n elements of a key.
func beginMultiPop(c *actor.Call, key []byte, n int) {
	c.Reply.Array(2)
	c.Reply.Bulk(key)
	c.Reply.Array(n)
}
