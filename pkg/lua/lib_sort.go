package lua

// sorter sorts a table's elements as ltablib.c does, comparison by comparison: a script's function sees them, and what becomes of
// an order that contradicts itself depends on them.
type sorter struct {
	L    *Thread
	t    *Table
	less Value // nil, or a function
}

func tableSort(L *Thread) int {
	t := L.CheckTable(1)
	n := t.Len()
	if !L.Arg(2).IsNil() {
		L.CheckFunction(2)
	}
	s := sorter{L, t, L.Arg(2)}
	s.sort(1, n)
	return 0
}

func (s *sorter) get(i int) Value    { return s.t.GetInt(i) }
func (s *sorter) set(i int, v Value) { s.t.SetInt(s.L.State, i, v) }

func (s *sorter) swap(i, j int) {
	a, b := s.get(i), s.get(j)
	s.set(i, b)
	s.set(j, a)
}

func (s *sorter) isLess(a, b Value) bool {
	L := s.L
	if s.less.IsNil() {
		L.Step(1)
		if a.IsNumber() && b.IsNumber() {
			return a.Float() < b.Float()
		}
		return L.Less(a, b)
	}
	L.Push(s.less)
	L.Push(a)
	L.Push(b)
	L.Call(2, 1)
	return L.Pop().Truth()
}

// sort sorts what lies from low to high: the median of three is the pivot, the smaller part is sorted first. O(n log n) on average.
func (s *sorter) sort(low, high int) {
	for low < high {
		if a, b := s.get(low), s.get(high); s.isLess(b, a) {
			s.set(low, b)
			s.set(high, a)
		}
		if high-low == 1 {
			return
		}
		middle := (low + high) / 2
		if m, l := s.get(middle), s.get(low); s.isLess(m, l) {
			s.set(middle, l)
			s.set(low, m)
		} else if h := s.get(high); s.isLess(h, m) {
			s.set(middle, h)
			s.set(high, m)
		}
		if high-low == 2 {
			return
		}
		i := s.partition(low, high, middle)
		if i-low < high-i {
			s.sort(low, i-1)
			low = i + 1
		} else {
			s.sort(i+1, high)
			high = i - 1
		}
	}
}

// partition returns where the pivot has gone: what is less lies below it. The pivot waits in front of the last element, which is not
// less.
func (s *sorter) partition(low, high, middle int) int {
	pivot := s.get(middle)
	s.swap(middle, high-1)
	i, j := low, high-1
	for {
		i++
		x := s.get(i)
		for ; s.isLess(x, pivot); x = s.get(i) {
			if i > high {
				s.contradiction()
			}
			i++
		}
		j--
		y := s.get(j)
		for ; s.isLess(pivot, y); y = s.get(j) {
			if j < low {
				s.contradiction()
			}
			j--
		}
		if j < i {
			s.swap(high-1, i)
			return i
		}
		s.set(i, y)
		s.set(j, x)
	}
}

func (s *sorter) contradiction() { s.L.Errorf("invalid order function for sorting") }
