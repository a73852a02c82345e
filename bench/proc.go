package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is what all threads of the process have used in user and kernel mode, the ended ones included: to the nanosecond,
// unlike /proc/PID/stat, whose ticks of 10 ms are 2 % of a run of half a second.
func cpuTime(pid int) (time.Duration, error) {
	// The clock of another process's CPU time is numbered like this by the kernel; clock_getcpuclockid(3) does no more.
	const scheduled = 2
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduled), &used); err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	return time.Duration(used.Nano()), nil
}

// residentBytes is the resident set size of the process.
func residentBytes(pid int) (int64, error) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	pages, err := parseStatm(string(statm))
	return pages * int64(os.Getpagesize()), err
}

// parseStatm reads the second field of /proc/PID/statm, the resident pages.
func parseStatm(statm string) (int64, error) {
	fields := strings.Fields(statm)
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc statm: unexpected form %q", statm)
	}
	return strconv.ParseInt(fields[1], 10, 64)
}

// settle polls a figure of a process until it has stayed within tolerance for so many polls in a row, or until limit
// has passed, and returns the last value. A figure that never settles is no error: a server may have steady work.
func settle(ctx context.Context, limit, every time.Duration, polls int, tolerance int64, read func() (int64, error)) (int64, error) {
	last, err := read()
	deadline := time.Now().Add(limit)
	for quiet := 0; err == nil && quiet < polls && time.Now().Before(deadline); {
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-time.After(every):
		}
		var now int64
		now, err = read()
		if max(now-last, last-now) <= tolerance {
			quiet++
		} else {
			quiet = 0
		}
		last = now
	}
	return last, err
}
