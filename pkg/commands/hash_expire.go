package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func hashExpireCommands() []actor.Command {
	const group, each = "hash", "O(N) where N is the number of specified fields"
	const fields, conditions = " <FIELDS numfields field [field ...]>", " [NX | XX | GT | LT]"
	const expiry = "EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds"
	write, read := actor.Write|actor.DenyOOM|actor.Fast, actor.ReadOnly|actor.Fast
	update, access := actor.Key(1, actor.RW|actor.Update), actor.Key(1, actor.RO|actor.Access)
	return []actor.Command{
		{Name: "hexpire", Arity: -6, Flags: write, Keys: update, Run: hexpireCommand, Group: group, Since: "7.4.0", Complexity: each,
			Summary: "Set expiry for hash field using relative time to expire (seconds)", Syntax: "key seconds" + conditions + fields},
		{Name: "hpexpire", Arity: -6, Flags: write, Keys: update, Run: hpexpireCommand, Group: group, Since: "7.4.0", Complexity: each,
			Summary: "Set expiry for hash field using relative time to expire (milliseconds)", Syntax: "key milliseconds" + conditions + fields},
		{Name: "hexpireat", Arity: -6, Flags: write, Keys: update, Run: hexpireatCommand, Group: group, Since: "7.4.0", Complexity: each,
			Summary: "Set expiry for hash field using an absolute Unix timestamp (seconds)", Syntax: "key unix-time-seconds" + conditions + fields},
		{Name: "hpexpireat", Arity: -6, Flags: write, Keys: update, Run: hpexpireatCommand, Group: group, Since: "7.4.0", Complexity: each,
			Summary: "Set expiry for hash field using an absolute Unix timestamp (milliseconds)", Syntax: "key unix-time-milliseconds" + conditions + fields},
		{Name: "httl", Arity: -5, Flags: read, Keys: access, Run: httlCommand, Group: group, Since: "7.4.0", Complexity: each,
			Summary: "Returns the TTL in seconds of a hash field.", Syntax: "key" + fields, Tips: []string{"nondeterministic_output"}},
		{Name: "hpttl", Arity: -5, Flags: read, Keys: access, Run: hpttlCommand, Group: group, Since: "7.4.0", Complexity: each,
			Summary: "Returns the TTL in milliseconds of a hash field.", Syntax: "key" + fields, Tips: []string{"nondeterministic_output"}},
		{Name: "hexpiretime", Arity: -5, Flags: read, Keys: access, Run: hexpiretimeCommand, Group: group, Since: "7.4.0", Complexity: each,
			Summary: "Returns the expiration time of a hash field as a Unix timestamp, in seconds.", Syntax: "key" + fields},
		{Name: "hpexpiretime", Arity: -5, Flags: read, Keys: access, Run: hpexpiretimeCommand, Group: group, Since: "7.4.0", Complexity: each,
			Summary: "Returns the expiration time of a hash field as a Unix timestamp, in msec.", Syntax: "key" + fields},
		{Name: "hpersist", Arity: -5, Flags: actor.Write | actor.Fast, Keys: update, Run: hpersistCommand, Group: group, Since: "7.4.0", Complexity: each,
			Summary: "Removes the expiration time for each specified field", Syntax: "key" + fields},
		{Name: "hgetdel", Arity: -5, Flags: actor.Write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Access|actor.Delete), Run: hgetdelCommand,
			Group: group, Since: "8.0.0", Complexity: each, Summary: "Returns the value of a field and deletes it from the hash.", Syntax: "key" + fields},
		{Name: "hgetex", Arity: -5, Flags: actor.Write | actor.Fast, Keys: noted(actor.Key(1, actor.RW|actor.Access|actor.Update), "RW and UPDATE because it changes the TTL"),
			Run: hgetexCommand, Group: group, Since: "8.0.0", Complexity: each,
			Summary: "Get the value of one or more fields of a given hash key, and optionally set their expiration.",
			Syntax:  "key [" + expiry + " | PERSIST]" + fields},
		{Name: "hsetex", Arity: -6, Flags: write, Keys: update, Run: hsetexCommand, Group: group, Since: "8.0.0",
			Complexity: "O(N) where N is the number of fields being set.",
			Summary:    "Set the value of one or more fields of a given hash key, and optionally set their expiration.",
			Syntax:     "key [FNX | FXX] [" + expiry + " | KEEPTTL] <FIELDS numfields field value [field value ...]>"},
	}
}

// What HEXPIRE, HTTL and HPERSIST answer of a field beside a time.
const (
	fieldMissing  = -2
	fieldForever  = -1 // it has no deadline
	fieldAsBefore = 0  // the condition was not met
	fieldChanged  = 1
	fieldGone     = 2 // the time had passed
)

// latestField is the latest time at which fields expire, in unix milliseconds: 2^46-1 in Redis, in the year 4199.
const latestField = 1<<46 - 1

// fieldDeadline reads a number of units, 0 or more, as the time at which fields are to expire in unix milliseconds.
func (u *expiryUnit) fieldDeadline(c *actor.Call, arg []byte) (atMs int64, err error) {
	n, err := integer(arg)
	if err != nil {
		return 0, err
	}
	if n < 0 {
		return 0, proto.ErrExpireNegative
	}
	atMs, ok := u.deadline(c, n)
	if !ok || atMs > latestField {
		return 0, proto.ErrInvalidExpire(c.Command.Name)
	}
	return atMs, nil
}

