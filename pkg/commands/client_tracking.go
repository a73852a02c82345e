package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func clientTrackingSubcommands() []actor.Command {
	const (
		group = "connection"
		flags = actor.NoScript | actor.Loading | actor.Stale
	)
	return []actor.Command{
		{Name: "tracking", Arity: -3, Flags: flags, Run: clientTrackingCommand, Group: group, Since: "6.0.0",
			Complexity: "O(1). Some options may introduce additional complexity.",
			Summary:    "Controls server-assisted client-side caching for the connection.",
			Syntax:     "<ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]"},
		{Name: "caching", Arity: 3, Flags: flags, Run: clientCachingCommand, Group: group, Since: "6.0.0", Complexity: "O(1)",
			Summary: "Instructs the server whether to track the keys in the next request.", Syntax: "<YES | NO>"},
		{Name: "trackinginfo", Arity: 2, Flags: flags, Run: clientTrackinginfoCommand, Group: group, Since: "6.2.0", Complexity: "O(1)",
			Summary: "Returns information about server-assisted client-side caching for the connection."},
		{Name: "getredir", Arity: 2, Flags: flags, Run: clientGetredirCommand, Group: group, Since: "6.0.0", Complexity: "O(1)",
			Summary: "Returns the client ID to which the connection's tracking notifications are redirected."},
	}
}

func clientTrackingCommand(c *actor.Call) error {
	wanted, err := readTracking(c)
	switch {
	case err != nil:
		return err
	case proto.EqualFold(c.Args[2], "off"):
		c.Untrack()
	case !proto.EqualFold(c.Args[2], "on"):
		return proto.ErrSyntax
	default:
		if err := checkTracking(wanted, c.Session.Tracking()); err != nil {
			return err
		}
		c.Track(wanted)
	}
	c.Reply.OK()
	return nil
}

// readTracking reads the options of CLIENT TRACKING.
func readTracking(c *actor.Call) (t actor.Tracking, err error) {
	for o := c.Args.Options(3); o.More(); {
		if value, ok := o.WordWith("redirect"); ok {
			if t.Redirect != 0 {
				return t, proto.ErrRedirectTwice
			}
			if t.Redirect, err = readRedirection(c, value); err != nil {
				return t, err
			}
		} else if value, ok := o.WordWith("prefix"); ok {
			t.Prefixes = append(t.Prefixes, string(value))
		} else if o.Word("bcast") {
			t.Broadcast = true
		} else if o.Word("optin") {
			t.OptIn = true
		} else if o.Word("optout") {
			t.OptOut = true
		} else if o.Word("noloop") {
			t.NoLoop = true
		} else {
			return t, proto.ErrSyntax
		}
	}
	return t, nil
}

func readRedirection(c *actor.Call, arg []byte) (id uint64, err error) {
	n, err := integer(arg)
	if err != nil {
		return 0, err
	}
	if c.SessionByID(uint64(n)) == nil {
		return 0, proto.ErrRedirectUnknown
	}
	return uint64(n), nil
}

// checkTracking refuses what contradicts itself, or how the session tracks already.
func checkTracking(wanted actor.Tracking, now *actor.Tracking) error {
	switch {
	case !wanted.Broadcast && wanted.Prefixes != nil:
		return proto.ErrPrefixWithoutBroadcast
	case now != nil && now.Broadcast != wanted.Broadcast:
		return proto.ErrBroadcastSwitch
	case wanted.Broadcast && (wanted.OptIn || wanted.OptOut):
		return proto.ErrBroadcastOptions
	case wanted.OptIn && wanted.OptOut:
		return proto.ErrBothOptions
	case now != nil && ((wanted.OptIn && now.OptOut) || (wanted.OptOut && now.OptIn)):
		return proto.ErrOptionSwitch
	}
	return checkPrefixes(wanted.Prefixes, now)
}

// checkPrefixes refuses prefixes one of which begins with another: a key would be told of twice.
func checkPrefixes(prefixes []string, now *actor.Tracking) error {
	for i, prefix := range prefixes {
		if now != nil {
			for _, other := range now.Prefixes {
				if overlap(prefix, other) {
					return proto.ErrPrefixExists(prefix, other)
				}
			}
		}
		for _, other := range prefixes[i+1:] {
			if overlap(prefix, other) {
				return proto.ErrPrefixTwice(prefix, other)
			}
		}
	}
	return nil
}

func overlap(a, b string) bool {
	n := min(len(a), len(b))
	return a[:n] == b[:n]
}

func clientCachingCommand(c *actor.Call) error {
	t := c.Session.Tracking()
	if t == nil {
		return proto.ErrCachingUntracked
	}
	switch {
	case proto.EqualFold(c.Args[2], "yes"):
		if !t.OptIn {
			return proto.ErrCachingYes
		}
	case proto.EqualFold(c.Args[2], "no"):
		if !t.OptOut {
			return proto.ErrCachingNo
		}
	default:
		return proto.ErrSyntax
	}
	c.SayCaching()
	c.Reply.OK()
	return nil
}

func clientTrackinginfoCommand(c *actor.Call) error {
	t := c.Session.Tracking()
	r := c.Reply
	r.Map(3)
	r.BulkString("flags")
	replyTrackingFlags(r, t)
	r.BulkString("redirect")
	r.Int(redirection(t))
	r.BulkString("prefixes")
	if t == nil {
		r.Array(0)
		return nil
	}
	r.Array(len(t.Prefixes))
	for _, prefix := range t.Prefixes {
		r.BulkString(prefix)
	}
	return nil
}

func replyTrackingFlags(r *proto.Reply, t *actor.Tracking) {
	if t == nil {
		r.Set(1)
		r.BulkString("off")
		return
	}
	flags, n := r.DeferSet(), 0
	for _, flag := range []struct {
		set  bool
		name string
	}{
		{true, "on"},
		{t.Broadcast, "bcast"},
		{t.OptIn, "optin"},
		{t.OptIn && t.Caching, "caching-yes"},
		{t.OptOut, "optout"},
		{t.OptOut && t.Caching, "caching-no"},
		{t.NoLoop, "noloop"},
		{t.Broken, "broken_redirect"},
	} {
		if flag.set {
			r.BulkString(flag.name)
			n++
		}
	}
	r.EndSet(flags, n)
}

// redirection returns the number of the client that gets the news in a client's place, 0 if it does itself, -1 if nobody.
func redirection(t *actor.Tracking) int64 {
	if t == nil {
		return -1
	}
	return int64(t.Redirect)
}

func clientGetredirCommand(c *actor.Call) error {
	c.Reply.Int(redirection(c.Session.Tracking()))
	return nil
}
