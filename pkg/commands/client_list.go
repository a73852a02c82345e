package commands

import (
	"fmt"
	"slices"
	"strings"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func clientInfoCommand(c *actor.Call) error {
	c.Reply.Verbatim("txt", clientLine(c, c.Session))
	return nil
}

func clientListCommand(c *actor.Call) error {
	listed, err := clientsAsked(c)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, s := range listed {
		text.WriteString(clientLine(c, s))
	}
	c.Reply.Verbatim("txt", text.String())
	return nil
}

// clientsAsked returns the clients that the arguments of CLIENT LIST select.
func clientsAsked(c *actor.Call) ([]*actor.Session, error) {
	switch o := c.Args.Options(2); {
	case !o.More():
		return c.Sessions(), nil
	case o.Left() == 2 && o.Word("type"):
		kind, err := clientType(o.Next())
		return slices.DeleteFunc(c.Sessions(), func(s *actor.Session) bool { return typeOf(s) != kind }), err
	case o.Left() > 1 && o.Word("id"):
		return clientsByID(c, c.Args[3:])
	}
	return nil, proto.ErrSyntax
}

// clientsByID returns clients in the order of their ids in the request, which may have one more than once.
func clientsByID(c *actor.Call, ids proto.Args) (found []*actor.Session, err error) {
	for _, arg := range ids {
		id, ok := proto.ParseInt(arg)
		if !ok {
			return nil, proto.ErrClientID
		}
		if s := c.SessionByID(uint64(id)); s != nil {
			found = append(found, s)
		}
	}
	return found, nil
}

// clientType reads a type of clients. Some are of clients that there are not here.
func clientType(word []byte) (kind string, err error) {
	for _, kind := range []string{"normal", "slave", "replica", "pubsub", "master"} {
		if proto.EqualFold(word, kind) {
			return kind, nil
		}
	}
	return "", proto.ErrClientType(word)
}

// typeOf returns the type of a client.
func typeOf(s *actor.Session) string { return s.OutputClass().String() }

// replyChunk is how many bytes of what waits for a client Redis keeps in a buffer of the client's own, and in each piece of the
// list that goes on from there.
const replyChunk = 16 << 10

// clientOutput returns how many bytes wait for a client to read them, and how Redis would keep them: in the client's buffer, in
// so many pieces of a list.
func clientOutput(c *actor.Call, s *actor.Session) (waiting, buffered, pieces int) {
	waiting, _ = s.Link().Waiting()
	if s == c.Session {
		waiting += c.Reply.Len()
	}
	buffered = min(waiting, replyChunk)
	return waiting, buffered, (waiting - buffered + replyChunk - 1) / replyChunk
}

// clientLine describes a client as CLIENT LIST does. The owner of the data sees neither the socket's descriptor
// (fd) nor what its buffer of replies once had (rbp).
func clientLine(c *actor.Call, s *actor.Session) string {
	name := "NULL"
	waiting, buffered, pieces := clientOutput(c, s)
	queued, _ := s.Queued()
	mem := s.Memory()
	if s == c.Session {
		for _, arg := range c.Args {
			mem.Arguments += int64(len(arg))
		}
	}
	if s.LastCommand != nil {
		name = s.LastCommand.FullName()
	}
	return fmt.Sprintf("id=%d addr=%s laddr=%s fd=-1 name=%s age=%d idle=%d flags=%s db=%d sub=%d psub=%d ssub=%d multi=%d watch=%d "+
		"qbuf=%d qbuf-free=%d argv-mem=%d multi-mem=%d rbs=%d rbp=%d obl=%d oll=%d omem=%d tot-mem=%d events=r cmd=%s user=%s "+
		"redir=%d resp=%d lib-name=%s lib-ver=%s\n",
		s.ID, s.Addr, s.LocalAddr, s.Name, (c.Monotonic()-s.CreatedMs)/1000, (c.Monotonic()-s.ActiveMs)/1000, clientFlags(s), s.DB,
		s.Subscribed(actor.Channels), s.Subscribed(actor.Patterns), s.Subscribed(actor.Shards),
		queued, s.Watching(), s.QueryBuffer.Load(), s.QueryRoom.Load(), mem.Arguments, mem.Transaction,
		mem.Replies, mem.Replies, buffered, pieces, waiting-buffered, mem.Total(), name, defaultUser,
		redirection(s.Tracking()), s.Protocol, s.LibName, s.LibVersion)
}

// clientFlags returns the letters that say what is special about a client, in Redis' order.
func clientFlags(s *actor.Session) string {
	t := s.Tracking()
	var flags []byte
	for _, flag := range []struct {
		set    bool
		letter byte
	}{
		{s.Monitors(), 'O'},
		{s.IsSubscriber(), 'P'},
		{s.Queues(), 'x'},
		{s.IsBlocked(), 'b'},
		{t != nil, 't'},
		{t != nil && t.Broken, 'R'},
		{t != nil && t.Broadcast, 'B'},
		{s.IsBroken(), 'd'},
		{s.NoEvict, 'e'},
		{s.NoTouch, 'T'},
	} {
		if flag.set {
			flags = append(flags, flag.letter)
		}
	}
	if len(flags) == 0 {
		return "N"
	}
	return string(flags)
}

// clientFilter says which clients CLIENT KILL ends. A condition that was not given is nil, 0 or empty.
type clientFilter struct {
	id          uint64
	addr, laddr []byte
	maxAge      int64 // seconds; older ones match
	kind        string
	withSelf    bool
}

func (f *clientFilter) matches(c *actor.Call, s *actor.Session) bool {
	return (f.kind == "" || f.kind == typeOf(s)) &&
		(f.id == 0 || f.id == s.ID) &&
		(f.addr == nil || string(f.addr) == s.Addr) &&
		(f.laddr == nil || string(f.laddr) == s.LocalAddr) &&
		(f.maxAge == 0 || (c.Monotonic()-s.CreatedMs)/1000 >= f.maxAge) &&
		(f.withSelf || s != c.Session)
}

// parse reads one pair of word and value.
func (f *clientFilter) parse(o *proto.Options) (err error) {
	if value, ok := o.WordWith("id"); ok {
		f.id, err = clientID(value)
	} else if value, ok = o.WordWith("type"); ok {
		f.kind, err = clientType(value)
	} else if value, ok = o.WordWith("addr"); ok {
		f.addr = value
	} else if value, ok = o.WordWith("laddr"); ok {
		f.laddr = value
	} else if value, ok = o.WordWith("user"); ok {
		if string(value) != defaultUser {
			err = proto.ErrNoSuchUser(value)
		}
	} else if value, ok = o.WordWith("skipme"); ok {
		f.withSelf = proto.EqualFold(value, "no")
		if !f.withSelf && !proto.EqualFold(value, "yes") {
			err = proto.ErrSyntax
		}
	} else if value, ok = o.WordWith("maxage"); ok {
		f.maxAge, err = maxAge(value)
	} else {
		err = proto.ErrSyntax
	}
	return err
}

func clientID(arg []byte) (uint64, error) {
	id, ok := proto.ParseInt(arg)
	if !ok || id < 1 {
		return 0, proto.ErrClientIDRange
	}
	return uint64(id), nil
}

func maxAge(arg []byte) (int64, error) {
	seconds, ok := proto.ParseInt(arg)
	switch {
	case !ok:
		return 0, proto.ErrMaxAgeNotInt
	case seconds < 1:
		return 0, proto.ErrMaxAgeRange
	}
	return seconds, nil
}

func clientKillCommand(c *actor.Call) error {
	if len(c.Args) == 3 {
		return killAddress(c)
	}
	var filter clientFilter
	for o := c.Args.Options(2); o.More(); {
		if err := filter.parse(&o); err != nil {
			return err
		}
	}
	c.Reply.Count(killClients(c, filter))
	return nil
}

// killAddress is the form of CLIENT KILL from before it had filters. With it a client may end itself.
func killAddress(c *actor.Call) error {
	if killClients(c, clientFilter{addr: c.Args[2], withSelf: true}) == 0 {
		return proto.ErrNoSuchClient
	}
	c.Reply.OK()
	return nil
}

func killClients(c *actor.Call, filter clientFilter) (killed int) {
	among := []*actor.Session{c.SessionByID(filter.id)} // for one there is no need to look at thousands
	if filter.id == 0 {
		among = c.Sessions()
	}
	for _, s := range among {
		if s != nil && filter.matches(c, s) {
			c.Kill(s)
			killed++
		}
	}
	return killed
}
