package commands

import (
	"math"

	"snakecache/pkg/actor"
	"snakecache/pkg/glob"
	"snakecache/pkg/proto"
)

// hscanCommand, like Redis, looks at its options only if there is a hash.
func hscanCommand(c *actor.Call) error {
	cursor, ok := proto.ParseUint(c.Args[2])
	if !ok {
		return proto.ErrInvalidCursor
	}
	h, err := findHash(c)
	if err != nil {
		return err
	}
	if h == nil {
		c.Reply.EndScan(c.Reply.DeferArray(), 0, 0)
		return nil
	}
	scan, err := readFieldScan(c.Args.Options(3), true)
	if err != nil {
		return err
	}
	list, n := c.Reply.DeferArray(), 0
	next := h.Scan(cursor, scan.count, func(field, value []byte) {
		n += scan.reply(c.Reply, field, value)
	})
	c.Reply.EndScan(list, next, n)
	return nil
}

// fieldScan is what HSCAN's options ask for.
type fieldScan struct {
	count    int
	pattern  []byte // nil = any field
	noValues bool
}

// readFieldScan reads MATCH, COUNT and, of a hash, NOVALUES; of an option given twice the last one counts.
func readFieldScan(o proto.Options, ofHash bool) (scan fieldScan, err error) {
	scan.count = defaultScanCount
	for o.More() {
		if pattern, ok := o.WordWith("match"); ok {
			scan.pattern = pattern
		} else if arg, ok := o.WordWith("count"); ok {
			n, err := integer(arg)
			if err == nil && n < 1 {
				err = proto.ErrSyntax
			}
			if err != nil {
				return scan, err
			}
			scan.count = int(min(n, math.MaxInt))
		} else if o.Word("novalues") {
			if !ofHash {
				return scan, proto.ErrNoValues
			}
			scan.noValues = true
		} else {
			return scan, proto.ErrSyntax
		}
	}
	return scan, nil
}

// reply writes a field that was met if it is wanted, and returns of how many values that is.
func (scan *fieldScan) reply(r *proto.Reply, field, value []byte) int {
	if scan.pattern != nil && string(scan.pattern) != "*" && !glob.Match(scan.pattern, field, false) {
		return 0
	}
	r.Bulk(field)
	if scan.noValues {
		return 1
	}
	r.BulkRef(value)
	return 2
}
