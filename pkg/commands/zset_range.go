package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/double"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func zsetRangeCommands() []actor.Command {
	const group = zsetGroup
	const returned = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned."
	const limited = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N))."
	const removed = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation."
	read, fast := actor.Key(1, actor.RO|actor.Access), actor.ReadOnly|actor.Fast
	remove := actor.Key(1, actor.RW|actor.Delete)
	return []actor.Command{
		{Name: "zrange", Arity: -4, Flags: actor.ReadOnly, Keys: read, Run: zrangeCommand, Group: group, Since: "1.2.0", Complexity: returned,
			Summary: "Returns members in a sorted set within a range of indexes.",
			Syntax:  "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]"},
		{Name: "zrevrange", Arity: -4, Flags: actor.ReadOnly, Keys: read, Run: zrevrangeCommand, Group: group, Since: "1.2.0", Complexity: returned,
			Deprecated: "6.2.0", Instead: "`ZRANGE` with the `REV` argument",
			Summary: "Returns members in a sorted set within a range of indexes in reverse order.", Syntax: "key start stop [WITHSCORES]"},
		{Name: "zrangebyscore", Arity: -4, Flags: actor.ReadOnly, Keys: read, Run: zrangebyscoreCommand, Group: group, Since: "1.0.5", Complexity: limited,
			Deprecated: "6.2.0", Instead: "`ZRANGE` with the `BYSCORE` argument",
			Summary: "Returns members in a sorted set within a range of scores.", Syntax: "key min max [WITHSCORES] [LIMIT offset count]"},
		{Name: "zrevrangebyscore", Arity: -4, Flags: actor.ReadOnly, Keys: read, Run: zrevrangebyscoreCommand, Group: group, Since: "2.2.0", Complexity: limited,
			Deprecated: "6.2.0", Instead: "`ZRANGE` with the `REV` and `BYSCORE` arguments",
			Summary: "Returns members in a sorted set within a range of scores in reverse order.", Syntax: "key max min [WITHSCORES] [LIMIT offset count]"},
		{Name: "zrangebylex", Arity: -4, Flags: actor.ReadOnly, Keys: read, Run: zrangebylexCommand, Group: group, Since: "2.8.9", Complexity: limited,
			Deprecated: "6.2.0", Instead: "`ZRANGE` with the `BYLEX` argument",
			Summary: "Returns members in a sorted set within a lexicographical range.", Syntax: "key min max [LIMIT offset count]"},
		{Name: "zrevrangebylex", Arity: -4, Flags: actor.ReadOnly, Keys: read, Run: zrevrangebylexCommand, Group: group, Since: "2.8.9", Complexity: limited,
			Deprecated: "6.2.0", Instead: "`ZRANGE` with the `REV` and `BYLEX` arguments",
			Summary: "Returns members in a sorted set within a lexicographical range in reverse order.", Syntax: "key max min [LIMIT offset count]"},
		{Name: "zrangestore", Arity: -5, Flags: actor.Write | actor.DenyOOM, Run: zrangestoreCommand, Group: group, Since: "6.2.0",
			Keys:       append(actor.Key(1, actor.OW|actor.Update), actor.Key(2, actor.RO|actor.Access)...),
			Complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.",
			Summary:    "Stores a range of members from sorted set in a key.", Syntax: "dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]"},
		{Name: "zcount", Arity: 4, Flags: fast, Keys: read, Run: zcountCommand, Group: group, Since: "2.0.0",
			Complexity: "O(log(N)) with N being the number of elements in the sorted set.",
			Summary:    "Returns the count of members in a sorted set that have scores within a range.", Syntax: "key min max"},
		{Name: "zlexcount", Arity: 4, Flags: fast, Keys: read, Run: zlexcountCommand, Group: group, Since: "2.8.9",
			Complexity: "O(log(N)) with N being the number of elements in the sorted set.",
			Summary:    "Returns the number of members in a sorted set within a lexicographical range.", Syntax: "key min max"},
		{Name: "zremrangebyrank", Arity: 4, Flags: actor.Write, Keys: remove, Run: zremrangebyrankCommand, Group: group, Since: "2.0.0", Complexity: removed,
			Summary: "Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.", Syntax: "key start stop"},
		{Name: "zremrangebyscore", Arity: 4, Flags: actor.Write, Keys: remove, Run: zremrangebyscoreCommand, Group: group, Since: "1.2.0", Complexity: removed,
			Summary: "Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.", Syntax: "key min max"},
		{Name: "zremrangebylex", Arity: 4, Flags: actor.Write, Keys: remove, Run: zremrangebylexCommand, Group: group, Since: "2.8.9", Complexity: removed,
			Summary: "Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed.", Syntax: "key min max"},
	}
}

