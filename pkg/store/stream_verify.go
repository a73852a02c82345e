package store

import (
	"errors"
	"fmt"
)

// verify checks that blocks and groups hold what is counted, and that memory is accounted for. O(n).
func (s *Stream) verify() error {
	size, count, last := streamBytes+s.blocks.bytes()+s.groups.bytes(), 0, StreamID{}
	held, err := s.verifyShelves()
	size += held
	s.blocks.each(func(b *streamBlock) bool {
		count += int(b.live())
		if err = checkStreamBlock(b.id, b.buf); err == nil && b.id.Compare(last) <= 0 {
			err = fmt.Errorf("the block %s follows %s", b.id, last)
		}
		if err == nil {
			last = b.lastID()
		}
		return err == nil
	})
	s.EachGroup(func(g *StreamGroup) bool {
		err = errors.Join(err, g.verify())
		size += g.bytes()
		return true
	})
	first := s.first
	s.findFirst()
	switch {
	case err != nil:
		return err
	case count != s.count || first != s.first || last.Compare(s.last) > 0:
		return fmt.Errorf("%d entries from %s, up to %s; counted %d, from %s to %s", count, s.first, last, s.count, first, s.last)
	case size != s.size:
		return fmt.Errorf("%d bytes of a stream, counted %d", size, s.size)
	}
	return nil
}

// verifyShelves checks that shelves have the blocks that they count, of which one alone may be open, and returns the bytes of
// shelves and of blocks that are on none.
func (s *Stream) verifyShelves() (held int, err error) {
	live := map[*shelf]int{}
	if s.shelf != nil {
		live[s.shelf] = 0
	}
	s.blocks.each(func(b *streamBlock) bool {
		switch sh := b.shelf; {
		case sh == nil:
			held += cap(b.buf)
		case !sh.hasOpen(b.buf):
			live[sh] += cap(b.buf)
		case sh != s.shelf || b != s.blocks.last():
			err = fmt.Errorf("the block %s is open", b.id)
		}
		return true
	})
	for sh, bytes := range live {
		held += shelfBytes + sh.size
		if bytes != sh.live || bytes < sh.size/2 && sh != s.shelf {
			err = errors.Join(err, fmt.Errorf("%d bytes of blocks on a shelf of %d, counted %d", bytes, sh.size, sh.live))
		}
	}
	return held, err
}

// verify checks that the group and its consumers agree about what is pending.
func (g *StreamGroup) verify() (err error) {
	pending := 0
	g.EachConsumer(func(c *StreamConsumer) bool {
		pending += c.pending.count
		c.pending.each(func(id *StreamID) bool {
			if e := g.pending.get(*id); e == nil || e.consumer != c {
				err = fmt.Errorf("%s is pending for %q, not in the group", *id, c.name)
			}
			return err == nil
		})
		return err == nil
	})
	if err == nil && pending != g.pending.count {
		err = fmt.Errorf("%d entries are pending for consumers, %d in the group", pending, g.pending.count)
	}
	return err
}
