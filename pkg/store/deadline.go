package store

// deadlines is an indexed four-ary min-heap of the keys that expire, nearest first. Every entry knows its place
// in it, so a changed or removed deadline mends the heap in O(log n) and no stale node is ever left behind.
type deadlines []deadline

// deadline repeats the entry's deadline beside its pointer, so that sifting compares without touching entries.
type deadline struct {
	at    int64 // unix milliseconds
	entry *Entry
}

const (
	heapArity    = 4
	noPlace      = -1
	deadlineSize = 16 // bytes per node
)

// nearest returns the earliest deadline.
func (d deadlines) nearest() (at int64, ok bool) {
	if len(d) == 0 {
		return 0, false
	}
	return d[0].at, true
}

// set adds the entry or moves it to its new deadline.
func (d *deadlines) set(e *Entry, at int64) {
	e.deadline = at
	if e.place == noPlace {
		*d = append(*d, deadline{at, e})
		d.up(len(*d) - 1)
		return
	}
	(*d)[e.place].at = at
	d.fix(int(e.place))
}

// remove takes the entry out if it is in.
func (d *deadlines) remove(e *Entry) {
	if e.place == noPlace {
		return
	}
	h, i := *d, int(e.place)
	last := len(h) - 1
	h[i] = h[last]
	h[last] = deadline{}
	*d = h[:last]
	e.deadline, e.place = 0, noPlace
	if i < last {
		d.fix(i)
	}
}

// fix restores the order after node i changed.
func (d *deadlines) fix(i int) {
	if !d.up(i) {
		d.down(i)
	}
}

// up moves node i towards the root while it is earlier than its parent.
func (d *deadlines) up(i int) (moved bool) {
	h := *d
	node := h[i]
	for i > 0 {
		parent := (i - 1) / heapArity
		if h[parent].at <= node.at {
			break
		}
		h.place(i, h[parent])
		i, moved = parent, true
	}
	h.place(i, node)
	return moved
}

// down moves node i away from the root while a child is earlier.
func (d *deadlines) down(i int) {
	h := *d
	node := h[i]
	for {
		child := h.earliestChild(i)
		if child < 0 || h[child].at >= node.at {
			break
		}
		h.place(i, h[child])
		i = child
	}
	h.place(i, node)
}

func (d deadlines) earliestChild(i int) int {
	first := i*heapArity + 1
	if first >= len(d) {
		return -1
	}
	best := first
	for c := first + 1; c < min(first+heapArity, len(d)); c++ {
		if d[c].at < d[best].at {
			best = c
		}
	}
	return best
}

func (d deadlines) place(i int, node deadline) {
	d[i] = node
	node.entry.place = int32(i)
}
