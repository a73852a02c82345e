package store

import (
	"bytes"
	"errors"
	"fmt"
)

// zsetTree keeps the elements of a large sorted set in order: a B+tree whose leaves hold score and place of each element
// and whose branches know how many elements are below each of their kids. So an element's rank, the element of a rank, and
// where a range of scores or members begins are all found in O(log n), and an element takes 12 bytes of a leaf, in which the
// garbage collector has nothing to look at.
//
// Equal scores are ordered by the members' bytes, which lie in the arena.
type zsetTree struct {
	dict     *dict
	root     *zsetNode
	leaves   int
	branches int // nodes that have kids
}

// zsetFan is how many entries a node has at most: so many that a leaf fills a slot of Go's allocator.
const zsetFan = 62

// zsetNodeBytes is the memory of a node, zsetKidsBytes what a branch has beside it.
const (
	zsetNodeBytes = 768
	zsetKidsBytes = 768
)

// zsetNode is a leaf, whose entries are elements, or a branch, each of whose entries is the first element below a kid.
type zsetNode struct {
	kids   *zsetKids // nil in a leaf
	n      int       // entries
	scores [zsetFan]float64
	refs   [zsetFan]ref
}

type zsetKids struct {
	nodes  [zsetFan]*zsetNode
	counts [zsetFan]int32 // of elements below
}

// zsetBound divides the elements in two: it reports whether one lies before a place, which is true up to that place and
// false from there on.
type zsetBound func(score float64, r ref) bool

func newZSetTree(d *dict) *zsetTree { return &zsetTree{dict: d, root: new(zsetNode), leaves: 1} }

// size returns the bytes of memory of all nodes. O(1).
func (t *zsetTree) size() int {
	if t == nil {
		return 0
	}
	return (t.leaves+t.branches)*zsetNodeBytes + t.branches*zsetKidsBytes
}

// upTo is the bound behind the element that has, or would have, this score and member.
func (t *zsetTree) upTo(score float64, member []byte) zsetBound {
	return func(other float64, r ref) bool {
		return other < score || other == score && bytes.Compare(t.dict.key(r), member) <= 0
	}
}

// insert adds an element that is in the dict. O(log n).
func (t *zsetTree) insert(score float64, r ref) {
	split := t.insertBelow(t.root, true, true, t.upTo(score, t.dict.key(r)), score, r)
	if split == nil {
		return
	}
	left := t.root
	t.root = &zsetNode{kids: new(zsetKids)}
	t.branches++
	t.root.insertKid(0, left)
	t.root.insertKid(1, split)
}

// insertBelow adds an element below a node, of which it is told whether it is the first and the last one of its level. If
// the node is full it keeps but the first of its entries, and the others are those of the split that is returned.
func (t *zsetTree) insertBelow(n *zsetNode, first, last bool, bound zsetBound, score float64, r ref) (split *zsetNode) {
	i := n.find(bound)
	if n.kids == nil {
		n, i, split = t.makeRoom(n, i, first, last)
		n.insert(i, score, r)
		return split
	}
	i = max(i-1, 0)
	below := t.insertBelow(n.kids.nodes[i], first && i == 0, last && i == n.n-1, bound, score, r)
	n.refresh(i)
	if below != nil {
		n, i, split = t.makeRoom(n, i+1, first, last)
		n.insertKid(i, below)
	}
	return split
}

// makeRoom splits a node that is full and returns where an entry that was to become its i-th is to be put. The half is the
// place to split, except at the ends of a level: elements that come in order fill their leaves.
func (t *zsetTree) makeRoom(n *zsetNode, i int, first, last bool) (target *zsetNode, at int, split *zsetNode) {
	if n.n < zsetFan {
		return n, i, nil
	}
	half := zsetFan / 2
	switch {
	case i == 0 && first:
		half = 0
	case i == zsetFan && last:
		half = zsetFan
	}
	split = new(zsetNode)
	t.leaves++
	if n.kids != nil {
		split.kids = new(zsetKids)
		t.leaves--
		t.branches++
	}
	split.take(n, half)
	if i > half || half == zsetFan {
		return split, i - half, split
	}
	return n, i, split
}

// rescore changes the score of the last element before a bound, unless it would not stay between its neighbours in the leaf:
// most scores change by little. O(log n).
func (t *zsetTree) rescore(bound zsetBound, score float64, member []byte) bool {
	n := t.root
	for n.kids != nil {
		n = n.kids.nodes[max(n.find(bound)-1, 0)]
	}
	i := n.find(bound) - 1
	if i < 1 || i+1 >= n.n ||
		!precedes(n.scores[i-1], t.dict.key(n.refs[i-1]), score, member) ||
		!precedes(score, member, n.scores[i+1], t.dict.key(n.refs[i+1])) {
		return false
	}
	n.scores[i] = score
	return true
}

