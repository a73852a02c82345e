package commands

import (
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/glob"
	"snakecache/pkg/proto"
)

func commandSubcommands() []actor.Command {
	const (
		group = "server"
		flags = actor.Loading | actor.Stale
	)
	shownTo := []string{"connection"}
	unordered := []string{"nondeterministic_output_order"}
	return []actor.Command{
		{Name: "count", Arity: 2, Flags: flags, Run: commandCountCommand, Group: group, Since: "2.8.13", Complexity: "O(1)",
			Summary: "Returns a count of commands.", Categories: shownTo},
		{Name: "info", Arity: -2, Flags: flags, Run: commandInfoCommand, Group: group, Since: "2.8.13",
			Complexity: "O(N) where N is the number of commands to look up",
			Summary:    "Returns information about one, multiple or all commands.", Syntax: "[command-name [command-name ...]]",
			Categories: shownTo, Tips: unordered},
		{Name: "list", Arity: -2, Flags: flags, Run: commandListCommand, Group: group, Since: "7.0.0",
			Complexity: "O(N) where N is the total number of Redis commands",
			Summary:    "Returns a list of command names.",
			Syntax:     "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
			Categories: shownTo, Tips: unordered},
		{Name: "docs", Arity: -2, Partly: "without history", Flags: flags, Run: commandDocsCommand, Group: group, Since: "7.0.0",
			Complexity: "O(N) where N is the number of commands to look up",
			Summary:    "Returns documentary information about one, multiple or all commands.",
			Syntax:     "[command-name [command-name ...]]", Categories: shownTo, Tips: unordered},
		{Name: "getkeys", Arity: -3, Flags: flags, Run: commandGetkeysCommand, Group: group, Since: "2.8.13",
			Complexity: "O(N) where N is the number of arguments to the command",
			Summary:    "Extracts the key names from an arbitrary command.", Syntax: "command [arg [arg ...]]", Categories: shownTo},
		{Name: "getkeysandflags", Arity: -3, Flags: flags, Run: commandGetkeysandflagsCommand, Group: group, Since: "7.0.0",
			Complexity: "O(N) where N is the number of arguments to the command",
			Summary:    "Extracts the key names and access flags for an arbitrary command.",
			Syntax:     "command [arg [arg ...]]", Categories: shownTo},
		{Name: "help", Arity: 2, Flags: flags, Run: commandHelpCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
			Summary: "Returns helpful text about the different subcommands.", Categories: shownTo},
	}
}

// commandCommand is the bare COMMAND.
func commandCommand(c *actor.Call) error {
	all := c.Table().Top()
	c.Reply.Array(len(all))
	for _, cmd := range all {
		replyCommandInfo(c.Reply, cmd)
	}
	return nil
}

func commandCountCommand(c *actor.Call) error {
	c.Reply.Count(len(c.Table().Top()))
	return nil
}

func commandInfoCommand(c *actor.Call) error {
	names := c.Args[2:]
	if len(names) == 0 {
		return commandCommand(c)
	}
	c.Reply.Array(len(names))
	for _, name := range names {
		if cmd := c.Table().Find(name); cmd != nil {
			replyCommandInfo(c.Reply, cmd)
		} else {
			c.Reply.Null()
		}
	}
	return nil
}

// replyCommandInfo writes the ten elements by which COMMAND INFO describes a command.
func replyCommandInfo(r *proto.Reply, cmd *actor.Command) {
	first, last, step, _ := cmd.KeyRange()
	r.Array(10)
	r.BulkString(cmd.FullName())
	r.Count(cmd.Arity)
	replyStatuses(r, cmd.Flags.Names())
	r.Count(first)
	r.Count(last)
	r.Count(step)
	replyStatuses(r, categories(cmd))
	r.Set(len(cmd.Tips))
	for _, tip := range cmd.Tips {
		r.BulkString(tip)
	}
	r.Set(len(cmd.Keys))
	for i := range cmd.Keys {
		replyKeySpec(r, &cmd.Keys[i])
	}
	if len(cmd.Subs) == 0 {
		r.Set(0) // Redis says the empty one is a set, and any other an array
		return
	}
	r.Array(len(cmd.Subs))
	for i := range cmd.Subs {
		replyCommandInfo(r, &cmd.Subs[i])
	}
}

