package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func streamCommands() []actor.Command {
	const group = "stream"
	const trimming = "<MAXLEN | MINID> [= | ~] threshold [LIMIT count]"
	const returned = "O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1)."
	varies := []string{"nondeterministic_output"}
	access := actor.Key(1, actor.RO|actor.Access)
	remove := actor.Key(1, actor.RW|actor.Delete)
	add := noted(actor.Key(1, actor.RW|actor.Update), "UPDATE instead of INSERT because of the optional trimming feature")
	return []actor.Command{
		{Name: "xadd", Arity: -5, Flags: actor.Write | actor.DenyOOM | actor.Fast, Keys: add, Run: xaddCommand, Group: group, Since: "5.0.0",
			Complexity: "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
			Summary:    "Appends a new message to a stream. Creates the key if it doesn't exist.", Tips: varies,
			Syntax: "key [NOMKSTREAM] [" + trimming + "] <* | id> field value [field value ...]"},
		{Name: "xlen", Arity: 2, Flags: actor.ReadOnly | actor.Fast, Keys: actor.Key(1, actor.RO), Run: xlenCommand, Group: group, Since: "5.0.0",
			Complexity: "O(1)", Summary: "Return the number of messages in a stream.", Syntax: "key"},
		{Name: "xdel", Arity: -3, Flags: actor.Write | actor.Fast, Keys: remove, Run: xdelCommand, Group: group, Since: "5.0.0",
			Complexity: "O(1) for each single item to delete in the stream, regardless of the stream size.",
			Summary:    "Returns the number of messages after removing them from a stream.", Syntax: "key id [id ...]"},
		{Name: "xtrim", Arity: -4, Flags: actor.Write, Keys: remove, Run: xtrimCommand, Group: group, Since: "5.0.0",
			Complexity: "O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.",
			Summary:    "Deletes messages from the beginning of a stream.", Tips: varies, Syntax: "key <" + trimming + ">"},
		{Name: "xrange", Arity: -4, Flags: actor.ReadOnly, Keys: access, Run: xrangeCommand, Group: group, Since: "5.0.0", Complexity: returned,
			Summary: "Returns the messages from a stream within a range of IDs.", Syntax: "key start end [COUNT count]"},
		{Name: "xrevrange", Arity: -4, Flags: actor.ReadOnly, Keys: access, Run: xrevrangeCommand, Group: group, Since: "5.0.0", Complexity: returned,
			Summary: "Returns the messages from a stream within a range of IDs in reverse order.", Syntax: "key end start [COUNT count]"},
		{Name: "xsetid", Arity: -3, Flags: actor.Write | actor.DenyOOM | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Update),
			Run: xsetidCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
			Summary: "An internal command for replicating stream values.",
			Syntax:  "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]"},
	}
}

// streamAdd is what an XADD asks for.
type streamAdd struct {
	id         newEntryID
	trim       trimOptions
	noMkStream bool
	pairs      [][]byte
}

func readStreamAdd(c *actor.Call) (add streamAdd, err error) {
	o := c.Args.Options(2)
	for found := false; o.More() && !found; {
		known, err := add.trim.read(&o)
		switch {
		case err != nil:
			return add, err
		case known:
		case o.Word("nomkstream"):
			add.noMkStream = true
		default:
			found = true
			if add.id.auto = o.Word("*"); !add.id.auto {
				add.id, err = readNewEntryID(o.Next())
			}
			if err != nil {
				return add, err
			}
		}
	}
	if err := add.trim.check(false); err != nil {
		return add, err
	}
	add.pairs = c.Args[len(c.Args)-o.Left():]
	switch {
	case len(add.pairs) == 0 || len(add.pairs)%2 == 1:
		return add, wrongArity(c)
	case !add.id.auto && !add.id.autoSeq && add.id.given.IsZero():
		return add, proto.ErrStreamIDZero
	}
	return add, nil
}

func xaddCommand(c *actor.Call) error {
	add, err := readStreamAdd(c)
	if err != nil {
		return err
	}
	key := c.Args[1]
	s, err := store.FindForWrite[*store.Stream](c.Keys(), key)
	if err != nil {
		return err
	}
	last := store.StreamID{}
	if s != nil {
		last = s.LastID()
	} else if add.noMkStream {
		c.Reply.Null()
		return nil
	}
	id, err := add.id.behind(last, c.Now())
	switch {
	case err != nil:
		return err
	case !store.FitsStream(add.pairs):
		return proto.ErrStreamEntrySize
	case s == nil:
		s, _ = store.Edit(c.Keys(), key, c.Keys().NewStream)
	}
	s.Add(id, add.pairs)
	c.Changed(key, "xadd")
	add.trim.apply(c, key, s)
	replyStreamID(c.Reply, id)
	return nil
}

