package store

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"unsafe"
)

// Operand is one of the inputs of a union, an intersection or a difference: a sorted set or a set, whose members all have
// the score 1, or nil, which has no members. Scores count as many times as Weight says.
type Operand struct {
	Value  Value
	Weight float64
}

// Aggregate says what becomes of a member's score when it is in several inputs.
type Aggregate uint8

// The aggregates of Redis.
const (
	Sum Aggregate = iota
	Min
	Max
)

func (a Aggregate) join(x, y float64) float64 {
	switch {
	case a == Sum:
		return orZero(x + y)
	case a == Min && y < x, a == Max && y > x:
		return y
	}
	return x
}

// orZero is what Redis makes of a sum of both infinities, and of zero times infinity.
func orZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

func (o *Operand) len() int {
	if o.Value == nil {
		return 0
	}
	return o.Value.Len()
}

// each yields every member with its score until yield returns false.
func (o *Operand) each(yield func(member []byte, score float64) bool) {
	switch v := o.Value.(type) {
	case *ZSet:
		v.Range(0, v.Len(), yield)
	case *Set:
		v.Each(func(member []byte) bool { return yield(member, 1) })
	}
}

// score returns a member's score.
func (o *Operand) score(member []byte) (score float64, ok bool) {
	switch v := o.Value.(type) {
	case *ZSet:
		return v.Score(member)
	case *Set:
		return 1, v.Has(member)
	}
	return 0, false
}

// bySize orders operands from the smallest to the largest, in which order Redis adds scores up.
func bySize(operands []Operand) []Operand {
	sorted := slices.Clone(operands)
	slices.SortStableFunc(sorted, func(x, y Operand) int { return cmp.Compare(x.len(), y.len()) })
	return sorted
}

// Union returns the members of all operands. O(n log n) for n members together.
func Union(operands []Operand, a Aggregate) *ScoredList {
	list, known := new(ScoredList), map[string]int{}
	for _, o := range bySize(operands) {
		o.each(func(member []byte, score float64) bool {
			score = orZero(score * o.Weight)
			if i, ok := known[string(member)]; ok {
				list.Entries[i].Score = a.join(list.Entries[i].Score, score)
				return true
			}
			list.Add(member, score)
			kept := list.Entries[len(list.Entries)-1].Member
			known[unsafe.String(unsafe.SliceData(kept), len(kept))] = len(list.Entries) - 1
			return true
		})
	}
	list.Order()
	return list
}

// Intersection returns the members that are in every operand. O(n·k + m log m) for n members of the smallest one, k operands
// and m members of the result.
func Intersection(operands []Operand, a Aggregate) *ScoredList {
	list := new(ScoredList)
	eachShared(operands, a, func(member []byte, score float64) bool {
		list.Add(member, score)
		return true
	})
	list.Order()
	return list
}

// IntersectionLen returns how many members are in every operand, counting no further than limit. O(n·k).
func IntersectionLen(operands []Operand, limit int) (n int) {
	eachShared(operands, Sum, func([]byte, float64) bool {
		n++
		return n < limit
	})
	return n
}

func eachShared(operands []Operand, a Aggregate, yield func(member []byte, score float64) bool) {
	sorted := bySize(operands)
	smallest, others := sorted[0], sorted[1:]
	smallest.each(func(member []byte, score float64) bool {
		score = orZero(score * smallest.Weight)
		for i := range others {
			other, ok := others[i].score(member)
			if !ok {
				return true
			}
			score = a.join(score, other*others[i].Weight)
		}
		return yield(member, score)
	})
}

// Difference returns the members of the first operand that are in no other. O(n·k + m log m) for n members of the first one, k
// others and m members of the result, or O(n + l + m log m) for l members of the others if that is less.
func Difference(operands []Operand) *ScoredList {
	list, isOut := new(ScoredList), outside(operands[0].len(), operands[1:])
	operands[0].each(func(member []byte, score float64) bool {
		if isOut(member) {
			list.Add(member, score)
		}
		return true
	})
	list.Order()
	return list
}

// outside returns how to tell that a member is in none of some operands, to be asked n times: each of them is asked, unless it
// is less work to gather their members first.
func outside(n int, operands []Operand) func(member []byte) bool {
	all := n
	for i := range operands {
		all += operands[i].len()
	}
	if n*len(operands)/2 <= all {
		has := func(member []byte) func(Operand) bool {
			return func(o Operand) bool { _, ok := o.score(member); return ok }
		}
		return func(member []byte) bool { return !slices.ContainsFunc(operands, has(member)) }
	}
	gathered := map[string]struct{}{}
	for i := range operands {
		operands[i].each(func(member []byte, _ float64) bool {
			gathered[string(member)] = struct{}{}
			return true
		})
	}
	return func(member []byte) bool { _, in := gathered[string(member)]; return !in }
}

// ScoredList is members with their scores, apart from any sorted set.
type ScoredList struct {
	Entries []Scored
	block   []byte // of members' bytes
	ordered bool   // see Order
}

// Add appends a copy of a member. O(1).
func (l *ScoredList) Add(member []byte, score float64) {
	const size = 4 << 10
	if cap(l.block)-len(l.block) < len(member) {
		l.block = make([]byte, 0, max(size, len(member)))
	}
	at := len(l.block)
	l.block = append(l.block, member...)
	l.Entries = append(l.Entries, Scored{l.block[at:len(l.block):len(l.block)], score})
}

// Order puts members that are all different in the order of a sorted set. O(n log n).
func (l *ScoredList) Order() {
	l.ordered = true
	slices.SortFunc(l.Entries, func(x, y Scored) int {
		if c := cmp.Compare(x.Score, y.Score); c != 0 {
			return c
		}
		return bytes.Compare(x.Member, y.Member)
	})
}

// NewZSetOf returns a fresh sorted set of the list's members, the last one's score counting for one that comes again.
// O(n log n); a long listpack takes O(n²) if the list is not in order.
func (ks *Keyspace) NewZSetOf(list *ScoredList) *ZSet {
	z := ks.NewZSet()
	z.Expect(len(list.Entries))
	for _, e := range list.Entries {
		if list.ordered && z.fits(e.Member) {
			z.insertSmallAt(len(z.small.live()), e.Member, e.Score)
		} else {
			z.Set(e.Member, e.Score)
		}
	}
	return z
}
