package script

import (
	"fmt"
	"strings"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// Counted is an error that is in the statistics already, as that of a command.
type Counted struct{ Reply proto.Error }

func (c Counted) Error() string { return string(c.Reply) }

// The fields of an error as a value of Lua.
var (
	fieldErr     = "err"
	fieldCounted = "ignore_error_stats_update"
)

// errorTable returns an error as redis.error_reply makes it. The text has its code.
func errorTable(L *lua.Thread, text string) lua.Value {
	t := L.NewTable(0, 1)
	t.SetString(L.State, fieldErr, L.OwnString(text))
	return t.Value()
}

// failure returns the reply to a script that raised an error: what was raised, the script and where.
func (e *Engine) failure(err *lua.Error) error {
	text, counted := "ERR unknown error", false
	if !err.Value.IsTable() {
		text = "ERR " + e.text(err.Value)
	} else {
		t := err.Value.Table()
		if s, ok := t.GetString(fieldErr).AsString(); ok {
			text = s
		}
		counted = t.GetString(fieldCounted).Truth()
	}
	if err.Source != "" {
		text += fmt.Sprintf(" script: %s, on %s:%d.", e.run.name, err.Source, err.Line)
	}
	return replyError(text, counted)
}

// text returns what tostring makes of a value that was raised.
func (e *Engine) text(v lua.Value) string {
	if s, ok := v.AsString(); ok {
		return s
	}
	L := e.lua.Main()
	return L.ToText(v).Str()
}

// cString returns the bytes before the first NUL, which are all that Redis sees of some strings.
func cString(s string) string {
	before, _, _ := strings.Cut(s, "\x00")
	return before
}

// replyError returns an error reply of a text that may come from anywhere.
func replyError(text string, counted bool) error {
	err := proto.Error(strings.TrimRight(cString(text), "\r\n"))
	if counted {
		return Counted{err}
	}
	return err
}
