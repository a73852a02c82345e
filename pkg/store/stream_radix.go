package store

import "math/bits"

// streamKeyLen is how many bytes an ID has as a key of the radix tree in which Redis keeps the blocks of a stream.
const streamKeyLen = 16

// RadixNodes returns how many nodes Redis' radix tree of the same blocks would have, which clients are told. In that tree a
// run of bytes without a branch is one node, and each key ends in one of its own. O(n) for n blocks.
func (s *Stream) RadixNodes() int {
	if s.blocks.count == 0 {
		return 1
	}
	count := radixCount{shared: -1}
	var last *streamBlock
	s.blocks.each(func(b *streamBlock) bool {
		if last != nil {
			count.branch(sharedBytes(last.id, b.id))
		}
		last = b
		return true
	})
	count.branch(-1)
	return count.nodes
}

// radixCount counts nodes while the keys come in order. The branches on the way to the last key are the bits of a set, by
// their depths in bytes.
type radixCount struct {
	nodes    int
	branches uint32
	shared   int // bytes that the last key has in common with the one before
}

// branch notes how many bytes the next key has in common with the last one, -1 if there is no next.
func (c *radixCount) branch(shared int) {
	c.add(streamKeyLen, max(shared, c.shared))
	for deepest := c.deepest(); deepest > shared; deepest = c.deepest() {
		c.branches &^= 1 << deepest
		c.add(deepest, max(shared, c.deepest()))
	}
	if shared >= 0 {
		c.branches |= 1 << shared
	}
	c.shared = shared
}

// add counts a node and the run of bytes between it and the branch above it, if there are any.
func (c *radixCount) add(depth, above int) {
	c.nodes++
	if depth > above+1 {
		c.nodes++
	}
}

// deepest returns the depth of the deepest branch, -1 if there is none.
func (c *radixCount) deepest() int { return bits.Len32(c.branches) - 1 }

// sharedBytes returns how many bytes two different keys begin with in common.
func sharedBytes(x, y StreamID) int {
	if x.Ms != y.Ms {
		return bits.LeadingZeros64(x.Ms^y.Ms) / 8
	}
	return 8 + bits.LeadingZeros64(x.Seq^y.Seq)/8
}