// order is by what a range is given.
type order uint8

const (
	byAny order = iota // the request says
	byRank
	byScore
	byLex
)

// zrange is a range of a sorted set's members.
type zrange struct {
	by           order
	reverse      bool // from the highest on
	withScores   bool
	ranks        bounds
	scores       store.ScoreRange
	members      store.LexRange
	offset, most int // how many members to leave out, and then to take at most unless that is negative
}

// zrangeSyntax is what a command's name says of the range, and which words it has.
type zrangeSyntax struct {
	by      order
	forward bool // there is no REV
	reverse bool // and no other way
	stores  bool // there is no WITHSCORES
}

// read reads the two ends of a range, which are the arguments i and i+1, and what stands behind them.
func (s zrangeSyntax) read(args proto.Args, i int) (r zrange, err error) {
	r = zrange{by: s.by, reverse: s.reverse, most: -1}
	for o := args.Options(i + 2); o.More() && err == nil; {
		switch {
		case !s.stores && o.Word("withscores"):
			r.withScores = true
		case o.Left() > 2 && o.Word("limit"):
			if r.offset, err = position(o.Next()); err == nil {
				r.most, err = position(o.Next())
			}
		case !s.forward && !r.reverse && o.Word("rev"):
			r.reverse = true
		case r.by == byAny && o.Word("bylex"):
			r.by = byLex
		case r.by == byAny && o.Word("byscore"):
			r.by = byScore
		default:
			err = proto.ErrSyntax
		}
	}
	if r.by == byAny {
		r.by = byRank
	}
	switch {
	case err != nil:
		return r, err
	case r.by == byRank && r.most != -1:
		return r, proto.ErrLimitOfRanks
	case r.by == byLex && r.withScores:
		return r, proto.ErrWithScoresByLex
	}
	return r, r.readEnds(args[i], args[i+1])
}

// readEnds reads the ends, of which the highest is the first if the range is reversed, except among ranks.
func (r *zrange) readEnds(first, last []byte) (err error) {
	if r.reverse && r.by != byRank {
		first, last = last, first
	}
	switch r.by {
	case byRank:
		r.ranks, err = readBounds(first, last)
	case byScore:
		r.scores, err = readScoreRange(first, last)
	case byLex:
		r.members, err = readLexRange(first, last)
	}
	return err
}

func readScoreRange(low, high []byte) (r store.ScoreRange, err error) {
	var lowOK, highOK bool
	r.Min, r.MinExclusive, lowOK = readScoreBound(low)
	r.Max, r.MaxExclusive, highOK = readScoreBound(high)
	if !lowOK || !highOK {
		return r, proto.ErrScoreRange
	}
	return r, nil
}

func readScoreBound(arg []byte) (score float64, exclusive, ok bool) {
	if exclusive = len(arg) > 0 && arg[0] == '('; exclusive {
		arg = arg[1:]
	}
	score, ok = double.ParseBound(arg)
	return score, exclusive, ok
}

func readLexRange(low, high []byte) (r store.LexRange, err error) {
	var lowOK, highOK bool
	r.Min, lowOK = readLexBound(low)
	r.Max, highOK = readLexBound(high)
	if !lowOK || !highOK {
		return r, proto.ErrLexRange
	}
	return r, nil
}

// readLexBound reads a member behind ( or [, or one of the signs for infinity, behind which Redis takes a NUL for the end.
func readLexBound(arg []byte) (b store.LexBound, ok bool) {
	if len(arg) == 0 {
		return b, false
	}
	switch rest := arg[1:]; arg[0] {
	case '-', '+':
		if arg[0] == '-' {
			b.Infinite = -1
		} else {
			b.Infinite = 1
		}
		return b, len(rest) == 0 || rest[0] == 0
	case '(':
		b.Member, b.Exclusive = rest, true
	case '[':
		b.Member = rest
	default:
		return b, false
	}
	return b, true
}

// within returns the ranks of the members in the range: from to to-1, or none, and then from is to.
func (r *zrange) within(z *store.ZSet) (from, to int) {
	if r.by == byRank {
		return r.withinRanks(z.Len())
	}
	if r.offset < 0 { // leaves out everything
		return 0, 0
	}
	switch {
	case r.by == byScore:
		from, to = r.skip(z.ByScore(r.scores))
	case r.reverse:
		from, to = z.ByLexBack(r.members, r.offset)
	default:
		from, to = z.ByLex(r.members, r.offset)
	}
	return r.limit(from, max(from, to))
}

