package lua

import (
	"math"
	"strconv"
	"strings"
)

// longText is from which length on %s without a precision takes a string as it is: no width could be longer.
const longText = 100

// spec is one item of a format: %[flags][width][.precision]verb, as C's printf has it.
type spec struct {
	minus, plus, space, sharp, zero bool

	width     int
	precision int // -1 if there is none
	verb      byte
}

func stringFormat(L *Thread) int {
	format := L.CheckString(1)
	b := L.borrow()
	for arg := 1; ; {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			break
		}
		L.Step(1 + i>>10)
		b.add(format[:i])
		format = format[i+1:]
		if strings.HasPrefix(format, "%") {
			b.addByte('%')
			format = format[1:]
			continue
		}
		if arg++; arg > L.NArgs() {
			L.ArgError(arg, "no value")
		}
		var item spec
		item, format = L.parseSpec(format)
		L.formatItem(&b, item, arg)
	}
	b.add(format)
	L.Push(b.value())
	return 1
}

// parseSpec reads what is behind a percent sign, and returns the rest of the format.
func (L *Thread) parseSpec(format string) (spec, string) {
	item := spec{precision: -1}
	p := 0
	at := func() byte {
		if p < len(format) {
			return format[p]
		}
		return 0
	}
	for item.flag(at()) {
		p++
	}
	if p > len("-+ #0") {
		L.Errorf("invalid format (repeated flags)")
	}
	number := func() (n int) {
		for digits := 0; digits < 2 && isDigit(at()); digits++ {
			n = n*10 + int(at()-'0')
			p++
		}
		return n
	}
	item.width = number()
	if at() == '.' {
		p++
		item.precision = number()
	}
	if isDigit(at()) {
		L.Errorf("invalid format (width or precision too long)")
	}
	item.verb = at()
	return item, format[min(p+1, len(format)):]
}

// flag sets the flag of a letter, and reports whether there is one.
func (f *spec) flag(c byte) bool {
	switch c {
	case '-':
		f.minus = true
	case '+':
		f.plus = true
	case ' ':
		f.space = true
	case '#':
		f.sharp = true
	case '0':
		f.zero = true
	default:
		return false
	}
	return true
}

func (L *Thread) formatItem(b *buffer, f spec, arg int) {
	switch f.verb {
	case 'c':
		f.char(b, L.CheckNumber(arg))
	case 'd', 'i':
		f.signed(b, L.CheckNumber(arg))
	case 'o', 'u', 'x', 'X':
		f.unsigned(b, L.CheckNumber(arg))
	case 'e', 'E', 'f', 'g', 'G':
		f.float(b, L.CheckNumber(arg))
	case 'q':
		quote(b, L.CheckString(arg))
	case 's':
		f.text(b, L.CheckString(arg))
	case 0:
		L.Errorf("invalid option '%%' to 'format'")
	default:
		L.Raise(L.OwnString(L.Where(1) + "invalid option '%" + string([]byte{f.verb}) + "' to 'format'"))
	}
}

// char appends a character. A zero ends C's string, and what would pad it on the right is lost.
func (f spec) char(b *buffer, n float64) {
	c := byte(0)
	if n > math.MinInt32-1 && n < math.MaxInt32+1 {
		c = byte(int(n))
	}
	if c != 0 {
		f.pad(b, "", string([]byte{c}), false)
		return
	}
	if !f.minus && f.width > 0 {
		f.width--
		f.pad(b, "", "", false)
	}
}

func (f spec) text(b *buffer, s string) {
	if f.precision < 0 && len(s) >= longText {
		b.add(s)
		return
	}
	s = cString(s)
	if f.precision >= 0 && len(s) > f.precision {
		s = s[:f.precision]
	}
	f.pad(b, "", s, false)
}

func (f spec) signed(b *buffer, n float64) {
	i := int64(ToInt(n))
	magnitude := uint64(i)
	if i < 0 {
		magnitude = -magnitude
	}
	var digits [maxDigits]byte
	f.integer(b, f.sign(i < 0), strconv.AppendUint(digits[:0], magnitude, 10))
}

// sign returns what stands in front of a signed number.
func (f spec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case f.plus:
		return "+"
	case f.space:
		return " "
	}
	return ""
}

// maxDigits is how many digits an integer has at most, in base 8 with a zero in front.
const maxDigits = 24

