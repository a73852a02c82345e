package lua

import (
	"strconv"
	"strings"
)

// token is a byte that stands for itself, or one of those below.
type token int

// The tokens of more than one byte, reserved words first.
const (
	tokenAnd token = 257 + iota
	tokenBreak
	tokenDo
	tokenElse
	tokenElseif
	tokenEnd
	tokenFalse
	tokenFor
	tokenFunction
	tokenIf
	tokenIn
	tokenLocal
	tokenNil
	tokenNot
	tokenOr
	tokenRepeat
	tokenReturn
	tokenThen
	tokenTrue
	tokenUntil
	tokenWhile
	tokenConcat
	tokenDots
	tokenEq
	tokenGe
	tokenLe
	tokenNe
	tokenNumber
	tokenName
	tokenString
	tokenEOS
	noToken token = 0
)

var tokenNames = [...]string{
	"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or", "repeat", "return",
	"then", "true", "until", "while", "..", "...", "==", ">=", "<=", "~=", "<number>", "<name>", "<string>", "<eof>",
}

var reserved = func() map[string]token {
	words := map[string]token{}
	for t := tokenAnd; t <= tokenWhile; t++ {
		words[tokenNames[t-tokenAnd]] = t
	}
	return words
}()

// String returns what messages call the token.
func (t token) String() string {
	switch {
	case t >= tokenAnd:
		return tokenNames[t-tokenAnd]
	case t < ' ' || t == 0x7f:
		return "char(" + strconv.Itoa(int(t)) + ")"
	}
	return string([]byte{byte(t)})
}

// endOfSource is what current returns behind the last byte.
const endOfSource = -1

// lexeme is a token with what it says.
type lexeme struct {
	token  token
	number float64
	text   string // of a name or a string
}

// lexer cuts the source into tokens.
type lexer struct {
	source string
	pos    int
	chunk  string // how messages call it
	line   int
	raw    string // the last name, number or string as messages quote it
}

// syntaxError is what compiling panics with.
type syntaxError string

func (e syntaxError) Error() string { return string(e) }

// fail raises an error at the current line. The text of a token is given, unless it is noToken.
func (l *lexer) fail(message string, near token) {
	text := l.chunk + ":" + strconv.Itoa(l.line) + ": " + message
	switch near {
	case noToken:
	case tokenName, tokenNumber, tokenString:
		text += " near '" + cString(l.raw) + "'"
	default:
		text += " near '" + near.String() + "'"
	}
	panic(syntaxError(text))
}

func (l *lexer) current() int {
	if l.pos < len(l.source) {
		return int(l.source[l.pos])
	}
	return endOfSource
}

// accept steps over the current byte if it is one of a set.
func (l *lexer) accept(set string) bool {
	if c := l.current(); c >= 0 && strings.IndexByte(set, byte(c)) >= 0 {
		l.pos++
		return true
	}
	return false
}

func isNewline(c int) bool { return c == '\n' || c == '\r' }

// isLetter reports whether a name may begin with c.
func isLetter[C char](c C) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// newline steps over the end of a line, of one byte or of two different ones.
func (l *lexer) newline() {
	first := l.current()
	l.pos++
	if c := l.current(); isNewline(c) && c != first {
		l.pos++
	}
	l.line++
}

// next returns the next token.
func (l *lexer) next() lexeme {
	for {
		switch c := l.current(); c {
		case endOfSource:
			return lexeme{token: tokenEOS}
		case '\n', '\r':
			l.newline()
		case ' ', '\t', '\v', '\f':
			l.pos++
		case '-':
			l.pos++
			if !l.accept("-") {
				return lexeme{token: '-'}
			}
			l.comment()
		default:
			return l.lex(c)
		}
	}
}

// comment steps over what is behind --.
func (l *lexer) comment() {
	if l.current() == '[' {
		start := l.pos
		if level := l.bracket('['); level >= 0 {
			l.longString(start, level, "unfinished long comment")
			return
		}
	}
	for c := l.current(); !isNewline(c) && c != endOfSource; c = l.current() {
		l.pos++
	}
}

// lex returns the token that begins with byte c, which is no blank.
func (l *lexer) lex(c int) lexeme {
	switch {
	case isLetter(c):
		return l.word()
	case isDigit(c):
		return l.numeral(l.pos)
	case c == '"' || c == '\'':
		return l.quoted(byte(c))
	case c == '[':
		return l.openBracket()
	case c == '.':
		return l.dots()
	}
	l.pos++
	if two := [...]token{'=': tokenEq, '<': tokenLe, '>': tokenGe, '~': tokenNe}; c < len(two) && two[c] != noToken && l.accept("=") {
		return lexeme{token: two[c]}
	}
	return lexeme{token: token(c)}
}

func (l *lexer) word() lexeme {
	start := l.pos
	for c := l.current(); isLetter(c) || isDigit(c); c = l.current() {
		l.pos++
	}
	text := l.source[start:l.pos]
	if t, ok := reserved[text]; ok {
		return lexeme{token: t}
	}
	l.raw = text
	return lexeme{token: tokenName, text: text}
}

