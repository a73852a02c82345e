package lua

import "strings"

const (
	maxCaptures = 32

	// maxMatchDepth bounds how deep the matcher calls itself, which a pattern's length does: once for each repetition and each end
	// of a capture. The reference implementation knows no bound and overflows its stack; this many take about 2 MB.
	maxMatchDepth = 10000

	captureOpen     = -1 // instead of a capture's length: its end was not reached yet
	capturePosition = -2 // it captures where it is
)

// specials are the bytes without which a pattern is a plain string.
const specials = "^$*+?.([%-"

// cString returns what C takes a string for: that in front of the first zero. Patterns end there.
func cString(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

type capture struct{ start, length int }

// matcher matches a pattern at a place of a string. It backtracks by calling itself, counts its steps, and gives the same answers in the
// same order as lstrlib.c, errors in parts of a pattern that are never reached included.
type matcher struct {
	L        *Thread
	source   string
	pattern  string
	depth    int
	level    int // how many captures there are, ended or not
	captures [maxCaptures]capture
}

// start tries the pattern's part from p on at place s, and returns the end of the match, or -1.
func (m *matcher) start(s, p int) int {
	m.level, m.depth = 0, 0
	return m.match(s, p)
}

func (m *matcher) match(s, p int) int {
	if m.depth++; m.depth > maxMatchDepth {
		m.L.Errorf("pattern too complex")
	}
	end := m.sequence(s, p)
	m.depth--
	return end
}

// at returns a byte of the pattern, 0 behind its end.
func (m *matcher) at(p int) byte {
	if p < len(m.pattern) {
		return m.pattern[p]
	}
	return 0
}

// sequence matches item after item, as long as none needs to be tried in several ways.
func (m *matcher) sequence(s, p int) int {
	for s >= 0 {
		m.L.Step(1)
		if p >= len(m.pattern) {
			return s
		}
		switch next := m.at(p + 1); m.pattern[p] {
		case '(':
			if next == ')' {
				return m.startCapture(s, p+2, capturePosition)
			}
			return m.startCapture(s, p+1, captureOpen)
		case ')':
			return m.endCapture(s, p+1)
		case '$':
			if next == 0 {
				return m.atEnd(s)
			}
		case '%':
			switch {
			case next == 'b':
				s, p = m.balance(s, p+2), p+4
				continue
			case next == 'f':
				s, p = m.frontier(s, p+2)
				continue
			case isDigit(next):
				s, p = m.again(s, next), p+2
				continue
			}
		}
		end := m.itemEnd(p)
		switch m.at(end) {
		case '?':
			if m.single(s, p, end) {
				if e := m.match(s+1, end+1); e >= 0 {
					return e
				}
			}
			p = end + 1
		case '*':
			return m.most(s, p, end)
		case '+':
			if !m.single(s, p, end) {
				return -1
			}
			return m.most(s+1, p, end)
		case '-':
			return m.fewest(s, p, end)
		default:
			if !m.single(s, p, end) {
				return -1
			}
			s, p = s+1, end
		}
	}
	return -1
}

func (m *matcher) atEnd(s int) int {
	if s == len(m.source) {
		return s
	}
	return -1
}

// itemEnd returns where the single-character item at p ends.
func (m *matcher) itemEnd(p int) int {
	switch m.pattern[p] {
	case '%':
		if p+1 >= len(m.pattern) {
			m.L.Errorf("malformed pattern (ends with '%%')")
		}
		return p + 2
	case '[':
		return m.setEnd(p + 1)
	}
	return p + 1
}

// setEnd returns where the set ends whose bracket is in front of p. A bracket that comes first is a member.
func (m *matcher) setEnd(p int) int {
	start := p
	if m.at(p) == '^' {
		p++
	}
	for first := true; first || m.at(p) != ']'; first = false {
		if p >= len(m.pattern) {
			m.L.Errorf("malformed pattern (missing ']')")
		}
		if p++; m.pattern[p-1] == '%' && p < len(m.pattern) {
			p++
		}
	}
	m.L.Step((p - start) >> 6)
	return p + 1
}

// single reports whether the character at s is one that the item from p to end stands for.
func (m *matcher) single(s, p, end int) bool {
	if s >= len(m.source) {
		return false
	}
	c := m.source[s]
	switch m.pattern[p] {
	case '.':
		return true
	case '%':
		return inClass(c, m.pattern[p+1])
	case '[':
		return m.inSet(c, p, end-1)
	}
	return m.pattern[p] == c
}

// inClass reports whether a character is in the class of a letter; other characters stand for themselves.
func inClass(c, letter byte) bool {
	var in bool
	switch letter | 0x20 {
	case 'a':
		in = charClasses[c]&classAlpha != 0
	case 'c':
		in = charClasses[c]&classControl != 0
	case 'd':
		in = charClasses[c]&classDigit != 0
	case 'l':
		in = charClasses[c]&classLower != 0
	case 'p':
		in = charClasses[c]&classPunctuation != 0
	case 's':
		in = charClasses[c]&classSpace != 0
	case 'u':
		in = charClasses[c]&classUpper != 0
	case 'w':
		in = charClasses[c]&(classAlpha|classDigit) != 0
	case 'x':
		in = charClasses[c]&classHexDigit != 0
	case 'z':
		in = c == 0
	default:
		return c == letter
	}
	return in == (charClasses[letter]&classLower != 0)
}

// inSet reports whether a character is in the set whose brackets are at p and last.
func (m *matcher) inSet(c byte, p, last int) bool {
	m.L.Step((last - p) >> 6)
	in := true
	if m.pattern[p+1] == '^' {
		in = false
		p++
	}
	for p++; p < last; p++ {
		switch {
		case m.pattern[p] == '%':
			p++
			if inClass(c, m.pattern[p]) {
				return in
			}
		case m.pattern[p+1] == '-' && p+2 < last:
			p += 2
			if m.pattern[p-2] <= c && c <= m.pattern[p] {
				return in
			}
		case m.pattern[p] == c:
			return in
		}
	}
	return !in
}

// most matches as many characters of an item as there are, then fewer, until the rest of the pattern matches.
func (m *matcher) most(s, p, end int) int {
	n := 0
	if m.pattern[p] == '.' {
		n = len(m.source) - s
	}
	for m.single(s+n, p, end) {
		n++
	}
	m.L.Step(n >> 4)
	for ; n >= 0; n-- {
		if e := m.match(s+n, end+1); e >= 0 {
			return e
		}
	}
	return -1
}

// fewest matches as few characters of an item as it takes for the rest of the pattern to match.
func (m *matcher) fewest(s, p, end int) int {
	for {
		if e := m.match(s, end+1); e >= 0 {
			return e
		}
		if !m.single(s, p, end) {
			return -1
		}
		s++
	}
}

func (m *matcher) startCapture(s, p, length int) int {
	if m.level >= maxCaptures {
		m.L.Errorf("too many captures")
	}
	m.captures[m.level] = capture{s, length}
	m.level++
	end := m.match(s, p)
	if end < 0 {
		m.level--
	}
	return end
}

func (m *matcher) endCapture(s, p int) int {
	i := m.level - 1
	for i >= 0 && m.captures[i].length != captureOpen {
		i--
	}
	if i < 0 {
		m.L.Errorf("invalid pattern capture")
	}
	m.captures[i].length = s - m.captures[i].start
	end := m.match(s, p)
	if end < 0 {
		m.captures[i].length = captureOpen
	}
	return end
}

// again matches what a capture has matched. That of a position never does.
func (m *matcher) again(s int, digit byte) int {
	i := int(digit) - '1'
	if i < 0 || i >= m.level || m.captures[i].length == captureOpen {
		m.L.Errorf("invalid capture index")
	}
	c := m.captures[i]
	if c.length < 0 {
		return -1
	}
	m.L.Step(c.length >> 8)
	if !strings.HasPrefix(m.source[s:], m.source[c.start:c.start+c.length]) {
		return -1
	}
	return s + c.length
}

// balance matches from an opening character to the closing one; p is where the pattern names the two.
func (m *matcher) balance(s, p int) int {
	if p+1 >= len(m.pattern) {
		m.L.Errorf("unbalanced pattern")
	}
	opening, closing := m.pattern[p], m.pattern[p+1]
	if s >= len(m.source) || m.source[s] != opening {
		return -1
	}
	open := 1
	for i := s + 1; i < len(m.source); i++ {
		switch m.source[i] {
		case closing:
			if open--; open == 0 {
				m.L.Step((i - s) >> 4)
				return i + 1
			}
		case opening:
			open++
		}
	}
	m.L.Step((len(m.source) - s) >> 4)
	return -1
}

// frontier matches where a set begins: in front of s is none of it, at s is. It returns where in the pattern to go on.
func (m *matcher) frontier(s, p int) (int, int) {
	if m.at(p) != '[' {
		m.L.Errorf("missing '[' after '%%f' in pattern")
	}
	end := m.itemEnd(p)
	var previous, next byte
	if s > 0 {
		previous = m.source[s-1]
	}
	if s < len(m.source) {
		next = m.source[s]
	}
	if m.inSet(previous, p, end-1) || !m.inSet(next, p, end-1) {
		return -1, end
	}
	return s, end
}

// capture returns the i-th capture, from 0 on, of a match from s to e. Without any captures the whole match is the first.
func (m *matcher) capture(i, s, e int) Value {
	if i >= m.level {
		if i > 0 {
			m.L.Errorf("invalid capture index")
		}
		return m.L.substring(m.source, s, e)
	}
	c := m.captures[i]
	switch c.length {
	case captureOpen:
		m.L.Errorf("unfinished capture")
	case capturePosition:
		return Int(c.start + 1)
	}
	return m.L.substring(m.source, c.start, c.start+c.length)
}

// pushCaptures pushes all captures, the whole match if there are none, and returns how many.
func (m *matcher) pushCaptures(s, e int) int {
	n := max(m.level, 1)
	for i := range n {
		m.L.Push(m.capture(i, s, e))
	}
	return n
}
