package store

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
)

// table maps keys to blobs by extendible hashing. The hash's leading bits choose a segment through a small
// directory, the next ones a home group of twelve slots in it, the last seven are the tag that is compared before any
// key. A full segment splits in two and two nearly empty neighbours become one: no insertion or removal ever waits for
// a whole-table rehash, and a table that was large once does not stay so.
//
// Segments and their home groups follow the order of the hashes, so a position in hash space is a SCAN cursor that
// stays true while the table grows and shrinks (see scan).
type table struct {
	arena     *arena // of the blobs, and of the groups
	seed      maphash.Seed
	directory []*segment // 1<<depth pointers; a segment of depth d stands in 1<<(depth-d) neighbouring places
	depth     uint
	count     int
	segments  int
	deepest   int  // segments of depth depth: the directory halves when there are none
	recent    ref  // what lookup returned last
	recurs    bool // the commands that come are all about one key
}

const (
	groupBits   = 6
	groups      = 1 << groupBits
	groupSlots  = 12
	segmentSize = groups * groupSlots // 768 keys, moved in some 70 µs when a segment splits
	maxLoad     = segmentSize * 7 / 8
	minLoad     = segmentSize / 4 // of two neighbours together, that they become one; far below what a split leaves
	scanDepth   = 48              // bits of hash space in a cursor, so that it stays exact in clients that read numbers as doubles

	slotEmpty   = 0x00
	slotDeleted = 0x01 // something was here; probing goes on
	slotNone    = 0x02 // no slot: the tags fill two words, the slots do not
	slotFull    = 0x80 // with the tag in the low bits

	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080

	// segmentBytes is the memory of a segment on the Go heap as the allocator rounds it.
	segmentBytes = 48
)

// group is one cache line: the tags of twelve slots and their blobs.
type group struct {
	tags [16]uint8 // the last four are slotNone
	refs [groupSlots]ref
}

type groupArray [groups]group

// segment has all 64 groups, but for the only one of a small table, which begins with a single group and doubles: most
// tables are those of collections that just do not fit into a listpack.
type segment struct {
	groups *groupArray // in the arena; only mask+1 of them
	ref    ref         // of groups
	first  uint64      // where its part of the directory begins, as a hash
	depth  uint8
	bits   uint8  // of the hash that choose a group
	mask   uint8  // of as many bits
	used   uint16 // full slots
	dirty  uint16 // deleted slots
}

// noGroups are those of a table without keys, which takes no memory of the arena.
var noGroups = func() (g groupArray) {
	clearGroups(g[:])
	return g
}()

func clearGroups(all []group) {
	for i := range all {
		all[i] = group{tags: [16]uint8{groupSlots: slotNone, slotNone, slotNone, slotNone}}
	}
}

// all returns the segment's groups, and slots how many keys they could hold.
func (s *segment) all() []group { return s.groups[:int(s.mask)+1] }
func (s *segment) slots() int   { return groupSlots << s.bits }

// limit returns how many slots may be in use or deleted before room is made.
func (s *segment) limit() int { return s.slots() * 7 / 8 }

// next returns the group that is probed behind group i.
func (s *segment) next(i int) int { return (i + 1) & int(s.mask) }

func newTable(a *arena) table {
	t := table{arena: a, seed: maphash.MakeSeed(), segments: 1, deepest: 1}
	t.directory = []*segment{{groups: &noGroups}}
	a.account.add(t.heapBytes())
	return t
}

// newSegment returns an empty segment that is in no directory yet.
func (t *table) newSegment(depth uint8, first uint64, bits uint8) *segment {
	r := t.arena.allocClass(groupsClass + int(bits))
	s := &segment{groups: (*groupArray)(t.arena.at(r)), ref: r, depth: depth, first: first, bits: bits, mask: 1<<bits - 1}
	clearGroups(s.all())
	return s
}

func (t *table) hash(key []byte) uint64 { return maphash.Bytes(t.seed, key) }

func (t *table) rehash(r ref) uint64 { return t.hash((*header)(t.arena.at(r)).key()) }

func (t *table) segment(h uint64) *segment { return t.directory[h>>(64-t.depth)] }

// heapBytes is the memory of the table on the Go heap.
func (t *table) heapBytes() int { return t.segments*segmentBytes + 8*len(t.directory) }

// bytes is the memory of the table with its groups.
func (t *table) bytes() int {
	n := t.heapBytes()
	if s := t.directory[0]; s.ref != 0 {
		n += t.segments * int(classSizes[groupsClass+int(s.bits)])
	}
	return n
}

// home is the group where a blob of hash h belongs: the bits behind the segment's own. Shifts by less than 64 bits are
// quicker than others, and the mask makes the same of a shift by none as of one by 64.
func (s *segment) home(h uint64) int { return int(h<<(s.depth&63)>>((64-s.bits)&63)) & int(s.mask) }

