package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func configSubcommands() []actor.Command {
	const (
		group = "server"
		flags = actor.Admin | actor.NoScript | actor.Loading | actor.Stale
	)
	return []actor.Command{
		{Name: "get", Arity: -3, Flags: flags, Run: configGetCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) when N is the number of configuration parameters provided",
			Summary:    "Returns the effective values of configuration parameters.", Syntax: "parameter [parameter ...]"},
		{Name: "set", Arity: -4, Flags: flags, Run: configSetCommand, Group: group, Since: "2.0.0",
			Complexity: "O(N) when N is the number of configuration parameters provided",
			Summary:    "Sets configuration parameters in-flight.", Syntax: "parameter value [parameter value ...]",
			Tips: []string{"request_policy:all_nodes", "response_policy:all_succeeded"}, Secrets: configSetSecrets},
		{Name: "resetstat", Arity: 2, Flags: flags, Run: configResetstatCommand, Group: group, Since: "2.0.0", Complexity: "O(1)",
			Summary: "Resets the server's statistics."},
		{Name: "rewrite", Arity: 2, Flags: flags, Run: configRewriteCommand, Group: group, Since: "2.8.0", Complexity: "O(1)",
			Summary: "Persists the effective configuration to file."},
		{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: configHelpCommand, Group: group, Since: "5.0.0",
			Complexity: "O(1)", Summary: "Returns helpful text about the different subcommands."},
	}
}

func configGetCommand(c *actor.Call) error {
	found := c.Settings().Match(c.Args[2:])
	c.Reply.Map(len(found) / 2)
	for _, text := range found {
		c.Reply.BulkString(text)
	}
	return nil
}

func configSetCommand(c *actor.Call) error {
	if len(c.Args)%2 != 0 {
		return proto.ErrSyntax
	}
	var pairs [][2]string
	for i := 2; i < len(c.Args); i += 2 {
		pairs = append(pairs, [2]string{string(c.Args[i]), string(c.Args[i+1])})
	}
	if err := c.Settings().Set(pairs); err != nil {
		return proto.ErrConfigSet(err)
	}
	c.Reply.OK()
	return nil
}

func configResetstatCommand(c *actor.Call) error {
	c.ResetFigures()
	c.Reply.OK()
	return nil
}

// configRewriteCommand fails as in a Redis that was started without a file: our settings come from the environment.
func configRewriteCommand(*actor.Call) error { return proto.ErrNoConfigFile }

func configHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"GET <pattern>",
		"    Return parameters matching the glob-like <pattern> and their values.",
		"SET <directive> <value>",
		"    Set the configuration <directive> to <value>.",
		"RESETSTAT",
		"    Reset statistics reported by the INFO command.",
		"REWRITE",
		"    Rewrite the configuration file.",
	)
	return nil
}
