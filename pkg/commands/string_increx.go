package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// increxOptions are INCREX's words. A word that is given twice is a syntax error, other than with SET.
type increxOptions struct {
	expiry             expiryOption
	nx, xx             bool
	persist, enx       bool // ENX: only a key without a deadline gets one
	saturate           bool
	by                 []byte // BYINT's or BYFLOAT's; nil is 1
	float              bool
	lowerArg, upperArg []byte
}

func readIncrexOptions(o proto.Options) (x increxOptions, err error) {
	for o.More() {
		if !x.takeFlag(&o) && !x.takeNumber(&o) && (x.persist || x.expiry.given() || !x.expiry.take(&o)) {
			return x, proto.ErrSyntax
		}
	}
	if x.enx && !x.expiry.given() {
		return x, proto.ErrENX
	}
	return x, nil
}

// takeFlag consumes a word that stands for itself.
func (x *increxOptions) takeFlag(o *proto.Options) bool {
	switch {
	case !x.nx && !x.xx && o.Word("nx"):
		x.nx = true
	case !x.nx && !x.xx && o.Word("xx"):
		x.xx = true
	case !x.persist && !x.enx && !x.expiry.given() && o.Word("persist"):
		x.persist = true
	case !x.enx && !x.persist && o.Word("enx"):
		x.enx = true
	case !x.saturate && o.Word("saturate"):
		x.saturate = true
	default:
		return false
	}
	return true
}

// takeNumber consumes a word with a number behind it, which is read when it is known of which kind all of them are.
func (x *increxOptions) takeNumber(o *proto.Options) bool {
	for _, option := range [...]struct {
		word string
		arg  *[]byte
	}{{"byint", &x.by}, {"byfloat", &x.by}, {"lbound", &x.lowerArg}, {"ubound", &x.upperArg}} {
		if *option.arg != nil {
			continue
		}
		if arg, ok := o.WordWith(option.word); ok {
			*option.arg = arg
			x.float = x.float || option.word == "byfloat"
			return true
		}
	}
	return false
}

func increxCommand(c *actor.Call) error {
	options, err := readIncrexOptions(c.Args.Options(2))
	if err != nil {
		return err
	}
	if options.float {
		return increxFloat(c, &options)
	}
	return increxInteger(c, &options)
}

// increxInteger answers the new value and what was added, or what is there and 0 if nothing is done.
func increxInteger(c *actor.Call, x *increxOptions) error {
	by, lower, upper, err := x.integers()
	if err != nil {
		return err
	}
	s, at, err := x.find(c)
	if err != nil {
		return err
	}
	was, err := integerOf(s)
	if err != nil {
		return err
	}
	is, apply := addWithin(was, by, lower, upper, x.saturate)
	if apply = apply && x.allow(s); !apply {
		is = was
	}
	applied := is - was
	if (is < was) != (applied < 0) {
		return proto.ErrAppliedOverflow
	}
	if apply {
		x.write(c, s, at, "incrby", func(s *store.String) { s.SetInteger(is) })
	}
	c.Reply.Array(2)
	c.Reply.Int(is)
	c.Reply.Int(applied)
	return nil
}

// find returns the value, and the deadline in unix milliseconds that the key is to get.
func (x *increxOptions) find(c *actor.Call) (s *store.String, atMs int64, err error) {
	if atMs, err = x.expiry.deadline(c); err == nil {
		s, err = store.FindForWrite[*store.String](c.Keys(), c.Args[1])
	}
	return s, atMs, err
}

// integers reads the increment and the bounds.
func (x *increxOptions) integers() (by, lower, upper int64, err error) {
	if by, err = integerNamed(x.by, "Increment", 1); err != nil {
		return
	}
	if lower, err = integerNamed(x.lowerArg, "LBOUND", math.MinInt64); err != nil {
		return
	}
	if upper, err = integerNamed(x.upperArg, "UBOUND", math.MaxInt64); err == nil && lower > upper {
		err = proto.ErrBounds
	}
	return
}

