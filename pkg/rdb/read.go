package rdb

import (
	"bytes"
	"math"
	"strconv"

	"snakecache/pkg/store"
)

// collection reads a value that is no string. It may return one together with an error, to be abandoned.
func (r *reader) collection(kind byte, ks *store.Keyspace) store.Value {
	switch kind {
	case typeList, typeListZiplist, typeListZiplists, typeListListpacks:
		return r.list(kind, ks.NewList())
	case typeSet, typeSetIntset, typeSetListpack:
		return r.set(kind, ks.NewSet())
	case typeHash, typeHashZiplist, typeHashListpack, typeHashExpiring, typeHashListpackEx:
		return r.hash(kind, ks.NewHash())
	case typeZSet, typeZSetText, typeZSetZiplist, typeZSetListpack:
		return r.zset(kind, ks.NewZSet())
	case typeStream1, typeStream2, typeStream3:
		return r.stream(kind, ks.NewStream())
	}
	r.fail()
	return nil
}

// each calls read as often as a length says, as long as there is something to read.
func (r *reader) each(read func()) {
	for n := r.length(); n > 0 && r.err == nil; n-- {
		read()
	}
}

// packed yields the entries of a string that is a ziplist or a listpack.
func (r *reader) packed(each func(b []byte, yield func([]byte) bool) bool, yield func(entry []byte) bool) {
	if b := r.string(); r.err == nil && !each(b, yield) {
		r.fail()
	}
}

// pairs yields the entries of a ziplist or listpack two by two. The first one of a pair is copied, since a listpack's integers
// last until the next entry only.
func (r *reader) pairs(each func(b []byte, yield func([]byte) bool) bool, yield func(first, second []byte) bool) {
	var first []byte
	odd := false
	r.packed(each, func(entry []byte) bool {
		if odd = !odd; odd {
			first = append(first[:0], entry...)
			return true
		}
		return yield(first, entry)
	})
	if odd {
		r.fail()
	}
}

// Nodes of a list since Redis 7.0.
const (
	nodePlain  = 1 // one element by itself
	nodePacked = 2
)

func (r *reader) list(kind byte, l *store.List) *store.List {
	push := func(element []byte) bool {
		l.PushBack(element)
		return true
	}
	switch kind {
	case typeList:
		r.each(func() { push(r.string()) })
	case typeListZiplist:
		r.packed(eachInZiplist, push)
	case typeListZiplists:
		r.each(func() { r.packed(eachInZiplist, push) })
	default:
		r.each(func() { r.listNode(push) })
	}
	return l
}

func (r *reader) listNode(push func(element []byte) bool) {
	switch r.length() {
	case nodePlain:
		push(r.string())
	case nodePacked:
		r.packed(store.EachInListpack, push)
	default:
		r.fail()
	}
}

// set refuses members that come twice, as Redis does.
func (r *reader) set(kind byte, s *store.Set) *store.Set {
	switch kind {
	case typeSet:
		r.each(func() { r.check(s.Add(r.string())) })
	case typeSetIntset:
		r.intset(s)
	default:
		r.packed(store.EachInListpack, s.Add)
	}
	return s
}

// check fails if something that must be is not.
func (r *reader) check(ok bool) {
	if !ok {
		r.fail()
	}
}

// intset reads integers in ascending order, all of the same width.
func (r *reader) intset(s *store.Set) {
	in := reader{rest: r.string()}
	width, n := in.uint(4), in.uint(4)
	if width != 2 && width != 4 && width != 8 || n*width != uint64(len(in.rest)) {
		r.fail()
		return
	}
	var digits [20]byte
	last := int64(math.MinInt64)
	for i := range n {
		shift := 64 - 8*width
		member := int64(in.uint(width)<<shift) >> shift
		if member <= last && i > 0 {
			r.fail()
			return
		}
		s.Add(strconv.AppendInt(digits[:0], member, 10))
		last = member
	}
}

func (r *reader) hash(kind byte, h *store.Hash) *store.Hash {
	add := func(field, value []byte) bool { return h.Set(field, kept(value)) }
	switch kind {
	case typeHash:
		r.each(func() { r.check(add(r.string(), r.string())) })
	case typeHashZiplist:
		r.pairs(eachInZiplist, add)
	case typeHashListpack:
		r.pairs(store.EachInListpack, add)
	case typeHashExpiring:
		r.expiringHash(h)
	default:
		r.expiringListpack(h)
	}
	return h
}

// kept returns a value as a hash may keep it: it takes long ones over, which must not keep the whole payload alive.
func kept(value []byte) []byte { return bytes.Clone(value) }

// expiringHash reads fields behind their deadlines, as distances from the nearest one, and one more; 0 is none.
func (r *reader) expiringHash(h *store.Hash) {
	nearest := r.uint(8)
	r.each(func() {
		distance, field, value := r.length(), r.string(), r.string()
		at := uint64(0)
		if distance > 0 {
			at = nearest + distance - 1
		}
		r.expiringField(h, field, value, at)
	})
}

// expiringField adds a field with a deadline in unix milliseconds, 0 for none.
func (r *reader) expiringField(h *store.Hash, field, value []byte, at uint64) {
	if r.err != nil || at > maxFieldDeadline || h.Has(field) {
		r.fail()
		return
	}
	h.Set(field, kept(value))
	if at > 0 {
		h.ExpireAt(field, int64(at))
	}
}

// maxFieldDeadline is the last one that Redis keeps, in unix milliseconds.
const maxFieldDeadline = 1<<46 - 1

// expiringListpack reads triples of field, value and deadline, behind the nearest of these.
func (r *reader) expiringListpack(h *store.Hash) {
	r.uint(8)
	var part [2][]byte
	i := 0
	r.packed(store.EachInListpack, func(entry []byte) bool {
		if i < 2 {
			part[i] = append(part[i][:0], entry...)
			i++
			return true
		}
		i = 0
		at, err := strconv.ParseUint(string(entry), 10, 64)
		r.check(err == nil)
		r.expiringField(h, part[0], part[1], at)
		return r.err == nil
	})
	r.check(i == 0)
}

func (r *reader) zset(kind byte, z *store.ZSet) *store.ZSet {
	add := func(member []byte, score float64) bool {
		if _, found := z.Score(member); found || r.err != nil {
			return false
		}
		z.Set(member, score)
		return true
	}
	addText := func(member, text []byte) bool {
		score, err := strconv.ParseFloat(string(text), 64)
		return err == nil && !math.IsNaN(score) && add(member, score)
	}
	switch kind {
	case typeZSet:
		r.each(func() { r.check(add(r.string(), r.double())) })
	case typeZSetText:
		r.each(func() { r.check(add(r.string(), r.textDouble())) })
	case typeZSetZiplist:
		r.pairs(eachInZiplist, addText)
	default:
		r.pairs(store.EachInListpack, addText)
	}
	return z
}
