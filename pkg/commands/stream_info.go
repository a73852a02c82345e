package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func streamInfoCommands() []actor.Command {
	const group = "stream"
	access := actor.Key(2, actor.RO|actor.Access)
	return []actor.Command{
		{Name: "xinfo", Arity: -2, Group: group, Since: "5.0.0", Complexity: "Depends on subcommand.",
			Summary: "A container for stream introspection commands.", Subs: []actor.Command{
				{Name: "stream", Arity: -3, Flags: actor.ReadOnly, Keys: access, Run: xinfoStreamCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
					Summary: "Returns information about a stream.", Syntax: "key [FULL [COUNT count]]"},
				{Name: "groups", Arity: 3, Flags: actor.ReadOnly, Keys: access, Run: xinfoGroupsCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
					Summary: "Returns a list of the consumer groups of a stream.", Syntax: "key"},
				{Name: "consumers", Arity: 4, Flags: actor.ReadOnly, Keys: access, Run: xinfoConsumersCommand, Group: group, Since: "5.0.0",
					Complexity: "O(1)", Summary: "Returns a list of the consumers in a consumer group.", Syntax: "key group",
					Tips: []string{"nondeterministic_output"}},
				{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: xinfoHelpCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
					Summary: "Returns helpful text about the different subcommands.", Categories: []string{group}},
			}},
	}
}

// streamToTell returns the stream that an XINFO asks about, which must be there.
func streamToTell(c *actor.Call) (*store.Stream, error) {
	s, err := store.Find[*store.Stream](c.Keys(), c.Args[2])
	if err == nil && s == nil {
		err = proto.ErrNoSuchKey
	}
	return s, err
}

// fullCount is how many entries, pending entries and so on XINFO STREAM FULL lists of each kind if nothing else is asked for.
const fullCount = 10

func xinfoStreamCommand(c *actor.Call) error {
	s, err := streamToTell(c)
	if err != nil {
		return err
	}
	if len(c.Args) == 3 {
		replyStreamInfo(c.Reply, s)
		return nil
	}
	count, err := readFullCount(c)
	if err != nil {
		return err
	}
	replyFullStreamInfo(c.Reply, s, count)
	return nil
}

// readFullCount reads FULL and how much of each kind is wanted, 0 being all.
func readFullCount(c *actor.Call) (int64, error) {
	o := c.Args.Options(3)
	if !o.Word("full") {
		return 0, subcommandSyntax(c)
	}
	if !o.More() {
		return fullCount, nil
	}
	arg, ok := o.WordWith("count")
	if !ok || o.More() {
		return 0, subcommandSyntax(c)
	}
	count, err := integer(arg)
	if count < 0 {
		count = fullCount
	}
	return count, err
}

// replyStreamFacts writes the seven pairs that both forms of XINFO STREAM begin with.
func replyStreamFacts(r *proto.Reply, s *store.Stream) {
	r.BulkString("length")
	r.Count(s.Len())
	r.BulkString("radix-tree-keys")
	r.Count(s.Blocks())
	r.BulkString("radix-tree-nodes")
	r.Count(s.RadixNodes())
	r.BulkString("last-generated-id")
	replyStreamID(r, s.LastID())
	r.BulkString("max-deleted-entry-id")
	replyStreamID(r, s.MaxDeletedID())
	r.BulkString("entries-added")
	r.Int(int64(s.Added()))
	r.BulkString("recorded-first-entry-id")
	replyStreamID(r, s.FirstID())
}

func replyStreamInfo(r *proto.Reply, s *store.Stream) {
	r.Map(10)
	replyStreamFacts(r, s)
	r.BulkString("groups")
	r.Count(s.Groups())
	r.BulkString("first-entry")
	replyEndOfStream(r, s, false)
	r.BulkString("last-entry")
	replyEndOfStream(r, s, true)
}

// replyEndOfStream writes the first or the last entry, or null.
func replyEndOfStream(r *proto.Reply, s *store.Stream, last bool) {
	id := s.FirstID()
	if last {
		id = s.LastEntryID()
	}
	if s.Len() == 0 {
		r.Null()
	} else {
		replyEntryWith(r, s, id)
	}
}

func replyFullStreamInfo(r *proto.Reply, s *store.Stream, count int64) {
	if count == 0 {
		count = -1
	}
	r.Map(9)
	replyStreamFacts(r, s)
	r.BulkString("entries")
	replyStreamRange(r, s, store.StreamID{}, store.MaxStreamID, count, false)
	r.BulkString("groups")
	r.Array(s.Groups())
	s.EachGroup(func(g *store.StreamGroup) bool {
		replyFullGroup(r, g, count)
		return true
	})
}

