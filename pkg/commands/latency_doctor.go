package commands

import (
	"fmt"
	"slices"
	"strings"

	"snakecache/pkg/actor"
)

func latencyDoctorCommand(c *actor.Call) error {
	c.Reply.Verbatim("txt", latencyReport(c))
	return nil
}

const (
	monitorOff = "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n"
	noSpikes   = "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n"
	spikesHead = "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n"
)

// latencyReport has the form of Redis'. What it advises to is about this server, which deletes large values and evicts in
// slices, and has no disk to wait for.
func latencyReport(c *actor.Call) string {
	events := c.LatencyMonitor().Events()
	switch {
	case len(events) == 0 && c.Bounds().LatencyThreshold == 0:
		return monitorOff
	case len(events) == 0:
		return noSpikes
	}
	var out strings.Builder
	var advices []string
	out.WriteString(spikesHead)
	for i, e := range events {
		out.WriteString(fmt.Sprintf("%d. ", i+1) + latencySummary(e, c.Now()/1000) + "\n")
		for _, advice := range latencyAdvices(c.Bounds(), e.Name) {
			if !slices.Contains(advices, advice) {
				advices = append(advices, advice)
			}
		}
	}
	out.WriteString("\nI have a few advices for you:\n\n")
	for _, advice := range advices {
		out.WriteString("- " + advice + "\n")
	}
	return out.String()
}

// latencySummary is an event's samples in numbers.
func latencySummary(e *actor.LatencyEvent, now int64) string {
	n := int64(len(e.Samples))
	var sum, deviations int64
	for _, s := range e.Samples {
		sum += s.Millis
	}
	average := sum / n
	for _, s := range e.Samples {
		deviations += max(s.Millis-average, average-s.Millis)
	}
	period := now - e.Samples[0].Unix
	if period == 0 {
		period = 1
	}
	return fmt.Sprintf("%s: %d latency spikes (average %dms, mean deviation %dms, period %.2f sec). Worst all time event %dms.",
		e.Name, n, average, deviations/n, float64(period)/float64(n), e.Worst)
}

// latencyAdvices are what to do about an event.
func latencyAdvices(b actor.Bounds, event string) []string {
	switch event {
	case "command":
		return slowCommandAdvices(b)
	case "fast-command":
		return []string{"Commands that do little were slow, so the owner did not run while it should have. Give it processor time: lower " +
			"the load of the machine, raise the container's CPU limit, or look for a noisy neighbour. 'redis-cli --intrinsic-latency 100' " +
			"shows what the system itself costs."}
	case "expire-cycle":
		return []string{"Many keys, or hashes with many fields, expire at the same moment. Spread their times to live."}
	case "eviction-cycle":
		return []string{"Many keys are evicted at once. That comes of a 'maxmemory' that was lowered, and of commands that add very large " +
			"values, such as RESTORE and the STORE forms of set and sorted set operations."}
	case "chores":
		return []string{"Memory of large values that are gone is given back, or data moved together. This is done in slices: if one takes " +
			"long, the machine is short of memory or of processor time."}
	}
	return []string{"Commands waited for their turn. Others ran for that long before them: look at the events 'command', 'eviction-cycle' " +
		"and 'chores', and at 'SLOWLOG GET 10 QUEUETIME'; or there are more commands than one processor can run: see " +
		"owner_busy_ratio in INFO stats."}
}

func slowCommandAdvices(b actor.Bounds) (advices []string) {
	threshold := b.LatencyThreshold / 1e3
	switch {
	case !b.Slowlog.On:
		advices = append(advices, fmt.Sprintf("The slow log is off, so it cannot tell which commands were slow. Please use 'CONFIG SET "+
			"slowlog-log-slower-than %d'.", threshold))
	case b.Slowlog.Threshold > b.LatencyThreshold:
		advices = append(advices, fmt.Sprintf("The slow log only has commands that are slower than your latency monitor threshold. Please use "+
			"'CONFIG SET slowlog-log-slower-than %d'.", threshold))
	}
	return append(advices, "Look into the slow log for the commands that take too long: 'SLOWLOG GET'.")
}
