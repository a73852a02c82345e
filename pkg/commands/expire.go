package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func expireCommands() []actor.Command {
	const group, conditions = "generic", " [NX | XX | GT | LT]"
	write, read := actor.Write|actor.Fast, actor.ReadOnly|actor.Fast
	update, access := actor.Key(1, actor.RW|actor.Update), actor.Key(1, actor.RO|actor.Access)
	volatile := []string{"nondeterministic_output"}
	return []actor.Command{
		{Name: "expire", Arity: -3, Flags: write, Keys: update, Run: expireCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Sets the expiration time of a key in seconds.", Syntax: "key seconds" + conditions},
		{Name: "pexpire", Arity: -3, Flags: write, Keys: update, Run: pexpireCommand, Group: group, Since: "2.6.0", Complexity: "O(1)",
			Summary: "Sets the expiration time of a key in milliseconds.", Syntax: "key milliseconds" + conditions},
		{Name: "expireat", Arity: -3, Flags: write, Keys: update, Run: expireatCommand, Group: group, Since: "1.2.0", Complexity: "O(1)",
			Summary: "Sets the expiration time of a key to a Unix timestamp.", Syntax: "key unix-time-seconds" + conditions},
		{Name: "pexpireat", Arity: -3, Flags: write, Keys: update, Run: pexpireatCommand, Group: group, Since: "2.6.0", Complexity: "O(1)",
			Summary: "Sets the expiration time of a key to a Unix milliseconds timestamp.", Syntax: "key unix-time-milliseconds" + conditions},
		{Name: "persist", Arity: 2, Flags: write, Keys: update, Run: persistCommand, Group: group, Since: "2.2.0", Complexity: "O(1)",
			Summary: "Removes the expiration time of a key.", Syntax: "key"},
		{Name: "ttl", Arity: 2, Flags: read, Keys: access, Run: ttlCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Returns the expiration time in seconds of a key.", Syntax: "key", Tips: volatile},
		{Name: "pttl", Arity: 2, Flags: read, Keys: access, Run: pttlCommand, Group: group, Since: "2.6.0", Complexity: "O(1)",
			Summary: "Returns the expiration time in milliseconds of a key.", Syntax: "key", Tips: volatile},
		{Name: "expiretime", Arity: 2, Flags: read, Keys: access, Run: expiretimeCommand, Group: group, Since: "7.0.0", Complexity: "O(1)",
			Summary: "Returns the expiration time of a key as a Unix timestamp.", Syntax: "key"},
		{Name: "pexpiretime", Arity: 2, Flags: read, Keys: access, Run: pexpiretimeCommand, Group: group, Since: "7.0.0", Complexity: "O(1)",
			Summary: "Returns the expiration time of a key as a Unix milliseconds timestamp.", Syntax: "key"},
	}
}

// The units in which deadlines are given and asked for, in milliseconds.
const (
	inSeconds      = 1000
	inMilliseconds = 1
)

func expireCommand(c *actor.Call) error  { return expire(c, expiryUnit{ms: inSeconds}) }
func pexpireCommand(c *actor.Call) error { return expire(c, expiryUnit{ms: inMilliseconds}) }
func expireatCommand(c *actor.Call) error {
	return expire(c, expiryUnit{ms: inSeconds, absolute: true})
}
func pexpireatCommand(c *actor.Call) error {
	return expire(c, expiryUnit{ms: inMilliseconds, absolute: true})
}

// expire sets a deadline. One that has passed already removes the key now.
func expire(c *actor.Call, unit expiryUnit) error {
	key := c.Args[1]
	conditions, err := readExpireConditions(c.Args.Options(3))
	if err != nil {
		return err
	}
	n, err := integer(c.Args[2])
	if err != nil {
		return err
	}
	at, ok := unit.deadline(c, n)
	if !ok {
		return proto.ErrInvalidExpire(c.Command.Name)
	}
	e := c.Keys().Take(key)
	switch {
	case e == nil || !conditions.allow(e.Deadline(), at):
		c.Reply.Flag(false)
		return nil
	case at <= c.Now():
		c.Keys().Delete(key)
		c.Changed(key, "del")
	default:
		unit.apply(c, key, at)
		c.Changed(key, "expire")
	}
	c.Reply.Flag(true)
	return nil
}

// expireConditions are EXPIRE's options.
type expireConditions struct{ nx, xx, gt, lt bool }

func readExpireConditions(o proto.Options) (is expireConditions, err error) {
	for o.More() {
		switch {
		case o.Word("nx"):
			is.nx = true
		case o.Word("xx"):
			is.xx = true
		case o.Word("gt"):
			is.gt = true
		case o.Word("lt"):
			is.lt = true
		default:
			return is, proto.ErrUnsupportedOption(o.Next())
		}
	}
	switch {
	case is.nx && (is.xx || is.gt || is.lt):
		return is, proto.ErrExpireNX
	case is.gt && is.lt:
		return is, proto.ErrExpireGTLT
	}
	return is, nil
}

// allow compares a new deadline with the present one, 0 being none, which is later than any.
func (is expireConditions) allow(present, at int64) bool {
	switch {
	case is.nx && present != 0, is.xx && present == 0:
		return false
	case is.gt && (present == 0 || at <= present):
		return false
	case is.lt && present != 0 && at >= present:
		return false
	}
	return true
}

func persistCommand(c *actor.Call) error {
	key := c.Args[1]
	persisted := c.Keys().Take(key) != nil && c.Keys().Persist(key)
	if persisted {
		c.Changed(key, "persist")
	}
	c.Reply.Flag(persisted)
	return nil
}

func ttlCommand(c *actor.Call) error         { return replyDeadline(c, c.Now(), inSeconds) }
func pttlCommand(c *actor.Call) error        { return replyDeadline(c, c.Now(), inMilliseconds) }
func expiretimeCommand(c *actor.Call) error  { return replyDeadline(c, 0, inSeconds) }
func pexpiretimeCommand(c *actor.Call) error { return replyDeadline(c, 0, inMilliseconds) }

// replyDeadline answers when the key expires, in a unit from baseMs on, -1 if never and -2 if there is no key. Half a
// second is rounded up, in unsigned numbers because the latest deadline is the largest int64.
func replyDeadline(c *actor.Call, baseMs, unitMs int64) error {
	e := c.Keys().Inspect(c.Args[1])
	switch {
	case e == nil:
		c.Reply.Int(-2)
	case e.Deadline() == 0:
		c.Reply.Int(-1)
	default:
		left := uint64(e.Deadline() - baseMs)
		c.Reply.Int(int64((left + uint64(unitMs/2)) / uint64(unitMs)))
	}
	return nil
}
