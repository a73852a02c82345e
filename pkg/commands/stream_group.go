package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func streamGroupCommands() []actor.Command {
	const group = "stream"
	edit := actor.Write | actor.DenyOOM
	insert, update := actor.Key(2, actor.RW|actor.Insert), actor.Key(2, actor.RW|actor.Update)
	remove := actor.Key(2, actor.RW|actor.Delete)
	return []actor.Command{
		{Name: "xgroup", Arity: -2, Group: group, Since: "5.0.0", Complexity: "Depends on subcommand.",
			Summary: "A container for consumer groups commands.", Subs: []actor.Command{
				{Name: "create", Arity: -5, Flags: edit, Keys: insert, Run: xgroupCreateCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
					Summary: "Creates a consumer group.", Syntax: "key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]"},
				{Name: "setid", Arity: -5, Flags: actor.Write, Keys: update, Run: xgroupSetidCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
					Summary: "Sets the last-delivered ID of a consumer group.", Syntax: "key group <id | $> [ENTRIESREAD entries-read]"},
				{Name: "destroy", Arity: 4, Flags: actor.Write, Keys: remove, Run: xgroupDestroyCommand, Group: group, Since: "5.0.0",
					Complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
					Summary:    "Destroys a consumer group.", Syntax: "key group"},
				{Name: "createconsumer", Arity: 5, Flags: edit, Keys: insert, Run: xgroupCreateconsumerCommand, Group: group, Since: "6.2.0",
					Complexity: "O(1)", Summary: "Creates a consumer in a consumer group.", Syntax: "key group consumer"},
				{Name: "delconsumer", Arity: 5, Flags: actor.Write, Keys: remove, Run: xgroupDelconsumerCommand, Group: group, Since: "5.0.0",
					Complexity: "O(1)", Summary: "Deletes a consumer from a consumer group.", Syntax: "key group consumer"},
				{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: xgroupHelpCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
					Summary: "Returns helpful text about the different subcommands.", Categories: []string{group}},
			}},
		{Name: "xack", Arity: -4, Flags: actor.Write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Update), Run: xackCommand, Group: group,
			Since: "5.0.0", Complexity: "O(1) for each message ID processed.",
			Summary: "Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.",
			Syntax:  "key group id [id ...]"},
	}
}

// groupOptions are the words behind the ID of XGROUP CREATE and SETID.
type groupOptions struct {
	mkStream bool
	read     int64
}

// readGroupOptions reads the words; MKSTREAM is CREATE's only.
func readGroupOptions(c *actor.Call, create bool) (options groupOptions, err error) {
	options.read = store.UnknownRead
	for o := c.Args.Options(5); o.More(); {
		if create && o.Word("mkstream") {
			options.mkStream = true
		} else if arg, ok := o.WordWith("entriesread"); ok {
			if options.read, err = integer(arg); err != nil {
				return options, err
			}
			if options.read < 0 && options.read != store.UnknownRead {
				return options, proto.ErrEntriesRead
			}
		} else {
			return options, subcommandSyntax(c)
		}
	}
	return options, nil
}

// subcommandSyntax is what Redis says of a subcommand's words that it does not understand.
func subcommandSyntax(c *actor.Call) error {
	return proto.ErrSubcommandSyntax(string(c.Args[0]), c.Args[1])
}

// Most words that XGROUP CREATE and SETID may have, however they repeat themselves.
const (
	mostCreateArgs = 8
	mostSetIDArgs  = 7
)

func xgroupCreateCommand(c *actor.Call) error {
	options, err := readGroupOptions(c, true)
	if err != nil {
		return err
	}
	s, err := store.FindForWrite[*store.Stream](c.Keys(), c.Args[2])
	switch {
	case err != nil:
		return err
	case s == nil && !options.mkStream:
		return proto.ErrGroupNeedsKey
	case len(c.Args) > mostCreateArgs:
		return subcommandSyntax(c)
	}
	last, err := groupStart(s, c.Args[4], streamID)
	if err != nil {
		return err
	}
	changed := c.ChangedAside
	if s == nil {
		s, _ = store.Edit(c.Keys(), c.Args[2], c.Keys().NewStream)
		changed = c.Changed
	}
	if !s.CreateGroup(c.Args[3], last, options.read) {
		return proto.ErrBusyGroup
	}
	changed(c.Args[2], "xgroup-create")
	c.Reply.OK()
	return nil
}

// groupStart reads behind which entry a group is to go on, $ being the last that was added to the stream, if there is one.
func groupStart(s *store.Stream, arg []byte, read func([]byte) (store.StreamID, error)) (store.StreamID, error) {
	switch {
	case !isWord(arg, "$"):
		return read(arg)
	case s == nil:
		return store.StreamID{}, nil
	}
	return s.LastID(), nil
}

