package lua

// opcode says what an instruction does.
type opcode uint8

// instruction is one step of the register machine. Operands a, b and c are registers, but where the list below says RK: then from
// constantBit on they are constants. A jump is relative to the next instruction. The fields are not packed any denser, so that the
// machine reads each with one load.
type instruction struct {
	op opcode
	a  uint8
	c  uint16
	b  int32
}

// constantBit is set in an RK operand that is a constant. Only the first maxRK+1 constants can be operands.
const (
	constantBit = 256
	maxRK       = constantBit - 1
)

// The instructions that the compiler emits. The order of the arithmetic ones is that of the events in arithmeticEvents.
const (
	opMove      opcode = iota // R[a] = R[b]
	opLoadK                   // R[a] = K[b]
	opLoadBool                // R[a] = b != 0; skip the next one if c != 0
	opLoadNil                 // R[a..b] = nil
	opGetUpval                // R[a] = U[b]
	opGetGlobal               // R[a] = G[K[b]]
	opGetTable                // R[a] = R[b][RK[c]]
	opSetGlobal               // G[K[b]] = R[a]
	opSetUpval                // U[b] = R[a]
	opSetTable                // R[a][RK[b]] = RK[c]
	opNewTable                // R[a] = a table with room for b elements and c fields
	opSelf                    // R[a+1] = R[b]; R[a] = R[b][RK[c]]
	opAdd                     // R[a] = RK[b] + RK[c]
	opSub
	opMul
	opDiv
	opMod
	opPow
	opUnm      // R[a] = -R[b]
	opNot      // R[a] = not R[b]
	opLen      // R[a] = #R[b]
	opConcat   // R[a] = R[b] .. … .. R[c]
	opJump     // go on at b
	opEq       // if (RK[b] == RK[c]) == a, take the jump that follows, else skip it
	opLt       // likewise <
	opLe       // likewise <=
	opTest     // if R[a] counts as c, take the jump that follows, else skip it
	opTestSet  // likewise with R[b], but then R[a] = R[b] first
	opCall     // R[a], … = R[a](R[a+1], …) with b-1 arguments and c-1 results; 0 means all up to the top
	opTailCall // return R[a](R[a+1], …)
	opReturn   // return R[a], …: b-1 values
	opForLoop  // R[a] += R[a+2]; if not beyond R[a+1], R[a+3] = R[a] and jump b
	opForPrep  // R[a] -= R[a+2] and jump b
	opForIn    // R[a+3], … = R[a](R[a+1], R[a+2]) with c results; if nil skip the jump that follows, else R[a+2] = R[a+3]
	opSetList  // R[a][c+i] = R[a+i] for i from 1 to b; c is in the next instruction's b
	opClose    // close the upvalues from R[a] on
	opClosure  // R[a] = a closure of prototype b
	opVararg   // R[a], … = the extra arguments: b-1 values

	// What specialize makes of some of them.
	opGetField  // opGetTable with a constant string as key
	opSetField  // opSetTable with a constant string as key
	opSelfField // opSelf with a constant string as key
	opAddK      // opAdd and the others with registers and a constant number on the right
	opSubK
	opMulK
	opDivK
	opModK
	opEqK // opEq with a constant on the right
)

// generic tells of what an instruction is a special form.
func (op opcode) generic() opcode {
	switch {
	case op == opGetField:
		return opGetTable
	case op == opSetField:
		return opSetTable
	case op == opSelfField:
		return opSelf
	case op >= opAddK && op <= opModK:
		return op - opAddK + opAdd
	case op == opEqK:
		return opEq
	}
	return op
}

// setsA tells whether an instruction changes register a, for the search of names.
func (op opcode) setsA() bool {
	switch op.generic() {
	case opSetGlobal, opSetUpval, opSetTable, opJump, opEq, opLt, opLe, opReturn, opForIn, opSetList, opClose:
		return false
	}
	return true
}

// specialize replaces instructions by forms of them that the machine runs faster. Operands and places stay what they are.
func (p *Prototype) specialize() {
	for i := range p.code {
		in := &p.code[i]
		switch in.op {
		case opGetTable:
			if p.stringOperand(int(in.c)) {
				in.op = opGetField
			}
		case opSelf:
			if p.stringOperand(int(in.c)) {
				in.op = opSelfField
			}
		case opSetTable:
			if p.stringOperand(int(in.b)) {
				in.op = opSetField
			}
		case opAdd, opSub, opMul, opDiv, opMod:
			if in.b < constantBit && in.c >= constantBit && p.constants[in.c-constantBit].IsNumber() {
				in.op += opAddK - opAdd
			}
		case opEq:
			if in.b >= constantBit {
				in.b, in.c = int32(in.c), uint16(in.b)
			}
			if in.b < constantBit && in.c >= constantBit {
				in.op = opEqK
			}
		}
		if in.op == opSetList {
			p.code[i+1].op = opMove // never executed
		}
	}
}

func (p *Prototype) stringOperand(rk int) bool {
	return rk >= constantBit && p.constants[rk-constantBit].IsString()
}
