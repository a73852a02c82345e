package lua

// block is a block of the source, within its function.
type block struct {
	outer    *block
	active   int // how many locals there are around it
	loop     bool
	captured bool // whether a closure uses one of its locals
	breaks   int  // the jumps out of the loop
}

const (
	maxLocals   = 200
	maxUpvalues = 60
	maxNames    = 32767
)

func (l *parser) enterBlock(loop bool) {
	l.block = &block{outer: l.block, active: len(l.active), loop: loop, breaks: noJump}
}

func (l *parser) leaveBlock() {
	block := l.block
	l.block = block.outer
	l.dropLocals(block.active)
	if block.captured {
		l.emit(opClose, block.active, 0, 0)
	}
	l.free = len(l.active)
	l.patchHere(block.breaks)
}

// declare adds a local variable, which is not in scope before activate.
func (l *parser) declare(name string) {
	b := l.builder
	if len(b.active)+b.declared+1 > maxLocals {
		l.failLimit(b, maxLocals, "local variables")
	}
	if len(b.locals) >= maxNames {
		panic(syntaxError("too many local variables"))
	}
	b.locals = append(b.locals, local{name: name})
	b.declared++
}

// activate brings the first n variables that are declared into scope.
func (l *parser) activate(n int) {
	b := l.builder
	first := len(b.locals) - b.declared
	for i := first; i < first+n; i++ {
		b.locals[i].start = len(b.code)
		b.active = append(b.active, i)
	}
	b.declared -= n
}

// dropLocals ends the scope of all locals but the first n.
func (l *parser) dropLocals(n int) {
	b := l.builder
	for _, i := range b.active[n:] {
		b.locals[i].end = len(b.code)
	}
	b.active = b.active[:n]
}

// variable finds out what a name refers to.
func (l *parser) variable(name string) expr {
	if e := l.builder.resolve(name, true); e.kind != exprGlobal {
		return e
	}
	return newExpr(exprGlobal, l.stringConstant(name))
}

// resolve looks a name up in the function and those around it. direct tells that the function itself uses it, not a closure within.
func (b *builder) resolve(name string, direct bool) expr {
	if b == nil {
		return newExpr(exprGlobal, 0)
	}
	for i := len(b.active) - 1; i >= 0; i-- {
		if b.locals[b.active[i]].name == name {
			if !direct {
				b.markCaptured(i)
			}
			return newExpr(exprLocal, i)
		}
	}
	e := b.outer.resolve(name, false)
	if e.kind == exprGlobal {
		return e
	}
	return newExpr(exprUpvalue, b.capture(name, e))
}

func (b *builder) markCaptured(register int) {
	block := b.block
	for block != nil && block.active > register {
		block = block.outer
	}
	if block != nil {
		block.captured = true
	}
}

// capture returns the index of an upvalue, which is a local or an upvalue of the function around.
func (b *builder) capture(name string, e expr) int {
	c := origin{name: name, local: e.kind == exprLocal, index: e.info}
	for i, u := range b.upvalues {
		if u.local == c.local && u.index == c.index {
			return i
		}
	}
	if len(b.upvalues) >= maxUpvalues {
		b.parser.failLimit(b, maxUpvalues, "upvalues")
	}
	b.upvalues = append(b.upvalues, c)
	return len(b.upvalues) - 1
}
