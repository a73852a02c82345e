package lua

import "unsafe"

// Function is a closure: of Lua code with the variables it has captured, or of Go code.
type Function struct {
	Name string // of one written in Go

	builtin  Builtin
	proto    *Prototype // of one written in Lua
	upvalues []*upvalue
	holds    []Value // what one written in Go holds on to, so that it is measured
	env      *Table  // its globals
	mark     uint32
	isNext   bool // whether it is next(), which the machine knows
}

const functionSize = int64(unsafe.Sizeof(Function{}))

// IsBuiltin reports whether the function is written in Go.
func (f *Function) IsBuiltin() bool { return f.builtin != nil }

// upvalue is a variable that closures have captured. While its function runs it is open: it refers to the register.
type upvalue struct {
	at     *Value // the register, or own
	own    Value
	index  int      // of the register in the stack while it is open
	next   *upvalue // the next one further down that is open
	closed bool
}

const upvalueSize = int64(unsafe.Sizeof(upvalue{})) + 8

// Load returns a function that runs the chunk with the given globals.
func (s *State) Load(p *Prototype, globals *Table) Value {
	s.Charge(functionSize)
	return (&Function{proto: p, env: globals}).Value()
}

// closure makes a function of a prototype in the current frame, whose function is f and whose registers begin at base.
func (L *Thread) closure(f *Function, p *Prototype, base int) Value {
	L.Charge(functionSize + int64(len(p.upvalues))*8)
	c := &Function{proto: p, env: f.env, upvalues: make([]*upvalue, len(p.upvalues))}
	for i := range p.upvalues {
		if u := &p.upvalues[i]; u.local {
			c.upvalues[i] = L.capture(base + u.index)
		} else {
			c.upvalues[i] = f.upvalues[u.index]
		}
	}
	return c.Value()
}

// capture returns the open upvalue of a register.
func (L *Thread) capture(index int) *upvalue {
	at := &L.open
	for *at != nil && (*at).index >= index {
		if (*at).index == index {
			return *at
		}
		at = &(*at).next
	}
	L.Charge(upvalueSize)
	u := &upvalue{at: &L.stack[index], index: index, next: *at}
	*at = u
	return u
}

// closeUpvalues makes the variables from a place of the stack on independent of it.
func (L *Thread) closeUpvalues(from int) {
	for L.open != nil && L.open.index >= from {
		u := L.open
		L.open = u.next
		u.own = *u.at
		u.at, u.next, u.closed = &u.own, nil, true
	}
}

func (m *measurement) function(f *Function) {
	m.bytes += functionSize + int64(len(f.upvalues))*8
	if f.env != nil {
		m.add(f.env.Value())
	}
	if f.proto != nil {
		m.prototype(f.proto)
	}
	for _, v := range f.holds {
		m.add(v)
	}
	for _, u := range f.upvalues {
		if u.closed {
			m.bytes += upvalueSize
		}
		m.add(*u.at)
	}
}
