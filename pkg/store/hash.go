package store

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
	"unsafe"
)

// Hash is Redis' hash. It is kept as one listpack, field, value, field, value, while its fields are few and all of them
// short, and as a dict from then on; it never goes back. Fields and values that it hands out are views of its memory, good
// until the hash changes, but for values from 16 KiB on, whose bytes never change.
type Hash struct {
	contents *contents
	limits   *Options
	small    small
	dict     *dict // nil while small

	// The integers that were handed out last or are to be stored, printed.
	field, value, number [decimalLen]byte
}

const hashBytes = int(unsafe.Sizeof(Hash{})+15) &^ 15

// pairEntries are the entries of a listpack that a field with its value takes.
const pairEntries = 2

// NewHash returns an empty hash, which is small.
func (ks *Keyspace) NewHash() *Hash {
	h := ks.store.views.hashes.next()
	h.contents, h.limits = ks.contents, &ks.store.options
	return h
}

// Type returns TypeHash.
func (h *Hash) Type() Type { return TypeHash }

// Encoding returns listpack or hashtable.
func (h *Hash) Encoding() string {
	if h.dict == nil {
		return "listpack"
	}
	return "hashtable"
}

// Len returns the number of fields.
func (h *Hash) Len() int {
	if h.dict == nil {
		return int(h.small.count) / pairEntries
	}
	return h.dict.len()
}

// Size returns the bytes held beside the key's blob. O(1).
func (h *Hash) Size() int { return h.onHeap() + h.inArena() }

func (h *Hash) onHeap() int { return hashBytes + h.small.held() }

// Expect makes ready for pairs of field and value that a command is about to set. As Redis does, a hash that may outgrow
// its form with them takes the other one at once: if there are too many of them, whatever they are, or one is too long.
func (h *Hash) Expect(pairs [][]byte) {
	if h.dict != nil {
		return
	}
	tooLong := func(part []byte) bool { return len(part) > h.limits.HashMaxListpackValue }
	if len(pairs)/2 > h.limits.HashMaxListpackEntries || slices.ContainsFunc(pairs, tooLong) {
		h.toDict()
	}
}

// Has reports whether the hash has the field. O(1).
func (h *Hash) Has(field []byte) bool {
	if h.dict != nil {
		return h.dict.find(field) != 0
	}
	_, ok := h.findSmall(field)
	return ok
}

// Get returns the value of a field. O(1).
func (h *Hash) Get(field []byte) (value []byte, ok bool) {
	if h.dict == nil {
		at, ok := h.findSmall(field)
		if !ok {
			return nil, false
		}
		value, _ = unpack(h.small.live()[at:], &h.value)
		return own(value), true
	}
	r := h.dict.find(field)
	if r == 0 {
		return nil, false
	}
	return h.dict.value(r), true
}

// own returns a value of a listpack in such a form that its bytes never change if it is so long that replies refer to it,
// for which hash-max-listpack-value must have been raised a good deal.
func own(value []byte) []byte {
	if len(value) < sharedSize {
		return value
	}
	return bytes.Clone(value)
}

// findSmall returns the offset of a field's value among the entries of a small hash.
func (h *Hash) findSmall(field []byte) (at int, ok bool) {
	p := pack(field)
	at, ok = h.small.find(&p, pairEntries)
	return at + p.size, ok
}

// Set gives a field a copy of value, or from 16 KiB on value itself, which nobody may change any more, and takes away the
// deadline it may have. It reports whether the field is new. O(1), O(log n) with a deadline.
func (h *Hash) Set(field, value []byte) (created bool) { return h.set(field, value, false) }

// Update is Set that leaves a deadline. O(1).
func (h *Hash) Update(field, value []byte) (created bool) { return h.set(field, value, true) }

// SetInteger is Update with the decimal form of n.
func (h *Hash) SetInteger(field []byte, n int64) (created bool) {
	return h.Update(field, strconv.AppendInt(h.number[:0], n, 10))
}

func (h *Hash) set(field, value []byte, keep bool) (created bool) {
	if h.dict == nil && !h.fits(field, value) {
		h.toDict()
	}
	if h.dict != nil {
		return h.dict.put(field, value, keep)
	}
	created = h.setSmall(field, value)
	if h.Len() > h.limits.HashMaxListpackEntries {
		h.toDict()
	}
	return created
}

func (h *Hash) setSmall(field, value []byte) (created bool) {
	f, v := pack(field), pack(value)
	if at, ok := h.small.find(&f, pairEntries); ok {
		h.small.replace(at+f.size, &v)
		return false
	}
	h.small.append(&f)
	h.small.append(&v)
	return true
}

// fits reports whether neither field nor value is too long for a listpack.
func (h *Hash) fits(field, value []byte) bool {
	return max(len(field), len(value)) <= h.limits.HashMaxListpackValue
}

// toDict takes the form that has no limits. O(n), once in a hash's life.
func (h *Hash) toDict() {
	d := newDict(h.contents)
	h.Each(func(field, value []byte) bool {
		d.put(field, value, true)
		return true
	})
	h.small, h.dict = small{}, d
}

