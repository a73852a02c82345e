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
	count, volatile, used := 0, 0, int64(0)
	ks.table.each(func(e *Entry) bool {
		count++
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
	case count != ks.table.count:
		return fmt.Errorf("%d keys, counted as %d", count, ks.table.count)
	case volatile != ks.volatile:
		return fmt.Errorf("%d keys with deadlines, counted as %d", volatile, ks.volatile)
	case used != ks.used:
		return fmt.Errorf("%d bytes in use, accounted as %d", used, ks.used)
	}
	return nil
}

func (ks *Keyspace) verifyEntry(e *Entry) error {
	key := []byte(e.Key())
	switch {
	case ks.table.find(ks.table.hash(key), key) != e:
		return fmt.Errorf("%q is not found by its name", key)
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
