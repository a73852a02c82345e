package lua

// status is what a coroutine is doing.
type status uint8

const (
	suspended status = iota // it has not begun, or has yielded
	running
	normal // it has resumed another one
	dead
)

func (s status) String() string { return [...]string{"suspended", "running", "normal", "dead"}[s] }

const threadSize = firstStack*valueSize + 256

// NewThread returns a coroutine that will run a function.
func (s *State) NewThread(f Value) *Thread {
	s.Charge(threadSize + frameSize)
	t := newThread(s)
	t.Push(f)
	return t
}

// take moves the n uppermost values of another thread onto this one.
func (L *Thread) take(from *Thread, n int) {
	for _, v := range from.stack[from.top-n : from.top] {
		L.Push(v)
	}
	clear(from.stack[from.top-n : from.top])
	from.top -= n
}

// resume runs a coroutine with the n uppermost values as arguments, until it yields or ends, and pushes what it hands out. It returns how
// many values that is, or the error with which it cannot run or has ended.
func (L *Thread) resume(co *Thread, n int) (results int, failure *Error) {
	if !co.canPush(n) {
		L.Errorf("too many arguments to resume")
	}
	if co.status != suspended {
		return 0, &Error{Value: String("cannot resume " + co.status.String() + " coroutine")}
	}
	if L.State.nested >= L.limits.Nested {
		return 0, &Error{Value: String("C stack overflow")}
	}
	co.take(L, n)
	if failure = L.run(co, n); failure != nil {
		co.die()
		return 0, failure
	}
	results = co.top - co.base
	if !L.canPush(results + 1) {
		L.Errorf("too many results to resume")
	}
	L.take(co, results)
	if co.status == dead {
		co.die()
	}
	return results, nil
}

// run lets a coroutine go on. Errors end it, and are returned.
func (L *Thread) run(co *Thread, n int) (failure *Error) {
	s := L.State
	nested, outer := s.nested, L.status
	L.status, co.status, co.from, s.current = normal, running, L, co
	defer func() {
		r := recover()
		s.nested, s.current = nested, L
		L.status, co.from = outer, nil
		if r == nil {
			return
		}
		e, ok := r.(*Error)
		if !ok || e.abort {
			co.status = dead
			panic(r)
		}
		failure = e
	}()
	s.nested++
	co.nested = s.nested
	if co.advance(n) {
		co.status = dead
	}
	return nil
}

// advance runs the coroutine, which is current, and reports whether it has come to its end.
func (L *Thread) advance(n int) (ended bool) {
	if L.frame.prev == nil {
		switch L.begin(L.top-n-1, multiple) {
		case finished:
			return true
		case yielded:
			return false
		}
		L.frame.entry = true
	} else {
		wait := L.frame
		L.finish(wait, L.top-n, n)
		if L.frame.prev == nil {
			return true
		}
		if wait.results >= 0 {
			L.top = L.frame.top
		}
	}
	L.execute()
	return L.status != suspended
}

// yield makes the current coroutine wait and hands out what is on its stack.
func (L *Thread) yield() int {
	if L == L.main || L.State.nested > L.nested {
		L.runtimeError("attempt to yield across metamethod/C-call boundary")
	}
	L.status = suspended
	return -1
}

// die closes what a coroutine that has ended leaves, and frees its memory.
func (L *Thread) die() {
	L.status = dead
	L.closeUpvalues(0)
	for L.frame.prev != nil {
		L.frame = L.frame.prev
	}
	L.frame.next = nil
	L.stack, L.top, L.base = nil, 0, 0
}
