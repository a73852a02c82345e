package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// wrongArity is for the few commands whose number of arguments the row cannot express.
func wrongArity(c *actor.Call) error { return proto.ErrArity(c.Command.FullName()) }

// integer reads an argument as an int64.
func integer(arg []byte) (int64, error) {
	n, ok := proto.ParseInt(arg)
	if !ok {
		return 0, proto.ErrNotInt
	}
	return n, nil
}

// position reads an argument as an index into a collection. Where an int is shorter than an int64 it becomes the nearest
// int, which is as far beyond any of them.
func position(arg []byte) (int, error) {
	n, err := integer(arg)
	return int(max(-math.MaxInt, min(n, math.MaxInt))), err
}

// natural reads an argument as a number of elements. To anything else Redis has but one answer, refusal.
func natural(arg []byte, refusal proto.Error) (int, error) {
	n, err := position(arg)
	if err != nil || n < 0 {
		return 0, refusal
	}
	return n, nil
}

// negatable reads an argument whose sign is a direction. The least integer has no opposite.
func negatable(arg []byte) (int, error) {
	if n, err := integer(arg); err == nil && n == math.MinInt64 {
		return 0, proto.ErrNotNegatable
	}
	return position(arg)
}

// readRandomCount reads how many elements are wanted, different ones or, negative, any, and whether a word asks for what
// belongs to them.
func readRandomCount(c *actor.Call, word string) (count int, withRest bool, err error) {
	if count, err = negatable(c.Args[2]); err != nil {
		return 0, false, err
	}
	o := c.Args.Options(3)
	withRest = o.Word(word)
	switch {
	case o.More():
		return 0, false, proto.ErrSyntax
	case withRest && (count < -math.MaxInt/2 || count > math.MaxInt/2):
		return 0, false, proto.ErrOutOfRange
	}
	return count, withRest, nil
}

// onOff reads an argument that switches something.
func onOff(arg []byte) (on bool, err error) {
	switch {
	case proto.EqualFold(arg, "on"):
		return true, nil
	case proto.EqualFold(arg, "off"):
		return false, nil
	}
	return false, proto.ErrSyntax
}
