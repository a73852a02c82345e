package store

import "math"

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

// chunkLimit bounds one chunk, or a whole list while it is a listpack.
type chunkLimit struct {
	bytes   int // as listpack, that is with listpackOverhead
	entries int // math.MaxInt: bytes alone count
}

// newChunkLimit reads Options.ListMaxListpackSize.
func newChunkLimit(n int) chunkLimit {
	if n < 0 {
		return chunkLimit{bytes: 2 << 10 << -max(n, -5), entries: math.MaxInt}
	}
	return chunkLimit{bytes: entriesSafety, entries: max(n, 1)}
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
