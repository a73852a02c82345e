package lua

import "math"

// exprKind says where the value of an expression is, or how it comes about.
type exprKind uint8

const (
	exprVoid exprKind = iota
	exprNil
	exprTrue
	exprFalse
	exprConstant  // info is its index
	exprNumber    // number is its value
	exprLocal     // info is its register
	exprUpvalue   // info is its index
	exprGlobal    // info is the constant that is its name
	exprIndexed   // info is the register of the table, aux the RK of the key
	exprJump      // info is the jump that a comparison takes
	exprRelocable // info is the instruction, which may put its result anywhere
	exprRegister  // info is the register
	exprCall      // info is the instruction
	exprVararg    // info is the instruction
)

// expr is an expression of which part of the code is not emitted yet.
type expr struct {
	kind      exprKind
	info, aux int
	number    float64
	whenTrue  int // the jumps out of it where it is true
	whenFalse int
}

func newExpr(kind exprKind, info int) expr {
	return expr{kind: kind, info: info, whenTrue: noJump, whenFalse: noJump}
}

func (e *expr) set(kind exprKind, info int) { e.kind, e.info = kind, info }

func (e *expr) hasJumps() bool { return e.whenTrue != e.whenFalse }

func (e *expr) isNumeral() bool {
	return e.kind == exprNumber && e.whenTrue == noJump && e.whenFalse == noJump
}

func (e *expr) multiple() bool { return e.kind == exprCall || e.kind == exprVararg }

// setResults says how many values an expression of many shall have.
func (b *builder) setResults(e *expr, n int) {
	switch e.kind {
	case exprCall:
		b.code[e.info].c = uint16(n + 1)
	case exprVararg:
		in := &b.code[e.info]
		in.b, in.a = int32(n+1), uint8(b.free)
		b.reserve(1)
	}
}

// setOneResult makes an expression of many values one of one.
func (b *builder) setOneResult(e *expr) {
	switch e.kind {
	case exprCall:
		e.set(exprRegister, int(b.code[e.info].a))
	case exprVararg:
		b.code[e.info].b = 2
		e.kind = exprRelocable
	}
}

// discharge makes a variable a value.
func (b *builder) discharge(e *expr) {
	switch e.kind {
	case exprLocal:
		e.kind = exprRegister
	case exprUpvalue:
		e.set(exprRelocable, b.emit(opGetUpval, 0, e.info, 0))
	case exprGlobal:
		e.set(exprRelocable, b.emit(opGetGlobal, 0, e.info, 0))
	case exprIndexed:
		b.freeRegister(e.aux)
		b.freeRegister(e.info)
		e.set(exprRelocable, b.emit(opGetTable, 0, e.info, e.aux))
	case exprCall, exprVararg:
		b.setOneResult(e)
	}
}

func (b *builder) dischargeTo(e *expr, r int) {
	b.discharge(e)
	switch e.kind {
	case exprNil:
		b.loadNil(r, 1)
	case exprFalse:
		b.emit(opLoadBool, r, 0, 0)
	case exprTrue:
		b.emit(opLoadBool, r, 1, 0)
	case exprConstant:
		b.emit(opLoadK, r, e.info, 0)
	case exprNumber:
		b.emit(opLoadK, r, b.numberConstant(e.number), 0)
	case exprRelocable:
		b.code[e.info].a = uint8(r)
	case exprRegister:
		if r != e.info {
			b.emit(opMove, r, e.info, 0)
		}
	default: // void or a jump: its code does it
		return
	}
	e.set(exprRegister, r)
}

func (b *builder) dischargeAny(e *expr) {
	if e.kind != exprRegister {
		b.reserve(1)
		b.dischargeTo(e, b.free-1)
	}
}

// toRegister puts the value into a register, that of its jumps too.
func (b *builder) toRegister(e *expr, r int) {
	b.dischargeTo(e, r)
	if e.kind == exprJump {
		b.join(&e.whenTrue, e.info)
	}
	if e.hasJumps() {
		loadFalse, loadTrue := noJump, noJump
		if b.needsValue(e.whenTrue) || b.needsValue(e.whenFalse) {
			skip := noJump
			if e.kind != exprJump {
				skip = b.jump()
			}
			b.label()
			loadFalse = b.emit(opLoadBool, r, 0, 1)
			b.label()
			loadTrue = b.emit(opLoadBool, r, 1, 0)
			b.patchHere(skip)
		}
		end := b.label()
		b.patchList(e.whenFalse, end, r, loadFalse)
		b.patchList(e.whenTrue, end, r, loadTrue)
	}
	*e = newExpr(exprRegister, r)
}

func (b *builder) toNextRegister(e *expr) {
	b.discharge(e)
	b.freeExpr(e)
	b.reserve(1)
	b.toRegister(e, b.free-1)
}

func (b *builder) toAnyRegister(e *expr) int {
	b.discharge(e)
	if e.kind == exprRegister {
		if !e.hasJumps() {
			return e.info
		}
		if e.info >= len(b.active) {
			b.toRegister(e, e.info)
			return e.info
		}
	}
	b.toNextRegister(e)
	return e.info
}

func (b *builder) toValue(e *expr) {
	if e.hasJumps() {
		b.toAnyRegister(e)
	} else {
		b.discharge(e)
	}
}

