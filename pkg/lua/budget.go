package lua

import "unsafe"

// Charge counts bytes that are about to be allocated. It raises "not enough memory" if more is reachable than Limits.Memory with them.
//
// Go's collector does not tell what belongs to a script. So allocations are added up, and when they might be too much, what is
// reachable is measured, from which counting goes on: as often as half of the limit has been allocated anew, so that the cost is
// in proportion to the allocations.
func (s *State) Charge(bytes int64) {
	s.steps -= int(bytes >> 10) // the next step ticks: what charges may be in the middle of something
	if s.allocated += bytes; s.allocated > s.threshold {
		s.measure(bytes)
	}
}

// Memory returns how many bytes are in use at most.
func (s *State) Memory() int64 { return s.allocated }

// MustFit raises the error at once if bytes can never be had, before work is put into making them.
func (s *State) MustFit(bytes int64) {
	if bytes > s.limits.Memory {
		s.outOfMemory()
	}
}

func (s *State) outOfMemory() { s.current.throw(String("not enough memory")) }

// Measure counts what is reachable. Unlike Charge it raises no error if that is too much.
func (s *State) Measure() int64 {
	s.allocated = s.reachable()
	s.threshold = max(s.allocated+s.limits.Memory/2, s.limits.Memory)
	return s.allocated
}

func (s *State) measure(wanted int64) {
	if reachable := s.Measure(); reachable+wanted > s.limits.Memory {
		s.threshold = s.limits.Memory
		s.outOfMemory()
	}
	s.allocated += wanted
}

func (s *State) reachable() int64 {
	s.mark++
	m := measurement{state: s, strings: map[unsafe.Pointer]struct{}{}, prototypes: map[*Prototype]struct{}{}}
	m.add(s.Globals.Value())
	if s.Strings != nil {
		m.add(s.Strings.Value())
	}
	m.add(s.main.Value())
	m.add(s.current.Value())
	if s.Roots != nil {
		s.Roots(m.addRoot)
	}
	m.run()
	s.steps -= int(m.bytes >> 10) // a script may fail again and again for want of memory, at the cost of a measurement each time
	return m.bytes
}

// longString is from which length on strings are looked up before they are counted, so that those which many refer to count once.
const longString = 64

// measurement walks all that is reachable. It keeps what is still to be visited in a list of its own: data may nest as deep as it
// likes.
type measurement struct {
	state   *State
	bytes   int64
	todo    []Value
	strings map[unsafe.Pointer]struct{}

	prototypes    map[*Prototype]struct{}
	lastPrototype *Prototype // closures that follow each other are often of the same
}

func (m *measurement) run() {
	for len(m.todo) > 0 {
		v := m.todo[len(m.todo)-1]
		m.todo = m.todo[:len(m.todo)-1]
		switch v.Kind() {
		case KindTable:
			m.table(v.Table())
		case KindFunction:
			m.function(v.Function())
		case KindThread:
			m.thread(v.Thread())
		}
	}
}

// addRoot is add for a loop over all roots.
func (m *measurement) addRoot(v Value) bool {
	m.add(v)
	return true
}

// add counts a string, or puts an object that was not seen yet on the list.
func (m *measurement) add(v Value) {
	switch v.Kind() {
	case KindString:
		m.string(v)
	case KindTable:
		if t := v.Table(); t.mark != m.state.mark {
			t.mark = m.state.mark
			m.todo = append(m.todo, v)
		}
	case KindFunction:
		if f := v.Function(); f.mark != m.state.mark {
			f.mark = m.state.mark
			m.todo = append(m.todo, v)
		}
	case KindThread:
		if t := v.Thread(); t.mark != m.state.mark {
			t.mark = m.state.mark
			m.todo = append(m.todo, v)
		}
	}
}

func (m *measurement) string(v Value) {
	n := len(v.Str())
	if n >= longString {
		if _, seen := m.strings[v.p]; seen {
			return
		}
		m.strings[v.p] = struct{}{}
	}
	m.bytes += int64(n) + stringSize
}

func (m *measurement) table(t *Table) {
	m.bytes += tableSize + int64(len(t.array))*valueSize + int64(len(t.nodes))*nodeSize
	for i := range t.array {
		m.add(t.array[i])
	}
	for i := range t.nodes {
		m.add(t.nodes[i].key)
		m.add(t.nodes[i].value)
	}
	if t.Meta != nil {
		m.add(t.Meta.Value())
	}
}
