package store

import "math/rand/v2"

// This file is what hashes, sets and sorted sets have in common when elements are drawn by chance.

// sparseSample is which part of a dict's elements a sample may be at most to be drawn one by one: with a third of them
// drawn, every third draw is in vain, and it is better to look at all.
const sparseSample = 3

// sparse reports whether n elements are few enough to be drawn one by one.
func (d *dict) sparse(n int) bool { return n < d.len()/sparseSample }

// sample visits n different elements of a dict that has several times as many, every choice of them with the same chance.
// O(n).
func (d *dict) sample(n int, visit func(ref)) {
	rng := d.contents.owner.store.rng
	drawn := make(map[ref]struct{}, n)
	for len(drawn) < n {
		r := d.random(rng)
		if _, again := drawn[r]; !again {
			drawn[r] = struct{}{}
			visit(r)
		}
	}
}

// choice decides of one element after the other which ones are taken, so that every choice of as many as are wanted has the
// same chance: each is taken with the chance that is left for it.
type choice struct {
	wanted int // how many are still to be taken
	left   int // of so many that are still to come
	rng    *rand.Rand
}

// takes decides about the next element.
func (c *choice) takes() bool {
	taken := c.rng.IntN(c.left) < c.wanted
	if taken {
		c.wanted--
	}
	c.left--
	return taken
}

// draw visits n entries, each of which is one of every step-th with the same chance and may come again, until visit returns
// false. O(n) for all entries and the draws together.
func (s *small) draw(n, step int, rng *rand.Rand, visit func(at int) bool) {
	var room [128]int // so that most cost no memory
	places := room[:0]
	for b, at := s.live(), 0; at < len(b); {
		places = append(places, at)
		for range step {
			at += packedSize(b[at:])
		}
	}
	for range n {
		if !visit(places[rng.IntN(len(places))]) {
			return
		}
	}
}
