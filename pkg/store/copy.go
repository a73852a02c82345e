package store

import (
	"encoding/binary"
	"slices"
)

// Copy gives into a copy of the existing key from, under the name to, with its deadline. A key that had this name goes.
// O(n), O(1) for a string: of 16 KiB or more both keys share the bytes until one changes.
func (ks *Keyspace) Copy(from, to []byte, into *Keyspace) {
	ks.store.commit()
	e := ks.lookup(from)
	into.Delete(to)
	now := into.addLike(e, to)
	if e.head.shape.form() == formObject {
		now.adopt(cloned(e.load(), into))
	}
	into.scheduleLike(e, to)
}

// Move makes the existing key one of into, where there must be none of this name. Value, deadline and time of last use
// stay. O(1) for strings, lists and streams, else O(n), because the elements of a large collection lie in their database's memory.
func (ks *Keyspace) Move(key []byte, into *Keyspace) {
	ks.store.commit()
	e := ks.lookup(key)
	now := into.addLike(e, key)
	now.head.used = e.head.used
	if e.head.shape.form() == formObject {
		now.adopt(transferred(e.load(), into))
	}
	into.scheduleLike(e, key)
	ks.Delete(key)
}

// addLike makes a new key without a deadline whose blob has the value that e's blob has.
func (ks *Keyspace) addLike(e *Entry, key []byte) *Entry {
	n := e.head.valueLen()
	now := ks.add(ks.table.hash(key), key, n, e.head.shape&^(volatile|dated))
	now.head.setValueLen(n)
	copy(now.head.tail(), e.head.tail())
	return now
}

// adopt makes an object the value of an entry whose blob refers to that of another.
func (e *Entry) adopt(object Value) {
	binary.LittleEndian.PutUint32(e.head.tail(), e.ks.objects.add(object))
	e.ks.account.add(uncounted(object))
	e.ks.rehome(e.head, e.ref)
}

// scheduleLike gives the key the deadline that e has, if any.
func (ks *Keyspace) scheduleLike(e *Entry, key []byte) {
	if h := e.head; h.shape&volatile != 0 {
		ks.expireBy(h.shape&dated, key, e.ks.keys.of(h).at(*h.place()).time())
	}
}

// cloned returns a copy of an object for another key.
func cloned(object Value, into *Keyspace) Value {
	if l, ok := object.(*largeString); ok {
		l.lent = true
		return &largeString{bytes: slices.Clip(l.bytes), lent: true}
	}
	return object.(collection).clone(into)
}

// transferred returns the object for a key of another database that takes its place.
func transferred(object Value, into *Keyspace) Value {
	switch object.(type) {
	case *List, *Stream: // nothing in it belongs to a database
		return object
	}
	return cloned(object, into)
}

// clone returns a dict of the same elements in a database, without an index.
func (d *dict) clone(into *contents) *dict {
	own := newDict(into)
	d.each(func(r ref) bool {
		own.addLike(d, r)
		return true
	})
	return own
}

// addLike adds a copy of another dict's element.
func (d *dict) addLike(from *dict, r ref) {
	value := from.value(r)
	if len(value) < sharedSize {
		_, dst := d.add(from.key(r), len(value))
		copy(dst, value)
		return
	}
	now, _ := d.add(from.key(r), 0)
	d.setValue(now, value)
}

// Swap exchanges all that databases i and j hold. O(1).
func (st *Store) Swap(i, j int) {
	a, b := st.dbs[i], st.dbs[j]
	if a == b {
		return
	}
	st.commit()
	st.pool.clear()
	for _, ks := range [...]*Keyspace{a, b} {
		ks.leave()
	}
	a.contents, b.contents = b.contents, a.contents
	for _, ks := range [...]*Keyspace{a, b} {
		ks.owner = ks
		if ks.Len() > 0 {
			st.inUse = append(st.inUse, ks)
		}
	}
}
