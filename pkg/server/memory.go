package server

import (
	"os"
	"runtime/debug"
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
}

const (
	goShare    = 0.90 // of the limit may be used; the kernel counts buffers of sockets and page tables, too
	goLeast    = 1.0 / 16
	goStep     = 1.0 / 64 // of the limit must be gained or lost for a change, which stops the world for a moment
	lookAfter  = time.Second / 4
	minGoBytes = 16 << 20
)

// next returns Go's limit beside so many bytes outside its heap. It does not go below what Go needs to live, or all time would go
// into collecting garbage that is not there.
func (g *goMemory) next(offHeap int64) int64 {
	least := max(minGoBytes, int64(goLeast*float64(g.limit)))
	return max(least, int64(goShare*float64(g.limit))-offHeap)
}

// adjust reports whether Go's limit is to be changed, to g.now.
func (g *goMemory) adjust(offHeap int64) bool {
	next := g.next(offHeap)
	if step := int64(goStep * float64(g.limit)); g.now != 0 && next < g.now+step && next > g.now-step {
		return false
	}
	g.now = next
	return true
}

// FollowMemory sets Go's memory limit by the container's and by what the dataset takes outside the Go heap, four times a second
// until stop is closed. It changes the whole process, so it is for main to call. It returns at once if there is no limit,
// or the user has set GOMEMLIMIT.
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
		}
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
	}
}
