package store

import (
	"math"
	"sync/atomic"
)

const (
	// listpackOverhead is what Redis adds to the entries of a listpack: six
	// bytes of header and one of end.
	listpackOverhead = 7
	// entryEstimate is what Redis takes an entry to need beside its bytes
	// when it asks whether one more fits.
	entryEstimate = 8
	// entriesSafety bounds the bytes where the limit is a number of entries.
	entriesSafety = 8 << 10
)

// listMaxListpackSize is the setting of that name. Only the owner's turn
// reads it; it is atomic for the sake of programs with several owners.
var listMaxListpackSize = func() *atomic.Int32 {
	n := new(atomic.Int32)
	n.Store(-2)
	return n
}()

// SetListMaxListpackSize bounds the chunks of all lists from now on, as
// Redis' list-max-listpack-size does: -1 to -5 mean 4, 8, 16, 32 and 64 KiB, a
// positive number is one of elements, of at most 8 KiB together. Less than
// -5 counts as -5 and 0 as 1. Chunks there are stay as they are.
func SetListMaxListpackSize(n int) {
	listMaxListpackSize.Store(int32(min(max(n, -5), math.MaxInt32)))
}

// chunkLimit bounds one chunk, or a whole list while it is a listpack.
type chunkLimit struct {
	bytes   int // as listpack, that is with listpackOverhead
	entries int // math.MaxInt: bytes alone count
}

func currentLimit() chunkLimit {
	switch n := int(listMaxListpackSize.Load()); {
	case n < 0:
		return chunkLimit{bytes: 2 << 10 << -n, entries: math.MaxInt}
	default:
		return chunkLimit{bytes: entriesSafety, entries: max(n, 1)}
	}
}

func (m chunkLimit) exceeded(bytes, entries int) bool {
	return bytes+listpackOverhead > m.bytes || entries > m.entries
}

// fits reports whether p may join the entries of c.
func (m chunkLimit) fits(c *chunk, p *packed) bool {
	return !m.exceeded(len(c.live())+p.raw+entryEstimate, int(c.count)+1)
}

// half reports whether c is at or below half of the limit. Of a limit in
// entries Redis looks at nothing else.
func (m chunkLimit) half(c *chunk) bool {
	if m.entries < math.MaxInt {
		return int(c.count) <= m.entries/2
	}
	return len(c.live())+listpackOverhead <= m.bytes/2
}
