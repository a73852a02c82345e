// Package structlib gives Lua the library struct, which packs values into the bytes of C structures and back: Roberto Ierusalimschy's
// version 0.2, as Redis has it.
//
// A format is a string of options:
//
//	> <       big or little endian from here on; little before
//	![n]      align what follows to at most n bytes, a power of two (8); 1 before
//	x         a byte of padding
//	b B       signed and unsigned byte
//	h H       2 bytes
//	l L T     8 bytes, T unsigned like L
//	i[n] I[n] n bytes, up to 32 (4)
//	c[n]      n bytes of a string (1); c0 packs the whole string, and unpacks as many bytes as the value before says
//	s         a string and a zero byte
//	f d       float and double
//	blank     nothing
package structlib

import "snakecache/pkg/lua"

// library is what the functions of one state share.
type library struct {
	scratch []byte // in which results are put together
}

// maxScratch is the most bytes that are kept for the next result.
const maxScratch = 64 << 10

// Open sets the global struct.
func Open(s *lua.State) {
	l := &library{}
	t := s.NewTable(0, 3)
	t.SetString(s, "pack", s.NewFunction("pack", l.pack))
	t.SetString(s, "unpack", s.NewFunction("unpack", unpack))
	t.SetString(s, "size", s.NewFunction("size", size))
	s.Globals.SetString(s, "struct", t.Value())
}

// size returns how many bytes a format takes, which must not have options of variable length. Letters that are no option take none:
// unlike the other two functions, it does not complain.
func size(L *lua.Thread) int {
	f, total := newFormat(L), uint64(0)
	for f.more() {
		option, size := f.next()
		total += f.padding(total, option, size)
		switch {
		case option == 's':
			L.ArgError(1, "option 's' has no fixed size")
		case option == 'c' && size == 0:
			L.ArgError(1, "option 'c0' has no fixed size")
		case !isLetterOrDigit(option):
			f.control(option)
		}
		total += size
	}
	L.Push(lua.Number(float64(int64(total))))
	return 1
}

func isLetterOrDigit(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z'
}
