package lua

// baseLoadstring compiles a string, which is its own name unless there is another. Byte code is none of Lua's text, and read as that.
func baseLoadstring(L *Thread) int {
	source := L.CheckString(1)
	return L.load(source, L.OptString(2, source))
}

// load returns a function that runs a chunk, or nil and why there is none.
func (L *Thread) load(source, name string) int {
	L.Step(len(source) >> 4)
	L.MustFitCode(len(source))
	p, err := compile(source, cString(name), L.State.nested)
	if err != nil {
		L.Push(Nil)
		L.PushString(err.Error())
		return 2
	}
	L.Charge(p.allMemory() + int64(len(source)))
	L.Push(L.Load(p, L.Globals))
	return 1
}

// loadPinned is where the pieces of a chunk lie while the function that gives them runs.
const loadPinned = 3

// baseLoad compiles what a function returns piece by piece. The chunk ends with a piece that is nil or empty.
func baseLoad(L *Thread) int {
	name := L.OptString(2, "=(load)")
	f := L.CheckFunction(1)
	L.SetTop(loadPinned)
	b := buffer{s: L.State}
	for {
		L.SetArg(loadPinned, b.pinned())
		L.Push(f)
		if err := L.PCall(0, 1); err != nil {
			L.Push(Nil)
			L.Push(err.Value)
			return 2
		}
		piece := L.Pop()
		if text, ok := piece.AsString(); text != "" {
			b.add(text)
		} else if ok || piece.IsNil() {
			return L.load(b.value().Str(), name)
		} else {
			L.Push(Nil)
			L.PushString(L.Where(1) + "reader function must return a string")
			return 2
		}
	}
}
