package commands

import (
	"crypto/rand"
	"encoding/hex"
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func aclCommands() []actor.Command {
	return []actor.Command{{Name: "acl", Arity: -2, Group: "server", Since: "6.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for Access List Control commands.", Subs: aclSubcommands()}}
}

func aclSubcommands() []actor.Command {
	const (
		group = "server"
		flags = actor.NoScript | actor.Loading | actor.Stale
		only  = "no: there is one user, default"
		users = "O(N). Where N is the number of configured users."
	)
	return []actor.Command{
		{Name: "whoami", Arity: 2, Flags: flags, Run: aclWhoamiCommand, Group: group, Since: "6.0.0", Complexity: "O(1)",
			Summary: "Returns the authenticated username of the current connection."},
		{Name: "cat", Arity: -2, Flags: flags, Run: aclCatCommand, Group: group, Since: "6.0.0",
			Complexity: "O(1) since the categories and commands are a fixed set.",
			Summary:    "Lists the ACL categories, or the commands inside a category.", Syntax: "[category]"},
		{Name: "genpass", Arity: -2, Flags: flags, Run: aclGenpassCommand, Group: group, Since: "6.0.0", Complexity: "O(1)",
			Summary: "Generates a pseudorandom, secure password that can be used to identify ACL users.", Syntax: "[bits]"},
		{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: aclHelpCommand, Group: group, Since: "6.0.0", Complexity: "O(1)",
			Summary: "Returns helpful text about the different subcommands."},
		{Name: "list", Arity: 2, Flags: flags | actor.Admin, Run: aclMissingCommand, Group: group, Since: "6.0.0", Complexity: users,
			Summary: "Dumps the effective rules in ACL file format.", Partly: only},
		{Name: "users", Arity: 2, Flags: flags | actor.Admin, Run: aclMissingCommand, Group: group, Since: "6.0.0", Complexity: users,
			Summary: "Lists all ACL users.", Partly: only},
		{Name: "getuser", Arity: 3, Flags: flags | actor.Admin, Run: aclMissingCommand, Group: group, Since: "6.0.0",
			Complexity: "O(N). Where N is the number of password, command and pattern rules that the user has.",
			Summary:    "Lists the ACL rules of a user.", Syntax: "username", Partly: only},
		{Name: "setuser", Arity: -3, Flags: flags | actor.Admin, Run: aclMissingCommand, Group: group, Since: "6.0.0",
			Complexity: "O(N). Where N is the number of rules provided.",
			Summary:    "Creates and modifies an ACL user and its rules.", Syntax: "username [rule [rule ...]]", Partly: only},
		{Name: "deluser", Arity: -3, Flags: flags | actor.Admin, Run: aclMissingCommand, Group: group, Since: "6.0.0",
			Complexity: "O(1) amortized time considering the typical user.",
			Summary:    "Deletes ACL users, and terminates their connections.", Syntax: "username [username ...]", Partly: only},
		{Name: "dryrun", Arity: -4, Flags: flags | actor.Admin, Run: aclMissingCommand, Group: group, Since: "7.0.0", Complexity: "O(1).",
			Summary: "Simulates the execution of a command by a user, without executing the command.",
			Syntax:  "username command [arg [arg ...]]", Partly: only},
		{Name: "log", Arity: -2, Flags: flags | actor.Admin, Run: aclMissingCommand, Group: group, Since: "6.0.0",
			Complexity: "O(N) with N being the number of entries shown.",
			Summary:    "Lists recent security events generated due to ACL rules.", Syntax: "[count | RESET]", Partly: only},
		{Name: "load", Arity: 2, Flags: flags | actor.Admin, Run: aclFileCommand, Group: group, Since: "6.0.0", Complexity: users,
			Summary: "Reloads the rules from the configured ACL file."},
		{Name: "save", Arity: 2, Flags: flags | actor.Admin, Run: aclFileCommand, Group: group, Since: "6.0.0", Complexity: users,
			Summary: "Saves the effective ACL rules in the configured ACL file."},
	}
}

func aclWhoamiCommand(c *actor.Call) error {
	c.Reply.BulkString(defaultUser)
	return nil
}

// aclCatCommand lists the categories, or the commands and subcommands of one; containers of others are none of them.
func aclCatCommand(c *actor.Call) error {
	switch len(c.Args) {
	case 2:
		replyTexts(c.Reply, aclCategories)
		return nil
	case 3:
		return replyCategory(c, c.Args[2])
	}
	return proto.ErrSubcommandSyntax("acl", c.Args[1])
}

func replyCategory(c *actor.Call, word []byte) error {
	i := slices.IndexFunc(aclCategories, func(name string) bool { return proto.EqualFold(word, name) })
	if i < 0 {
		return proto.ErrCategory(word)
	}
	listed, n := c.Reply.DeferArray(), 0
	for _, cmd := range c.Table().Commands() {
		if cmd.Run != nil && isInCategory(cmd, aclCategories[i]) {
			c.Reply.BulkString(cmd.FullName())
			n++
		}
	}
	c.Reply.EndArray(listed, n)
	return nil
}

// replyTexts writes an array of strings.
func replyTexts(r *proto.Reply, texts []string) {
	r.Array(len(texts))
	for _, text := range texts {
		r.BulkString(text)
	}
}

// The number of bits of a password.
const (
	defaultPasswordBits = 256
	maxPasswordBits     = 4096
)

// aclGenpassCommand answers hexadecimal digits, of four bits each, enough for those that are asked for.
func aclGenpassCommand(c *actor.Call) error {
	bits := int64(defaultPasswordBits)
	switch len(c.Args) {
	case 2:
	case 3:
		var err error
		if bits, err = integer(c.Args[2]); err != nil {
			return err
		}
		if bits < 1 || bits > maxPasswordBits {
			return proto.ErrPasswordBits
		}
	default:
		return proto.ErrSubcommandSyntax("acl", c.Args[1])
	}
	var random [maxPasswordBits / 8]byte
	digits := (bits + 3) / 4
	rand.Read(random[:(digits+1)/2]) // never fails: it would end the program
	c.Reply.BulkString(hex.EncodeToString(random[:])[:digits])
	return nil
}

// aclMissingCommand is what is about users other than default.
func aclMissingCommand(*actor.Call) error { return proto.ErrNoACL }

// aclFileCommand answers as a Redis that was started without an ACL file.
func aclFileCommand(*actor.Call) error { return proto.ErrNoACLFile }

func aclHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"CAT [<category>]",
		"    List all commands that belong to <category>, or all command categories",
		"    when no category is specified.",
		"GENPASS [<bits>]",
		"    Generate a secure 256-bit user password. The optional `bits` argument can",
		"    be used to specify a different size.",
		"WHOAMI",
		"    Return the current connection username.",
	)
	return nil
}