func tag(h uint64) uint8 { return slotFull | uint8(h) }

// word is one half of the tags.
func (g *group) word(half int) uint64 {
	if half == 0 {
		return binary.LittleEndian.Uint64(g.tags[:8])
	}
	return binary.LittleEndian.Uint64(g.tags[8:])
}

// marks marks the bytes of a word that are tag, each in its high bit. A byte above a match may be marked wrongly, so that
// only whether there is any, and which is the lowest, is certain.
func marks(word uint64, tag uint8) uint64 {
	x := word ^ everyByte*uint64(tag)
	return (x - everyByte) &^ x & highBits
}

// open reports whether the group has an empty slot, which is where all probing ends.
func (g *group) open() bool { return marks(g.word(0), slotEmpty)|marks(g.word(1), slotEmpty) != 0 }

// vacancy returns a slot that holds nothing, or -1.
func (g *group) vacancy() int {
	for half := range 2 {
		if m := ^g.word(half) & highBits; m != 0 {
			if slot := half*8 + slotOf(m); slot < groupSlots {
				return slot
			}
		}
	}
	return -1
}

// first returns the first slot with the tag, or -1.
func (g *group) first(tag uint8) int {
	for half := range 2 {
		if m := marks(g.word(half), tag); m != 0 {
			return half*8 + slotOf(m)
		}
	}
	return -1
}

func slotOf(mark uint64) int { return bits.TrailingZeros64(mark) / 8 }

// find returns the blob of key, or 0.
func (t *table) find(h uint64, key []byte) ref {
	s := t.segment(h)
	for i, probes := s.home(h), 0; probes <= int(s.mask); i, probes = s.next(i), probes+1 {
		g := &s.groups[i%groups]
		for half := range 2 {
			for m := marks(g.word(half), tag(h)); m != 0; m &= m - 1 {
				r := g.refs[(half*8+slotOf(m))%16%groupSlots]
				if r != 0 && string((*header)(t.arena.at(r)).key()) == string(key) {
					return r
				}
			}
		}
		if g.open() {
			return 0
		}
	}
	return 0
}

// lookup is find, which begins at what it found last where the commands of a pipeline are all about one collection. Elsewhere to
// compare another key first costs a GET 3 %.
func (t *table) lookup(key []byte) ref {
	if !t.recurs || t.recent == 0 || string((*header)(t.arena.at(t.recent)).key()) != string(key) {
		t.recent = t.find(t.hash(key), key)
	}
	return t.recent
}

// replace makes the slot of a blob that has moved refer to where it is now.
func (t *table) replace(h uint64, old, now ref) {
	g, slot := t.segment(h).slot(h, old)
	g.refs[slot] = now
	if t.recent == old {
		t.recent = now
	}
}

// insert adds a blob whose key is not in the table.
func (t *table) insert(h uint64, r ref) {
	for {
		s := t.segment(h)
		if s.ref == 0 {
			t.directory[0] = t.newSegment(0, 0, 0)
			continue
		}
		if int(s.used+s.dirty) < s.limit() {
			s.put(h, r)
			t.count++
			return
		}
		t.makeRoom(s)
	}
}

// put takes the first free slot from the home group on.
func (s *segment) put(h uint64, r ref) {
	for i := s.home(h); ; i = s.next(i) {
		g := &s.groups[i]
		if slot := g.vacancy(); slot >= 0 {
			if g.tags[slot] == slotDeleted {
				s.dirty--
			}
			g.tags[slot], g.refs[slot] = tag(h), r
			s.used++
			return
		}
	}
}

// remove takes a blob out that is in the table.
func (t *table) remove(r ref) {
	h := t.rehash(r)
	s := t.segment(h)
	g, slot := s.slot(h, r)
	s.used--
	t.count--
	g.refs[slot] = 0
	if t.recent == r {
		t.recent = 0
	}
	if g.open() { // no probe ever went past this group
		g.tags[slot] = slotEmpty
	} else {
		g.tags[slot] = slotDeleted
		s.dirty++
	}
	switch {
	case t.count == 0 && s.depth == 0:
		t.arena.free(s.ref)
		*s = segment{groups: &noGroups}
	case s.depth == 0 && s.bits > 0 && int(s.used) <= s.slots()/8:
		t.resize(s, s.bits-1)
	case s.used <= minLoad && s.depth > 0:
		t.merge(s)
	}
}

// slot returns where the blob is, from its home group on.
func (s *segment) slot(h uint64, r ref) (g *group, slot int) {
	for i := s.home(h); ; i = s.next(i) {
		g := &s.groups[i]
		for slot, other := range g.refs {
			if other == r {
				return g, slot
			}
		}
	}
}

