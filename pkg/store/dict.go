package store

import (
	"encoding/binary"
	"math/rand/v2"
)

// dict is the large form of hashes, sets and sorted sets. Its elements are blobs in the database's arena, between those of
// the keys, and a table of its own finds them: so an element costs little more than its bytes, the garbage collector does not
// look at it, and nothing about a large collection ever happens in one piece, neither growing nor going.
//
// The blob of an element has the kind typeElement, the number of its dict where a key has its use, the element's own bytes
// where a key has its name, and what belongs to it as value: nothing, the value of a field, a score.
type dict struct {
	contents *contents
	number   uint32
	table    table
	bytes    int       // of elements' slots, of values outside the arena, and of fields
	index    dictIndex // nil if the elements have no order
	fields   *schedule // of elements that expire; nil if there never were any
	owner    ref       // the blob of the key, if fields is not nil
	doomed   bool      // its collection is gone

	// Of a doomed dict: the places of the directory that are through, and the bytes that it still takes.
	freed int
	rest  int
}

// dictIndex is what else knows elements by where they are.
type dictIndex interface {
	// moved tells that the blob of an element lies elsewhere now. The old one can still be read, of the new one only the
	// header is sure to be there.
	moved(old ref, e *Entry)
}

func newDict(c *contents) *dict {
	d := &dict{contents: c, table: newTable(c.arena)}
	d.number = c.dicts.add(d)
	return d
}

// dictOf returns the dict of an element.
func (c *contents) dictOf(h *header) *dict { return c.dicts.at(uint32(h.used)) }

// Len returns the number of elements.
func (d *dict) len() int { return d.table.count }

// size returns the bytes of memory that elements, table and deadlines take, all of which is accounted for. O(1).
func (d *dict) size() int { return d.bytes + d.table.bytes() + d.nodes()*nodeSize }

// find returns an element, or 0. O(1).
func (d *dict) find(key []byte) ref { return d.table.find(d.table.hash(key), key) }

// key returns an element's own bytes, which lie in the arena.
func (d *dict) key(r ref) []byte { return d.contents.head(r).key() }

// value returns what belongs to an element. From sharedSize bytes on nobody ever changes it; a shorter one lies in the arena.
func (d *dict) value(r ref) []byte {
	h := d.contents.head(r)
	if h.shape.form() == formObject {
		return d.contents.objects.at(h.number()).(*largeString).bytes
	}
	return h.tail()
}

// add makes a new element with a value of n bytes, which it returns to be written. O(1).
func (d *dict) add(key []byte, n int) (r ref, value []byte) {
	return d.addHashed(d.table.hash(key), key, n)
}

// addHashed is add for a key whose hash is known.
func (d *dict) addHashed(hash uint64, key []byte, n int) (r ref, value []byte) {
	c := d.contents
	s := shapeOf(typeElement, formBytes)
	r = c.arena.alloc(blobSize(len(key), n, s))
	h := c.head(r)
	*h = header{used: usage(d.number)}
	value = h.write(s, key, n)
	d.table.insert(hash, r)
	d.bytes += c.arena.room(r)
	return r, value
}

// addMissing adds an element without a value if it is not there, and reports whether. O(1).
func (d *dict) addMissing(key []byte) bool {
	hash := d.table.hash(key)
	if d.table.find(hash, key) != 0 {
		return false
	}
	d.addHashed(hash, key, 0)
	return true
}

// put makes an element with a value, or gives the one that there is another value as setValue does, and reports whether it
// is new. A deadline goes unless keep is true. O(1), O(log n) with a deadline.
func (d *dict) put(key, v []byte, keep bool) (created bool) {
	hash := d.table.hash(key)
	r := d.table.find(hash, key)
	if r != 0 {
		if !keep {
			r = d.persist(r)
		}
		d.setValue(r, v)
		return false
	}
	if len(v) < sharedSize {
		_, value := d.addHashed(hash, key, len(v))
		copy(value, v)
	} else {
		r, _ = d.addHashed(hash, key, numberSize)
		d.setValue(r, v)
	}
	return true
}

