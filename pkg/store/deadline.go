package store

import (
	"math"
	"slices"
)

// schedule is when the keys of a database expire, or the fields of a hash, or when each hash of a database has a field that
// does: in two heaps, one for times from now, which ride on a monotonic clock, and one for dates, which ride on the wall
// clock and come nearer or go away when that is set.
type schedule struct{ soon, dates deadlines }

// deadlines is an indexed four-ary min-heap of what expires by one clock, nearest first. Everything in it knows its place, a
// key or a field in its blob, so a changed or removed deadline mends the heap in O(log n) and no stale node is ever left
// behind.
//
// The nodes lie in pages, so that the heap of a million keys never moves as a whole when it grows. The first page begins with
// a few nodes, so that the heap of a small hash is small.
type deadlines struct {
	contents *contents
	now      *int64 // the clock it goes by
	clock    shape  // dated, or 0 for the monotonic one
	nested   bool   // what expires are hashes, at the time of their nearest field; a node has the number of the dict
	pages    [][]node
	n        int
	sum      int64 // of all times, modulo 2^64

	// Of a heap of fields: whether it stands in the database's heap of hashes, and where.
	listed bool
	place  uint32
}

// node is twelve bytes: the time in milliseconds of the heap's clock, cut in two so that it needs no padding, and what
// expires then.
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
	leastPage = 4 // nodes of the first page when it is new
	noTime    = math.MaxInt64
)

func newSchedule(c *contents, nested bool) schedule {
	st := c.owner.store
	return schedule{
		soon:  deadlines{contents: c, now: &st.uptime, nested: nested},
		dates: deadlines{contents: c, now: &st.now, nested: nested, clock: dated},
	}
}

// by returns the heap of a clock.
func (s *schedule) by(clock shape) *deadlines {
	if clock&dated != 0 {
		return &s.dates
	}
	return &s.soon
}

// of returns the heap in which a volatile blob stands.
func (s *schedule) of(h *header) *deadlines { return s.by(h.shape) }

// len returns how much there is that expires.
func (s *schedule) len() int { return s.soon.n + s.dates.n }

// nearest returns the heap with what expires first, or nil.
func (s *schedule) nearest() *deadlines { return nearer(nearer(nil, &s.soon), &s.dates) }

// nearer returns that of two heaps with what expires first. The first one may be nil, the other be empty or nil.
func nearer(first, other *deadlines) *deadlines {
	if other == nil || other.n == 0 || first != nil && first.wait() <= other.wait() {
		return first
	}
	return other
}

// due reports whether the deadline of a volatile blob has come.
func (s *schedule) due(h *header) bool { return s.of(h).due(h) }

// countDue counts what is due, up to limit. O(limit).
func (s *schedule) countDue(limit int) int {
	n := s.soon.countDue(0, limit)
	return n + s.dates.countDue(0, limit-n)
}

// deadline returns when a volatile blob expires in unix milliseconds, as the clocks stand now. A time so far away that this
// is no number any more is as far away as can be told.
func (s *schedule) deadline(h *header) int64 {
	d := s.of(h)
	at := d.at(*h.place()).time()
	if d.clock == dated {
		return at
	}
	st := d.contents.owner.store
	ahead := st.now - st.uptime
	if ahead > 0 && at > noTime-ahead {
		return noTime
	}
	return at + ahead
}

// moved tells that a blob lies elsewhere now, and leaves its place there.
func (s *schedule) moved(old *header, e *Entry) {
	if old.shape&volatile != 0 {
		place := *old.place()
		*e.head.place() = place
		s.of(old).at(place).ref = e.ref
	}
}

func newNode(at int64, r ref) node { return node{uint32(at), uint32(at >> 32), r} }

func (n *node) time() int64 { return int64(n.high)<<32 | int64(n.low) }

func (d *deadlines) at(i uint32) *node { return &d.pages[i>>nodeBits][i%pageNodes] }

// wait returns in how many milliseconds the nearest one is due. There must be one.
func (d *deadlines) wait() int64 { return d.pages[0][0].time() - *d.now }

// due reports whether a blob is to go. Mostly not even the nearest one is, and then its node stays untouched.
func (d *deadlines) due(h *header) bool {
	return d.pages[0][0].time() <= *d.now && d.at(*h.place()).time() <= *d.now
}

// push adds a blob that has room for its place, or the number of a dict.
func (d *deadlines) push(r ref, at int64) {
	if page := d.n >> nodeBits; page == len(d.pages) || d.n%pageNodes == len(d.pages[page]) {
		d.grow()
	}
	d.n++
	d.sum += at
	d.contents.account.add(nodeSize)
	d.put(uint32(d.n-1), newNode(at, r))
	d.up(uint32(d.n - 1))
}

// grow makes room for more nodes: the first page doubles until it is a whole one, then there is another.
func (d *deadlines) grow() {
	switch {
	case d.n == 0:
		d.pages = append(d.pages, make([]node, leastPage))
	case d.n < pageNodes:
		d.pages[0] = append(make([]node, 0, 2*d.n), d.pages[0]...)[:2*d.n]
	default:
		d.pages = append(d.pages, make([]node, pageNodes))
	}
}

// shrink gives pages back, but for one more than is needed, and of the first one what has long been too much.
func (d *deadlines) shrink() {
	keep := d.n>>nodeBits + 2
	if d.n < pageNodes/4 {
		keep = 1
	}
	if keep < len(d.pages) {
		clear(d.pages[keep:])
		d.pages = d.pages[:keep]
	}
	if first := len(d.pages[0]); d.n < first/4 && first > leastPage {
		d.pages[0] = slices.Clone(d.pages[0][:first/2])
	}
}

// move gives what stands at place i another time.
func (d *deadlines) move(i uint32, at int64) {
	n := d.at(i)
	d.sum += at - n.time()
	*n = newNode(at, n.ref)
	d.fix(i)
}

// remove takes out what stands at place i.
func (d *deadlines) remove(i uint32) {
	last := uint32(d.n - 1)
	d.sum -= d.at(i).time()
	moved := *d.at(last)
	d.n--
	d.contents.account.add(-nodeSize)
	if i < last {
		d.put(i, moved)
		d.fix(i)
	}
	d.shrink()
}

func (d *deadlines) put(i uint32, n node) {
	*d.at(i) = n
	*d.placeOf(n.ref) = i
}

// placeOf returns where it is written down at which place something stands.
func (d *deadlines) placeOf(r ref) *uint32 {
	if d.nested {
		return &d.fieldsOf(r).place
	}
	return d.contents.head(r).place()
}

// fieldsOf returns the heap of fields that a nested heap has by its dict's number.
func (d *deadlines) fieldsOf(number ref) *deadlines {
	return d.contents.dicts.at(uint32(number)).fields.by(d.clock)
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

// countDue counts what is due from place i on, up to limit: of hashes the fields. None stands below one that is not.
func (d *deadlines) countDue(i uint32, limit int) (count int) {
	if int(i) >= d.n || limit <= 0 || d.at(i).time() > *d.now {
		return 0
	}
	count = 1
	if d.nested {
		count = d.fieldsOf(d.at(i).ref).countDue(0, limit)
	}
	for c := i*heapArity + 1; c <= i*heapArity+heapArity; c++ {
		count += d.countDue(c, limit-count)
	}
	return count
}
