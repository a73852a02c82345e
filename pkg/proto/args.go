package proto

import (
	"bytes"
	"strconv"
)

// Args is one request: Args[0] is the command's name as it was sent, the rest are its arguments. The slices
// alias the connection's read buffer: whoever keeps bytes beyond the handler's turn copies them.
type Args [][]byte

// Options starts a cursor at argument i, for the optional words behind a command's fixed arguments.
func (a Args) Options(i int) Options { return Options{args: a, next: i} }

// Options walks over the words of a command's option list. Every method that consumes nothing leaves the
// cursor where it was, so alternatives can be tried in turn.
type Options struct {
	args Args
	next int
}

// More reports whether words are left.
func (o *Options) More() bool { return o.next < len(o.args) }

// Left returns how many words are left.
func (o *Options) Left() int { return len(o.args) - o.next }

// Word consumes the next word if it is word, which must be lower case; case is ignored in the request.
func (o *Options) Word(word string) bool {
	if !o.More() || !EqualFold(o.args[o.next], word) {
		return false
	}
	o.next++
	return true
}

// WordWith consumes the next two words if the first is word and a value follows, and returns the value.
func (o *Options) WordWith(word string) ([]byte, bool) {
	if o.Left() < 2 || !o.Word(word) {
		return nil, false
	}
	return o.Next(), true
}

// Next consumes one word. It must not be called when none is left.
func (o *Options) Next() []byte {
	word := o.args[o.next]
	o.next++
	return word
}

// EqualFold reports whether b is word, which must be lower-case ASCII, ignoring case.
func EqualFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// maxIntLen is the length of the longest decimal int64, "-9223372036854775808".
const maxIntLen = 20

// ParseInt reads a decimal int64 as strictly as Redis does: no plus sign, no leading zero, no space.
func ParseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > maxIntLen {
		return 0, false
	}
	digits, negative := b, b[0] == '-'
	if negative {
		digits = b[1:]
	}
	n, ok := parseDigits(digits)
	if !ok || (negative && n == 0) {
		return 0, false
	}
	if negative {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n <= 1<<63-1
}

// parseDigits reads an unsigned decimal number without a leading zero ("0" itself is fine). Nineteen digits
// cannot overflow a uint64, and no int64 has more.
func parseDigits(digits []byte) (n uint64, ok bool) {
	if len(digits) == 0 || len(digits) > 19 || (digits[0] == '0' && len(digits) > 1) {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

// ParseUint reads a cursor as Redis does, with C's strtoull where that is no plain int64: so spaces and signs are let
// through in front, and a number below those of int64 is taken modulo 2^64, but -1 is not.
func ParseUint(b []byte) (uint64, bool) {
	if n, ok := ParseInt(b); ok {
		return uint64(n), n >= 0
	}
	b = bytes.TrimLeft(b, " \t\n\v\f\r")
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	n, err := strconv.ParseUint(string(b), 10, 64)
	if negative {
		n = -n
	}
	return n, err == nil
}