// setValue gives an element another value: a copy of it, or from sharedSize bytes on v itself, which nobody may change any
// more. The element may move. O(1).
func (d *dict) setValue(r ref, v []byte) {
	e := d.contents.owner.view(&d.contents.owner.store.element, r)
	before := d.contents.arena.room(r)
	d.dropLarge(e.head)
	s := e.head.shape&^formMask | shape(formBytes)<<3
	if len(v) < sharedSize {
		e.rewrite(s, len(v), func(dst []byte) { copy(dst, v) })
	} else {
		large := &largeString{bytes: v, lent: true}
		number := d.contents.objects.add(large)
		d.count(objectSize(large))
		e.rewrite(s|shape(formObject)<<3, numberSize, func(dst []byte) { binary.LittleEndian.PutUint32(dst, number) })
	}
	d.bytes += d.contents.arena.room(e.ref) - before
}

// dropLarge takes the object away that the value of an element may be.
func (d *dict) dropLarge(h *header) {
	if h.shape.form() == formObject {
		d.count(-objectSize(d.contents.objects.at(h.number())))
		d.contents.objects.remove(h.number())
	}
}

// count accounts for bytes that are not the arena's.
func (d *dict) count(n int) {
	d.bytes += n
	d.contents.account.add(n)
}

// remove takes an element out. O(1), O(log n) with a deadline.
func (d *dict) remove(r ref) {
	if h := d.contents.head(r); h.shape&volatile != 0 {
		d.fields.of(h).remove(*h.place())
		d.relist()
	}
	d.table.remove(r)
	d.free(r)
}

func (d *dict) free(r ref) {
	d.dropLarge(d.contents.head(r))
	d.bytes -= d.contents.arena.room(r)
	d.contents.arena.free(r)
}

// moved tells that the blob of an element lies elsewhere now. scheduled is as of reallocate.
func (d *dict) moved(old ref, e *Entry, scheduled bool) {
	if d.index != nil {
		d.index.moved(old, e)
	}
	if d.fields != nil && scheduled {
		d.fields.moved(d.contents.head(old), e)
	}
	d.table.replace(d.table.hash(d.key(old)), old, e.ref)
}

// each visits every element until visit returns false; visit must not change the dict. O(n).
func (d *dict) each(visit func(ref) bool) { d.table.each(visit) }

// scan visits about count elements from cursor on, as Keyspace.Scan does.
func (d *dict) scan(cursor uint64, count int, visit func(ref)) (next uint64) {
	return d.table.scanSome(cursor, count, visit)
}

// random returns an element, each with the same chance, or 0 if there is none. O(1).
func (d *dict) random(rng *rand.Rand) ref { return d.table.random(rng) }

// release frees all elements: few at once, many in slices between commands. The dict counts as gone either way, but memory is
// short of what it still takes, see Store.leaving.
func (d *dict) release() {
	st := d.contents.owner.store
	d.unlist()
	d.rest = d.size()
	d.contents.account.add(-d.rest)
	st.goingBytes += int64(d.rest)
	d.index, d.fields, d.doomed = nil, nil, true
	if d.freeSlice() {
		st.doomed = append(st.doomed, d)
	}
}

// freeSlice frees the elements of one segment of a doomed dict, whose account is settled already, and reports whether
// there are more.
func (d *dict) freeSlice() (more bool) {
	c := d.contents
	if !c.flushed {
		before := c.account.bytes
		d.freeSegment()
		freed := int(before - c.account.bytes)
		c.account.add(freed)
		d.leave(freed)
		if d.freed < len(d.table.directory) {
			return true
		}
		c.dicts.remove(d.number)
	}
	d.leave(d.rest)
	return false
}

// freeSegment frees the next segment.
func (d *dict) freeSegment() {
	t := &d.table
	s := t.directory[d.freed]
	for i := range s.all() {
		for _, r := range s.groups[i].refs {
			if r != 0 {
				d.free(r)
			}
		}
	}
	if s.ref != 0 {
		t.arena.free(s.ref)
	}
	d.freed += 1 << (t.depth - uint(s.depth))
}

// leave tells that a doomed dict takes n bytes less.
func (d *dict) leave(n int) {
	d.rest -= n
	d.contents.owner.store.goingBytes -= int64(n)
}
