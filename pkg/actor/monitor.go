package actor

import (
	"fmt"
	"slices"
	"strconv"

	"snakecache/pkg/proto"
)

// monitoredBytes is how much monitors see of an argument, and monitoredLine after how many bytes of a line they see no more
// arguments. Redis shows all; here a line must not become as long as a request may be, since it is made for every command while
// the owner does nothing else.
const (
	monitoredBytes = proto.RefSize
	monitoredLine  = 64 << 10
)

// Monitor sends the session every command that runs from now on, but for administrative ones. It reports whether that is new.
func (c *Call) Monitor() bool {
	s := c.Session
	if s.monitors {
		return false
	}
	s.monitors = true
	c.actor.strict, c.actor.observed = true, true
	s.expectPushes()
	c.actor.monitors = append(c.actor.monitors, s)
	return true
}

// Monitors reports whether the session is sent what runs.
func (s *Session) Monitors() bool { return s.monitors }

func (a *Actor) unmonitor(s *Session) {
	if !s.monitors {
		return
	}
	s.monitors = false
	s.missPushes()
	a.monitors = slices.DeleteFunc(a.monitors, func(other *Session) bool { return other == s })
}

// monitored returns what monitors see of a command's arguments, nil if they do not see it. It is to be called before the command
// runs: that may have the store adopt a large argument and let go of it again, and then another connection reads into its memory.
func (c *Call) monitored() []byte {
	if c.Command.Flags&(SkipMonitor|Admin) != 0 {
		return nil
	}
	return c.monitoredText()
}

func (c *Call) monitoredText() []byte {
	args := c.Args
	if c.Command.Secrets != nil {
		args = slices.Clone(args)
		for _, i := range c.Command.Secrets(c.Args) {
			if i < len(args) {
				args[i] = []byte(redacted)
			}
		}
	}
	text := make([]byte, 0, 64)
	for i, arg := range args {
		if len(text) >= monitoredLine {
			return fmt.Appendf(text, " ... (%d more arguments)", len(args)-i)
		}
		text = appendMonitored(append(text, ' '), arg)
	}
	return text
}

// ShowMonitors shows the command under way to all who monitor, for one that runs others and is to be seen before them.
func (c *Call) ShowMonitors() {
	if a := c.actor; len(a.monitors) > 0 {
		a.feedMonitors(c.Session, c.monitoredText())
	}
}

// feedMonitors shows the command that ran to all who monitor.
func (a *Actor) feedMonitors(s *Session, monitored []byte) {
	from := s.Addr
	if a.scripting.running != nil {
		from = "lua"
	}
	line := fmt.Appendf(nil, "+%d.%06d [%d %s]%s\r\n", a.nowMs/1000, a.nowMs%1000*1000+a.nanos/1000%1000, s.DB, from, monitored)
	for _, monitor := range a.monitors {
		if !monitor.isMuted() { // what a monitor is shown is a reply to MONITOR
			a.push(monitor, line)
		}
	}
}

// appendMonitored appends an argument in quotes, escaped as Redis does.
func appendMonitored(line, arg []byte) []byte {
	shown := arg[:min(len(arg), monitoredBytes)]
	line = append(line, '"')
	for _, char := range shown {
		line = appendEscaped(line, char)
	}
	line = append(line, '"')
	if more := len(arg) - len(shown); more > 0 {
		line = append(strconv.AppendInt(append(line, "... ("...), int64(more), 10), " more bytes)"...)
	}
	return line
}

func appendEscaped(line []byte, char byte) []byte {
	const names = "\aa\bb\nn\rr\tt\\\\\"\""
	for i := 0; i < len(names); i += 2 {
		if names[i] == char {
			return append(line, '\\', names[i+1])
		}
	}
	if ' ' <= char && char <= '~' {
		return append(line, char)
	}
	return fmt.Appendf(line, "\\x%02x", char)
}
