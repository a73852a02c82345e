package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/script"
)

const (
	scriptGroup = "scripting"
	runsScript  = actor.NoScript | actor.Stale | actor.SkipMonitor | actor.NoMandatoryKeys

	anyUse  = actor.RW | actor.Access | actor.Update
	readUse = actor.RO | actor.Access
)

// scriptKeys are those of a command that runs a script: nobody knows what becomes of them.
func scriptKeys(use actor.KeyUse, notes string) []actor.KeySpec {
	specs := actor.KeysCounted(2, use)
	specs[0].Notes = notes
	return specs
}

func scriptCommands() []actor.Command {
	const (
		depends   = "Depends on the script that is executed."
		unknown   = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE"
		unknownRO = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS"
		arguments = " numkeys [key [key ...]] [arg [arg ...]]"
	)
	const may = runsScript | actor.MayReplicate
	return []actor.Command{
		{Name: "eval", Arity: -3, Flags: may, Keys: scriptKeys(anyUse, unknown), Run: evalCommand, ScriptFlags: evalFlags,
			Group: scriptGroup, Since: "2.6.0", Complexity: depends, Summary: "Execute a Lua script server side", Syntax: "script" + arguments},
		{Name: "evalsha", Arity: -3, Flags: may, Keys: scriptKeys(anyUse, ""), Run: evalshaCommand, ScriptFlags: evalshaFlags,
			Group: scriptGroup, Since: "2.6.0", Complexity: depends, Summary: "Execute a Lua script server side", Syntax: "sha1" + arguments},
		{Name: "eval_ro", Arity: -3, Flags: runsScript | actor.ReadOnly, Keys: scriptKeys(readUse, unknownRO), Run: evalROCommand,
			ScriptFlags: evalFlags, Group: scriptGroup, Since: "7.0.0", Complexity: depends,
			Summary: "Execute a read-only Lua script server side", Syntax: "script" + arguments},
		{Name: "evalsha_ro", Arity: -3, Flags: runsScript | actor.ReadOnly, Keys: scriptKeys(readUse, ""), Run: evalshaROCommand,
			ScriptFlags: evalshaFlags, Group: scriptGroup, Since: "7.0.0", Complexity: depends,
			Summary: "Execute a read-only Lua script server side", Syntax: "sha1" + arguments},
		{Name: "script", Arity: -2, Group: scriptGroup, Since: "2.6.0", Complexity: "Depends on subcommand.",
			Summary: "A container for Lua scripts management commands", Subs: scriptSubcommands()},
	}
}

func scriptSubcommands() []actor.Command {
	everywhere := []string{"request_policy:all_nodes", "response_policy:all_succeeded"}
	return []actor.Command{
		{Name: "debug", Arity: 3, Flags: actor.NoScript, Run: scriptDebugCommand, Group: scriptGroup,
			Since: "3.2.0", Partly: "there is no debugger for scripts: `NO` only", Complexity: "O(1)",
			Summary: "Set the debug mode for executed scripts.", Syntax: "<YES | SYNC | NO>"},
		{Name: "exists", Arity: -3, Flags: actor.NoScript, Run: scriptExistsCommand, Group: scriptGroup, Since: "2.6.0",
			Complexity: "O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).",
			Summary:    "Check existence of scripts in the script cache.", Syntax: "sha1 [sha1 ...]",
			Tips: []string{"request_policy:all_shards", "response_policy:agg_logical_and"}},
		{Name: "flush", Arity: -2, Flags: actor.NoScript, Run: scriptFlushCommand, Group: scriptGroup, Since: "2.6.0",
			Complexity: "O(N) with N being the number of scripts in cache", Summary: "Remove all the scripts from the script cache.",
			Syntax: "[ASYNC | SYNC]", Tips: everywhere},
		{Name: "kill", Arity: 2, Flags: actor.NoScript | actor.AllowBusy, Run: scriptKillCommand, Group: scriptGroup, Since: "2.6.0",
			Complexity: "O(1)", Summary: "Kill the script currently in execution.",
			Tips: []string{"request_policy:all_shards", "response_policy:one_succeeded"}},
		{Name: "load", Arity: 3, Flags: actor.NoScript | actor.Stale, Run: scriptLoadCommand, Group: scriptGroup, Since: "2.6.0",
			Complexity: "O(N) with N being the length in bytes of the script body.",
			Summary:    "Load the specified Lua script into the script cache.", Syntax: "script", Tips: everywhere},
		{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: scriptHelpCommand, Group: scriptGroup, Since: "5.0.0",
			Complexity: "O(1)", Summary: "Show helpful text about the different subcommands"},
	}
}

func evalCommand(c *actor.Call) error      { return eval(c, false, loadScript) }
func evalROCommand(c *actor.Call) error    { return eval(c, true, loadScript) }
func evalshaCommand(c *actor.Call) error   { return evalsha(c, false) }
func evalshaROCommand(c *actor.Call) error { return evalsha(c, true) }

// evalsha runs a script that is kept. What is no digest is refused before anything else is looked at.
func evalsha(c *actor.Call, readOnly bool) error {
	if len(c.Args[1]) != script.DigestLen {
		c.ShowMonitors()
		return proto.ErrNoScript
	}
	return eval(c, readOnly, findScript)
}

