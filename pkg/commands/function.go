package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/glob"
	"snakecache/pkg/proto"
	"snakecache/pkg/rdb"
	"snakecache/pkg/script"
)

func functionCommands() []actor.Command {
	const (
		depends   = "Depends on the function that is executed."
		unknown   = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE"
		unknownRO = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS"
		arguments = "function numkeys [key [key ...]] [arg [arg ...]]"
	)
	return []actor.Command{
		{Name: "fcall", Arity: -3, Flags: runsScript, Keys: scriptKeys(anyUse, unknown), Run: fcallCommand, ScriptFlags: fcallFlags,
			Group: scriptGroup, Since: "7.0.0", Complexity: depends, Summary: "Invoke a function", Syntax: arguments},
		{Name: "fcall_ro", Arity: -3, Flags: runsScript | actor.ReadOnly, Keys: scriptKeys(readUse, unknownRO), Run: fcallROCommand,
			ScriptFlags: fcallFlags, Categories: []string{"-read"}, Group: scriptGroup, Since: "7.0.0", Complexity: depends, Summary: "Invoke a read-only function",
			Syntax: arguments},
		{Name: "function", Arity: -2, Group: scriptGroup, Since: "7.0.0", Complexity: "Depends on subcommand.",
			Summary: "A container for function commands", Subs: functionSubcommands()},
	}
}

