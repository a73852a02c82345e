package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func waitCommands() []actor.Command {
	tips := []string{"request_policy:all_shards", "response_policy:agg_min"}
	categories := []string{"connection", "-keyspace"}
	return []actor.Command{
		{Name: "wait", Arity: 3, Flags: actor.Blocking, Run: waitCommand, Group: "generic", Since: "3.0.0", Complexity: "O(1)",
			Summary: "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.",
			Syntax:  "numreplicas timeout", Categories: categories, Tips: tips},
		{Name: "waitaof", Arity: 4, Flags: actor.Blocking, Run: waitaofCommand, Group: "generic", Since: "7.2.0", Complexity: "O(1)",
			Summary: "Blocks until all of the preceding write commands sent by the connection are written to the append-only file of the master and/or replicas.",
			Syntax:  "numlocal numreplicas timeout", Categories: categories, Tips: tips},
	}
}

// waitCommand waits for replicas. There are none: whoever wants any waits until the time is over.
func waitCommand(c *actor.Call) error {
	replicas, err := integer(c.Args[1])
	if err != nil {
		return err
	}
	untilMs, err := readWaitMs(c, c.Args[2])
	if err != nil {
		return err
	}
	if replicas <= 0 {
		noReplica(c)
		return nil
	}
	return c.Block(actor.Wait{Args: c.Args, UntilMs: untilMs, Unserved: noReplica})
}

func noReplica(c *actor.Call) { c.Reply.Int(0) }

// waitaofCommand waits for append-only files, of which there is none here, and none of a replica.
func waitaofCommand(c *actor.Call) error {
	local, err := integer(c.Args[1])
	switch {
	case err != nil:
		return err
	case local < 0 || local > 1:
		return proto.ErrNumLocal
	}
	replicas, err := natural(c.Args[2], proto.ErrNotPositive)
	if err != nil {
		return err
	}
	untilMs, err := readWaitMs(c, c.Args[3])
	switch {
	case err != nil:
		return err
	case local > 0:
		return proto.ErrNoAppendOnly
	case replicas == 0:
		noFile(c)
		return nil
	}
	return c.Block(actor.Wait{Args: c.Args, UntilMs: untilMs, Unserved: noFile})
}

// noFile answers how many files are up to date: none here, none of replicas.
func noFile(c *actor.Call) {
	c.Reply.Array(2)
	c.Reply.Int(0)
	c.Reply.Int(0)
}
