package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// hincrbyCommand makes the hash before the last check, because nothing that fails there does in a new one. It leaves the
// deadline alone that the field may have.
func hincrbyCommand(c *actor.Call) error {
	delta, err := integer(c.Args[3])
	if err != nil {
		return err
	}
	h, err := editHash(c)
	if err != nil {
		return err
	}
	n := int64(0)
	if value, ok := h.Get(c.Args[2]); ok {
		if n, ok = proto.ParseInt(value); !ok {
			return proto.ErrHashNotInt
		}
	}
	if delta > 0 && n > math.MaxInt64-delta || delta < 0 && n < math.MinInt64-delta {
		return proto.ErrOverflow
	}
	h.SetInteger(c.Args[2], n+delta)
	c.Changed(c.Args[1], "hincrby")
	c.Reply.Int(n + delta)
	return nil
}

// hincrbyfloatCommand is like hincrbyCommand in both.
func hincrbyfloatCommand(c *actor.Call) error {
	delta, err := parseLongDouble(c.Args[3])
	if err != nil {
		return err
	}
	if delta.IsInf() {
		return proto.ErrIsNaNOrInfinity
	}
	h, err := editHash(c)
	if err != nil {
		return err
	}
	text, err := addToField(h, c.Args[2], delta)
	if err != nil {
		return err
	}
	h.Update(c.Args[2], text)
	c.Changed(c.Args[1], "hincrbyfloat")
	c.Reply.Bulk(text)
	return nil
}

// addToField returns the sum of a field's value, 0 if it does not exist, and a number, as text.
func addToField(h *store.Hash, field []byte, delta *longDouble) (text []byte, err error) {
	stored, ok := h.Get(field)
	if !ok {
		stored = []byte("0")
	}
	value, err := parseLongDouble(stored)
	if err != nil {
		return nil, proto.ErrHashNotFloat
	}
	sum, err := value.add(delta)
	if err != nil {
		return nil, err
	}
	return sum.append(nil), nil
}
