package lua

// builder emits the code of one function.
type builder struct {
	*Prototype
	parser *parser
	outer  *builder // of the function around this one
	block  *block

	free       int   // the first free register
	active     []int // the locals in scope, as indices of Prototype.locals
	declared   int   // locals that are not in scope yet, the last ones of Prototype.locals
	pending    int   // jumps to the next instruction
	lastTarget int   // the last place that is known to be jumped to

	strings map[string]int // constants
	numbers map[float64]int
	others  map[Value]int
}

const (
	noJump      = -1 // ends a list of jumps
	noRegister  = -1
	multiple    = -1 // as many results as there are
	maxRegister = 250
	maxConstant = 1<<18 - 1
	maxJump     = 1<<17 - 1
)

// emit appends an instruction, for the line of the token before the current one.
func (b *builder) emit(op opcode, a, bb, c int) int { return b.emitAt(b.parser.lastLine, op, a, bb, c) }

func (b *builder) emitAt(line int, op opcode, a, bb, c int) int {
	b.patchPending()
	b.code = append(b.code, instruction{op: op, a: uint8(a), b: int32(bb), c: uint16(c)})
	b.lines = append(b.lines, int32(line))
	return len(b.code) - 1
}

// fixLine says that the last instruction belongs to a line.
func (b *builder) fixLine(line int) { b.lines[len(b.lines)-1] = int32(line) }

// loadNil sets registers to nil, by the instruction before if that does so to neighbours.
func (b *builder) loadNil(from, n int) {
	if pc := len(b.code); pc > b.lastTarget && pc > 0 {
		if previous := &b.code[pc-1]; previous.op == opLoadNil && int(previous.a) <= from && from <= int(previous.b)+1 {
			previous.b = max(previous.b, int32(from+n-1))
			return
		}
	}
	b.emit(opLoadNil, from, from+n-1, 0)
}

// jump emits a jump of which the target is not known yet.
func (b *builder) jump() int {
	pending := b.pending
	b.pending = noJump
	j := b.emit(opJump, 0, noJump, 0)
	b.join(&j, pending)
	return j
}

func (b *builder) conditional(op opcode, a, bb, c int) int {
	b.emit(op, a, bb, c)
	return b.jump()
}

// label returns the place of the next instruction and notes that it is a target.
func (b *builder) label() int {
	b.lastTarget = len(b.code)
	return len(b.code)
}

// A list of jumps is linked through their operands, until these are known.

func (b *builder) fixJump(pc, target int) {
	offset := target - (pc + 1)
	if offset > maxJump || offset < -maxJump {
		b.parser.fail("control structure too long")
	}
	b.code[pc].b = int32(offset)
}

func (b *builder) nextJump(pc int) int {
	offset := int(b.code[pc].b)
	if offset == noJump {
		return noJump
	}
	return pc + 1 + offset
}

// control returns the instruction that decides whether a jump is taken: itself or the test before it.
func (b *builder) control(pc int) *instruction {
	if pc >= 1 {
		switch b.code[pc-1].op {
		case opEq, opLt, opLe, opTest, opTestSet:
			return &b.code[pc-1]
		}
	}
	return &b.code[pc]
}

// needsValue reports whether a jump of the list does not produce a value.
func (b *builder) needsValue(list int) bool {
	for ; list != noJump; list = b.nextJump(list) {
		if b.control(list).op != opTestSet {
			return true
		}
	}
	return false
}

// patchTest makes a test put its value into a register, or into none. It returns false if that is no such test.
func (b *builder) patchTest(at, register int) bool {
	in := b.control(at)
	if in.op != opTestSet {
		return false
	}
	if register != noRegister && register != int(in.b) {
		in.a = uint8(register)
	} else {
		*in = instruction{op: opTest, a: uint8(in.b), c: in.c}
	}
	return true
}

func (b *builder) removeValues(list int) {
	for ; list != noJump; list = b.nextJump(list) {
		b.patchTest(list, noRegister)
	}
}

// patchList directs the jumps of a list to one target if they leave a value in the register, and to another if not.
func (b *builder) patchList(list, valueTarget, register, otherTarget int) {
	for list != noJump {
		next := b.nextJump(list)
		if b.patchTest(list, register) {
			b.fixJump(list, valueTarget)
		} else {
			b.fixJump(list, otherTarget)
		}
		list = next
	}
}

func (b *builder) patchPending() {
	list := b.pending
	b.pending = noJump
	b.patchList(list, len(b.code), noRegister, len(b.code))
}

func (b *builder) patch(list, target int) {
	if target == len(b.code) {
		b.patchHere(list)
	} else {
		b.patchList(list, target, noRegister, target)
	}
}

func (b *builder) patchHere(list int) {
	b.label()
	b.join(&b.pending, list)
}

// join appends one list of jumps to another.
func (b *builder) join(list *int, more int) {
	switch {
	case more == noJump:
	case *list == noJump:
		*list = more
	default:
		at := *list
		for next := b.nextJump(at); next != noJump; next = b.nextJump(at) {
			at = next
		}
		b.fixJump(at, more)
	}
}

func (b *builder) checkStack(n int) {
	if size := b.free + n; size > b.registers {
		if size >= maxRegister {
			b.parser.fail("function or expression too complex")
		}
		b.registers = size
	}
}

func (b *builder) reserve(n int) {
	b.checkStack(n)
	b.free += n
}

func (b *builder) freeRegister(r int) {
	if r < constantBit && r >= len(b.active) {
		b.free--
	}
}

func (b *builder) freeExpr(e *expr) {
	if e.kind == exprRegister {
		b.freeRegister(e.info)
	}
}

// constant adds a constant; hash is that of a string.
func (b *builder) constant(v Value, hash uint32) int {
	if len(b.constants) > maxConstant {
		panic(syntaxError("constant table overflow"))
	}
	b.constants = append(b.constants, v)
	b.hashes = append(b.hashes, hash)
	return len(b.constants) - 1
}

func (b *builder) stringConstant(s string) int {
	k, ok := b.strings[s]
	if !ok {
		k = b.constant(String(b.parser.intern(s)), hashString(s))
		b.strings[s] = k
	}
	return k
}

// numberConstant takes 0 and -0 for the same, as the reference implementation does.
func (b *builder) numberConstant(f float64) int {
	k, ok := b.numbers[f]
	if !ok {
		k = b.constant(Number(f), 0)
		b.numbers[f] = k
	}
	return k
}

func (b *builder) otherConstant(v Value) int {
	k, ok := b.others[v]
	if !ok {
		k = b.constant(v, 0)
		b.others[v] = k
	}
	return k
}

// setList emits the storing of values that lie above a table's register: n, or all up to the top if n is multiple.
func (b *builder) setList(table, stored, n int) {
	if n == multiple {
		n = 0
	}
	b.emit(opSetList, table, n, 0)
	b.emit(opMove, 0, stored, 0)
	b.free = table + 1
}
