package store

import "slices"

// leastRoom is the capacity below which a chunk never gives room back.
const leastRoom = 128

// chunk is a run of packed entries in one pointer-free buffer, with room to
// grow at both ends: the entries are buf[start:], the room is before start
// and beyond len(buf). Its zero value is empty and holds no memory.
//
// Methods that may replace the buffer return by how many bytes its capacity
// changed, for the running total of the list.
type chunk struct {
	buf   []byte
	start uint32
	count uint32
}

// live returns the entries. It is valid until the next change of the chunk.
func (c *chunk) live() []byte { return c.buf[c.start:] }

// offset returns where entry i begins, counting from the nearer end.
func (c *chunk) offset(i int) int {
	b := c.live()
	if i < int(c.count)/2 {
		at := 0
		for ; i > 0; i-- {
			at += packedSize(b[at:])
		}
		return at
	}
	for n := int(c.count) - i; n > 0; n-- {
		b = b[:len(b)-lastPacked(b)]
	}
	return len(b)
}

// clearAt empties the chunk, keeps its buffer and puts all the room on the
// side that is about to be filled.
func (c *chunk) clearAt(front bool) {
	c.buf, c.start, c.count = c.buf[:0], 0, 0
	if front {
		c.buf = c.buf[:cap(c.buf)]
		c.start = uint32(cap(c.buf))
	}
}

// insert writes p at offset at. If the buffer is too small the new one has
// at least want bytes, which must be enough.
func (c *chunk) insert(at int, p *packed, want int) (grown int) {
	live := len(c.buf) - int(c.start)
	// Shift the shorter side. An empty chunk grows where its room is.
	front := at < live-at || live == 0 && c.start > 0
	if front && int(c.start) < p.size || !front && cap(c.buf)-len(c.buf) < p.size {
		grown = c.makeRoom(front, p.size, want)
	}
	if front {
		b := c.buf[int(c.start)-p.size:]
		c.start -= uint32(p.size)
		copy(b, b[p.size:p.size+at])
	} else {
		c.buf = c.buf[:len(c.buf)+p.size]
		b := c.live()[at:]
		copy(b[p.size:], b)
	}
	p.put(c.live()[at:])
	c.count++
	return grown
}

// makeRoom moves the entries so that n bytes fit on one side, inside the
// buffer if its capacity is want already. The other side keeps up to half of
// what remains: pushes at alternating ends must not move everything each
// time, nor must those at one end strand room at the other.
func (c *chunk) makeRoom(front bool, n, want int) (grown int) {
	live, dst := c.live(), c.buf
	other := int(c.start)
	if front {
		other = cap(c.buf) - len(c.buf)
	}
	if want > cap(dst) {
		dst = slices.Grow([]byte(nil), want)
	}
	grown = cap(dst) - cap(c.buf)
	room := cap(dst) - len(live)
	at := min(other, (room-n)/2)
	if front {
		at = room - at
	}
	dst = dst[:at+len(live)]
	copy(dst[at:], live)
	c.buf, c.start = dst, uint32(at)
	return grown
}

// cut removes n bytes at offset at, which hold the given number of entries.
// At either end nothing moves.
func (c *chunk) cut(at, n, entries int) {
	b := c.live()
	if at < len(b)-at-n {
		copy(b[n:], b[:at])
		c.start += uint32(n)
	} else {
		copy(b[at:], b[at+n:])
		c.buf = c.buf[:len(c.buf)-n]
	}
	c.count -= uint32(entries)
}

// matches counts the entries equal to p.
func (c *chunk) matches(p *packed) (n int) {
	for b := c.live(); len(b) > 0; b = b[packedSize(b):] {
		if p.matches(b) {
			n++
		}
	}
	return n
}

// filter removes entries equal to p, at most limit of them, after sparing the
// first skip, in one pass whatever their number.
func (c *chunk) filter(p *packed, skip, limit int) (removed int) {
	b, kept, at := c.live(), 0, 0
	for at < len(b) && removed < limit {
		n := packedSize(b[at:])
		switch {
		case !p.matches(b[at:]):
		case skip > 0:
			skip--
		default:
			removed++
			at += n
			continue
		}
		if kept != at {
			copy(b[kept:], b[at:at+n])
		}
		kept += n
		at += n
	}
	kept += copy(b[kept:], b[at:])
	c.buf = c.buf[:int(c.start)+kept]
	c.count -= uint32(removed)
	return removed
}

// split moves the entries from offset at, of which index come before, to a
// new chunk.
func (c *chunk) split(at, index int) chunk {
	tail := c.live()[at:]
	right := chunk{buf: append([]byte(nil), tail...), count: c.count - uint32(index)}
	c.cut(at, len(tail), int(right.count))
	return right
}

// join appends the entries of next.
func (c *chunk) join(next *chunk) (grown int) {
	live := next.live()
	if n := len(live); cap(c.buf)-len(c.buf) < n {
		grown = c.makeRoom(false, n, len(c.live())+n)
	}
	c.buf = append(c.buf, live...)
	c.count += next.count
	return grown
}

// giveBack halves, or more, the buffer of a chunk that shrank to less than a
// quarter of it. What is left is twice the entries, so that the cost is
// spread over as many changes.
func (c *chunk) giveBack() (grown int) {
	if n := len(c.live()); cap(c.buf) > leastRoom && n < cap(c.buf)/4 {
		return c.resize(2 * n)
	}
	return 0
}

// seal drops the room of a chunk that will not be pushed to any more, if it
// is worth a copy.
func (c *chunk) seal() (grown int) {
	if n := len(c.live()); cap(c.buf)-n > n/8 {
		return c.resize(n)
	}
	return 0
}

func (c *chunk) resize(capacity int) (grown int) {
	old := cap(c.buf)
	c.buf = append(slices.Grow([]byte(nil), capacity), c.live()...)
	c.start = 0
	return cap(c.buf) - old
}
