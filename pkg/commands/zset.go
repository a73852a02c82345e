package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

const zsetGroup = "sorted-set"

func zsetCommands() []actor.Command {
	const group = zsetGroup
	const popped = "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped."
	add, fast := actor.Write|actor.DenyOOM|actor.Fast, actor.ReadOnly|actor.Fast
	read, edit := actor.Key(1, actor.RO|actor.Access), actor.Key(1, actor.RW|actor.Update)
	take := actor.Key(1, actor.RW|actor.Access|actor.Delete)
	return []actor.Command{
		{Name: "zadd", Arity: -4, Flags: add, Keys: edit, Run: zaddCommand, Group: group, Since: "1.2.0",
			Complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
			Summary:    "Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.",
			Syntax:     "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]"},
		{Name: "zincrby", Arity: 4, Flags: add, Keys: actor.Key(1, actor.RW|actor.Access|actor.Update), Run: zincrbyCommand, Group: group, Since: "1.2.0",
			Complexity: "O(log(N)) where N is the number of elements in the sorted set.",
			Summary:    "Increments the score of a member in a sorted set.", Syntax: "key increment member"},
		{Name: "zrem", Arity: -3, Flags: actor.Write | actor.Fast, Keys: actor.Key(1, actor.RW|actor.Delete), Run: zremCommand, Group: group, Since: "1.2.0",
			Complexity: "O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.",
			Summary:    "Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.", Syntax: "key member [member ...]"},
		{Name: "zcard", Arity: 2, Flags: fast, Keys: actor.Key(1, actor.RO), Run: zcardCommand, Group: group, Since: "1.2.0",
			Complexity: "O(1)", Summary: "Returns the number of members in a sorted set.", Syntax: "key"},
		{Name: "zscore", Arity: 3, Flags: fast, Keys: read, Run: zscoreCommand, Group: group, Since: "1.2.0",
			Complexity: "O(1)", Summary: "Returns the score of a member in a sorted set.", Syntax: "key member"},
		{Name: "zmscore", Arity: -3, Flags: fast, Keys: read, Run: zmscoreCommand, Group: group, Since: "6.2.0",
			Complexity: "O(N) where N is the number of members being requested.",
			Summary:    "Returns the score of one or more members in a sorted set.", Syntax: "key member [member ...]"},
		{Name: "zrank", Arity: -3, Flags: fast, Keys: read, Run: zrankCommand, Group: group, Since: "2.0.0",
			Complexity: "O(log(N))", Summary: "Returns the index of a member in a sorted set ordered by ascending scores.", Syntax: "key member [WITHSCORE]"},
		{Name: "zrevrank", Arity: -3, Flags: fast, Keys: read, Run: zrevrankCommand, Group: group, Since: "2.0.0",
			Complexity: "O(log(N))", Summary: "Returns the index of a member in a sorted set ordered by descending scores.", Syntax: "key member [WITHSCORE]"},
		{Name: "zpopmin", Arity: -2, Flags: actor.Write | actor.Fast, Keys: take, Run: zpopminCommand, Group: group, Since: "5.0.0", Complexity: popped,
			Summary: "Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.",
			Syntax:  "key [count]"},
		{Name: "zpopmax", Arity: -2, Flags: actor.Write | actor.Fast, Keys: take, Run: zpopmaxCommand, Group: group, Since: "5.0.0", Complexity: popped,
			Summary: "Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.",
			Syntax:  "key [count]"},
		{Name: "zrandmember", Arity: -2, Flags: actor.ReadOnly, Keys: read, Run: zrandmemberCommand, Group: group, Since: "6.2.0",
			Complexity: "O(N) where N is the number of members returned",
			Summary:    "Returns one or more random members from a sorted set.", Syntax: "key [count [WITHSCORES]]",
			Tips: []string{"nondeterministic_output"}},
		{Name: "zscan", Arity: -3, Flags: actor.ReadOnly, Keys: read, Run: zscanCommand, Group: group, Since: "2.8.0",
			Complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
			Summary:    "Iterates over members and scores of a sorted set.", Syntax: "key cursor [MATCH pattern] [COUNT count]",
			Tips: []string{"nondeterministic_output"}},
	}
}

