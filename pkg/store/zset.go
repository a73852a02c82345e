package store

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"unsafe"

	"snakecache/pkg/double"
)

// ZSet is Redis' sorted set: members in the order of their scores, and of their bytes where scores are equal. It is kept as
// one listpack while there are few and short members, and as a dict beside a tree from then on; it never goes back. Members
// that it hands out are views of its memory, good until the next one, or until the set changes.
//
// Scores are numbers: NaN is the caller's to keep out.
type ZSet struct {
	contents *contents
	limits   *Options
	small    small     // member, score, member, score …
	dict     *dict     // with a score of eight bytes for each member; nil while small
	tree     *zsetTree // nil while small

	member [decimalLen]byte    // the integer handed out last, printed
	number [double.MaxLen]byte // a score that is being written, or was handed out, printed
}

// Scored is a member with its score.
type Scored struct {
	Member []byte
	Score  float64
}

const (
	zsetBytes = int(unsafe.Sizeof(ZSet{})+15) &^ 15
	scoreSize = 8 // bytes of a score in a dict
)

// NewZSet returns an empty sorted set, which is small.
func (ks *Keyspace) NewZSet() *ZSet {
	z := ks.store.views.zsets.next()
	z.contents, z.limits = ks.contents, &ks.store.options
	return z
}

// Type returns TypeZSet.
func (z *ZSet) Type() Type { return TypeZSet }

// Encoding returns listpack or skiplist, which is Redis' word for what is a tree here.
func (z *ZSet) Encoding() string {
	if z.dict == nil {
		return "listpack"
	}
	return "skiplist"
}

// Len returns the number of members.
func (z *ZSet) Len() int {
	if z.dict == nil {
		return int(z.small.count) / pairEntries
	}
	return z.dict.len()
}

// Size returns the bytes held beside the key's blob. O(1).
func (z *ZSet) Size() int { return z.onHeap() + z.inArena() }

func (z *ZSet) onHeap() int { return zsetBytes + z.small.held() + z.tree.size() }

// Expect makes ready for n more members, of which it is only known that they are as many: as Redis does, a sorted set that
// is about to outgrow its form takes the other one at once.
func (z *ZSet) Expect(n int) {
	if z.dict == nil && n > z.limits.ZSetMaxListpackEntries {
		z.toTree()
	}
}

// Score returns the score of a member. O(1).
func (z *ZSet) Score(member []byte) (score float64, ok bool) {
	if z.dict == nil {
		_, score, ok = z.findSmall(member)
		return score, ok
	}
	r := z.dict.find(member)
	if r == 0 {
		return 0, false
	}
	return scoreOf(z.dict.value(r)), true
}

// Set gives a member a score; one that is not there is added. O(log n).
func (z *ZSet) Set(member []byte, score float64) {
	z.Update(member, func(float64, bool) (float64, bool) { return score, true })
}

// Update asks decide for the score that a member is to have, given the one that it has if it is there, and whether to do so
// at all: a member that is not there is added. It is Score and Set with one search. O(log n).
func (z *ZSet) Update(member []byte, decide func(old float64, found bool) (score float64, change bool)) {
	if z.dict == nil {
		z.updateSmall(member, decide)
		return
	}
	r := z.dict.find(member)
	if r == 0 {
		if score, ok := decide(0, false); ok {
			z.add(member, score)
		}
		return
	}
	value := z.dict.value(r)
	old := scoreOf(value)
	if score, ok := decide(old, true); ok && score != old {
		z.move(r, value, member, old, score)
	}
}

// move gives an element of a large set another score.
func (z *ZSet) move(r ref, value, member []byte, old, score float64) {
	bound := z.tree.upTo(old, member)
	if !z.tree.rescore(bound, score, member) {
		rank := z.tree.count(bound)
		z.tree.cut(rank-1, rank)
		z.tree.insert(score, r)
	}
	putScore(value, score)
}

// add adds a member to a large set that does not have it.
func (z *ZSet) add(member []byte, score float64) {
	r, value := z.dict.add(member, scoreSize)
	putScore(value, score)
	z.tree.insert(score, r)
}

func scoreOf(value []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(value)) }
func putScore(value []byte, score float64) {
	binary.LittleEndian.PutUint64(value, math.Float64bits(score))
}

// toTree takes the form that has no limits. O(n), once in a set's life.
func (z *ZSet) toTree() {
	large := ZSet{contents: z.contents, limits: z.limits, dict: newDict(z.contents)}
	large.tree = newZSetTree(large.dict)
	large.dict.index = large.tree
	z.Range(0, z.Len(), func(member []byte, score float64) bool {
		large.add(member, score)
		return true
	})
	*z = large
}

