package store

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
)

// table maps keys to entries by extendible hashing. The hash's leading bits choose a segment through a small
// directory, the next ones a home group of seven slots in it, the last seven are the tag that is compared before any
// key. A full segment splits in two and two nearly empty neighbours become one: no insertion or removal ever waits for
// a whole-table rehash, and a table that was large once does not stay so.
//
// Segments and their home groups follow the order of the hashes, so a position in hash space is a SCAN cursor that
// stays true while the table grows and shrinks (see scan).
type table struct {
	seed      maphash.Seed
	directory []*segment // 1<<depth pointers; a segment of depth d stands in 1<<(depth-d) neighbouring places
	depth     uint
	count     int
	segments  int
	deepest   int // segments of depth depth: the directory halves when there are none
}

const (
	groupBits   = 6
	groups      = 1 << groupBits
	groupSlots  = 7
	segmentSize = groups * groupSlots // 448 entries, moved in some 35 µs when a segment splits
	maxLoad     = segmentSize * 7 / 8
	minLoad     = segmentSize / 4 // of two neighbours together, that they become one; far below what a split leaves
	scanDepth   = 48              // bits of hash space in a cursor, so that it stays exact in clients that read numbers as doubles

	slotEmpty   = 0x00
	slotDeleted = 0x01 // something was here; probing goes on
	slotFull    = 0x80 // with the tag in the low bits

	everyByte = 0x0001010101010101
	highBits  = 0x0080808080808080

	// segmentBytes is the memory of a segment as the allocator rounds it, without its places in the directory.
	segmentBytes = 4864
)

// group is one cache line: the tags of seven slots and their entries.
type group struct {
	tags    [groupSlots + 1]uint8 // the last one is always slotEmpty and belongs to no slot
	entries [groupSlots]*Entry
}

type segment struct {
	depth  uint
	first  uint64   // where its part of the directory begins, as a hash
	used   int      // full slots
	dirty  int      // deleted slots
	_      [32]byte // so that groups begin on a cache line
	groups [groups]group
}

func newTable() table {
	return table{seed: maphash.MakeSeed(), directory: []*segment{{}}, segments: 1, deepest: 1}
}

func (t *table) hash(key []byte) uint64 { return maphash.Bytes(t.seed, key) }

func (t *table) rehash(e *Entry) uint64 { return maphash.String(t.seed, e.Key()) }

func (t *table) segment(h uint64) *segment { return t.directory[h>>(64-t.depth)] }

// home is the group where an entry of hash h belongs: the bits behind the segment's own.
func (s *segment) home(h uint64) int { return int(h << s.depth >> (64 - groupBits)) }

func tag(h uint64) uint8 { return slotFull | uint8(h) }

// matches marks the slots that have the tag, each in the high bit of its byte. A slot above a match may be marked
// wrongly, so that only whether there is any, and which is the lowest, is certain.
func (g *group) matches(tag uint8) uint64 {
	x := binary.LittleEndian.Uint64(g.tags[:]) ^ everyByte*uint64(tag)
	return (x - everyByte) &^ x & highBits
}

// free marks the slots that hold nothing.
func (g *group) free() uint64 { return ^binary.LittleEndian.Uint64(g.tags[:]) & highBits }

// open reports whether the group has an empty slot, which is where all probing ends.
func (g *group) open() bool { return g.matches(slotEmpty) != 0 }

func slotOf(mark uint64) int { return bits.TrailingZeros64(mark) / 8 }

// find returns the entry of key, or nil.
func (t *table) find(h uint64, key []byte) *Entry {
	s := t.segment(h)
	for i, probes := s.home(h), 0; probes < groups; i, probes = (i+1)%groups, probes+1 {
		g := &s.groups[i]
		for m := g.matches(tag(h)); m != 0; m &= m - 1 {
			if e := g.entries[slotOf(m)]; e != nil && e.Key() == string(key) {
				return e
			}
		}
		if g.open() {
			return nil
		}
	}
	return nil
}

// insert adds an entry whose key is not in the table.
func (t *table) insert(h uint64, e *Entry) {
	for {
		s := t.segment(h)
		if s.used+s.dirty < maxLoad {
			s.put(h, e)
			t.count++
			return
		}
		t.makeRoom(s)
	}
}

// put takes the first free slot from the home group on.
func (s *segment) put(h uint64, e *Entry) {
	for i := s.home(h); ; i = (i + 1) % groups {
		g := &s.groups[i]
		if m := g.free(); m != 0 {
			slot := slotOf(m)
			if g.tags[slot] == slotDeleted {
				s.dirty--
			}
			g.tags[slot], g.entries[slot] = tag(h), e
			s.used++
			return
		}
	}
}

// remove takes an entry out that is in the table.
func (t *table) remove(e *Entry) {
	h := t.rehash(e)
	s := t.segment(h)
	g, slot := s.slot(h, e)
	s.used--
	t.count--
	g.entries[slot] = nil
	if g.open() { // no probe ever went past this group
		g.tags[slot] = slotEmpty
	} else {
		g.tags[slot] = slotDeleted
		s.dirty++
	}
	if s.used <= minLoad && s.depth > 0 {
		t.merge(s)
	}
}

