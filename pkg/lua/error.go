package lua

// Error is what a script ended with.
type Error struct {
	Value Value // what was raised, mostly a string

	// Where it was raised: the chunk as given to Compile and the line of the innermost function of Lua. If Go functions called each other
	// there, the source is "=[C]" and the line -1; if nothing was running, the source is empty.
	Source string
	Line   int

	abort bool // no script can catch it
}

// Error returns the text of a string or number; of other values their type in parentheses.
func (e *Error) Error() string {
	if text, ok := e.Value.AsString(); ok {
		return text
	}
	return "(error object is a " + e.Value.Kind().String() + " value)"
}
