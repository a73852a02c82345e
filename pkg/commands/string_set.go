package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// setOptions are the words behind SET's value.
type setOptions struct {
	expiry               expiryOption
	nx, xx, get, keepTTL bool
}

func readSetOptions(o proto.Options) (s setOptions, err error) {
	for o.More() {
		switch {
		case !s.xx && o.Word("nx"):
			s.nx = true
		case !s.nx && o.Word("xx"):
			s.xx = true
		case o.Word("get"):
			s.get = true
		case !s.expiry.given() && o.Word("keepttl"):
			s.keepTTL = true
		case !s.keepTTL && s.expiry.take(&o):
		default:
			return s, proto.ErrSyntax
		}
	}
	return s, nil
}

// vetoed reports whether NX or XX forbids to set a key that exists or not.
func (s *setOptions) vetoed(exists bool) bool { return s.nx && exists || s.xx && !exists }

func setCommand(c *actor.Call) error {
	key, value := c.Args[1], c.Args[2]
	options, err := readSetOptions(c.Args.Options(3))
	if err != nil {
		return err
	}
	at, err := options.expiry.deadline(c)
	if err != nil {
		return err
	}
	if options.get {
		if _, err := replyValue(c, key); err != nil {
			return err
		}
	}
	vetoed := (options.nx || options.xx) && options.vetoed(c.Keys().Take(key) != nil)
	if !vetoed {
		setString(c, key, value, options.keepTTL || options.expiry.given())
		if options.expiry.given() {
			options.expiry.apply(c, key, at)
			c.Changed(key, "expire")
		}
	}
	switch {
	case options.get:
	case vetoed:
		c.Reply.Null()
	default:
		c.Reply.OK()
	}
	return nil
}

// setString makes key hold value. The deadline it may have stays if keepTTL is true.
func setString(c *actor.Call, key, value []byte, keepTTL bool) {
	c.Keys().SetString(key, value, keepTTL)
	c.Changed(key, "set")
}

func setexCommand(c *actor.Call) error  { return setFor(c, expiryUnit{ms: inSeconds}) }
func psetexCommand(c *actor.Call) error { return setFor(c, expiryUnit{ms: inMilliseconds}) }

// setFor sets a key for a number of units.
func setFor(c *actor.Call, unit expiryUnit) error {
	at, err := unit.future(c, c.Args[2])
	if err != nil {
		return err
	}
	key := c.Args[1]
	setString(c, key, c.Args[3], true)
	unit.apply(c, key, at)
	c.Changed(key, "expire")
	c.Reply.OK()
	return nil
}

func setnxCommand(c *actor.Call) error {
	vacant := c.Keys().Take(c.Args[1]) == nil
	if vacant {
		setString(c, c.Args[1], c.Args[2], false)
	}
	c.Reply.Flag(vacant)
	return nil
}

func getsetCommand(c *actor.Call) error {
	if _, err := replyValue(c, c.Args[1]); err != nil {
		return err
	}
	setString(c, c.Args[1], c.Args[2], false)
	return nil
}

func msetCommand(c *actor.Call) error {
	if !paired(c) {
		return wrongArity(c)
	}
	setAll(c)
	c.Reply.OK()
	return nil
}

func msetnxCommand(c *actor.Call) error {
	if !paired(c) {
		return wrongArity(c)
	}
	for i := 1; i < len(c.Args); i += 2 {
		if c.Keys().Take(c.Args[i]) != nil {
			c.Reply.Flag(false)
			return nil
		}
	}
	setAll(c)
	c.Reply.Flag(true)
	return nil
}

// paired reports whether every key among the arguments has a value behind it.
func paired(c *actor.Call) bool { return len(c.Args)%2 == 1 }

func setAll(c *actor.Call) {
	for i := 1; i < len(c.Args); i += 2 {
		setString(c, c.Args[i], c.Args[i+1], false)
	}
}

// appendCommand makes a new key as SET does, so that a number is kept as one, and an existing value raw.
func appendCommand(c *actor.Call) error {
	key, tail := c.Args[1], c.Args[2]
	s, err := store.FindForWrite[*store.String](c.Keys(), key)
	if err != nil {
		return err
	}
	length := lengthOf(s)
	if err := checkLength(c, length, len(tail)); err != nil {
		return err
	}
	if s == nil {
		c.Keys().SetString(key, tail, false)
	} else {
		s.Append(tail)
	}
	c.Changed(key, "append")
	c.Reply.Count(length + len(tail))
	return nil
}

func setrangeCommand(c *actor.Call) error {
	key, part := c.Args[1], c.Args[3]
	offset, err := integer(c.Args[2])
	if err != nil {
		return err
	}
	if offset < 0 {
		return proto.ErrOffsetRange
	}
	s, err := store.FindForWrite[*store.String](c.Keys(), key)
	if err != nil {
		return err
	}
	if len(part) == 0 {
		c.Reply.Count(lengthOf(s))
		return nil
	}
	if err := checkLength(c, int(offset), len(part)); err != nil {
		return err
	}
	length := editString(c, key, s).SetRange(int(offset), part)
	c.Changed(key, "setrange")
	c.Reply.Count(length)
	return nil
}

// setrangeGrows is the padding up to the offset.
func setrangeGrows(c *actor.Call) int64 {
	offset, err := integer(c.Args[2])
	if err != nil || offset < 0 || checkLength(c, int(offset), len(c.Args[3])) != nil {
		return 0
	}
	if e := c.Keys().Peek(c.Args[1]); e != nil {
		offset -= int64(e.Value().Len())
	}
	return max(0, offset)
}

// checkLength refuses to let a string grow beyond proto-max-bulk-len. The sum of two lengths fits into 64 bits
// without a sign.
func checkLength(c *actor.Call, length, more int) error {
	if uint64(length)+uint64(more) > uint64(c.Bounds().MaxBulk) {
		return proto.ErrStringTooLong
	}
	return nil
}
