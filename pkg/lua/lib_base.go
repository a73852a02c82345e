package lua

import "strings"

// OpenBase adds the basic functions that Redis gives to scripts, and _G and _VERSION.
func OpenBase(s *State) {
	s.Globals.SetString(s, "_G", s.Globals.Value())
	s.addFields(s.Globals, []field{
		{"assert", baseAssert},
		{"collectgarbage", collector()},
		{"error", baseError},
		{"gcinfo", baseGcinfo},
		{"getmetatable", baseGetmetatable},
		{"load", baseLoad},
		{"loadstring", baseLoadstring},
		{"next", baseNext},
		{"pcall", basePcall},
		{"rawequal", baseRawequal},
		{"rawget", baseRawget},
		{"rawset", baseRawset},
		{"select", baseSelect},
		{"setmetatable", baseSetmetatable},
		{"tonumber", baseTonumber},
		{"tostring", baseTostring},
		{"type", baseType},
		{"unpack", baseUnpack},
		{"xpcall", baseXpcall},
	})
	s.Globals.SetString(s, "_VERSION", String("Lua 5.1"))
	step := s.NewFunction("", ipairsStep)
	s.Globals.SetString(s, "ipairs", s.NewClosure("ipairs", func(L *Thread) int {
		return L.iterate(step, Int(0))
	}, step))
	next := s.NewFunction("next", baseNext) // not the global, as in the reference implementation
	next.Function().isNext = true
	s.Globals.GetString("next").Function().isNext = true
	s.Globals.SetString(s, "pairs", s.NewClosure("pairs", func(L *Thread) int {
		return L.iterate(next, Nil)
	}, next))
}

// iterate returns what a for loop over the first argument needs: the iterator, the table, and where to begin.
func (L *Thread) iterate(iterator, first Value) int {
	t := L.CheckTable(1)
	L.Push(iterator)
	L.Push(t.Value())
	L.Push(first)
	return 3
}

func ipairsStep(L *Thread) int {
	i := L.checkInt32(2) + 1
	v := L.CheckTable(1).GetInt(i)
	if v.IsNil() {
		return 0
	}
	L.Push(Int(i))
	L.Push(v)
	return 2
}

func baseNext(L *Thread) int {
	k, v := L.next(L.CheckTable(1), L.Arg(2))
	L.Push(k)
	if k.IsNil() {
		return 1
	}
	L.Push(v)
	return 2
}

// next returns the key behind k and its value, nil behind the last one.
func (L *Thread) next(t *Table, k Value) (key, value Value) {
	key, value, ok := t.Next(k)
	if !ok {
		L.runtimeError("invalid key to 'next'")
	}
	return key, value
}

func baseAssert(L *Thread) int {
	L.CheckAny(1)
	if !L.Arg(1).Truth() {
		L.Errorf("%s", cString(L.OptString(2, "assertion failed!")))
	}
	return L.NArgs()
}

// baseError raises its argument. In front of a text it puts where the function at the level of the second argument is.
func baseError(L *Thread) int {
	level := L.optInt32(2, 1)
	v := L.Arg(1)
	if text, ok := v.AsString(); ok && level > 0 {
		v = L.OwnString(L.Where(level) + text)
	}
	L.Raise(v)
	return 0
}

func baseType(L *Thread) int {
	L.CheckAny(1)
	L.Push(String(L.Arg(1).Kind().String()))
	return 1
}

func baseGetmetatable(L *Thread) int {
	L.CheckAny(1)
	v := L.Arg(1)
	meta := L.Strings
	if v.IsTable() {
		meta = v.Table().Meta
	} else if !v.IsString() {
		meta = nil
	}
	switch {
	case meta == nil:
		L.Push(Nil)
	case meta.GetString("__metatable").IsNil():
		L.Push(meta.Value())
	default:
		L.Push(meta.GetString("__metatable"))
	}
	return 1
}

func baseSetmetatable(L *Thread) int {
	t, meta := L.CheckTable(1), L.Arg(2)
	if L.NArgs() < 2 || !meta.IsNil() && !meta.IsTable() {
		L.ArgError(2, "nil or table expected")
	}
	if t.Meta != nil && !t.Meta.GetString("__metatable").IsNil() {
		L.Errorf("cannot change a protected metatable")
	}
	if t.ReadOnly {
		L.runtimeError("Attempt to modify a readonly table")
	}
	if t.Meta = nil; meta.IsTable() {
		t.Meta = meta.Table()
	}
	L.Push(t.Value())
	return 1
}

func baseRawequal(L *Thread) int {
	L.CheckAny(1)
	L.CheckAny(2)
	L.Push(Bool(L.Arg(1).Equal(L.Arg(2))))
	return 1
}

func baseRawget(L *Thread) int {
	t := L.CheckTable(1)
	L.CheckAny(2)
	L.Push(t.Get(L.Arg(2)))
	return 1
}

func baseRawset(L *Thread) int {
	t := L.CheckTable(1)
	L.CheckAny(2)
	L.CheckAny(3)
	t.Set(L.State, L.Arg(2), L.Arg(3))
	L.Push(t.Value())
	return 1
}

// baseSelect returns the arguments from a number on, or how many there are. The results are the arguments themselves: they lie on top
// already.
func baseSelect(L *Thread) int {
	n := L.NArgs()
	if v := L.Arg(1); v.IsString() && strings.HasPrefix(v.Str(), "#") {
		L.Push(Int(n - 1))
		return 1
	}
	i := L.checkInt32(1)
	if i < 0 {
		i += n
	}
	i = min(i, n)
	if i < 1 {
		L.ArgError(1, "index out of range")
	}
	return n - i
}

func baseUnpack(L *Thread) int {
	t := L.CheckTable(1)
	first := L.optInt32(2, 1)
	var last int
	if L.Arg(3).IsNil() {
		last = t.Len()
	} else {
		last = L.checkInt32(3)
	}
	if first > last {
		return 0
	}
	n := last - first + 1
	if !L.canPush(n) {
		L.Errorf("too many results to unpack")
	}
	L.Step(n >> 4)
	for i := first; i <= last; i++ {
		L.Push(t.GetInt(i))
	}
	return n
}

func basePcall(L *Thread) int {
	L.CheckAny(1)
	return L.PushOutcome(L.PCall(L.NArgs()-1, -1))
}

// baseXpcall calls the function that its first argument is without arguments; the second one is called with the error where that is
// raised, and what it returns takes the error's place.
func baseXpcall(L *Thread) int {
	L.CheckAny(2)
	handler := L.Arg(2)
	L.SetTop(1)
	return L.PushOutcome(L.xpcall(0, -1, handler))
}

// PushOutcome leaves what pcall returns and returns how many values that is: true in front of all that the current function has, or, if
// there is an error, false and its value in the place of that.
func (L *Thread) PushOutcome(err *Error) int {
	if err != nil {
		L.SetTop(0)
		L.Push(False)
		L.Push(err.Value)
		return 2
	}
	L.Push(Nil)
	for i := L.NArgs(); i > 1; i-- {
		L.SetArg(i, L.Arg(i-1))
	}
	L.SetArg(1, True)
	return L.NArgs()
}

func baseTostring(L *Thread) int {
	L.CheckAny(1)
	if v := L.Arg(1); v.IsNumber() {
		var text [maxNumber]byte
		L.Push(L.shortString(AppendNumber(text[:0], v.Float())))
	} else {
		L.Push(L.ToText(v))
	}
	return 1
}
