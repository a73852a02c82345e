package lua

import (
	"fmt"
	"strconv"
)

// parser compiles a chunk in one pass: as it reads the statements, it emits their code.
type parser struct {
	lexer
	token    lexeme // the current one
	ahead    lexeme // the one behind it, if that was looked at
	lastLine int    // of the token before the current one
	depth    int    // levels of syntax
	*builder        // of the function that is being read
	interned map[string]string
}

// Compile compiles a chunk. Its name is what error messages call it: "@name" as a file of that name, "=name" as just that, anything else
// as a string of code. The error's text is that of the reference implementation, with the place.
func Compile(source, name string) (*Prototype, error) { return compile(source, name, 0) }

// compile is Compile within so many nested calls, which count as levels of syntax.
func compile(source, name string, nested int) (p *Prototype, err error) {
	l := &parser{lexer: lexer{source: source, chunk: chunkID(name, compilerIDSize), line: 1}, lastLine: 1, depth: nested, interned: map[string]string{}}
	defer func() {
		if r := recover(); r != nil {
			failure, ok := r.(syntaxError)
			if !ok {
				panic(r)
			}
			p, err = nil, failure
		}
	}()
	l.open(name)
	l.builder.vararg = varargIsVararg
	l.advance()
	l.chunkBody()
	l.check(tokenEOS)
	return l.close(), nil
}

// intern returns a string that shares its bytes with all equal ones of the chunk.
func (l *parser) intern(s string) string {
	if t, ok := l.interned[s]; ok {
		return t
	}
	l.interned[s] = s
	return s
}

// open begins a function.
func (l *parser) open(source string) {
	l.builder = &builder{
		Prototype: &Prototype{source: source, registers: 2}, parser: l, outer: l.builder, pending: noJump, lastTarget: -1,
		strings: map[string]int{}, numbers: map[float64]int{}, others: map[Value]int{},
	}
}

// close ends the function.
func (l *parser) close() *Prototype {
	b := l.builder
	l.dropLocals(0)
	b.emit(opReturn, 0, 1, 0)
	b.specialize()
	l.builder = b.outer
	return b.Prototype
}

func (l *parser) advance() {
	l.lastLine = l.line
	if l.ahead.token != noToken {
		l.token, l.ahead = l.ahead, lexeme{}
		return
	}
	l.token = l.next()
}

// peek returns the token behind the current one.
func (l *parser) peek() token {
	l.ahead = l.next()
	return l.ahead.token
}

// fail raises a syntax error at the current token.
func (l *parser) fail(message string) { l.lexer.fail(message, l.token.token) }

func (l *parser) failExpected(t token) { l.fail("'" + t.String() + "' expected") }

// failLimit raises the error that a function has too many of something.
func (l *parser) failLimit(b *builder, limit int, what string) {
	where := "main function"
	if b.lineDefined != 0 {
		where = "function at line " + strconv.Itoa(b.lineDefined)
	}
	l.lexer.fail(fmt.Sprintf("%s has more than %d %s", where, limit, what), noToken)
}

func (l *parser) accept(t token) bool {
	if l.token.token != t {
		return false
	}
	l.advance()
	return true
}

func (l *parser) check(t token) {
	if l.token.token != t {
		l.failExpected(t)
	}
}

func (l *parser) expect(t token) {
	l.check(t)
	l.advance()
}

// expectMatch expects the end of what began with a token at a line.
func (l *parser) expectMatch(what, who token, line int) {
	if l.accept(what) {
		return
	}
	if line == l.line {
		l.failExpected(what)
	}
	l.fail(fmt.Sprintf("'%s' expected (to close '%s' at line %d)", what, who, line))
}

func (l *parser) name() string {
	l.check(tokenName)
	s := l.token.text
	l.advance()
	return s
}

func (l *parser) nameConstant() expr {
	return newExpr(exprConstant, l.stringConstant(l.name()))
}

// enter counts a level of syntax, of which each takes some of Go's stack.
func (l *parser) enter() {
	if l.depth++; l.depth > DefaultLimits.Nested {
		l.lexer.fail("chunk has too many syntax levels", noToken)
	}
}

func (l *parser) leave() { l.depth-- }

// chunkBody reads statements up to the end of their block.
func (l *parser) chunkBody() {
	l.enter()
	for last := false; !last && !l.blockFollows(); {
		last = l.statement()
		l.accept(';')
		l.free = len(l.active)
	}
	l.leave()
}

func (l *parser) blockFollows() bool {
	switch l.token.token {
	case tokenElse, tokenElseif, tokenEnd, tokenUntil, tokenEOS:
		return true
	}
	return false
}

