package commands

import (
	"math"
	"strconv"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func incrCommand(c *actor.Call) error { return increment(c, 1) }
func decrCommand(c *actor.Call) error { return increment(c, -1) }

func incrbyCommand(c *actor.Call) error {
	delta, err := integer(c.Args[2])
	if err != nil {
		return err
	}
	return increment(c, delta)
}

func decrbyCommand(c *actor.Call) error {
	delta, err := integer(c.Args[2])
	if err != nil {
		return err
	}
	if delta == math.MinInt64 {
		return proto.ErrDecrOverflow
	}
	return increment(c, -delta)
}

// increment adds delta to the integer that the key holds, 0 if it does not exist.
func increment(c *actor.Call, delta int64) error {
	key := c.Args[1]
	s, err := store.FindForWrite[*store.String](c.Keys(), key)
	if err != nil {
		return err
	}
	n, err := integerOf(s)
	if err != nil {
		return err
	}
	if delta > 0 && n > math.MaxInt64-delta || delta < 0 && n < math.MinInt64-delta {
		return proto.ErrOverflow
	}
	n += delta
	if s == nil {
		c.Keys().SetString(key, strconv.AppendInt(nil, n, 10), false)
	} else {
		s.SetInteger(n)
	}
	c.Changed(key, "incrby")
	c.Reply.Int(n)
	return nil
}

// integerOf reads a stored string as an integer; no string is 0.
func integerOf(s *store.String) (int64, error) {
	if s == nil {
		return 0, nil
	}
	if n, ok := s.Integer(); ok {
		return n, nil
	}
	return integer(s.Bytes())
}

// incrbyfloatCommand leaves text behind even where the sum is an integer: OBJECT ENCODING says embstr.
func incrbyfloatCommand(c *actor.Call) error {
	key := c.Args[1]
	s, err := store.FindForWrite[*store.String](c.Keys(), key)
	if err != nil {
		return err
	}
	text, err := addFloat(s, c.Args[2])
	if err != nil {
		return err
	}
	editString(c, key, s).SetText(text)
	c.Changed(key, "incrbyfloat")
	c.Reply.Bulk(text)
	return nil
}

// addFloat returns the sum of a stored string, 0 if there is none, and an argument, as text.
func addFloat(s *store.String, arg []byte) (text []byte, err error) {
	stored := []byte("0")
	if s != nil {
		stored = s.Bytes()
	}
	value, err := parseLongDouble(stored)
	if err != nil {
		return nil, err
	}
	delta, err := parseLongDouble(arg)
	if err != nil {
		return nil, err
	}
	sum, err := value.add(delta)
	if err != nil {
		return nil, err
	}
	return sum.append(nil), nil
}
