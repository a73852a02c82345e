package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// suite is one measurement with a section of its own in the report, so that it can be repeated without the others.
type suite struct {
	name    string // for -suite, and in the section's markers
	title   string // the section's heading
	what    string // what is measured and how: Markdown between the heading and the figures, or nothing
	measure func(ctx context.Context, s setup) (section, error)
}

// setup is what a suite measures with. The suite starts the servers it needs, and stops them before it returns.
type setup struct {
	subject, reference program
	dir                string // for the servers' logs and whatever else is gone after the run
	rounds             int    // how often what is measured in alternation is repeated
	load               options
}

// section is what a suite has found out.
type section struct {
	markdown string // headings begin with ###
	verdicts []verdict
}

// verdict is a target, the figures it is judged by, and whether they reach it.
type verdict struct {
	target, figures string
	met             bool
}

// suites are all there are, in the order of the report.
func suites() []suite {
	return []suite{loadSuite, typesSuite, memorySuite, elementsSuite, pausesSuite, stallsSuite, keysSuite, expirySuite, hitsSuite, largeSuite, limitsSuite, sessionsSuite, scriptsSuite, pubsubSuite, offSuite}
}

// defaultSuite is what runs without -suite.
const defaultSuite = "load"

// findSuites reads a list of names; all stands for every suite. They come in the report's order.
func findSuites(names string) ([]suite, error) {
	wanted := strings.Split(strings.ReplaceAll(names, " ", ""), ",")
	for _, name := range wanted {
		if name != "all" && !slices.Contains(suiteNames(), name) {
			return nil, fmt.Errorf("-suite: %q is none of %s, all", name, strings.Join(suiteNames(), ", "))
		}
	}
	return slices.DeleteFunc(suites(), func(s suite) bool {
		return !slices.Contains(wanted, s.name) && !slices.Contains(wanted, "all")
	}), nil
}

func suiteNames() []string {
	var names []string
	for _, s := range suites() {
		names = append(names, s.name)
	}
	return names
}

// circumstances are what a section says about its run: the figures mean nothing without it.
type circumstances struct {
	date               time.Time
	machine            machine
	command            string // that repeats the run
	subject, reference program
	againstRedis       bool // else there are no targets to judge
}

// render writes a section as Markdown.
func (s suite) render(c circumstances, found section) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\nWritten by `%s`, which repeats the run.\n\n", s.title, c.command)
	fmt.Fprintf(&b, "- Date: %s\n", c.date.UTC().Format(time.DateOnly))
	fmt.Fprintf(&b, "- Machine: %s, %d cores, Linux %s; load average before the run: %s\n",
		c.machine.cpu, c.machine.cores, c.machine.kernel, c.machine.load)
	fmt.Fprintf(&b, "- %s: %s\n", c.subject.label, c.subject.version)
	fmt.Fprintf(&b, "- %s: %s\n", c.reference.label, c.reference.version)
	if len(c.machine.environment) > 0 {
		fmt.Fprintf(&b, "- Environment: %s\n", strings.Join(c.machine.environment, " "))
	}
	if s.what != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(s.what))
	}
	fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(found.markdown))
	if c.againstRedis && len(found.verdicts) > 0 {
		b.WriteString("\n### Targets\n\n| target | figures | |\n|---|---|---|\n")
		for _, v := range found.verdicts {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", v.target, v.figures, v.word())
		}
	}
	return b.String()
}

func (v verdict) word() string {
	if v.met {
		return "met"
	}
	return "**not met**"
}
