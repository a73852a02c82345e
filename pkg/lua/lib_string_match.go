package lua

import "strings"

func stringFind(L *Thread) int  { return L.find(true) }
func stringMatch(L *Thread) int { return L.find(false) }

// find pushes the captures of the first match, in front of them where it is if that is asked for.
func (L *Thread) find(where bool) int {
	s, p := L.CheckString(1), L.CheckString(2)
	L.Step(len(p) >> 6)
	init := position(L.OptInt(3, 1), len(s)) - 1
	init = min(max(init, 0), len(s))
	if where && (L.Arg(4).Truth() || isPlain(p)) {
		return L.findPlain(s, p, init)
	}
	m := matcher{L: L, source: s, pattern: cString(p)}
	first := m.anchored()
	for {
		if end := m.start(init, first); end >= 0 {
			if !where {
				return m.pushCaptures(init, end)
			}
			L.Push(Int(init + 1))
			L.Push(Int(end))
			if m.level > 0 {
				m.pushCaptures(init, end)
			}
			return 2 + m.level
		}
		if init++; init > len(s) || first > 0 {
			L.Push(Nil)
			return 1
		}
	}
}

// isPlain reports whether a pattern stands for itself.
func isPlain(pattern string) bool { return !strings.ContainsAny(cString(pattern), specials) }

func (L *Thread) findPlain(s, p string, init int) int {
	L.Step((len(s) - init) >> 8)
	i := strings.Index(s[init:], p)
	if i < 0 {
		L.Push(Nil)
		return 1
	}
	L.Push(Int(init + i + 1))
	L.Push(Int(init + i + len(p)))
	return 2
}

// anchored returns where the pattern begins: behind a caret, which ties it to where the search does.
func (m *matcher) anchored() int {
	if m.at(0) == '^' {
		return 1
	}
	return 0
}

// stringGmatch returns an iterator. A caret is none of its patterns' specials.
func stringGmatch(L *Thread) int {
	s, p := L.CheckString(1), L.CheckString(2)
	next := 0
	L.Push(L.NewClosure("", func(L *Thread) int {
		L.Step(len(p) >> 8)
		m := matcher{L: L, source: s, pattern: cString(p)}
		for at := next; at <= len(s); at++ {
			if end := m.start(at, 0); end >= 0 {
				next = end
				if end == at {
					next++ // behind an empty match, go on
				}
				return m.pushCaptures(at, end)
			}
		}
		return 0
	}, String(s), String(p)))
	return 1
}

// The places of gsub's arguments, and where its result lies while code of Lua runs.
const (
	gsubReplacement = 3
	gsubLimit       = 4
	gsubPinned      = 5
)

func stringGsub(L *Thread) int {
	s, p := L.CheckString(1), L.CheckString(2)
	L.Step(len(p) >> 8)
	limit := L.optInt32(gsubLimit, len(s)+1)
	switch L.Arg(gsubReplacement).Kind() {
	case KindNumber, KindString, KindTable, KindFunction:
	default:
		L.ArgError(gsubReplacement, "string/function/table expected")
	}
	L.SetTop(gsubPinned)
	m := matcher{L: L, source: s, pattern: cString(p)}
	b := L.borrow()
	count := m.substitute(&b, limit)
	if count > 0 {
		L.Push(b.value())
	} else {
		b.giveBack()
		L.Push(String(s))
	}
	L.Push(Int(count))
	return 2
}

// substitute appends the source with its first matches replaced, and returns how many there were. If there are none, it appends
// nothing.
func (m *matcher) substitute(b *buffer, limit int) (count int) {
	first := m.anchored()
	at, copied := 0, 0 // what lies between the two matches nothing and is to be copied
	for count < limit {
		end := m.start(at, first)
		if end >= 0 {
			count++
			b.add(m.source[copied:at])
			m.replace(b, at, end)
			copied = end
		}
		if at = max(at+1, end); at > len(m.source) || first > 0 {
			break
		}
	}
	if count > 0 {
		b.add(m.source[copied:])
	}
	return count
}

// replace appends what takes the place of a match.
func (m *matcher) replace(b *buffer, s, e int) {
	L := m.L
	replacement := L.Arg(gsubReplacement)
	var v Value
	switch replacement.Kind() {
	case KindFunction:
		L.SetArg(gsubPinned, b.pinned())
		L.Push(replacement)
		L.Call(m.pushCaptures(s, e), 1)
		v = L.Pop()
	case KindTable:
		L.SetArg(gsubPinned, b.pinned())
		v = L.Index(replacement, m.capture(0, s, e))
	default:
		m.expand(b, s, e)
		return
	}
	switch {
	case !v.Truth():
		b.add(m.source[s:e])
	case v.IsString() || v.IsNumber():
		b.addValue(v)
	default:
		L.Errorf("invalid replacement value (a %s)", v.Kind())
	}
}

// expand appends the replacement with the captures to which its percent signs refer. One at its end is a zero, as it is in C.
func (m *matcher) expand(b *buffer, s, e int) {
	text := m.L.CheckString(gsubReplacement)
	for {
		i := strings.IndexByte(text, '%')
		if i < 0 {
			b.add(text)
			return
		}
		b.add(text[:i])
		var c byte
		if text = text[i+1:]; text != "" {
			c, text = text[0], text[1:]
		}
		switch {
		case c == '0':
			b.add(m.source[s:e])
		case isDigit(c):
			b.addValue(m.capture(int(c)-'1', s, e))
		default:
			b.addByte(c)
		}
	}
}