// replyStatuses writes words as a set of simple strings.
func replyStatuses(r *proto.Reply, words []string) {
	r.Set(len(words))
	for _, word := range words {
		r.Status(word)
	}
}

func commandListCommand(c *actor.Call) error {
	keep, err := commandFilter(c.Args)
	if err != nil {
		return err
	}
	listed := slices.DeleteFunc(slices.Clone(c.Table().Commands()), func(cmd *actor.Command) bool { return !keep(cmd) })
	c.Reply.Array(len(listed))
	for _, cmd := range listed {
		c.Reply.BulkString(cmd.FullName())
	}
	return nil
}

// commandFilter returns the condition that the arguments of COMMAND LIST put.
func commandFilter(args proto.Args) (keep func(*actor.Command) bool, err error) {
	o := args.Options(2)
	if !o.More() {
		return func(*actor.Command) bool { return true }, nil
	}
	if o.Left() != 3 || !o.Word("filterby") {
		return nil, proto.ErrSyntax
	}
	if _, ok := o.WordWith("module"); ok {
		return func(*actor.Command) bool { return false }, nil
	}
	if category, ok := o.WordWith("aclcat"); ok {
		return func(cmd *actor.Command) bool {
			return slices.ContainsFunc(categories(cmd), func(has string) bool { return proto.EqualFold(category, has[1:]) })
		}, nil
	}
	if pattern, ok := o.WordWith("pattern"); ok {
		return func(cmd *actor.Command) bool { return glob.Match(pattern, []byte(cmd.FullName()), true) }, nil
	}
	return nil, proto.ErrSyntax
}

func commandGetkeysCommand(c *actor.Call) error {
	return replyKeys(c, func(key []byte, _ actor.KeyUse) { c.Reply.Bulk(key) })
}

func commandGetkeysandflagsCommand(c *actor.Call) error {
	return replyKeys(c, func(key []byte, use actor.KeyUse) {
		c.Reply.Array(2)
		c.Reply.Bulk(key)
		replyStatuses(c.Reply, use.Names())
	})
}

// replyKeys writes an array of what reply writes for each key of the request that stands behind COMMAND GETKEYS.
func replyKeys(c *actor.Call, reply func(key []byte, use actor.KeyUse)) error {
	request := c.Args[2:]
	cmd := c.Table().Lookup(request)
	switch {
	case cmd == nil || (cmd.Subs != nil && len(request) > 1):
		return proto.ErrInvalidCommand
	case !cmd.HasKeys():
		return proto.ErrNoKeyArguments
	case !cmd.Accepts(len(request)):
		return proto.ErrInvalidArgCount
	}
	keys, n := c.Reply.DeferArray(), 0
	cmd.EachKey(request, func(i int, use actor.KeyUse) {
		reply(request[i], use)
		n++
	})
	if n == 0 && !cmd.Is(actor.NoMandatoryKeys) {
		return proto.ErrInvalidArguments
	}
	c.Reply.EndArray(keys, n)
	return nil
}

func commandHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"(no subcommand)",
		"    Return details about all Redis commands.",
		"COUNT",
		"    Return the total number of commands in this Redis server.",
		"LIST",
		"    Return a list of all commands in this Redis server.",
		"INFO [<command-name> ...]",
		"    Return details about multiple Redis commands.",
		"    If no command names are given, documentation details for all",
		"    commands are returned.",
		"DOCS [<command-name> ...]",
		"    Return documentation details about multiple Redis commands.",
		"    If no command names are given, documentation details for all",
		"    commands are returned.",
		"GETKEYS <full-command>",
		"    Return the keys from a full Redis command.",
		"GETKEYSANDFLAGS <full-command>",
		"    Return the keys and the access flags from a full Redis command.",
	)
	return nil
}
