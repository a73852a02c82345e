package store

import (
	"bytes"
	"slices"
	"strconv"
	"unsafe"
)

// Set is Redis' set. It is kept as sorted integers while all members are integers, as one listpack while there are few and
// short ones, and as a dict from then on; it never goes back. Members that it hands out are views of its memory, good until
// the set changes.
type Set struct {
	contents *contents
	limits   *Options
	form     setForm
	ints     intset
	small    small
	dict     *dict
	scratch  [decimalLen]byte // the integer handed out last, printed
}

type setForm uint8

const (
	setOfInts setForm = iota
	setPacked
	setDict
)

const setBytes = int(unsafe.Sizeof(Set{})+15) &^ 15

// NewSet returns an empty set that begins as integers.
func (ks *Keyspace) NewSet() *Set {
	s := ks.store.views.sets.next()
	s.contents, s.limits = ks.contents, &ks.store.options
	return s
}

// view makes an empty set that in a blob, whose value begins the given memory.
func (s *Set) view(value []byte, h *header) {
	if h.shape&isIntset != 0 {
		s.ints = value[:h.valueLen()]
		s.small.borrowed = value
		return
	}
	s.form = setPacked
	s.small.view(value, h.valueLen())
}

// Type returns TypeSet.
func (s *Set) Type() Type { return TypeSet }

// Encoding returns intset, listpack or hashtable.
func (s *Set) Encoding() string { return [...]string{"intset", "listpack", "hashtable"}[s.form] }

// Len returns the number of members.
func (s *Set) Len() int {
	switch s.form {
	case setOfInts:
		return s.ints.len()
	case setPacked:
		return int(s.small.count)
	}
	return s.dict.len()
}

// Size returns the bytes held beside the key's blob. O(1).
func (s *Set) Size() int { return s.onHeap() + s.inArena() }

func (s *Set) onHeap() int { return setBytes + s.heldInts() + s.small.held() }

func (s *Set) heldInts() int {
	if liesIn(s.ints, s.small.borrowed) {
		return 0
	}
	return cap(s.ints)
}

// NewSetLike returns an empty set that begins as integers if other is kept so, and as a listpack else: as Redis builds an
// intersection.
func (ks *Keyspace) NewSetLike(other *Set) *Set {
	s := ks.NewSet()
	if other.form != setOfInts {
		s.form = setPacked
	}
	return s
}

// Expect makes ready for about n more members, of which first is one. As Redis does, a new set takes the form for so many
// members of the kind of the first, and one that is about to outgrow its form takes the last one at once.
func (s *Set) Expect(first []byte, n int) {
	if s.Len() == 0 && s.form != setDict {
		s.form = setPacked
		if _, ok := canonicalInt(first); ok && n <= s.limits.SetMaxIntsetEntries {
			s.form = setOfInts
		}
	}
	if s.form == setOfInts && n > s.limits.SetMaxIntsetEntries || s.form == setPacked && n > s.limits.SetMaxListpackEntries {
		s.Spread()
	}
}

// KeepInts gives a set that was built as a listpack or a dict the form of integers if all members are, and few enough.
// O(n) up to the limit of integers.
func (s *Set) KeepInts() {
	if s.form == setOfInts || s.Len() > s.limits.SetMaxIntsetEntries {
		return
	}
	var ints intset
	onlyInts := true
	s.Each(func(member []byte) bool {
		var n int64
		if n, onlyInts = canonicalInt(member); onlyInts {
			ints.insert(n)
		}
		return onlyInts
	})
	if onlyInts {
		s.release()
		*s = Set{contents: s.contents, limits: s.limits, ints: ints}
	}
}

// Has reports whether member is in the set. O(1), O(log n) among integers.
func (s *Set) Has(member []byte) (ok bool) {
	switch s.form {
	case setOfInts:
		if n, isInt := canonicalInt(member); isInt {
			_, ok = s.ints.find(n)
		}
	case setPacked:
		p := pack(member)
		_, ok = s.small.find(&p, 1)
	default:
		ok = s.dict.find(member) != 0
	}
	return ok
}

// Add adds a copy of member and reports whether it was missing. O(1).
func (s *Set) Add(member []byte) bool {
	if s.form == setOfInts {
		n, ok := canonicalInt(member)
		if ok {
			return s.addInt(n)
		}
		s.leaveInts(member)
	}
	if s.form == setPacked {
		p := pack(member)
		if _, ok := s.small.find(&p, 1); ok {
			return false
		}
		if s.fits(int(s.small.count), len(member)) {
			s.small.append(&p)
			return true
		}
		s.Spread()
	}
	return s.dict.addMissing(member)
}

func (s *Set) addInt(n int64) bool {
	added := s.ints.insert(n)
	if added && s.ints.len() > s.limits.SetMaxIntsetEntries {
		s.Spread()
	}
	return added
}

