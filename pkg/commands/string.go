package commands

import (
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func stringCommands() []actor.Command {
	const group = "string"
	const fastRead, write, fastWrite = actor.ReadOnly | actor.Fast, actor.Write | actor.DenyOOM, actor.Write | actor.DenyOOM | actor.Fast
	read, overwrite, insert := actor.Key(1, actor.RO|actor.Access), actor.Key(1, actor.OW|actor.Update), actor.Key(1, actor.OW|actor.Insert)
	update := actor.Key(1, actor.RW|actor.Access|actor.Update)
	const substring = "O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings."
	return []actor.Command{
		{Name: "get", Arity: 2, Flags: fastRead, Keys: read, Run: getCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Returns the string value of a key.", Syntax: "key"},
		{Name: "getdel", Arity: 2, Flags: actor.Write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Access|actor.Delete), Run: getdelCommand, Group: group, Since: "6.2.0", Complexity: "O(1)",
			Summary: "Returns the string value of a key after deleting the key.", Syntax: "key"},
		{Name: "getex", Arity: -2, Flags: actor.Write | actor.Fast, Keys: noted(update, "RW and UPDATE because it changes the TTL"), Run: getexCommand, Group: group, Since: "6.2.0", Complexity: "O(1)",
			Summary: "Returns the string value of a key after setting its expiration time.",
			Syntax:  "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]"},
		{Name: "mget", Arity: -2, Flags: fastRead, Keys: actor.KeysFrom(1, 1, actor.RO|actor.Access), Run: mgetCommand, Group: group, Since: "1.0.0",
			Complexity: "O(N) where N is the number of keys to retrieve.", Summary: "Atomically returns the string values of one or more keys.", Syntax: "key [key ...]",
			Tips: []string{"request_policy:multi_shard"}},
		{Name: "strlen", Arity: 2, Flags: fastRead, Keys: actor.Key(1, actor.RO), Run: strlenCommand, Group: group, Since: "2.2.0", Complexity: "O(1)",
			Summary: "Returns the length of a string value.", Syntax: "key"},
		{Name: "getrange", Arity: 4, Flags: actor.ReadOnly, Keys: read, Run: getrangeCommand, Group: group, Since: "2.4.0", Complexity: substring,
			Summary: "Returns a substring of the string stored at a key.", Syntax: "key start end"},
		{Name: "substr", Arity: 4, Flags: actor.ReadOnly, Keys: read, Run: getrangeCommand, Group: group, Since: "1.0.0", Complexity: substring,
			Deprecated: "2.0.0", Instead: "`GETRANGE`",
			Summary: "Returns a substring from a string value.", Syntax: "key start end"},
		{Name: "digest", Arity: 2, Flags: fastRead, Keys: read, Run: digestCommand, Group: group, Since: "8.4.0",
			Complexity: "O(N) where N is the length of the string value.", Summary: "Returns the XXH3 hash of a string value.", Syntax: "key"},
		{Name: "delex", Arity: -2, Flags: actor.Write | actor.Fast, Keys: delexKeys(), Run: delexCommand, Group: group, Since: "8.4.0",
			Complexity: "O(1) for IFEQ/IFNE, O(N) for IFDEQ/IFDNE where N is the length of the string value.",
			Summary:    "Conditionally removes the specified key based on value or digest comparison.",
			Syntax:     "key [IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]"},
		{Name: "lcs", Arity: -3, Flags: actor.ReadOnly, Keys: []actor.KeySpec{{First: 1, Last: 2, Step: 1, Use: actor.RO | actor.Access}}, Run: lcsCommand,
			Group: group, Since: "7.0.0", Complexity: "O(N*M) where N and M are the lengths of s1 and s2, respectively",
			Summary: "Finds the longest common substring.", Syntax: "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]"},

		{Name: "set", Arity: -3, Flags: write, Keys: setKeys(), Run: setCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
			Syntax:  "key value [NX | XX | IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]"},
		{Name: "setex", Arity: 4, Flags: write, Keys: overwrite, Run: setexCommand, Group: group, Since: "2.0.0", Complexity: "O(1)",
			Deprecated: "2.6.12", Instead: "`SET` with the `EX` argument",
			Summary: "Sets the string value and expiration time of a key. Creates the key if it doesn't exist.", Syntax: "key seconds value"},
		{Name: "psetex", Arity: 4, Flags: write, Keys: overwrite, Run: psetexCommand, Group: group, Since: "2.6.0", Complexity: "O(1)",
			Deprecated: "2.6.12", Instead: "`SET` with the `PX` argument",
			Summary: "Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.", Syntax: "key milliseconds value"},
		{Name: "setnx", Arity: 3, Flags: fastWrite, Keys: insert, Run: setnxCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Deprecated: "2.6.12", Instead: "`SET` with the `NX` argument",
			Summary: "Set the string value of a key only when the key doesn't exist.", Syntax: "key value"},
		{Name: "getset", Arity: 3, Flags: fastWrite, Keys: update, Run: getsetCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Deprecated: "6.2.0", Instead: "`SET` with the `!GET` argument",
			Summary: "Returns the previous string value of a key after setting it to a new value.", Syntax: "key value"},
		{Name: "mset", Arity: -3, Flags: write, Keys: actor.KeysFrom(1, 2, actor.OW|actor.Update), Run: msetCommand, Group: group, Since: "1.0.1",
			Complexity: "O(N) where N is the number of keys to set.", Summary: "Atomically creates or modifies the string values of one or more keys.", Syntax: "key value [key value ...]",
			Tips: []string{"request_policy:multi_shard", "response_policy:all_succeeded"}},
		{Name: "msetnx", Arity: -3, Flags: write, Keys: actor.KeysFrom(1, 2, actor.OW|actor.Insert), Run: msetnxCommand, Group: group, Since: "1.0.1",
			Complexity: "O(N) where N is the number of keys to set.", Syntax: "key value [key value ...]",
			Summary: "Atomically modifies the string values of one or more keys only when all keys don't exist."},
		{Name: "msetex", Arity: -4, Flags: write | actor.MovableKeys, Keys: []actor.KeySpec{{First: 1, Step: 2, Counted: true, Use: actor.OW | actor.Update}}, Run: msetexCommand,
			Group: group, Since: "8.4.0", Complexity: "O(N) where N is the number of keys to set.", Tips: []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
			Summary: "Atomically sets multiple string keys with a shared expiration in a single operation.",
			Syntax:  "numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]"},
		{Name: "append", Arity: 3, Flags: fastWrite, Keys: actor.Key(1, actor.RW|actor.Insert), Run: appendCommand, Group: group, Since: "2.0.0",
			Complexity: "O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.",
			Summary:    "Appends a string to the value of a key. Creates the key if it doesn't exist.", Syntax: "key value"},
		{Name: "setrange", Arity: 4, Flags: write, Keys: actor.Key(1, actor.RW|actor.Update), Run: setrangeCommand, Grows: setrangeGrows, Group: group, Since: "2.2.0",
			Complexity: "O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.",
			Summary:    "Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.", Syntax: "key offset value"},

		{Name: "incr", Arity: 2, Flags: fastWrite, Keys: update, Run: incrCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.", Syntax: "key"},
		{Name: "decr", Arity: 2, Flags: fastWrite, Keys: update, Run: decrCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.", Syntax: "key"},
		{Name: "incrby", Arity: 3, Flags: fastWrite, Keys: update, Run: incrbyCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.", Syntax: "key increment"},
		{Name: "decrby", Arity: 3, Flags: fastWrite, Keys: update, Run: decrbyCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't exist.", Syntax: "key decrement"},
		{Name: "incrbyfloat", Arity: 3, Flags: fastWrite, Keys: update, Run: incrbyfloatCommand, Group: group, Since: "2.6.0", Complexity: "O(1)",
			Summary: "Increment the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.", Syntax: "key increment"},
		{Name: "increx", Arity: -2, Flags: fastWrite, Keys: update, Run: increxCommand, Group: group, Since: "8.8.0", Complexity: "O(1)",
			Summary: "Increments the numeric value of a key by a number and sets its expiration time. Uses 0 as initial value if the key doesn't exist.",
			Syntax:  "key [NX | XX] [BYFLOAT float | BYINT integer] [LBOUND lowerbound] [UBOUND upperbound] [SATURATE] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST] [ENX]"},
	}
}

// noted returns a copy of a single key specification with COMMAND INFO's note on it.
func noted(keys []actor.KeySpec, notes string) []actor.KeySpec {
	spec := keys[0]
	spec.Notes = notes
	return []actor.KeySpec{spec}
}

// setKeys tells of SET's key that it is read only where the request has the word GET or a condition on the value.
func setKeys() []actor.KeySpec {
	const reads = actor.RW | actor.Access | actor.Update
	keys := noted(actor.Key(1, reads|actor.VariableFlags), "RW and ACCESS due to the optional `GET` argument")
	keys[0].UseIn = func(args proto.Args) actor.KeyUse {
		if slices.ContainsFunc(args[min(3, len(args)):], readsValue) {
			return reads
		}
		return actor.OW | actor.Update
	}
	return keys
}

// readsValue reports whether a word behind SET's value makes it read the one that is there.
func readsValue(word []byte) bool {
	return proto.EqualFold(word, "get") ||
		slices.ContainsFunc(conditionKinds[:], func(kind conditionKind) bool { return proto.EqualFold(word, kind.word) })
}

// replyString writes a stored string, or null if there is none.
func replyString(r *proto.Reply, s *store.String) {
	if s == nil {
		r.Null()
	} else if n, ok := s.Integer(); ok {
		r.BulkInt(n)
	} else {
		r.BulkRef(s.Bytes())
	}
}

// replyValue answers with the string that key holds, or null, and reports whether there is one. The caller may replace
// or delete the value afterwards: the reply either copies the bytes or refers to some that never change.
func replyValue(c *actor.Call, key []byte) (found bool, err error) {
	s, err := store.Find[*store.String](c.Keys(), key)
	if err == nil {
		replyString(c.Reply, s)
	}
	return s != nil, err
}

// lengthOf returns the length of a stored string in bytes; no string has none.
func lengthOf(s *store.String) int {
	if s == nil {
		return 0
	}
	return s.Len()
}

// editString returns what FindForWrite found, or a new empty string under key if that was nothing.
func editString(c *actor.Call, key []byte, found *store.String) *store.String {
	if found != nil {
		return found
	}
	return c.Keys().EmptyString(key)
}
