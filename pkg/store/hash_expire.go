package store

import "unsafe"

// This file makes fields of hashes expire. A large hash with such fields has a schedule of its own, whose nearest ones are in
// the database's schedule of hashes: so all fields of a hash go with it at once, however many deadlines they have.

// largeHash is the shape of the key of a hash that is an object.
const largeHash = shape(TypeHash) | shape(formObject)<<3

const scheduleBytes = int(unsafe.Sizeof(schedule{})+15) &^ 15

// Deadline returns when a field expires in unix milliseconds, 0 if it does not, and whether the field exists. O(1).
func (h *Hash) Deadline(field []byte) (unixMs int64, ok bool) {
	if h.dict == nil {
		return 0, h.Has(field)
	}
	r := h.dict.find(field)
	if r == 0 {
		return 0, false
	}
	return h.dict.deadline(r), true
}

// ExpireAt makes an existing field expire at a time of the wall clock in unix milliseconds, which must not be 0. O(log n).
func (h *Hash) ExpireAt(field []byte, unixMs int64) { h.expireBy(dated, field, unixMs) }

// ExpireAfter makes an existing field expire when so many milliseconds have passed, whatever becomes of the wall clock.
// O(log n).
func (h *Hash) ExpireAfter(field []byte, ms int64) {
	h.expireBy(0, field, h.contents.owner.store.uptime+ms)
}

func (h *Hash) expireBy(clock shape, field []byte, at int64) {
	if h.dict == nil {
		h.toDict()
	}
	h.dict.expireBy(clock, h.dict.find(field), at)
}

// Volatile returns how many fields have a deadline. O(1).
func (h *Hash) Volatile() int {
	if h.dict == nil || h.dict.fields == nil {
		return 0
	}
	return h.dict.fields.len()
}

// Persist takes the deadline of a field away and reports whether it had one. O(log n).
func (h *Hash) Persist(field []byte) bool {
	if at, ok := h.Deadline(field); !ok || at == 0 {
		return false
	}
	h.dict.persist(h.dict.find(field))
	return true
}

// deadline returns when an element expires in unix milliseconds, 0 if it does not.
func (d *dict) deadline(r ref) int64 {
	if h := d.contents.head(r); h.shape&volatile != 0 {
		return d.fields.deadline(h)
	}
	return 0
}

// isDue reports whether the deadline has come that an element may have.
func (d *dict) isDue(r ref) bool {
	h := d.contents.head(r)
	return h.shape&volatile != 0 && d.fields.due(h)
}

// expireBy makes an element expire at a time of a clock. O(log n).
func (d *dict) expireBy(clock shape, r ref, at int64) {
	if d.fields == nil {
		s := newSchedule(d.contents, false)
		d.fields = &s
		d.count(scheduleBytes)
	}
	d.reschedule(r, func(e *Entry) { e.schedule(d.fields, clock, at) })
}

// scheduleLike gives an element the deadline, if any, that an element of another dict with the same bytes has, by the same
// clock.
func (d *dict) scheduleLike(from *dict, r ref) {
	if h := from.contents.head(r); h.shape&volatile != 0 {
		d.expireBy(h.shape&dated, d.find(h.key()), from.fields.of(h).at(*h.place()).time())
	}
}

// persist takes the deadline away that an element may have and returns where that is now. O(log n).
func (d *dict) persist(r ref) ref {
	if d.contents.head(r).shape&volatile == 0 {
		return r
	}
	return d.reschedule(r, func(e *Entry) { e.unschedule(d.fields) })
}

// reschedule has the deadline of an element changed and returns where the element is now.
func (d *dict) reschedule(r ref, change func(*Entry)) ref {
	a := d.contents.arena
	e := d.contents.owner.view(&d.contents.owner.store.element, r)
	before := a.room(r)
	change(e)
	d.bytes += a.room(e.ref) - before
	d.relist()
	return e.ref
}

// nodes returns how many nodes of heaps the elements have, and the hash for them.
func (d *dict) nodes() (n int) {
	if d.fields == nil {
		return 0
	}
	for _, own := range [...]*deadlines{&d.fields.soon, &d.fields.dates} {
		n += own.n
		if own.listed {
			n++
		}
	}
	return n
}

// relist puts the hash where it belongs in the database's schedule, after its nearest deadlines may have changed.
func (d *dict) relist() {
	d.contents.hashes.soon.follow(&d.fields.soon, d.number)
	d.contents.hashes.dates.follow(&d.fields.dates, d.number)
}

// unlist takes the hash out of the database's schedule.
func (d *dict) unlist() {
	if d.fields == nil {
		return
	}
	for _, own := range [...]*deadlines{&d.fields.soon, &d.fields.dates} {
		if own.listed {
			d.contents.hashes.by(own.clock).remove(own.place)
			own.listed = false
		}
	}
}

// follow makes a heap of fields stand in this one by its nearest deadline, or not at all if it is empty.
func (d *deadlines) follow(own *deadlines, number uint32) {
	switch {
	case own.n == 0 && own.listed:
		d.remove(own.place)
		own.listed = false
	case own.n > 0 && !own.listed:
		d.push(ref(number), own.at(0).time())
		own.listed = true
	case own.n > 0 && d.at(own.place).time() != own.at(0).time():
		d.move(own.place, own.at(0).time())
	}
}

// volatileDict returns the dict behind the blob of a key if elements of it have expired or will, else nil.
func (c *contents) volatileDict(h *header) *dict {
	if h.shape&(kindMask|formMask) != largeHash {
		return nil
	}
	hash, ok := c.objects.at(h.number()).(*Hash)
	if !ok || hash.dict == nil || hash.dict.fields == nil {
		return nil
	}
	return hash.dict
}

// rehome tells a hash with fields that expire where the blob of its key is.
func (c *contents) rehome(h *header, r ref) {
	if d := c.volatileDict(h); d != nil {
		d.owner = r
	}
}

// purge removes the fields of a hash that are due, and the key if no others are left, and reports whether some are.
// O(log n) for each that goes.
func (ks *Keyspace) purge(h *header) bool {
	d := ks.volatileDict(h)
	if d == nil {
		return true
	}
	for !d.doomed {
		own := d.fields.nearest()
		if own == nil || own.wait() > 0 {
			return true
		}
		ks.expireField(d, own)
	}
	return false
}

// spent reports whether all fields of a hash are due. O(n) if they are.
func (ks *Keyspace) spent(h *header) bool {
	d := ks.volatileDict(h)
	return d != nil && d.fields.len() == d.len() && d.fields.countDue(d.len()) == d.len()
}

// expireField removes the first of a heap of fields, and the key with the last of all.
func (ks *Keyspace) expireField(d *dict, own *deadlines) {
	var e Entry
	st := ks.store
	ks.view(&e, d.owner)
	first := own.at(0)
	last := d.len() == 1
	if st.onField != nil {
		st.onField(ks, e.Key(), *own.now-first.time(), last)
	}
	st.ExpiredFields++
	if last {
		ks.drop(&e)
	} else {
		d.remove(first.ref)
	}
}
