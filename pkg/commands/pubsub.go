package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/glob"
	"snakecache/pkg/proto"
)

func pubsubCommands() []actor.Command {
	const (
		group     = "pubsub"
		subscribe = actor.PubSub | actor.NoScript | actor.Loading | actor.Stale | actor.Subscribed
		publish   = actor.PubSub | actor.Loading | actor.Stale | actor.Fast | actor.MayReplicate
	)
	return []actor.Command{
		{Name: "subscribe", Arity: -2, Flags: subscribe, Run: subscribeCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) where N is the number of channels to subscribe to.",
			Summary:    "Listens for messages published to channels.", Syntax: "channel [channel ...]"},
		{Name: "unsubscribe", Arity: -1, Flags: subscribe, Run: unsubscribeCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) where N is the number of channels to unsubscribe.",
			Summary:    "Stops listening to messages posted to channels.", Syntax: "[channel [channel ...]]"},
		{Name: "psubscribe", Arity: -2, Flags: subscribe, Run: psubscribeCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) where N is the number of patterns to subscribe to.",
			Summary:    "Listens for messages published to channels that match one or more patterns.",
			Syntax:     "pattern [pattern ...]"},
		{Name: "punsubscribe", Arity: -1, Flags: subscribe, Run: punsubscribeCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) where N is the number of patterns to unsubscribe.",
			Summary:    "Stops listening to messages published to channels that match one or more patterns.",
			Syntax:     "[pattern [pattern ...]]"},
		{Name: "ssubscribe", Arity: -2, Flags: subscribe, Keys: actor.KeysFrom(1, 1, actor.NotKey), Run: ssubscribeCommand,
			Group: group, Since: "7.0.0", Complexity: "O(N) where N is the number of shard channels to subscribe to.",
			Summary: "Listens for messages published to shard channels.", Syntax: "shardchannel [shardchannel ...]"},
		{Name: "sunsubscribe", Arity: -1, Flags: subscribe, Keys: actor.KeysFrom(1, 1, actor.NotKey), Run: sunsubscribeCommand,
			Group: group, Since: "7.0.0", Complexity: "O(N) where N is the number of shard channels to unsubscribe.",
			Summary: "Stops listening to messages posted to shard channels.", Syntax: "[shardchannel [shardchannel ...]]"},
		{Name: "publish", Arity: 3, Flags: publish, Run: publishCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number " +
				"of subscribed patterns (by any client).",
			Summary: "Posts a message to a channel.", Syntax: "channel message"},
		{Name: "spublish", Arity: 3, Flags: publish, Keys: actor.Key(1, actor.NotKey), Run: spublishCommand, Group: group,
			Since: "7.0.0", Complexity: "O(N) where N is the number of clients subscribed to the receiving shard channel.",
			Summary: "Posts a message to a shard channel.", Syntax: "shardchannel message"},
		{Name: "pubsub", Arity: -2, Group: group, Since: "2.8.0", Complexity: "Depends on subcommand.",
			Summary: "A container for Pub/Sub commands.", Subs: pubsubSubcommands()},
	}
}

func pubsubSubcommands() []actor.Command {
	const (
		group = "pubsub"
		flags = actor.PubSub | actor.Loading | actor.Stale
	)
	return []actor.Command{
		{Name: "channels", Arity: -2, Flags: flags, Run: pubsubChannelsCommand, Group: group, Since: "2.8.0",
			Complexity: "O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively " +
				"short channels and patterns)",
			Summary: "Returns the active channels.", Syntax: "[pattern]"},
		{Name: "numsub", Arity: -2, Flags: flags, Run: pubsubNumsubCommand, Group: group, Since: "2.8.0",
			Complexity: "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
			Summary:    "Returns a count of subscribers to channels.", Syntax: "[channel [channel ...]]"},
		{Name: "numpat", Arity: 2, Flags: flags, Run: pubsubNumpatCommand, Group: group, Since: "2.8.0", Complexity: "O(1)",
			Summary: "Returns a count of unique pattern subscriptions."},
		{Name: "shardchannels", Arity: -2, Flags: flags, Run: pubsubShardchannelsCommand, Group: group, Since: "7.0.0",
			Complexity: "O(N) where N is the number of active shard channels, and assuming constant time pattern matching " +
				"(relatively short shard channels).",
			Summary: "Returns the active shard channels.", Syntax: "[pattern]"},
		{Name: "shardnumsub", Arity: -2, Flags: flags, Run: pubsubShardnumsubCommand, Group: group, Since: "7.0.0",
			Complexity: "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
			Summary:    "Returns the count of subscribers of shard channels.", Syntax: "[shardchannel [shardchannel ...]]"},
		{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: pubsubHelpCommand, Group: group, Since: "6.2.0",
			Complexity: "O(1)", Summary: "Returns helpful text about the different subcommands.", Categories: []string{"-pubsub"}},
	}
}

