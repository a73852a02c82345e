package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func streamClaimCommands() []actor.Command {
	const group = "stream"
	varies := []string{"nondeterministic_output"}
	return []actor.Command{
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
		c.ChangedAside(c.Args[1], "")
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
		c.ChangedAside(c.Args[1], "")
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
