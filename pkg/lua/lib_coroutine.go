package lua

// OpenCoroutine sets the global coroutine.
func OpenCoroutine(s *State) {
	s.library("coroutine", []field{
		{"create", coroutineCreate},
		{"resume", coroutineResume},
		{"running", coroutineRunning},
		{"status", coroutineStatus},
		{"wrap", coroutineWrap},
		{"yield", (*Thread).yield},
	})
}

// create makes a coroutine of the argument, which must be a function of Lua.
func (L *Thread) create() *Thread {
	f := L.Arg(1)
	if !f.IsFunction() || f.Function().IsBuiltin() {
		L.ArgError(1, "Lua function expected")
	}
	return L.NewThread(f)
}

func coroutineCreate(L *Thread) int {
	L.Push(L.create().Value())
	return 1
}

func (L *Thread) checkThread(i int) *Thread {
	if !L.Arg(i).IsThread() {
		L.ArgError(i, "coroutine expected")
	}
	return L.Arg(i).Thread()
}

func coroutineResume(L *Thread) int {
	co := L.checkThread(1)
	n, failure := L.resume(co, L.NArgs()-1)
	if failure != nil {
		L.Push(False)
		L.Push(failure.Value)
		return 2
	}
	L.Push(True)
	if n > 0 {
		results := L.stack[L.top-1-n : L.top]
		copy(results[1:], results)
		results[0] = True
	}
	return n + 1
}

// coroutineWrap returns a function that resumes a coroutine, and passes its error on with the place where it was called.
func coroutineWrap(L *Thread) int {
	co := L.create()
	L.Push(L.NewClosure("wrap", func(L *Thread) int {
		n, failure := L.resume(co, L.NArgs())
		if failure != nil {
			v := failure.Value
			if text, ok := v.AsString(); ok {
				v = L.OwnString(L.Where(1) + text)
			}
			L.Raise(v)
		}
		return n
	}, co.Value()))
	return 1
}

func coroutineRunning(L *Thread) int {
	if L == L.main {
		L.Push(Nil)
	} else {
		L.Push(L.Value())
	}
	return 1
}

func coroutineStatus(L *Thread) int {
	co := L.checkThread(1)
	if co == L {
		L.Push(String(running.String()))
	} else {
		L.Push(String(co.status.String()))
	}
	return 1
}
