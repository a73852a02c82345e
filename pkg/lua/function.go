package lua

import "unsafe"

// Function is a closure: of Lua code with the variables it has captured, or of Go code.
type Function struct {
	Name string // of one written in Go

	builtin Builtin
	holds   []Value // what one written in Go holds on to, so that it is measured
	env     *Table  // its globals
	mark    uint32
}

const functionSize = int64(unsafe.Sizeof(Function{}))

// IsBuiltin reports whether the function is written in Go.
func (f *Function) IsBuiltin() bool { return f.builtin != nil }

func (m *measurement) function(f *Function) {
	m.bytes += functionSize
	for _, v := range f.holds {
		m.add(v)
	}
	m.add(f.env.Value())
}

// Prototype is compiled code, which does not change: any number of closures, of any states, may share it.
type Prototype struct{}

// Compile compiles a chunk. Its name is what error messages call it: "@name" as a file of that name, "=name" as just that, anything else
// as a string of code. The error's text is that of the reference implementation, with the place.
func Compile(source, name string) (*Prototype, error) { panic("vm") }

// Load returns a function that runs the chunk with the given globals.
func (s *State) Load(p *Prototype, globals *Table) Value { panic("vm") }

// Thread is a coroutine, or the main thread: a stack of values and of the calls under way.
type Thread struct {
	*State

	stack     []Value
	base, top int // of the current function
	mark      uint32
}

func newThread(s *State) *Thread { return &Thread{State: s, stack: make([]Value, 64)} }

func (L *Thread) grow(n int) { panic("vm") }

func (m *measurement) thread(t *Thread) { panic("vm") }

// Call calls the function that lies on the stack below so many arguments, and replaces them all with so many results; with all there are
// if results is -1. An error passes through.
func (L *Thread) Call(args, results int) { panic("vm") }

// PCall is Call, but returns the error that ends the call; the function and its arguments are then gone from the stack.
func (L *Thread) PCall(args, results int) *Error { panic("vm") }

// Raise raises a value as an error. It does not return.
func (L *Thread) Raise(v Value) { panic("vm") }

// Where returns the place where the function at a level of the call stack is, as "chunk:line: ", or nothing if that is not in Lua. The
// current function is level 0, who called it level 1.
func (L *Thread) Where(level int) string { panic("vm") }

// calledAs returns by what name the current function was called, "?" if the code does not tell, and whether as a method.
func (L *Thread) calledAs() (name string, method bool) { panic("vm") }

// runtimeError raises an error with a text that is preceded by where the current function is, if that is in Lua.
func (L *Thread) runtimeError(text string) { panic("vm") }

// Metafield returns a field of the value's metatable, nil if there is none.
func (L *Thread) Metafield(v Value, name string) Value { panic("vm") }

// Index returns v[k], and SetIndex sets it, both with metamethods.
func (L *Thread) Index(v, k Value) Value     { panic("vm") }
func (L *Thread) SetIndex(v, k, value Value) { panic("vm") }

// Less reports whether x < y, and Equal whether x == y, both with metamethods. Less raises an error if the two cannot be compared.
func (L *Thread) Less(x, y Value) bool  { panic("vm") }
func (L *Thread) Equal(x, y Value) bool { panic("vm") }

// ToText returns what tostring() does: by the metamethod __tostring if there is one.
func (L *Thread) ToText(v Value) Value { panic("vm") }
