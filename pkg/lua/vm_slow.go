package lua

import "math"

// arithmetic does an operation of numbers as the reference implementation does: a modulo by a floor, and not by what is left of a
// division.
func arithmetic(op opcode, x, y float64) float64 {
	switch op {
	case opAdd:
		return x + y
	case opSub:
		return x - y
	case opMul:
		return x * y
	case opDiv:
		return x / y
	case opMod:
		return x - float64(math.Floor(x/y)*y)
	case opPow:
		return math.Pow(x, y)
	}
	return -x
}

// plain reports whether fields of the table may be set without asking anyone.
func (t *Table) plain() bool { return t.Meta == nil && !t.ReadOnly }

// setField is setIndex for a constant string as key.
func (L *Thread) setField(v, k Value, hash uint32, value Value, register int) {
	if v.IsTable() {
		if t := v.Table(); t.plain() {
			if n := t.stringNode(k, hash); n != nil {
				n.value = value
			} else {
				t.insert(L.State, k, value)
			}
			return
		}
	}
	L.setIndex(v, k, value, register)
}

// stringNode returns the node of a string whose hash is known, or nil.
func (t *Table) stringNode(k Value, hash uint32) *node {
	if len(t.nodes) == 0 {
		return nil
	}
	i := int(hash) & (len(t.nodes) - 1)
	for {
		n := &t.nodes[i]
		if n.key.n == k.n && (n.key.p == k.p || n.key.IsString() && n.key.Str() == k.Str()) {
			return n
		}
		if n.next == 0 {
			return nil
		}
		i += int(n.next)
	}
}

// setList sets the elements from first+1 on. The array grows to just their number if it is smaller.
func (t *Table) setList(s *State, first int, values []Value) {
	if last := first + len(values); last > len(t.array) {
		t.resize(s, last, len(t.nodes))
	}
	copy(t.array[first:], values)
}

// tailCall calls a function in the place of the current one.
func (L *Thread) tailCall(ci *frame, at int) outcome {
	if !L.stack[at].IsFunction() {
		L.callable(at)
	}
	L.Step(1)
	f := L.stack[at].Function()
	if f.builtin != nil {
		return L.callBuiltin(f, at, multiple)
	}
	if L.open != nil {
		L.closeUpvalues(ci.base)
	}
	n := copy(L.stack[ci.at:], L.stack[at:L.top])
	L.top = ci.at + n
	entry, tails := ci.entry, ci.tails
	L.frame = ci.prev
	L.beginLua(f, ci.at, ci.results)
	ci.entry, ci.tails = entry, tails+1
	return begun
}

// prepareLoop makes numbers of the initial value, limit and step of a loop, and takes the step back that the loop begins with.
func (L *Thread) prepareLoop(r []Value) {
	for i, what := range [...]string{"initial value", "limit", "step"} {
		f, ok := r[i].AsNumber()
		if !ok {
			L.runtimeError("'for' " + what + " must be a number")
		}
		r[i] = Number(f)
	}
	r[0] = Number(r[0].Float() - r[2].Float())
}

// varargs puts the extra arguments of the frame at a place of the stack: n of them, or all up to the top.
func (L *Thread) varargs(ci *frame, at, n int) {
	p := ci.function.proto
	extra := ci.base - ci.at - 1 - p.parameters
	from := ci.base - extra
	if n == multiple {
		n = extra
		L.ensure(at + n)
		L.top = at + n
	}
	copied := copy(L.stack[at:at+n], L.stack[from:ci.base])
	clear(L.stack[at+copied : at+n])
}
