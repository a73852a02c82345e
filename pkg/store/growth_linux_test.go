package store

import (
	"runtime"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// threadTime returns the CPU time of the calling thread, system time included. Unlike a clock it stands still while the
// thread has to wait for others, so that what is measured is the work, whatever else the machine does.
func threadTime() time.Duration {
	const threadCPUTime = 3 // CLOCK_THREAD_CPUTIME_ID
	var now syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadCPUTime, uintptr(unsafe.Pointer(&now)), 0)
	return time.Duration(now.Nano())
}

// BenchmarkLongestSet sets as many new keys as it is told to, -benchtime 5000000x, and reports the CPU time of the one that
// took longest: nobody waits for a table that grows. The time per operation has the reading of the clock in it.
func BenchmarkLongestSet(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	st := newTestStore(Options{})
	ks, value := st.DB(0), make([]byte, 32)
	key := []byte("key:000000000000")
	var longest time.Duration
	for b.Loop() {
		for at := len(key) - 1; ; at-- {
			if key[at]++; key[at] <= '9' {
				break
			}
			key[at] = '0'
		}
		before := threadTime()
		ks.SetString(key, value, false)
		st.Settle()
		longest = max(longest, threadTime()-before)
	}
	if ks.Len() != b.N {
		b.Fatalf("%d keys, not %d", ks.Len(), b.N)
	}
	b.ReportMetric(float64(longest), "longest-ns")
}

// promptly fails a test that takes a hundred times the CPU time that it should, which is what another complexity comes to.
func promptly(t *testing.T, what string, do func()) {
	t.Helper()
	const bound = 3 * time.Second
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin := threadTime()
	do()
	if took := threadTime() - begin; took > bound {
		t.Errorf("%s took %v", what, took)
	}
}
