package lua

// LimitMemory changes Limits.Memory. What is reachable already may be more: then what is allocated next fails.
func (s *State) LimitMemory(bytes int64) { s.limits.Memory, s.threshold = bytes, bytes }
