package actor

import (
	"bytes"
	"slices"

	"snakecache/pkg/store"
)

// spikeSamples is how many samples of an event are kept, as in Redis.
const spikeSamples = 160

// LatencyMonitor has samples of what held the owner up for longer than the monitor's threshold, by kind of event:
//
//	command          a call of a command that is not Fast
//	fast-command     of one that is
//	expire-cycle     the removal of keys that are due
//	eviction-cycle   the eviction of keys
//	chores           other chores of the store
//	queue            the time from the submission of a batch to its turn
type LatencyMonitor struct {
	events []*LatencyEvent // in the order of their first samples
}

// LatencyEvent has the samples of one kind of event, the oldest first: the worst of each second, and not of all of them.
type LatencyEvent struct {
	Name    string
	Samples []LatencySample
	Worst   int64 // milliseconds; of all samples there ever were
}

// LatencySample is the worst that happened in a second.
type LatencySample struct {
	Unix   int64 // seconds
	Millis int64
}

// Last returns the latest sample.
func (e *LatencyEvent) Last() LatencySample { return e.Samples[len(e.Samples)-1] }

// Events returns the events of which there are samples, in the order in which they first happened.
func (m *LatencyMonitor) Events() []*LatencyEvent { return m.events }

// Event returns the event called name, or nil.
func (m *LatencyMonitor) Event(name []byte) *LatencyEvent {
	for _, e := range m.events {
		if e.Name == string(name) {
			return e
		}
	}
	return nil
}

// Reset forgets all events that are called name, in any case, and returns how many.
func (m *LatencyMonitor) Reset(name []byte) int {
	before := len(m.events)
	m.events = slices.DeleteFunc(m.events, func(e *LatencyEvent) bool { return bytes.EqualFold([]byte(e.Name), name) })
	return before - len(m.events)
}

// ResetAll forgets all events and returns how many.
func (m *LatencyMonitor) ResetAll() int {
	n := len(m.events)
	m.events = nil
	return n
}

// add notes a sample.
func (m *LatencyMonitor) add(name string, s LatencySample) {
	e := m.Event([]byte(name))
	if e == nil {
		e = &LatencyEvent{Name: name}
		m.events = append(m.events, e)
	}
	e.Worst = max(e.Worst, s.Millis)
	if n := len(e.Samples); n > 0 && e.Samples[n-1].Unix == s.Unix {
		e.Samples[n-1].Millis = max(e.Samples[n-1].Millis, s.Millis)
		return
	}
	if len(e.Samples) == spikeSamples {
		e.Samples = slices.Delete(e.Samples, 0, 1)
	}
	e.Samples = append(e.Samples, s)
}

// spike tells the monitor of something that took so many nanoseconds, if that is worth a sample.
func (a *Actor) spike(event string, nanos int64) {
	if nanos >= a.slow.spike {
		a.latency.add(event, LatencySample{a.nowMs / 1000, nanos / 1e6})
	}
}

// monitored does a piece of the owner's own work, and tells the monitor if it is on.
func (a *Actor) monitored(event string, work func()) {
	if a.slow.spike == never {
		work()
		return
	}
	began := a.clock.Nanos()
	work()
	a.spike(event, a.clock.Nanos()-began)
}

// massEviction is how many bytes must go for a command that has others wait for it. What is less takes a few microseconds.
const massEviction = 64 << 10

// evictFor is Store.MakeRoom with the monitor's eye on it. Where many keys go, that is not the time of the call before.
func (a *Actor) evictFor(need int64) (room store.Room) {
	bound := a.store.MaxMemory()
	many := bound > 0 && a.store.Used()+need-bound >= massEviction
	if !many && a.slow.spike == never {
		return a.store.MakeRoom(need)
	}
	if many {
		a.lap(nil)
	}
	a.monitored("eviction-cycle", func() { room = a.store.MakeRoom(need) })
	if many {
		a.tick()
	}
	return room
}

// LatencyMonitor returns the samples of what held the owner up.
func (c *Call) LatencyMonitor() *LatencyMonitor { return &c.actor.latency }

// CommandLatency returns how long the calls of a command took since the start or CONFIG RESETSTAT, or nil if there were
// none while latency-tracking was on.
func (c *Call) CommandLatency(cmd *Command) *LatencyHistogram { return c.actor.stats.latency[cmd.id] }
