package lua

// OpenOS adds the library os, of which Redis gives scripts the clock only. It tells how many seconds of processor time the process has
// taken.
func OpenOS(s *State, clock func() float64) {
	s.library("os", []field{{"clock", func(L *Thread) int {
		L.Push(Number(clock()))
		return 1
	}}})
}