// Remove takes a member out and reports whether it was there. O(log n).
func (z *ZSet) Remove(member []byte) bool {
	if z.dict == nil {
		return z.removeSmall(member)
	}
	r := z.dict.find(member)
	if r == 0 {
		return false
	}
	rank := z.tree.count(z.tree.upTo(scoreOf(z.dict.value(r)), member))
	z.tree.cut(rank-1, rank)
	z.dict.remove(r)
	return true
}

// RemoveRange takes out the members of the ranks from to to-1. O(log n) and O(1) for each.
func (z *ZSet) RemoveRange(from, to int) {
	if from >= to {
		return
	}
	if z.dict == nil {
		z.removeRangeSmall(from, to)
		return
	}
	z.tree.root.walk(from, to, func(_ float64, r ref) bool {
		z.dict.remove(r)
		return true
	})
	z.tree.cut(from, to)
}

// Random returns a member with its score, each with the same chance, of a set that has one. O(1), O(n) in a listpack.
func (z *ZSet) Random() (member []byte, score float64) {
	if z.dict == nil {
		member, score, _ = z.pairAt(z.offset(z.rng().IntN(z.Len())))
		return member, score
	}
	r := z.dict.random(z.rng())
	return z.dict.key(r), scoreOf(z.dict.value(r))
}

func (z *ZSet) rng() *rand.Rand { return z.contents.owner.store.rng }

// Draw yields n members, each of which may come again, of a set that has one, until yield returns false. O(n), and once O(Len)
// for a listpack.
func (z *ZSet) Draw(n int, yield func(member []byte, score float64) bool) {
	if z.dict == nil {
		z.small.draw(n, pairEntries, z.rng(), func(at int) bool {
			member, score, _ := z.pairAt(at)
			return yield(member, score)
		})
		return
	}
	for ; n > 0 && yield(z.Random()); n-- {
	}
}

// Sample visits n different members, every choice of them with the same chance, or all if there are no more, as Redis does
// from the highest score on. O(n) in a large set that has several times as many, else O(n) of all members.
func (z *ZSet) Sample(n int, visit func(member []byte, score float64)) {
	if z.dict != nil && z.dict.sparse(n) {
		z.dict.sample(n, func(r ref) { visit(z.dict.key(r), scoreOf(z.dict.value(r))) })
		return
	}
	c := choice{min(n, z.Len()), z.Len(), z.rng()}
	z.RangeBack(0, z.Len(), func(member []byte, score float64) bool {
		if c.takes() {
			visit(member, score)
		}
		return c.wanted > 0
	})
}

// Scan visits about count members from cursor on and returns where to go on, 0 at the end, with Keyspace.Scan's guarantees.
// A small set is visited as a whole. Scores are given as Redis prints them in the two forms.
func (z *ZSet) Scan(cursor uint64, count int, visit func(member, score []byte)) (next uint64) {
	if z.dict == nil {
		z.scanSmall(visit)
		return 0
	}
	return z.dict.scan(cursor, count, func(r ref) {
		visit(z.dict.key(r), double.AppendFull(z.number[:0], scoreOf(z.dict.value(r))))
	})
}

func (z *ZSet) digest(add func(part []byte)) {
	z.Range(0, z.Len(), func(member []byte, score float64) bool {
		add(member)
		add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(score)))
		return true
	})
}

func (z *ZSet) compactSize() (n int, ok bool) {
	if z.dict != nil {
		return 0, false
	}
	return z.small.compactSize()
}

func (z *ZSet) putCompact(dst []byte) { z.small.putCompact(dst) }

func (*ZSet) variant() shape { return 0 }

func (z *ZSet) detached() collection {
	own := *z
	own.small.detach()
	return &own
}

// clone returns a copy that is to be kept, of the same form.
func (z *ZSet) clone(into *Keyspace) collection {
	own := &ZSet{contents: into.contents, limits: z.limits}
	if z.dict == nil {
		own.small.buf, own.small.count = bytes.Clone(z.small.live()), z.small.count
		return own
	}
	own.toTree()
	z.Range(0, z.Len(), func(member []byte, score float64) bool {
		own.add(member, score)
		return true
	})
	return own
}

func (z *ZSet) inArena() int {
	if z.dict == nil {
		return 0
	}
	return z.dict.size()
}

func (z *ZSet) release() {
	if z.dict != nil {
		z.dict.release()
		z.dict = nil // the tree goes with the object
	}
}

func (z *ZSet) verify() error {
	if z.dict == nil {
		return z.verifySmall()
	}
	if err := z.dict.verify(); err != nil {
		return err
	}
	return z.tree.verify()
}

// precedes reports whether a member with its score stands before another one.
func precedes(score float64, member []byte, otherScore float64, other []byte) bool {
	return score < otherScore || score == otherScore && bytes.Compare(member, other) < 0
}
