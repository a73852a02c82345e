package commands

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// handshake is the flags of commands that a client may send before it has authenticated.
const handshake = actor.NoScript | actor.Loading | actor.Stale | actor.Fast | actor.NoAuth | actor.AllowBusy

func connectionCommands() []actor.Command {
	const group = "connection"
	return []actor.Command{
		{Name: "ping", Arity: -1, Flags: actor.Fast | actor.Subscribed, Run: pingCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Returns the server's liveliness response.", Syntax: "[message]",
			Tips: []string{"request_policy:all_shards", "response_policy:all_succeeded"}},
		{Name: "echo", Arity: 2, Flags: actor.Loading | actor.Stale | actor.Fast, Run: echoCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Returns the given string.", Syntax: "message"},
		{Name: "quit", Arity: -1, Flags: handshake | actor.Unqueued | actor.Subscribed, Run: quitCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Deprecated: "7.2.0", Instead: "just closing the connection",
			Summary: "Closes the connection."},
		{Name: "select", Arity: 2, Flags: actor.Loading | actor.Stale | actor.Fast, Run: selectCommand, Group: group, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Changes the selected database.", Syntax: "index"},
		{Name: "hello", Arity: -1, Flags: handshake, Run: helloCommand, Group: group, Since: "6.0.0", Complexity: "O(1)",
			Summary: "Handshakes with the Redis server.", Syntax: "[protover [AUTH username password] [SETNAME clientname]]",
			Secrets: helloSecrets},
		{Name: "auth", Arity: -2, Flags: handshake, Run: authCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the number of passwords defined for the user",
			Summary:    "Authenticates the connection.", Syntax: "[username] password", Secrets: authSecrets},
		{Name: "reset", Arity: 1, Flags: handshake | actor.Unqueued | actor.Subscribed, Run: resetCommand, Group: group, Since: "6.2.0", Complexity: "O(1)",
			Summary: "Resets the connection."},
	}
}

// pingCommand answers a client that could take a plain reply for a message with something like one.
func pingCommand(c *actor.Call) error {
	switch {
	case len(c.Args) > 2:
		return wrongArity(c)
	case c.Session.IsSubscriber() && !c.Reply.RESP3():
		c.Reply.Array(2)
		c.Reply.BulkString("pong")
		c.Reply.Bulk(bytes.Join(c.Args[1:], nil))
	case len(c.Args) == 1:
		c.Reply.Status("PONG")
	default:
		c.Reply.Bulk(c.Args[1])
	}
	return nil
}

func echoCommand(c *actor.Call) error {
	c.Reply.Bulk(c.Args[1])
	return nil
}

func quitCommand(c *actor.Call) error {
	c.Reply.OK()
	c.Kill(c.Session)
	return nil
}

func selectCommand(c *actor.Call) error {
	ks, err := readDatabase(c, c.Args[1])
	if err != nil {
		return err
	}
	c.Select(ks.Index())
	c.Reply.OK()
	return nil
}

// greeting is what HELLO was given; nil and 0 stand for what was not.
type greeting struct {
	dialect              int
	user, password, name []byte
}

func parseGreeting(args proto.Args) (g greeting, err error) {
	if len(args) > 1 {
		version, ok := proto.ParseInt(args[1])
		switch {
		case !ok:
			return g, proto.ErrProtoNotInt
		case version != proto.RESP2 && version != proto.RESP3:
			return g, proto.ErrNoProto
		}
		g.dialect = int(version)
	}
	for o := args.Options(2); o.More(); {
		var ok bool
		if o.Left() > 2 && o.Word("auth") {
			g.user, g.password = o.Next(), o.Next()
		} else if g.name, ok = o.WordWith("setname"); !ok {
			return g, proto.ErrHelloOption(o.Next())
		} else if !isPlainText(g.name) {
			return g, proto.ErrClientName
		}
	}
	return g, nil
}

func helloCommand(c *actor.Call) error {
	g, err := parseGreeting(c.Args)
	if err == nil && g.user != nil {
		err = authenticate(c, g.user, g.password)
	}
	if err != nil {
		return err
	}
	if !c.Session.Authenticated {
		return proto.ErrHelloNoAuth
	}
	if g.name != nil {
		c.Session.Name = string(g.name)
	}
	if g.dialect != 0 {
		c.SetDialect(g.dialect)
	}
	replyGreeting(c)
	return nil
}

// replyGreeting tells the client whom it talks to.
func replyGreeting(c *actor.Call) {
	r := c.Reply
	r.Map(7)
	r.BulkString("server")
	r.BulkString("redis")
	r.BulkString("version")
	r.BulkString(proto.RedisVersion)
	r.BulkString("proto")
	r.Count(c.Session.Protocol)
	r.BulkString("id")
	r.Int(int64(c.Session.ID))
	r.BulkString("mode")
	r.BulkString("standalone")
	r.BulkString("role")
	r.BulkString("master")
	r.BulkString("modules")
	r.Array(0)
}

func authCommand(c *actor.Call) error {
	user, password := []byte(defaultUser), c.Args[1]
	switch len(c.Args) {
	case 2:
		if c.Bounds().Password == "" {
			return proto.ErrNoPasswordSet
		}
	case 3:
		user, password = c.Args[1], c.Args[2]
	default:
		return proto.ErrSyntax
	}
	if err := authenticate(c, user, password); err != nil {
		return err
	}
	c.Reply.OK()
	return nil
}

// defaultUser is the only user there is.
const defaultUser = "default"

// authenticate lets the session in, with any password if none is needed. How long it takes depends neither on the
// password that is wanted nor on how much of it was right.
func authenticate(c *actor.Call, user, password []byte) error {
	wanted := c.Bounds().Password
	given, right := sha256.Sum256(password), sha256.Sum256([]byte(wanted))
	same := subtle.ConstantTimeCompare(given[:], right[:]) == 1
	if string(user) != defaultUser || (wanted != "" && !same) {
		return proto.ErrWrongPass
	}
	c.Session.Authenticated = true
	return nil
}

func resetCommand(c *actor.Call) error {
	c.Reset()
	c.Reply.Status("RESET")
	return nil
}
