package store

import "unsafe"

const chunkBytes = int(unsafe.Sizeof(chunk{}))

// chunkRing is the directory of a list: a deque of chunks in a ring whose
// length is a power of two. It holds chunks by value, 32 bytes each, so that
// growing it for a list of ten million short elements copies some 400 KB.
//
// The slot behind the last chunk may hold a spare, an empty chunk with its
// buffer, so that a list that moves to and fro over the border of a chunk,
// or runs through chunks as a queue does, does not allocate each time.
//
// The methods keep no account of memory except by what they return.
type chunkRing struct {
	slots []chunk
	head  uint32
	used  uint32
}

func (r *chunkRing) len() int { return int(r.used) }

func (r *chunkRing) at(i int) *chunk {
	return &r.slots[(int(r.head)+i)&(len(r.slots)-1)]
}

// end returns the first or the last chunk. There must be one.
func (r *chunkRing) end(front bool) *chunk {
	if front {
		return r.at(0)
	}
	return r.at(r.len() - 1)
}

// takeSpare removes the spare and returns it; without one, the zero chunk.
func (r *chunkRing) takeSpare() (spare chunk) {
	if r.len() < len(r.slots) {
		slot := r.at(r.len())
		spare, *slot = *slot, chunk{}
	}
	return spare
}

// open makes place for a chunk at i, to which it returns the pointer, and
// reports the bytes by which the directory grew. A spare is used up.
func (r *chunkRing) open(i int) (c *chunk, grown int) {
	if r.len() == len(r.slots) {
		grown = r.resize(max(1, 2*r.len()))
	}
	spare := r.takeSpare()
	r.used++
	if i < r.len()/2 {
		r.head--
		for j := range i {
			*r.at(j) = *r.at(j + 1)
		}
	} else {
		for j := r.len() - 1; j > i; j-- {
			*r.at(j) = *r.at(j - 1)
		}
	}
	*r.at(i) = spare
	return r.at(i), grown
}

// dropEnd removes the first or the last chunk. Its buffer becomes the spare
// unless that has more than most bytes; the spare there was goes.
func (r *chunkRing) dropEnd(front bool, most int) (grown int) {
	spare, old := r.takeSpare(), r.end(front)
	dropped := *old
	*old = chunk{}
	if front {
		r.head++
	}
	r.used--
	if cap(dropped.buf) <= most {
		spare, dropped = dropped, spare
	}
	spare.clearAt(false)
	*r.at(r.len()) = spare
	return r.shrink() - cap(dropped.buf)
}

// closeGap removes the slots from..to-1, which must be empty, by moving the
// shorter side. There must be no spare.
func (r *chunkRing) closeGap(from, to int) (grown int) {
	n := to - from
	if n == 0 {
		return 0
	}
	if from < r.len()-to {
		for i := from - 1; i >= 0; i-- {
			*r.at(i + n), *r.at(i) = *r.at(i), chunk{}
		}
		r.head += uint32(n)
	} else {
		for i := to; i < r.len(); i++ {
			*r.at(i - n), *r.at(i) = *r.at(i), chunk{}
		}
	}
	r.used -= uint32(n)
	return r.shrink()
}

// shrink halves a directory of which three quarters are empty, as often as
// it takes.
func (r *chunkRing) shrink() (grown int) {
	n := len(r.slots)
	for n >= 8 && r.len() < n/4 {
		n /= 2
	}
	if n == len(r.slots) {
		return 0
	}
	return r.resize(n)
}

// resize moves the chunks to a ring of n slots, a power of two, and the spare
// with them if there is a slot for it.
func (r *chunkRing) resize(n int) (grown int) {
	slots := make([]chunk, n)
	spare := r.takeSpare()
	for i := range r.len() {
		slots[i] = *r.at(i)
	}
	grown = (n - len(r.slots)) * chunkBytes
	r.slots, r.head = slots, 0
	if r.len() < n {
		*r.at(r.len()) = spare
		return grown
	}
	return grown - cap(spare.buf)
}
