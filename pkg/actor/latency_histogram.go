package actor

import "math/bits"

// LatencyHistogram counts how long the calls of one command took, to 1 % between a nanosecond and a second, in the
// cells that Redis' histograms have too, so that percentiles read alike. It takes 24 kilobytes, and a nanosecond or two
// to observe. Calls that are timed together count with their average.
type LatencyHistogram struct {
	Count uint64
	cells [latencyCells]uint64
}

const (
	latencyDigits = 8                        // binary digits up to which durations have a cell each; of longer ones the first 8 count
	latencyHalf   = 1 << (latencyDigits - 1) // cells for each further digit
	latencyMost   = 1e9                      // nanoseconds; what takes longer counts as this
	latencyCells  = (30 - latencyDigits + 2) * latencyHalf
)

// observe counts n durations of the same length.
func (h *LatencyHistogram) observe(nanos int64, n uint64) {
	h.Count += n
	h.cells[latencyCell(uint64(min(max(nanos, 1), latencyMost)))] += n
}

func latencyCell(nanos uint64) int {
	shift := max(bits.Len64(nanos)-latencyDigits, 0)
	return shift*latencyHalf + int(nanos>>shift)
}

// latencyRange returns the first and the last nanosecond of a cell.
func latencyRange(cell int) (first, last int64) {
	shift := max(cell/latencyHalf-1, 0)
	first = int64(cell-shift*latencyHalf) << shift
	return first, first + 1<<shift - 1
}

// Percentile returns a duration in nanoseconds that so many percent of all do not exceed: the last one of its cell, or
// for 0 percent the first. The histogram must not be empty.
func (h *LatencyHistogram) Percentile(percent float64) int64 {
	rank := max(uint64(percent/100*float64(h.Count)+0.5), 1)
	cell, seen := 0, h.cells[0]
	for seen < rank && cell < latencyCells-1 {
		cell++
		seen += h.cells[cell]
	}
	first, last := latencyRange(cell)
	if percent == 0 {
		return first
	}
	return last
}

// Below hands durations that double from a microsecond on to visit, each as the last whole microsecond of its cell and
// with how many calls took no longer, but for those that no further call falls below.
func (h *LatencyHistogram) Below(visit func(micros int64, calls uint64)) {
	var seen, told uint64
	cell := 0
	for level := uint64(1 << 10); seen < h.Count; level *= 2 {
		last := latencyCells - 1
		if level <= latencyMost {
			last = latencyCell(level)
		}
		for ; cell <= last; cell++ {
			seen += h.cells[cell]
		}
		if seen > told {
			_, end := latencyRange(last)
			visit(end/1000, seen)
			told = seen
		}
	}
}
