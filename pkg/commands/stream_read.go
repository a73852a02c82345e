package commands

import (
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func streamReadCommands() []actor.Command {
	const group = "stream"
	const returned = "For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data."
	return []actor.Command{
		{Name: "xread", Arity: -4, Flags: actor.ReadOnly | actor.Blocking, Keys: actor.KeysBehind("streams", 1, actor.RO|actor.Access),
			Run: xreadCommand, Group: group, Since: "5.0.0", Complexity: returned,
			Summary: "Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.",
			Syntax:  "[COUNT count] [BLOCK milliseconds] <STREAMS key [key ...] id [id ...]>"},
		{Name: "xreadgroup", Arity: -7, Flags: actor.Write | actor.Blocking, Keys: actor.KeysBehind("streams", 4, actor.RO|actor.Access),
			Run: xreadgroupCommand, Group: group, Since: "5.0.0", Complexity: returned,
			Summary: "Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.",
			Syntax:  "<GROUP group consumer> [COUNT count] [BLOCK milliseconds] [NOACK] <STREAMS key [key ...] id [id ...]>"},
	}
}

// streamRead is what an XREAD or XREADGROUP asks for.
type streamRead struct {
	count           int64 // at most so many of each stream; -1 = all
	group, consumer []byte
	grouped         bool // XREADGROUP
	noack           bool
	keys, ids       proto.Args
	waits           bool  // for entries, if there are none
	untilMs         int64 // as long as that; 0 = for ever
}

// readStreamRead reads the options in front of the streams, which end them.
func readStreamRead(c *actor.Call, grouped bool) (read streamRead, err error) {
	read.count, read.grouped = -1, grouped
	for o := c.Args.Options(1); o.More() && read.keys == nil && err == nil; {
		if arg, ok := o.WordWith("block"); ok {
			read.waits = true
			read.untilMs, err = readWaitMs(c, arg)
		} else if arg, ok := o.WordWith("count"); ok {
			err = read.readCount(arg)
		} else if o.Left() >= 2 && o.Word("streams") {
			err = read.readStreams(c, c.Args[len(c.Args)-o.Left():])
		} else if o.Left() >= 3 && o.Word("group") {
			if read.group, read.consumer = o.Next(), o.Next(); !grouped {
				err = proto.ErrGroupOption
			}
		} else if o.Word("noack") {
			if read.noack = true; !grouped {
				err = proto.ErrNoackOption
			}
		} else {
			err = proto.ErrSyntax
		}
	}
	switch {
	case err != nil:
		return read, err
	case read.keys == nil:
		return read, proto.ErrSyntax
	case grouped && read.group == nil:
		return read, proto.ErrGroupMissing
	}
	return read, nil
}

// readCount reads COUNT: a number below 1 is none.
func (read *streamRead) readCount(arg []byte) (err error) {
	if read.count, err = integer(arg); read.count <= 0 {
		read.count = -1
	}
	return err
}

func (read *streamRead) readStreams(c *actor.Call, args proto.Args) error {
	if len(args)%2 == 1 {
		usual := "$"
		if read.grouped {
			usual = ">"
		}
		return proto.ErrUnbalancedStreams(c.Command.FullName(), usual)
	}
	read.keys, read.ids = args[:len(args)/2], args[len(args)/2:]
	return nil
}

// streamSource is one stream to be read, from behind an ID on.
type streamSource struct {
	key   []byte
	after store.StreamID
	fresh bool // XREADGROUP's entries that no consumer has got yet, not the history of one
}

func xreadCommand(c *actor.Call) error {
	read, err := readStreamRead(c, false)
	if err != nil {
		return err
	}
	var room [8]streamSource
	sources := room[:0]
	for i, key := range read.keys {
		s, err := store.Find[*store.Stream](c.Keys(), key)
		if err != nil {
			return err
		}
		after, err := readAfter(s, read.ids[i])
		if err != nil {
			return err
		}
		sources = append(sources, streamSource{key: key, after: after})
	}
	if replyStreams(c, sources, func(source *streamSource) bool {
		s, _ := store.Find[*store.Stream](c.Keys(), source.key)
		if s == nil || s.LastEntryID().Compare(source.after) <= 0 {
			return false
		}
		beginStream(c.Reply, source.key)
		from, _ := source.after.Next()
		replyStreamRange(c.Reply, s, from, store.MaxStreamID, read.count, false)
		return true
	}) {
		return nil
	}
	return read.await(c, sources)
}

// readAfter reads the ID behind which XREAD is to go on in a stream, or in none: $ is behind all that was ever added, +
// before the last entry.
func readAfter(s *store.Stream, arg []byte) (id store.StreamID, err error) {
	switch {
	case isWord(arg, "$"):
		if s != nil {
			id = s.LastID()
		}
	case isWord(arg, "+"):
		if s != nil && s.Len() > 0 {
			id, _ = s.LastEntryID().Prev()
		}
	case isWord(arg, ">"):
		return id, proto.ErrReadNew
	default:
		return streamID(arg)
	}
	return id, nil
}

// replyStreams answers with the streams of which serve wrote something, and reports whether there are any.
func replyStreams(c *actor.Call, sources []streamSource, serve func(*streamSource) bool) bool {
	streams, n := c.Reply.DeferMap(), 0
	for i := range sources {
		if serve(&sources[i]) {
			n++
		}
	}
	switch {
	case n == 0:
		return false
	case c.Reply.RESP3():
		c.Reply.EndMap(streams, n)
	default:
		c.Reply.EndArray(streams, n)
	}
	return true
}

// await has the client wait for entries if it is to, or answers that there are none. An ID that says behind what there is now
// means the same when the request runs again.
func (read *streamRead) await(c *actor.Call, sources []streamSource) error {
	if !read.waits {
		c.Reply.NullArray()
		return nil
	}
	args := c.Args
	for i, id := range read.ids {
		if isWord(id, "$") {
			args = slices.Clone(args)
			args[len(args)-len(read.ids)+i] = []byte(sources[i].after.String())
		}
	}
	return c.Block(actor.Wait{Args: args, Keys: read.keys, Type: store.TypeStream, Gone: read.grouped, UntilMs: read.untilMs, Unserved: noneCame})
}

// beginStream writes the name of a stream whose entries follow.
func beginStream(r *proto.Reply, key []byte) {
	if !r.RESP3() {
		r.Array(2)
	}
	r.Bulk(key)
}

func xreadgroupCommand(c *actor.Call) error {
	read, err := readStreamRead(c, true)
	if err != nil {
		return err
	}
	var room [8]streamSource
	sources := room[:0]
	for i, key := range read.keys {
		s, err := store.Find[*store.Stream](c.Keys(), key)
		if err != nil {
			return err
		}
		if s == nil || s.Group(read.group) == nil {
			return proto.ErrNoKeyOrGroupToRead(key, read.group)
		}
		source, err := readGroupSource(key, read.ids[i])
		if err != nil {
			return err
		}
		sources = append(sources, source)
	}
	if replyStreams(c, sources, func(source *streamSource) bool { return serveGroup(c, &read, source) }) {
		return nil
	}
	return read.await(c, sources)
}

// readGroupSource reads what XREADGROUP is to give of a stream.
func readGroupSource(key, arg []byte) (source streamSource, err error) {
	source.key = key
	switch {
	case isWord(arg, "$"):
		return source, proto.ErrReadGroupDollar
	case isWord(arg, "+"):
		return source, proto.ErrReadGroupPlus
	case isWord(arg, ">"):
		source.fresh = true
		return source, nil
	}
	source.after, err = streamID(arg)
	source.fresh = source.after == store.MaxStreamID // which Redis cannot tell from >
	return source, err
}

// serveGroup writes what the consumer is to get of one stream, and reports whether that has a place in the reply.
func serveGroup(c *actor.Call, read *streamRead, source *streamSource) bool {
	store.Find[*store.Stream](c.Keys(), source.key) // Redis looks twice, and counts both
	s, _ := store.FindForWrite[*store.Stream](c.Keys(), source.key)
	group := s.Group(read.group)
	consumer := consumerFor(c, source.key, group, read.consumer)
	if !source.fresh {
		beginStream(c.Reply, source.key)
		replyHistory(c, read, source, s, group, consumer)
		return true
	}
	if s.Len() == 0 || s.LastEntryID().Compare(group.LastID()) <= 0 {
		return false
	}
	beginStream(c.Reply, source.key)
	deliver(c, read, s, group, consumer)
	c.ChangedAside(source.key, "")
	return true
}

// consumerFor returns the group's consumer of a name, which is new if there was none, and was seen now.
func consumerFor(c *actor.Call, key []byte, group *store.StreamGroup, name []byte) *store.StreamConsumer {
	consumer := group.Consumer(name)
	if consumer == nil {
		consumer = group.CreateConsumer(name, c.Now())
		c.ChangedAside(key, "xgroup-createconsumer")
	}
	consumer.SeenAt = c.Now()
	return consumer
}

// deliver writes the entries that the group has not delivered yet, and notes that the consumer has got them.
func deliver(c *actor.Call, read *streamRead, s *store.Stream, group *store.StreamGroup, consumer *store.StreamConsumer) {
	from, _ := group.LastID().Next()
	entries, n := c.Reply.DeferArray(), int64(0)
	s.Range(from, store.MaxStreamID, func(e store.StreamEntry) bool {
		group.Advance(e.ID)
		replyStreamEntry(c.Reply, e)
		if !read.noack {
			group.Deliver(e.ID, consumer, c.Now())
			consumer.ActiveAt = c.Now()
		}
		n++
		return n != read.count
	})
	c.Reply.EndArray(entries, int(n))
}

// replyHistory writes the consumer's pending entries behind an ID, each of which counts as delivered once more. One that
// was deleted from the stream has null for its fields.
func replyHistory(c *actor.Call, read *streamRead, source *streamSource, s *store.Stream, group *store.StreamGroup, consumer *store.StreamConsumer) {
	entries, n, changed := c.Reply.DeferArray(), int64(0), false
	from, _ := source.after.Next()
	consumer.RangePending(group, from, func(e *store.PendingEntry) bool {
		if replyEntryWith(c.Reply, s, e.ID) {
			e.DeliveredAt = c.Now()
			e.Deliveries++
			changed = true
		}
		n++
		return n != read.count
	})
	c.Reply.EndArray(entries, int(n))
	if changed {
		c.ChangedAside(source.key, "")
	}
}

// replyEntryWith writes the entry with an ID, or the ID with null if there is none.
func replyEntryWith(r *proto.Reply, s *store.Stream, id store.StreamID) (found bool) {
	s.Range(id, id, func(e store.StreamEntry) bool {
		replyStreamEntry(r, e)
		found = true
		return false
	})
	if !found {
		r.Array(2)
		replyStreamID(r, id)
		r.NullArray()
	}
	return found
}
