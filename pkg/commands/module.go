package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// moduleCommands answer as a Redis whose enable-module-command is no: there are no modules, and there will be none.
func moduleCommands() []actor.Command {
	const (
		group = "server"
		flags = actor.Admin | actor.NoScript
		load  = flags | actor.NoAsyncLoading
	)
	return []actor.Command{{Name: "module", Arity: -2, Group: group, Since: "4.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for module commands.", Subs: []actor.Command{
			{Name: "list", Arity: 2, Flags: flags, Run: moduleListCommand, Group: group, Since: "4.0.0",
				Complexity: "O(N) where N is the number of loaded modules.", Summary: "Returns all loaded modules.",
				Tips: []string{"nondeterministic_output_order"}},
			{Name: "load", Arity: -3, Flags: load, Refusal: proto.ErrModuleDisabled, Run: noModulesCommand, Group: group, Since: "4.0.0", Complexity: "O(1)",
				Summary: "Loads a module.", Syntax: "path [arg [arg ...]]"},
			{Name: "loadex", Arity: -3, Flags: load, Refusal: proto.ErrModuleDisabled, Run: noModulesCommand, Group: group, Since: "7.0.0", Complexity: "O(1)",
				Summary: "Loads a module using extended parameters.",
				Syntax:  "path [CONFIG name value [CONFIG name value ...]] [ARGS args [args ...]]"},
			{Name: "unload", Arity: 3, Flags: load, Refusal: proto.ErrModuleDisabled, Run: noModulesCommand, Group: group, Since: "4.0.0", Complexity: "O(1)",
				Summary: "Unloads a module.", Syntax: "name"},
			{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: moduleHelpCommand, Group: group, Since: "5.0.0", Complexity: "O(1)",
				Summary: "Returns helpful text about the different subcommands."},
		}}}
}

func moduleListCommand(c *actor.Call) error {
	c.Reply.Array(0)
	return nil
}

// noModulesCommand never runs.
func noModulesCommand(c *actor.Call) error { return c.Command.Refusal }

func moduleHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"LIST",
		"    Return a list of loaded modules.",
		"LOAD <path> [<arg> ...]",
		"    Load a module library from <path>, passing to it any optional arguments.",
		"LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
		"    Load a module library from <path>, while passing it module configurations and optional arguments.",
		"UNLOAD <name>",
		"    Unload a module.",
	)
	return nil
}
