package server

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"runtime/debug"
	"sync/atomic"

	"snakecache/pkg/actor"
)

// Host tells the engine about the process it runs in: it is the actor.Host of a real server. Facts may be called
// from any goroutine.
type Host struct {
	// To be set before the first call of Facts, and not changed afterwards.
	Port        int           // on which Redis clients are served
	MetricsPort int           // 0 if there is none
	Rejected    func() uint64 // connections refused so far; may be called from any goroutine
	TooLong     func() uint64 // clients closed so far because of the length of their requests; the same
	End         func()        // asks for the end of the process and does not block

	fixed   actor.Facts // those that do not change while the process lives
	purging atomic.Bool
}

// NewHost returns the host of this process with a new run id. version and commit are snakecached's.
func NewHost(version, commit string) *Host {
	executable, _ := os.Executable() // "" where the system does not tell
	return &Host{
		Rejected: func() uint64 { return 0 },
		TooLong:  func() uint64 { return 0 },
		End:      func() {},
		fixed: actor.Facts{
			Version: version, Commit: commit, Executable: executable, OS: systemName(), RunID: newRunID(),
			PID: os.Getpid(), SystemMemory: systemMemory(),
		},
	}
}

// Facts returns the figures as they are now. It reads a file of the system, so it is not for a hot path.
func (h *Host) Facts() actor.Facts {
	f := h.fixed
	f.Port, f.MetricsPort = h.Port, h.MetricsPort
	f.RSS = residentMemory()
	f.UserCPU, f.SystemCPU = cpuTime()
	f.Rejected, f.TooLong = h.Rejected(), h.TooLong()
	f.HeapObjects, f.HeapActive, f.HeapMapped = heap()
	return f
}

// Shutdown asks for the end of the process.
func (h *Host) Shutdown() { h.End() }

// Purge has garbage collected and unused memory given back to the system, in a goroutine of its own, since it may take a
// while. If one is at it already there is nothing to add.
func (h *Host) Purge() {
	if h.purging.CompareAndSwap(false, true) {
		go func() {
			defer h.purging.Store(false)
			debug.FreeOSMemory()
		}()
	}
}

// newRunID returns 40 random hexadecimal digits.
func newRunID() string {
	var id [20]byte
	rand.Read(id[:]) // never fails: it would end the program
	return hex.EncodeToString(id[:])
}
