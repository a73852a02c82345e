package script

import (
	"log/slog"

	"snakecache/pkg/proto"
)

// Host is who runs a script's commands.
type Host interface {
	// Do runs a command in a dialect of RESP. The reply is valid until the next Do. Arguments of proto.RefSize bytes or more are the
	// command's to keep.
	Do(args proto.Args, dialect int) *proto.Reply
	// Knows reports whether there is such a command.
	Knows(args proto.Args) bool
	// Attend is called about every lua.TickSteps steps of a script, and tells whether it is to end.
	Attend() Stop
	// Clock tells the time in seconds, from whatever beginning.
	Clock() float64
	// Log writes to the server's log.
	Log(level slog.Level, text string)
}

// Stop says whether a script is to end before it is through, and why.
type Stop uint8

// It may go on; a client has asked for its end; the process ends.
const (
	StopNot Stop = iota
	StopKilled
	StopShutdown
)