// groupToEdit returns the stream and the group of an XGROUP, which must be there.
func groupToEdit(c *actor.Call) (*store.Stream, *store.StreamGroup, error) {
	key, name := c.Args[2], c.Args[3]
	s, err := store.FindForWrite[*store.Stream](c.Keys(), key)
	if err != nil {
		return nil, nil, err
	}
	if s == nil {
		return nil, nil, proto.ErrGroupNeedsKey
	}
	group := s.Group(name)
	if group == nil {
		return nil, nil, proto.ErrNoGroup(key, name)
	}
	return s, group, nil
}

func xgroupSetidCommand(c *actor.Call) error {
	options, err := readGroupOptions(c, false)
	if err != nil {
		return err
	}
	s, group, err := groupToEdit(c)
	if err != nil {
		return err
	}
	if len(c.Args) > mostSetIDArgs {
		return subcommandSyntax(c)
	}
	last, err := groupStart(s, c.Args[4], func(arg []byte) (store.StreamID, error) { return boundID(arg, 0) })
	if err != nil {
		return err
	}
	group.SetLastID(last)
	group.SetRead(options.read)
	c.ChangedAside(c.Args[2], "xgroup-setid")
	c.Reply.OK()
	return nil
}

func xgroupDestroyCommand(c *actor.Call) error {
	s, err := store.FindForWrite[*store.Stream](c.Keys(), c.Args[2])
	if err != nil {
		return err
	}
	if s == nil {
		return proto.ErrGroupNeedsKey
	}
	destroyed := s.DestroyGroup(c.Args[3])
	if destroyed {
		c.ChangedAside(c.Args[2], "xgroup-destroy")
	}
	c.Reply.Flag(destroyed)
	return nil
}

func xgroupCreateconsumerCommand(c *actor.Call) error {
	_, group, err := groupToEdit(c)
	if err != nil {
		return err
	}
	created := group.CreateConsumer(c.Args[4], c.Now()) != nil
	if created {
		c.ChangedAside(c.Args[2], "xgroup-createconsumer")
	}
	c.Reply.Flag(created)
	return nil
}

func xgroupDelconsumerCommand(c *actor.Call) error {
	_, group, err := groupToEdit(c)
	if err != nil {
		return err
	}
	pending, existed := group.DeleteConsumer(c.Args[4])
	if existed {
		c.ChangedAside(c.Args[2], "xgroup-delconsumer")
	}
	c.Reply.Count(pending)
	return nil
}

func xgroupHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"CREATE <key> <groupname> <id|$> [option]",
		"    Create a new consumer group. Options are:",
		"    * MKSTREAM",
		"      Create the empty stream if it does not exist.",
		"    * ENTRIESREAD entries_read",
		"      Set the group's entries_read counter (internal use).",
		"CREATECONSUMER <key> <groupname> <consumer>",
		"    Create a new consumer in the specified group.",
		"DELCONSUMER <key> <groupname> <consumer>",
		"    Remove the specified consumer.",
		"DESTROY <key> <groupname>",
		"    Remove the specified group.",
		"SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
		"    Set the current group ID and entries_read counter.",
	)
	return nil
}

// groupOf looks up the group that the second argument names, of the stream that the first one does. It counts as a read,
// as in Redis; both are nil if there is no such key, the group alone if the stream has none of this name.
func groupOf(c *actor.Call) (*store.Stream, *store.StreamGroup, error) {
	s, err := store.Find[*store.Stream](c.Keys(), c.Args[1])
	if err != nil || s == nil {
		return nil, nil, err
	}
	return s, s.Group(c.Args[2]), nil
}

// existingGroup is groupOf for commands that need one.
func existingGroup(c *actor.Call) (*store.Stream, *store.StreamGroup, error) {
	s, group, err := groupOf(c)
	if err == nil && group == nil {
		err = proto.ErrNoKeyOrGroup(c.Args[1], c.Args[2])
	}
	return s, group, err
}

func xackCommand(c *actor.Call) error {
	_, group, err := groupOf(c)
	if err != nil {
		return err
	}
	if group == nil {
		c.Reply.Count(0)
		return nil
	}
	var room [8]store.StreamID
	ids, err := streamIDs(room[:0], c.Args[3:])
	if err != nil {
		return err
	}
	editStream(c)
	acknowledged := 0
	for _, id := range ids {
		if group.Acknowledge(id) {
			acknowledged++
		}
	}
	if acknowledged > 0 {
		c.ChangedAside(c.Args[1], "")
	}
	c.Reply.Count(acknowledged)
	return nil
}

// editStream tells the store that the stream which the first argument names is about to change.
func editStream(c *actor.Call) { store.FindForWrite[*store.Stream](c.Keys(), c.Args[1]) }
