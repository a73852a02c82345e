package store

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errStreamBlock = errors.New("store: a block of a stream is damaged")

// checkStreamBlock reads a block from a stranger as one would use it, and fails where that would go wrong: every packed
// entry must be one and end within the block, the counts must be those of the entries, and IDs must ascend.
func checkStreamBlock(id StreamID, buf []byte) error {
	c := blockChecker{buf: buf}
	count, deleted, fields := c.integer(), c.integer(), c.integer()
	c.skip(fields)
	if c.integer() != 0 || count < 0 || deleted < 0 || c.failed {
		return errStreamBlock
	}
	last, first := id, true
	for len(c.buf) > 0 && !c.failed {
		at, gone := c.entry(id, fields)
		if c := at.Compare(last); c < 0 || c == 0 && !first {
			return fmt.Errorf("%w: %s follows %s", errStreamBlock, at, last)
		}
		if gone {
			deleted--
		} else {
			count--
		}
		last, first = at, false
	}
	if c.failed || first || count != 0 || deleted != 0 {
		return errStreamBlock
	}
	return nil
}

// blockChecker takes packed entries from the front of a block. It has failed for good once one was none.
type blockChecker struct {
	buf    []byte
	failed bool
}

// entry reads one entry of a block and returns its ID, and whether it is deleted.
func (c *blockChecker) entry(id StreamID, fields int64) (at StreamID, deleted bool) {
	flags, ms, seq, pieces := c.integer(), c.integer(), c.integer(), int64(3)
	if flags&entrySameFields == 0 {
		fields = c.integer()
		pieces += 1 + fields
		c.skip(fields)
	}
	c.skip(fields)
	if c.integer() != pieces+fields || flags&^(entryDeleted|entrySameFields) != 0 {
		c.failed = true
	}
	return StreamID{id.Ms + uint64(ms), id.Seq + uint64(seq)}, flags&entryDeleted != 0
}

// skip takes n packed entries.
func (c *blockChecker) skip(n int64) {
	if n < 0 || n > int64(len(c.buf)) {
		c.failed = true
	}
	for ; n > 0 && !c.failed; n-- {
		c.take()
	}
}

// integer takes a packed entry that is one.
func (c *blockChecker) integer() int64 {
	entry := c.take()
	if c.failed || isBytes(entry[0]) {
		c.failed = true
		return 0
	}
	return unpackInt(entry)
}

// take takes one packed entry.
func (c *blockChecker) take() (entry []byte) {
	n, ok := checkPacked(c.buf)
	if !ok || c.failed {
		c.failed = true
		return nil
	}
	entry, c.buf = c.buf[:n], c.buf[n:]
	return entry
}

// checkPacked returns the size of the packed entry that b begins with, if it is one.
func checkPacked(b []byte) (size int, ok bool) {
	if len(b) == 0 || b[0] > tagInt64 {
		return 0, false
	}
	var whole [9]byte // heads are read as far as the longest goes
	copy(whole[:], b)
	head, body := layout(whole[:])
	if head+body > len(b) || b[0] == tagBytes32 && uint64(binary.LittleEndian.Uint32(whole[1:])) > uint64(len(b)) {
		return 0, false
	}
	size = head + body + backLen(head+body)
	return size, size <= len(b) && lastPacked(b[:size]) == size
}
