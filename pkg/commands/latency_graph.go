package commands

import (
	"fmt"
	"slices"
	"strings"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

const (
	graphColumns = 80
	graphRows    = 4
	graphLevels  = "_o#" // the heights within a row
)

func latencyGraphCommand(c *actor.Call) error {
	e := c.LatencyMonitor().Event(c.Args[2])
	if e == nil {
		return proto.ErrNoSamples(c.Args[2])
	}
	c.Reply.Verbatim("txt", latencyGraph(e, c.Now()/1000))
	return nil
}

// latencyGraph draws an event's samples as columns, with below each how long ago it happened, read downwards.
func latencyGraph(e *actor.LatencyEvent, now int64) string {
	lowest, highest := e.Samples[0].Millis, e.Samples[0].Millis
	for _, s := range e.Samples {
		lowest, highest = min(lowest, s.Millis), max(highest, s.Millis)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s - high %d ms, low %d ms (all time high %d ms)\n", e.Name, highest, lowest, e.Worst)
	out.WriteString(strings.Repeat("-", graphColumns) + "\n")
	first := true
	for samples := range slices.Chunk(e.Samples, graphColumns) {
		if !first {
			out.WriteString("\n")
		}
		first = false
		drawSamples(&out, samples, lowest, highest)
		labelSamples(&out, samples, now)
	}
	return out.String()
}

// drawSamples writes columns between the lowest, which is the lowest level, and the highest.
func drawSamples(out *strings.Builder, samples []actor.LatencySample, lowest, highest int64) {
	const levels = int64(len(graphLevels))
	span, steps := max(highest-lowest, 1), levels*graphRows
	for row := range int64(graphRows) {
		for _, s := range samples {
			step := min((s.Millis-lowest)*steps/span, steps-1)
			switch level := step - (graphRows-1-row)*levels; {
			case level < 0:
				out.WriteByte(' ')
			case level < levels:
				out.WriteByte(graphLevels[level])
			default:
				out.WriteByte('|')
			}
		}
		out.WriteByte('\n')
	}
}

// labelSamples writes the columns' ages below an empty row.
func labelSamples(out *strings.Builder, samples []actor.LatencySample, now int64) {
	out.WriteString(strings.Repeat(" ", len(samples)) + "\n")
	labels, longest := make([]string, len(samples)), 0
	for i, s := range samples {
		labels[i] = age(now - s.Unix)
		longest = max(longest, len(labels[i]))
	}
	for row := range longest {
		for _, label := range labels {
			if row < len(label) {
				out.WriteByte(label[row])
			} else {
				out.WriteByte(' ')
			}
		}
		out.WriteByte('\n')
	}
}

// age is a time in seconds in its largest unit.
func age(seconds int64) string {
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	switch {
	case seconds < minute:
		return fmt.Sprintf("%ds", seconds)
	case seconds < hour:
		return fmt.Sprintf("%dm", seconds/minute)
	case seconds < day:
		return fmt.Sprintf("%dh", seconds/hour)
	}
	return fmt.Sprintf("%dd", seconds/day)
}
