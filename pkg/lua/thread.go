package lua

import "fmt"

// Builtin is a function written in Go. It finds its arguments with L.Arg, leaves its results on the stack with L.Push, and returns how
// many of what lies on top are results.
type Builtin func(L *Thread) int

// NArgs returns how many values the current function has on the stack: its arguments, and what it has pushed.
func (L *Thread) NArgs() int { return L.top - L.base }

// Arg returns the i-th value of the current function, from 1 on: its arguments, then what it has pushed; nil beyond. With a
// negative i it counts from the top.
func (L *Thread) Arg(i int) Value {
	if i < 0 {
		i += L.NArgs() + 1
	}
	if i < 1 || L.base+i > L.top {
		return Nil
	}
	return L.stack[L.base+i-1]
}

// SetArg replaces the i-th value, which must be there.
func (L *Thread) SetArg(i int, v Value) { L.stack[L.base+i-1] = v }

// Push puts a value on top of the stack.
func (L *Thread) Push(v Value) {
	if L.top == len(L.stack) {
		L.grow(1)
	}
	L.stack[L.top] = v
	L.top++
}

// Pop takes the value on top from the stack.
func (L *Thread) Pop() Value {
	L.top--
	v := L.stack[L.top]
	L.stack[L.top] = Nil
	return v
}

// SetTop makes the current function have n values: those above are dropped, those missing are nil.
func (L *Thread) SetTop(n int) {
	for L.NArgs() < n {
		L.Push(Nil)
	}
	for L.NArgs() > n {
		L.Pop()
	}
}

// PushString pushes a string that was made just now, and counts its memory.
func (L *Thread) PushString(s string) { L.Push(L.OwnString(s)) }

// CheckAny raises an error if there is no i-th argument, as CheckTable and the others do if it is none of theirs.
func (L *Thread) CheckAny(i int) {
	if i > L.NArgs() {
		L.ArgError(i, "value expected")
	}
}

// CheckTable returns a table.
func (L *Thread) CheckTable(i int) *Table {
	if !L.Arg(i).IsTable() {
		L.typeError(i, "table")
	}
	return L.Arg(i).Table()
}

// CheckFunction returns a function.
func (L *Thread) CheckFunction(i int) Value {
	if !L.Arg(i).IsFunction() {
		L.typeError(i, "function")
	}
	return L.Arg(i)
}

// CheckNumber returns a number, or that which a string says.
func (L *Thread) CheckNumber(i int) float64 {
	f, ok := L.number(L.Arg(i))
	if !ok {
		L.typeError(i, "number")
	}
	return f
}

// CheckInt is CheckNumber without what is behind the point.
func (L *Thread) CheckInt(i int) int { return ToInt(L.CheckNumber(i)) }

// CheckString returns a string, or a number's text.
func (L *Thread) CheckString(i int) string {
	v := L.Arg(i)
	if v.IsString() {
		return v.Str()
	}
	text, ok := v.AsString()
	if !ok {
		L.typeError(i, "string")
	}
	return text
}

// OptInt is CheckInt with a value for an argument that is nil or missing.
func (L *Thread) OptInt(i, otherwise int) int {
	if L.Arg(i).IsNil() {
		return otherwise
	}
	return L.CheckInt(i)
}

// OptString is CheckString with a value for an argument that is nil or missing.
func (L *Thread) OptString(i int, otherwise string) string {
	if L.Arg(i).IsNil() {
		return otherwise
	}
	return L.CheckString(i)
}

// ToInt converts a number as C does on the machines of today: without what is behind the point, and to the least integer if it
// is out of range or no number.
func ToInt(f float64) int {
	if f >= -(1<<63) && f < 1<<63 {
		return int(f)
	}
	return -1 << 63
}

// typeName returns how messages call the type of an argument.
func (L *Thread) typeName(i int) string {
	if i > L.NArgs() {
		return "no value"
	}
	return L.Arg(i).Kind().String()
}

func (L *Thread) typeError(i int, expected string) {
	L.ArgError(i, expected+" expected, got "+L.typeName(i))
}

// ArgError raises the error that the i-th argument is bad and why; the message names the function as its caller does.
func (L *Thread) ArgError(i int, why string) {
	name, method := L.calledAs()
	if method {
		if i--; i == 0 {
			L.Errorf("calling '%s' on bad self (%s)", name, why)
		}
	}
	L.Errorf("bad argument #%d to '%s' (%s)", i, name, why)
}

// Errorf raises an error with a text that is preceded by where the current function was called, if that is in Lua.
func (L *Thread) Errorf(format string, args ...any) {
	L.Raise(L.OwnString(L.Where(1) + fmt.Sprintf(format, args...)))
}
