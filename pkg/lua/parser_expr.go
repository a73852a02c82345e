package lua

// expression reads an expression.
func (l *parser) expression() expr {
	e, _, _ := l.subexpression(0)
	return e
}

// subexpression reads operands and the operators between them that bind tighter than a limit. It returns the operator behind.
func (l *parser) subexpression(limit int) (e expr, o operator, ok bool) {
	l.enter()
	if op, unary := unaryOperators[l.token.token]; unary {
		l.advance()
		e, _, _ = l.subexpression(unaryPriority)
		l.prefix(op, &e)
	} else {
		e = l.simple()
	}
	o, ok = binaryOperators[l.token.token]
	for ok && o.left > limit {
		l.advance()
		l.infix(o.op, &e)
		right, next, more := l.subexpression(o.right)
		l.postfix(o, &e, &right)
		o, ok = next, more
	}
	l.leave()
	return e, o, ok
}

func (l *parser) simple() (e expr) {
	switch l.token.token {
	case tokenNumber:
		e = newExpr(exprNumber, 0)
		e.number = l.token.number
	case tokenString:
		e = newExpr(exprConstant, l.stringConstant(l.token.text))
	case tokenNil:
		e = newExpr(exprNil, 0)
	case tokenTrue:
		e = newExpr(exprTrue, 0)
	case tokenFalse:
		e = newExpr(exprFalse, 0)
	case tokenDots:
		if l.builder.vararg == 0 {
			l.fail("cannot use '...' outside a vararg function")
		}
		l.builder.vararg &^= varargNeedsArg
		e = newExpr(exprVararg, l.emit(opVararg, 0, 1, 0))
	case '{':
		return l.constructor()
	case tokenFunction:
		l.advance()
		return l.functionBody(false, l.line)
	default:
		return l.primary()
	}
	l.advance()
	return e
}

func (l *parser) expressionList() (n int, e expr) {
	e = l.expression()
	for n = 1; l.accept(','); n++ {
		l.toNextRegister(&e)
		e = l.expression()
	}
	return n, e
}

// primary reads a variable or a call.
func (l *parser) primary() expr {
	e := l.prefixExpression()
	for {
		switch l.token.token {
		case '.':
			l.field(&e)
		case '[':
			l.toAnyRegister(&e)
			key := l.bracketed()
			l.index(&e, &key)
		case ':':
			l.advance()
			key := l.nameConstant()
			l.self(&e, &key)
			l.arguments(&e)
		case '(', tokenString, '{':
			l.toNextRegister(&e)
			l.arguments(&e)
		default:
			return e
		}
	}
}

func (l *parser) prefixExpression() expr {
	switch l.token.token {
	case '(':
		line := l.line
		l.advance()
		e := l.expression()
		l.expectMatch(')', '(', line)
		l.discharge(&e)
		return e
	case tokenName:
		return l.variable(l.name())
	}
	l.fail("unexpected symbol")
	return expr{}
}

// field reads .name or :name.
func (l *parser) field(e *expr) {
	l.toAnyRegister(e)
	l.advance()
	key := l.nameConstant()
	l.index(e, &key)
}

// bracketed reads [key].
func (l *parser) bracketed() expr {
	l.advance()
	e := l.expression()
	l.toValue(&e)
	l.expect(']')
	return e
}

func (l *parser) arguments(f *expr) {
	line := l.line
	args := newExpr(exprVoid, 0)
	switch l.token.token {
	case '(':
		if line != l.lastLine {
			l.fail("ambiguous syntax (function call x new statement)")
		}
		l.advance()
		if l.token.token != ')' {
			_, args = l.expressionList()
			l.setResults(&args, multiple)
		}
		l.expectMatch(')', '(', line)
	case '{':
		args = l.constructor()
	case tokenString:
		args = newExpr(exprConstant, l.stringConstant(l.token.text))
		l.advance()
	default:
		l.fail("function arguments expected")
	}
	base, n := f.info, multiple
	if !args.multiple() {
		if args.kind != exprVoid {
			l.toNextRegister(&args)
		}
		n = l.free - (base + 1)
	}
	*f = newExpr(exprCall, l.emit(opCall, base, n+1, 2))
	l.fixLine(line)
	l.free = base + 1
}