// applyTo makes an existing field expire at what fieldDeadline returned, or removes it if that has passed already, and
// reports whether it did.
func (u *expiryUnit) applyTo(c *actor.Call, h *store.Hash, field []byte, atMs int64) (gone bool) {
	switch {
	case atMs <= c.Now():
		h.Delete(field)
		c.Store().ExpiredFields++
		return true
	case u.absolute:
		h.ExpireAt(field, atMs)
	default:
		h.ExpireAfter(field, atMs-c.Now())
	}
	return false
}

// readFields reads FIELDS at an argument, their number and the fields themselves, which end the request. Another number
// than a positive one is refused as each command does.
func readFields(c *actor.Call, at int, refusal proto.Error) (fields [][]byte, err error) {
	if !proto.EqualFold(c.Args[at], "fields") {
		return nil, proto.ErrNoFields
	}
	if at+1 == len(c.Args) {
		return nil, wrongArity(c)
	}
	n, err := natural(c.Args[at+1], refusal)
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, refusal
	case n != len(c.Args)-at-2:
		return nil, proto.ErrNumFields
	}
	return c.Args[at+2:], nil
}

// deadlineOf is Deadline that knows no hash as well.
func deadlineOf(h *store.Hash, field []byte) (unixMs int64, ok bool) {
	if h == nil {
		return 0, false
	}
	return h.Deadline(field)
}

func hexpireCommand(c *actor.Call) error  { return expireFields(c, expiryUnit{ms: inSeconds}) }
func hpexpireCommand(c *actor.Call) error { return expireFields(c, expiryUnit{ms: inMilliseconds}) }
func hexpireatCommand(c *actor.Call) error {
	return expireFields(c, expiryUnit{ms: inSeconds, absolute: true})
}
func hpexpireatCommand(c *actor.Call) error {
	return expireFields(c, expiryUnit{ms: inMilliseconds, absolute: true})
}

// expireFields sets the deadlines of fields, for each of which it answers what became of it.
func expireFields(c *actor.Call, unit expiryUnit) error {
	h, err := store.FindForWrite[*store.Hash](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	at, err := unit.fieldDeadline(c, c.Args[2])
	if err != nil {
		return err
	}
	condition, next := readFieldCondition(c.Args[3])
	fields, err := readFields(c, 3+next, proto.ErrNumFieldsZero)
	if err != nil {
		return err
	}
	c.Reply.Array(len(fields))
	event := ""
	for _, field := range fields {
		result := fieldChanged
		switch present, ok := deadlineOf(h, field); {
		case !ok:
			result = fieldMissing
		case !condition.allow(present, at):
			result = fieldAsBefore
		case unit.applyTo(c, h, field, at):
			event, result = "hdel", fieldGone
		default:
			event = "hexpire"
		}
		c.Reply.Count(result)
	}
	if event != "" {
		shrunk(c, c.Args[1], h, event)
	}
	return nil
}

// readFieldCondition reads the one condition there may be, and returns how many arguments it is.
func readFieldCondition(arg []byte) (is expireConditions, n int) {
	switch {
	case proto.EqualFold(arg, "nx"):
		is.nx = true
	case proto.EqualFold(arg, "xx"):
		is.xx = true
	case proto.EqualFold(arg, "gt"):
		is.gt = true
	case proto.EqualFold(arg, "lt"):
		is.lt = true
	default:
		return is, 0
	}
	return is, 1
}

func httlCommand(c *actor.Call) error         { return replyFieldDeadlines(c, c.Now(), inSeconds) }
func hpttlCommand(c *actor.Call) error        { return replyFieldDeadlines(c, c.Now(), inMilliseconds) }
func hexpiretimeCommand(c *actor.Call) error  { return replyFieldDeadlines(c, 0, inSeconds) }
func hpexpiretimeCommand(c *actor.Call) error { return replyFieldDeadlines(c, 0, inMilliseconds) }

// replyFieldDeadlines answers when fields expire, in a unit from baseMs on. Unlike those of keys, any part of a second
// counts as one.
func replyFieldDeadlines(c *actor.Call, baseMs, unitMs int64) error {
	h, err := findHash(c)
	if err != nil {
		return err
	}
	fields, err := readFields(c, 2, proto.ErrNumFieldsPositive)
	if err != nil {
		return err
	}
	c.Reply.Array(len(fields))
	for _, field := range fields {
		switch at, ok := deadlineOf(h, field); {
		case !ok:
			c.Reply.Count(fieldMissing)
		case at == 0:
			c.Reply.Count(fieldForever)
		default:
			c.Reply.Int((at - baseMs + unitMs - 1) / unitMs)
		}
	}
	return nil
}

func hpersistCommand(c *actor.Call) error {
	h, err := store.FindForWrite[*store.Hash](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	fields, err := readFields(c, 2, proto.ErrNumFieldsPositive)
	if err != nil {
		return err
	}
	changed := false
	c.Reply.Array(len(fields))
	for _, field := range fields {
		switch _, ok := deadlineOf(h, field); {
		case !ok:
			c.Reply.Count(fieldMissing)
		case !h.Persist(field):
			c.Reply.Count(fieldForever)
		default:
			c.Reply.Count(fieldChanged)
			changed = true
		}
	}
	if changed {
		c.Changed(c.Args[1], "hpersist")
	}
	return nil
}