// findZSet returns the sorted set of a command whose first argument is its key.
func findZSet(c *actor.Call) (*store.ZSet, error) {
	return store.Find[*store.ZSet](c.Keys(), c.Args[1])
}

func editZSet(c *actor.Call) (*store.ZSet, error) {
	return store.FindForWrite[*store.ZSet](c.Keys(), c.Args[1])
}

// scoredReply writes members, and their scores if they are wanted: in RESP3 each member with its score as a pair.
type scoredReply struct {
	*proto.Reply
	withScores bool
}

// begin promises n members.
func (r scoredReply) begin(n int) {
	if r.withScores && !r.RESP3() {
		n *= 2
	}
	r.Array(n)
}

func (r scoredReply) add(member []byte, score float64) bool {
	if r.withScores && r.RESP3() {
		r.Array(2)
	}
	r.Bulk(member)
	if r.withScores {
		r.Double(score)
	}
	return true
}

func zremCommand(c *actor.Call) error {
	key := c.Args[1]
	z, err := editZSet(c)
	if err != nil {
		return err
	}
	removed := 0
	if z != nil {
		for _, member := range c.Args[2:] {
			if z.Remove(member) {
				removed++
			}
		}
	}
	if removed > 0 {
		shrunk(c, key, z, "zrem")
	}
	c.Reply.Count(removed)
	return nil
}

func zcardCommand(c *actor.Call) error {
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	n := 0
	if z != nil {
		n = z.Len()
	}
	c.Reply.Count(n)
	return nil
}

func zscoreCommand(c *actor.Call) error {
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	replyScore(c, z, c.Args[2])
	return nil
}

func zmscoreCommand(c *actor.Call) error {
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	c.Reply.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		replyScore(c, z, member)
	}
	return nil
}

// replyScore answers the score of a member of a sorted set, or null if it or that does not exist.
func replyScore(c *actor.Call, z *store.ZSet, member []byte) {
	if z != nil {
		if score, ok := z.Score(member); ok {
			c.Reply.Double(score)
			return
		}
	}
	c.Reply.Null()
}

func zrankCommand(c *actor.Call) error    { return zrank(c, false) }
func zrevrankCommand(c *actor.Call) error { return zrank(c, true) }

func zrank(c *actor.Call, reverse bool) error {
	withScore, err := readWithScore(c)
	if err != nil {
		return err
	}
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	rank, score, found := 0, 0.0, false
	if z != nil {
		rank, score, found = z.Rank(c.Args[2])
		if reverse {
			rank = z.Len() - 1 - rank
		}
	}
	switch {
	case found && withScore:
		c.Reply.Array(2)
		c.Reply.Count(rank)
		c.Reply.Double(score)
	case found:
		c.Reply.Count(rank)
	case withScore:
		c.Reply.NullArray()
	default:
		c.Reply.Null()
	}
	return nil
}

func readWithScore(c *actor.Call) (withScore bool, err error) {
	o := c.Args.Options(3)
	switch {
	case o.Left() > 1:
		return false, wrongArity(c)
	case o.More() && !o.Word("withscore"):
		return false, proto.ErrSyntax
	}
	return len(c.Args) > 3, nil
}

// zscanCommand, like Redis, looks at its options only if there is a sorted set.
func zscanCommand(c *actor.Call) error {
	cursor, ok := proto.ParseUint(c.Args[2])
	if !ok {
		return proto.ErrInvalidCursor
	}
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	page, n := c.Reply.DeferPage(), 0
	if z == nil {
		c.Reply.EndPage(page, 0, 0)
		return nil
	}
	scan, err := elementScanOptions(c.Args.Options(3))
	if err != nil {
		return err
	}
	next := z.Scan(cursor, scan.count, func(member, score []byte) {
		if scan.accepts(member) {
			c.Reply.Bulk(member)
			c.Reply.Bulk(score)
			n += 2
		}
	})
	c.Reply.EndPage(page, next, n)
	return nil
}
