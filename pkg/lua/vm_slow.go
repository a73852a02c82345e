package lua

import (
	"math"

	"snakecache/pkg/lua/mathx"
)

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
		return modulo(x, y)
	case opPow:
		return mathx.Pow(x, y)
	}
	return -x
}

// modulo is that of the reference implementation. The conversion keeps the compiler from joining multiplication and subtraction.
func modulo(x, y float64) float64 { return x - float64(math.Floor(x/y)*y) }

// interrupt calls the host's tick before the instruction at pc, which is where an error that it raises is.
func (L *Thread) interrupt(ci *frame, pc int) *[window]Value {
	ci.pc = pc + 1
	L.tick()
	return (*[window]Value)(L.stack[ci.base:])
}

// slow does an instruction in full generality. It returns the frame's registers, which may have moved.
func (L *Thread) slow(ci *frame, i *instruction) *[window]Value {
	f, p := ci.function, ci.function.proto
	r := (*[window]Value)(L.stack[ci.base:])
	var v Value
	switch op := i.op.generic(); op {
	case opGetGlobal:
		v = L.index(f.env.Value(), p.constants[i.b], -1)
	case opGetTable, opSelf:
		from := r[uint8(i.b)]
		v = L.index(from, *operand(r, p.constants, int(i.c)), int(i.b))
		if op == opSelf {
			L.stack[ci.base+int(i.a)+1] = from
		}
	case opSetGlobal:
		L.setIndex(f.env.Value(), p.constants[i.b], r[i.a], -1)
		return (*[window]Value)(L.stack[ci.base:])
	case opSetTable:
		L.setIndex(r[i.a], *operand(r, p.constants, int(i.b)), *operand(r, p.constants, int(i.c)), int(i.a))
		return (*[window]Value)(L.stack[ci.base:])
	case opUnm:
		v = L.arithmetic(op, r[uint8(i.b)], r[uint8(i.b)], int(i.b), int(i.b))
	case opLen:
		v = L.length(r[uint8(i.b)], int(i.b))
	case opConcat:
		L.concat(ci.base+int(i.b), ci.base+int(i.c))
		v = L.stack[ci.base+int(i.b)]
	case opNewTable:
		v = L.NewTable(int(i.b), int(i.c)).Value()
	case opClosure:
		v = L.closure(f, p.prototypes[i.b], ci.base)
	case opVararg:
		L.varargs(ci, ci.base+int(i.a), int(i.b)-1)
		return (*[window]Value)(L.stack[ci.base:])
	default:
		v = L.arithmetic(op, *operand(r, p.constants, int(i.b)), *operand(r, p.constants, int(i.c)), int(i.b), int(i.c))
	}
	r = (*[window]Value)(L.stack[ci.base:])
	r[i.a] = v
	return r
}

// callIterator calls the iterator of a loop.
func (L *Thread) callIterator(ci *frame, i instruction) *[window]Value {
	at := ci.base + int(i.a) + 3
	if L.nextPair(L.stack[at-3:at+int(i.c)], int(i.c)) {
		return (*[window]Value)(L.stack[ci.base:])
	}
	copy(L.stack[at:at+3], L.stack[at-3:])
	L.top = at + 3
	L.Call(2, int(i.c))
	L.top = ci.top
	return (*[window]Value)(L.stack[ci.base:])
}

// nextPair does the turn of a loop with next() without calling it, if that is the iterator and cannot fail: the most common loop.
func (L *Thread) nextPair(r []Value, results int) bool {
	if !r[0].IsFunction() || !r[0].Function().isNext || !r[1].IsTable() {
		return false
	}
	k, v, ok := r[1].Table().Next(r[2])
	if !ok {
		return false
	}
	L.Step(1)
	r[3] = k
	if results > 1 {
		r[4] = v
		clear(r[5:])
	}
	return true
}

// setElements stores values in the table in a register: those above it, from element first+1 on.
func (L *Thread) setElements(ci *frame, i instruction, first int) {
	from, n := ci.base+int(i.a)+1, int(i.b)
	if n == 0 {
		n = L.top - from
		L.top = ci.top
	}
	L.stack[from-1].Table().setList(L.State, first, L.stack[from:from+n])
}

// less does a comparison of what are not two numbers.
func (L *Thread) less(op opcode, x, y Value) bool {
	if op == opLt {
		return L.Less(x, y)
	}
	return L.lessOrEqual(x, y)
}

// plain reports whether fields of the table may be set without asking anyone.
func (t *Table) plain() bool { return t.Meta == nil && !t.ReadOnly }

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
		f, ok := L.number(r[i])
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
		L.Step(n * int(valueSize) / bytesPerStep)
		L.ensure(at + n)
		L.top = at + n
	}
	copied := copy(L.stack[at:at+n], L.stack[from:ci.base])
	clear(L.stack[at+copied : at+n])
}