// Delete takes a field out and reports whether it was there. O(1).
func (h *Hash) Delete(field []byte) bool {
	if h.dict != nil {
		r := h.dict.find(field)
		if r != 0 {
			h.dict.remove(r)
		}
		return r != 0
	}
	f := pack(field)
	at, ok := h.small.find(&f, pairEntries)
	if ok {
		h.small.cut(at, f.size+packedSize(h.small.live()[at+f.size:]), pairEntries)
	}
	return ok
}

// Each yields every field with its value until yield returns false: in the order in which they came from a listpack, else
// in no order. Yield must not change the hash. O(n).
func (h *Hash) Each(yield func(field, value []byte) bool) {
	if h.dict != nil {
		h.dict.each(func(r ref) bool { return yield(h.dict.key(r), h.dict.value(r)) })
		return
	}
	for b := h.small.live(); len(b) > 0; {
		field, n := unpack(b, &h.field)
		value, m := unpack(b[n:], &h.value)
		if !yield(field, own(value)) {
			return
		}
		b = b[n+m:]
	}
}

// Scan visits about count fields from cursor on and returns where to go on, 0 at the end, with Keyspace.Scan's guarantees.
// A small hash is visited as a whole.
func (h *Hash) Scan(cursor uint64, count int, visit func(field, value []byte)) (next uint64) {
	if h.dict == nil {
		h.Each(func(field, value []byte) bool {
			visit(field, value)
			return true
		})
		return 0
	}
	return h.dict.scan(cursor, count, func(r ref) { visit(h.dict.key(r), h.dict.value(r)) })
}

// Random returns a field with its value, each with the same chance, of a hash that has one. O(1), O(n) in a listpack.
func (h *Hash) Random() (field, value []byte) {
	if h.dict != nil {
		r := h.dict.random(h.rng())
		return h.dict.key(r), h.dict.value(r)
	}
	return h.pairAt(h.small.offset(h.rng().IntN(h.Len()) * pairEntries))
}

// pairAt returns the pair at an offset of a listpack.
func (h *Hash) pairAt(at int) (field, value []byte) {
	b := h.small.live()[at:]
	field, n := unpack(b, &h.field)
	value, _ = unpack(b[n:], &h.value)
	return field, own(value)
}

func (h *Hash) rng() *rand.Rand { return h.contents.owner.store.rng }

// Draw yields n fields, each of which may come again, of a hash that has one, until yield returns false. O(n), and once O(Len)
// for a listpack.
func (h *Hash) Draw(n int, yield func(field, value []byte) bool) {
	if h.dict == nil {
		h.small.draw(n, pairEntries, h.rng(), func(at int) bool { return yield(h.pairAt(at)) })
		return
	}
	for ; n > 0 && yield(h.Random()); n-- {
	}
}

// Sample visits n different fields, every choice of them with the same chance, or all if there are no more. O(n) in a
// dict, O(n) of all fields in a listpack.
func (h *Hash) Sample(n int, visit func(field, value []byte)) {
	if h.dict != nil && h.dict.sparse(n) {
		h.dict.sample(n, func(r ref) { visit(h.dict.key(r), h.dict.value(r)) })
		return
	}
	c := choice{min(n, h.Len()), h.Len(), h.rng()}
	h.Each(func(field, value []byte) bool {
		if c.takes() {
			visit(field, value)
		}
		return c.wanted > 0
	})
}

// digest gives the fields that are not due, with their values and deadlines, in an order that depends on nothing but them.
func (h *Hash) digest(add func(part []byte)) {
	var fields [][]byte
	h.Each(func(field, _ []byte) bool {
		if h.dict == nil || !h.dict.isDue(h.dict.find(field)) {
			fields = append(fields, bytes.Clone(field))
		}
		return true
	})
	slices.SortFunc(fields, bytes.Compare)
	for _, field := range fields {
		add(field)
		value, _ := h.Get(field)
		add(value)
		if at, _ := h.Deadline(field); at != 0 {
			add(strconv.AppendInt(nil, at, 10))
		}
	}
}

func (h *Hash) compactSize() (n int, ok bool) {
	if h.dict != nil {
		return 0, false
	}
	return h.small.compactSize()
}

func (h *Hash) putCompact(dst []byte) { h.small.putCompact(dst) }

func (h *Hash) variant() shape { return 0 }

func (h *Hash) detached() collection {
	own := *h
	own.small.detach()
	return &own
}

// clone returns a copy for a key of a database, of the same form and with the same deadlines.
func (h *Hash) clone(into *Keyspace) collection {
	own := &Hash{contents: into.contents, limits: h.limits}
	if h.dict == nil {
		own.small = h.small
		own.small.buf, own.small.start, own.small.borrowed = bytes.Clone(h.small.live()), 0, nil
		return own
	}
	own.dict = newDict(into.contents)
	h.dict.each(func(r ref) bool {
		own.dict.put(h.dict.key(r), h.dict.value(r), true)
		own.dict.scheduleLike(h.dict, r)
		return true
	})
	return own
}

func (h *Hash) inArena() int {
	if h.dict == nil {
		return 0
	}
	return h.dict.size()
}

func (h *Hash) release() {
	if h.dict != nil {
		h.dict.release()
		h.dict = nil
	}
}

func (h *Hash) verify() error {
	if h.dict == nil {
		return nil
	}
	return h.dict.verify()
}