func (l *lexer) dots() lexeme {
	start := l.pos
	l.pos++
	switch {
	case l.accept("."):
		if l.accept(".") {
			return lexeme{token: tokenDots}
		}
		return lexeme{token: tokenConcat}
	case isDigit(l.current()):
		return l.numeral(start)
	}
	return lexeme{token: '.'}
}

// numeral takes all that could belong to a number, and then wants it to be one. Where the reference implementation looks for one of
// some letters, it finds the end of the C string that they are in as well; and what it reads ends there.
func (l *lexer) numeral(start int) lexeme {
	for c := l.current(); isDigit(c) || c == '.'; c = l.current() {
		l.pos++
	}
	if l.accept("Ee\x00") {
		l.accept("+-\x00")
	}
	for c := l.current(); isLetter(c) || isDigit(c); c = l.current() {
		l.pos++
	}
	l.raw = l.source[start:l.pos]
	f, ok := ParseNumber(l.raw)
	if !ok {
		l.fail("malformed number", tokenNumber)
	}
	return lexeme{token: tokenNumber, number: f}
}

// bracket steps over a bracket and the signs of equality behind it. It returns how many these are if the same bracket follows, else
// -1-n.
func (l *lexer) bracket(c int) int {
	l.pos++
	level := 0
	for l.accept("=") {
		level++
	}
	if l.current() == c {
		return level
	}
	return -1 - level
}

func (l *lexer) openBracket() lexeme {
	start := l.pos
	level := l.bracket('[')
	switch {
	case level >= 0:
		return lexeme{token: tokenString, text: l.longString(start, level, "unfinished long string")}
	case level < -1:
		l.raw = l.source[start:l.pos]
		l.fail("invalid long string delimiter", tokenString)
	}
	return lexeme{token: '['}
}

// longString returns what is between long brackets. The lexer stands at the second opening one.
func (l *lexer) longString(start, level int, unfinished string) string {
	l.pos++
	if isNewline(l.current()) {
		l.newline()
	}
	from, copied := l.pos, []byte(nil) // what is not yet copied, and what had to be
	for {
		switch l.current() {
		case endOfSource:
			l.fail(unfinished, tokenEOS)
		case ']':
			end := l.pos
			if l.bracket(']') == level {
				l.pos++
				l.raw = l.source[start:l.pos]
				if copied == nil {
					return l.source[from:end]
				}
				return string(append(copied, l.source[from:end]...))
			}
		case '\n', '\r':
			end := l.pos
			if l.newline(); l.source[end:l.pos] != "\n" {
				copied = append(append(copied, l.source[from:end]...), '\n')
				from = l.pos
			}
		default:
			l.pos++
		}
	}
}

// quoted returns a string in quotes.
func (l *lexer) quoted(quote byte) lexeme {
	start := l.pos
	l.pos++
	for end := l.pos; end < len(l.source); end++ {
		switch c := l.source[end]; {
		case c == quote:
			l.pos = end + 1
			l.raw = l.source[start:l.pos]
			return lexeme{token: tokenString, text: l.source[start+1 : end]}
		case c == '\\' || isNewline(int(c)):
			return l.escaped(quote, []byte(l.source[start:end]), end)
		}
	}
	l.fail("unfinished string", tokenEOS)
	return lexeme{}
}

// escaped returns a string in which there is an escape sequence at pos. What is before, with the quote, is in text.
func (l *lexer) escaped(quote byte, text []byte, pos int) lexeme {
	l.pos = pos
	for {
		switch c := l.current(); {
		case c == endOfSource:
			l.fail("unfinished string", tokenEOS)
		case isNewline(c):
			l.raw = string(text)
			l.fail("unfinished string", tokenString)
		case c == '\\':
			l.pos++
			text = l.escape(text)
		default:
			l.pos++
			text = append(text, byte(c))
			if byte(c) == quote {
				l.raw = string(text)
				return lexeme{token: tokenString, text: l.raw[1 : len(text)-1]}
			}
		}
	}
}

// escape appends what the sequence behind a backslash means.
func (l *lexer) escape(text []byte) []byte {
	c := l.current()
	switch {
	case c == endOfSource:
		return text
	case isNewline(c):
		l.newline()
		return append(text, '\n')
	case isDigit(c):
		return l.decimalEscape(text)
	}
	l.pos++
	if i := strings.IndexByte("abfnrtv", byte(c)); i >= 0 {
		return append(text, "\a\b\f\n\r\t\v"[i])
	}
	return append(text, byte(c))
}

// decimalEscape appends the byte that up to three digits name.
func (l *lexer) decimalEscape(text []byte) []byte {
	n := 0
	for i := 0; i < 3 && isDigit(l.current()); i++ {
		n = n*10 + l.current() - '0'
		l.pos++
	}
	if n > 255 {
		l.raw = string(text)
		l.fail("escape sequence too large", tokenString)
	}
	return append(text, byte(n))
}
