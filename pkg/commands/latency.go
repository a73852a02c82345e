package commands

import (
	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func latencyCommands() []actor.Command {
	return []actor.Command{{Name: "latency", Arity: -2, Group: "server", Since: "2.8.13", Complexity: "Depends on subcommand.",
		Summary: "A container for latency diagnostics commands.", Subs: latencySubcommands()}}
}

func latencySubcommands() []actor.Command {
	const (
		group = "server"
		flags = actor.Admin | actor.NoScript | actor.Loading | actor.Stale
	)
	tips := []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"}
	return []actor.Command{
		{Name: "doctor", Arity: 2, Flags: flags, Run: latencyDoctorCommand, Group: group, Since: "2.8.13", Complexity: "O(1)",
			Summary: "Returns a human-readable latency analysis report.", Tips: tips},
		{Name: "graph", Arity: 3, Flags: flags, Run: latencyGraphCommand, Group: group, Since: "2.8.13", Complexity: "O(1)",
			Summary: "Returns a latency graph for an event.", Syntax: "event", Tips: tips},
		{Name: "histogram", Arity: -2, Flags: flags, Run: latencyHistogramCommand, Group: group, Since: "7.0.0",
			Complexity: "O(N) where N is the number of commands with latency information being retrieved.",
			Summary:    "Returns the cumulative distribution of latencies of a subset or all commands.",
			Syntax:     "[command [command ...]]", Tips: tips},
		{Name: "history", Arity: 3, Flags: flags, Run: latencyHistoryCommand, Group: group, Since: "2.8.13", Complexity: "O(1)",
			Summary: "Returns timestamp-latency samples for an event.", Syntax: "event", Tips: tips},
		{Name: "latest", Arity: 2, Flags: flags, Run: latencyLatestCommand, Group: group, Since: "2.8.13", Complexity: "O(1)",
			Summary: "Returns the latest latency samples for all events.", Tips: tips},
		{Name: "reset", Arity: -2, Flags: flags, Run: latencyResetCommand, Group: group, Since: "2.8.13", Complexity: "O(1)",
			Summary: "Resets the latency data for one or more events.", Syntax: "[event [event ...]]",
			Tips: []string{"request_policy:all_nodes", "response_policy:all_succeeded"}},
		{Name: "help", Arity: 2, Flags: actor.Loading | actor.Stale, Run: latencyHelpCommand, Group: group, Since: "2.8.13",
			Complexity: "O(1)", Summary: "Returns helpful text about the different subcommands."},
	}
}

func latencyLatestCommand(c *actor.Call) error {
	events := c.LatencyMonitor().Events()
	c.Reply.Array(len(events))
	for _, e := range events {
		last := e.Last()
		c.Reply.Array(4)
		c.Reply.BulkString(e.Name)
		c.Reply.Int(last.Unix)
		c.Reply.Int(last.Millis)
		c.Reply.Int(e.Worst)
	}
	return nil
}

func latencyHistoryCommand(c *actor.Call) error {
	var samples []actor.LatencySample
	if e := c.LatencyMonitor().Event(c.Args[2]); e != nil {
		samples = e.Samples
	}
	c.Reply.Array(len(samples))
	for _, s := range samples {
		c.Reply.Array(2)
		c.Reply.Int(s.Unix)
		c.Reply.Int(s.Millis)
	}
	return nil
}

// latencyResetCommand counts an event that is named twice once.
func latencyResetCommand(c *actor.Call) error {
	monitor, n := c.LatencyMonitor(), 0
	if len(c.Args) == 2 {
		n = monitor.ResetAll()
	}
	for _, name := range c.Args[2:] {
		n += monitor.Reset(name)
	}
	c.Reply.Count(n)
	return nil
}

// latencyHistogramCommand shows the named commands with their subcommands, or all, as far as they were called.
func latencyHistogramCommand(c *actor.Call) error {
	commands, n := c.Table().Commands(), 0
	if names := c.Args[2:]; len(names) > 0 {
		commands = commandsNamed(c.Table(), names)
	}
	whole := c.Reply.DeferMap()
	for _, cmd := range commands {
		if h := c.CommandLatency(cmd); h != nil {
			c.Reply.BulkString(cmd.FullName())
			replyLatencyHistogram(c.Reply, h)
			n++
		}
	}
	c.Reply.EndMap(whole, n)
	return nil
}

// commandsNamed returns commands and the subcommands of those that are containers, as often as they are named.
func commandsNamed(table *actor.Table, names proto.Args) (found []*actor.Command) {
	for _, name := range names {
		cmd := table.Find(name)
		if cmd == nil {
			continue
		}
		found = append(found, cmd)
		for i := range cmd.Subs {
			found = append(found, &cmd.Subs[i])
		}
	}
	return found
}

func replyLatencyHistogram(r *proto.Reply, h *actor.LatencyHistogram) {
	r.Map(2)
	r.BulkString("calls")
	r.Int(int64(h.Count))
	r.BulkString("histogram_usec")
	buckets, n := r.DeferMap(), 0
	h.Below(func(micros int64, calls uint64) {
		r.Int(micros)
		r.Int(int64(calls))
		n++
	})
	r.EndMap(buckets, n)
}

func latencyHelpCommand(c *actor.Call) error {
	replyHelp(c,
		"DOCTOR",
		"    Return a human readable latency analysis report.",
		"GRAPH <event>",
		"    Return an ASCII latency graph for the <event> class.",
		"HISTORY <event>",
		"    Return time-latency samples for the <event> class.",
		"LATEST",
		"    Return the latest latency samples for all events.",
		"RESET [<event> ...]",
		"    Reset latency data of one or more <event> classes.",
		"    (default: reset all data for all event classes)",
		"HISTOGRAM [COMMAND ...]",
		"    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
		"    If no commands are specified then all histograms are replied.",
	)
	return nil
}