func (r *zrange) withinRanks(length int) (from, to int) {
	start, _, n := r.ranks.within(length)
	switch {
	case n == 0:
		return 0, 0
	case r.reverse:
		return length - start - n, length - start
	}
	return start, start + n
}

// skip leaves out as many as the offset says.
func (r *zrange) skip(from, to int) (int, int) {
	n := min(r.offset, max(to-from, 0))
	if r.reverse {
		return from, to - n
	}
	return from + n, to
}

// limit leaves as many as are wanted.
func (r *zrange) limit(from, to int) (int, int) {
	switch {
	case r.most < 0 || r.most >= to-from:
		return from, to
	case r.reverse:
		return to - r.most, to
	}
	return from, from + r.most
}

// each yields the members of the ranks from to to-1 in the order of the range.
func (r *zrange) each(z *store.ZSet, from, to int, yield func(member []byte, score float64) bool) {
	if r.reverse {
		z.RangeBack(from, to, yield)
	} else {
		z.Range(from, to, yield)
	}
}

func zrangeCommand(c *actor.Call) error { return replyRange(c, zrangeSyntax{}) }
func zrevrangeCommand(c *actor.Call) error {
	return replyRange(c, zrangeSyntax{by: byRank, reverse: true})
}
func zrangebyscoreCommand(c *actor.Call) error {
	return replyRange(c, zrangeSyntax{by: byScore, forward: true})
}
func zrevrangebyscoreCommand(c *actor.Call) error {
	return replyRange(c, zrangeSyntax{by: byScore, reverse: true})
}
func zrangebylexCommand(c *actor.Call) error {
	return replyRange(c, zrangeSyntax{by: byLex, forward: true})
}
func zrevrangebylexCommand(c *actor.Call) error {
	return replyRange(c, zrangeSyntax{by: byLex, reverse: true})
}

func replyRange(c *actor.Call, s zrangeSyntax) error {
	r, err := s.read(c.Args, 2)
	if err != nil {
		return err
	}
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	if z == nil {
		c.Reply.Array(0)
		return nil
	}
	from, to := r.within(z)
	reply := scoredReply{c.Reply, r.withScores}
	reply.begin(to - from)
	r.each(z, from, to, reply.add)
	return nil
}

func zrangestoreCommand(c *actor.Call) error {
	r, err := zrangeSyntax{stores: true}.read(c.Args, 3)
	if err != nil {
		return err
	}
	z, err := store.Find[*store.ZSet](c.Keys(), c.Args[2])
	if err != nil {
		return err
	}
	list := new(store.ScoredList)
	if z != nil {
		from, to := r.within(z)
		r.each(z, from, to, func(member []byte, score float64) bool {
			list.Add(member, score)
			return true
		})
		list.Order()
	}
	storeScored(c, c.Args[1], list, "zrangestore")
	return nil
}

func zcountCommand(c *actor.Call) error    { return zcount(c, byScore) }
func zlexcountCommand(c *actor.Call) error { return zcount(c, byLex) }

func zcount(c *actor.Call, by order) error {
	r, err := readPlainRange(c, by)
	if err != nil {
		return err
	}
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	n := 0
	if z != nil {
		from, to := r.within(z)
		n = to - from
	}
	c.Reply.Count(n)
	return nil
}

// readPlainRange reads the range of a command whose other arguments are the two ends.
func readPlainRange(c *actor.Call, by order) (zrange, error) {
	r := zrange{by: by, most: -1}
	err := r.readEnds(c.Args[2], c.Args[3])
	return r, err
}

func zremrangebyrankCommand(c *actor.Call) error  { return zremrange(c, byRank, "zremrangebyrank") }
func zremrangebyscoreCommand(c *actor.Call) error { return zremrange(c, byScore, "zremrangebyscore") }
func zremrangebylexCommand(c *actor.Call) error   { return zremrange(c, byLex, "zremrangebylex") }

func zremrange(c *actor.Call, by order, event string) error {
	r, err := readPlainRange(c, by)
	if err != nil {
		return err
	}
	z, err := editZSet(c)
	if err != nil {
		return err
	}
	n := 0
	if z != nil {
		from, to := r.within(z)
		z.RemoveRange(from, to)
		n = to - from
	}
	if n > 0 {
		shrunk(c, c.Args[1], z, event)
	}
	c.Reply.Count(n)
	return nil
}