func xlenCommand(c *actor.Call) error {
	s, err := store.Find[*store.Stream](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	n := 0
	if s != nil {
		n = s.Len()
	}
	c.Reply.Count(n)
	return nil
}

// xdelCommand, like Redis, looks at the IDs only if there is a stream.
func xdelCommand(c *actor.Call) error {
	s, err := store.FindForWrite[*store.Stream](c.Keys(), c.Args[1])
	switch {
	case err != nil:
		return err
	case s == nil:
		c.Reply.Count(0)
		return nil
	}
	var room [8]store.StreamID
	ids, err := streamIDs(room[:0], c.Args[2:])
	if err != nil {
		return err
	}
	deleted := 0
	for _, id := range ids {
		if s.Delete(id) {
			deleted++
		}
	}
	if deleted > 0 {
		c.Changed(c.Args[1], "xdel")
	}
	c.Reply.Count(deleted)
	return nil
}

func xrangeCommand(c *actor.Call) error {
	return rangeOfStream(c, c.Args[2], c.Args[3], false)
}

func xrevrangeCommand(c *actor.Call) error {
	return rangeOfStream(c, c.Args[3], c.Args[2], true)
}

func rangeOfStream(c *actor.Call, startArg, endArg []byte, reverse bool) error {
	start, err := startID(startArg)
	if err != nil {
		return err
	}
	end, err := endID(endArg)
	if err != nil {
		return err
	}
	count, err := readRangeCount(c.Args.Options(4))
	if err != nil {
		return err
	}
	s, err := store.Find[*store.Stream](c.Keys(), c.Args[1])
	switch {
	case err != nil:
		return err
	case s == nil:
		c.Reply.Array(0)
	case count == 0:
		c.Reply.NullArray()
	default:
		replyStreamRange(c.Reply, s, start, end, count, reverse)
	}
	return nil
}

// readRangeCount reads how many entries are wanted: none if 0, and all if it is -1 or not given. What else is negative
// counts as 0.
func readRangeCount(o proto.Options) (count int64, err error) {
	for count = -1; o.More(); {
		arg, ok := o.WordWith("count")
		if !ok {
			return 0, proto.ErrSyntax
		}
		if count, err = integer(arg); err != nil {
			return 0, err
		}
		count = max(count, 0)
	}
	return count, nil
}

// replyStreamRange writes an array of entries, at most count of them unless that is negative.
func replyStreamRange(r *proto.Reply, s *store.Stream, start, end store.StreamID, count int64, reverse bool) {
	entries, n := r.DeferArray(), int64(0)
	reply := func(e store.StreamEntry) bool {
		replyStreamEntry(r, e)
		n++
		return n != count
	}
	if reverse {
		s.RangeReverse(start, end, reply)
	} else {
		s.Range(start, end, reply)
	}
	r.EndArray(entries, int(n))
}

// streamIDUpdate is what an XSETID asks for.
type streamIDUpdate struct {
	last, maxDeleted store.StreamID
	added            int64 // -1 if it was not given
}

func readStreamIDUpdate(args proto.Args) (u streamIDUpdate, err error) {
	u.added = -1
	if u.last, err = streamID(args[2]); err != nil {
		return u, err
	}
	for o := args.Options(3); o.More() && err == nil; {
		if arg, ok := o.WordWith("entriesadded"); ok {
			if u.added, err = integer(arg); err == nil && u.added < 0 {
				err = proto.ErrEntriesAdded
			}
		} else if arg, ok := o.WordWith("maxdeletedid"); ok {
			if u.maxDeleted, err = streamID(arg); err == nil && u.last.Compare(u.maxDeleted) < 0 {
				err = proto.ErrSetIDProvided
			}
		} else {
			err = proto.ErrSyntax
		}
	}
	return u, err
}

// check refuses what would contradict the stream's entries.
func (u *streamIDUpdate) check(s *store.Stream) error {
	switch {
	case u.last.Compare(s.MaxDeletedID()) < 0:
		return proto.ErrSetIDDeleted
	case s.Len() == 0:
		return nil
	case u.last.Compare(s.LastEntryID()) < 0:
		return proto.ErrSetIDSmall
	case u.added != -1 && u.added < int64(s.Len()):
		return proto.ErrSetIDAdded
	}
	return nil
}

func xsetidCommand(c *actor.Call) error {
	update, err := readStreamIDUpdate(c.Args)
	if err != nil {
		return err
	}
	s, err := store.FindForWrite[*store.Stream](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if s == nil {
		return proto.ErrNoSuchKey
	}
	if err := update.check(s); err != nil {
		return err
	}
	s.SetLastID(update.last)
	if update.added != -1 {
		s.SetAdded(uint64(update.added))
	}
	if !update.maxDeleted.IsZero() {
		s.SetMaxDeletedID(update.maxDeleted)
	}
	c.ChangedAside(c.Args[1], "xsetid")
	c.Reply.OK()
	return nil
}
