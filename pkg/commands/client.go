package commands

import (
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func clientCommands() []actor.Command {
	return []actor.Command{{Name: "client", Arity: -2, Group: "connection", Since: "2.4.0", Complexity: "Depends on subcommand.",
		Summary: "A container for client connection commands.", Subs: slices.Concat(clientSubcommands(), clientTrackingSubcommands(), clientPauseSubcommands())}}
}

func clientSubcommands() []actor.Command {
	const (
		group = "connection"
		flags = actor.NoScript | actor.Loading | actor.Stale
	)
	return []actor.Command{
		{Name: "id", Arity: 2, Flags: flags, Run: clientIDCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
			Summary: "Returns the unique client ID of the connection."},
		{Name: "setname", Arity: 3, Flags: flags, Run: clientSetnameCommand, Group: group, Since: "2.6.9", Complexity: "O(1)",
			Summary: "Sets the connection name.", Syntax: "connection-name"},
		{Name: "getname", Arity: 2, Flags: flags, Run: clientGetnameCommand, Group: group, Since: "2.6.9", Complexity: "O(1)",
			Summary: "Returns the name of the connection."},
		{Name: "setinfo", Arity: 4, Flags: flags, Run: clientSetinfoCommand, Group: group, Since: "7.2.0", Complexity: "O(1)",
			Summary: "Sets information specific to the client or connection.",
			Syntax:  "<LIB-NAME libname | LIB-VER libver>"},
		{Name: "info", Arity: 2, Flags: flags, Run: clientInfoCommand, Group: group, Since: "6.2.0", Complexity: "O(1)",
			Summary: "Returns information about the connection.", Tips: []string{"nondeterministic_output"}},
		{Name: "list", Arity: -2, Flags: flags | actor.Admin, Run: clientListCommand, Group: group, Since: "2.4.0",
			Complexity: "O(N) where N is the number of client connections", Summary: "Lists open connections.",
			Syntax: "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]",
			Tips:   []string{"nondeterministic_output"}},
		{Name: "kill", Arity: -3, Flags: flags | actor.Admin, Run: clientKillCommand, Group: group, Since: "2.4.0",
			Complexity: "O(N) where N is the number of client connections", Summary: "Terminates open connections.",
			Syntax: "<ip:port | <[ID client-id] | [TYPE <NORMAL | MASTER | SLAVE | REPLICA | PUBSUB>] | [USER username] | " +
				"[ADDR ip:port] | [LADDR ip:port] | [SKIPME <YES | NO>] | [MAXAGE maxage]> ...>"},
		{Name: "unblock", Arity: -3, Flags: flags | actor.Admin, Run: clientUnblockCommand, Group: group, Since: "5.0.0",
			Complexity: "O(log N) where N is the number of client connections",
			Summary:    "Unblocks a client blocked by a blocking command from a different connection.", Syntax: "client-id [TIMEOUT | ERROR]"},
		{Name: "no-evict", Arity: 3, Flags: flags | actor.Admin, Run: clientNoEvictCommand, Group: group, Since: "7.0.0",
			Complexity: "O(1)", Summary: "Sets the client eviction mode of the connection.", Syntax: "<ON | OFF>"},
		{Name: "no-touch", Arity: 3, Flags: flags, Run: clientNoTouchCommand, Group: group, Since: "7.2.0", Complexity: "O(1)",
			Summary: "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.", Syntax: "<ON | OFF>"},
		{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: clientHelpCommand, Group: group, Since: "5.0.0",
			Complexity: "O(1)", Summary: "Returns helpful text about the different subcommands."},
	}
}

func clientIDCommand(c *actor.Call) error {
	c.Reply.Int(int64(c.Session.ID))
	return nil
}

// isPlainText reports whether b may stand in a line of CLIENT LIST: printable ASCII without spaces.
func isPlainText(b []byte) bool {
	for _, char := range b {
		if char < '!' || char > '~' {
			return false
		}
	}
	return true
}

func clientSetnameCommand(c *actor.Call) error {
	if !isPlainText(c.Args[2]) {
		return proto.ErrClientName
	}
	c.Session.Name = string(c.Args[2])
	c.Reply.OK()
	return nil
}

func clientGetnameCommand(c *actor.Call) error {
	if c.Session.Name == "" {
		c.Reply.Null()
	} else {
		c.Reply.BulkString(c.Session.Name)
	}
	return nil
}

func clientSetinfoCommand(c *actor.Call) error {
	var attribute *string
	switch {
	case proto.EqualFold(c.Args[2], "lib-name"):
		attribute = &c.Session.LibName
	case proto.EqualFold(c.Args[2], "lib-ver"):
		attribute = &c.Session.LibVersion
	default:
		return proto.ErrUnrecognizedOption(c.Args[2])
	}
	if !isPlainText(c.Args[3]) {
		return proto.ErrClientInfo(c.Args[2])
	}
	*attribute = string(c.Args[3])
	c.Reply.OK()
	return nil
}

func clientNoEvictCommand(c *actor.Call) error {
	on, err := onOff(c.Args[2])
	if err != nil {
		return err
	}
	c.Session.NoEvict = on
	c.Reply.OK()
	return nil
}

func clientNoTouchCommand(c *actor.Call) error {
	on, err := onOff(c.Args[2])
	if err != nil {
		return err
	}
	c.SetNoTouch(on)
	c.Reply.OK()
	return nil
}

func clientHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"GETNAME",
		"    Return the name of the current connection.",
		"ID",
		"    Return the ID of the current connection.",
		"INFO",
		"    Return information about the current client connection.",
		"KILL <ip:port>",
		"    Kill connection made from <ip:port>.",
		"KILL <option> <value> [<option> <value> [...]]",
		"    Kill connections. Options are:",
		"    * ADDR (<ip:port>|<unixsocket>:0)",
		"      Kill connections made from the specified address",
		"    * LADDR (<ip:port>|<unixsocket>:0)",
		"      Kill connections made to specified local address",
		"    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
		"      Kill connections by type.",
		"    * USER <username>",
		"      Kill connections authenticated by <username>.",
		"    * SKIPME (YES|NO)",
		"      Skip killing current connection (default: yes).",
		"    * ID <client-id>",
		"      Kill connections by client id.",
		"    * MAXAGE <maxage>",
		"      Kill connections older than the specified age.",
		"LIST [options ...]",
		"    Return information about client connections. Options:",
		"    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
		"      Return clients of specified type.",
		"SETNAME <name>",
		"    Assign the name <name> to the current connection.",
		"SETINFO <option> <value>",
		"    Set client meta attr. Options are:",
		"    * LIB-NAME: the client lib name.",
		"    * LIB-VER: the client lib version.",
		"NO-EVICT (ON|OFF)",
		"    Protect current client connection from eviction.",
		"NO-TOUCH (ON|OFF)",
		"    Will not touch LRU/LFU stats when this mode is on.",
	)
	return nil
}
