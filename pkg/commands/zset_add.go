package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/double"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func zaddCommand(c *actor.Call) error    { return zadd(c, scoring{}) }
func zincrbyCommand(c *actor.Call) error { return zadd(c, scoring{incr: true}) }

// scoring is what ZADD does with each pair of score and member, and what came of it.
type scoring struct {
	nx, xx, gt, lt, ch, incr bool

	given     float64 // the pair's score, or increment
	result    float64 // the score that the member has
	added     int     // members that are new
	updated   int     // members whose score has changed
	processed bool    // the last member was not left alone
	nan       bool    // an increment led to no number
}

func zadd(c *actor.Call, s scoring) error {
	pairs, err := s.readOptions(c.Args.Options(2), c.Args)
	if err != nil {
		return err
	}
	var room [32]float64
	scores, err := readScores(room[:0], pairs)
	if err != nil {
		return err
	}
	return s.apply(c, scores, pairs)
}

// apply gives members their scores: the last of each group of arguments, of which there are as many as scores.
func (s *scoring) apply(c *actor.Call, scores []float64, groups [][]byte) error {
	z, err := s.find(c)
	if err != nil {
		return err
	}
	if z != nil {
		z.Expect(len(scores))
		size := len(groups) / len(scores)
		for i, score := range scores {
			s.given = score
			z.Update(groups[(i+1)*size-1], s.decide)
		}
	}
	if s.nan {
		return proto.ErrScoreNaN
	}
	s.reply(c)
	return nil
}

// find returns the sorted set, or nil if none is to be made.
func (s *scoring) find(c *actor.Call) (*store.ZSet, error) {
	if s.xx {
		return editZSet(c)
	}
	return store.Edit(c.Keys(), c.Args[1], c.Keys().NewZSet)
}

// readOptions reads the words before the pairs.
func (s *scoring) readOptions(o proto.Options, args proto.Args) (pairs [][]byte, err error) {
	for s.takeOption(&o) {
	}
	pairs = args[len(args)-o.Left():]
	switch {
	case len(pairs) == 0 || len(pairs)%2 != 0:
		return nil, proto.ErrSyntax
	case s.nx && s.xx:
		return nil, proto.ErrZAddNXXX
	case s.gt && s.nx || s.lt && s.nx || s.gt && s.lt:
		return nil, proto.ErrZAddGTLTNX
	case s.incr && len(pairs) > 2:
		return nil, proto.ErrZAddIncr
	}
	return pairs, nil
}

func (s *scoring) takeOption(o *proto.Options) bool {
	switch {
	case o.Word("nx"):
		s.nx = true
	case o.Word("xx"):
		s.xx = true
	case o.Word("gt"):
		s.gt = true
	case o.Word("lt"):
		s.lt = true
	case o.Word("ch"):
		s.ch = true
	case o.Word("incr"):
		s.incr = true
	default:
		return false
	}
	return true
}

// readScores appends the first of each pair.
func readScores(scores []float64, pairs [][]byte) ([]float64, error) {
	for i := 0; i < len(pairs); i += 2 {
		score, ok := double.Parse(pairs[i])
		if !ok {
			return nil, proto.ErrNotFloat
		}
		scores = append(scores, score)
	}
	return scores, nil
}

// decide says what score a member is to have, and whether that is a change.
func (s *scoring) decide(old float64, found bool) (score float64, change bool) {
	s.processed = false
	score = s.given
	if found && s.incr {
		score += old
	}
	switch {
	case found && s.nx, !found && s.xx:
		return 0, false
	case math.IsNaN(score):
		s.nan = true
		return 0, false
	case found && (s.lt && score >= old || s.gt && score <= old):
		return 0, false
	}
	s.processed, s.result = true, score
	switch {
	case !found:
		s.added++
	case score != old:
		s.updated++
	}
	return score, true
}

func (s *scoring) reply(c *actor.Call) {
	event := "zadd"
	if s.incr {
		event = "zincr"
	}
	if s.added+s.updated > 0 {
		c.Changed(c.Args[1], event)
	}
	switch {
	case s.incr && s.processed:
		c.Reply.Double(s.result)
	case s.incr:
		c.Reply.Null()
	case s.ch:
		c.Reply.Count(s.added + s.updated)
	default:
		c.Reply.Count(s.added)
	}
}