// makeRoom splits a segment, or doubles a small one, or sweeps its deleted slots out when they are what fills it.
func (t *table) makeRoom(s *segment) {
	if int(s.dirty) > s.slots()/4 {
		t.resize(s, s.bits)
		return
	}
	if s.bits < groupBits {
		t.resize(s, s.bits+1)
		return
	}
	before := t.heapBytes()
	if uint(s.depth) == t.depth {
		t.growDirectory()
	}
	half := uint64(1) << (63 - s.depth)
	t.install(t.newSegment(s.depth+1, s.first, groupBits))
	t.install(t.newSegment(s.depth+1, s.first|half, groupBits))
	t.refill(s)
	t.segments++
	if uint(s.depth)+1 == t.depth {
		t.deepest += 2
	}
	t.arena.account.add(t.heapBytes() - before)
}

// resize puts another one, without deleted slots, in the place of a segment.
func (t *table) resize(s *segment, bits uint8) {
	t.install(t.newSegment(s.depth, s.first, bits))
	t.refill(s)
}

// merge joins a segment with the other half of what was once split, if few keys are left in both.
func (t *table) merge(s *segment) {
	half := uint64(1) << (64 - s.depth)
	other := t.segment(s.first ^ half)
	if other.depth != s.depth || s.used+other.used > minLoad {
		return
	}
	before := t.heapBytes()
	t.install(t.newSegment(s.depth-1, s.first&^half, groupBits))
	t.refill(s)
	t.refill(other)
	t.segments--
	if uint(s.depth) == t.depth {
		t.deepest -= 2
		for t.deepest == 0 {
			t.halveDirectory()
		}
	}
	t.arena.account.add(t.heapBytes() - before)
}

// install puts a segment into all its places in the directory.
func (t *table) install(s *segment) {
	from := s.first >> (64 - t.depth)
	for i := range uint64(1) << (t.depth - uint(s.depth)) {
		t.directory[from+i] = s
	}
}

// refill moves the blobs of a segment that is not in the directory any more to those that took its place.
func (t *table) refill(s *segment) {
	for i := range s.all() {
		for _, r := range s.groups[i].refs {
			if r != 0 {
				h := t.rehash(r)
				t.segment(h).put(h, r)
			}
		}
	}
	t.arena.free(s.ref)
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
		if uint(halved[i].depth) == t.depth {
			t.deepest++
		}
	}
	t.directory = halved
}

// scan visits every blob whose home is the group at cursor, a position in hash space, and returns the next group's
// position, 0 at the end. An entry that is present from start to end is visited whatever is inserted, deleted, split
// or merged in between: its hash decides where it is met, and it does not change. A cursor that has come to lie within
// a group, because segments merged, visits the whole group again.
func (t *table) scan(cursor uint64, visit func(ref)) (next uint64) {
	h := cursor << (64 - scanDepth)
	s := t.segment(h)
	for i, probes := s.home(h), 0; probes <= int(s.mask); i, probes = s.next(i), probes+1 {
		g := &s.groups[i]
		for _, r := range g.refs {
			if r != 0 && s.home(t.rehash(r)) == s.home(h) {
				visit(r)
			}
		}
		if g.open() {
			break
		}
	}
	width := uint64(1) << (64 - s.bits - s.depth) // 0 if one group is all there is
	return (h&^(width-1) + width) >> (64 - scanDepth)
}

// each visits every blob, segment by segment, until visit returns false; visit must not change the table.
func (t *table) each(visit func(ref) bool) {
	for i := 0; i < len(t.directory); {
		s := t.directory[i]
		for g := range s.all() {
			for _, r := range s.groups[g].refs {
				if r != 0 && !visit(r) {
					return
				}
			}
		}
		i += 1 << (t.depth - uint(s.depth))
	}
}

// random returns a blob, each with the same chance, or 0 if there is none. A segment is drawn evenly by accepting
// only the first of its places in the directory, then a slot evenly by accepting only full ones. A nearly empty table
// gives up drawing and takes the next blob behind a random place.
func (t *table) random(rng *rand.Rand) ref {
	for range 1 << 12 {
		i := rng.Uint64N(uint64(len(t.directory)))
		s := t.directory[i]
		if s.first>>(64-t.depth) != i {
			continue
		}
		if r := s.groups[rng.IntN(int(s.mask)+1)].refs[rng.IntN(groupSlots)]; r != 0 {
			return r
		}
	}
	return t.after(rng.Uint64() >> (64 - scanDepth))
}

// after returns a blob at or behind a position in hash space, going round at the end.
func (t *table) after(position uint64) (found ref) {
	if t.count == 0 {
		return 0
	}
	for found == 0 {
		position = t.scan(position, func(r ref) { found = r })
	}
	return found
}
