package lua

import (
	"math"

	"snakecache/pkg/lua/mathx"
)

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
// at hand, in few variables, so that these stay in the processor's registers. Cases here do what is common and then continue; what they
// leave to do is done by slow, behind the switch. Whatever is called here may grow the stack, therefore registers is read anew behind it,
// and may raise an error, therefore the frame's pc is set before it.
func (L *Thread) execute() {
	for {
		ci := L.frame
		code, constants := ci.function.proto.code, ci.function.proto.constants
		pc := ci.pc
		registers := (*[window]Value)(L.stack[ci.base:])
	run:
		for {
			i := &code[pc]
			pc++
			switch i.op {
			case opMove:
				registers[i.a] = registers[uint8(i.b)]
				continue
			case opLoadK:
				registers[i.a] = constants[i.b]
				continue
			case opLoadBool:
				registers[i.a] = Bool(i.b != 0)
				if i.c != 0 {
					pc++
				}
				continue
			case opLoadNil:
				clear(registers[i.a : i.b+1])
				continue
			case opGetUpval:
				registers[i.a] = *ci.function.upvalues[i.b].at
				continue
			case opGetGlobal:
				f := ci.function
				if v := f.env.getString(constants[i.b], f.proto.hashes[i.b]); !v.IsNil() || f.env.Meta == nil {
					registers[i.a] = v
					continue
				}
			case opGetField:
				if from := &registers[uint8(i.b)]; from.IsTable() {
					t, k := from.Table(), i.c-constantBit
					if v := t.getString(constants[k], ci.function.proto.hashes[k]); !v.IsNil() || t.Meta == nil {
						registers[i.a] = v
						continue
					}
				}
			case opGetTable:
				if from := &registers[uint8(i.b)]; from.IsTable() {
					t, k := from.Table(), operand(registers, constants, int(i.c))
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
			case opSelfField:
				if from := registers[uint8(i.b)]; from.IsTable() {
					t, k := from.Table(), i.c-constantBit
					if v := t.getString(constants[k], ci.function.proto.hashes[k]); !v.IsNil() || t.Meta == nil {
						registers[i.a+1] = from
						registers[i.a] = v
						continue
					}
				}
			case opSetUpval:
				*ci.function.upvalues[i.b].at = registers[i.a]
				continue
			case opSetGlobal:
				if t, f := ci.function.env, ci.function; t.plain() {
					if n := t.stringNode(constants[i.b], f.proto.hashes[i.b]); n != nil {
						n.value = registers[i.a]
						continue
					}
				}
			case opSetField:
				if to := &registers[i.a]; to.IsTable() && to.Table().plain() {
					k := i.b - constantBit
					if n := to.Table().stringNode(constants[k], ci.function.proto.hashes[k]); n != nil {
						n.value = *operand(registers, constants, int(i.c))
						continue
					}
				}
			case opSetTable:
				to, k := &registers[i.a], operand(registers, constants, int(i.b))
				if to.IsTable() && k.IsNumber() {
					t := to.Table()
					if n := int(k.Float()); float64(n) == k.Float() && uint(n-1) < uint(len(t.array)) && t.plain() {
						t.array[n-1] = *operand(registers, constants, int(i.c))
						continue
					}
				}
			case opAdd:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(x.Float() + y.Float())
					continue
				}
			case opSub:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(x.Float() - y.Float())
					continue
				}
			case opMul:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(x.Float() * y.Float())
					continue
				}
			case opDiv:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(x.Float() / y.Float())
					continue
				}
			case opMod:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(modulo(x.Float(), y.Float()))
					continue
				}
			case opPow:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				if x.IsNumber() && y.IsNumber() {
					registers[i.a].setNumber(mathx.Pow(x.Float(), y.Float()))
					continue
				}
			case opAddK:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(x.Float() + constants[i.c-constantBit].Float())
					continue
				}
			case opSubK:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(x.Float() - constants[i.c-constantBit].Float())
					continue
				}
			case opMulK:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(x.Float() * constants[i.c-constantBit].Float())
					continue
				}
			case opDivK:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(x.Float() / constants[i.c-constantBit].Float())
					continue
				}
			case opModK:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(modulo(x.Float(), constants[i.c-constantBit].Float()))
					continue
				}
			case opUnm:
				if x := &registers[uint8(i.b)]; x.IsNumber() {
					registers[i.a].setNumber(-x.Float())
					continue
				}
			case opNot:
				registers[i.a] = Bool(!registers[uint8(i.b)].Truth())
				continue
			case opLen:
				if x := &registers[uint8(i.b)]; x.IsTable() {
					registers[i.a].setNumber(float64(x.Table().Len()))
					continue
				}
			case opJump:
				if pc += int(i.b); i.b < 0 {
					if L.State.steps--; L.State.steps <= 0 {
						registers = L.interrupt(ci, pc)
					}
				}
				continue
			case opEqK:
				if registers[uint8(i.b)].Equal(constants[i.c-constantBit]) != (i.a != 0) {
					pc++
					continue
				}
				offset := int(code[pc].b)
				if pc += offset + 1; offset < 0 {
					if L.State.steps--; L.State.steps <= 0 {
						registers = L.interrupt(ci, pc)
					}
				}
				continue
			case opEq:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				holds := x.Equal(*y)
				if !holds && x.IsTable() && y.IsTable() {
					ci.pc = pc
					holds = L.Equal(*x, *y)
					registers = (*[window]Value)(L.stack[ci.base:])
				}
				if holds != (i.a != 0) {
					pc++
					continue
				}
				offset := int(code[pc].b)
				if pc += offset + 1; offset < 0 {
					if L.State.steps--; L.State.steps <= 0 {
						registers = L.interrupt(ci, pc)
					}
				}
				continue
			case opLt, opLe:
				x, y := operand(registers, constants, int(i.b)), operand(registers, constants, int(i.c))
				var holds bool
				switch {
				case !x.IsNumber() || !y.IsNumber():
					ci.pc = pc
					holds = L.less(i.op, *x, *y)
					registers = (*[window]Value)(L.stack[ci.base:])
				case i.op == opLt:
					holds = x.Float() < y.Float()
				default:
					holds = x.Float() <= y.Float()
				}
				if holds != (i.a != 0) {
					pc++
					continue
				}
				offset := int(code[pc].b)
				if pc += offset + 1; offset < 0 {
					if L.State.steps--; L.State.steps <= 0 {
						registers = L.interrupt(ci, pc)
					}
				}
				continue
			case opTest:
				if registers[i.a].Truth() != (i.c != 0) {
					pc++
					continue
				}
				offset := int(code[pc].b)
				if pc += offset + 1; offset < 0 {
					if L.State.steps--; L.State.steps <= 0 {
						registers = L.interrupt(ci, pc)
					}
				}
				continue
			case opTestSet:
				if registers[uint8(i.b)].Truth() != (i.c != 0) {
					pc++
					continue
				}
				registers[i.a] = registers[uint8(i.b)]
				offset := int(code[pc].b)
				if pc += offset + 1; offset < 0 {
					if L.State.steps--; L.State.steps <= 0 {
						registers = L.interrupt(ci, pc)
					}
				}
				continue
			case opCall:
				at := ci.base + int(i.a)
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
				registers = (*[window]Value)(L.stack[ci.base:])
				continue
			case opTailCall:
				at := ci.base + int(i.a)
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
				registers = (*[window]Value)(L.stack[ci.base:])
				continue
			case opReturn:
				from, n := ci.base+int(i.a), int(i.b)-1
				if i.b == 0 {
					n = L.top - from
				}
				if L.open != nil {
					L.closeUpvalues(ci.base)
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
					if L.State.steps--; L.State.steps <= 0 {
						registers = L.interrupt(ci, pc)
					}
				}
				continue
			case opForPrep:
				ci.pc = pc
				L.prepareLoop(registers[i.a:])
				pc += int(i.b)
				continue
			case opForIn:
				ci.pc = pc
				registers = L.callIterator(ci, *i)
				if registers[i.a+3].IsNil() {
					pc++
					continue
				}
				registers[i.a+2] = registers[i.a+3]
				offset := int(code[pc].b)
				if pc += offset + 1; offset < 0 {
					if L.State.steps--; L.State.steps <= 0 {
						registers = L.interrupt(ci, pc)
					}
				}
				continue
			case opSetList:
				ci.pc = pc + 1
				L.setElements(ci, *i, int(code[pc].b))
				pc++
				continue
			case opClose:
				L.closeUpvalues(ci.base + int(i.a))
				continue
			}
			ci.pc = pc
			registers = L.slow(ci, i)
		}
	}
}
