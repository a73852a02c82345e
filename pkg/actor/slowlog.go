package actor

import (
	"fmt"

	"snakecache/pkg/proto"
)

const (
	slowArgs  = 32  // arguments that an entry of the slow log shows
	slowBytes = 128 // bytes of each
)

// SlowlogBounds are the settings of the slow log.
type SlowlogBounds struct {
	On        bool
	Threshold int64 // nanoseconds from which on a call is noted
	MaxLen    int64 // entries that are kept
}

// Slowlog has the last calls that took long.
type Slowlog struct {
	entries []SlowEntry // the oldest first
	nextID  int64
}

// SlowEntry is one call that took long, or several that were timed together, one of which did: then it tells what they took
// together, which is the others' microseconds more, and of the arguments only the first.
type SlowEntry struct {
	ID         int64
	Unix       int64 // seconds, when it was over
	Nanos      int64 // for which it ran
	QueueNanos int64 // for which its batch had waited to be run
	Args       []string
	Addr, Name string // of the client
}

// Len returns how many entries there are.
func (l *Slowlog) Len() int { return len(l.entries) }

// Entry returns the entry before which i younger ones came; 0 is the youngest.
func (l *Slowlog) Entry(i int) *SlowEntry { return &l.entries[len(l.entries)-1-i] }

// Reset removes all entries. The next one is numbered as if they were there.
func (l *Slowlog) Reset() { l.entries = nil }

// add notes a call and forgets what are more than most entries.
func (l *Slowlog) add(e SlowEntry, most int64) {
	e.ID = l.nextID
	l.nextID++
	l.entries = append(l.entries, e)
	if extra := int64(len(l.entries)) - most; extra > 0 {
		clear(l.entries[:extra])
		l.entries = l.entries[extra:]
	}
}

// entry is the lap as the slow log shows it.
func (l *lap) entry(nanos, waited, unix int64) SlowEntry {
	e := SlowEntry{Unix: unix, Nanos: nanos, QueueNanos: waited, Addr: l.session.Addr, Name: l.session.Name}
	if l.calls == 1 {
		e.Args = l.shownArgs()
	} else {
		e.Args = []string{string(l.args[0]), fmt.Sprintf("... (%d calls of a pipeline)", l.calls-l.seen)}
	}
	return e
}

// shownArgs are the call's arguments without its secrets, and shortened as Redis does.
func (l *lap) shownArgs() []string {
	shown := make([]string, min(len(l.args), slowArgs))
	for i := range shown {
		size := len(l.args[i])
		if l.sizes != nil {
			size = l.sizes[i]
		}
		shown[i] = string(l.args[i][:min(size, slowBytes)])
		if size > slowBytes {
			shown[i] += fmt.Sprintf("... (%d more bytes)", size-slowBytes)
		}
	}
	l.command.hideSecrets(l.args, shown)
	if more := l.count - len(shown); more > 0 {
		shown[slowArgs-1] = fmt.Sprintf("... (%d more arguments)", more+1)
	}
	return shown
}

// redacted stands for an argument that nobody is to see.
const redacted = "(redacted)"

// hideSecrets replaces those of the shown arguments that are secret.
func (c *Command) hideSecrets(args proto.Args, shown []string) {
	if c.Secrets == nil {
		return
	}
	for _, i := range c.Secrets(args) {
		if i < len(shown) {
			shown[i] = redacted
		}
	}
}

// Slowlog returns the calls that took long.
func (c *Call) Slowlog() *Slowlog { return &c.actor.slowlog }