func (f spec) unsigned(b *buffer, n float64) {
	u := toUnsigned(n)
	var space [maxDigits]byte
	digits, prefix := space[:0], ""
	switch f.verb {
	case 'o':
		if f.sharp && (u != 0 || f.precision == 0) {
			digits = append(digits, '0')
		}
		if u != 0 || !f.sharp || f.precision != 0 {
			digits = strconv.AppendUint(digits, u, 8)
		}
		if f.sharp && f.precision == 0 {
			f.precision = 1 // the zero in front is a digit that stays
		}
	case 'u':
		digits = strconv.AppendUint(digits, u, 10)
	default:
		digits = strconv.AppendUint(digits, u, 16)
		if f.sharp && u != 0 {
			prefix = "0x"
		}
		if f.verb == 'X' {
			prefix = strings.ToUpper(prefix)
			upper(digits)
		}
	}
	f.integer(b, prefix, digits)
}

// toUnsigned converts a number as C does on the machines of today.
func toUnsigned(f float64) uint64 {
	if f >= 1<<63 {
		return uint64(ToInt(f-(1<<63))) ^ 1<<63
	}
	return uint64(ToInt(f))
}

func upper(text []byte) {
	for i, c := range text {
		if charClasses[c]&classLower != 0 {
			text[i] ^= 'a' ^ 'A'
		}
	}
}

// integer appends digits, as many as the precision says at least. With a precision the flag of zeros has no effect.
func (f spec) integer(b *buffer, prefix string, digits []byte) {
	if f.precision < 0 {
		f.pad(b, prefix, string(digits), f.zero)
		return
	}
	if f.precision == 0 && len(digits) == 1 && digits[0] == '0' {
		digits = nil
	}
	zeros := max(0, f.precision-len(digits))
	f.pad(b, prefix, strings.Repeat("0", zeros)+string(digits), false)
}

// float appends a number with an exponent, a point, or what suits it.
func (f spec) float(b *buffer, n float64) {
	sign := f.sign(math.Signbit(n))
	var space [512]byte // more than %99.99f of the least number
	var digits []byte
	finite := false
	switch {
	case n != n:
		digits = append(space[:0], "nan"...)
	case math.IsInf(n, 0):
		digits = append(space[:0], "inf"...)
	default:
		finite = true
		digits = f.digits(space[:0], math.Abs(n))
	}
	if f.verb < 'a' {
		upper(digits)
	}
	f.pad(b, sign, string(digits), f.zero && finite)
}

// digits appends a number that is neither negative, infinite nor none.
func (f spec) digits(dst []byte, n float64) []byte {
	precision := f.precision
	if precision < 0 {
		precision = 6
	}
	verb := f.verb | 0x20
	if verb != 'g' {
		dst = strconv.AppendFloat(dst, n, verb, precision, 64)
		if f.sharp && precision == 0 {
			dst = addPoint(dst)
		}
		return dst
	}
	precision = max(precision, 1)
	if !f.sharp {
		return strconv.AppendFloat(dst, n, verb, precision, 64)
	}
	// With the flag # zeros at the end stay, so the choice of the form is made here.
	dst = strconv.AppendFloat(dst, n, 'e', precision-1, 64)
	exponent, _ := strconv.Atoi(string(dst[strings.LastIndexByte(string(dst), 'e')+1:]))
	if exponent >= -4 && exponent < precision {
		dst = strconv.AppendFloat(dst[:0], n, 'f', precision-1-exponent, 64)
	}
	if strings.IndexByte(string(dst), '.') < 0 {
		dst = addPoint(dst)
	}
	return dst
}

// addPoint adds the point behind the digits, in front of an exponent.
func addPoint(number []byte) []byte {
	digits := number
	if i := strings.IndexByte(string(number), 'e'); i >= 0 {
		digits = number[:i]
	}
	exponent := string(number[len(digits):])
	return append(append(digits, '.'), exponent...)
}

// pad appends a text with something in front, and fills it up to the width: by zeros between the two, or blanks around them.
func (f spec) pad(b *buffer, prefix, text string, zeros bool) {
	missing := max(0, f.width-len(prefix)-len(text))
	b.reserve(len(prefix) + len(text) + missing)
	if !f.minus && !zeros {
		b.bytes = fill(b.bytes, ' ', missing)
	}
	b.bytes = append(b.bytes, prefix...)
	if !f.minus && zeros {
		b.bytes = fill(b.bytes, '0', missing)
	}
	b.bytes = append(b.bytes, text...)
	if f.minus {
		b.bytes = fill(b.bytes, ' ', missing)
	}
}

func fill(dst []byte, c byte, n int) []byte {
	for ; n > 0; n-- {
		dst = append(dst, c)
	}
	return dst
}

// quote appends a string as the parser reads it.
func quote(b *buffer, s string) {
	b.s.Step(len(s) >> 5)
	b.reserve(len(s) + 2)
	b.addByte('"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\', '\n':
			b.addByte('\\')
			b.addByte(c)
		case '\r':
			b.add(`\r`)
		case 0:
			b.add(`\000`)
		default:
			b.addByte(c)
		}
	}
	b.addByte('"')
}
