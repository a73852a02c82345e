package rdb

import "snakecache/pkg/store"

// appendValue writes a value behind its type. Collections are written in the plainest form, which every Redis reads and turns into
// the one that its own settings ask for.
func appendValue(dst []byte, v store.Value) (b []byte, version uint16) {
	switch v := v.(type) {
	case *store.String:
		return appendString(append(dst, typeString), v.Peek()), versionWritten
	case *store.List:
		return appendList(dst, v), versionWritten
	case *store.Set:
		return appendSet(dst, v), versionWritten
	case *store.Hash:
		return appendHash(dst, v)
	case *store.ZSet:
		return appendZSet(dst, v), versionWritten
	case *store.Stream:
		return appendStream(dst, v), versionWritten
	}
	panic("rdb: a value of no known type")
}

func appendList(dst []byte, l *store.List) []byte {
	dst = appendLength(append(dst, typeList), uint64(l.Len()))
	l.Range(0, l.Len()-1, func(element []byte) bool {
		dst = appendString(dst, element)
		return true
	})
	return dst
}

func appendSet(dst []byte, s *store.Set) []byte {
	dst = appendLength(append(dst, typeSet), uint64(s.Len()))
	s.Each(func(member []byte) bool {
		dst = appendString(dst, member)
		return true
	})
	return dst
}

// appendHash writes the deadlines of fields, if there are any, as distances from the nearest one.
func appendHash(dst []byte, h *store.Hash) (b []byte, version uint16) {
	nearest, expiring := nearestDeadline(h)
	version = versionWritten
	if expiring {
		dst, version = appendUint64(append(dst, typeHashExpiring), uint64(nearest)), versionExpiring
	} else {
		dst = append(dst, typeHash)
	}
	dst = appendLength(dst, uint64(h.Len()))
	h.Each(func(field, value []byte) bool {
		if expiring {
			dst = appendLength(dst, distance(h, field, nearest))
		}
		dst = appendString(appendString(dst, field), value)
		return true
	})
	return dst, version
}

// nearestDeadline returns the earliest of a hash's fields. O(n) if there are any.
func nearestDeadline(h *store.Hash) (nearest int64, ok bool) {
	if h.Volatile() == 0 {
		return 0, false
	}
	h.Each(func(field, _ []byte) bool {
		if at, _ := h.Deadline(field); at != 0 && (!ok || at < nearest) {
			nearest, ok = at, true
		}
		return true
	})
	return nearest, ok
}

// distance is how much later than the nearest deadline a field expires, and one more; 0 if it does not.
func distance(h *store.Hash, field []byte, nearest int64) uint64 {
	if at, _ := h.Deadline(field); at != 0 {
		return uint64(at - nearest + 1)
	}
	return 0
}

func appendZSet(dst []byte, z *store.ZSet) []byte {
	dst = appendLength(append(dst, typeZSet), uint64(z.Len()))
	z.Range(0, z.Len(), func(member []byte, score float64) bool {
		dst = appendDouble(appendString(dst, member), score)
		return true
	})
	return dst
}
