package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// trimOptions are the words of XADD and XTRIM that say what is to be removed.
type trimOptions struct {
	store.StreamTrim
	wanted  bool // MAXLEN or MINID was given
	limited bool // LIMIT was given
}

// read consumes an option if the next words are one.
func (t *trimOptions) read(o *proto.Options) (known bool, err error) {
	if arg, ok := o.WordWith("maxlen"); ok {
		return true, t.readMaxLen(t.readThreshold(arg, o))
	}
	if arg, ok := o.WordWith("minid"); ok {
		return true, t.readMinID(t.readThreshold(arg, o))
	}
	if arg, ok := o.WordWith("limit"); ok {
		return true, t.readLimit(arg)
	}
	return false, nil
}

// readThreshold skips the sign that may stand before the threshold. The sign of the last option counts.
func (t *trimOptions) readThreshold(arg []byte, o *proto.Options) (threshold []byte) {
	if t.wanted {
		return arg // and an error to come
	}
	t.Approx = string(arg) == "~" && o.More()
	if t.Approx || string(arg) == "=" && o.More() {
		return o.Next()
	}
	return arg
}

func (t *trimOptions) readMaxLen(arg []byte) error {
	if t.wanted {
		return proto.ErrTrimTwice
	}
	n, err := integer(arg)
	if err == nil && n < 0 {
		err = proto.ErrTrimMaxLen
	}
	t.wanted, t.MaxLen = true, uint64(n)
	return err
}

func (t *trimOptions) readMinID(arg []byte) (err error) {
	if t.wanted {
		return proto.ErrTrimTwice
	}
	t.wanted, t.ByID = true, true
	t.MinID, err = streamID(arg)
	return err
}

func (t *trimOptions) readLimit(arg []byte) (err error) {
	t.limited = true
	if t.Limit, err = integer(arg); err == nil && t.Limit < 0 {
		err = proto.ErrTrimLimit
	}
	return err
}

// check refuses options that do not go together, once all are read. A mandatory trim must have a threshold.
func (t *trimOptions) check(mandatory bool) error {
	switch {
	case t.Limit != 0 && !t.wanted:
		return proto.ErrTrimLimitAlone
	case mandatory && !t.wanted:
		return proto.ErrTrimWhat
	case t.limited && !t.Approx:
		return proto.ErrTrimLimitExact
	}
	return nil
}

// apply removes entries and returns how many.
func (t *trimOptions) apply(c *actor.Call, key []byte, s *store.Stream) (removed int64) {
	if !t.wanted {
		return 0
	}
	if t.Approx && !t.limited {
		t.Limit = c.Keys().StreamTrimLimit()
	}
	if removed = s.Trim(t.StreamTrim); removed > 0 {
		c.Changed(key, "xtrim")
	}
	return removed
}

func xtrimCommand(c *actor.Call) error {
	var trim trimOptions
	for o := c.Args.Options(2); o.More(); {
		if known, err := trim.read(&o); err != nil {
			return err
		} else if !known {
			return proto.ErrSyntax
		}
	}
	if err := trim.check(true); err != nil {
		return err
	}
	s, err := store.FindForWrite[*store.Stream](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	removed := int64(0)
	if s != nil {
		removed = trim.apply(c, c.Args[1], s)
	}
	c.Reply.Int(removed)
	return nil
}
