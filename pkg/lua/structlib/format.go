package structlib

import (
	"math"
	"strings"

	"snakecache/pkg/lua"
)

const (
	maxInteger   = 32 // bytes of the largest integer
	defaultAlign = 8  // of the option ! without a number: that of a double
	wordSize     = 8  // bytes of the integers that are computed with
)

// format is a format that is being read, with what its options have set so far.
type format struct {
	L         *lua.Thread
	rest      string
	bigEndian bool
	align     uint64
}

// newFormat reads the first argument. As in C, a zero byte ends it.
func newFormat(L *lua.Thread) format {
	text, _, _ := strings.Cut(L.CheckString(1), "\x00")
	return format{L: L, rest: text, align: 1}
}

func (f *format) more() bool { return f.rest != "" }

// next takes an option with its number, and returns how many bytes it is long: 0 for strings of any length, for options that set
// something, and for those that do not exist.
func (f *format) next() (option byte, size uint64) {
	f.L.Step(1)
	option, f.rest = f.rest[0], f.rest[1:]
	switch option {
	case 'b', 'B', 'x':
		return option, 1
	case 'h', 'H':
		return option, 2
	case 'f':
		return option, 4
	case 'd', 'l', 'L', 'T':
		return option, 8
	case 'c':
		return option, f.number(1)
	case 'i', 'I':
		size = f.number(4)
		if size > maxInteger {
			f.L.Errorf("integral size %d is larger than limit of %d", size, maxInteger)
		}
	}
	return option, size
}

// number takes the number that follows an option, if there is one.
func (f *format) number(otherwise uint64) uint64 {
	if f.rest == "" || !isDigit(f.rest[0]) {
		return otherwise
	}
	n := uint64(0)
	for f.rest != "" && isDigit(f.rest[0]) {
		if n = 10*n + uint64(f.rest[0]-'0'); n > math.MaxInt32 {
			f.L.Errorf("integral size overflow")
		}
		f.rest = f.rest[1:]
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// padding returns how many bytes come before an option at a position, so that it is aligned. The formula is that of the original also for
// sizes that are no powers of two.
func (f *format) padding(at uint64, option byte, size uint64) uint64 {
	if size == 0 || option == 'c' {
		return 0
	}
	size = min(size, f.align)
	return (size - at&(size-1)) & (size - 1)
}

// control follows an option that only sets something.
func (f *format) control(option byte) {
	switch option {
	case ' ':
	case '>':
		f.bigEndian = true
	case '<':
		f.bigEndian = false
	case '!':
		n := f.number(defaultAlign)
		if n == 0 || n&(n-1) != 0 {
			f.L.Errorf("alignment %d is not a power of 2", n)
		}
		f.align = n
	default:
		f.L.ArgError(1, "invalid format option '"+string([]byte{option})+"'")
	}
}
