package store

import "math"

// deadlines is an indexed four-ary min-heap of the keys of one database that expire, nearest first. Every blob knows its
// place in it, so a changed or removed deadline mends the heap in O(log n) and no stale node is ever left behind.
//
// A database has two: one for times from now, which ride on a monotonic clock, and one for dates, which ride on the wall
// clock and come nearer or go away when that is set.
//
// The nodes lie in pages, so that the heap of a million keys never moves as a whole when it grows.
type deadlines struct {
	ks    *Keyspace
	now   *int64 // the clock it goes by
	pages []*nodePage
	n     int
	sum   int64 // of all times, modulo 2^64
}

// node is twelve bytes: the time in milliseconds of the heap's clock, cut in two so that it needs no padding, and the key.
type node struct {
	low, high uint32
	ref       ref
}

const (
	heapArity = 4
	noPlace   = -1
	nodeSize  = 12
	nodeBits  = 12
	pageNodes = 1 << nodeBits
	noTime    = math.MaxInt64
)

type nodePage [pageNodes]node

func newNode(at int64, r ref) node { return node{uint32(at), uint32(at >> 32), r} }

func (n *node) time() int64 { return int64(n.high)<<32 | int64(n.low) }

func (d *deadlines) at(i uint32) *node { return &d.pages[i>>nodeBits][i%pageNodes] }

// wait returns in how many milliseconds the nearest key is due. There must be one.
func (d *deadlines) wait() int64 { return d.pages[0][0].time() - *d.now }

// due reports whether the key at a place is to go. Mostly not even the nearest one is, and then its node stays untouched.
func (d *deadlines) due(h *header) bool {
	return d.pages[0][0].time() <= *d.now && d.at(*h.place()).time() <= *d.now
}

// push adds a key whose blob has room for its place.
func (d *deadlines) push(r ref, at int64) {
	if d.n>>nodeBits == len(d.pages) {
		d.pages = append(d.pages, new(nodePage))
	}
	d.n++
	d.sum += at
	d.ks.account.add(nodeSize)
	d.put(uint32(d.n-1), newNode(at, r))
	d.up(uint32(d.n - 1))
}

// move gives the key at place i another time.
func (d *deadlines) move(i uint32, at int64) {
	n := d.at(i)
	d.sum += at - n.time()
	*n = newNode(at, n.ref)
	d.fix(i)
}

// remove takes out the key at place i.
func (d *deadlines) remove(i uint32) {
	last := uint32(d.n - 1)
	d.sum -= d.at(i).time()
	moved := *d.at(last)
	d.n--
	d.ks.account.add(-nodeSize)
	if pages := d.n>>nodeBits + 2; pages < len(d.pages) { // one more than is needed stays
		d.pages[pages] = nil
		d.pages = d.pages[:pages]
	}
	if i < last {
		d.put(i, moved)
		d.fix(i)
	}
}

func (d *deadlines) put(i uint32, n node) {
	*d.at(i) = n
	*d.ks.head(n.ref).place() = i
}

// fix restores the order after the node at i changed.
func (d *deadlines) fix(i uint32) {
	if !d.up(i) {
		d.down(i)
	}
}

// up moves a node towards the root while it is earlier than its parent.
func (d *deadlines) up(i uint32) (moved bool) {
	n := *d.at(i)
	at := n.time()
	for i > 0 {
		parent := (i - 1) / heapArity
		if p := d.at(parent); p.time() > at {
			d.put(i, *p)
			i, moved = parent, true
			continue
		}
		break
	}
	if moved {
		d.put(i, n)
	}
	return moved
}

// down moves a node away from the root while a child is earlier.
func (d *deadlines) down(i uint32) {
	n := *d.at(i)
	for at := n.time(); ; {
		child, ok := d.earliestChild(i)
		if !ok || d.at(child).time() >= at {
			break
		}
		d.put(i, *d.at(child))
		i = child
	}
	d.put(i, n)
}

func (d *deadlines) earliestChild(i uint32) (best uint32, ok bool) {
	first := uint64(i)*heapArity + 1
	if first >= uint64(d.n) {
		return 0, false
	}
	best = uint32(first)
	least := d.at(best).time()
	for c := best + 1; c < uint32(min(first+heapArity, uint64(d.n))); c++ {
		if at := d.at(c).time(); at < least {
			best, least = c, at
		}
	}
	return best, true
}

// countDue counts the nodes that are due, up to limit. None stands below one that is not.
func (d *deadlines) countDue(i uint32, limit int) (count int) {
	if int(i) >= d.n || limit <= 0 || d.at(i).time() > *d.now {
		return 0
	}
	count = 1
	for c := i*heapArity + 1; c <= i*heapArity+heapArity; c++ {
		count += d.countDue(c, limit-count)
	}
	return count
}
