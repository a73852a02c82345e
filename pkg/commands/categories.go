package commands

import (
	"slices"

	"snakecache/pkg/actor"
)

// aclCategories are all there are, in the order in which Redis lists those of a command.
var aclCategories = []string{
	"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog", "geo", "stream",
	"pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection", "transaction", "scripting",
}

// flagCategories are implied by a flag.
var flagCategories = map[string]actor.Flags{
	"read": actor.ReadOnly, "write": actor.Write, "admin": actor.Admin, "dangerous": actor.Admin, "pubsub": actor.PubSub,
	"fast": actor.Fast, "blocking": actor.Blocking,
}

// groupCategories are implied by a group. Redis' group server has none.
var groupCategories = map[string]string{
	"generic": "keyspace", "string": "string", "list": "list", "set": "set", "sorted-set": "sortedset", "hash": "hash",
	"bitmap": "bitmap", "hyperloglog": "hyperloglog", "geo": "geo", "stream": "stream", "pubsub": "pubsub",
	"connection": "connection", "transactions": "transaction", "scripting": "scripting",
}

// categories returns the ACL categories of a command, each with its @. A container has none of its group's, because
// it is nothing that could be called.
func categories(cmd *actor.Command) (names []string) {
	for _, name := range aclCategories {
		if isInCategory(cmd, name) {
			names = append(names, "@"+name)
		}
	}
	return names
}

func isInCategory(cmd *actor.Command, name string) bool {
	switch {
	case slices.Contains(cmd.Categories, "-"+name):
		return false
	case name == "slow":
		return !cmd.Is(actor.Fast)
	case name == "read" && cmd.Group == scriptGroup: // Redis makes an exception of what runs scripts
		return false
	case flagCategories[name] != 0 && cmd.Is(flagCategories[name]):
		return true
	case cmd.Run != nil && groupCategories[cmd.Group] == name:
		return true
	}
	return slices.Contains(cmd.Categories, name)
}
