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
	commands []string // nil: every command of the table
	figure   measure
	atLeast  bool // else at most
	limit    float64
}

var setAndGet = []string{"SET", "GET"}

// targets are the project's, against redis-server. Those of pipeline 1 were set for SET and GET; the other commands
// are held to them in lines of their own, so that no mean hides one.
var targets = []target{
	{"requests/s", 1, setAndGet, rps, true, 1.0},
	{"CPU per command", 1, setAndGet, cpu, false, 1.0},
	{"p99", 1, setAndGet, p99, false, 1.25},
	{"requests/s", 1, nil, rps, true, 1.0},
	{"CPU per command", 1, nil, cpu, false, 1.0},
	{"p99", 1, nil, p99, false, 1.25},
	{"CPU per command", 16, setAndGet, cpu, false, 0.6},
	{"requests/s", 16, setAndGet, rps, true, 1.5},
	{"requests/s", 16, nil, rps, true, 1.0},
	{"CPU per command", 64, setAndGet, cpu, false, 0.5},
	{"requests/s", 64, setAndGet, rps, true, 1.8},
}

// idleLimit is the target for one idle connection of snakecached, in bytes.
const idleLimit = 8 << 10

// scope is the commands that must all reach the target.
func (t target) scope() []string {
	if t.commands == nil {
		return workloadNames()
	}
	return t.commands
}

// text is the target in words, as its line of the report begins.
func (t target) text() string {
	bound, who := "≤", strings.Join(t.commands, " and ")
	if t.atLeast {
		bound = "≥"
	}
	if t.commands == nil {
		who = "every command"
	}
	return fmt.Sprintf("pipeline %d, %s: %s %s %.2f", t.pipeline, who, t.what, bound, t.limit)
}

// result is what becomes of a target; of several the greatest decides: one figure that misses is a miss, whatever was
// left unmeasured.
type result int

const (
	isMet result = iota
	notMeasured
	isMissed
)

// judge lists the figures a target speaks of and says whether all of them reach it. The comparison is of the
// unrounded medians.
func (t target) judge(cells []cell) (figures string, all result) {
	var shown []string
	for _, name := range t.scope() {
		i := slices.IndexFunc(cells, func(c cell) bool { return c.command == name && c.pipeline == t.pipeline })
		value := math.NaN()
		if i >= 0 {
			value = cells[i].ratio(t.figure).median
		}
		shown = append(shown, name+" "+figure(value, 3)) // two would print a near miss as a hit
		all = max(all, t.result(value))
	}
	return strings.Join(shown, ", "), all
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
