package store

import "bytes"

// Range yields the members of the ranks from to to-1, of which the set must have all, from the lowest score on until yield
// returns false. O(log n) and O(1) for each.
func (z *ZSet) Range(from, to int, yield func(member []byte, score float64) bool) {
	switch {
	case from >= to:
	case z.dict == nil:
		z.rangeSmall(from, to, yield)
	default:
		z.tree.root.walk(from, to, func(score float64, r ref) bool { return yield(z.dict.key(r), score) })
	}
}

// RangeBack is Range from the highest score on.
func (z *ZSet) RangeBack(from, to int, yield func(member []byte, score float64) bool) {
	switch {
	case from >= to:
	case z.dict == nil:
		z.rangeBackSmall(from, to, yield)
	default:
		z.tree.root.walkBack(from, to, func(score float64, r ref) bool { return yield(z.dict.key(r), score) })
	}
}

// Rank returns how many members stand before this one, and its score. O(log n).
func (z *ZSet) Rank(member []byte) (rank int, score float64, ok bool) {
	if score, ok = z.Score(member); !ok {
		return 0, 0, false
	}
	if z.dict != nil {
		return z.tree.count(z.tree.upTo(score, member)) - 1, score, true
	}
	z.Range(0, z.Len(), func(other []byte, _ float64) bool {
		if bytes.Equal(other, member) {
			return false
		}
		rank++
		return true
	})
	return rank, score, true
}

// ScoreRange is the scores from Min to Max, with or without these themselves.
type ScoreRange struct {
	Min, Max                   float64
	MinExclusive, MaxExclusive bool
}

func (r *ScoreRange) before(score float64) bool {
	return score < r.Min || r.MinExclusive && score == r.Min
}

func (r *ScoreRange) upTo(score float64) bool {
	return score < r.Max || !r.MaxExclusive && score == r.Max
}

// ByScore returns the ranks of the members whose scores are in a range: from to to-1, or none, and then from is not less
// than to. O(log n).
func (z *ZSet) ByScore(r ScoreRange) (from, to int) {
	if z.dict != nil {
		from = z.tree.count(func(score float64, _ ref) bool { return r.before(score) })
		return from, z.tree.count(func(score float64, _ ref) bool { return r.upTo(score) })
	}
	z.Range(0, z.Len(), func(_ []byte, score float64) bool {
		if r.before(score) {
			from++
		}
		if !r.upTo(score) {
			return false
		}
		to++
		return true
	})
	return from, to
}

// LexRange is the members from Min to Max in the order of their bytes.
type LexRange struct{ Min, Max LexBound }

// LexBound is an end of a LexRange.
type LexBound struct {
	Member    []byte
	Exclusive bool // the member itself is not in the range
	Infinite  int  // -1 is before all members and 1 behind them, in which case the above say nothing
}

// compare compares a bound with a member.
func (b *LexBound) compare(member []byte) int {
	if b.Infinite != 0 {
		return b.Infinite
	}
	return bytes.Compare(b.Member, member)
}

func (r *LexRange) begun(member []byte) bool {
	c := r.Min.compare(member)
	return c < 0 || c == 0 && !r.Min.Exclusive
}

func (r *LexRange) ended(member []byte) bool {
	c := r.Max.compare(member)
	return c < 0 || c == 0 && r.Max.Exclusive
}

// empty reports whether there can be no member in the range.
func (r *LexRange) empty() bool {
	if r.Min.Infinite != 0 || r.Max.Infinite != 0 {
		return r.Min.Infinite >= r.Max.Infinite
	}
	c := bytes.Compare(r.Min.Member, r.Max.Member)
	return c > 0 || c == 0 && (r.Min.Exclusive || r.Max.Exclusive)
}

// ByLex returns the ranks of the members in a range, without the first skip ones, as ByScore does, for a set whose scores are
// all the same. If they are not, there is no telling for a large one, as in Redis; in a small one the ranks begin so far
// behind the first member in the range and end before the next one behind it. O(log n).
func (z *ZSet) ByLex(r LexRange, skip int) (from, to int) {
	n := z.Len()
	switch {
	case r.empty() || z.beyond(&r, n):
		return 0, 0
	case z.dict == nil:
		return z.byLexSmall(&r, n, skip)
	}
	from = z.tree.count(func(_ float64, e ref) bool { return !r.begun(z.dict.key(e)) })
	to = z.tree.count(func(_ float64, e ref) bool { return !r.ended(z.dict.key(e)) })
	return from + min(skip, n), to
}

// ByLexBack is ByLex for who goes from the end: the ranks end so far before the last member in the range, and in a small set
// whose scores differ they begin behind the next one before it.
func (z *ZSet) ByLexBack(r LexRange, skip int) (from, to int) {
	n := z.Len()
	switch {
	case r.empty() || z.beyond(&r, n):
		return 0, 0
	case z.dict == nil:
		return z.byLexBackSmall(&r, n, skip)
	}
	from, to = z.ByLex(r, 0)
	return from, to - min(skip, n)
}

func (z *ZSet) byLexSmall(r *LexRange, n, skip int) (from, to int) {
	z.Range(0, n, func(member []byte, _ float64) bool {
		if !r.begun(member) {
			from++
		}
		return !r.begun(member)
	})
	from += min(skip, n-from)
	to = from
	z.Range(from, n, func(member []byte, _ float64) bool {
		if !r.ended(member) {
			to++
		}
		return !r.ended(member)
	})
	return from, to
}

func (z *ZSet) byLexBackSmall(r *LexRange, n, skip int) (from, to int) {
	to = n
	z.RangeBack(0, n, func(member []byte, _ float64) bool {
		if r.ended(member) {
			to--
		}
		return r.ended(member)
	})
	to -= min(skip, to)
	from = to
	z.RangeBack(0, to, func(member []byte, _ float64) bool {
		if r.begun(member) {
			from--
		}
		return r.begun(member)
	})
	return from, to
}

// beyond reports whether a range lies behind the last of n members or before the first, by which Redis saves a search;
// it shows where scores differ.
func (z *ZSet) beyond(r *LexRange, n int) (beyond bool) {
	z.Range(n-1, n, func(last []byte, _ float64) bool {
		beyond = !r.begun(last)
		return false
	})
	z.Range(0, 1, func(first []byte, _ float64) bool {
		beyond = beyond || r.ended(first)
		return false
	})
	return beyond
}
