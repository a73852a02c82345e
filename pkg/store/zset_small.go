package store

import (
	"fmt"
	"math"

	"snakecache/pkg/double"
)

// This file is the small form of a sorted set, which is Redis' to the byte: pairs of member and score in order. A score is
// an integer if it is one of less than 2^62, and else the text of the number.

// packScore prepares a score to be written. Its text lies in room.
func packScore(score float64, room *[double.MaxLen]byte) packed {
	if n, ok := double.Int(score); ok {
		return packInt(n)
	}
	return pack(double.Append(room[:0], score))
}

// unpackScore returns the score at the start of b and the size of its entry.
func unpackScore(b []byte) (score float64, size int) {
	size = packedSize(b)
	if !isBytes(b[0]) {
		return float64(unpackInt(b)), size
	}
	head, body := layout(b)
	score, _ = double.Parse(b[head : head+body])
	return score, size
}

// pairAt returns the pair at an offset and its size.
func (z *ZSet) pairAt(at int) (member []byte, score float64, size int) {
	b := z.small.live()[at:]
	member, n := unpack(b, &z.member)
	score, m := unpackScore(b[n:])
	return member, score, n + m
}

// findSmall returns the offset of a member's pair, and its score.
func (z *ZSet) findSmall(member []byte) (at int, score float64, ok bool) {
	p := pack(member)
	if at, ok = z.small.find(&p, pairEntries); ok {
		score, _ = unpackScore(z.small.live()[at+p.size:])
	}
	return at, score, ok
}

func (z *ZSet) updateSmall(member []byte, decide func(old float64, found bool) (score float64, change bool)) {
	at, old, found := z.findSmall(member)
	score, ok := decide(old, found)
	switch {
	case !ok || found && score == old:
	case found:
		_, _, size := z.pairAt(at)
		z.small.cut(at, size, pairEntries)
		z.insertSmall(member, score)
	case z.fits(member):
		z.insertSmall(member, score)
	default:
		z.toTree()
		z.add(member, score)
	}
}

// fits reports whether the set is small and may have this member as another one and remain so.
func (z *ZSet) fits(member []byte) bool {
	return z.dict == nil && z.Len() < z.limits.ZSetMaxListpackEntries && len(member) <= z.limits.ZSetMaxListpackValue
}

// insertSmall puts a pair where it belongs.
func (z *ZSet) insertSmall(member []byte, score float64) {
	z.insertSmallAt(z.place(member, score), member, score)
}

// insertSmallAt puts a pair at an offset.
func (z *ZSet) insertSmallAt(at int, member []byte, score float64) {
	m, s := pack(member), packScore(score, &z.number)
	z.small.insertAt(at, &m)
	z.small.insertAt(at+m.size, &s)
}

// place returns the offset of the first pair that is not before one with this member and score. Most come in order, so it
// looks at the last one first.
func (z *ZSet) place(member []byte, score float64) (at int) {
	if n := z.Len(); n > 0 {
		last := z.offset(n - 1)
		other, otherScore, _ := z.pairAt(last)
		if precedes(otherScore, other, score, member) {
			return len(z.small.live())
		}
	}
	for at < len(z.small.live()) {
		other, otherScore, size := z.pairAt(at)
		if !precedes(otherScore, other, score, member) {
			break
		}
		at += size
	}
	return at
}

// offset returns where the pair of a rank begins.
func (z *ZSet) offset(rank int) int { return z.small.offset(rank * pairEntries) }

func (z *ZSet) removeSmall(member []byte) bool {
	at, _, ok := z.findSmall(member)
	if ok {
		_, _, size := z.pairAt(at)
		z.small.cut(at, size, pairEntries)
	}
	return ok
}

func (z *ZSet) removeRangeSmall(from, to int) {
	at := z.offset(from)
	z.small.cut(at, z.offset(to)-at, (to-from)*pairEntries)
}

func (z *ZSet) scanSmall(visit func(member, score []byte)) {
	var number [decimalLen]byte
	for b := z.small.live(); len(b) > 0; {
		member, n := unpack(b, &z.member)
		score, m := unpack(b[n:], &number)
		visit(member, score)
		b = b[n+m:]
	}
}

// rangeSmall and rangeBackSmall are Range and RangeBack.
func (z *ZSet) rangeSmall(from, to int, yield func(member []byte, score float64) bool) {
	at := z.offset(from)
	for range to - from {
		member, score, size := z.pairAt(at)
		if !yield(member, score) {
			return
		}
		at += size
	}
}

func (z *ZSet) rangeBackSmall(from, to int, yield func(member []byte, score float64) bool) {
	b := z.small.live()[:z.offset(to)]
	for range to - from {
		b = b[:len(b)-lastPacked(b)]
		b = b[:len(b)-lastPacked(b)]
		if member, score, _ := z.pairAt(len(b)); !yield(member, score) {
			return
		}
	}
}

// verifySmall checks that the pairs are in order.
func (z *ZSet) verifySmall() (err error) {
	if z.small.count%pairEntries != 0 {
		return fmt.Errorf("%d entries are no pairs", z.small.count)
	}
	var last []byte
	lastScore := math.Inf(-1)
	z.Range(0, z.Len(), func(member []byte, score float64) bool {
		if last != nil && !precedes(lastScore, last, score, member) {
			err = fmt.Errorf("%q of %v stands before %q of %v", last, lastScore, member, score)
		}
		last, lastScore = append([]byte{}, member...), score
		return err == nil
	})
	return err
}
