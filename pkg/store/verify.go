package store

import (
	"errors"
	"fmt"
)

// Verify checks what must hold between two commands: the table finds every entry, memory and deadlines are accounted
// for to the byte, the heap is one, no empty collection and no unfinished edit is left over. O(n); for tests.
func (st *Store) Verify() error {
	if len(st.edited) > 0 {
		return fmt.Errorf("%d edits have not been settled", len(st.edited))
	}
	total, offHeap, inUse, going := int64(0), st.flushedBytes(), 0, int64(0)
	for _, ks := range st.dbs {
		if err := ks.verify(); err != nil {
			return fmt.Errorf("database %d: %w", ks.index, err)
		}
		total += ks.account.bytes
		offHeap += ks.arena.resident
		if ks.Len() > 0 {
			inUse++
		}
	}
	for _, d := range st.doomed {
		going += int64(d.rest)
	}
	switch {
	case going != st.goingBytes:
		return fmt.Errorf("%d bytes of collections that are gone, counted as %d", going, st.goingBytes)
	case total != st.used:
		return fmt.Errorf("the databases have %d bytes, the store %d", total, st.used)
	case offHeap != st.offHeap:
		return fmt.Errorf("the arenas have %d bytes from the system, the store says %d", offHeap, st.offHeap)
	case inUse != len(st.inUse):
		return fmt.Errorf("%d databases have keys, %d are listed", inUse, len(st.inUse))
	}
	return st.verifyPool()
}

// verifyPool checks that the keys in the pool of victims are those that are flagged so.
func (st *Store) verifyPool() error {
	for _, v := range st.pool.victims[:st.pool.n] {
		if v.ks.head(v.ref).value&isPooled == 0 {
			return fmt.Errorf("a victim is not flagged")
		}
	}
	return nil
}

func (ks *Keyspace) verify() (err error) {
	if err := ks.table.verify(); err != nil {
		return err
	}
	if err := ks.arena.verify(); err != nil {
		return err
	}
	keys, volatiles, pooled, used := 0, 0, 0, int64(ks.overhead())
	var e Entry
	elements := map[*dict]int{}
	ks.arena.each(func(r ref) bool {
		if ks.isElement(r) {
			d := ks.dictOf(ks.head(r))
			elements[d]++
			err = d.verifyElement(r)
			return err == nil
		}
		err = ks.verifyEntry(ks.view(&e, r))
		keys++
		used += int64(e.Size())
		if e.head.shape&volatile != 0 {
			volatiles++
		}
		if e.head.value&isPooled != 0 {
			pooled++
			if ks.store.pool.index(ks, r) == noPlace {
				err = fmt.Errorf("%q is not in the pool of victims", e.Key())
			}
		}
		return err == nil
	})
	switch {
	case err != nil:
		return err
	case keys != ks.Len():
		return fmt.Errorf("%d keys in memory, %d in the table", keys, ks.Len())
	case volatiles != ks.Volatile():
		return fmt.Errorf("%d keys with deadlines, %d in the heaps", volatiles, ks.Volatile())
	case used != ks.account.bytes:
		return fmt.Errorf("%d bytes in use, accounted as %d", used, ks.account.bytes)
	}
	for _, d := range ks.dicts.values {
		if d != nil && !d.doomed && d.len() != elements[d] {
			return fmt.Errorf("a collection has %d elements in memory, %d in its table", elements[d], d.len())
		}
	}
	return errors.Join(ks.keys.verify(), ks.hashes.verify(), ks.verifyHashes())
}

// verifyHashes checks that the hashes that say they are in the schedule are all that is in it.
func (ks *Keyspace) verifyHashes() error {
	listed := 0
	for _, d := range ks.dicts.values {
		if d != nil && d.fields != nil {
			listed += d.nodes() - d.fields.len()
		}
	}
	if listed != ks.hashes.len() {
		return fmt.Errorf("%d hashes stand in the schedule, %d say so", ks.hashes.len(), listed)
	}
	return nil
}

// verifyElement checks that a large collection finds its element, and the schedule too if that expires.
func (d *dict) verifyElement(r ref) error {
	h := d.contents.head(r)
	switch {
	case d.doomed:
		return nil
	case d.find(d.key(r)) != r:
		return fmt.Errorf("element %q lies at %x, its table says %x", d.key(r), r, d.find(d.key(r)))
	case h.shape&volatile != 0 && d.fields.of(h).at(*h.place()).ref != r:
		return fmt.Errorf("element %q is not where it stands in the heap", d.key(r))
	}
	return nil
}

// verify checks a dict that belongs to a key.
func (d *dict) verify() error {
	bytes, volatiles := 0, 0
	d.each(func(r ref) bool {
		bytes += d.contents.arena.room(r)
		if d.contents.head(r).shape&volatile != 0 {
			volatiles++
		}
		if h := d.contents.head(r); h.shape.form() == formObject {
			bytes += objectSize(d.contents.objects.at(h.number()))
		}
		return true
	})
	if d.fields != nil {
		bytes += scheduleBytes
	}
	if bytes != d.bytes {
		return fmt.Errorf("%d bytes of elements, counted %d", bytes, d.bytes)
	}
	return errors.Join(d.table.verify(), d.verifyFields(volatiles))
}

