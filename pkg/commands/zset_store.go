package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/double"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func zsetStoreCommands() []actor.Command {
	const group = zsetGroup
	const union = "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set."
	const inter = "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set."
	const diff = "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set."
	const weighted = " [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]"
	keys, edit := actor.KeysCounted(1, actor.RO|actor.Access), actor.Write|actor.DenyOOM
	both := append(actor.Key(1, actor.OW|actor.Update), actor.KeysCounted(2, actor.RO|actor.Access)...)
	return []actor.Command{
		{Name: "zunion", Arity: -3, Flags: actor.ReadOnly, Keys: keys, Run: zunionCommand, Group: group, Since: "6.2.0", Complexity: union,
			Summary: "Returns the union of multiple sorted sets.", Syntax: "numkeys key [key ...]" + weighted + " [WITHSCORES]"},
		{Name: "zinter", Arity: -3, Flags: actor.ReadOnly, Keys: keys, Run: zinterCommand, Group: group, Since: "6.2.0", Complexity: inter,
			Summary: "Returns the intersect of multiple sorted sets.", Syntax: "numkeys key [key ...]" + weighted + " [WITHSCORES]"},
		{Name: "zdiff", Arity: -3, Flags: actor.ReadOnly, Keys: keys, Run: zdiffCommand, Group: group, Since: "6.2.0", Complexity: diff,
			Summary: "Returns the difference between multiple sorted sets.", Syntax: "numkeys key [key ...] [WITHSCORES]"},
		{Name: "zunionstore", Arity: -4, Flags: edit, Keys: both, Run: zunionstoreCommand, Group: group, Since: "2.0.0", Complexity: union,
			Summary: "Stores the union of multiple sorted sets in a key.", Syntax: "destination numkeys key [key ...]" + weighted},
		{Name: "zinterstore", Arity: -4, Flags: edit, Keys: both, Run: zinterstoreCommand, Group: group, Since: "2.0.0", Complexity: inter,
			Summary: "Stores the intersect of multiple sorted sets in a key.", Syntax: "destination numkeys key [key ...]" + weighted},
		{Name: "zdiffstore", Arity: -4, Flags: edit, Keys: both, Run: zdiffstoreCommand, Group: group, Since: "6.2.0", Complexity: diff,
			Summary: "Stores the difference of multiple sorted sets in a key.", Syntax: "destination numkeys key [key ...]"},
		{Name: "zintercard", Arity: -3, Flags: actor.ReadOnly, Keys: keys, Run: zintercardCommand, Group: group, Since: "7.0.0",
			Complexity: "O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.",
			Summary:    "Returns the number of members of the intersect of multiple sorted sets.", Syntax: "numkeys key [key ...] [LIMIT limit]"},
	}
}

// combination is what ZUNION and its kind ask for.
type combination struct {
	operands   []store.Operand
	aggregate  store.Aggregate
	withScores bool
	limit      int
}

// combinationSyntax is which words a command has behind its keys.
type combinationSyntax struct{ weights, withScores, limit bool }

// read reads a request whose number of keys is the argument at i. As Redis does, it looks at the keys before it reads what
// stands behind them.
func (s combinationSyntax) read(c *actor.Call, i int) (k combination, err error) {
	n, err := position(c.Args[i])
	switch {
	case err != nil:
		return k, err
	case n < 1:
		return k, proto.ErrNoInputKeys(c.Command.FullName())
	case n > len(c.Args)-i-1:
		return k, proto.ErrSyntax
	}
	k.limit = math.MaxInt
	if k.operands, err = findOperands(c, c.Args[i+1:i+1+n]); err != nil {
		return k, err
	}
	for o := c.Args.Options(i + 1 + n); o.More() && err == nil; {
		switch {
		case s.weights && o.Left() > n && o.Word("weights"):
			err = k.readWeights(&o)
		case s.weights && o.Left() > 1 && o.Word("aggregate"):
			k.aggregate, err = readAggregate(o.Next())
		case s.withScores && o.Word("withscores"):
			k.withScores = true
		case s.limit && o.Left() > 1 && o.Word("limit"):
			k.limit, err = readIntersectionLimit(o.Next())
		default:
			err = proto.ErrSyntax
		}
	}
	return k, err
}

