package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func hrandfieldCommand(c *actor.Call) error {
	if len(c.Args) > 2 {
		return randomFields(c)
	}
	h, err := findHash(c)
	if err != nil {
		return err
	}
	if h == nil {
		c.Reply.Null()
		return nil
	}
	field, _ := h.Random()
	c.Reply.Bulk(field)
	return nil
}

// randomFields is the form with a count: so many different fields at most, or if it is negative exactly so many, any of
// which may come again.
func randomFields(c *actor.Call) error {
	count, withValues, err := readRandomCount(c, "withvalues")
	if err != nil {
		return err
	}
	h, err := findHash(c)
	if err != nil {
		return err
	}
	fields := fieldReply{c.Reply, withValues}
	switch {
	case h == nil:
		c.Reply.Array(0)
	case count < 0:
		fields.begin(-count)
		fields.repeat(h, -count)
	default:
		fields.begin(min(count, h.Len()))
		h.Sample(count, fields.add)
	}
	return nil
}

// fieldReply writes fields, and their values if they are wanted: in RESP3 each field with its value as a pair.
type fieldReply struct {
	*proto.Reply
	withValues bool
}

// begin promises n fields.
func (r fieldReply) begin(n int) {
	if r.withValues && !r.RESP3() {
		n *= 2
	}
	r.Array(n)
}

func (r fieldReply) add(field, value []byte) {
	if r.withValues && r.RESP3() {
		r.Array(2)
	}
	r.Bulk(field)
	if r.withValues {
		r.BulkRef(value)
	}
}

// repeat draws n fields. A client that asks for more than can be held is going to be closed and needs no more of them.
func (r fieldReply) repeat(h *store.Hash, n int) {
	h.Draw(n, func(field, value []byte) bool {
		r.add(field, value)
		return !r.Overflowed()
	})
}
