package lua

// OpenOS adds the library os, of which Redis gives scripts the clock only. It tells seconds, of which only differences mean anything.
func OpenOS(s *State, clock func() float64) {
	s.library("os", []field{{"clock", func(L *Thread) int {
		L.Push(Number(clock()))
		return 1
	}}})
}
