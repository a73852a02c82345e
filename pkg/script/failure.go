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
const (
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
func (e *Engine) failure(L *lua.Thread, err *lua.Error) error {
	text, counted := raised(L, err)
	if err.Source != "" {
		text += fmt.Sprintf(" script: %s, on %s:%d.", e.run.name, err.Source, err.Line)
	}
	return replyError(text, counted)
}

// raised returns the text of an error, and whether it is counted already.
func raised(L *lua.Thread, err *lua.Error) (text string, counted bool) {
	if !err.Value.IsTable() {
		text, ok := err.Value.AsString()
		if !ok {
			text = L.ToText(err.Value).Str()
		}
		return "ERR " + cString(text), false
	}
	t := err.Value.Table()
	text, ok := t.GetString(fieldErr).AsString()
	if !ok {
		text = "ERR unknown error"
	}
	return cString(text), t.GetString(fieldCounted).Truth()
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