// batch is how many elements of a constructor are stored at once.
const batch = 50

// constructor is what is known of a table constructor so far.
type constructor struct {
	table            int  // its register
	item             expr // the last element, which is not in a register yet
	elements, fields int
	waiting          int // elements that are not stored yet
}

func (l *parser) constructor() expr {
	line := l.line
	pc := l.emit(opNewTable, 0, 0, 0)
	e := newExpr(exprRelocable, pc)
	l.toNextRegister(&e)
	c := constructor{table: e.info, item: newExpr(exprVoid, 0)}
	l.expect('{')
	for l.token.token != '}' {
		l.closeItem(&c)
		switch {
		case l.token.token == tokenName && l.peek() == '=', l.token.token == '[':
			l.constructorField(&c)
		default:
			c.item = l.expression()
			c.elements++
			c.waiting++
		}
		if !l.accept(',') && !l.accept(';') {
			break
		}
	}
	l.expectMatch('}', '{', line)
	l.lastItem(&c)
	l.code[pc].b = int32(roundSize(c.elements))
	l.code[pc].c = uint16(min(roundSize(c.fields), 1<<16-1))
	return e
}

// closeItem puts the last element into a register, and stores the elements if there are enough of them.
func (l *parser) closeItem(c *constructor) {
	if c.item.kind == exprVoid {
		return
	}
	l.toNextRegister(&c.item)
	c.item.kind = exprVoid
	if c.waiting == batch {
		l.setList(c.table, c.elements-c.waiting, c.waiting)
		c.waiting = 0
	}
}

func (l *parser) lastItem(c *constructor) {
	switch {
	case c.waiting == 0:
	case c.item.multiple():
		l.setResults(&c.item, multiple)
		l.setList(c.table, c.elements-c.waiting, multiple)
		c.elements--
	default:
		if c.item.kind != exprVoid {
			l.toNextRegister(&c.item)
		}
		l.setList(c.table, c.elements-c.waiting, c.waiting)
	}
}

func (l *parser) constructorField(c *constructor) {
	free := l.free
	var key expr
	if l.token.token == tokenName {
		key = l.nameConstant()
	} else {
		key = l.bracketed()
	}
	c.fields++
	l.expect('=')
	rk := l.toRK(&key)
	value := l.expression()
	l.emit(opSetTable, c.table, rk, l.toRK(&value))
	l.free = free
}

// roundSize rounds a size up to one of three significant bits, as the reference implementation does to fit it into an operand: it shows
// in the order of pairs().
func roundSize(n int) int {
	shift := 0
	for ; n >= 16; shift++ {
		n = (n + 1) >> 1
	}
	return n << shift
}

// functionBody reads parameters and body of a function and makes it a closure.
func (l *parser) functionBody(method bool, line int) expr {
	l.open(l.builder.Prototype.source)
	l.builder.lineDefined = line
	l.expect('(')
	if method {
		l.declare("self")
		l.activate(1)
	}
	l.parameterList()
	l.expect(')')
	l.chunkBody()
	l.expectMatch(tokenEnd, tokenFunction, line)
	p := l.close()
	if len(l.prototypes) > maxConstant {
		panic(syntaxError("constant table overflow"))
	}
	l.prototypes = append(l.prototypes, p)
	return newExpr(exprRelocable, l.emit(opClosure, 0, len(l.prototypes)-1, 0))
}

func (l *parser) parameterList() {
	n := 0
	for more := l.token.token != ')'; more; more = l.builder.vararg == 0 && l.accept(',') {
		switch l.token.token {
		case tokenName:
			l.declare(l.name())
			n++
		case tokenDots:
			l.advance()
			l.declare("arg")
			n++
			l.builder.vararg = varargHasArg | varargNeedsArg | varargIsVararg
		default:
			l.fail("<name> or '...' expected")
		}
	}
	l.activate(n)
	l.parameters = len(l.active)
	if l.builder.vararg&varargHasArg != 0 {
		l.parameters--
	}
	l.reserve(len(l.active))
}
