package lua

// MaxSlots is how many values a function written in Go may have on its stack, arguments included: as many as one written in C has in the
// reference implementation.
const MaxSlots = 8000

// CheckSlots raises the error "stack overflow (why)" if the current function cannot have n more values.
func (L *Thread) CheckSlots(n int, why string) {
	if !L.canPush(n) {
		L.Errorf("stack overflow (%s)", why)
	}
}

// Room returns b with room for n more bytes. What it allocates is counted before, so that a result which cannot be had is an error
// long before it is whole. Amortized O(n).
func (s *State) Room(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	return s.moreRoom(b, n)
}

func (s *State) moreRoom(b []byte, n int) []byte {
	size := max(2*cap(b), len(b)+n, leastRoom)
	s.Charge(int64(size))
	return append(make([]byte, 0, size), b...)
}

const leastRoom = 128
