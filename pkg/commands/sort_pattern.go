package commands

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"

	"snakecache/pkg/store"
)

// sortPattern is the argument of BY or GET: the name of a key, or of a field of one, with an asterisk in place of the
// element.
type sortPattern struct {
	element        bool // #, the element itself
	varies         bool // it has an asterisk
	prefix, suffix []byte
	field          []byte // nil = the key is a string
}

// readSortPattern reads a pattern. For Redis it is a C string as far as the asterisk and the arrow are sought.
func readSortPattern(pattern []byte) (p sortPattern) {
	text, _, _ := bytes.Cut(pattern, []byte{0})
	p.element = string(text) == "#"
	star := bytes.IndexByte(text, '*')
	if p.varies = star >= 0; !p.varies {
		return p
	}
	p.prefix, p.suffix = pattern[:star], pattern[star+1:]
	if arrow := bytes.Index(text[star+1:], []byte("->")); arrow >= 0 && star+1+arrow+2 < len(text) {
		p.suffix, p.field = p.suffix[:arrow], p.suffix[arrow+2:]
	}
	return p
}

// sortLookup is memory for looking up what patterns name.
type sortLookup struct {
	key    []byte
	digits [20]byte
}

// find hands what the pattern names for an element to use, unless there is no such thing, and reports whether there was.
// The text is good as long as use runs; from 16 KiB on its bytes never change.
func (l *sortLookup) find(ks *store.Keyspace, p *sortPattern, element []byte, use func(text []byte)) (found bool) {
	switch {
	case p.element:
		use(element)
		return true
	case !p.varies:
		return false
	}
	l.key = append(append(append(l.key[:0], p.prefix...), element...), p.suffix...)
	ks.Look(l.key, func(value store.Value) {
		switch v := value.(type) {
		case *store.String:
			if found = p.field == nil; found {
				use(l.text(v))
			}
		case *store.Hash:
			if p.field != nil {
				var text []byte
				if text, found = v.Get(p.field); found {
					use(text)
				}
			}
		}
	})
	return found
}

func (l *sortLookup) text(s *store.String) []byte {
	if n, ok := s.Integer(); ok {
		return strconv.AppendInt(l.digits[:0], n, 10)
	}
	return s.Bytes()
}

// copies are byte strings of their own, many in one piece of memory. None is nil.
type copies struct{ free []byte }

const copiesPiece = 4 << 10

func (c *copies) of(b []byte) []byte {
	if c.free == nil || len(b) > len(c.free) {
		c.free = make([]byte, max(copiesPiece, len(b)))
	}
	own := c.free[:len(b):len(b)]
	c.free = c.free[len(b):]
	copy(own, b)
	return own
}

// compareTexts puts a text that is missing before all others.
func compareTexts(x, y []byte) int {
	if x == nil || y == nil {
		return presence(x) - presence(y)
	}
	return bytes.Compare(x, y)
}

func presence(text []byte) int {
	if text == nil {
		return 0
	}
	return 1
}

func compareScores(x, y float64) int { return cmp.Compare(x, y) }

// leastNormal is the least positive double with all its digits. Below it C reports an underflow.
const leastNormal = 0x1p-1022

// sortScore reads a number as SORT does, with C's strtod: so space in front and hexadecimal numbers are let through, and
// nothing at all is 0, but a number that no double can hold is not.
func sortScore(text []byte) (score float64, ok bool) {
	text, _, _ = bytes.Cut(text, []byte{0})
	if len(text) == 0 {
		return 0, true
	}
	word := string(bytes.TrimLeft(text, " \t\n\v\f\r"))
	digits := strings.TrimLeft(word, "+-")
	hexadecimal := len(digits) > 1 && (digits[1] == 'x' || digits[1] == 'X')
	switch {
	case strings.Contains(word, "_"):
		return 0, false
	case hexadecimal && !strings.ContainsAny(word, "pP"):
		word += "p0"
	}
	score, err := strconv.ParseFloat(word, 64)
	underflow := score < leastNormal && score > -leastNormal && !isZero(digits, hexadecimal)
	return score, err == nil && score == score && !underflow
}

// isZero reports whether a number without a sign is written with no other digits than 0.
func isZero(digits string, hexadecimal bool) bool {
	end := "eE"
	if hexadecimal {
		digits, end = digits[2:], "pP"
	}
	if i := strings.IndexAny(digits, end); i >= 0 {
		digits = digits[:i]
	}
	return strings.Trim(digits, "0.") == ""
}
