package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/rdb"
	"snakecache/pkg/store"
)

func dumpCommands() []actor.Command {
	const group = "generic"
	const complexity = "O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1)."
	const building = "O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N))."
	const payload = "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]"
	return []actor.Command{
		{Name: "dump", Arity: 2, Flags: actor.ReadOnly, Keys: actor.Key(1, actor.RO|actor.Access), Run: dumpCommand, Group: group, Since: "2.6.0",
			Complexity: complexity, Summary: "Returns a serialized representation of the value stored at a key.", Syntax: "key",
			Tips: []string{"nondeterministic_output"}},
		{Name: "restore", Arity: -4, Flags: actor.Write | actor.DenyOOM, Keys: actor.Key(1, actor.OW|actor.Update), Run: restoreCommand, Group: group, Since: "2.6.0",
			Complexity: building,
			Summary:    "Creates a key from the serialized representation of a value.", Categories: []string{"dangerous"}, Syntax: payload},
		{Name: "restore-asking", Arity: -4, Flags: actor.Write | actor.DenyOOM | actor.Asking, Keys: actor.Key(1, actor.OW|actor.Update),
			Run: restoreCommand, Group: "server", Since: "3.0.0", Complexity: building, Internal: true,
			Summary: "An internal command for migrating keys in a cluster.", Categories: []string{"keyspace", "dangerous"}, Syntax: payload},
	}
}

func dumpCommand(c *actor.Call) error {
	if e := c.Keys().Inspect(c.Args[1]); e != nil {
		c.Reply.BulkRef(rdb.Dump(e))
	} else {
		c.Reply.Null()
	}
	return nil
}

// restoring is what RESTORE's options say.
type restoring struct {
	replace, absolute bool
	idle, frequency   int64 // -1: not given
}

func readRestoring(o proto.Options) (r restoring, err error) {
	r.idle, r.frequency = -1, -1
	for err == nil && o.More() {
		if o.Word("replace") {
			r.replace = true
		} else if o.Word("absttl") {
			r.absolute = true
		} else if arg, ok := o.WordWith("idletime"); ok && r.frequency < 0 {
			r.idle, err = bounded(arg, math.MaxInt64, proto.ErrRestoreIdle)
		} else if arg, ok := o.WordWith("freq"); ok && r.idle < 0 {
			r.frequency, err = bounded(arg, math.MaxUint8, proto.ErrRestoreFreq)
		} else {
			err = proto.ErrSyntax
		}
	}
	return r, err
}

// bounded reads a number from 0 to most.
func bounded(arg []byte, most int64, refusal proto.Error) (int64, error) {
	n, err := integer(arg)
	if err == nil && (n < 0 || n > most) {
		err = refusal
	}
	return n, err
}

func restoreCommand(c *actor.Call) error {
	key, dump := c.Args[1], c.Args[3]
	r, err := readRestoring(c.Args.Options(4))
	if err != nil {
		return err
	}
	if !r.replace && c.Keys().Peek(key) != nil {
		return proto.ErrBusyKey
	}
	ttl, err := bounded(c.Args[2], math.MaxInt64, proto.ErrRestoreTTL)
	if err != nil {
		return err
	}
	if !rdb.Verify(dump) {
		return proto.ErrDumpChecksum
	}
	text, fresh, err := rdb.Restore(c.Keys(), dump, c.Bounds().MaxBulk)
	if err != nil {
		return proto.ErrDumpFormat
	}
	r.put(c, key, text, fresh, ttl)
	c.Reply.OK()
	return nil
}

// put gives the key its value and deadline. One that has passed leaves no key, whatever there was.
func (r restoring) put(c *actor.Call, key, text []byte, fresh store.Value, ttl int64) {
	if r.passed(c, ttl) {
		if fresh != nil {
			c.Keys().Abandon(fresh)
		}
		if c.Keys().Delete(key) {
			c.Changed(key, "del")
		}
		return
	}
	c.Keys().Delete(key) // so that it is a new one
	if fresh != nil {
		c.Keys().Replace(key, fresh)
	} else {
		c.Keys().SetString(key, text, false)
	}
	switch {
	case ttl > 0 && r.absolute:
		c.Keys().ExpireAt(key, ttl)
	case ttl > 0:
		c.Keys().ExpireAfter(key, ttl)
	}
	r.use(c, key)
	c.Changed(key, "restore")
}

// passed reports whether a time to live ends now. One so long that its end is no number counts as such, as in Redis.
func (r restoring) passed(c *actor.Call, ttl int64) bool {
	if r.absolute {
		return ttl > 0 && ttl <= c.Now()
	}
	return ttl > math.MaxInt64-c.Now()
}

// use makes the key as idle, or as often used, as the options say.
func (r restoring) use(c *actor.Call, key []byte) {
	if r.idle >= 0 {
		c.Keys().SetIdle(key, min(r.idle, math.MaxInt64/1000)*1000)
	}
	if r.frequency >= 0 {
		c.Keys().SetFrequency(key, uint8(r.frequency))
	}
}
