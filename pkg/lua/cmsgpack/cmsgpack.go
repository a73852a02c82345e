// Package cmsgpack gives Lua the library cmsgpack, which packs values into MessagePack and back: version 0.4.0, as Redis has it. It knows
// the MessagePack of before the types for binary data and extensions.
package cmsgpack

import "snakecache/pkg/lua"

// library is what the functions of one state share.
type library struct {
	scratch []byte // in which results are put together
}

// maxScratch is the most bytes that are kept for the next result.
const maxScratch = 64 << 10

// Open sets the global cmsgpack.
func Open(s *lua.State) {
	l := &library{}
	t := s.NewTable(0, 0)
	t.SetString(s, "pack", s.NewFunction("pack", l.pack))
	t.SetString(s, "unpack", s.NewFunction("unpack", unpack))
	t.SetString(s, "unpack_one", s.NewFunction("unpack_one", unpackOne))
	t.SetString(s, "unpack_limit", s.NewFunction("unpack_limit", unpackLimit))
	t.SetString(s, "_NAME", lua.String("cmsgpack"))
	t.SetString(s, "_VERSION", lua.String("lua-cmsgpack 0.4.0"))
	t.SetString(s, "_COPYRIGHT", lua.String("Copyright (C) 2012, Salvatore Sanfilippo"))
	t.SetString(s, "_DESCRIPTION", lua.String("MessagePack C implementation for Lua"))
	s.Globals.SetString(s, "cmsgpack", t.Value())
}

// pack returns its arguments one after the other.
func (l *library) pack(L *lua.Thread) int {
	n := L.NArgs()
	if n == 0 {
		L.ArgError(0, "MessagePack pack needs input.")
	}
	if 2*n > lua.MaxSlots {
		L.ArgError(0, "Too many arguments for MessagePack pack.")
	}
	p := packer{L.State, l.scratch[:0]}
	for i := 1; i <= n; i++ {
		p.value(L.Arg(i), 0)
	}
	if cap(p.out) <= maxScratch {
		l.scratch = p.out
	}
	L.Push(L.NewString(p.out))
	return 1
}

// unpack returns all values of its argument.
func unpack(L *lua.Thread) int { return unpackSome(L, 0, 0) }

// unpackOne returns where the value ends that begins at the offset of the second argument (0), or -1 if nothing is behind it, and the value.
func unpackOne(L *lua.Thread) int {
	offset := L.OptInt(2, 0)
	dropOptions(L)
	return unpackSome(L, 1, offset)
}

// unpackLimit is unpackOne for as many values as the second argument says, with the offset as the third one.
func unpackLimit(L *lua.Thread) int {
	limit := L.CheckInt(2)
	offset := L.OptInt(3, 0)
	dropOptions(L)
	return unpackSome(L, limit, offset)
}

// dropOptions leaves the first argument, if there is one.
func dropOptions(L *lua.Thread) { L.SetTop(min(L.NArgs(), 1)) }

// unpackSome returns up to limit values from an offset on, preceded by where they end; with neither limit nor offset it returns just all
// values. The first message names the length in the place of the limit, as the original does.
func unpackSome(L *lua.Thread, limit, offset int) int {
	input := L.CheckString(1)
	switch {
	case offset < 0 || limit < 0:
		L.Errorf("Invalid request to unpack with offset of %d and limit of %d.", int32(offset), int32(len(input)))
	case offset > len(input):
		L.Errorf("Start offset %d greater than input length %d.", int32(offset), int32(len(input)))
	}
	all := limit == 0 && offset == 0
	u := unpacker{L: L, input: input, at: offset, slots: L.NArgs()}
	if !all {
		L.Push(lua.Nil) // where the end is going to be
	}
	place, count := L.NArgs(), 0
	for ; u.at < len(input) && (all || count < limit); count++ {
		L.Push(u.value())
		u.slots++
	}
	if all {
		return count
	}
	u.need(1, "in function mp_unpack_full")
	if u.at == len(input) {
		u.at = -1
	}
	L.SetArg(place, lua.Int(u.at))
	return count + 1
}
