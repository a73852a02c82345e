package actor

import "time"

// alarm wakes the owner at the nearest moment at which there is something to do without a client's asking. Only
// one is ever set. One that is set too early is left alone: it rings in vain once, which is cheaper than moving it.
type alarm struct {
	timer Timer
	atMs  int64 // when it rings, by Actor.ms; 0 = not set
}

// deliver is the alarm's message in the mailbox; the turn that follows does what is due.
func (*alarm) deliver(a *Actor) { a.alarm.atMs = 0 }

// longestWait bounds how far ahead the alarm is set: deadlines reach to the end of int64 in milliseconds, timers only
// to its end in nanoseconds.
const longestWait = 24 * time.Hour

// wallCheck is how often the wall clock is looked at while keys expire by it: nobody tells when it is set.
const wallCheck = time.Second

// setAlarm arms the alarm for the next key deadline, the next slice of chores, the end of the next wait, that of a pause, the
// next look at who does not read or at the memory of clients, or the next publication, whichever comes first.
func (a *Actor) setAlarm() {
	in, ok := a.store.NextDeadline()
	if a.store.FollowsWallClock() {
		in = min(in, wallCheck.Milliseconds())
	}
	at := a.ms + min(in, longestWait.Milliseconds())
	if !a.expires() {
		ok = false
	}
	if chores := a.choresAt/1e6 + 1; a.nanos < a.choresAt && a.store.HasChores() && (!ok || chores < at) {
		at, ok = chores, true
	}
	if publish := a.stats.publishedMs + publishEvery; a.stats.dirty() && (!ok || publish < at) {
		at, ok = publish, true
	}
	if timeouts := a.waiting.timeouts; len(timeouts) > 0 && (!ok || timeouts[0].UntilMs < at) {
		at, ok = timeouts[0].UntilMs, true
	}
	if a.pausing() && (!ok || a.pause.untilMs < at) {
		at, ok = a.pause.untilMs, true
	}
	if look := a.limits.lookedMs + limitsEvery; len(a.limits.over) > 0 && (!ok || look < at) {
		at, ok = look, true
	}
	if look := a.limits.countedMs + publishEvery; a.bounds.ClientMemory > 0 && len(a.sessions) > 0 && (!ok || look < at) {
		at, ok = look, true
	}
	at = min(at, a.ms+longestWait.Milliseconds())
	if !ok || (a.alarm.atMs != 0 && a.alarm.atMs <= at) {
		return
	}
	a.alarm.atMs = at
	wait := time.Duration(at)*time.Millisecond - time.Duration(a.nanos)
	if a.alarm.timer == nil {
		a.alarm.timer = a.clock.AfterFunc(wait, a.ring)
	} else {
		a.alarm.timer.Reset(wait)
	}
}

// ring runs on the timer's goroutine.
func (a *Actor) ring() {
	select {
	case a.mailbox <- &a.alarm:
	case <-a.stopped:
	}
}
