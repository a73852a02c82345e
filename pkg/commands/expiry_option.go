package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// expiryUnit is one of the ways in which a request gives a deadline.
type expiryUnit struct {
	word     string
	ms       int64
	absolute bool // counted from 1970, else from now
}

// expiryUnits are the words of SET and GETEX. SETEX and PSETEX give theirs by the command's name.
var expiryUnits = [...]expiryUnit{
	{word: "ex", ms: inSeconds},
	{word: "px", ms: inMilliseconds},
	{word: "exat", ms: inSeconds, absolute: true},
	{word: "pxat", ms: inMilliseconds, absolute: true},
}

// expiryOption is the deadline among a command's options; the zero value is none.
type expiryOption struct {
	unit  *expiryUnit
	value []byte
}

func (x *expiryOption) given() bool { return x.unit != nil }

// take consumes an option that gives a deadline. As in Redis the same word may come again, and its last value counts;
// two different ones are a syntax error, which the caller finds because the second is not taken.
func (x *expiryOption) take(o *proto.Options) bool {
	for i := range expiryUnits {
		unit := &expiryUnits[i]
		if x.given() && x.unit != unit {
			continue
		}
		if value, ok := o.WordWith(unit.word); ok {
			x.unit, x.value = unit, value
			return true
		}
	}
	return false
}

// deadline returns when the key is to expire in unix milliseconds, or 0 if the option was not given.
func (x *expiryOption) deadline(c *actor.Call) (atMs int64, err error) {
	if !x.given() {
		return 0, nil
	}
	return x.unit.future(c, x.value)
}

// apply makes the existing key expire at what deadline returned.
func (x *expiryOption) apply(c *actor.Call, key []byte, atMs int64) { x.unit.apply(c, key, atMs) }

// future reads a number of units. Unlike EXPIRE, SET and its kind refuse 0 and less; an absolute time may still lie in
// the past.
func (u *expiryUnit) future(c *actor.Call, arg []byte) (atMs int64, err error) {
	n, err := integer(arg)
	if err != nil {
		return 0, err
	}
	atMs, ok := u.deadline(c, n)
	if n <= 0 || !ok {
		return 0, proto.ErrInvalidExpire(c.Command.Name)
	}
	return atMs, nil
}

// deadline returns n units from the unit's origin in unix milliseconds, unless that overflows. Negative n are not
// refused: they are times that have passed.
func (u *expiryUnit) deadline(c *actor.Call, n int64) (atMs int64, ok bool) {
	if n > math.MaxInt64/u.ms || n < math.MinInt64/u.ms {
		return 0, false
	}
	base := c.Now()
	if u.absolute {
		base = 0
	}
	return n*u.ms + base, n*u.ms <= math.MaxInt64-base
}

// apply makes the existing key expire at what deadline returned. A time from now rides on a clock that never jumps, a
// date on the wall clock.
func (u *expiryUnit) apply(c *actor.Call, key []byte, atMs int64) {
	if u.absolute {
		c.Keys().ExpireAt(key, atMs)
	} else {
		c.Keys().ExpireAfter(key, atMs-c.Now())
	}
}
