package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of CPU times in /proc/PID/stat: 1/USER_HZ, which Linux fixes at 100 towards programs on every
// architecture Go runs on.
const clockTick = 10 * time.Millisecond

// cpuTime is what all threads of the process have used in user and kernel mode, the ended ones included.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseStat(string(stat))
}

// parseStat adds utime and stime, fields 14 and 15 of /proc/PID/stat. The second field is the program's name in
// parentheses and may hold spaces and parentheses itself, so counting begins behind the last closing one.
func parseStat(stat string) (time.Duration, error) {
	const state, utime, stime = 3, 14, 15
	end := strings.LastIndexByte(stat, ')')
	fields := strings.Fields(stat[end+1:])
	if end < 0 || len(fields) <= stime-state {
		return 0, fmt.Errorf("/proc stat: unexpected form %q", stat)
	}
	var ticks int64
	for _, field := range fields[utime-state : stime-state+1] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc stat: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
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
