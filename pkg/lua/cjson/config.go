package cjson

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"snakecache/pkg/lua"
)

// config is what the module's functions can set.
type config struct {
	sparseConvert int32 // whether extremely sparse arrays become objects, or are an error
	sparseRatio   int32 // arrays are extremely sparse if the greatest index is more than so many times the number of elements, 0 for never
	sparseSafe    int32 // and if it is more than this
	encodeDepth   int32
	decodeDepth   int32
	precision     int32 // digits of numbers
	keepBuffer    int32 // has no effect: what is kept is bounded in either case
	encodeInvalid int32 // whether infinity and NaN are an error (off), written as such (on) or as null
	decodeInvalid int32 // whether infinity, NaN and hexadecimal numbers are read
}

var defaults = config{
	sparseRatio:   2,
	sparseSafe:    10,
	encodeDepth:   1000,
	decodeDepth:   1000,
	precision:     14,
	keepBuffer:    on,
	decodeInvalid: on,
}

// The values of settings with words, and the words.
const (
	off = iota
	on
	asNull
)

var (
	switches = []string{"off", "on"}
	invalids = []string{"off", "on", "null"}
)

// The functions below set what their arguments say, if there are any that are not nil, and return the setting.

func (m *module) encodeSparseArray(L *lua.Thread) int {
	atMost(L, 3)
	word(L, 1, &m.sparseConvert, switches)
	integer(L, 2, &m.sparseRatio, 0, math.MaxInt32)
	integer(L, 3, &m.sparseSafe, 0, math.MaxInt32)
	return 3
}

func (m *module) encodeMaxDepth(L *lua.Thread) int {
	atMost(L, 1)
	return integer(L, 1, &m.encodeDepth, 1, math.MaxInt32)
}

func (m *module) decodeMaxDepth(L *lua.Thread) int {
	atMost(L, 1)
	return integer(L, 1, &m.decodeDepth, 1, math.MaxInt32)
}

func (m *module) encodeNumberPrecision(L *lua.Thread) int {
	atMost(L, 1)
	return integer(L, 1, &m.precision, 1, defaults.precision)
}

func (m *module) encodeKeepBuffer(L *lua.Thread) int {
	atMost(L, 1)
	return word(L, 1, &m.keepBuffer, switches)
}

func (m *module) encodeInvalidNumbers(L *lua.Thread) int {
	atMost(L, 1)
	return word(L, 1, &m.encodeInvalid, invalids)
}

func (m *module) decodeInvalidNumbers(L *lua.Thread) int {
	atMost(L, 1)
	return word(L, 1, &m.decodeInvalid, switches)
}

// atMost raises an error if there are more than n arguments, and makes those that are missing nil.
func atMost(L *lua.Thread, n int) {
	if L.NArgs() > n {
		L.ArgError(n+1, "found too many arguments")
	}
	L.SetTop(n)
}

// integer sets a number to the i-th argument and pushes it. The message always blames the first argument, as the original's does.
func integer(L *lua.Thread, i int, setting *int32, least, greatest int32) int {
	if !L.Arg(i).IsNil() {
		n := int32(L.CheckInt(i))
		if n < least || n > greatest {
			L.ArgError(1, fmt.Sprintf("expected integer between %d and %d", least, greatest))
		}
		*setting = n
	}
	L.Push(lua.Int(int(*setting)))
	return 1
}

// word sets a setting to the i-th argument, a boolean or one of the words, and pushes it.
func word(L *lua.Thread, i int, setting *int32, words []string) int {
	switch v := L.Arg(i); {
	case v.IsNil():
	case v == lua.True:
		*setting = on
	case v == lua.False:
		*setting = off
	default:
		text, _, _ := strings.Cut(L.CheckString(i), "\x00") // C's strings end there
		n := slices.Index(words, text)
		if n < 0 {
			L.ArgError(i, "invalid option '"+text+"'")
		}
		*setting = int32(n)
	}
	if *setting <= on {
		L.Push(lua.Bool(*setting == on))
	} else {
		L.Push(lua.String(words[*setting]))
	}
	return 1
}