// fits reports whether a listpack of n members may have another one of so many bytes.
func (s *Set) fits(n, bytes int) bool {
	return n < s.limits.SetMaxListpackEntries && bytes <= s.limits.SetMaxListpackValue
}

// leaveInts takes the form that a member which is no integer needs.
func (s *Set) leaveInts(member []byte) {
	longest := 0
	if n := s.ints.len(); n > 0 {
		longest = max(len(s.print(s.ints.at(0))), len(s.print(s.ints.at(n-1))))
	}
	if !s.fits(s.ints.len(), max(longest, len(member))) {
		s.Spread()
		return
	}
	s.form = setPacked
	for i := range s.ints.len() {
		p := pack(s.print(s.ints.at(i)))
		s.small.append(&p)
	}
	s.ints = nil
}

// Spread takes the form that has no limits, a dict, in which every member is found at once. O(n), once in a set's life.
func (s *Set) Spread() {
	if s.form == setDict {
		return
	}
	d := newDict(s.contents)
	s.Each(func(member []byte) bool {
		d.add(member, 0)
		return true
	})
	*s = Set{contents: s.contents, limits: s.limits, form: setDict, dict: d}
}

// Remove takes member out and reports whether it was there. O(1), O(n) among integers.
func (s *Set) Remove(member []byte) (ok bool) {
	switch s.form {
	case setOfInts:
		return s.removeInt(member)
	case setPacked:
		p := pack(member)
		at, ok := s.small.find(&p, 1)
		if ok {
			s.small.cut(at, p.size, 1)
		}
		return ok
	}
	r := s.dict.find(member)
	if r != 0 {
		s.dict.remove(r)
	}
	return r != 0
}

func (s *Set) removeInt(member []byte) bool {
	n, ok := canonicalInt(member)
	if !ok {
		return false
	}
	i, ok := s.ints.find(n)
	if ok {
		s.ints.remove(i)
	}
	return ok
}

// Each yields every member until yield returns false: integers in ascending order, those of a listpack in the order in
// which they came, else in no order. O(n).
func (s *Set) Each(yield func(member []byte) bool) {
	switch s.form {
	case setOfInts:
		for i := range s.ints.len() {
			if !yield(s.print(s.ints.at(i))) {
				return
			}
		}
	case setPacked:
		s.small.each(&s.scratch, yield)
	default:
		s.dict.each(func(r ref) bool { return yield(s.dict.key(r)) })
	}
}

// Scan visits about count members from cursor on and returns where to go on, 0 at the end, with Keyspace.Scan's guarantees.
// A set that is no dict is visited as a whole.
func (s *Set) Scan(cursor uint64, count int, visit func(member []byte)) (next uint64) {
	if s.form != setDict {
		s.Each(func(member []byte) bool {
			visit(member)
			return true
		})
		return 0
	}
	return s.dict.scan(cursor, count, func(r ref) { visit(s.dict.key(r)) })
}

func (s *Set) print(n int64) []byte { return strconv.AppendInt(s.scratch[:0], n, 10) }

// digest gives the members in an order that depends on nothing but them.
func (s *Set) digest(add func(part []byte)) {
	var members [][]byte
	s.Each(func(member []byte) bool {
		members = append(members, bytes.Clone(member))
		return true
	})
	slices.SortFunc(members, bytes.Compare)
	for _, member := range members {
		add(member)
	}
}

func (s *Set) compactSize() (n int, ok bool) {
	switch s.form {
	case setOfInts:
		return len(s.ints), len(s.ints) <= maxValue
	case setPacked:
		return s.small.compactSize()
	}
	return 0, false
}

func (s *Set) putCompact(dst []byte) {
	if s.form == setOfInts {
		copy(dst, s.ints)
	} else {
		s.small.putCompact(dst)
	}
}

func (s *Set) variant() shape {
	if s.form == setOfInts {
		return isIntset
	}
	return 0
}

func (s *Set) detached() collection {
	own := *s
	if liesIn(own.ints, own.small.borrowed) {
		own.ints = slices.Clone(own.ints)
	}
	own.small.detach()
	return &own
}

func (s *Set) inArena() int {
	if s.dict == nil {
		return 0
	}
	return s.dict.size()
}

// clone returns a copy that is to be kept.
func (s *Set) clone(into *Keyspace) collection {
	own := &Set{contents: into.contents, limits: s.limits, form: s.form, ints: slices.Clone(s.ints)}
	own.small.buf, own.small.count = slices.Clone(s.small.live()), s.small.count
	if s.form == setDict {
		own.dict = s.dict.clone(into.contents)
	}
	return own
}

func (s *Set) release() {
	if s.dict != nil {
		s.dict.release()
		s.dict = nil
	}
}

func (s *Set) verify() error {
	if s.dict == nil {
		return nil
	}
	return s.dict.verify()
}
