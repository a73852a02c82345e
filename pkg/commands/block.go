package commands

import (
	"math"
	"math/big"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// await makes the client wait until one of the keys holds a value of a type, or the time is over.
func await(c *actor.Call, kind store.Type, keys [][]byte, untilMs int64) error {
	return c.Block(actor.Wait{Args: c.Args, Keys: keys, Type: kind, UntilMs: untilMs, Unserved: noneCame})
}

func noneCame(c *actor.Call) { c.Reply.NullArray() }

// wholeSeconds is how many seconds may be multiplied without a look at the product.
const wholeSeconds = math.MaxInt32

// readWait reads for how many seconds a command may wait, with fractions of which the last millisecond counts in full.
// It returns until when that is by Call.Monotonic; 0 = for ever.
func readWait(c *actor.Call, arg []byte) (untilMs int64, err error) {
	if seconds, ok := proto.ParseInt(arg); ok && 0 <= seconds && seconds <= wholeSeconds {
		return waitEnd(c, 1000*seconds)
	}
	d, err := parseLongDouble(arg)
	if err != nil {
		return 0, proto.ErrTimeoutNotFloat
	}
	d.Mul(&d.Float, big.NewFloat(1000))
	ms, rounded := d.Int64()
	switch {
	case rounded == big.Below && ms == math.MaxInt64:
		return 0, proto.ErrTimeoutRange
	case rounded == big.Below:
		ms++
	}
	return waitEnd(c, ms)
}

// readWaitMs is readWait for a whole number of milliseconds.
func readWaitMs(c *actor.Call, arg []byte) (untilMs int64, err error) {
	ms, ok := proto.ParseInt(arg)
	if !ok {
		return 0, proto.ErrTimeoutNotInt
	}
	return waitEnd(c, ms)
}

// waitEnd returns when ms milliseconds are over, or 0 if they are none. Redis refuses what ends behind the end of unix time.
func waitEnd(c *actor.Call, ms int64) (untilMs int64, err error) {
	switch {
	case ms < 0:
		return 0, proto.ErrTimeoutNegative
	case ms > math.MaxInt64-c.Now():
		return 0, proto.ErrTimeoutRange
	case ms == 0:
		return 0, nil
	}
	return c.Monotonic() + ms, nil
}
