package lua

func (l *parser) returnStatement() {
	l.advance()
	first, n := 0, 0
	if !l.blockFollows() && l.token.token != ';' {
		var e expr
		n, e = l.expressionList()
		switch {
		case e.multiple():
			l.setResults(&e, multiple)
			if e.kind == exprCall && n == 1 {
				l.code[e.info].op = opTailCall
			}
			first, n = len(l.active), multiple
		case n == 1:
			first = l.toAnyRegister(&e)
		default:
			l.toNextRegister(&e)
			first = len(l.active)
		}
	}
	l.emit(opReturn, first, n+1, 0)
}

func (l *parser) breakStatement() {
	captured := false
	block := l.block
	for ; block != nil && !block.loop; block = block.outer {
		captured = captured || block.captured
	}
	if block == nil {
		l.fail("no loop to break")
	}
	if captured {
		l.emit(opClose, block.active, 0, 0)
	}
	j := l.jump()
	l.join(&block.breaks, j)
}

func (l *parser) functionStatement(line int) {
	l.advance()
	variable := l.variable(l.name())
	method := false
	for l.token.token == '.' {
		l.field(&variable)
	}
	if l.token.token == ':' {
		method = true
		l.field(&variable)
	}
	body := l.functionBody(method, line)
	l.store(&variable, &body)
	l.fixLine(line)
}

func (l *parser) localFunction() {
	l.declare(l.name())
	variable := newExpr(exprLocal, l.free)
	l.reserve(1)
	l.activate(1)
	body := l.functionBody(false, l.line)
	l.store(&variable, &body)
	l.locals[l.active[len(l.active)-1]].start = len(l.code)
}

func (l *parser) localStatement() {
	variables := 0
	for {
		l.declare(l.name())
		variables++
		if !l.accept(',') {
			break
		}
	}
	n, e := 0, newExpr(exprVoid, 0)
	if l.accept('=') {
		n, e = l.expressionList()
	}
	l.adjust(variables, n, &e)
	l.activate(variables)
}

// adjust makes n expressions, of which e is the last one, as many as there are variables.
func (l *parser) adjust(variables, n int, e *expr) {
	extra := variables - n
	if e.multiple() {
		extra = max(extra+1, 0)
		l.setResults(e, extra)
		if extra > 1 {
			l.reserve(extra - 1)
		}
		return
	}
	if e.kind != exprVoid {
		l.toNextRegister(e)
	}
	if extra > 0 {
		r := l.free
		l.reserve(extra)
		l.loadNil(r, extra)
	}
}

// target is a variable of an assignment. They are linked from the last one to the first.
type target struct {
	variable expr
	before   *target
}

func (l *parser) expressionStatement() {
	t := target{variable: l.primary()}
	if t.variable.kind == exprCall {
		l.code[t.variable.info].c = 1 // no results
		return
	}
	l.assignment(&t, 1)
}

// assignment reads what follows the n-th variable of an assignment, and assigns from the last one to the first.
func (l *parser) assignment(t *target, n int) {
	if t.variable.kind < exprLocal || t.variable.kind > exprIndexed {
		l.fail("syntax error")
	}
	if l.accept(',') {
		next := target{variable: l.primary(), before: t}
		if next.variable.kind == exprLocal {
			l.resolveConflict(t, &next.variable)
		}
		if limit := DefaultLimits.Nested - l.depth; n > limit {
			l.failLimit(l.builder, limit, "variables in assignment")
		}
		l.assignment(&next, n+1)
	} else {
		l.expect('=')
		values, e := l.expressionList()
		if values == n {
			l.setOneResult(&e)
			l.store(&t.variable, &e)
			return
		}
		l.adjust(n, values, &e)
		if values > n {
			l.free -= values - n
		}
	}
	e := newExpr(exprRegister, l.free-1)
	l.store(&t.variable, &e)
}

// resolveConflict copies a local that is assigned to while an earlier variable is an element of it, or by it as key.
func (l *parser) resolveConflict(t *target, local *expr) {
	conflict, copied := false, l.free
	for ; t != nil; t = t.before {
		v := &t.variable
		if v.kind != exprIndexed {
			continue
		}
		if v.info == local.info {
			conflict, v.info = true, copied
		}
		if v.aux == local.info {
			conflict, v.aux = true, copied
		}
	}
	if conflict {
		l.emit(opMove, copied, local.info, 0)
		l.reserve(1)
	}
}
