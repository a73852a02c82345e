package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func shutdownCommands() []actor.Command {
	return []actor.Command{{Name: "shutdown", Arity: -1,
		Flags: actor.Admin | actor.NoScript | actor.Loading | actor.Stale | actor.NoMulti | actor.AllowBusy,
		Run:   shutdownCommand, Group: "server", Since: "1.0.0", Partly: "SAVE fails without FORCE, since nothing can be saved; ABORT fails",
		Complexity: "O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)",
		Summary:    "Synchronously saves the database(s) to disk and shuts down the Redis server.",
		Syntax:     "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]"}}
}

// shutdownOptions are the words behind SHUTDOWN. NOW, which spares replicas that lag behind, changes nothing without any.
type shutdownOptions struct{ save, nosave, now, force, abort bool }

func readShutdownOptions(args proto.Args) (given shutdownOptions, err error) {
	for o := args.Options(1); o.More(); {
		switch {
		case o.Word("nosave"):
			given.nosave = true
		case o.Word("save"):
			given.save = true
		case o.Word("now"):
			given.now = true
		case o.Word("force"):
			given.force = true
		case o.Word("abort"):
			given.abort = true
		default:
			return given, proto.ErrSyntax
		}
	}
	if (given.abort && (given.save || given.nosave || given.now || given.force)) || (given.save && given.nosave) {
		err = proto.ErrSyntax
	}
	return given, err
}

// shutdownCommand ends the process as SIGTERM does; the caller gets no answer but the end of its connection. Nothing can be
// saved, so that SAVE fails as in a Redis whose disk is full, and as there FORCE goes on in spite of it. A shutdown that
// has begun cannot be stopped.
func shutdownCommand(c *actor.Call) error {
	options, err := readShutdownOptions(c.Args)
	switch {
	case err != nil:
		return err
	case options.abort:
		return proto.ErrNoShutdown
	case c.Script() != nil && !options.nosave:
		return c.Script().Refusal()
	case options.save && !options.force:
		return proto.ErrShutdown
	}
	c.Shutdown()
	c.Kill(c.Session)
	return nil
}
