package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// setOptions are the words behind SET's value.
type setOptions struct {
	writeOptions
	condition valueCondition
	get       bool
}

// writeOptions say when SET and MSETEX write, and what becomes of the deadline.
type writeOptions struct {
	expiry          expiryOption
	nx, xx, keepTTL bool
}

// take consumes one of the options if it goes with those before it.
func (w *writeOptions) take(o *proto.Options) bool {
	switch {
	case !w.xx && o.Word("nx"):
		w.nx = true
	case !w.nx && o.Word("xx"):
		w.xx = true
	case !w.expiry.given() && o.Word("keepttl"):
		w.keepTTL = true
	default:
		return !w.keepTTL && w.expiry.take(o)
	}
	return true
}

// forbids reports whether NX or XX is against writing a key that exists or not.
func (w *writeOptions) forbids(exists bool) bool { return w.nx && exists || w.xx && !exists }

// write makes key hold value, until what expiry.deadline returned if that option was given.
func (w *writeOptions) write(c *actor.Call, key, value []byte, atMs int64) {
	setString(c, key, value, w.keepTTL || w.expiry.given())
	if w.expiry.given() {
		w.expiry.apply(c, key, atMs)
		c.Changed(key, "expire")
	}
}

func readSetOptions(o proto.Options) (s setOptions, err error) {
	for o.More() {
		switch {
		case o.Word("get"):
			s.get = true
		case !s.nx && !s.xx && s.condition.take(&o):
		case s.condition.given() && (o.Word("nx") || o.Word("xx")):
			return s, proto.ErrSyntax
		case s.take(&o):
		default:
			return s, proto.ErrSyntax
		}
	}
	return s, nil
}

// allow reports whether the options let SET write over what key holds.
func (s *setOptions) allow(c *actor.Call, key []byte) (bool, error) {
	switch {
	case s.condition.given():
		old, err := store.FindForWrite[*store.String](c.Keys(), key)
		if err != nil {
			return false, err
		}
		return s.condition.holds(old)
	case s.nx || s.xx:
		return !s.forbids(c.Keys().Take(key) != nil), nil
	}
	return true, nil
}

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
	allowed, err := options.allow(c, key)
	if err != nil {
		return err
	}
	if allowed {
		options.write(c, key, value, at)
	}
	switch {
	case options.get:
	case allowed:
		c.Reply.OK()
	default:
		c.Reply.Null()
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

// msetexCommand is MSET with a count before the pairs and SET's options behind them.
func msetexCommand(c *actor.Call) error {
	pairs, options, err := readMsetex(c)
	if err != nil {
		return err
	}
	at, err := options.expiry.deadline(c)
	if err != nil {
		return err
	}
	for i := 0; i < len(pairs) && (options.nx || options.xx); i += 2 {
		if options.forbids(c.Keys().Take(pairs[i]) != nil) {
			c.Reply.Flag(false)
			return nil
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		options.write(c, pairs[i], pairs[i+1], at)
	}
	c.Reply.Flag(true)
	return nil
}

// readMsetex returns the keys and values in turn.
func readMsetex(c *actor.Call) (pairs [][]byte, options writeOptions, err error) {
	const before = 2 // the command's name, and the count
	count, ok := proto.ParseInt(c.Args[1])
	switch {
	case !ok || count <= 0 || count > math.MaxInt32:
		return nil, options, proto.ErrMsetexNumKeys
	case 2*count > int64(len(c.Args)-before):
		return nil, options, proto.ErrPairs
	}
	end := before + 2*int(count)
	for o := c.Args.Options(end); o.More(); {
		if !options.take(&o) {
			return nil, options, proto.ErrSyntax
		}
	}
	return c.Args[before:end], options, nil
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