// replace makes the entry of an element that has moved, the last one before a bound, refer to where it is now. O(log n).
func (n *zsetNode) replace(bound zsetBound, now ref) {
	i := max(n.find(bound)-1, 0)
	if n.kids == nil {
		n.refs[i] = now
		return
	}
	n.kids.nodes[i].replace(bound, now)
	n.refresh(i)
}

// moved is what a dict tells its index.
func (t *zsetTree) moved(old ref, e *Entry) {
	t.root.replace(t.upTo(scoreOf(t.dict.value(old)), t.dict.key(old)), e.ref)
}

// count returns how many elements lie before a bound. O(log n).
func (t *zsetTree) count(bound zsetBound) (before int) {
	n := t.root
	for n.kids != nil {
		i := max(n.find(bound)-1, 0)
		for _, count := range n.kids.counts[:i] {
			before += int(count)
		}
		n = n.kids.nodes[i]
	}
	return before + n.find(bound)
}

// walk yields the elements of the ranks from to to-1 until yield returns false. O(log n) and O(1) for each.
func (n *zsetNode) walk(from, to int, yield func(score float64, r ref) bool) bool {
	if n.kids == nil {
		for i := from; i < to; i++ {
			if !yield(n.scores[i], n.refs[i]) {
				return false
			}
		}
		return true
	}
	for i := 0; i < n.n && to > 0; i++ {
		count := int(n.kids.counts[i])
		if from < count && !n.kids.nodes[i].walk(max(from, 0), min(to, count), yield) {
			return false
		}
		from, to = from-count, to-count
	}
	return true
}

// walkBack is walk from the last one to the first.
func (n *zsetNode) walkBack(from, to int, yield func(score float64, r ref) bool) bool {
	if n.kids == nil {
		for i := to - 1; i >= from; i-- {
			if !yield(n.scores[i], n.refs[i]) {
				return false
			}
		}
		return true
	}
	end := n.elements() // the rank behind kid i
	for i := n.n - 1; i >= 0 && from < end; i-- {
		start := end - int(n.kids.counts[i])
		if to > start && !n.kids.nodes[i].walkBack(max(from, start)-start, min(to, end)-start, yield) {
			return false
		}
		end = start
	}
	return true
}

// cut removes the elements of the ranks from to to-1, which may be in the dict no more. O(log n) and less than O(1) for
// each.
func (t *zsetTree) cut(from, to int) {
	if from == 0 && to == t.root.elements() {
		*t = *newZSetTree(t.dict)
		return
	}
	t.cutBelow(t.root, from, to)
	for t.root.kids != nil && t.root.n == 1 {
		t.root = t.root.kids.nodes[0]
		t.branches--
	}
}

func (t *zsetTree) cutBelow(n *zsetNode, from, to int) {
	if n.kids == nil {
		n.remove(from, to)
		return
	}
	i := 0
	for ; from >= int(n.kids.counts[i]); i++ {
		from, to = from-int(n.kids.counts[i]), to-int(n.kids.counts[i])
	}
	touched := i
	for to > 0 {
		count := int(n.kids.counts[i])
		if from == 0 && to >= count {
			t.forget(n.kids.nodes[i])
			n.remove(i, i+1)
		} else {
			t.cutBelow(n.kids.nodes[i], from, min(to, count))
			n.refresh(i)
			i++
		}
		from, to = 0, to-count
	}
	for i := touched + 1; i >= touched-1; i-- {
		t.join(n, i)
	}
}

// forget takes a node and all below it out of the figures.
func (t *zsetTree) forget(n *zsetNode) {
	if n.kids == nil {
		t.leaves--
		return
	}
	t.branches--
	for _, kid := range n.kids.nodes[:n.n] {
		t.forget(kid)
	}
}

// join makes one of two neighbours, kids i and i+1, if they are there and fill three quarters of a node at most.
func (t *zsetTree) join(n *zsetNode, i int) {
	if i < 0 || i+1 >= n.n {
		return
	}
	left, right := n.kids.nodes[i], n.kids.nodes[i+1]
	if left.n+right.n > zsetFan*3/4 {
		return
	}
	left.take(right, 0)
	if left.kids == nil {
		t.leaves--
	} else {
		t.branches--
	}
	n.remove(i+1, i+2)
	n.refresh(i)
}

