package actor

import "time"

// Clock is the engine's only source of time, so that tests own it.
type Clock interface {
	// Now is the wall clock.
	Now() time.Time
	// Nanos is monotonic: nanoseconds since an arbitrary origin.
	Nanos() int64
	// AfterFunc calls f in a goroutine of its own once d has passed.
	AfterFunc(d time.Duration, f func()) Timer
	// Sleep blocks the caller, for DEBUG SLEEP and for an owner that takes breath.
	Sleep(d time.Duration)
}

// Timer is a pending AfterFunc.
type Timer interface {
	Reset(d time.Duration) bool
	Stop() bool
}

// SystemClock returns the machine's clock.
func SystemClock() Clock { return systemClock{time.Now()} }

type systemClock struct{ origin time.Time }

func (c systemClock) Now() time.Time        { return time.Now() }
func (c systemClock) Nanos() int64          { return int64(time.Since(c.origin)) }
func (c systemClock) Sleep(d time.Duration) { time.Sleep(d) }

func (c systemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }
