package store

import "math/rand/v2"

func (s *Set) rng() *rand.Rand { return s.contents.owner.store.rng }

// Random returns a member, each with the same chance, of a set that has one. O(1), O(n) in a listpack.
func (s *Set) Random() []byte {
	switch s.form {
	case setOfInts:
		return s.print(s.ints.at(s.rng().IntN(s.ints.len())))
	case setPacked:
		member, _ := s.memberAt(s.small.offset(s.rng().IntN(int(s.small.count))))
		return member
	}
	return s.dict.key(s.dict.random(s.rng()))
}

// memberAt returns the member at an offset of a listpack, and the size of its entry.
func (s *Set) memberAt(at int) (member []byte, size int) {
	return unpack(s.small.live()[at:], &s.scratch)
}

// Draw yields n members of a set that has one, each of which may come again, until yield returns false. O(n), and once O(Len)
// for a listpack.
func (s *Set) Draw(n int, yield func(member []byte) bool) {
	if s.form == setPacked {
		s.small.draw(n, 1, s.rng(), func(at int) bool {
			member, _ := s.memberAt(at)
			return yield(member)
		})
		return
	}
	for ; n > 0 && yield(s.Random()); n-- {
	}
}

// Sample yields n distinct members of a set that has as many, each choice of n with the same chance, in an order that
// means nothing. O(n), O(Len) where that is small.
func (s *Set) Sample(n int, yield func(member []byte)) {
	if s.form == setDict && s.dict.sparse(n) {
		s.dict.sample(n, func(r ref) { yield(s.dict.key(r)) })
		return
	}
	c := choice{n, s.Len(), s.rng()}
	s.Each(func(member []byte) bool {
		if c.takes() {
			yield(member)
		}
		return c.wanted > 0
	})
}

// Take yields n distinct members of a set that has as many, each choice of n with the same chance, and removes them. O(n) in a
// dict, else O(Len).
func (s *Set) Take(n int, yield func(member []byte)) {
	switch s.form {
	case setOfInts:
		s.takeInts(n, yield)
	case setPacked:
		c := choice{n, s.Len(), s.rng()}
		s.small.retain(func(entry []byte) bool {
			taken := c.takes()
			if taken {
				member, _ := unpack(entry, &s.scratch)
				yield(member)
			}
			return !taken
		})
	default:
		for range n {
			r := s.dict.random(s.rng())
			yield(s.dict.key(r))
			s.dict.remove(r)
		}
	}
}

func (s *Set) takeInts(n int, yield func(member []byte)) {
	c, kept := choice{n, s.ints.len(), s.rng()}, 0
	for i := range s.ints.len() {
		member := s.ints.at(i)
		if c.takes() {
			yield(s.print(member))
		} else {
			s.ints.put(kept, member)
			kept++
		}
	}
	s.ints.truncate(kept)
}
