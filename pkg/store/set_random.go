package store

import "math/rand/v2"

// sampleShare is which part of a dict's members may be drawn one by one, until each was drawn once. Of more than that
// too many are drawn again, and it is better to look at all.
const sampleShare = 3

func (s *Set) rng() *rand.Rand { return s.contents.owner.store.rng }

// Random returns a member, each with the same chance, of a set that has one. O(1), O(n) in a listpack.
func (s *Set) Random() []byte {
	switch s.form {
	case setOfInts:
		return s.print(s.ints.at(s.rng().IntN(s.ints.len())))
	case setPacked:
		member, _ := unpack(s.small.live()[s.small.offset(s.rng().IntN(int(s.small.count))):], &s.scratch)
		return member
	}
	return s.dict.key(s.dict.random(s.rng()))
}

// Sample yields n distinct members of a set that has as many, each choice of n with the same chance, in an order that
// means nothing. O(n), O(Len) where that is small.
func (s *Set) Sample(n int, yield func(member []byte)) {
	if s.form == setDict && n < s.Len()/sampleShare {
		s.sampleDict(n, yield)
		return
	}
	left := s.Len()
	s.Each(func(member []byte) bool {
		if s.rng().IntN(left) < n {
			yield(member)
			n--
		}
		left--
		return n > 0
	})
}

func (s *Set) sampleDict(n int, yield func(member []byte)) {
	drawn := make(map[ref]struct{}, n)
	for len(drawn) < n {
		r := s.dict.random(s.rng())
		if _, again := drawn[r]; !again {
			drawn[r] = struct{}{}
			yield(s.dict.key(r))
		}
	}
}

// Take yields n distinct members of a set that has as many, each choice of n with the same chance, and removes them.
// O(n); each moves the members behind it unless the set is a dict.
func (s *Set) Take(n int, yield func(member []byte)) {
	for range n {
		s.takeOne(yield)
	}
}

func (s *Set) takeOne(yield func(member []byte)) {
	switch s.form {
	case setOfInts:
		i := s.rng().IntN(s.ints.len())
		yield(s.print(s.ints.at(i)))
		s.ints.remove(i)
	case setPacked:
		at := s.small.offset(s.rng().IntN(int(s.small.count)))
		member, size := unpack(s.small.live()[at:], &s.scratch)
		yield(member)
		s.small.cut(at, size, 1)
	default:
		r := s.dict.random(s.rng())
		yield(s.dict.key(r))
		s.dict.remove(r)
	}
}
