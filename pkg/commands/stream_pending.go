package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func streamPendingCommands() []actor.Command {
	const group = "stream"
	varies := []string{"nondeterministic_output"}
	return []actor.Command{
		{Name: "xpending", Arity: -3, Flags: actor.ReadOnly, Keys: actor.Key(1, actor.RO|actor.Access), Run: xpendingCommand, Group: group, Since: "5.0.0",
			Complexity: "O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.",
			Summary:    "Returns the information and entries from a stream consumer group's pending entries list.", Tips: varies,
			Syntax: "key group [[IDLE min-idle-time] start end count [consumer]]"},
	}
}

// pendingFilter says which pending entries an XPENDING lists.
type pendingFilter struct {
	minIdle    int64
	start, end store.StreamID
	count      int64
	consumer   []byte // nil = of all
}

// mostPendingArgs is how many arguments XPENDING has at most; the few of a list are fewestPendingArgs.
const (
	fewestPendingArgs = 6
	mostPendingArgs   = 9
)

func readPendingFilter(args proto.Args) (f pendingFilter, err error) {
	rest := args[3:]
	if proto.EqualFold(rest[0], "idle") {
		if f.minIdle, err = integer(rest[1]); err != nil {
			return f, err
		}
		if rest = rest[2:]; len(rest) < 3 {
			return f, proto.ErrSyntax
		}
	}
	if f.count, err = integer(rest[2]); err != nil {
		return f, err
	}
	if f.start, err = startID(rest[0]); err != nil {
		return f, err
	}
	if len(rest) > 3 {
		f.consumer = rest[3]
	}
	f.end, err = endID(rest[1])
	return f, err
}

func xpendingCommand(c *actor.Call) error {
	if n := len(c.Args); n == 3 {
		return summarizePending(c)
	} else if n < fewestPendingArgs || n > mostPendingArgs {
		return proto.ErrSyntax
	}
	filter, err := readPendingFilter(c.Args)
	if err != nil {
		return err
	}
	_, group, err := existingGroup(c)
	if err != nil {
		return err
	}
	entries, n := c.Reply.DeferArray(), int64(0)
	filter.each(group, c.Now(), func(e *store.PendingEntry) bool {
		n++
		c.Reply.Array(4)
		replyStreamID(c.Reply, e.ID)
		c.Reply.Bulk(e.Consumer().Name())
		c.Reply.Int(max(c.Now()-e.DeliveredAt, 0))
		c.Reply.Int(e.Deliveries)
		return n != filter.count
	})
	c.Reply.EndArray(entries, int(n))
	return nil
}

// each yields the pending entries that pass the filter at a time in unix milliseconds.
func (f *pendingFilter) each(group *store.StreamGroup, now int64, yield func(*store.PendingEntry) bool) {
	passed := func(e *store.PendingEntry) bool {
		if e.ID.Compare(f.end) > 0 {
			return false
		}
		return f.minIdle != 0 && now-e.DeliveredAt < f.minIdle || yield(e)
	}
	switch {
	case f.count <= 0:
	case f.consumer == nil:
		group.RangePending(f.start, passed)
	default:
		if consumer := group.Consumer(f.consumer); consumer != nil {
			consumer.RangePending(group, f.start, passed)
		}
	}
}

// summarizePending answers how many entries are pending, from which to which, and how many for each consumer.
func summarizePending(c *actor.Call) error {
	_, group, err := existingGroup(c)
	if err != nil {
		return err
	}
	c.Reply.Array(4)
	c.Reply.Count(group.Pending())
	if group.Pending() == 0 {
		c.Reply.Null()
		c.Reply.Null()
		c.Reply.NullArray()
		return nil
	}
	first, last := group.PendingRange()
	replyStreamID(c.Reply, first)
	replyStreamID(c.Reply, last)
	consumers, n := c.Reply.DeferArray(), 0
	group.EachConsumer(func(consumer *store.StreamConsumer) bool {
		if consumer.Pending() > 0 {
			c.Reply.Array(2)
			c.Reply.Bulk(consumer.Name())
			c.Reply.BulkInt(int64(consumer.Pending()))
			n++
		}
		return true
	})
	c.Reply.EndArray(consumers, n)
	return nil
}
