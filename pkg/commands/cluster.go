package commands

import (
	"cmp"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// clusterCommands answer as those of a Redis with cluster support disabled, all with the same error.
func clusterCommands() []actor.Command {
	const (
		group     = "cluster"
		handshake = actor.Loading | actor.Stale | actor.Fast
	)
	connection := []string{"connection"}
	return []actor.Command{
		{Name: "cluster", Arity: -2, Group: group, Since: "3.0.0", Complexity: "Depends on subcommand.",
			Summary: "A container for Redis Cluster commands.", Subs: clusterSubcommands()},
		{Name: "readonly", Arity: 1, Flags: handshake, Run: noClusterCommand, Group: group, Since: "3.0.0", Complexity: "O(1)",
			Summary: "Enables read-only queries for a connection to a Redis Cluster replica node.", Categories: connection},
		{Name: "readwrite", Arity: 1, Flags: handshake, Run: noClusterCommand, Group: group, Since: "3.0.0", Complexity: "O(1)",
			Summary: "Enables read-write queries for a connection to a Redis Cluster replica node.", Categories: connection},
		{Name: "asking", Arity: 1, Flags: actor.Fast, Run: noClusterCommand, Group: group, Since: "3.0.0", Complexity: "O(1)",
			Summary: "Signals that a cluster client is following an -ASK redirect.", Categories: connection},
	}
}

func noClusterCommand(*actor.Call) error { return proto.ErrNoCluster }

func clusterSubcommands() []actor.Command {
	const (
		ask    = actor.Stale
		look   = actor.Admin | actor.Stale
		change = actor.Admin | actor.Stale | actor.NoAsyncLoading
		slots  = "O(N) where N is the total number of hash slot arguments"
		ranges = "O(N) where N is the total number of the slots between the start slot and end slot arguments."
		nodes  = "O(N) where N is the total number of Cluster nodes"
	)
	subs := []actor.Command{
		{Name: "addslots", Arity: -3, Flags: change, Complexity: slots, Summary: "Assigns new hash slots to a node.", Syntax: "slot [slot ...]"},
		{Name: "addslotsrange", Arity: -4, Flags: change, Since: "7.0.0", Complexity: ranges,
			Summary: "Assigns new hash slot ranges to a node.", Syntax: "start-slot end-slot [start-slot end-slot ...]"},
		{Name: "bumpepoch", Arity: 2, Flags: change, Summary: "Advances the cluster config epoch.", Tips: changing},
		{Name: "count-failure-reports", Arity: 3, Flags: look, Complexity: "O(N) where N is the number of failure reports",
			Summary: "Returns the number of active failure reports active for a node.", Syntax: "node-id", Tips: changing},
		{Name: "countkeysinslot", Arity: 3, Flags: ask, Summary: "Returns the number of keys in a hash slot.", Syntax: "slot"},
		{Name: "delslots", Arity: -3, Flags: change, Complexity: slots, Summary: "Sets hash slots as unbound for a node.", Syntax: "slot [slot ...]"},
		{Name: "delslotsrange", Arity: -4, Flags: change, Since: "7.0.0", Complexity: ranges,
			Summary: "Sets hash slot ranges as unbound for a node.", Syntax: "start-slot end-slot [start-slot end-slot ...]"},
		{Name: "failover", Arity: -2, Flags: change, Summary: "Forces a replica to perform a manual failover of its master.", Syntax: "[FORCE | TAKEOVER]"},
		{Name: "flushslots", Arity: 2, Flags: change, Summary: "Deletes all slots information from a node."},
		{Name: "forget", Arity: 3, Flags: change, Summary: "Removes a node from the nodes table.", Syntax: "node-id"},
		{Name: "getkeysinslot", Arity: 4, Flags: ask, Complexity: "O(N) where N is the number of requested keys",
			Summary: "Returns the key names in a hash slot.", Syntax: "slot count", Tips: changing},
		{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Since: "5.0.0", Summary: "Returns helpful text about the different subcommands."},
		{Name: "info", Arity: 2, Flags: ask, Summary: "Returns information about the state of a node.", Tips: changing},
		{Name: "keyslot", Arity: 3, Flags: ask, Complexity: "O(N) where N is the number of bytes in the key",
			Summary: "Returns the hash slot for a key.", Syntax: "key"},
		{Name: "links", Arity: 2, Flags: ask, Since: "7.0.0", Complexity: nodes,
			Summary: "Returns a list of all TCP links to and from peer nodes.", Tips: changing},
		{Name: "meet", Arity: -4, Flags: change, Summary: "Forces a node to handshake with another node.", Syntax: "ip port [cluster-bus-port]"},
		{Name: "myid", Arity: 2, Flags: ask, Summary: "Returns the ID of a node."},
		{Name: "myshardid", Arity: 2, Flags: ask, Since: "7.2.0", Summary: "Returns the shard ID of a node.", Tips: changing},
		{Name: "nodes", Arity: 2, Flags: ask, Complexity: nodes, Summary: "Returns the cluster configuration for a node.", Tips: changing},
		{Name: "replicas", Arity: 3, Flags: look, Since: "5.0.0", Complexity: "O(N) where N is the number of replicas.",
			Summary: "Lists the replica nodes of a master node.", Syntax: "node-id", Tips: changing},
		{Name: "replicate", Arity: 3, Flags: change, Summary: "Configure a node as replica of a master node.", Syntax: "node-id"},
		{Name: "reset", Arity: -2, Flags: look | actor.NoScript, Summary: "Resets a node.", Syntax: "[HARD | SOFT]",
			Complexity: "O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect."},
		{Name: "saveconfig", Arity: 2, Flags: change, Summary: "Forces a node to save the cluster configuration to disk."},
		{Name: "set-config-epoch", Arity: 3, Flags: change, Summary: "Sets the configuration epoch for a new node.", Syntax: "config-epoch"},
		{Name: "setslot", Arity: -4, Flags: change, Summary: "Binds a hash slot to a node.",
			Syntax: "slot <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>"},
		{Name: "shards", Arity: 2, Flags: ask, Since: "7.0.0", Complexity: nodes,
			Summary: "Returns the mapping of cluster slots to shards.", Tips: changing},
		{Name: "slaves", Arity: 3, Flags: look, Complexity: "O(N) where N is the number of replicas.",
			Deprecated: "5.0.0", Instead: "`CLUSTER REPLICAS`",
			Summary: "Lists the replica nodes of a master node.", Syntax: "node-id", Tips: changing},
		{Name: "slots", Arity: 2, Flags: ask, Complexity: nodes,
			Deprecated: "7.0.0", Instead: "`CLUSTER SHARDS`",
			Summary: "Returns the mapping of cluster slots to nodes.", Tips: changing},
	}
	for i := range subs {
		sub := &subs[i]
		sub.Run, sub.Group = noClusterCommand, "cluster"
		sub.Since = cmp.Or(sub.Since, "3.0.0")
		sub.Complexity = cmp.Or(sub.Complexity, "O(1)")
	}
	return subs
}

// changing is the tip of commands whose answers are not the same twice.
var changing = []string{"nondeterministic_output"}
