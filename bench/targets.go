package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// target is one promise about the ratio of a figure, subject ÷ reference, at one pipeline depth.
type target struct {
	what     string
	pipeline int
	scope    scope
	figure   measure
	atLeast  bool // else at most
	limit    float64
}

// scope is what a target is about: the commands each of which must reach it, or the median of the whole table.
type scope struct {
	words    string
	commands []string // nil: every command of the table
	median   bool
}

var (
	setAndGet    = scope{words: "SET and GET", commands: []string{"SET", "GET"}}
	everyCommand = scope{words: "every command"}
	medianOfAll  = scope{words: "the median of all commands", median: true}
)

// targets are the project's, against redis-server. Those of pipeline 1 were set for SET and GET; the other commands
// are held to them in lines of their own, so that no mean hides one.
var targets = []target{
	{"requests/s", 1, setAndGet, rps, true, 1.0},
	{"CPU per command", 1, setAndGet, cpu, false, 1.0},
	{"p99", 1, setAndGet, p99, false, 1.25},
	{"requests/s", 1, everyCommand, rps, true, 1.0},
	{"CPU per command", 1, everyCommand, cpu, false, 1.0},
	{"p99", 1, everyCommand, p99, false, 1.25},
	{"CPU per command", 16, setAndGet, cpu, false, 0.6},
	{"requests/s", 16, setAndGet, rps, true, 1.5},
	{"requests/s", 16, everyCommand, rps, true, 1.0},
	{"requests/s", 16, medianOfAll, rps, true, 1.5},
	{"CPU per command", 64, setAndGet, cpu, false, 0.5},
	{"requests/s", 64, setAndGet, rps, true, 1.8},
}

// idleLimit is the target for one idle connection of snakecached, in bytes.
const idleLimit = 8 << 10

// text is the target in words, as its line of the report begins.
func (t target) text() string {
	bound := "≤"
	if t.atLeast {
		bound = "≥"
	}
	return fmt.Sprintf("pipeline %d, %s: %s %s %.2f", t.pipeline, t.scope.words, t.what, bound, t.limit)
}

// result is what becomes of a target; of several the greatest decides: one figure that misses is a miss, whatever was
// left unmeasured.
type result int

const (
	isMet result = iota
	notMeasured
	isMissed
)

// judge lists the figures a target speaks of and says whether they reach it; all are the commands of the table. The
// comparison is of the unrounded medians.
func (t target) judge(cells []cell, all []string) (figures string, reached result) {
	commands := t.scope.commands
	if commands == nil {
		commands = all
	}
	values := make([]float64, len(commands))
	for i, name := range commands {
		values[i] = t.ratioOf(cells, name)
	}
	if t.scope.median {
		if slices.ContainsFunc(values, math.IsNaN) {
			return "", notMeasured
		}
		value := median(values)
		return figure(value, 3), t.result(value)
	}
	shown := make([]string, len(commands))
	for i, value := range values {
		shown[i] = commands[i] + " " + figure(value, 3) // two would print a near miss as a hit
		reached = max(reached, t.result(value))
	}
	return strings.Join(shown, ", "), reached
}

// ratioOf is a command's figure at the target's depth, NaN if it was not measured.
func (t target) ratioOf(cells []cell, command string) float64 {
	i := slices.IndexFunc(cells, func(c cell) bool { return c.command == command && c.pipeline == t.pipeline })
	if i < 0 {
		return math.NaN()
	}
	return cells[i].ratio(t.figure).median
}

// verdictsOf judges every target that was measured at its depth. One that speaks of figures which are missing is judged
// only where those that are there miss it.
func verdictsOf(targets []target, cells []cell, all []string) []verdict {
	var found []verdict
	for _, t := range targets {
		if !slices.ContainsFunc(cells, func(c cell) bool { return c.pipeline == t.pipeline }) {
			continue
		}
		if figures, result := t.judge(cells, all); result != notMeasured {
			found = append(found, verdict{t.text(), figures, result == isMet})
		}
	}
	return found
}

// result judges one figure; bounds belong to what they allow.
func (t target) result(value float64) result {
	switch {
	case math.IsNaN(value):
		return notMeasured
	case t.atLeast && value >= t.limit, !t.atLeast && value <= t.limit:
		return isMet
	}
	return isMissed
}
