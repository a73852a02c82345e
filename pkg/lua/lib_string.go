package lua

// OpenString adds the library string, and makes its functions methods of all strings.
func OpenString(s *State) {
	t := s.library("string", []field{
		{"byte", stringByte},
		{"char", stringChar},
		{"dump", stringDump},
		{"find", stringFind},
		{"format", stringFormat},
		{"gfind", stringGmatch}, // its name in Lua 5.0
		{"gmatch", stringGmatch},
		{"gsub", stringGsub},
		{"len", stringLen},
		{"lower", stringLower},
		{"match", stringMatch},
		{"rep", stringRep},
		{"reverse", stringReverse},
		{"sub", stringSub},
		{"upper", stringUpper},
	})
	t.SetString(s, "gfind", t.GetString("gmatch"))
	s.Strings = s.NewTable(0, 1)
	s.Strings.SetString(s, "__index", t.Value())
}

// position returns what a position that may count from the end means: 0 if it is in front of the string.
func position(pos, length int) int {
	if pos < 0 {
		pos += length + 1
	}
	return max(pos, 0)
}

// interval returns the part of a string between two positions, as the indexes of its first character and behind its last.
func interval(length, from, to int) (first, end int) {
	first = max(position(from, length), 1) - 1
	end = min(position(to, length), length)
	return first, max(end, first)
}

func stringSub(L *Thread) int {
	s := L.CheckString(1)
	first, end := interval(len(s), L.CheckInt(2), L.OptInt(3, -1))
	L.Push(L.substring(s, first, end))
	return 1
}

func stringByte(L *Thread) int {
	s := L.CheckString(1)
	from := position(L.OptInt(2, 1), len(s))
	first, end := interval(len(s), from, L.OptInt(3, from))
	if !L.canPush(end - first) {
		L.Errorf("stack overflow (string slice too long)")
	}
	L.Step((end - first) >> 4)
	for i := first; i < end; i++ {
		L.Push(Int(int(s[i])))
	}
	return end - first
}

func stringLen(L *Thread) int {
	L.Push(Int(len(L.CheckString(1))))
	return 1
}

func stringChar(L *Thread) int {
	n := L.NArgs()
	for i := 1; i <= n; i++ {
		if c := L.checkInt32(i); c != int(byte(c)) {
			L.ArgError(i, "invalid value")
		}
	}
	if n == 1 {
		L.Push(byteStrings[L.checkInt32(1)])
		return 1
	}
	b := buffer{s: L.State}
	b.reserve(n)
	for i := 1; i <= n; i++ {
		b.bytes = append(b.bytes, byte(L.checkInt32(i)))
	}
	L.Push(b.value())
	return 1
}

// stringDump cannot give what it is asked for: there is no byte code, and no server would load it.
func stringDump(L *Thread) int {
	L.CheckFunction(1)
	L.Errorf("unable to dump given function")
	return 0
}

func stringLower(L *Thread) int { return L.flipCase(classUpper) }
func stringUpper(L *Thread) int { return L.flipCase(classLower) }

// flipCase returns the first argument with the letters of a class in the other case. If there are none, the string stays what it is.
func (L *Thread) flipCase(class charClass) int {
	s := L.CheckString(1)
	L.Step(len(s) >> 6)
	i := 0
	for i < len(s) && charClasses[s[i]]&class == 0 {
		i++
	}
	if i == len(s) {
		L.Push(String(s))
		return 1
	}
	b := buffer{s: L.State}
	b.reserve(len(s))
	b.bytes = append(b.bytes, s...)
	for ; i < len(s); i++ {
		if charClasses[s[i]]&class != 0 {
			b.bytes[i] ^= 'a' ^ 'A'
		}
	}
	L.Push(b.value())
	return 1
}

func stringReverse(L *Thread) int {
	s := L.CheckString(1)
	L.Step(len(s) >> 6)
	b := buffer{s: L.State}
	b.reserve(len(s))
	for i := len(s) - 1; i >= 0; i-- {
		b.bytes = append(b.bytes, s[i])
	}
	L.Push(b.value())
	return 1
}

func stringRep(L *Thread) int {
	s, n := L.CheckString(1), max(L.checkInt32(2), 0)
	size := len(s) * n
	L.fits(int64(size))
	L.Step(size >> 10)
	b := buffer{s: L.State}
	b.reserve(size)
	if size > 0 {
		b.bytes = append(b.bytes, s...)
	}
	for len(b.bytes) < size { // each turn doubles what there is
		b.bytes = append(b.bytes, b.bytes[:min(len(b.bytes), size-len(b.bytes))]...)
	}
	L.Push(b.value())
	return 1
}
