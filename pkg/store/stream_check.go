package store

import (
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
	n := 0
	if c.failed = c.failed || len(c.buf) == 0; !c.failed {
		var ok bool
		n, ok = checkedSize(c.buf)
		c.failed = !ok
	}
	entry, c.buf = c.buf[:n], c.buf[n:]
	return entry
}