// toRK returns the register or constant that holds the value.
func (b *builder) toRK(e *expr) int {
	b.toValue(e)
	if len(b.constants) <= maxRK {
		switch e.kind {
		case exprNil:
			e.set(exprConstant, b.otherConstant(Nil))
		case exprTrue:
			e.set(exprConstant, b.otherConstant(True))
		case exprFalse:
			e.set(exprConstant, b.otherConstant(False))
		case exprNumber:
			e.set(exprConstant, b.numberConstant(e.number))
		}
	}
	if e.kind == exprConstant && e.info <= maxRK {
		return e.info | constantBit
	}
	return b.toAnyRegister(e)
}

// store assigns a value to a variable.
func (b *builder) store(variable, value *expr) {
	switch variable.kind {
	case exprLocal:
		b.freeExpr(value)
		b.toRegister(value, variable.info)
		return
	case exprUpvalue:
		b.emit(opSetUpval, b.toAnyRegister(value), variable.info, 0)
	case exprGlobal:
		b.emit(opSetGlobal, b.toAnyRegister(value), variable.info, 0)
	case exprIndexed:
		rk := b.toRK(value)
		b.emit(opSetTable, variable.info, variable.aux, rk)
	}
	b.freeExpr(value)
}

// self makes an object the pair of its method and itself, in two registers.
func (b *builder) self(e, key *expr) {
	b.toAnyRegister(e)
	b.freeExpr(e)
	method := b.free
	b.reserve(2)
	b.emit(opSelf, method, e.info, b.toRK(key))
	b.freeExpr(key)
	e.set(exprRegister, method)
}

// index makes a table the variable that is its element.
func (b *builder) index(table, key *expr) {
	table.aux = b.toRK(key)
	table.kind = exprIndexed
}

// unpatched is register a of a test whose value is not asked for yet.
const unpatched = 255

func (b *builder) jumpOn(e *expr, cond int) int {
	if e.kind == exprRelocable {
		if in := b.code[e.info]; in.op == opNot {
			b.code = b.code[:len(b.code)-1]
			b.lines = b.lines[:len(b.lines)-1]
			return b.conditional(opTest, int(in.b), 0, 1-cond)
		}
	}
	b.dischargeAny(e)
	b.freeExpr(e)
	return b.conditional(opTestSet, unpatched, e.info, cond)
}

// goIfTrue emits a jump for where the expression is false, goIfFalse one for where it is true.
func (b *builder) goIfTrue(e *expr) {
	b.discharge(e)
	jump := noJump
	switch e.kind {
	case exprConstant, exprNumber, exprTrue:
	case exprJump:
		in := b.control(e.info)
		in.a ^= 1
		jump = e.info
	default:
		jump = b.jumpOn(e, 0)
	}
	b.join(&e.whenFalse, jump)
	b.patchHere(e.whenTrue)
	e.whenTrue = noJump
}

func (b *builder) goIfFalse(e *expr) {
	b.discharge(e)
	jump := noJump
	switch e.kind {
	case exprNil, exprFalse:
	case exprJump:
		jump = e.info
	default:
		jump = b.jumpOn(e, 1)
	}
	b.join(&e.whenTrue, jump)
	b.patchHere(e.whenFalse)
	e.whenFalse = noJump
}

func (b *builder) not(e *expr) {
	b.discharge(e)
	switch e.kind {
	case exprNil, exprFalse:
		e.kind = exprTrue
	case exprConstant, exprNumber, exprTrue:
		e.kind = exprFalse
	case exprJump:
		b.control(e.info).a ^= 1
	case exprRelocable, exprRegister:
		b.dischargeAny(e)
		b.freeExpr(e)
		e.set(exprRelocable, b.emit(opNot, 0, e.info, 0))
	}
	e.whenFalse, e.whenTrue = e.whenTrue, e.whenFalse
	b.removeValues(e.whenFalse)
	b.removeValues(e.whenTrue)
}

// fold computes an operation of two numerals now, unless that has no proper result.
func fold(op opcode, x, y *expr) bool {
	if !x.isNumeral() || !y.isNumeral() || (op == opDiv || op == opMod) && y.number == 0 {
		return false
	}
	if op == opLen || op == opConcat {
		return false
	}
	f := arithmetic(op, x.number, y.number)
	if math.IsNaN(f) {
		return false
	}
	x.number = f
	return true
}

func (b *builder) arithmetic(op opcode, x, y *expr) {
	if fold(op, x, y) {
		return
	}
	right := 0
	if op != opUnm && op != opLen {
		right = b.toRK(y)
	}
	left := b.toRK(x)
	if left > right {
		b.freeExpr(x)
		b.freeExpr(y)
	} else {
		b.freeExpr(y)
		b.freeExpr(x)
	}
	x.set(exprRelocable, b.emit(op, 0, left, right))
}

func (b *builder) compare(op opcode, cond int, x, y *expr) {
	left := b.toRK(x)
	right := b.toRK(y)
	b.freeExpr(y)
	b.freeExpr(x)
	if cond == 0 && op != opEq { // a > b is b < a
		left, right, cond = right, left, 1
	}
	x.set(exprJump, b.conditional(op, cond, left, right))
}
