package lua

// LimitMemory changes Limits.Memory. What is reachable already may be more: then what is allocated next fails.
func (s *State) LimitMemory(bytes int64) { s.limits.Memory, s.threshold = bytes, bytes }

// codeFactor is how many bytes it takes to compile one of text, where much is said in few words.
const codeFactor = 8

// MustFitCode raises the error that there is no memory for a chunk of so many bytes, before it is compiled.
func (s *State) MustFitCode(bytes int) { s.MustFit(codeFactor * int64(bytes)) }
