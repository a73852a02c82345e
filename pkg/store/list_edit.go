package store

// Set replaces element i, from the tail if negative; false if there is none.
// It costs what Index does and moves at most half a chunk.
func (l *List) Set(i int, v []byte) bool {
	pos, ok := l.locate(i)
	if !ok {
		return false
	}
	l.unpackBefore([][]byte{v})
	c, p := l.chunks.at(pos.chunk), pack(v)
	old := packedSize(c.live()[pos.offset:])
	if old == p.size {
		p.put(c.live()[pos.offset:])
	} else {
		c.cut(pos.offset, old, 1)
		l.count--
		l.place(pos, &p)
		l.settle(pos.chunk, pos.chunk)
	}
	l.afterShrinking()
	return true
}

// Insert puts v before or after the first element equal to pivot; false if
// there is none. O(n) to the pivot.
func (l *List) Insert(pivot, v []byte, before bool) (found bool) {
	pos, found := l.find(pivot)
	if !found {
		return false
	}
	if !before {
		pos.offset += packedSize(l.chunks.at(pos.chunk).live()[pos.offset:])
		pos.index++
	}
	l.unpackBefore([][]byte{v})
	p := pack(v)
	l.place(pos, &p)
	return true
}

func (l *List) find(v []byte) (pos position, found bool) {
	p := pack(v)
	for ; pos.chunk < l.chunks.len(); pos.chunk++ {
		b := l.chunks.at(pos.chunk).live()
		for pos.index, pos.offset = 0, 0; pos.offset < len(b); pos.index++ {
			if p.matches(b[pos.offset:]) {
				return pos, true
			}
			pos.offset += packedSize(b[pos.offset:])
		}
	}
	return pos, false
}

// place inserts p, splitting the chunk if it is full.
func (l *List) place(pos position, p *packed) {
	c := l.chunks.at(pos.chunk)
	if l.packed || c.count == 0 || l.limit.fits(c, p) {
		l.put(c, pos.offset, p)
		return
	}
	next := pos.chunk // p goes between this chunk and the one before
	if pos.index > 0 {
		if pos.index < int(c.count) {
			l.split(pos)
		}
		next++
	}
	l.placeBetween(next, p)
	l.settle(next-1, next+1)
}

// placeBetween appends p to chunk next-1, or else prepends it to chunk next,
// or else makes a chunk of it.
func (l *List) placeBetween(next int, p *packed) {
	if next > 0 {
		if c := l.chunks.at(next - 1); l.limit.fits(c, p) {
			l.put(c, len(c.live()), p)
			return
		}
	}
	if next == l.chunks.len() || !l.limit.fits(l.chunks.at(next), p) {
		l.open(next)
	}
	l.put(l.chunks.at(next), 0, p)
}

func (l *List) split(pos position) {
	right := l.chunks.at(pos.chunk).split(pos.offset, pos.index)
	c := l.open(pos.chunk + 1)
	l.size += cap(right.buf) - cap(c.buf)
	*c = right
}

// Remove removes elements equal to v and returns how many: the first count,
// the last -count if negative, all if zero. It looks at no chunk beyond the
// one in which it is done.
func (l *List) Remove(count int, v []byte) (removed int) {
	p, last := pack(v), l.chunks.len()-1
	lo, hi := 0, last
	if count < 0 {
		for ; lo <= hi && removed < -count; hi-- {
			c := l.chunks.at(hi)
			left := -count - removed
			removed += c.filter(&p, max(0, c.matches(&p)-left), left)
		}
		lo, hi = hi+1, last
	} else {
		for ; lo <= hi && (count == 0 || removed < count); lo++ {
			left := count - removed
			if count == 0 {
				left = l.count
			}
			removed += l.chunks.at(lo).filter(&p, 0, left)
		}
		lo, hi = 0, lo-1
	}
	if removed > 0 {
		l.count -= removed
		l.settle(lo, hi)
		l.afterShrinking()
	}
	return removed
}

// Trim keeps the elements from start to stop, both included, and none if
// start > stop. Bounds beyond the list are its ends. Whole chunks go at once.
func (l *List) Trim(start, stop int) {
	start, stop = max(start, 0), min(stop, l.count-1)
	if start > stop {
		start, stop = l.count, l.count-1
	}
	back := l.count - 1 - stop
	l.dropMany(true, start)
	l.dropMany(false, back)
	// What is trimmed a little after each push will need its room again.
	if l.count > 0 && l.count < start+back {
		l.dropSpare()
		l.size += l.chunks.end(true).giveBack()
		l.size += l.chunks.end(false).giveBack()
	}
	l.afterShrinking()
}

func (l *List) dropSpare() {
	spare := l.chunks.takeSpare()
	l.size -= cap(spare.buf)
}

// dropMany removes n elements at one end.
func (l *List) dropMany(front bool, n int) {
	l.count -= n
	for n > 0 && n >= int(l.chunks.end(front).count) {
		n -= int(l.chunks.end(front).count)
		l.dropEnd(front)
	}
	if n == 0 {
		return
	}
	c := l.chunks.end(front)
	if front {
		c.cut(0, c.offset(n), n)
	} else {
		at := c.offset(int(c.count) - n)
		c.cut(at, len(c.live())-at, n)
	}
}

// settle puts chunks lo to hi and their neighbours in order after a change in
// the middle: the empty go, small ones join the one before, much empty room is
// given back. The last two never join: Redis, which joins less, would still
// have two nodes and call the list a quicklist.
func (l *List) settle(lo, hi int) {
	lo, hi = max(lo-1, 0), min(hi+1, l.chunks.len()-1)
	l.dropSpare() // closing gaps would lose it
	left := l.chunks.len()
	for i := lo; i <= hi; i++ {
		if l.chunkLen(i) == 0 {
			left--
		}
	}
	kept := lo
	for i := lo; i <= hi; i++ {
		c := l.chunks.at(i)
		switch {
		case c.count == 0:
		case kept > lo && left > 2 && l.join(l.chunks.at(kept-1), c):
			left--
		default:
			l.size += c.giveBack()
			if kept != i {
				*l.chunks.at(kept), *c = *c, chunk{}
			}
			kept++
			continue
		}
		l.size -= cap(c.buf)
		*c = chunk{}
	}
	l.size += l.chunks.closeGap(kept, hi+1)
}

// join appends chunk b to chunk a if both together fill no more than half of
// the limit, so that the next insertion need not split them again.
func (l *List) join(a, b *chunk) bool {
	limit := *l.limit
	limit.bytes /= 2
	limit.entries /= 2
	if limit.exceeded(len(a.live())+len(b.live()), int(a.count+b.count)) {
		return false
	}
	l.size += a.join(b)
	return true
}
