package script

import (
	"math"
	"strconv"

	"snakecache/pkg/double"
	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// arguments is room for those of a command, used again and again. A command may change or keep what it gets, so they are copies.
type arguments struct {
	list  proto.Args
	bytes []byte
}

// keptBytes is how much room stays for the next command.
const keptBytes = 64 << 10

// read returns the first n values as arguments. It returns false if one is neither a string nor a number.
// A script can name one long string many times, so that all of them together are held to its limit on memory.
func (a *arguments) read(L *lua.Thread, n int) (proto.Args, bool) {
	a.forget()
	size := int64(0)
	for i := 1; i <= n; i++ {
		if v := L.Arg(i); v.IsString() {
			size += int64(len(v.Str()))
		}
	}
	L.MustFit(size)
	L.Step(int(size >> 10))
	for i := 1; i <= n; i++ {
		v := L.Arg(i)
		switch {
		case v.IsString():
			a.addString(v.Str())
		case v.IsNumber():
			a.addNumber(v.Float())
		default:
			return nil, false
		}
	}
	return a.list, true
}

// forget lets go of the last arguments.
func (a *arguments) forget() {
	clear(a.list)
	a.list, a.bytes = a.list[:0], a.bytes[:0]
	if cap(a.bytes) > keptBytes {
		a.bytes = nil
	}
}

// addString appends an argument. One of proto.RefSize bytes or more has memory of its own.
func (a *arguments) addString(s string) {
	if len(s) >= proto.RefSize {
		a.list = append(a.list, []byte(s))
		return
	}
	from := len(a.bytes)
	a.bytes = append(a.bytes, s...)
	a.add(from)
}

// addNumber appends a number as Redis 7.4 prints it: integers, -0 among them, in all their digits, and other numbers in the fewest.
func (a *arguments) addNumber(f float64) {
	from := len(a.bytes)
	if n, ok := double.Int(f); ok {
		a.bytes = strconv.AppendInt(a.bytes, n, 10)
	} else if math.IsNaN(f) {
		a.bytes = lua.AppendNumber(a.bytes, f)
	} else {
		a.bytes = double.Append(a.bytes, f)
	}
	a.add(from)
}

// add makes an argument of the bytes from a place on. If they had to move to more room, the arguments before stay where they were.
func (a *arguments) add(from int) { a.list = append(a.list, a.bytes[from:len(a.bytes):len(a.bytes)]) }
