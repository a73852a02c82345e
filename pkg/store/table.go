package store

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
)

// table maps keys to entries by extendible hashing. The hash's leading bits choose a segment through a small
// directory, the next ones a home group of eight slots in it, the last seven are the tag that is compared
// before any key. A full segment splits in two and two nearly empty neighbours become one: no insertion or
// removal ever waits for a whole-table rehash, and a table that was large once does not stay so.
//
// Segments and their home groups follow the order of the hashes, so a position in hash space is a SCAN cursor
// that stays true while the table grows and shrinks (see scan).
type table struct {
	seed      maphash.Seed
	directory []*segment // 1<<depth pointers; a segment of depth d stands in 1<<(depth-d) neighbouring places
	depth     uint
	count     int
	segments  int
	deepest   int // segments of depth depth: the directory halves when there are none
}

const (
	groupBits   = 6 // 64 groups of 8 slots: 512 entries, split in about 50 µs
	segmentSize = 8 << groupBits
	maxLoad     = segmentSize * 7 / 8
	minLoad     = segmentSize / 4 // of two neighbours together, that they become one; far below what a split leaves
	scanDepth   = 48              // bits of hash space in a cursor, so that it stays exact in clients that read numbers as doubles

	slotEmpty   = 0x00
	slotDeleted = 0x01 // something was here; probing goes on
	slotFull    = 0x80 // with the tag in the low bits

	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

type segment struct {
	depth   uint
	first   uint64 // where its part of the directory begins, as a hash
	used    int    // full slots
	dirty   int    // deleted slots
	tags    [segmentSize]uint8
	entries [segmentSize]*Entry
}

// segmentBytes is the memory of a segment as the allocator rounds it, without its places in the directory.
const segmentBytes = 4864

func newTable() table {
	return table{seed: maphash.MakeSeed(), directory: []*segment{{}}, segments: 1, deepest: 1}
}

func (t *table) hash(key []byte) uint64 { return maphash.Bytes(t.seed, key) }

func (t *table) segment(h uint64) *segment { return t.directory[h>>(64-t.depth)] }

// home is the group where an entry of hash h belongs: the bits behind the segment's own.
func (s *segment) home(h uint64) int { return int(h << s.depth >> (64 - groupBits)) }

func (s *segment) group(g int) uint64 { return binary.LittleEndian.Uint64(s.tags[g*8:]) }

func tag(h uint64) uint8 { return slotFull | uint8(h) }

// matches marks the bytes of group that equal tag in their high bits. A byte above a match may be marked
// wrongly; keys are compared anyway.
func matches(group uint64, tag uint8) uint64 {
	x := group ^ everyByte*uint64(tag)
	return (x - everyByte) &^ x & highBits
}

// find returns the entry of key, or nil.
func (t *table) find(h uint64, key []byte) *Entry {
	s := t.segment(h)
	for g, probes := s.home(h), 0; probes < 1<<groupBits; g, probes = (g+1)&(1<<groupBits-1), probes+1 {
		group := s.group(g)
		for m := matches(group, tag(h)); m != 0; m &= m - 1 {
			if e := s.entries[g*8+bits.TrailingZeros64(m)/8]; e != nil && e.key == string(key) {
				return e
			}
		}
		if matches(group, slotEmpty) != 0 {
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
	g := s.home(h)
	for {
		if m := ^s.group(g) & highBits; m != 0 {
			i := g*8 + bits.TrailingZeros64(m)/8
			if s.tags[i] == slotDeleted {
				s.dirty--
			}
			s.tags[i], s.entries[i] = tag(h), e
			s.used++
			return
		}
		g = (g + 1) & (1<<groupBits - 1)
	}
}

// remove takes an entry out that is in the table.
func (t *table) remove(e *Entry) {
	h := maphash.String(t.seed, e.key)
	s := t.segment(h)
	i := s.slot(h, e)
	s.entries[i] = nil
	s.used--
	t.count--
	if matches(s.group(i/8), slotEmpty) != 0 { // no probe ever went past this group
		s.tags[i] = slotEmpty
	} else {
		s.tags[i] = slotDeleted
		s.dirty++
	}
	if s.used <= minLoad && s.depth > 0 {
		t.merge(s)
	}
}

// slot returns where the entry is, from its home group on.
func (s *segment) slot(h uint64, e *Entry) int {
	for i := s.home(h) * 8; ; i = (i + 1) % segmentSize {
		if s.entries[i] == e {
			return i
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
	for _, e := range s.entries {
		if e != nil {
			h := maphash.String(t.seed, e.key)
			t.segment(h).put(h, e)
		}
	}
}

// growDirectory doubles the directory: eight bytes per 512 slots, copied once per doubling of the table.
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

// scan visits every entry whose home is the group at cursor, a position in hash space, and returns the next
// group's position, 0 at the end. An entry that is present from start to end is visited whatever is inserted,
// deleted, split or merged in between: its hash decides where it is met, and it does not change. A cursor that has
// come to lie within a group, because segments merged, visits the whole group again.
func (t *table) scan(cursor uint64, visit func(*Entry)) (next uint64) {
	h := cursor << (64 - scanDepth)
	s := t.segment(h)
	for g, probes := s.home(h), 0; probes < 1<<groupBits; g, probes = (g+1)&(1<<groupBits-1), probes+1 {
		for i := g * 8; i < g*8+8; i++ {
			if e := s.entries[i]; e != nil && s.home(maphash.String(t.seed, e.key)) == s.home(h) {
				visit(e)
			}
		}
		if matches(s.group(g), slotEmpty) != 0 {
			break
		}
	}
	width := uint64(1) << (64 - groupBits - s.depth)
	h = h&^(width-1) + width
	return h >> (64 - scanDepth)
}

// each visits every entry; visit must not change the table.
func (t *table) each(visit func(*Entry) bool) {
	for i := 0; i < len(t.directory); {
		s := t.directory[i]
		for _, e := range s.entries {
			if e != nil && !visit(e) {
				return
			}
		}
		i += 1 << (t.depth - s.depth)
	}
}

// random returns an entry, each with the same chance, or nil if there is none. A segment is drawn evenly by
// accepting only the first of its places in the directory, then a slot evenly by accepting only full ones. A
// nearly empty table gives up drawing and takes the next entry behind a random place.
func (t *table) random(rng *rand.Rand) *Entry {
	for range 1 << 12 {
		i := rng.Uint64N(uint64(len(t.directory)))
		s := t.directory[i]
		if s.first>>(64-t.depth) != i && t.depth > 0 {
			continue
		}
		if e := s.entries[rng.IntN(segmentSize)]; e != nil {
			return e
		}
	}
	return t.after(rng.Uint64() >> (64 - scanDepth))
}

// after returns the first entry at or behind a position in hash space, going round at the end.
func (t *table) after(position uint64) (found *Entry) {
	if t.count == 0 {
		return nil
	}
	for found == nil {
		position = t.scan(position, func(e *Entry) { found = e })
	}
	return found
}