// slot returns where the entry is, from its home group on.
func (s *segment) slot(h uint64, e *Entry) (g *group, slot int) {
	for i := s.home(h); ; i = (i + 1) % groups {
		g := &s.groups[i]
		for slot, other := range g.entries {
			if other == e {
				return g, slot
			}
		}
	}
}

// makeRoom splits a segment, or sweeps its deleted slots out when they are what fills it.
func (t *table) makeRoom(s *segment) {
	if s.dirty > segmentSize/4 {
		t.install(&segment{depth: s.depth, first: s.first})
		t.refill(s)
		return
	}
	if s.depth == t.depth {
		t.growDirectory()
	}
	half := uint64(1) << (63 - s.depth)
	t.install(&segment{depth: s.depth + 1, first: s.first})
	t.install(&segment{depth: s.depth + 1, first: s.first | half})
	t.refill(s)
	t.segments++
	if s.depth+1 == t.depth {
		t.deepest += 2
	}
}

// merge joins a segment with the other half of what was once split, if few entries are left in both.
func (t *table) merge(s *segment) {
	half := uint64(1) << (64 - s.depth)
	other := t.segment(s.first ^ half)
	if other.depth != s.depth || s.used+other.used > minLoad {
		return
	}
	t.install(&segment{depth: s.depth - 1, first: s.first &^ half})
	t.refill(s)
	t.refill(other)
	t.segments--
	if s.depth < t.depth {
		return
	}
	t.deepest -= 2
	for t.deepest == 0 {
		t.halveDirectory()
	}
}

// install puts a segment into all its places in the directory.
func (t *table) install(s *segment) {
	from := s.first >> (64 - t.depth)
	for i := range uint64(1) << (t.depth - s.depth) {
		t.directory[from+i] = s
	}
}

// refill moves the entries of a segment that is not in the directory any more to those that took its place.
func (t *table) refill(s *segment) {
	s.each(func(e *Entry) bool {
		h := t.rehash(e)
		t.segment(h).put(h, e)
		return true
	})
}

// growDirectory doubles the directory: eight bytes per segment, copied once per doubling of the table.
func (t *table) growDirectory() {
	grown := make([]*segment, 2*len(t.directory))
	for i, s := range t.directory {
		grown[2*i], grown[2*i+1] = s, s
	}
	t.directory = grown
	t.depth++
	t.deepest = 0
}

// halveDirectory undoes growDirectory when every segment stands in two places or more.
func (t *table) halveDirectory() {
	halved := make([]*segment, len(t.directory)/2)
	t.depth--
	for i := range halved {
		halved[i] = t.directory[2*i]
		if halved[i].depth == t.depth {
			t.deepest++
		}
	}
	t.directory = halved
}

// bytes is the memory of the table itself.
func (t *table) bytes() int { return t.segments*segmentBytes + 8*len(t.directory) }

// scan visits every entry whose home is the group at cursor, a position in hash space, and returns the next group's
// position, 0 at the end. An entry that is present from start to end is visited whatever is inserted, deleted, split
// or merged in between: its hash decides where it is met, and it does not change. A cursor that has come to lie within
// a group, because segments merged, visits the whole group again.
func (t *table) scan(cursor uint64, visit func(*Entry)) (next uint64) {
	h := cursor << (64 - scanDepth)
	s := t.segment(h)
	for i, probes := s.home(h), 0; probes < groups; i, probes = (i+1)%groups, probes+1 {
		g := &s.groups[i]
		for _, e := range g.entries {
			if e != nil && s.home(t.rehash(e)) == s.home(h) {
				visit(e)
			}
		}
		if g.open() {
			break
		}
	}
	width := uint64(1) << (64 - groupBits - s.depth)
	return (h&^(width-1) + width) >> (64 - scanDepth)
}

// each visits every entry until visit returns false; visit must not change the table.
func (t *table) each(visit func(*Entry) bool) {
	for i := 0; i < len(t.directory); {
		s := t.directory[i]
		if !s.each(visit) {
			return
		}
		i += 1 << (t.depth - s.depth)
	}
}

func (s *segment) each(visit func(*Entry) bool) bool {
	for i := range s.groups {
		for _, e := range s.groups[i].entries {
			if e != nil && !visit(e) {
				return false
			}
		}
	}
	return true
}

// random returns an entry, each with the same chance, or nil if there is none. A segment is drawn evenly by accepting
// only the first of its places in the directory, then a slot evenly by accepting only full ones. A nearly empty table
// gives up drawing and takes the next entry behind a random place.
func (t *table) random(rng *rand.Rand) *Entry {
	for range 1 << 12 {
		i := rng.Uint64N(uint64(len(t.directory)))
		s := t.directory[i]
		if s.first>>(64-t.depth) != i {
			continue
		}
		if e := s.groups[rng.IntN(groups)].entries[rng.IntN(groupSlots)]; e != nil {
			return e
		}
	}
	return t.after(rng.Uint64() >> (64 - scanDepth))
}

// after returns an entry at or behind a position in hash space, going round at the end.
func (t *table) after(position uint64) (found *Entry) {
	if t.count == 0 {
		return nil
	}
	for found == nil {
		position = t.scan(position, func(e *Entry) { found = e })
	}
	return found
}
