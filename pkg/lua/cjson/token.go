package cjson

import (
	"strings"
	"unicode/utf8"
	"unsafe"
)

// next reads a token.
func (d *decoder) next() {
	for d.at < len(d.input) && isBlank(d.input[d.at]) {
		d.at++
	}
	d.L.Step((d.at - d.start) >> 6)
	d.start = d.at
	if d.at == len(d.input) {
		d.token = end
		return
	}
	switch d.input[d.at] {
	case '{':
		d.take(objectBegin, 1)
	case '}':
		d.take(objectEnd, 1)
	case '[':
		d.take(arrayBegin, 1)
	case ']':
		d.take(arrayEnd, 1)
	case ',':
		d.take(comma, 1)
	case ':':
		d.take(colon, 1)
	case '"':
		d.quoted()
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		d.number()
	default:
		d.word()
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (d *decoder) take(kind token, n int) {
	d.token = kind
	d.at += n
}

// word reads a token that begins with a letter, or a plus sign.
func (d *decoder) word() {
	rest := d.input[d.at:]
	switch {
	case strings.HasPrefix(rest, "true"):
		d.truth = true
		d.take(boolean, 4)
	case strings.HasPrefix(rest, "false"):
		d.truth = false
		d.take(boolean, 5)
	case strings.HasPrefix(rest, "null"):
		d.take(null, 4)
	case strings.IndexByte("+iInN", rest[0]) >= 0 && d.m.decodeInvalid == on && isInvalidNumber(rest):
		d.number()
	default:
		d.token = invalid
	}
}

// number reads what C's strtod takes for a number.
func (d *decoder) number() {
	rest := d.input[d.at:]
	f, n := 0.0, 0
	if d.m.decodeInvalid == on || !isInvalidNumber(rest) {
		f, n = parseNumber(rest)
	}
	if n == 0 {
		d.token = invalidNumber
		return
	}
	d.float = f
	d.take(number, n)
}

// quoted reads a string, which stays valid until the next one.
func (d *decoder) quoted() {
	from := d.at + 1
	rest := d.input[from:]
	n := strings.IndexByte(rest, '"')
	if n < 0 || strings.IndexByte(rest[:n], '\\') >= 0 {
		d.escaped(from)
		return
	}
	d.text = rest[:n]
	d.L.Step(n >> 5)
	d.take(text, n+2)
}

// escaped reads a string that begins at from and is not closed before an escape.
func (d *decoder) escaped(from int) {
	d.scratch = d.scratch[:0]
	for {
		n := strings.IndexAny(d.input[from:], `"\`)
		if n < 0 {
			d.complain(unfinished, len(d.input))
			return
		}
		d.L.Step(1 + n>>5)
		d.scratch = append(d.L.Room(d.scratch, n+utf8.UTFMax), d.input[from:from+n]...)
		from += n
		if d.input[from] == '"' {
			d.text = unsafe.String(unsafe.SliceData(d.scratch), len(d.scratch))
			d.take(text, from+1-d.at)
			return
		}
		if n = d.escape(from); n == 0 {
			return
		}
		from += n
	}
}

// complain says what is wrong with a token, and where.
func (d *decoder) complain(what token, at int) { d.token, d.start = what, at }

// escape appends the character for which an escape stands and returns how long that is, 0 if it is wrong.
func (d *decoder) escape(at int) int {
	rest := d.input[at+1:]
	kind := -1
	if rest != "" {
		kind = strings.IndexByte(`"\/btnfru`, rest[0])
	}
	switch {
	case kind < 0:
		d.complain(invalidEscape, at)
		return 0
	case rest[0] != 'u':
		d.scratch = append(d.scratch, "\"\\/\b\t\n\f\r"[kind])
		return 2
	}
	code, n := unicode(rest[1:])
	if n == 0 {
		d.complain(invalidUnicode, at)
		return 0
	}
	d.scratch = utf8.AppendRune(d.scratch, code)
	return 2 + n
}

// unicode reads the four digits of a character, or with a second escape those of a pair of surrogates; n is 0 if they are wrong.
func unicode(s string) (code rune, n int) {
	code = hex4(s)
	switch {
	case code < 0 || code&0xfc00 == 0xdc00:
		return 0, 0
	case code&0xfc00 != 0xd800:
		return code, 4
	}
	low := rune(-1)
	if strings.HasPrefix(s[4:], `\u`) {
		low = hex4(s[6:])
	}
	if low&0xfc00 != 0xdc00 || low < 0 {
		return 0, 0
	}
	return 0x10000 + code&0x3ff<<10 + low&0x3ff, 10
}

// hex4 returns what four hexadecimal digits say, -1 if there are none.
func hex4(s string) (n rune) {
	if len(s) < 4 {
		return -1
	}
	for i := range 4 {
		digit := hexDigit(s[i])
		if digit < 0 {
			return -1
		}
		n = n<<4 | digit
	}
	return n
}

func hexDigit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}