func functionSubcommands() []actor.Command {
	const functions = "O(N) where N is the number of functions"
	const change = actor.NoScript | actor.Write
	everywhere := []string{"request_policy:all_shards", "response_policy:all_succeeded"}
	return []actor.Command{
		{Name: "delete", Arity: 3, Flags: change, Run: functionDeleteCommand, Group: scriptGroup, Since: "7.0.0", Complexity: "O(1)",
			Summary: "Delete a function by name", Syntax: "library-name", Tips: everywhere},
		{Name: "dump", Arity: 2, Flags: actor.NoScript, Run: functionDumpCommand, Group: scriptGroup, Since: "7.0.0", Complexity: functions,
			Summary: "Dump all functions into a serialized binary payload"},
		{Name: "flush", Arity: -2, Flags: change, Run: functionFlushCommand, Group: scriptGroup, Since: "7.0.0",
			Complexity: functions + " deleted", Summary: "Deleting all functions", Syntax: "[ASYNC | SYNC]", Tips: everywhere},
		{Name: "kill", Arity: 2, Flags: actor.NoScript | actor.AllowBusy, Run: functionKillCommand, Group: scriptGroup, Since: "7.0.0",
			Complexity: "O(1)", Summary: "Kill the function currently in execution.",
			Tips: []string{"request_policy:all_shards", "response_policy:one_succeeded"}},
		{Name: "list", Arity: -2, Flags: actor.NoScript, Run: functionListCommand, Group: scriptGroup, Since: "7.0.0", Complexity: functions,
			Summary: "List information about all the functions", Syntax: "[LIBRARYNAME library-name-pattern] [WITHCODE]",
			Tips: []string{"nondeterministic_output_order"}},
		{Name: "load", Arity: -3, Flags: change | actor.DenyOOM, Run: functionLoadCommand, Group: scriptGroup, Since: "7.0.0",
			Complexity: "O(1) (considering compilation time is redundant)",
			Summary:    "Create a function with the given arguments (name, code, description)", Syntax: "[REPLACE] function-code",
			Tips: everywhere},
		{Name: "restore", Arity: -3, Flags: change | actor.DenyOOM, Run: functionRestoreCommand, Group: scriptGroup, Since: "7.0.0",
			Complexity: functions + " on the payload", Summary: "Restore all the functions on the given payload",
			Syntax: "serialized-value [FLUSH | APPEND | REPLACE]", Tips: everywhere},
		{Name: "stats", Arity: 2, Flags: actor.NoScript | actor.AllowBusy, Run: functionStatsCommand, Group: scriptGroup, Since: "7.0.0",
			Complexity: "O(1)", Summary: "Return information about the function currently running (name, description, duration)",
			Tips: []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"}},
		{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: functionHelpCommand, Group: scriptGroup, Since: "7.0.0",
			Complexity: "O(1)", Summary: "Show helpful text about the different subcommands"},
	}
}

func fcallCommand(c *actor.Call) error   { return fcall(c, false) }
func fcallROCommand(c *actor.Call) error { return fcall(c, true) }

// fcall runs a function.
func fcall(c *actor.Call, readOnly bool) error {
	c.ShowMonitors()
	f := c.Scripts().FindFunction(c.Args[1])
	if f == nil {
		return proto.ErrNoFunction
	}
	keys, argv, err := scriptArguments(c.Args)
	if err == proto.ErrNotInt {
		return proto.ErrFunctionKeys
	}
	if err != nil {
		return err
	}
	run, err := permit(f.Flags, readOnly)
	if err != nil {
		return err
	}
	run.Name, run.Function = f.Name, true
	reply := c.Reply
	host := c.EnterScript(run)
	defer host.Leave()
	return c.Scripts().Call(f, host, keys, argv, reply)
}

func fcallFlags(c *actor.Call) actor.Flags {
	if f := c.Scripts().FindFunction(c.Args[1]); f != nil {
		return gateFlags(c, f.Flags)
	}
	return c.Command.Flags
}

func functionLoadCommand(c *actor.Call) error {
	replace := false
	last := len(c.Args) - 1
	for o := c.Args[:last].Options(2); o.More(); {
		if !o.Word("replace") {
			return proto.ErrLoadOption(o.Next())
		}
		replace = true
	}
	name, err := c.Scripts().LoadLibrary(c.Args[last], replace, c.Loader())
	if err != nil {
		return err
	}
	c.Reply.BulkString(name)
	return nil
}

func functionDeleteCommand(c *actor.Call) error {
	if !c.Scripts().DeleteLibrary(c.Args[2]) {
		return proto.ErrNoLibrary
	}
	c.Reply.OK()
	return nil
}

// functionFlushCommand forgets all libraries at once; their memory is the garbage collector's.
func functionFlushCommand(c *actor.Call) error {
	switch words := c.Args[2:]; {
	case len(words) > 1:
		return proto.ErrSubcommandSyntax("function", c.Args[1])
	case len(words) == 1 && !proto.EqualFold(words[0], "sync") && !proto.EqualFold(words[0], "async"):
		return proto.ErrFunctionFlush
	}
	c.Scripts().FlushLibraries()
	c.Reply.OK()
	return nil
}

func functionKillCommand(c *actor.Call) error { return killScript(c, true) }

// readListing reads what FUNCTION LIST is to show: libraries with names like a pattern, nil for all, and their texts.
func readListing(o proto.Options) (pattern []byte, texts bool, err error) {
	for o.More() {
		switch {
		case !texts && o.Word("withcode"):
			texts = true
		case pattern == nil && o.Word("libraryname"):
			if !o.More() {
				return nil, false, proto.ErrLibraryMissing
			}
			pattern = o.Next()
		default:
			return nil, false, proto.ErrListOption(o.Next())
		}
	}
	return pattern, texts, nil
}

func functionListCommand(c *actor.Call) error {
	pattern, texts, err := readListing(c.Args.Options(2))
	if err != nil {
		return err
	}
	r := c.Reply
	all, shown := r.DeferArray(), 0
	for _, l := range c.Scripts().Libraries() {
		if pattern != nil && !glob.Match(pattern, []byte(l.Name), true) {
			continue
		}
		replyLibrary(r, l, texts)
		shown++
	}
	r.EndArray(all, shown)
	return nil
}

func replyLibrary(r *proto.Reply, l *script.Library, text bool) {
	if text {
		r.Map(4)
	} else {
		r.Map(3)
	}
	r.BulkString("library_name")
	r.BulkString(l.Name)
	r.BulkString("engine")
	r.BulkString("LUA")
	r.BulkString("functions")
	r.Array(len(l.Functions))
	for _, f := range l.Functions {
		replyFunction(r, f)
	}
	if text {
		r.BulkString("library_code")
		r.BulkString(l.Code)
	}
}

func replyFunction(r *proto.Reply, f *script.Function) {
	r.Map(3)
	r.BulkString("name")
	r.BulkString(f.Name)
	r.BulkString("description")
	if f.Described {
		r.BulkString(f.Description)
	} else {
		r.Null()
	}
	r.BulkString("flags")
	names := f.Flags.Names()
	r.Set(len(names))
	for _, name := range names {
		r.Status(name)
	}
}

// functionStatsCommand is allowed while a function runs, of which it tells; while a script of EVAL does it is not.
func functionStatsCommand(c *actor.Call) error {
	s := c.Script()
	if s != nil && !s.Function {
		return s.Refusal()
	}
	r := c.Reply
	r.Map(2)
	r.BulkString("running_script")
	if s == nil {
		r.Null()
	} else {
		replyRunning(r, s)
	}
	figures := c.Scripts().FunctionFigures()
	r.BulkString("engines")
	r.Map(1)
	r.BulkString("LUA")
	r.Map(2)
	r.BulkString("libraries_count")
	r.Count(figures.Libraries)
	r.BulkString("functions_count")
	r.Count(figures.Functions)
	return nil
}

func replyRunning(r *proto.Reply, s *actor.Script) {
	millis, args := s.Running()
	r.Map(3)
	r.BulkString("name")
	r.BulkString(s.Name)
	r.BulkString("command")
	r.Array(len(args))
	for _, arg := range args {
		r.Bulk(arg)
	}
	r.BulkString("duration_ms")
	r.Int(millis)
}

func functionDumpCommand(c *actor.Call) error {
	var texts []string
	for _, l := range c.Scripts().Libraries() {
		texts = append(texts, l.Code)
	}
	c.Reply.BulkRef(rdb.DumpFunctions(texts...))
	return nil
}

func functionRestoreCommand(c *actor.Call) error {
	if len(c.Args) > 4 {
		return proto.ErrSubcommandSyntax("function", c.Args[1])
	}
	policy, err := readPolicy(c.Args[3:])
	if err != nil {
		return err
	}
	dump := c.Args[2]
	if !rdb.Verify(dump) {
		return proto.ErrDumpChecksum
	}
	err = c.Scripts().RestoreLibraries(policy, c.Loader(), func(load func(text []byte) error) error {
		return rdb.EachFunction(dump, c.Bounds().MaxBulk, load)
	})
	switch err {
	case nil:
		c.Reply.OK()
		return nil
	case rdb.ErrFormat:
		return proto.ErrFunctionPayload
	case rdb.ErrNotFunction:
		return proto.ErrNotFunctions
	case rdb.ErrOldFunction:
		return proto.ErrOldFunctions
	}
	return err
}

// readPolicy reads what FUNCTION RESTORE does with the libraries that are there.
func readPolicy(words proto.Args) (script.Policy, error) {
	switch {
	case len(words) == 0 || proto.EqualFold(words[0], "append"):
		return script.RestoreAppend, nil
	case proto.EqualFold(words[0], "replace"):
		return script.RestoreReplace, nil
	case proto.EqualFold(words[0], "flush"):
		return script.RestoreFlush, nil
	}
	return 0, proto.ErrRestorePolicy
}

func functionHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"LOAD [REPLACE] <FUNCTION CODE>",
		"    Create a new library with the given library name and code.",
		"DELETE <LIBRARY NAME>",
		"    Delete the given library.",
		"LIST [LIBRARYNAME PATTERN] [WITHCODE]",
		"    Return general information on all the libraries:",
		"    * Library name",
		"    * The engine used to run the Library",
		"    * Library description",
		"    * Functions list",
		"    * Library code (if WITHCODE is given)",
		"    It also possible to get only function that matches a pattern using LIBRARYNAME argument.",
		"STATS",
		"    Return information about the current function running:",
		"    * Function name",
		"    * Command used to run the function",
		"    * Duration in MS that the function is running",
		"    If no function is running, return nil",
		"    In addition, returns a list of available engines.",
		"KILL",
		"    Kill the current running function.",
		"FLUSH [ASYNC|SYNC]",
		"    Delete all the libraries.",
		"    When called without the optional mode argument, the behavior is determined by the",
		"    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
		"    * ASYNC: Asynchronously flush the libraries.",
		"    * SYNC: Synchronously flush the libraries.",
		"DUMP",
		"    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command",
		"RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
		"    Restore the libraries represented by the given payload, it is possible to give a restore policy to",
		"    control how to handle existing libraries (default APPEND):",
		"    * FLUSH: delete all existing libraries.",
		"    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.",
		"    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old",
		"      libraries with the new libraries (notice that even on this option there is a chance of failure",
		"      in case of functions name collision with another library).",
	)
	return nil
}
