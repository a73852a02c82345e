package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func hgetdelCommand(c *actor.Call) error {
	h, err := store.FindForWrite[*store.Hash](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	fields, err := readFields(c, 2, proto.ErrNumFieldsPositive)
	if err != nil {
		return err
	}
	deleted := false
	c.Reply.Array(len(fields))
	for _, field := range fields {
		replyField(c.Reply, h, field)
		if h != nil && h.Delete(field) {
			deleted = true
		}
	}
	if deleted {
		shrunk(c, c.Args[1], h, "hdel")
	}
	return nil
}

func hgetexCommand(c *actor.Call) error {
	h, err := store.FindForWrite[*store.Hash](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	expiry, err := readFieldExpiry(c)
	if err != nil {
		return err
	}
	fields, err := readFields(c, 2+expiry.words, proto.ErrNumFieldsPositive)
	if err != nil {
		return err
	}
	event := ""
	c.Reply.Array(len(fields))
	for _, field := range fields {
		replyField(c.Reply, h, field)
		if h == nil || !h.Has(field) {
			continue
		}
		if done := expiry.apply(c, h, field); done != "" {
			event = done
		}
	}
	if event != "" {
		shrunk(c, c.Args[1], h, event)
	}
	return nil
}

// fieldExpiry is what HGETEX does to the deadlines of fields: the zero value is nothing.
type fieldExpiry struct {
	words   int // of the request
	persist bool
	unit    *expiryUnit
	at      int64
}

func readFieldExpiry(c *actor.Call) (x fieldExpiry, err error) {
	o := c.Args.Options(2)
	if o.Word("persist") {
		return fieldExpiry{words: 1, persist: true}, nil
	}
	for i := range expiryUnits {
		unit := &expiryUnits[i]
		if arg, ok := o.WordWith(unit.word); ok {
			at, err := unit.fieldDeadline(c, arg)
			return fieldExpiry{words: 2, unit: unit, at: at}, err
		}
	}
	return fieldExpiry{}, nil
}

// apply changes the deadline of an existing field and returns the event, or none if nothing changed.
func (x *fieldExpiry) apply(c *actor.Call, h *store.Hash, field []byte) (event string) {
	switch {
	case x.persist && h.Persist(field):
		return "hpersist"
	case x.unit == nil:
		return ""
	case x.unit.applyTo(c, h, field, x.at):
		return "hdel"
	}
	return "hexpire"
}

// hsetexCommand sets all fields or none.
func hsetexCommand(c *actor.Call) error {
	setting, err := readFieldSetting(c)
	if err != nil {
		return err
	}
	h, err := store.FindForWrite[*store.Hash](c.Keys(), c.Args[1])
	if err != nil {
		return err
	}
	if setting.vetoed(h) {
		c.Reply.Flag(false)
		return nil
	}
	if h, err = editHash(c); err != nil {
		return err
	}
	c.Reply.Flag(true)
	gone := setting.apply(c, h)
	c.Changed(c.Args[1], "hset")
	switch {
	case gone:
		shrunk(c, c.Args[1], h, "hdel")
	case setting.unit != nil:
		c.Changed(c.Args[1], "hexpire")
	}
	return nil
}

// fieldSetting is what HSETEX is asked for.
type fieldSetting struct {
	unit              *expiryUnit // nil if no deadline is set
	at                int64
	keepTTL, fnx, fxx bool
	pairs             [][]byte
}

// readFieldSetting reads options in any order up to FIELDS, behind which there is nothing else.
func readFieldSetting(c *actor.Call) (s fieldSetting, err error) {
	for o := c.Args.Options(2); o.More() && err == nil; {
		switch {
		case o.Word("fields"):
			s.pairs, err = readFieldPairs(c, &o)
			return s, err
		case o.Word("fnx"):
			err = s.condition(&s.fnx)
		case o.Word("fxx"):
			err = s.condition(&s.fxx)
		case o.Word("keepttl"):
			if s.expires() {
				return s, proto.ErrOneFieldExpiry
			}
			s.keepTTL = true
		default:
			err = s.readDeadline(c, &o)
		}
	}
	return s, err
}

// condition sets one of the two conditions.
func (s *fieldSetting) condition(is *bool) error {
	if s.fnx || s.fxx {
		return proto.ErrOneFieldCondition
	}
	*is = true
	return nil
}

// expires reports whether it was said already what is to become of deadlines.
func (s *fieldSetting) expires() bool { return s.unit != nil || s.keepTTL }

func (s *fieldSetting) readDeadline(c *actor.Call, o *proto.Options) (err error) {
	for i := range expiryUnits {
		unit := &expiryUnits[i]
		arg, ok := o.WordWith(unit.word)
		if !ok {
			continue
		}
		if s.expires() {
			return proto.ErrOneFieldExpiry
		}
		s.unit = unit
		s.at, err = unit.fieldDeadline(c, arg)
		return err
	}
	return proto.ErrUnknownArgument(o.Next())
}

// readFieldPairs reads how many pairs of field and value follow, and the pairs.
func readFieldPairs(c *actor.Call, o *proto.Options) (pairs [][]byte, err error) {
	if o.Left() < 3 {
		return nil, wrongArity(c)
	}
	n, err := natural(o.Next(), proto.ErrFieldCount)
	if err != nil || n == 0 || n > math.MaxInt32 {
		return nil, proto.ErrFieldCount
	}
	if o.Left() != 2*n {
		return nil, wrongArity(c)
	}
	return c.Args[len(c.Args)-2*n:], nil
}

// vetoed reports whether a condition forbids to set the fields: one of them exists, or does not.
func (s *fieldSetting) vetoed(h *store.Hash) bool {
	if !s.fnx && !s.fxx {
		return false
	}
	for i := 0; i < len(s.pairs); i += 2 {
		if exists := h != nil && h.Has(s.pairs[i]); exists == s.fnx {
			return true
		}
	}
	return false
}

// apply sets all fields and their deadlines, and reports whether they are gone because that has passed.
func (s *fieldSetting) apply(c *actor.Call, h *store.Hash) (gone bool) {
	h.Expect(s.pairs)
	for i := 0; i < len(s.pairs); i += 2 {
		field, value := s.pairs[i], s.pairs[i+1]
		if s.expires() {
			h.Update(field, value)
		} else {
			h.Set(field, value)
		}
		if s.unit != nil {
			gone = s.unit.applyTo(c, h, field, s.at)
		}
	}
	return gone
}
