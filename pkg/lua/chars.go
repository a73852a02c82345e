package lua

// charClass says to which of C's classes a byte belongs, in the C locale: none above 127.
type charClass uint8

const (
	classAlpha charClass = 1 << iota
	classControl
	classDigit
	classLower
	classPunctuation
	classSpace
	classUpper
	classHexDigit
)

var charClasses = func() (classes [256]charClass) {
	for c := range 128 {
		classes[c] = classOf(byte(c))
	}
	return classes
}()

func classOf(c byte) (class charClass) {
	switch {
	case 'a' <= c && c <= 'z':
		class = classAlpha | classLower
	case 'A' <= c && c <= 'Z':
		class = classAlpha | classUpper
	case '0' <= c && c <= '9':
		class = classDigit | classHexDigit
	case c == ' ':
		class = classSpace
	case '\t' <= c && c <= '\r':
		class = classSpace | classControl
	case c < ' ' || c == 127:
		class = classControl
	default:
		class = classPunctuation
	}
	if lower := c | 0x20; 'a' <= lower && lower <= 'f' && class&classAlpha != 0 {
		class |= classHexDigit
	}
	return class
}

// char is a byte, or what the lexer and loops over text have in its place, which may be none.
type char interface{ byte | int | rune }

func isDigit[C char](c C) bool { return '0' <= c && c <= '9' }

// byteStrings are the strings of one byte, which cost nothing.
var byteStrings = func() (values [256]Value) {
	const size = 256
	all := make([]byte, size)
	for c := range all {
		all[c] = byte(c)
	}
	text := string(all)
	for c := range values {
		values[c] = String(text[c : c+1])
	}
	return values
}()

// substring returns a part of a string. It is a copy unless it is all or next to nothing: parts that share the bytes of the whole would
// keep those in memory, where no measurement sees them.
func (s *State) substring(text string, from, to int) Value {
	switch to - from {
	case 0:
		return String("")
	case 1:
		return byteStrings[text[from]]
	case len(text):
		return String(text)
	}
	s.Charge(int64(to-from) + stringSize)
	part := make([]byte, to-from)
	copy(part, text[from:to])
	return adopt(part)
}
