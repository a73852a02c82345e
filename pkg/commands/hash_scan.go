package commands

import (
	"snakecache/pkg/actor"
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
	page, n := c.Reply.DeferPage(), 0
	if h == nil {
		c.Reply.EndPage(page, 0, 0)
		return nil
	}
	scan, err := readFieldScan(c.Args.Options(3))
	if err != nil {
		return err
	}
	next := h.Scan(cursor, scan.count, func(field, value []byte) {
		n += scan.reply(c.Reply, field, value)
	})
	c.Reply.EndPage(page, next, n)
	return nil
}

// fieldScan is what HSCAN's options ask for.
type fieldScan struct {
	elementScan
	noValues bool
}

// readFieldScan reads NOVALUES and what all scans have; of an option given twice the last one counts.
func readFieldScan(o proto.Options) (scan fieldScan, err error) {
	scan.count = defaultScanCount
	for err == nil && o.More() {
		if o.Word("novalues") {
			scan.noValues = true
		} else {
			err = scan.readOption(&o)
		}
	}
	return scan, err
}

// reply writes a field that was met if it is wanted, and returns of how many values that is.
func (scan *fieldScan) reply(r *proto.Reply, field, value []byte) int {
	if !scan.accepts(field) {
		return 0
	}
	r.Bulk(field)
	if scan.noValues {
		return 1
	}
	r.BulkRef(value)
	return 2
}
