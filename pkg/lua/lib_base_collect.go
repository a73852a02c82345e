package lua

import "slices"

var collectorOptions = []string{"stop", "restart", "collect", "count", "step", "setpause", "setstepmul"}

// What a new collector's pause and multiplier of steps are, in percent.
const (
	collectorPause = 200
	collectorSteps = 200
)

// collector returns collectgarbage. Memory is Go's to collect, so there is nothing to stop or to tune: what is set is only
// remembered, and to collect is to measure what is in use.
func collector() Builtin {
	pause, steps := collectorPause, collectorSteps
	return func(L *Thread) int {
		option := cString(L.OptString(1, "collect"))
		if !slices.Contains(collectorOptions, option) {
			L.ArgError(1, "invalid option '"+option+"'")
		}
		value, result := L.optInt32(2, 0), Int(0)
		switch option {
		case "collect":
			L.remeasure()
		case "step":
			L.remeasure()
			result = True
		case "count":
			result = Number(float64(L.Memory()) / 1024)
		case "setpause":
			result, pause = Int(pause), value
		case "setstepmul":
			result, steps = Int(steps), value
		}
		L.Push(result)
		return 1
	}
}

// remeasure counts what is in use, and the work that this takes.
func (L *Thread) remeasure() { L.Step(int(L.Measure() >> 8)) }

func baseGcinfo(L *Thread) int {
	L.Push(Int(int(L.Memory() >> 10)))
	return 1
}
