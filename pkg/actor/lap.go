package actor

import (
	"math"

	"snakecache/pkg/proto"
)

// lap is a run of calls of the same command that are timed together.
type lap struct {
	command *Command // nil before the first call, and between two batches
	joins   *Command // the command whose calls join it: command, or nil if its call is timed alone
	calls   uint64
	session *Session

	// Its last part are the calls since the clock was looked at amid it.
	seen   uint64 // calls before that
	seenAt int64  // when the part began
	began  int64  // and when the lap did

	// The first call's arguments, for the slow log. As long as the lap lasts they are where they were, but for those
	// that the store may have taken over: of these there is a copy of what the slow log shows.
	args  proto.Args
	sizes []int // of the arguments if args has copies; else nil
	count int   // of arguments, more than args may have

	copies     proto.Args // memory for args
	copiedSize []int      // and for sizes
}

const (
	// sharedArgs is up to how many arguments a call may have that is timed together with others.
	sharedArgs = 16
	// sharedNanos is what the calls of such a command take on average, at most.
	sharedNanos = 3000
	// exactBelow is the threshold in nanoseconds below which each call is timed alone. Above it, the calls between two looks at
	// the clock, 32 of sharedNanos each, do not reach it together.
	exactBelow = 100_000
	// usualSlack is how many times what is usual for their command the other calls of a lap are taken to have run.
	usualSlack = 4
	// never is a threshold that nothing reaches.
	never = math.MaxInt64
)

// lap is called before each command with that command, and with nil behind a batch. It ends a lap where the command changes,
// or where a call may take long: with many arguments, or of a command whose calls do on average, or that was not called before.
// All others of a run are timed as a whole and shared out evenly, so the sums are exact, and a pipeline of a hundred GETs costs
// one lap: to time a call alone costs 23 ns for the clock and with what is counted some 100 (BenchmarkSlice), beside 80 to 150
// for a GET (BenchmarkDispatch).
func (a *Actor) lap(next *Command) {
	l := &a.running
	if next == l.joins && next != nil && len(a.call.Args) <= sharedArgs {
		l.calls++
		return
	}
	if l.command != nil {
		a.endLap()
	}
	if l.command = next; next == nil {
		l.joins, l.session, l.args = nil, nil, nil
		return
	}
	l.calls, l.joins, l.session = 1, nil, a.call.Session
	l.seen, l.seenAt, l.began = 0, a.nanos, a.nanos
	if a.isQuick(next) && len(a.call.Args) <= sharedArgs {
		l.joins = next
	}
	l.keep(a.call.Args)
}

// isQuick reports whether calls of a command may be timed together.
func (a *Actor) isQuick(cmd *Command) bool {
	all := &a.stats.commands[cmd.id]
	return all.Nanos < sharedNanos*int64(all.Calls) && !a.slow.exact
}

// endLap counts the lap's calls. One that took long goes to the slow log and to the latency monitor.
func (a *Actor) endLap() {
	l := &a.running
	a.tick()
	a.stats.count(l.command, l.calls, a.nanos-l.began)
	if last := a.nanos - l.seenAt; last >= a.slow.either {
		a.tooLong(last)
	}
}

// look reads the clock when 32 commands have run, or eight that are not Fast. A lap goes on, but which calls of it may have
// been slow is known more closely.
func (a *Actor) look() int64 {
	l, now := &a.running, a.clock.Nanos()
	if l.command != nil && now-l.seenAt >= a.slow.either {
		a.lap(nil)
	}
	l.seen, l.seenAt = l.calls, now
	return now
}

// keep notes the arguments of the lap's first call.
func (l *lap) keep(args proto.Args) {
	l.args, l.sizes, l.count = args, nil, len(args)
	for _, arg := range args[:min(len(args), slowArgs)] {
		if len(arg) >= proto.RefSize {
			l.copyHeads(args[:min(len(args), slowArgs)])
			return
		}
	}
}

// copyHeads keeps the arguments' beginnings: a call can have the store adopt a large argument and let go of it again,
// as MSET does that sets a key twice, and then another connection reads into its memory.
func (l *lap) copyHeads(args proto.Args) {
	for len(l.copies) < len(args) {
		l.copies = append(l.copies, nil)
	}
	l.copiedSize = l.copiedSize[:0]
	for i, arg := range args {
		l.copies[i] = append(l.copies[i][:0], arg[:min(len(arg), slowBytes)]...)
		l.copiedSize = append(l.copiedSize, len(arg))
	}
	l.args, l.sizes = l.copies[:len(args)], l.copiedSize
}

// tooLong looks at a lap whose last part took as long as a call that is worth noting.
func (a *Actor) tooLong(nanos int64) {
	l := &a.running
	one := a.ofOne(l, nanos)
	if one >= a.slow.log && !l.command.Is(SkipSlowlog) {
		a.slowlog.add(l.entry(nanos, a.waited, a.nowMs/1000), a.bounds.Slowlog.MaxLen)
	}
	event := "command"
	if l.command.Is(Fast) {
		event = "fast-command"
	}
	a.spike(event, one)
}

// ofOne returns for how long one call of the lap's last part has run at least. If there were several, that is what the others
// leave if they took what is usual for the command, and some more: many calls that together take long are not slow. None is
// where there was no call, or where nothing is known because the figures were reset meanwhile.
func (a *Actor) ofOne(l *lap, nanos int64) int64 {
	last := l.calls - l.seen
	if last == 1 {
		return nanos
	}
	all := &a.stats.commands[l.command.id]
	calls := all.Calls - last
	if last == 0 || calls == 0 {
		return -1
	}
	usual := (all.Nanos - nanos) / int64(calls)
	return nanos - int64(last-1)*usualSlack*usual
}

// thresholds are in nanoseconds, or never.
type thresholds struct {
	log    int64 // of the slow log
	spike  int64 // of the latency monitor
	either int64 // the lower of the two
	exact  bool  // it is so low that each call is timed alone
}

func thresholdsOf(b Bounds) thresholds {
	t := thresholds{log: never, spike: never}
	if b.Slowlog.On {
		t.log = b.Slowlog.Threshold
	}
	if b.LatencyThreshold > 0 {
		t.spike = b.LatencyThreshold
	}
	t.either = min(t.log, t.spike)
	t.exact = t.either < exactBelow
	return t
}
