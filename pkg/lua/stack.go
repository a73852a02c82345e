package lua

import "unsafe"

// window is how many registers an instruction can name. Behind the base of every function of Lua there are as many places in the stack, so
// that the machine need not check the bounds.
const window = 256

const (
	firstStack = window + 64
	keptStack  = 4 * window // what a thread keeps of its stack between calls of the host
	keptFrames = 64
)

// Thread is a coroutine, or the main thread: a stack of values and of the calls under way.
type Thread struct {
	*State

	stack     []Value
	base, top int // of the current function
	used      int // all places from here on are as good as never used
	frame     *frame
	open      *upvalue // those in the stack, the uppermost first
	handler   Value    // of errors, while xpcall is under way
	overflow  bool     // whether there were too many calls, and that error is being handled
	calls     int      // how many may nest
	made      int      // frames
	mark      uint32

	// Of a coroutine.
	status status
	from   *Thread // who has resumed it
	nested int     // State.nested when it was resumed
}

// frame is a call under way. They are linked and used again.
type frame struct {
	function   *Function // nil at the bottom
	prev, next *frame
	at         int // where the function, and later its results, are in the stack
	base, top  int // its registers; of a builtin only base
	pc         int
	results    int // how many the caller wants, or multiple
	depth      int
	tails      int  // how many calls were replaced by this one
	entry      bool // whether the machine ends with it
}

const frameSize = int64(unsafe.Sizeof(frame{}))

func newThread(s *State) *Thread {
	return &Thread{State: s, stack: make([]Value, firstStack), frame: &frame{}, calls: frameLimit(s.limits.Calls)}
}

// ensure makes room for a window from a place of the stack on.
func (L *Thread) ensure(base int) {
	if base+window > len(L.stack) {
		L.resize(max(base+window, 2*len(L.stack)))
	}
}

// grow makes room for n more values.
func (L *Thread) grow(n int) { L.resize(max(L.top+n+window, 2*len(L.stack))) }

func (L *Thread) resize(size int) {
	L.Charge(int64(size) * valueSize)
	stack := make([]Value, size)
	copy(stack, L.stack[:min(size, len(L.stack))])
	L.stack = stack
	for u := L.open; u != nil; u = u.next {
		u.at = &stack[u.index]
	}
}

// enter begins a call: of the function at a place of the stack, with the arguments that are above.
func (L *Thread) enter(f *Function, at, results int) *frame {
	ci := L.frame.next
	if ci == nil {
		ci = L.newFrame()
	}
	ci.function = f
	ci.at, ci.base, ci.results = at, at+1, results
	ci.tails = 0
	ci.entry = false
	L.frame = ci
	return ci
}

// newFrame appends a frame behind the current one. Past the limit it raises an error, for whose handling there is some room left; past
// that too the handling of the error has failed.
func (L *Thread) newFrame() *frame {
	prev := L.frame
	if prev.depth+1 >= L.calls {
		if !L.overflow {
			L.overflow = true
			L.runtimeError("stack overflow")
		}
		if prev.depth+1 >= 2*L.calls {
			L.throw(String(errorInHandling))
		}
	}
	L.Charge(frameSize)
	ci := &frame{prev: prev, depth: prev.depth + 1}
	prev.next = ci
	L.made++
	return ci
}

// frameLimit is how many calls nest before the reference implementation, which doubles a list of 8, would pass its limit. Once that has
// happened, its list has just the size of the limit.
func frameLimit(calls int) int {
	n := 8
	for 2*n <= calls {
		n *= 2
	}
	return n
}

// release lets go of what the thread holds beyond its top, once the call of the host is over. It must not fail, so that nothing is
// charged here.
func (L *Thread) release() {
	if len(L.stack) > keptStack && L.top < firstStack {
		stack := make([]Value, firstStack)
		copy(stack, L.stack[:L.top])
		L.stack = stack
	} else {
		clear(L.stack[L.top:max(L.top, min(L.used, len(L.stack)))])
	}
	L.used = L.top
	if L.made > keptFrames {
		last := L.frame
		for range keptFrames {
			last = last.next
			if last == nil {
				break
			}
		}
		if last != nil {
			last.next = nil
		}
		L.made = keptFrames
	}
}

func (m *measurement) thread(t *Thread) {
	m.bytes += int64(unsafe.Sizeof(*t)) + int64(len(t.stack))*valueSize
	live := max(t.top, t.frame.top)
	for _, v := range t.stack[:min(live, len(t.stack))] {
		m.add(v)
	}
	for u := t.open; u != nil; u = u.next {
		m.bytes += upvalueSize
	}
	for ci := t.frame; ci != nil; ci = ci.prev {
		m.bytes += frameSize
		if ci.function != nil {
			m.add(ci.function.Value())
		}
	}
	for ci := t.frame.next; ci != nil; ci = ci.next {
		m.bytes += frameSize
	}
	m.add(t.handler)
	if t.from != nil {
		m.add(t.from.Value())
	}
}
