package lua

// outcome is how far the beginning of a call has gone.
type outcome uint8

const (
	finished outcome = iota // of a builtin: its results are on the stack
	begun                   // of Lua code: the machine has to run it
	yielded                 // the coroutine waits
)

// errorInHandling is the error that the handling of an error has failed.
const errorInHandling = "error in error handling"

// Call calls the function that lies on the stack below so many arguments, and replaces them all with so many results; with all there are
// if results is -1. An error passes through.
func (L *Thread) Call(args, results int) {
	L.nest()
	if L.begin(L.top-args-1, results) == begun {
		L.frame.entry = true
		L.execute()
	}
	L.State.nested--
}

// nest counts a call that takes Go's stack.
func (L *Thread) nest() {
	s := L.State
	if s.nested++; s.nested >= s.limits.Nested {
		switch {
		case s.nested == s.limits.Nested:
			L.runtimeError("C stack overflow")
		case s.nested >= s.limits.Nested+s.limits.Nested/8:
			L.throw(String(errorInHandling))
		}
	}
}

// begin begins the call of the function at a place of the stack, with all above as arguments.
func (L *Thread) begin(at, results int) outcome {
	if !L.stack[at].IsFunction() {
		L.callable(at)
	}
	L.Step(1)
	f := L.stack[at].Function()
	if f.builtin != nil {
		return L.callBuiltin(f, at, results)
	}
	L.beginLua(f, at, results)
	return begun
}

// callable puts the metamethod of what is to be called below it.
func (L *Thread) callable(at int) {
	v := L.stack[at]
	method := L.Metafield(v, "__call")
	if !method.IsFunction() {
		L.typeErrorAt(v, L.register(at), "call")
	}
	L.Push(Nil)
	copy(L.stack[at+1:L.top], L.stack[at:])
	L.stack[at] = method
}

func (L *Thread) callBuiltin(f *Function, at, results int) outcome {
	ci := L.enter(f, at, results)
	ci.top = 0
	L.base = at + 1
	n := f.builtin(L)
	if n < 0 {
		return yielded
	}
	L.used = max(L.used, L.top)
	L.finish(ci, L.top-n, n)
	return finished
}

// beginLua makes the frame of a function of Lua.
func (L *Thread) beginLua(f *Function, at, results int) {
	p := f.proto
	base, args := at+1, L.top-at-1
	if p.vararg != 0 {
		base = L.shiftFixed(p, at, args)
	}
	L.ensure(base)
	if p.vararg == 0 {
		for i := args; i < p.parameters; i++ {
			L.stack[base+i] = Nil
		}
	}
	ci := L.enter(f, at, results)
	ci.base, ci.top, ci.pc = base, base+p.registers, 0
	L.top = ci.top
	L.used = max(L.used, L.top)
}

// shiftFixed moves the parameters of a function with … above its arguments, so that the extra ones stay below its registers.
func (L *Thread) shiftFixed(p *Prototype, at, args int) (base int) {
	for ; args < p.parameters; args++ {
		L.Push(Nil)
	}
	base = at + 1 + args
	L.ensure(base)
	fixed := L.stack[at+1 : at+1+p.parameters]
	copy(L.stack[base:], fixed)
	if p.vararg&varargNeedsArg != 0 {
		L.stack[base+p.parameters] = L.extraArguments(L.stack[at+1+p.parameters : base])
	} else if p.vararg&varargHasArg != 0 {
		L.stack[base+p.parameters] = Nil
	}
	clear(fixed)
	return base
}

// extraArguments returns the table arg of functions that do not use … themselves.
func (L *Thread) extraArguments(extra []Value) Value {
	t := L.NewTable(len(extra), 1)
	copy(t.array, extra)
	t.SetString(L.State, "n", Int(len(extra)))
	return t.Value()
}

// finish ends a call: its n results, which begin at a place of the stack, go where its caller wants them.
func (L *Thread) finish(ci *frame, from, n int) {
	L.frame = ci.prev
	L.base = ci.prev.base
	at, wanted := ci.at, ci.results
	if wanted == 1 && n > 0 {
		L.stack[at] = L.stack[from]
		L.top = at + 1
		return
	}
	if wanted == multiple {
		wanted = n
	}
	copy(L.stack[at:at+min(n, wanted)], L.stack[from:])
	for ; n < wanted; n++ {
		L.stack[at+n] = Nil
	}
	L.top = at + wanted
}

// PCall is Call, but returns the error that ends the call; the function and its arguments are then gone from the stack.
func (L *Thread) PCall(args, results int) *Error { return L.protected(args, results, Nil) }

// xpcall is PCall with a function that is called with an error's value where that was raised, and returns what to replace it with.
func (L *Thread) xpcall(args, results int, handler Value) *Error {
	if handler.IsNil() {
		handler = False // which cannot be called either, and is not the absence of a handler
	}
	return L.protected(args, results, handler)
}

// protected calls a function and catches its errors.
func (L *Thread) protected(args, results int, handler Value) (failure *Error) {
	s, ci, at := L.State, L.frame, L.top-args-1
	nested, outer := s.nested, L.handler
	defer func() {
		if r := recover(); r != nil {
			failure = L.caught(r, ci)
			s.nested = nested
			L.closeUpvalues(at)
			L.used = max(L.used, L.top)
			L.top, L.handler = at, outer
		}
		if ci.prev == nil && L == s.main {
			L.release()
		}
	}()
	L.handler = handler
	L.Call(args, results)
	L.handler = outer
	return nil
}

// caught takes the thread back to the frame in which an error was caught. What is none goes on.
func (L *Thread) caught(r any, ci *frame) *Error {
	failure, ok := r.(*Error)
	if !ok || failure.abort && (ci.prev != nil || L != L.main) {
		panic(r)
	}
	if L.overflow {
		L.overflow = false
		L.calls = L.limits.Calls
		ci.next = nil
	}
	L.current = L
	L.frame, L.base = ci, ci.base
	return failure
}

// Raise raises a value as an error. It does not return.
func (L *Thread) Raise(v Value) {
	e := &Error{Value: v}
	e.Source, e.Line = L.raisedAt()
	if handler := L.handler; !handler.IsNil() {
		if !handler.IsFunction() {
			L.throw(String(errorInHandling))
		}
		L.top = max(L.top, L.frame.top)
		L.Push(handler)
		L.Push(v)
		L.Call(1, 1)
		e.Value = L.Pop()
	}
	panic(e)
}

// throw raises an error that no handler sees.
func (L *Thread) throw(v Value) {
	e := &Error{Value: v}
	e.Source, e.Line = L.raisedAt()
	panic(e)
}

// Abort raises an error that no script can catch: it ends the call of the host.
func (L *Thread) Abort(v Value) {
	e := &Error{Value: v, abort: true}
	e.Source, e.Line = L.raisedAt()
	panic(e)
}

// runtimeError raises an error with a text that is preceded by where the current function is, if that is in Lua.
func (L *Thread) runtimeError(text string) { L.Raise(String(L.place(L.frame) + text)) }
