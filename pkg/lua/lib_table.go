package lua

// OpenTable adds the library table. Its functions know no metamethods, as those of 5.1.
func OpenTable(s *State) {
	s.library("table", []field{
		{"concat", tableConcat},
		{"foreach", tableForeach},
		{"foreachi", tableForeachi},
		{"getn", tableGetn},
		{"maxn", tableMaxn},
		{"insert", tableInsert},
		{"remove", tableRemove},
		{"setn", tableSetn},
		{"sort", tableSort},
	})
}

func tableGetn(L *Thread) int {
	L.Push(Int(L.CheckTable(1).Len()))
	return 1
}

func tableSetn(L *Thread) int {
	L.CheckTable(1)
	L.Errorf("'setn' is obsolete")
	return 0
}

func tableMaxn(L *Thread) int {
	t := L.CheckTable(1)
	L.Step(t.size() >> 4)
	greatest := 0.0
	t.All(func(k, _ Value) bool {
		if k.IsNumber() && k.Float() > greatest {
			greatest = k.Float()
		}
		return true
	})
	L.Push(Number(greatest))
	return 1
}

// size returns for how many keys the table has room, which is what it costs to walk it.
func (t *Table) size() int { return len(t.array) + len(t.nodes) }

func tableForeach(L *Thread) int {
	t, f := L.CheckTable(1), L.CheckFunction(2)
	for k := Nil; ; {
		var v Value
		if k, v = L.next(t, k); k.IsNil() {
			return 0
		}
		if L.endsWith(f, k, v) {
			return 1
		}
	}
}

func tableForeachi(L *Thread) int {
	t, f := L.CheckTable(1), L.CheckFunction(2)
	for i, n := 1, t.Len(); i <= n; i++ {
		if L.endsWith(f, Int(i), t.GetInt(i)) {
			return 1
		}
	}
	return 0
}

// endsWith calls a function, and reports whether it returned something, which then lies on the stack.
func (L *Thread) endsWith(f, k, v Value) bool {
	L.Push(f)
	L.Push(k)
	L.Push(v)
	L.Call(2, 1)
	if !L.Arg(-1).IsNil() {
		return true
	}
	L.Pop()
	return false
}

func tableInsert(L *Thread) int {
	t := L.CheckTable(1)
	end := t.Len() + 1
	switch L.NArgs() {
	case 2:
		t.SetInt(L.State, end, L.Arg(2))
	case 3:
		pos := L.checkInt32(2)
		for i := max(end, pos); i > pos; i-- {
			L.Step(1)
			t.SetInt(L.State, i, t.GetInt(i-1))
		}
		t.SetInt(L.State, pos, L.Arg(3))
	default:
		L.Errorf("wrong number of arguments to 'insert'")
	}
	return 0
}

func tableRemove(L *Thread) int {
	t := L.CheckTable(1)
	end := t.Len()
	pos := L.optInt32(2, end)
	if pos < 1 || pos > end {
		return 0
	}
	L.Push(t.GetInt(pos))
	L.Step((end - pos) >> 1)
	for ; pos < end; pos++ {
		t.SetInt(L.State, pos, t.GetInt(pos+1))
	}
	t.SetInt(L.State, end, Nil)
	return 1
}

// tableConcat looks at all elements first: then it knows how long the result will be.
func tableConcat(L *Thread) int {
	separator := L.OptString(2, "")
	t := L.CheckTable(1)
	first := L.optInt32(3, 1)
	var last int
	if L.Arg(4).IsNil() {
		last = t.Len()
	} else {
		last = L.checkInt32(4)
	}
	size := int64(0)
	for i := first; i <= last; i++ {
		size += L.element(t, i) + int64(len(separator))
	}
	L.fits(size)
	b := L.borrow()
	b.reserve(int(size))
	for i := first; i <= last; i++ {
		if i > first {
			b.bytes = append(b.bytes, separator...)
		}
		if v := t.GetInt(i); v.IsString() {
			b.bytes = append(b.bytes, v.Str()...)
		} else {
			b.bytes = AppendNumber(b.bytes, v.Float())
		}
	}
	L.Push(b.value())
	return 1
}

// element returns how many bytes an element of the table has at most as a string. It raises an error if it is none.
func (L *Thread) element(t *Table, i int) int64 {
	switch v := t.GetInt(i); v.Kind() {
	case KindString:
		n := len(v.Str())
		L.Step(1 + n>>10)
		return int64(n)
	case KindNumber:
		L.Step(1)
		return maxNumber
	default:
		L.Errorf("invalid value (%s) at index %d in table for 'concat'", v.Kind(), i)
		return 0
	}
}