func subscribeCommand(c *actor.Call) error  { return subscribe(c, actor.Channels, "subscribe") }
func psubscribeCommand(c *actor.Call) error { return subscribe(c, actor.Patterns, "psubscribe") }

func ssubscribeCommand(c *actor.Call) error {
	if !c.MayBlock() {
		return proto.ErrShardSubscribe
	}
	return subscribe(c, actor.Shards, "ssubscribe")
}

func unsubscribeCommand(c *actor.Call) error {
	return unsubscribe(c, actor.Channels, "unsubscribe")
}

func punsubscribeCommand(c *actor.Call) error {
	return unsubscribe(c, actor.Patterns, "punsubscribe")
}

func sunsubscribeCommand(c *actor.Call) error { return unsubscribe(c, actor.Shards, "sunsubscribe") }

func subscribe(c *actor.Call, kind actor.Audience, word string) error {
	for _, name := range c.Args[1:] {
		c.Subscribe(kind, name)
		replySubscription(c, kind, word, name)
	}
	return nil
}

// unsubscribe ends the subscriptions to what is named, or all of the kind.
func unsubscribe(c *actor.Call, kind actor.Audience, word string) error {
	names := [][]byte(c.Args[1:])
	if len(names) == 0 {
		for _, name := range c.Subscriptions(kind) {
			names = append(names, []byte(name))
		}
	}
	for _, name := range names {
		c.Unsubscribe(kind, name)
		replySubscription(c, kind, word, name)
	}
	if len(names) == 0 {
		replySubscription(c, kind, word, nil)
	}
	return nil
}

// replySubscription says that a subscription began or ended, and how many the client has now: shard channels are counted by
// themselves. It is a push, though it answers a request; a name that is nil stands for none.
func replySubscription(c *actor.Call, kind actor.Audience, word string, name []byte) {
	c.Pushes()
	c.Reply.Push(3)
	c.Reply.BulkString(word)
	if name == nil {
		c.Reply.Null()
	} else {
		c.Reply.Bulk(name)
	}
	if s := c.Session; kind == actor.Shards {
		c.Reply.Count(s.Subscribed(actor.Shards))
	} else {
		c.Reply.Count(s.Subscribed(actor.Channels) + s.Subscribed(actor.Patterns))
	}
}

func publishCommand(c *actor.Call) error {
	c.Reply.Count(c.Publish(c.Args[1], c.Args[2]))
	return nil
}

func spublishCommand(c *actor.Call) error {
	c.Reply.Count(c.PublishToShard(c.Args[1], c.Args[2]))
	return nil
}

func pubsubChannelsCommand(c *actor.Call) error      { return replyAudiences(c, actor.Channels) }
func pubsubShardchannelsCommand(c *actor.Call) error { return replyAudiences(c, actor.Shards) }

// replyAudiences lists the names of a kind that have subscribers, all or those that match a pattern.
func replyAudiences(c *actor.Call, kind actor.Audience) error {
	if len(c.Args) > 3 {
		return proto.ErrSubcommandSyntax("pubsub", c.Args[1])
	}
	names, found := c.Reply.DeferArray(), 0
	c.EachAudience(kind, func(name string) {
		if len(c.Args) == 2 || glob.Match(c.Args[2], []byte(name), false) {
			c.Reply.BulkString(name)
			found++
		}
	})
	c.Reply.EndArray(names, found)
	return nil
}

func pubsubNumsubCommand(c *actor.Call) error      { return replyAudienceSizes(c, actor.Channels) }
func pubsubShardnumsubCommand(c *actor.Call) error { return replyAudienceSizes(c, actor.Shards) }

// replyAudienceSizes is a flat array in both dialects.
func replyAudienceSizes(c *actor.Call, kind actor.Audience) error {
	names := c.Args[2:]
	c.Reply.Array(2 * len(names))
	for _, name := range names {
		c.Reply.Bulk(name)
		c.Reply.Count(c.AudienceOf(kind, name))
	}
	return nil
}

func pubsubNumpatCommand(c *actor.Call) error {
	c.Reply.Count(c.Audiences(actor.Patterns))
	return nil
}

func pubsubHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"CHANNELS [<pattern>]",
		"    Return the currently active channels matching a <pattern> (default: '*').",
		"NUMPAT",
		"    Return number of subscriptions to patterns.",
		"NUMSUB [<channel> ...]",
		"    Return the number of subscribers for the specified channels, excluding",
		"    pattern subscriptions(default: no channels).",
		"SHARDCHANNELS [<pattern>]",
		"    Return the currently active shard level channels matching a <pattern> (default: '*').",
		"SHARDNUMSUB [<shardchannel> ...]",
		"    Return the number of subscribers for the specified shard level channel(s)",
	)
	return nil
}
