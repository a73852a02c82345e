package server

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// MemoryLimit returns how many bytes of memory the container lets this process have, 0 if it has no limit of its own or
// none that is less than the machine's memory.
func MemoryLimit() int64 {
	limit, err := memlimit.FromCgroup()
	if err != nil || int64(limit) < 0 {
		return 0
	}
	if machine := systemMemory(); machine > 0 && int64(limit) >= machine {
		return 0
	}
	return int64(limit)
}

// goMemory is Go's own limit, GOMEMLIMIT, of which the container's limit must leave room for what Go does not count: the
// dataset outside the Go heap, and its pages that are resident and hold nothing.
type goMemory struct {
	limit int64 // the container's
	now   int64 // Go's, 0 before it was set
	freed int64 // what Go had left when it was last made to collect garbage
}

const (
	goShare    = 0.90 // of the limit may be used; the kernel counts buffers of sockets and page tables, too
	goLeast    = 1.0 / 16
	goStep     = 1.0 / 64              // of the limit must be gained or lost for a change, which stops the world for a moment
	lookAfter  = 20 * time.Millisecond // in which a dataset grows by some megabytes
	minGoBytes = 16 << 20
)

// next returns Go's limit beside so many bytes outside its heap. It does not go below what Go needs to live, or all time would go
// into collecting garbage that is not there.
func (g *goMemory) next(offHeap int64) int64 {
	least := max(minGoBytes, int64(goLeast*float64(g.limit)))
	return max(least, int64(goShare*float64(g.limit))-offHeap)
}

func (g *goMemory) step() int64 { return int64(goStep * float64(g.limit)) }

// adjust reports whether Go's limit is to be changed, to g.now.
func (g *goMemory) adjust(offHeap int64) bool {
	next := g.next(offHeap)
	if g.now != 0 && next < g.now+g.step() && next > g.now-g.step() {
		return false
	}
	g.now = next
	return true
}

// crowded reports whether Go, with so many bytes, is above its limit and has had time to gather garbage since it was last
// made to collect it. Go looks at its limit only when it allocates, which nobody may do while small keys take the place of
// large values that were deleted.
func (g *goMemory) crowded(used int64) bool { return used > max(g.now, g.freed+g.step()) }

// goBytes returns how many bytes Go has from the system.
func goBytes() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64() - sample[1].Value.Uint64())
}

// heap returns the bytes of the Go heap that objects have, that pages with objects have, and that Go has from the system,
// all of one moment.
func heap() (objects, active, mapped int64) {
	sample := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(sample)
	bytes := func(i int) int64 { return int64(sample[i].Value.Uint64()) }
	return bytes(0), bytes(0) + bytes(1), bytes(2) - bytes(3)
}

// FollowMemory sets Go's memory limit by the container's and by what the dataset takes outside the Go heap, many times a
// second until stop is closed, and has garbage collected that stands in the dataset's way. It changes the whole process, so it
// is for main to call. It returns at once if there is no limit, or the user has set GOMEMLIMIT.
func FollowMemory(stop <-chan struct{}, limit int64, offHeap func() int64) {
	if limit == 0 || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	g := &goMemory{limit: limit}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	ticker := time.NewTicker(lookAfter)
	defer ticker.Stop()
	for {
		if g.adjust(offHeap()) {
			debug.SetMemoryLimit(g.now)
			if g.crowded(goBytes()) {
				debug.FreeOSMemory()
				g.freed = goBytes()
			}
		}
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
	}
}

// shrinkage notices when the dataset has become much smaller.
type shrinkage struct{ peak int64 }

const (
	shrinkLook  = time.Second / 4
	leastShrink = 32 << 20 // bytes
)

// fell reports whether the dataset has fallen below half of what it had, by enough to be worth a collection.
func (s *shrinkage) fell(used int64) bool {
	s.peak = max(s.peak, used)
	if used > s.peak/2 || s.peak-used < leastShrink {
		return false
	}
	s.peak = used
	return true
}

// FollowShrinking gives memory back to the system when the dataset has shrunk to less than half, until stop is closed: what
// lies outside the Go heap goes at once, but large values and heaps of deadlines wait for a collection, which a server without
// traffic would not see for minutes.
func FollowShrinking(stop <-chan struct{}, used func() int64) {
	var s shrinkage
	ticker := time.NewTicker(shrinkLook)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if s.fell(used()) {
				debug.FreeOSMemory()
			}
		case <-stop:
			return
		}
	}
}
