package lua

import "iter"

// Limits bound what scripts may use up.
type Limits struct {
	Memory int64 // bytes of all that is reachable
	Calls  int   // nested calls of functions, in each coroutine
	Nested int   // nested calls of Go functions that call back, and levels of syntax: each takes Go's stack
}

// DefaultLimits are the reference implementation's of calls, with a bound on memory, of which that has none.
var DefaultLimits = Limits{Memory: 256 << 20, Calls: 20000, Nested: 200}

// State is one world of values: globals, the metatable of strings, and what all its coroutines have used up together. It belongs to one
// goroutine.
type State struct {
	Globals  *Table
	Strings  *Table          // the metatable of all strings, or nil
	Registry map[any]any     // what libraries keep for themselves
	OnTick   func(L *Thread) // called about every TickSteps steps; may raise an error
	Roots    iter.Seq[Value] // what the host keeps from one call to the next, which counts as reachable; or nil

	limits    Limits
	main      *Thread
	current   *Thread // the coroutine that runs
	nested    int     // calls of the machine by itself and by Go functions, each on Go's stack
	steps     int     // until the next tick
	allocated int64   // bytes since the last measurement, and what that found
	threshold int64   // of allocated, at which the next one is due
	scratch   []byte  // for putting together short strings, see buffer
	random    *random // of math.random
	mark      uint32
}

// TickSteps is how many steps pass between two ticks. A step is a call, or a turn of a loop, or as much work within a library.
const TickSteps = 1000

// New returns a state without any globals.
func New(l Limits) *State {
	s := &State{limits: l, Registry: map[any]any{}, steps: TickSteps, random: new(random)}
	s.threshold = l.Memory
	s.main = newThread(s)
	s.current = s.main
	s.Globals = s.NewTable(0, 0)
	return s
}

// Main returns the thread on which the host calls functions.
func (s *State) Main() *Thread { return s.main }

// Step counts work within a Go function: n steps were done. It may raise an error, when the script has to end.
func (s *State) Step(n int) {
	if s.steps -= n; s.steps <= 0 {
		s.tick()
	}
}

func (s *State) tick() {
	s.steps = TickSteps
	if s.OnTick != nil {
		s.OnTick(s.current)
	}
}

// NewString returns a copy of b as a string, and counts its memory.
func (s *State) NewString(b []byte) Value {
	s.Charge(int64(len(b)) + stringSize)
	return String(string(b))
}

// OwnString returns a string that was made just now, and counts its memory.
func (s *State) OwnString(t string) Value {
	s.Charge(int64(len(t)) + stringSize)
	return String(t)
}

// stringSize is the memory of a string beside its bytes, about what an allocation is rounded up by.
const stringSize = 16

// NewFunction returns a function written in Go, whose name is what error messages call it where the caller's code does not tell.
func (s *State) NewFunction(name string, f Builtin) Value {
	s.Charge(functionSize)
	return (&Function{Name: name, builtin: f, env: s.Globals}).Value()
}

// raiseText is runtimeError for what knows the state and not the thread.
func (s *State) raiseText(text string) { s.current.runtimeError(text) }
