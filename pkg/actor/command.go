package actor

import "snakecache/pkg/proto"

// Handler is what a command does. It runs on the owner goroutine and must not keep the call. A returned error
// becomes the whole reply: what the handler wrote before is taken back. No handler fails after its first change.
type Handler func(*Call) error

// Command is the row of one command, the only place where anything about it is written down. COMMAND, the gate,
// metrics and documentation all read it.
type Command struct {
	Name  string // lower case; a subcommand's own word only
	Arity int    // number of arguments with the name (and the container's name); -n means n or more
	Flags Flags
	Keys  []KeySpec
	Run   Handler // nil only for a container, which is nothing but its Subs

	// Refusal is what a command answers that is not enabled, before anything is known of the call; nil for all others. One that is
	// Protected is enabled by a setting.
	Refusal error

	// Element is the argument that names an element of the collection at the key, which is worth prefetching in a large one; 0 if
	// none does. It is a hint: the command reads its arguments itself.
	Element int

	Subs []Command // subcommands

	// Grows returns by how many bytes a call may grow the dataset beside those of its arguments, 0 if it is going to
	// fail; nil for the many commands that add no others. It changes nothing.
	Grows func(*Call) int64

	// Secrets returns which arguments of a call nobody but the command is to see; nil for a command without any. It may be
	// called with arguments that the command refuses, of which those that are long are cut off.
	Secrets func(proto.Args) []int

	// ScriptFlags returns what a script that is about to run is to the gate, as flags of a command; nil for a command that runs none.
	ScriptFlags func(*Call) Flags

	Group      string // Redis' group: string, generic, list, connection, server …
	Since      string // version of Redis that introduced it
	Complexity string
	Summary    string
	Syntax     string   // the arguments as redis.io writes them, from which COMMAND DOCS is made
	Categories []string // ACL categories that flags and group do not imply, without the @; with a - one that they wrongly do
	Tips       []string // COMMAND INFO's hints for clients and proxies
	Deprecated string   // version of Redis that advised against it; empty if none did
	Instead    string   // what is to be used then, as COMMAND DOCS says it
	Internal   bool     // it is for servers and their tests, not for applications
	Partly     string   // what of Redis' command is missing, for docs/compatibility.md; "no: " and a reason for what only refuses

	id     int      // place among all commands, containers and subcommands
	parent *Command // the container of a subcommand
	subs   map[string]*Command
}

// ID returns the command's index among all of its table: Figures.Commands[ID()] counts its calls.
func (c *Command) ID() int { return c.id }

// FullName returns the name as Redis prints it, "config|get" for a subcommand.
func (c *Command) FullName() string {
	if c.parent == nil {
		return c.Name
	}
	return c.parent.Name + "|" + c.Name
}

// Is reports whether the command has all the given flags.
func (c *Command) Is(f Flags) bool { return c.Flags&f == f }

// Sub returns the subcommand called name, which must be lower case, or nil.
func (c *Command) Sub(name string) *Command { return c.subs[name] }

// Accepts reports whether n arguments, names included, make a call of the command. A container stands for requests
// that named none of its subcommands, so it accepts only its bare name, and that only if it has a handler.
func (c *Command) Accepts(n int) bool {
	if c.Subs != nil {
		return n == 1 && c.Run != nil
	}
	return n == c.Arity || (c.Arity < 0 && n >= -c.Arity)
}

// lacks reports whether a request names a subcommand of the command that there is not.
func (c *Command) lacks(args proto.Args) bool { return c.Subs != nil && len(args) > 1 }

// Flags say what a command is, in COMMAND INFO's words.
type Flags uint32

// The flags, in the order in which COMMAND INFO lists them.
const (
	Write Flags = 1 << iota
	ReadOnly
	DenyOOM
	Admin
	PubSub
	NoScript
	Blocking
	Loading
	Stale
	SkipMonitor
	SkipSlowlog
	Asking // of a cluster, where it needs no ASKING before it
	Fast
	NoAuth
	NoMandatoryKeys
	NoAsyncLoading
	NoMulti
	MovableKeys
	AllowBusy
	MayReplicate // may have others change data though it is no write; not shown
	Protected    // runs only if enable-debug-command allows it; not shown
	Unqueued     // runs at once inside MULTI, where others are queued; not shown
	Executes     // runs what was queued, and is the end of it even if refused; not shown
	Subscribed   // what a RESP2 client may send while it is subscribed; not shown
)

var flagNames = []string{
	"write", "readonly", "denyoom", "admin", "pubsub", "noscript", "blocking", "loading", "stale", "skip_monitor",
	"skip_slowlog", "asking", "fast", "no_auth", "no_mandatory_keys", "no_async_loading", "no_multi",
	"movablekeys", "allow_busy",
}

// Names returns the flags' words.
func (f Flags) Names() []string {
	var names []string
	for i, name := range flagNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}
