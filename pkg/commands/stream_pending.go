package commands

import (
	"math"

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
		{Name: "xclaim", Arity: -6, Flags: actor.Write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Update), Run: xclaimCommand, Group: group,
			Since: "5.0.0", Complexity: "O(log N) with N being the number of messages in the PEL of the consumer group.",
			Summary: "Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered a consumer group member.",
			Tips:    varies,
			Syntax:  "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]"},
		{Name: "xautoclaim", Arity: -6, Flags: actor.Write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Delete), Run: xautoclaimCommand, Group: group,
			Since: "6.2.0", Complexity: "O(1) if COUNT is small.",
			Summary: "Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to as consumer group member.",
			Tips:    varies, Syntax: "key group consumer min-idle-time start [COUNT count] [JUSTID]"},
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
		if n >= filter.count {
			return false
		}
		n++
		c.Reply.Array(4)
		replyStreamID(c.Reply, e.ID)
		c.Reply.Bulk(e.Consumer().Name())
		c.Reply.Int(max(c.Now()-e.DeliveredAt, 0))
		c.Reply.Int(e.Deliveries)
		return true
	})
	c.Reply.EndArray(entries, int(n))
	return nil
}

// each yields the pending entries that pass the filter at a time in unix milliseconds.
func (f *pendingFilter) each(group *store.StreamGroup, now int64, yield func(*store.PendingEntry) bool) {
	next := group.NextPending
	if f.consumer != nil {
		consumer := group.Consumer(f.consumer)
		if consumer == nil {
			return
		}
		next = func(from store.StreamID) *store.PendingEntry { return consumer.NextPending(group, from) }
	}
	for from, more := f.start, true; more; {
		e := next(from)
		if e == nil || e.ID.Compare(f.end) > 0 {
			return
		}
		if now-e.DeliveredAt >= f.minIdle || f.minIdle == 0 {
			if !yield(e) {
				return
			}
		}
		from, more = e.ID.Next()
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

// claim is what XCLAIM and XAUTOCLAIM do with the entries that they take over.
type claim struct {
	minIdle     int64
	deliveredAt int64
	retryCount  int64 // -1: one more than before, unless justID
	justID      bool
	force       bool // entries that are not pending too
	last        store.StreamID
}

// readClaim reads XCLAIM's options.
func readClaim(c *actor.Call, o proto.Options) (cl claim, err error) {
	now := c.Now()
	cl.deliveredAt, cl.retryCount = -1, -1
	for err == nil && o.More() {
		if o.Word("force") {
			cl.force = true
		} else if o.Word("justid") {
			cl.justID = true
		} else if arg, ok := o.WordWith("idle"); ok {
			cl.deliveredAt, err = claimInteger(arg, proto.ErrClaimIdle)
			cl.deliveredAt = now - cl.deliveredAt
		} else if arg, ok := o.WordWith("time"); ok {
			cl.deliveredAt, err = claimInteger(arg, proto.ErrClaimTime)
		} else if arg, ok := o.WordWith("retrycount"); ok {
			cl.retryCount, err = claimInteger(arg, proto.ErrClaimRetryCount)
		} else if arg, ok := o.WordWith("lastid"); ok {
			cl.last, err = streamID(arg)
		} else {
			err = proto.ErrClaimOption(o.Next())
		}
	}
	if cl.deliveredAt < 0 || cl.deliveredAt > now {
		cl.deliveredAt = now
	}
	return cl, err
}

// claimInteger reads an integer; to anything else Redis has an answer for each argument.
func claimInteger(arg []byte, refusal proto.Error) (int64, error) {
	n, ok := proto.ParseInt(arg)
	if !ok {
		return 0, refusal
	}
	return n, nil
}

// leadingIDs reads the IDs up to the first argument that is none.
func leadingIDs(into []store.StreamID, args proto.Args) []store.StreamID {
	for _, arg := range args {
		id, ok := parseStreamID(arg, 0)
		if !ok {
			break
		}
		into = append(into, id)
	}
	return into
}

func xclaimCommand(c *actor.Call) error {
	s, group, err := existingGroup(c)
	if err != nil {
		return err
	}
	minIdle, err := claimInteger(c.Args[4], proto.ErrClaimMinIdle)
	if err != nil {
		return err
	}
	var room [8]store.StreamID
	ids := leadingIDs(room[:0], c.Args[5:])
	cl, err := readClaim(c, c.Args.Options(5+len(ids)))
	if err != nil {
		return err
	}
	cl.minIdle = max(minIdle, 0)
	editStream(c)
	changed := cl.last.Compare(group.LastID()) > 0
	if changed {
		group.SetLastID(cl.last)
	}
	consumer := consumerFor(c, c.Args[1], group, c.Args[3])
	entries, n := c.Reply.DeferArray(), 0
	for _, id := range ids {
		outcome := cl.take(s, group, consumer, id, c.Now())
		changed = changed || outcome != claimSkipped
		if outcome == claimTaken {
			cl.reply(c.Reply, s, id)
			n++
		}
	}
	c.Reply.EndArray(entries, n)
	if changed {
		c.Changed(c.Args[1], "")
	}
	return nil
}

// claimed is what became of an entry that was to be claimed.
type claimed int

const (
	claimSkipped claimed = iota
	claimTaken
	claimDropped // it was pending, but is not in the stream any more
)

// take makes an entry the consumer's at a time in unix milliseconds, if it has been idle for long enough.
func (cl *claim) take(s *store.Stream, group *store.StreamGroup, consumer *store.StreamConsumer, id store.StreamID, now int64) claimed {
	e := group.PendingWith(id)
	switch {
	case !s.Has(id):
		if e == nil {
			return claimSkipped
		}
		group.Acknowledge(id)
		return claimDropped
	case e == nil && !cl.force:
		return claimSkipped
	case e == nil:
		e = group.Deliver(id, consumer, now)
	case cl.minIdle > 0 && now-e.DeliveredAt < cl.minIdle:
		return claimSkipped
	}
	group.Assign(e, consumer)
	e.DeliveredAt = cl.deliveredAt
	if cl.retryCount >= 0 {
		e.Deliveries = cl.retryCount
	} else if !cl.justID {
		e.Deliveries++
	}
	consumer.ActiveAt = now
	return claimTaken
}

// reply writes an entry that was taken.
func (cl *claim) reply(r *proto.Reply, s *store.Stream, id store.StreamID) {
	if cl.justID {
		replyStreamID(r, id)
	} else {
		replyEntryWith(r, s, id)
	}
}

// autoClaim is what an XAUTOCLAIM asks for.
type autoClaim struct {
	claim
	start store.StreamID
	count int64 // entries to claim or to drop
}

// attemptsPerEntry is how many entries XAUTOCLAIM looks at for each that it is to claim.
const attemptsPerEntry = 10

// mostAutoClaims is the greatest count for which Redis can tell how much memory it needs.
const mostAutoClaims = math.MaxInt64 / 16

func readAutoClaim(c *actor.Call) (auto autoClaim, err error) {
	auto.deliveredAt, auto.retryCount, auto.count = c.Now(), -1, 100
	minIdle, err := claimInteger(c.Args[4], proto.ErrAutoClaimMinIdle)
	if err != nil {
		return auto, err
	}
	auto.minIdle = max(minIdle, 0)
	if auto.start, err = startID(c.Args[5]); err != nil {
		return auto, err
	}
	for o := c.Args.Options(6); o.More(); {
		if arg, ok := o.WordWith("count"); ok {
			if auto.count, ok = proto.ParseInt(arg); !ok || auto.count < 1 || auto.count > mostAutoClaims {
				return auto, proto.ErrAutoClaimCount
			}
		} else if o.Word("justid") {
			auto.justID = true
		} else {
			return auto, proto.ErrSyntax
		}
	}
	return auto, nil
}

// xautoclaimCommand answers where to go on, the entries that it claimed, and the IDs of those that it dropped because they
// are not in the stream any more.
func xautoclaimCommand(c *actor.Call) error {
	auto, err := readAutoClaim(c)
	if err != nil {
		return err
	}
	s, group, err := existingGroup(c)
	if err != nil {
		return err
	}
	editStream(c)
	consumer := consumerFor(c, c.Args[1], group, c.Args[3])
	taken, dropped, cursor := auto.run(s, group, consumer, c.Now())
	if len(taken)+len(dropped) > 0 {
		c.Changed(c.Args[1], "")
	}
	c.Reply.Array(3)
	replyStreamID(c.Reply, cursor)
	c.Reply.Array(len(taken))
	for _, id := range taken {
		auto.reply(c.Reply, s, id)
	}
	c.Reply.Array(len(dropped))
	for _, id := range dropped {
		replyStreamID(c.Reply, id)
	}
	return nil
}

// run takes the entries, and returns the ID of the first one that it did not look at, 0-0 if there is none.
func (auto *autoClaim) run(s *store.Stream, group *store.StreamGroup, consumer *store.StreamConsumer, now int64) (taken, dropped []store.StreamID, cursor store.StreamID) {
	e := group.NextPending(auto.start)
	for attempts := auto.count * attemptsPerEntry; attempts > 0 && auto.count > 0 && e != nil; attempts-- {
		id := e.ID
		switch auto.take(s, group, consumer, id, now) {
		case claimTaken:
			taken = append(taken, id)
			auto.count--
		case claimDropped:
			dropped = append(dropped, id)
			auto.count--
		}
		e = nil
		if next, ok := id.Next(); ok {
			e = group.NextPending(next)
		}
	}
	if e != nil {
		cursor = e.ID
	}
	return taken, dropped, cursor
}