// integerNamed reads one of several numbers, which is missing if it is nil.
func integerNamed(arg []byte, name string, missing int64) (int64, error) {
	if arg == nil {
		return missing, nil
	}
	n, ok := proto.ParseInt(arg)
	if !ok {
		return 0, proto.ErrNotIntNamed(name)
	}
	return n, nil
}

// addWithin returns the sum if it lies between the bounds, else with saturate the nearest of them.
func addWithin(n, by, lower, upper int64, saturate bool) (sum int64, ok bool) {
	sum = n + by
	overflows := by != 0 && (sum > n) != (by > 0)
	switch {
	case overflows && by > 0 || !overflows && sum > upper:
		return upper, saturate
	case overflows || sum < lower:
		return lower, saturate
	}
	return sum, true
}

// allow reports whether NX and XX let a key that exists or not be changed.
func (x *increxOptions) allow(s *store.String) bool { return !(x.nx && s != nil || x.xx && s == nil) }

// write has the value set, and then the deadline. A key whose deadline has passed already is deleted at once, or never
// made.
func (x *increxOptions) write(c *actor.Call, s *store.String, atMs int64, event string, set func(*store.String)) {
	key := c.Args[1]
	expires := x.expiry.given()
	if expires && x.enx {
		if e := c.Keys().Peek(key); e != nil && e.Deadline() != 0 {
			expires = false
		}
	}
	if expires && atMs <= c.Now() {
		if c.Keys().Delete(key) {
			c.Changed(key, "del")
		}
		return
	}
	set(editString(c, key, s))
	c.Changed(key, event)
	switch {
	case expires:
		x.expiry.apply(c, key, atMs)
		c.Changed(key, "expire")
	case x.persist && c.Keys().Persist(key):
		c.Changed(key, "persist")
	}
}

// increxFloat is increxInteger with long doubles.
func increxFloat(c *actor.Call, x *increxOptions) error {
	by, lower, upper, err := x.floats()
	if err != nil {
		return err
	}
	s, at, err := x.find(c)
	if err != nil {
		return err
	}
	was, err := floatOf(s)
	if err != nil {
		return err
	}
	is, apply := was.addWithin(by, lower, upper, x.saturate)
	if apply = apply && x.allow(s); !apply {
		is = was
	}
	applied, err := is.minus(was)
	if err != nil {
		return proto.ErrAppliedInfinite
	}
	text := is.append(nil)
	if apply {
		x.write(c, s, at, "incrbyfloat", func(s *store.String) { s.SetText(text) })
	}
	c.Reply.Array(2)
	c.Reply.Decimal(text)
	c.Reply.Decimal(applied.append(nil))
	return nil
}

// floats reads the increment, which must be finite, and the bounds, which need not.
func (x *increxOptions) floats() (by, lower, upper *longDouble, err error) {
	if by, err = floatNamed(x.by, "Increment", nil); err != nil {
		return
	}
	if by.IsInf() {
		return nil, nil, nil, proto.ErrInfiniteOperand
	}
	if lower, err = floatNamed(x.lowerArg, "LBOUND", leastLongDouble()); err != nil {
		return
	}
	if upper, err = floatNamed(x.upperArg, "UBOUND", greatestLongDouble()); err == nil && lower.Cmp(&upper.Float) > 0 {
		err = proto.ErrBounds
	}
	return
}

// floatNamed is integerNamed for a long double.
func floatNamed(arg []byte, name string, missing *longDouble) (*longDouble, error) {
	if arg == nil {
		return missing, nil
	}
	d, err := parseLongDouble(arg)
	if err != nil {
		err = proto.ErrNotFloatNamed(name)
	}
	return d, err
}

// floatOf reads a stored string as a finite long double; no string is 0.
func floatOf(s *store.String) (*longDouble, error) {
	if s == nil {
		return parseLongDouble([]byte("0"))
	}
	d, err := parseLongDouble(s.Peek())
	if err == nil && d.IsInf() {
		err = proto.ErrInfiniteValue
	}
	return d, err
}
