package commands

import (
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
