package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// replicationCommands answer as those of a primary without replicas, which this server always is.
func replicationCommands() []actor.Command {
	const (
		group = "server"
		flags = actor.Admin | actor.NoScript | actor.Stale | actor.NoAsyncLoading
		sync  = actor.Admin | actor.NoScript | actor.NoAsyncLoading | actor.NoMulti
		host  = "<host port | NO ONE>"
		only  = "only NO ONE succeeds"
		never = "no: there is no replication"
	)
	return []actor.Command{
		{Name: "replicaof", Arity: 3, Flags: flags, Run: replicaofCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
			Summary: "Configures a server as replica of another, or promotes it to a master.", Syntax: host, Partly: only},
		{Name: "slaveof", Arity: 3, Flags: flags, Run: replicaofCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Deprecated: "5.0.0", Instead: "`REPLICAOF`",
			Summary: "Sets a Redis server as a replica of another, or promotes it to being a master.", Syntax: host, Partly: only},
		{Name: "replconf", Arity: -1, Flags: actor.Admin | actor.NoScript | actor.Loading | actor.Stale | actor.AllowBusy, Run: noReplicationCommand,
			Group: group, Since: "3.0.0", Complexity: "O(1)",
			Internal: true,
			Summary:  "An internal command for configuring the replication stream.", Partly: never},
		{Name: "psync", Arity: -3, Flags: sync, Run: noReplicationCommand, Group: group, Since: "2.8.0", Complexity: "O(1)",
			Summary: "An internal command used in replication.", Syntax: "replicationid offset", Partly: never},
		{Name: "sync", Arity: 1, Flags: sync, Run: noReplicationCommand, Group: group, Since: "1.0.0", Complexity: "O(1)",
			Summary: "An internal command used in replication.", Partly: never},
		{Name: "failover", Arity: -1, Flags: actor.Admin | actor.NoScript | actor.Stale, Run: failoverCommand, Group: group, Since: "6.2.0",
			Complexity: "O(1)", Summary: "Starts a coordinated failover from a server to one of its replicas.",
			Syntax: "[TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]"},
		{Name: "role", Arity: 1, Flags: actor.NoScript | actor.Loading | actor.Stale | actor.Fast, Run: roleCommand, Group: group, Since: "2.8.12",
			Complexity: "O(1)", Summary: "Returns the replication role.", Categories: []string{"admin", "dangerous"}},
	}
}

// replicaofCommand checks the port as Redis does before it refuses what would make this server a replica.
func replicaofCommand(c *actor.Call) error {
	if proto.EqualFold(c.Args[1], "no") && proto.EqualFold(c.Args[2], "one") {
		c.Reply.OK()
		return nil
	}
	if port, ok := proto.ParseInt(c.Args[2]); !ok || port < 0 || port > 65535 {
		return proto.ErrMasterPort
	}
	return proto.ErrNoReplication
}

func noReplicationCommand(*actor.Call) error { return proto.ErrNoReplication }

// failoverOptions are the words behind FAILOVER. Each may be given once.
type failoverOptions struct{ to, force, timeout bool }

// failoverCommand always fails, for want of replicas, if its arguments are right.
func failoverCommand(c *actor.Call) error {
	if len(c.Args) == 2 && proto.EqualFold(c.Args[1], "abort") {
		return proto.ErrNoFailover
	}
	var given failoverOptions
	for o := c.Args.Options(1); o.More(); {
		if err := given.read(&o); err != nil {
			return err
		}
	}
	return proto.ErrNoReplicas
}

func (f *failoverOptions) read(o *proto.Options) error {
	if timeout, ok := o.WordWith("timeout"); ok && !f.timeout {
		f.timeout = true
		if n, err := integer(timeout); err != nil {
			return err
		} else if n <= 0 {
			return proto.ErrFailoverTimeout
		}
		return nil
	}
	if !f.to && o.Left() > 2 && o.Word("to") {
		f.to = true
		o.Next()
		_, err := integer(o.Next())
		return err
	}
	if !f.force && o.Word("force") {
		f.force = true
		return nil
	}
	return proto.ErrSyntax
}

// roleCommand answers a primary's role: how far its replication has come, and its replicas.
func roleCommand(c *actor.Call) error {
	c.Reply.Array(3)
	c.Reply.BulkString("master")
	c.Reply.Int(0)
	c.Reply.Array(0)
	return nil
}
