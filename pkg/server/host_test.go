package server

import (
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"testing"

	"snakecache/pkg/actor"
)

var _ actor.Host = (*Host)(nil)

func TestHostTellsWhatItWasTold(t *testing.T) {
	h := NewHost("1.2.3", "abc")
	h.Port, h.MetricsPort, h.Rejected = 6379, 9121, func() uint64 { return 7 }
	f := h.Facts()
	if f.Version != "1.2.3" || f.Commit != "abc" || f.Port != 6379 || f.MetricsPort != 9121 || f.Rejected != 7 {
		t.Errorf("facts are %+v", f)
	}
	if f.PID != os.Getpid() || f.Executable == "" || f.OS == "" {
		t.Errorf("process: %+v", f)
	}
}

func TestRunIDIsNewWithEveryHost(t *testing.T) {
	a, b := NewHost("", "").Facts().RunID, NewHost("", "").Facts().RunID
	if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(a) || a == b {
		t.Errorf("run ids %q and %q", a, b)
	}
}

func TestHostMeasuresTheHeap(t *testing.T) {
	f := NewHost("", "").Facts()
	if f.HeapObjects <= 0 || f.HeapActive < f.HeapObjects || f.HeapMapped < f.HeapActive {
		t.Errorf("%d bytes of objects in %d bytes of pages of %d", f.HeapObjects, f.HeapActive, f.HeapMapped)
	}
}

// Two requests are one collection, and it ends.
func TestPurge(t *testing.T) {
	h := NewHost("", "")
	h.Purge()
	h.Purge()
	for h.purging.Load() {
		runtime.Gosched()
	}
}

func TestShutdownAsksForTheEnd(t *testing.T) {
	h, asked := NewHost("", ""), 0
	h.Shutdown() // nobody is told
	h.End = func() { asked++ }
	if h.Shutdown(); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestHostMeasuresTheProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the figures of the process are known on Linux only")
	}
	h := NewHost("", "")
	debug.FreeOSMemory() // or what other tests have left is used again, or given back meanwhile
	before := h.Facts()
	if before.RSS < 1<<20 || before.RSS > before.SystemMemory {
		t.Errorf("%d bytes resident of the machine's %d", before.RSS, before.SystemMemory)
	}
	work := 0
	for used := before.UserCPU; used == before.UserCPU; used = h.Facts().UserCPU {
		for i := range 1 << 20 {
			work += i
		}
	}
	ballast := make([]byte, 64<<20)
	for i := 0; i < len(ballast); i += 4096 {
		ballast[i] = byte(work)
	}
	if grown := h.Facts().RSS - before.RSS; grown < 32<<20 {
		t.Errorf("64 MB touched, but %d bytes more are resident", grown)
	}
	runtime.KeepAlive(ballast)
}