// statement reads one and returns whether it must be the last one of its block.
func (l *parser) statement() (last bool) {
	line := l.line
	switch l.token.token {
	case tokenIf:
		l.ifStatement(line)
	case tokenWhile:
		l.whileStatement(line)
	case tokenDo:
		l.advance()
		l.blockBody()
		l.expectMatch(tokenEnd, tokenDo, line)
	case tokenFor:
		l.forStatement(line)
	case tokenRepeat:
		l.repeatStatement(line)
	case tokenFunction:
		l.functionStatement(line)
	case tokenLocal:
		l.advance()
		if l.accept(tokenFunction) {
			l.localFunction()
		} else {
			l.localStatement()
		}
	case tokenReturn:
		l.returnStatement()
		return true
	case tokenBreak:
		l.advance()
		l.breakStatement()
		return true
	default:
		l.expressionStatement()
	}
	return false
}

// blockBody reads a block with a scope of its own.
func (l *parser) blockBody() {
	l.enterBlock(false)
	l.chunkBody()
	l.leaveBlock()
}

func (l *parser) condition() int {
	e := l.expression()
	if e.kind == exprNil {
		e.kind = exprFalse
	}
	l.goIfTrue(&e)
	return e.whenFalse
}

func (l *parser) ifStatement(line int) {
	escape := noJump
	skip := l.testThenBlock()
	for l.token.token == tokenElseif {
		j := l.jump()
		l.join(&escape, j)
		l.patchHere(skip)
		skip = l.testThenBlock()
	}
	if l.token.token == tokenElse {
		j := l.jump()
		l.join(&escape, j)
		l.patchHere(skip)
		l.advance()
		l.blockBody()
	} else {
		l.join(&escape, skip)
	}
	l.patchHere(escape)
	l.expectMatch(tokenEnd, tokenIf, line)
}

// testThenBlock reads a condition and its block, and returns the jump for where it is false.
func (l *parser) testThenBlock() int {
	l.advance()
	skip := l.condition()
	l.expect(tokenThen)
	l.blockBody()
	return skip
}

func (l *parser) whileStatement(line int) {
	l.advance()
	start := l.label()
	exit := l.condition()
	l.enterBlock(true)
	l.expect(tokenDo)
	l.blockBody()
	l.patch(l.jump(), start)
	l.expectMatch(tokenEnd, tokenWhile, line)
	l.leaveBlock()
	l.patchHere(exit)
}

func (l *parser) repeatStatement(line int) {
	start := l.label()
	l.enterBlock(true)
	l.enterBlock(false)
	l.advance()
	l.chunkBody()
	l.expectMatch(tokenUntil, tokenRepeat, line)
	exit := l.condition()
	if !l.block.captured {
		l.leaveBlock()
		l.patch(exit, start)
	} else { // the variables of each turn are closed before the next
		l.breakStatement()
		l.patchHere(exit)
		l.leaveBlock()
		l.patch(l.jump(), start)
	}
	l.leaveBlock()
}

func (l *parser) forStatement(line int) {
	l.enterBlock(true)
	l.advance()
	name := l.name()
	switch l.token.token {
	case '=':
		l.forNumber(name, line)
	case ',', tokenIn:
		l.forIn(name)
	default:
		l.fail("'=' or 'in' expected")
	}
	l.expectMatch(tokenEnd, tokenFor, line)
	l.leaveBlock()
}

func (l *parser) forNumber(name string, line int) {
	base := l.free
	l.declare("(for index)")
	l.declare("(for limit)")
	l.declare("(for step)")
	l.declare(name)
	l.expect('=')
	l.nextExpression()
	l.expect(',')
	l.nextExpression()
	if l.accept(',') {
		l.nextExpression()
	} else {
		l.emit(opLoadK, l.free, l.numberConstant(1), 0)
		l.reserve(1)
	}
	l.forBody(base, line, 1, true)
}

func (l *parser) nextExpression() {
	e := l.expression()
	l.toNextRegister(&e)
}

func (l *parser) forIn(name string) {
	base := l.free
	l.declare("(for generator)")
	l.declare("(for state)")
	l.declare("(for control)")
	l.declare(name)
	variables := 1
	for l.accept(',') {
		l.declare(l.name())
		variables++
	}
	l.expect(tokenIn)
	line := l.line
	n, e := l.expressionList()
	l.adjust(3, n, &e)
	l.checkStack(3)
	l.forBody(base, line, variables, false)
}

func (l *parser) forBody(base, line, variables int, numeric bool) {
	l.activate(3)
	l.expect(tokenDo)
	prepare := 0
	if numeric {
		prepare = l.emit(opForPrep, base, noJump, 0)
	} else {
		prepare = l.jump()
	}
	l.enterBlock(false)
	l.activate(variables)
	l.reserve(variables)
	l.chunkBody()
	l.leaveBlock()
	l.patchHere(prepare)
	var end int
	if numeric {
		end = l.emit(opForLoop, base, noJump, 0)
	} else {
		end = l.emit(opForIn, base, 0, variables)
	}
	l.fixLine(line)
	if !numeric {
		end = l.jump()
	}
	l.patch(end, prepare+1)
}
