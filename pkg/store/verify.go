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
	volatile := 0
	for _, ks := range st.dbs {
		if err := ks.verify(); err != nil {
			return fmt.Errorf("database %d: %w", ks.index, err)
		}
		volatile += ks.volatile
	}
	if volatile != len(st.deadlines) {
		return fmt.Errorf("%d keys have deadlines, %d stand in the heap", volatile, len(st.deadlines))
	}
	return st.deadlines.verify()
}

func (ks *Keyspace) verify() (err error) {
	if err := ks.table.verify(); err != nil {
		return err
	}
	volatile, used := 0, int64(0)
	ks.table.each(func(e *Entry) bool {
		used += int64(e.size())
		if e.deadline != 0 {
			volatile++
		}
		err = ks.verifyEntry(e)
		return err == nil
	})
	switch {
	case err != nil:
		return err
	case volatile != ks.volatile:
		return fmt.Errorf("%d keys with deadlines, counted as %d", volatile, ks.volatile)
	case used != ks.used:
		return fmt.Errorf("%d bytes in use, accounted as %d", used, ks.used)
	}
	return nil
}

func (ks *Keyspace) verifyEntry(e *Entry) error {
	key := e.Key()
	switch {
	case int(e.db) != ks.index:
		return fmt.Errorf("%q believes to be in database %d", key, e.db)
	case e.kind == typeNone || e.form&flagEdited != 0:
		return fmt.Errorf("%q is gone or being edited", key)
	case e.kind != TypeString && e.object.Len() == 0:
		return fmt.Errorf("%q is empty", key)
	case (e.deadline != 0) != (e.place != noPlace):
		return fmt.Errorf("%q has the deadline %d and the place %d", key, e.deadline, e.place)
	case e.place != noPlace && ks.store.deadlines[e.place].entry != e:
		return fmt.Errorf("%q is not where it stands in the heap", key)
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
		if s.depth > t.depth || s.first != uint64(i)<<(64-t.depth) {
			return fmt.Errorf("place %d has the segment of depth %d from %x", i, s.depth, s.first)
		}
		for end := i + 1<<(t.depth-s.depth); i < end; i++ {
			if t.directory[i] != s {
				return fmt.Errorf("place %d is not its neighbour's", i)
			}
		}
		if s.depth == t.depth {
			deepest++
		}
		segments++
		count += s.used
		if err := t.verifySegment(s); err != nil {
			return err
		}
	}
	if count != t.count || segments != t.segments || deepest != t.deepest || deepest == 0 {
		return fmt.Errorf("%d keys, %d segments, %d deepest; counted %d, %d, %d",
			count, segments, deepest, t.count, t.segments, t.deepest)
	}
	return nil
}

// verifySegment checks a segment's tags and counts, and that each entry is found where it is.
func (t *table) verifySegment(s *segment) error {
	used, dirty := 0, 0
	for g := range s.groups {
		for slot, e := range s.groups[g].entries {
			kind := s.groups[g].tags[slot]
			if (e != nil) != (kind&slotFull != 0) {
				return fmt.Errorf("slot %d.%d is tagged %#x and has %v", g, slot, kind, e)
			}
			if kind == slotDeleted {
				dirty++
			}
			if e == nil {
				continue
			}
			used++
			h := t.hash([]byte(e.Key()))
			if kind != tag(h) || t.segment(h) != s || t.find(h, []byte(e.Key())) != e {
				return fmt.Errorf("%q is in slot %d.%d and is not found there", e.Key(), g, slot)
			}
		}
	}
	if used != s.used || dirty != s.dirty || used+dirty > maxLoad {
		return fmt.Errorf("%d used and %d deleted slots, counted %d and %d", used, dirty, s.used, s.dirty)
	}
	return nil
}

func (d deadlines) verify() error {
	for i, node := range d {
		if int(node.entry.place) != i || node.entry.deadline != node.at {
			return fmt.Errorf("node %d of the heap and its key disagree", i)
		}
		if i > 0 && d[(i-1)/heapArity].at > node.at {
			return errors.New("the heap is out of order")
		}
	}
	return nil
}
