package lua

// field is a function of a library. Libraries list them in the reference implementation's order, on which that of pairs() depends.
type field struct {
	name string
	f    Builtin
}

// library returns a new table of functions, which becomes a global.
func (s *State) library(name string, fields []field) *Table {
	t := s.NewTable(0, len(fields))
	s.addFields(t, fields)
	s.Globals.SetString(s, name, t.Value())
	return t
}

func (s *State) addFields(t *Table, fields []field) {
	for _, f := range fields {
		t.SetString(s, f.name, s.NewFunction(f.name, f.f))
	}
}

// NewClosure returns a function written in Go that holds on to values, which are measured as long as it is reachable.
func (s *State) NewClosure(name string, f Builtin, holds ...Value) Value {
	s.Charge(functionSize + int64(len(holds))*valueSize)
	return (&Function{Name: name, builtin: f, holds: holds, env: s.Globals}).Value()
}

// checkInt32 returns a number as C's int has it: the low bits of CheckInt.
func (L *Thread) checkInt32(i int) int { return int(int32(L.CheckInt(i))) }

// optInt32 is checkInt32 with a value for an argument that is nil or missing.
func (L *Thread) optInt32(i, otherwise int) int {
	if L.Arg(i).IsNil() {
		return otherwise
	}
	return L.checkInt32(i)
}

// canPush reports whether the current function may have n more values on its stack.
func (L *Thread) canPush(n int) bool { return n <= MaxSlots-L.NArgs() }
