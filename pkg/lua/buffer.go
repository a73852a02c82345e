package lua

// buffer collects the bytes of a string. What it takes is counted before it is taken. A short string is put together in memory of the
// state and copied once; the bytes of a long one become the string.
type buffer struct {
	s        *State
	bytes    []byte
	borrowed bool // bytes are the state's
}

// scratchSize is how much memory for putting together short strings a state has.
const scratchSize = 512

// borrow returns a buffer that uses the state's memory, unless one is using it already: a function may call others meanwhile.
func (s *State) borrow() buffer {
	if s.scratch == nil { // it is in use, or was when an error ended that
		s.scratch = make([]byte, 0, scratchSize)
	}
	b := buffer{s, s.scratch, true}
	s.scratch = nil
	return b
}

// giveBack returns what was borrowed, which is no longer in use.
func (b *buffer) giveBack() {
	if b.borrowed {
		b.s.scratch = b.bytes[:0]
		b.borrowed = false
	}
}

// reserve makes room for n more bytes.
func (b *buffer) reserve(n int) {
	if need := len(b.bytes) + n; need > cap(b.bytes) {
		b.grow(need)
	}
}

func (b *buffer) grow(need int) {
	b.s.fits(int64(need))
	size := max(need, 2*cap(b.bytes))
	b.s.Charge(int64(size) + stringSize)
	grown := make([]byte, len(b.bytes), size)
	copy(grown, b.bytes)
	b.giveBack()
	b.bytes = grown
}

// fits raises an error if no string can be so long.
func (s *State) fits(bytes int64) {
	s.MustFit(bytes)
	if bytes > MaxString {
		s.outOfMemory()
	}
}

func (b *buffer) add(text string) {
	b.reserve(len(text))
	b.bytes = append(b.bytes, text...)
}

func (b *buffer) addByte(c byte) {
	b.reserve(1)
	b.bytes = append(b.bytes, c)
}

// addValue appends a string or a number.
func (b *buffer) addValue(v Value) {
	if v.IsString() {
		b.add(v.Str())
		return
	}
	b.reserve(maxNumber)
	b.bytes = AppendNumber(b.bytes, v.Float())
}

// value returns the string. The buffer must not be used any more. If much of its room is left over, it copies.
func (b *buffer) value() Value {
	n := len(b.bytes)
	if n > 1 && !b.borrowed && cap(b.bytes)-n <= n/4 {
		return adopt(b.bytes)
	}
	v := b.s.shortString(b.bytes)
	b.giveBack()
	return v
}

// shortString is NewString, but costs nothing for none or a single byte.
func (s *State) shortString(b []byte) Value {
	switch len(b) {
	case 0:
		return String("")
	case 1:
		return byteStrings[b[0]]
	}
	return s.NewString(b)
}

// pinned returns all that the buffer's memory holds as a string, for a place where a measurement finds it while code of Lua runs. Nobody
// reads it.
func (b *buffer) pinned() Value { return adopt(b.bytes[:cap(b.bytes)]) }
