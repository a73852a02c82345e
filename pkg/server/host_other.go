//go:build !linux

package server

import (
	"runtime"
	"time"
)

// Where the system is not Linux these figures are not known, and INFO and /metrics show 0.

func systemName() string                    { return runtime.GOOS + " " + runtime.GOARCH }
func systemMemory() int64                   { return 0 }
func residentMemory() int64                 { return 0 }
func cpuTime() (user, system time.Duration) { return 0, 0 }