func replyFullGroup(r *proto.Reply, g *store.StreamGroup, count int64) {
	r.Map(7)
	r.BulkString("name")
	r.Bulk(g.Name())
	r.BulkString("last-delivered-id")
	replyStreamID(r, g.LastID())
	replyProgress(r, g)
	r.BulkString("pel-count")
	r.Count(g.Pending())
	r.BulkString("pending")
	all := func(yield func(*store.PendingEntry) bool) { g.RangePending(store.StreamID{}, yield) }
	replyPending(r, count, all, func(e *store.PendingEntry) {
		r.Array(4)
		replyStreamID(r, e.ID)
		r.Bulk(e.Consumer().Name())
		r.Int(e.DeliveredAt)
		r.Int(e.Deliveries)
	})
	r.BulkString("consumers")
	r.Array(g.Consumers())
	g.EachConsumer(func(consumer *store.StreamConsumer) bool {
		replyFullConsumer(r, g, consumer, count)
		return true
	})
}

func replyFullConsumer(r *proto.Reply, g *store.StreamGroup, consumer *store.StreamConsumer, count int64) {
	r.Map(5)
	r.BulkString("name")
	r.Bulk(consumer.Name())
	r.BulkString("seen-time")
	r.Int(consumer.SeenAt)
	r.BulkString("active-time")
	r.Int(consumer.ActiveAt)
	r.BulkString("pel-count")
	r.Count(consumer.Pending())
	r.BulkString("pending")
	own := func(yield func(*store.PendingEntry) bool) { consumer.RangePending(g, store.StreamID{}, yield) }
	replyPending(r, count, own, func(e *store.PendingEntry) {
		r.Array(3)
		replyStreamID(r, e.ID)
		r.Int(e.DeliveredAt)
		r.Int(e.Deliveries)
	})
}

// replyPending writes an array of what reply writes for each pending entry that walk yields, at most count of them unless
// that is negative.
func replyPending(r *proto.Reply, count int64, walk func(yield func(*store.PendingEntry) bool), reply func(*store.PendingEntry)) {
	entries, n := r.DeferArray(), int64(0)
	walk(func(e *store.PendingEntry) bool {
		reply(e)
		n++
		return n != count
	})
	r.EndArray(entries, int(n))
}

// replyProgress writes the pairs that tell how far a group is.
func replyProgress(r *proto.Reply, g *store.StreamGroup) {
	r.BulkString("entries-read")
	if read := g.Read(); read != store.UnknownRead {
		r.Int(read)
	} else {
		r.Null()
	}
	r.BulkString("lag")
	if lag, known := g.Lag(); known {
		r.Int(lag)
	} else {
		r.Null()
	}
}

func xinfoGroupsCommand(c *actor.Call) error {
	s, err := streamToTell(c)
	if err != nil {
		return err
	}
	r := c.Reply
	r.Array(s.Groups())
	s.EachGroup(func(g *store.StreamGroup) bool {
		r.Map(6)
		r.BulkString("name")
		r.Bulk(g.Name())
		r.BulkString("consumers")
		r.Count(g.Consumers())
		r.BulkString("pending")
		r.Count(g.Pending())
		r.BulkString("last-delivered-id")
		replyStreamID(r, g.LastID())
		replyProgress(r, g)
		return true
	})
	return nil
}

func xinfoConsumersCommand(c *actor.Call) error {
	s, err := streamToTell(c)
	if err != nil {
		return err
	}
	g := s.Group(c.Args[3])
	if g == nil {
		return proto.ErrNoGroup(c.Args[2], c.Args[3])
	}
	r := c.Reply
	r.Array(g.Consumers())
	g.EachConsumer(func(consumer *store.StreamConsumer) bool {
		r.Map(4)
		r.BulkString("name")
		r.Bulk(consumer.Name())
		r.BulkString("pending")
		r.Count(consumer.Pending())
		r.BulkString("idle")
		r.Int(max(c.Now()-consumer.SeenAt, 0))
		r.BulkString("inactive")
		r.Int(inactive(c, consumer))
		return true
	})
	return nil
}

// inactive returns for how many milliseconds the consumer has got no entries, or NeverActive.
func inactive(c *actor.Call, consumer *store.StreamConsumer) int64 {
	if consumer.ActiveAt == store.NeverActive {
		return store.NeverActive
	}
	return c.Now() - consumer.ActiveAt
}

func xinfoHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"CONSUMERS <key> <groupname>",
		"    Show consumers of <groupname>.",
		"GROUPS <key>",
		"    Show the stream consumer groups.",
		"STREAM <key> [FULL [COUNT <count>]",
		"    Show information about the stream.",
	)
	return nil
}