// findOperands returns what the keys hold, which must be sorted sets or sets.
func findOperands(c *actor.Call, keys [][]byte) (operands []store.Operand, err error) {
	for _, key := range keys {
		value, err := store.Find[store.Value](c.Keys(), key)
		if err != nil {
			return nil, err
		}
		if value != nil && value.Type() != store.TypeZSet && value.Type() != store.TypeSet {
			return nil, store.ErrWrongType
		}
		operands = append(operands, store.Operand{Value: value, Weight: 1})
	}
	return operands, nil
}

func (k *combination) readWeights(o *proto.Options) error {
	for i := range k.operands {
		weight, ok := double.Parse(o.Next())
		if !ok {
			return proto.ErrWeight
		}
		k.operands[i].Weight = weight
	}
	return nil
}

func readAggregate(arg []byte) (store.Aggregate, error) {
	switch {
	case proto.EqualFold(arg, "sum"):
		return store.Sum, nil
	case proto.EqualFold(arg, "min"):
		return store.Min, nil
	case proto.EqualFold(arg, "max"):
		return store.Max, nil
	}
	return store.Sum, proto.ErrSyntax
}

// readIntersectionLimit reads how many members to count; 0 means all.
func readIntersectionLimit(arg []byte) (int, error) {
	limit, err := natural(arg, proto.ErrLimitNegative)
	if limit == 0 {
		limit = math.MaxInt
	}
	return limit, err
}

func (k *combination) union() *store.ScoredList { return store.Union(k.operands, k.aggregate) }
func (k *combination) inter() *store.ScoredList { return store.Intersection(k.operands, k.aggregate) }
func (k *combination) diff() *store.ScoredList  { return store.Difference(k.operands) }

func zunionCommand(c *actor.Call) error {
	return replyCombination(c, combinationSyntax{weights: true, withScores: true}, (*combination).union)
}

func zinterCommand(c *actor.Call) error {
	return replyCombination(c, combinationSyntax{weights: true, withScores: true}, (*combination).inter)
}

func zdiffCommand(c *actor.Call) error {
	return replyCombination(c, combinationSyntax{withScores: true}, (*combination).diff)
}

func replyCombination(c *actor.Call, s combinationSyntax, combine func(*combination) *store.ScoredList) error {
	k, err := s.read(c, 1)
	if err != nil {
		return err
	}
	list, reply := combine(&k), scoredReply{c.Reply, k.withScores}
	reply.begin(len(list.Entries))
	for _, e := range list.Entries {
		reply.add(e.Member, e.Score)
	}
	return nil
}

func zunionstoreCommand(c *actor.Call) error {
	return storeCombination(c, combinationSyntax{weights: true}, (*combination).union)
}

func zinterstoreCommand(c *actor.Call) error {
	return storeCombination(c, combinationSyntax{weights: true}, (*combination).inter)
}

func zdiffstoreCommand(c *actor.Call) error {
	return storeCombination(c, combinationSyntax{}, (*combination).diff)
}

func storeCombination(c *actor.Call, s combinationSyntax, combine func(*combination) *store.ScoredList) error {
	k, err := s.read(c, 2)
	if err != nil {
		return err
	}
	storeScored(c, c.Args[1], combine(&k), c.Command.Name)
	return nil
}

// storeScored makes key hold a sorted set of the members, or nothing if there are none, and answers how many they are.
func storeScored(c *actor.Call, key []byte, list *store.ScoredList, event string) {
	n := len(list.Entries)
	switch {
	case n > 0:
		c.Keys().Replace(key, c.Keys().NewZSetOf(list))
		c.Changed(key, event)
	case c.Keys().Delete(key):
		c.Changed(key, "del")
	}
	c.Reply.Count(n)
}

func zintercardCommand(c *actor.Call) error {
	k, err := combinationSyntax{limit: true}.read(c, 1)
	if err != nil {
		return err
	}
	c.Reply.Count(store.IntersectionLen(k.operands, k.limit))
	return nil
}