func loadScript(c *actor.Call) (*script.Script, error) { return c.Scripts().Load(c.Args[1], false) }

func findScript(c *actor.Call) (*script.Script, error) {
	if s := c.Scripts().Find(c.Args[1]); s != nil {
		return s, nil
	}
	return nil, proto.ErrNoScript
}

// eval runs a script.
func eval(c *actor.Call, readOnly bool, find func(*actor.Call) (*script.Script, error)) error {
	c.ShowMonitors()
	keys, argv, err := scriptArguments(c.Args)
	if err != nil {
		return err
	}
	s, err := find(c)
	if err != nil {
		return err
	}
	run, err := permit(s.Flags, readOnly)
	if err != nil {
		return err
	}
	run.Name = s.SHA
	reply := c.Reply
	host := c.EnterScript(run)
	defer host.Leave()
	return c.Scripts().Eval(s, host, keys, argv, reply)
}

// scriptArguments splits what is behind a script or a function into keys and other arguments.
func scriptArguments(args proto.Args) (keys, argv proto.Args, err error) {
	n, ok := proto.ParseInt(args[2])
	switch {
	case !ok:
		return nil, nil, proto.ErrNotInt
	case n > int64(len(args)-3):
		return nil, nil, proto.ErrScriptKeys
	case n < 0:
		return nil, nil, proto.ErrScriptKeysMinus
	}
	return args[3 : 3+n], args[3+n:], nil
}

// permit returns what a script with these flags may do.
func permit(flags script.Flags, readOnly bool) (actor.Script, error) {
	says := !flags.Is(script.Compatible)
	if readOnly && says && !flags.Is(script.NoWrites) {
		return actor.Script{}, proto.ErrScriptWrites
	}
	return actor.Script{
		ReadOnly: readOnly || says && flags.Is(script.NoWrites),
		AllowOOM: says && flags.Is(script.AllowOOM),
	}, nil
}

// gateFlags returns what a script is to the gate: a command of which nobody knows what it does, unless it says so.
func gateFlags(c *actor.Call, flags script.Flags) actor.Flags {
	all := c.Command.Flags
	if flags.Is(script.Compatible) {
		return all
	}
	all &^= actor.MayReplicate
	if !flags.Is(script.NoWrites) {
		all |= actor.Write
		if !flags.Is(script.AllowOOM) {
			all |= actor.DenyOOM
		}
	}
	return all
}

func evalFlags(c *actor.Call) actor.Flags { return gateFlags(c, script.FlagsOf(c.Args[1])) }

func evalshaFlags(c *actor.Call) actor.Flags {
	if s := c.Scripts().Find(c.Args[1]); s != nil {
		return gateFlags(c, s.Flags)
	}
	return c.Command.Flags
}

// scriptDebugCommand turns off what is not there, and refuses to turn it on.
func scriptDebugCommand(c *actor.Call) error {
	switch word := c.Args[2]; {
	case proto.EqualFold(word, "no"):
		c.Reply.OK()
		return nil
	case proto.EqualFold(word, "yes") || proto.EqualFold(word, "sync"):
		return proto.ErrNoScriptDebug
	}
	return proto.ErrScriptDebug
}

func scriptExistsCommand(c *actor.Call) error {
	c.Reply.Array(len(c.Args) - 2)
	for _, sha := range c.Args[2:] {
		c.Reply.Flag(c.Scripts().Find(sha) != nil)
	}
	return nil
}

// scriptFlushCommand forgets all scripts at once; their memory is the garbage collector's.
func scriptFlushCommand(c *actor.Call) error {
	words := c.Args[2:]
	if len(words) > 1 || len(words) == 1 && !proto.EqualFold(words[0], "sync") && !proto.EqualFold(words[0], "async") {
		return proto.ErrScriptFlush
	}
	c.Scripts().Flush()
	c.Reply.OK()
	return nil
}

func scriptKillCommand(c *actor.Call) error { return killScript(c, false) }

// killScript ends the script that runs, if it is a function or none as the caller expects.
func killScript(c *actor.Call, function bool) error {
	s := c.Script()
	if s == nil {
		return proto.ErrScriptNotBusy
	}
	if err := s.Kill(function); err != nil {
		return err
	}
	c.Reply.OK()
	return nil
}

func scriptLoadCommand(c *actor.Call) error {
	s, err := c.Scripts().Load(c.Args[2], true)
	if err != nil {
		return err
	}
	c.Reply.BulkString(s.SHA)
	return nil
}

func scriptHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"DEBUG (YES|SYNC|NO)",
		"    Set the debug mode for subsequent scripts executed.",
		"EXISTS <sha1> [<sha1> ...]",
		"    Return information about the existence of the scripts in the script cache.",
		"FLUSH [ASYNC|SYNC]",
		"    Flush the Lua scripts cache. Very dangerous on replicas.",
		"    When called without the optional mode argument, the behavior is determined by the",
		"    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
		"    * ASYNC: Asynchronously flush the scripts cache.",
		"    * SYNC: Synchronously flush the scripts cache.",
		"KILL",
		"    Kill the currently executing Lua script.",
		"LOAD <script>",
		"    Load a script into the scripts cache without executing it.",
	)
	return nil
}
