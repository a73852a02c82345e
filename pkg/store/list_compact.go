package store

import (
	"encoding/binary"
	"slices"
)

// A list that is one chunk and no longer than maxValue lies in its key's blob: two bytes with the number of elements,
// then the packed entries. What commands see of it is a List whose chunk lies there too, and grows there as far as the
// slot goes; elsewhere it goes on in memory of its own until the command ends.

const countSize = 2

// restart makes the list an empty one. The directory's slots are used again.
func (l *List) restart(limit *chunkLimit) {
	slots := l.chunks.slots
	clear(slots)
	*l = List{packed: true, limit: limit, size: listBytes}
	if len(slots) == 1 {
		l.chunks.slots = slots
		l.size += chunkBytes
	}
}

// view makes an empty list that of the elements in a blob's value of n bytes, behind which there may be room.
func (l *List) view(value []byte, n int) {
	l.borrowed = value
	l.count = int(binary.LittleEndian.Uint16(value))
	if l.count == 0 {
		return
	}
	c := l.open(0)
	c.buf, c.count = value[countSize:n], uint32(l.count)
	l.size += cap(c.buf)
}

func (l *List) compactSize() (n int, ok bool) {
	if !l.packed || l.chunks.len() != 1 {
		return 0, false
	}
	n = countSize + len(l.chunks.at(0).live())
	return n, n <= maxValue
}

func (l *List) putCompact(dst []byte) {
	copy(dst[countSize:], l.chunks.at(0).live())
	binary.LittleEndian.PutUint16(dst, uint16(l.count))
}

// detached returns the list as one that borrows no memory.
func (l *List) detached() collection {
	own := *l
	l.chunks = chunkRing{}
	own.borrowed = nil
	for i := range own.chunks.slots {
		if c := &own.chunks.slots[i]; l.borrows(c.buf) {
			own.size -= cap(c.buf)
			c.buf = append([]byte(nil), c.buf[c.start:]...)
			c.start = 0
			own.size += cap(c.buf)
		}
	}
	return &own
}

// clone returns a copy that is to be kept, whose chunks have no room beyond their entries.
func (l *List) clone(*Keyspace) collection {
	own := newList(l.limit)
	own.packed, own.count = l.packed, l.count
	for i := range l.chunks.len() {
		c := own.open(i)
		c.buf, c.count = slices.Clone(l.chunks.at(i).live()), l.chunks.at(i).count
		own.size += cap(c.buf)
	}
	return own
}

func (l *List) borrows(buf []byte) bool { return liesIn(buf, l.borrowed) }

func (*List) variant() shape { return 0 }
func (l *List) onHeap() int  { return l.size }
func (*List) release()       {}
func (*List) verify() error  { return nil }
