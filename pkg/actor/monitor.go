package actor

import (
	"fmt"
	"slices"
	"strconv"

	"snakecache/pkg/proto"
)

// monitoredBytes is how much monitors see of an argument. Redis shows all of it; here a line must not become as long as an
// argument may be, since it is made for every command while the owner does nothing else.
const monitoredBytes = proto.RefSize

// Monitor sends the session every command that runs from now on, but for administrative ones. It reports whether that is new.
func (c *Call) Monitor() bool {
	s := c.Session
	if s.monitors {
		return false
	}
	s.monitors = true
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

// feedMonitors shows the command that ran to all who monitor.
func (a *Actor) feedMonitors(c *Call) {
	if c.Command.Flags&(SkipMonitor|Admin) != 0 {
		return
	}
	line := fmt.Appendf(nil, "+%d.%06d [%d %s]", a.nowMs/1000, a.nowMs%1000*1000+a.nanos/1000%1000, c.Session.DB, c.Session.Addr)
	var secrets []int
	if c.Command.Secrets != nil {
		secrets = c.Command.Secrets(c.Args)
	}
	for i, arg := range c.Args {
		if slices.Contains(secrets, i) {
			arg = []byte(redacted)
		}
		line = appendMonitored(append(line, ' '), arg)
	}
	line = append(line, '\r', '\n')
	for _, s := range a.monitors {
		if !s.isMuted() { // what a monitor is shown is a reply to MONITOR
			a.push(s, line)
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
