package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// zsetEnd is the end of a sorted set from which members go.
type zsetEnd bool

const (
	lowest  zsetEnd = true
	highest zsetEnd = false
)

// pop hands n members of a set that has as many to visit, from the end on, and removes them.
func (end zsetEnd) pop(z *store.ZSet, n int, visit func(member []byte, score float64) bool) {
	from, to := 0, n
	if end == lowest {
		z.Range(from, to, visit)
	} else {
		from, to = z.Len()-n, z.Len()
		z.RangeBack(from, to, visit)
	}
	z.RemoveRange(from, to)
}

// popped is the event of what happened at the end.
func (end zsetEnd) popped() string {
	if end == lowest {
		return "zpopmin"
	}
	return "zpopmax"
}

func zpopminCommand(c *actor.Call) error { return zpop(c, lowest) }
func zpopmaxCommand(c *actor.Call) error { return zpop(c, highest) }

// zpop answers a member with its score, or with a count as many as that, which are pairs in RESP3.
func zpop(c *actor.Call, end zsetEnd) error {
	count, pairs := 1, false
	switch len(c.Args) {
	case 2:
	case 3:
		var err error
		if count, err = natural(c.Args[2], proto.ErrNotPositive); err != nil {
			return err
		}
		pairs = c.Reply.RESP3()
	default:
		return proto.ErrSyntax
	}
	z, err := editZSet(c)
	if err != nil {
		return err
	}
	if z == nil || count == 0 {
		c.Reply.Array(0)
		return nil
	}
	n := min(count, z.Len())
	if pairs {
		c.Reply.Array(n)
	} else {
		c.Reply.Array(2 * n)
	}
	end.pop(z, n, func(member []byte, score float64) bool {
		if pairs {
			c.Reply.Array(2)
		}
		c.Reply.Bulk(member)
		c.Reply.Double(score)
		return true
	})
	shrunk(c, c.Args[1], z, end.popped())
	return nil
}

func zrandmemberCommand(c *actor.Call) error {
	if len(c.Args) > 2 {
		return randomMembers(c)
	}
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	if z == nil {
		c.Reply.Null()
		return nil
	}
	member, _ := z.Random()
	c.Reply.Bulk(member)
	return nil
}

// randomMembers is the form with a count: so many different members at most, or if it is negative exactly so many, any of
// which may come again. A client that asks for more than can be held is going to be closed and needs no more of them.
func randomMembers(c *actor.Call) error {
	count, withScores, err := readRandomCount(c, "withscores")
	if err != nil {
		return err
	}
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	members := scoredReply{c.Reply, withScores}
	switch {
	case z == nil:
		c.Reply.Array(0)
	case count < 0:
		members.begin(-count)
		z.Draw(-count, func(member []byte, score float64) bool {
			return members.add(member, score) && !c.Reply.Overflowed()
		})
	default:
		members.begin(min(count, z.Len()))
		z.Sample(count, func(member []byte, score float64) { members.add(member, score) })
	}
	return nil
}
