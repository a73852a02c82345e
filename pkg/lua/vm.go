package lua

import "math"

// operand returns what an RK operand refers to.
func operand(registers *[window]Value, constants []Value, rk int) *Value {
	if rk >= constantBit {
		return &constants[rk-constantBit]
	}
	return &registers[uint8(rk)]
}

// execute runs the function of the current frame, and those that it calls and returns to, until the frame returns with which the machine
// was entered, or until the coroutine yields. Calls of Lua by Lua do not nest on Go's stack.
//
// It is one function, however long, for speed: what it does most is to go from one instruction to the next with the code and the registers
// at hand. Cases here are the common ones; all others are in functions of their own. These may grow the stack, therefore `registers` is
// read anew behind them, and may raise an error, therefore the frame's pc is set before them.
func (L *Thread) execute() {
	s := L.State
	for {
		ci := L.frame
		f := ci.function
		p := f.proto
		code, constants := p.code, p.constants
		base, pc := ci.base, ci.pc
		registers := (*[window]Value)(L.stack[base:])
	run:
		for {
			i := code[pc]
			pc++
			switch i.op {
			case opMove:
				registers[i.a] = registers[uint8(i.b)]
			case opLoadK:
				registers[i.a] = constants[i.b]
			case opLoadBool:
				registers[i.a] = Bool(i.b != 0)
				if i.c != 0 {
					pc++
				}
			case opLoadNil:
				clear(registers[i.a : i.b+1])
			case opGetUpval:
				registers[i.a] = *f.upvalues[i.b].at
			case opGetGlobal:
				v := f.env.getString(constants[i.b], p.hashes[i.b])
				if v.IsNil() && f.env.Meta != nil {
					ci.pc = pc
					v = L.index(f.env.Value(), constants[i.b], -1)
					registers = (*[window]Value)(L.stack[base:])
				}
				registers[i.a] = v
			case opGetField:
				k := int(i.c) - constantBit
				from := registers[uint8(i.b)]
				var v Value
				if from.IsTable() {
					v = from.Table().getString(constants[k], p.hashes[k])
				}
				if v.IsNil() && (!from.IsTable() || from.Table().Meta != nil) {
					ci.pc = pc
					v = L.index(from, constants[k], int(i.b))
					registers = (*[window]Value)(L.stack[base:])
				}
				registers[i.a] = v
			case opGetTable:
				from := registers[uint8(i.b)]
				k := operand(registers, constants, int(i.c))
				if from.IsTable() {
					t := from.Table()
					var v Value
					if n := int(k.Float()); k.IsNumber() && float64(n) == k.Float() && uint(n-1) < uint(len(t.array)) {
						v = t.array[n-1]
					} else {
						v = t.Get(*k)
					}
					if !v.IsNil() || t.Meta == nil {
						registers[i.a] = v
						continue
					}
				}
				ci.pc = pc
				v := L.index(from, *k, int(i.b))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opSetGlobal:
				ci.pc = pc
				L.setField(f.env.Value(), constants[i.b], p.hashes[i.b], registers[i.a], -1)
				registers = (*[window]Value)(L.stack[base:])
			case opSetUpval:
				*f.upvalues[i.b].at = registers[i.a]
			case opSetField:
				k := int(i.b) - constantBit
				ci.pc = pc
				L.setField(registers[i.a], constants[k], p.hashes[k], *operand(registers, constants, int(i.c)), int(i.a))
				registers = (*[window]Value)(L.stack[base:])
			case opSetTable:
				to := registers[i.a]
				k, v := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if to.IsTable() && k.IsNumber() {
					t := to.Table()
					if n := int(k.Float()); float64(n) == k.Float() && uint(n-1) < uint(len(t.array)) && t.plain() {
						t.array[n-1] = *v
						continue
					}
				}
				ci.pc = pc
				L.setIndex(to, *k, *v, int(i.a))
				registers = (*[window]Value)(L.stack[base:])
			case opNewTable:
				ci.pc = pc
				registers[i.a] = s.NewTable(int(i.b), int(i.c)).Value()
			case opSelfField, opSelf:
				from := registers[uint8(i.b)]
				k := operand(registers, constants, int(i.c))
				registers[i.a+1] = from
				ci.pc = pc
				v := L.index(from, *k, int(i.b))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opAdd:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(x.Float() + y.Float())
					continue
				}
				ci.pc = pc
				v := L.arithmetic(opAdd, *x, *y, int(i.b), int(i.c))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opSub:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(x.Float() - y.Float())
					continue
				}
				ci.pc = pc
				v := L.arithmetic(opSub, *x, *y, int(i.b), int(i.c))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opMul:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(x.Float() * y.Float())
					continue
				}
				ci.pc = pc
				v := L.arithmetic(opMul, *x, *y, int(i.b), int(i.c))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opAddK:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(x.Float() + constants[i.c-constantBit].Float())
					continue
				}
				ci.pc = pc
				v := L.arithmetic(opAdd, registers[uint8(i.b)], constants[i.c-constantBit], int(i.b), int(i.c))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opSubK:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(x.Float() - constants[i.c-constantBit].Float())
					continue
				}
				ci.pc = pc
				v := L.arithmetic(opSub, registers[uint8(i.b)], constants[i.c-constantBit], int(i.b), int(i.c))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opMulK:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(x.Float() * constants[i.c-constantBit].Float())
					continue
				}
				ci.pc = pc
				v := L.arithmetic(opMul, registers[uint8(i.b)], constants[i.c-constantBit], int(i.b), int(i.c))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opModK:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					a, b := x.Float(), constants[i.c-constantBit].Float()
					registers[i.a].setNumber(a - float64(math.Floor(a/b)*b))
					continue
				}
				ci.pc = pc
				v := L.arithmetic(opMod, registers[uint8(i.b)], constants[i.c-constantBit], int(i.b), int(i.c))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opDiv, opMod, opPow, opDivK:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(arithmetic(i.op.generic(), x.Float(), y.Float()))
					continue
				}
				ci.pc = pc
				v := L.arithmetic(i.op.generic(), *x, *y, int(i.b), int(i.c))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opUnm:
				if x := registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(-x.Float())
					continue
				}
				ci.pc = pc
				v := L.arithmetic(opUnm, registers[uint8(i.b)], registers[uint8(i.b)], int(i.b), int(i.b))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opNot:
				registers[i.a] = Bool(!registers[uint8(i.b)].Truth())
			case opLen:
				ci.pc = pc
				v := L.length(registers[uint8(i.b)], int(i.b))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = v
			case opConcat:
				ci.pc = pc
				L.concat(base+int(i.b), base+int(i.c))
				registers = (*[window]Value)(L.stack[base:])
				registers[i.a] = registers[uint8(i.b)]
			case opJump:
				if pc += int(i.b); i.b < 0 {
					if s.steps--; s.steps <= 0 {
						ci.pc = pc
						s.tick()
						registers = (*[window]Value)(L.stack[base:])
					}
				}
			case opEqK, opEq, opLt, opLe, opTest, opTestSet:
				var holds bool
				switch i.op {
				case opEqK:
					holds = registers[uint8(i.b)].Equal(constants[i.c-constantBit])
				case opEq:
					x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
					if holds = x.Equal(*y); !holds && x.IsTable() && y.IsTable() {
						ci.pc = pc
						holds = L.Equal(*x, *y)
						registers = (*[window]Value)(L.stack[base:])
					}
				case opLt:
					x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
					if x.IsNumber() && y.IsNumber() {
						holds = x.Float() < y.Float()
					} else {
						ci.pc = pc
						holds = L.Less(*x, *y)
						registers = (*[window]Value)(L.stack[base:])
					}
				case opLe:
					x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
					if x.IsNumber() && y.IsNumber() {
						holds = x.Float() <= y.Float()
					} else {
						ci.pc = pc
						holds = L.lessOrEqual(*x, *y)
						registers = (*[window]Value)(L.stack[base:])
					}
				case opTest:
					if registers[i.a].Truth() != (i.c != 0) {
						pc++
						continue
					}
				case opTestSet:
					if registers[uint8(i.b)].Truth() != (i.c != 0) {
						pc++
						continue
					}
					registers[i.a] = registers[uint8(i.b)]
				}
				if i.op != opTest && i.op != opTestSet && holds != (i.a != 0) {
					pc++
					continue
				}
				offset := int(code[pc].b)
				if pc += offset + 1; offset < 0 {
					if s.steps--; s.steps <= 0 {
						ci.pc = pc
						s.tick()
						registers = (*[window]Value)(L.stack[base:])
					}
				}
			case opCall:
				at := base + int(i.a)
				if i.b != 0 {
					L.top = at + int(i.b)
				}
				ci.pc = pc
				switch L.begin(at, int(i.c)-1) {
				case begun:
					break run
				case yielded:
					return
				}
				if i.c != 0 {
					L.top = ci.top
				}
				registers = (*[window]Value)(L.stack[base:])
			case opTailCall:
				at := base + int(i.a)
				if i.b != 0 {
					L.top = at + int(i.b)
				}
				ci.pc = pc
				switch L.tailCall(ci, at) {
				case begun:
					break run
				case yielded:
					return
				}
				registers = (*[window]Value)(L.stack[base:])
			case opReturn:
				from, n := base+int(i.a), int(i.b)-1
				if i.b == 0 {
					n = L.top - from
				}
				if L.open != nil {
					L.closeUpvalues(base)
				}
				L.finish(ci, from, n)
				if ci.entry {
					return
				}
				if ci.results >= 0 {
					L.top = L.frame.top
				}
				break run
			case opForLoop:
				step := registers[i.a+2].Float()
				index := registers[i.a].Float() + step
				limit := registers[i.a+1].Float()
				if step > 0 && index <= limit || !(step > 0) && limit <= index {
					pc += int(i.b)
					registers[i.a].n = math.Float64bits(index)
					registers[i.a+3].setNumber(index)
					if s.steps--; s.steps <= 0 {
						ci.pc = pc
						s.tick()
						registers = (*[window]Value)(L.stack[base:])
					}
				}
			case opForPrep:
				ci.pc = pc
				L.prepareLoop(registers[i.a:])
				pc += int(i.b)
			case opForIn:
				at := base + int(i.a) + 3
				copy(L.stack[at:at+3], registers[i.a:])
				L.top = at + 3
				ci.pc = pc
				L.Call(2, int(i.c))
				L.top = ci.top
				registers = (*[window]Value)(L.stack[base:])
				if registers[i.a+3].IsNil() {
					pc++
					continue
				}
				registers[i.a+2] = registers[i.a+3]
			case opSetList:
				ci.pc = pc
				n := int(i.b)
				if n == 0 {
					n = L.top - (base + int(i.a)) - 1
					L.top = ci.top
				}
				from := base + int(i.a) + 1
				registers[i.a].Table().setList(s, int(code[pc].b), L.stack[from:from+n])
				pc++
			case opClose:
				L.closeUpvalues(base + int(i.a))
			case opClosure:
				ci.pc = pc
				registers[i.a] = L.closure(f, p.prototypes[i.b], base)
			case opVararg:
				ci.pc = pc
				L.varargs(ci, base+int(i.a), int(i.b)-1)
				registers = (*[window]Value)(L.stack[base:])
			}
		}
	}
}