// find returns how many entries lie before a bound.
func (n *zsetNode) find(bound zsetBound) int {
	low, high := 0, n.n
	for low < high {
		if middle := (low + high) / 2; bound(n.scores[middle], n.refs[middle]) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// elements returns how many elements there are in the node and below.
func (n *zsetNode) elements() (total int) {
	if n.kids == nil {
		return n.n
	}
	for _, count := range n.kids.counts[:n.n] {
		total += int(count)
	}
	return total
}

// insert puts an entry at i.
func (n *zsetNode) insert(i int, score float64, r ref) {
	copy(n.scores[i+1:], n.scores[i:n.n])
	copy(n.refs[i+1:], n.refs[i:n.n])
	n.scores[i], n.refs[i] = score, r
	n.n++
}

// insertKid puts a node with its first element at i.
func (n *zsetNode) insertKid(i int, kid *zsetNode) {
	copy(n.kids.nodes[i+1:], n.kids.nodes[i:n.n])
	copy(n.kids.counts[i+1:], n.kids.counts[i:n.n])
	n.insert(i, 0, 0)
	n.kids.nodes[i] = kid
	n.refresh(i)
}

// refresh copies what a branch has to know of its kid i.
func (n *zsetNode) refresh(i int) {
	kid := n.kids.nodes[i]
	n.scores[i], n.refs[i] = kid.scores[0], kid.refs[0]
	n.kids.counts[i] = int32(kid.elements())
}

// remove takes the entries from to to-1 out.
func (n *zsetNode) remove(from, to int) {
	copy(n.scores[from:], n.scores[to:n.n])
	copy(n.refs[from:], n.refs[to:n.n])
	if n.kids != nil {
		copy(n.kids.nodes[from:], n.kids.nodes[to:n.n])
		copy(n.kids.counts[from:], n.kids.counts[to:n.n])
		clear(n.kids.nodes[n.n-(to-from) : n.n])
	}
	n.n -= to - from
}

// take moves the entries of another node from i on behind those that the node has.
func (n *zsetNode) take(other *zsetNode, i int) {
	copy(n.scores[n.n:], other.scores[i:other.n])
	copy(n.refs[n.n:], other.refs[i:other.n])
	if n.kids != nil {
		copy(n.kids.nodes[n.n:], other.kids.nodes[i:other.n])
		copy(n.kids.counts[n.n:], other.kids.counts[i:other.n])
		clear(other.kids.nodes[i:other.n])
	}
	n.n += other.n - i
	other.n = i
}

// verify checks order and counts, and that the tree has the elements of the dict with their scores.
func (t *zsetTree) verify() error {
	leaves, branches, err := t.verifyBelow(t.root)
	switch {
	case err != nil:
		return err
	case t.root.elements() != t.dict.len():
		return fmt.Errorf("%d elements in order, %d in the table", t.root.elements(), t.dict.len())
	case leaves != t.leaves || branches != t.branches:
		return fmt.Errorf("%d leaves and %d branches, counted %d and %d", leaves, branches, t.leaves, t.branches)
	}
	rank := 0
	t.root.walk(0, t.dict.len(), func(score float64, r ref) bool {
		member := t.dict.key(r)
		switch {
		case t.dict.find(member) != r || scoreOf(t.dict.value(r)) != score:
			err = fmt.Errorf("%q is another one in the table", member)
		case t.count(t.upTo(score, member)) != rank+1:
			err = fmt.Errorf("%q of rank %d is not found there", member, rank)
		}
		rank++
		return err == nil
	})
	return err
}

func (t *zsetTree) verifyBelow(n *zsetNode) (leaves, branches int, err error) {
	if n.kids == nil {
		return 1, 0, nil
	}
	for i, kid := range n.kids.nodes[:n.n] {
		l, b, err := t.verifyBelow(kid)
		leaves, branches = leaves+l, branches+b
		switch {
		case err != nil:
			return 0, 0, err
		case kid.n == 0:
			return 0, 0, errors.New("an empty node")
		case n.scores[i] != kid.scores[0] || n.refs[i] != kid.refs[0] || int(n.kids.counts[i]) != kid.elements():
			return 0, 0, fmt.Errorf("a branch knows %v, %x and %d of its kid, which has %v, %x and %d",
				n.scores[i], n.refs[i], n.kids.counts[i], kid.scores[0], kid.refs[0], kid.elements())
		}
	}
	return leaves, branches + 1, nil
}
