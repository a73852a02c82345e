package lua

// operator is a unary or binary operator of an expression.
type operator struct {
	op          opcode
	cond        int // of a comparison
	left, right int // how tightly it binds to either side
}

// unaryPriority is how tightly unary operators bind.
const unaryPriority = 8

// opAnd and opOr are operators without an instruction.
const (
	opAnd opcode = 254
	opOr  opcode = 255
)

var binaryOperators = map[token]operator{
	'+': {opAdd, 0, 6, 6}, '-': {opSub, 0, 6, 6}, '*': {opMul, 0, 7, 7}, '/': {opDiv, 0, 7, 7}, '%': {opMod, 0, 7, 7},
	'^': {opPow, 0, 10, 9}, tokenConcat: {opConcat, 0, 5, 4},
	tokenNe: {opEq, 0, 3, 3}, tokenEq: {opEq, 1, 3, 3},
	'<': {opLt, 1, 3, 3}, tokenLe: {opLe, 1, 3, 3}, '>': {opLt, 0, 3, 3}, tokenGe: {opLe, 0, 3, 3},
	tokenAnd: {opAnd, 0, 2, 2}, tokenOr: {opOr, 0, 1, 1},
}

var unaryOperators = map[token]opcode{tokenNot: opNot, '-': opUnm, '#': opLen}

// prefix emits a unary operator.
func (b *builder) prefix(op opcode, e *expr) {
	other := newExpr(exprNumber, 0)
	switch op {
	case opNot:
		b.not(e)
		return
	case opUnm:
		if !e.isNumeral() {
			b.toAnyRegister(e)
		}
	case opLen:
		b.toAnyRegister(e)
	}
	b.arithmetic(op, e, &other)
}

// infix emits what has to be between the operands of a binary operator.
func (b *builder) infix(op opcode, e *expr) {
	switch op {
	case opAnd:
		b.goIfTrue(e)
	case opOr:
		b.goIfFalse(e)
	case opConcat:
		b.toNextRegister(e)
	case opEq, opLt, opLe:
		b.toRK(e)
	default:
		if !e.isNumeral() {
			b.toRK(e)
		}
	}
}

// postfix emits a binary operator behind its operands.
func (b *builder) postfix(o operator, x, y *expr) {
	switch o.op {
	case opAnd:
		b.discharge(y)
		b.join(&y.whenFalse, x.whenFalse)
		*x = *y
	case opOr:
		b.discharge(y)
		b.join(&y.whenTrue, x.whenTrue)
		*x = *y
	case opConcat:
		b.concat(x, y)
	case opEq, opLt, opLe:
		b.compare(o.op, o.cond, x, y)
	default:
		b.arithmetic(o.op, x, y)
	}
}

// concat makes one instruction of all operators that follow each other.
func (b *builder) concat(x, y *expr) {
	b.toValue(y)
	if y.kind == exprRelocable && b.code[y.info].op == opConcat {
		b.freeExpr(x)
		b.code[y.info].b = int32(x.info)
		x.set(exprRelocable, y.info)
		return
	}
	b.toNextRegister(y)
	b.arithmetic(opConcat, x, y)
}