// verifyFields checks the schedule of a dict of which so many elements expire.
func (d *dict) verifyFields(volatiles int) error {
	if d.fields == nil {
		if volatiles > 0 {
			return fmt.Errorf("%d elements expire and there is no schedule", volatiles)
		}
		return nil
	}
	if volatiles != d.fields.len() {
		return fmt.Errorf("%d elements expire, %d stand in the schedule", volatiles, d.fields.len())
	}
	for _, own := range [...]*deadlines{&d.fields.soon, &d.fields.dates} {
		all := d.contents.hashes.by(own.clock)
		switch {
		case own.listed != (own.n > 0):
			return fmt.Errorf("a heap of %d fields is listed: %v", own.n, own.listed)
		case own.listed && all.at(own.place).ref != ref(d.number):
			return errors.New("a hash is not where it stands in the heap")
		case own.listed && all.at(own.place).time() != own.at(0).time():
			return errors.New("a hash does not stand at the time of its nearest field")
		}
	}
	return d.fields.verify()
}

func (ks *Keyspace) verifyEntry(e *Entry) error {
	h := e.head
	switch found := ks.table.find(ks.table.hash(e.Key()), e.Key()); {
	case found != e.ref:
		return fmt.Errorf("%q lies at %x, the table says %x", e.Key(), e.ref, found)
	case h.size() > ks.arena.room(e.ref):
		return fmt.Errorf("%q is %d bytes in a slot of %d", e.Key(), h.size(), ks.arena.room(e.ref))
	case h.value&isEdited != 0:
		return fmt.Errorf("%q is being edited", e.Key())
	case e.Type() != TypeString && isGone(e.Value()):
		return fmt.Errorf("%q is empty", e.Key())
	case h.shape&volatile != 0 && ks.keys.of(h).at(*h.place()).ref != e.ref:
		return fmt.Errorf("%q is not where it stands in the heap", e.Key())
	}
	if d := ks.volatileDict(h); d != nil && d.owner != e.ref {
		return fmt.Errorf("%q lies at %x, its fields say %x", e.Key(), e.ref, d.owner)
	}
	if c, ok := e.collection(); ok {
		return c.verify()
	}
	return nil
}

// verify checks that the pages and their classes agree.
func (a *arena) verify() error {
	var live, pages [classCount]int
	for id := range a.pages {
		p := &a.pages[id]
		if p.class == oversizeClass || p.live == 0 {
			continue
		}
		live[p.class] += int(p.live)
		pages[p.class]++
		if c := &a.classes[p.class]; (p.place == noPlace) != (a.full(pageID(id)) || c.victim == pageID(id)) {
			return fmt.Errorf("page %d has the place %d among those with room", id, p.place)
		}
	}
	for i := range a.classes {
		if c := &a.classes[i]; live[i] != c.live || pages[i] != c.pages {
			return fmt.Errorf("class %d has %d slots in %d pages, counted %d and %d", i, c.live, c.pages, live[i], pages[i])
		}
	}
	return nil
}

// verify checks the directory and every segment.
func (t *table) verify() error {
	if len(t.directory) != 1<<t.depth {
		return fmt.Errorf("a directory of %d at depth %d", len(t.directory), t.depth)
	}
	count, segments, deepest := 0, 0, 0
	for i := 0; i < len(t.directory); {
		s := t.directory[i]
		if uint(s.depth) > t.depth || s.first != uint64(i)<<(64-t.depth) {
			return fmt.Errorf("place %d has the segment of depth %d from %x", i, s.depth, s.first)
		}
		for end := i + 1<<(t.depth-uint(s.depth)); i < end; i++ {
			if t.directory[i] != s {
				return fmt.Errorf("place %d is not its neighbour's", i)
			}
		}
		if uint(s.depth) == t.depth {
			deepest++
		}
		segments++
		count += int(s.used)
		if err := t.verifySegment(s); err != nil {
			return err
		}
	}
	if count != t.count || segments != t.segments || deepest != t.deepest || deepest == 0 {
		return fmt.Errorf("%d keys, %d segments, %d deepest; counted %d, %d, %d",
			count, segments, deepest, t.count, t.segments, t.deepest)
	}
	if r := t.recent; r != 0 {
		if key := (*header)(t.arena.at(r)).key(); t.find(t.hash(key), key) != r {
			return fmt.Errorf("%q was found at %x, where it is not", key, r)
		}
	}
	return nil
}

// verifySegment checks a segment's tags and counts, and that each entry is found where it is.
func (t *table) verifySegment(s *segment) error {
	used, dirty := 0, 0
	for i := range s.all() {
		for slot, r := range s.groups[i].refs {
			kind := s.groups[i].tags[slot]
			if (r != 0) != (kind&slotFull != 0) {
				return fmt.Errorf("slot %d.%d is tagged %#x and has %x", i, slot, kind, r)
			}
			if kind == slotDeleted {
				dirty++
			}
			if r == 0 {
				continue
			}
			used++
			key := (*header)(t.arena.at(r)).key()
			if h := t.hash(key); kind != tag(h) || t.segment(h) != s || t.find(h, key) != r {
				return fmt.Errorf("%q is in slot %d.%d and is not found there", key, i, slot)
			}
		}
	}
	if used != int(s.used) || dirty != int(s.dirty) || used+dirty > s.limit() {
		return fmt.Errorf("%d used and %d deleted slots, counted %d and %d", used, dirty, s.used, s.dirty)
	}
	return nil
}

func (s *schedule) verify() error { return errors.Join(s.soon.verify(), s.dates.verify()) }

func (d *deadlines) verify() error {
	for i := range uint32(d.n) {
		n := d.at(i)
		if *d.placeOf(n.ref) != i {
			return fmt.Errorf("node %d of the heap and what it is of disagree", i)
		}
		if i > 0 && d.at((i-1)/heapArity).time() > n.time() {
			return errors.New("the heap is out of order")
		}
	}
	return nil
}
