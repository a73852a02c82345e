package commands_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/proto"
)

// More samples than a line has columns go into several drawings, and what is older is told in larger units. How Redis draws
// a few of them is in testdata/latency.txt.
func TestLatencyGraphOfManySamples(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP2)
	c.Do("CONFIG", "SET", "latency-monitor-threshold", "1")
	for i := range 100 {
		c.Do("DEBUG", "SLEEP", fmt.Sprint(0.001*float64(1+i%12)))
		e.Advance(2 * time.Second)
	}
	e.Advance(25 * time.Hour)
	c.Do("DEBUG", "SLEEP", "0.001")
	repeat := func(pattern string, from, to int) string { return strings.Repeat(pattern, 10)[from:to] }
	want := []string{"command - high 12 ms, low 1 ms (all time high 12 ms)", strings.Repeat("-", 80)}
	rows := []string{"         _o#", "      _o#|||", "   _o#||||||", "_o#|||||||||"}
	for _, row := range rows {
		want = append(want, repeat(row, 0, 80))
	}
	want = append(want, strings.Repeat(" ", 80), strings.Repeat("1", 80), strings.Repeat("d", 80), "")
	for i, row := range rows {
		want = append(want, repeat(row, 80, 100)+"   _"[i:i+1])
	}
	want = append(want, strings.Repeat(" ", 21), strings.Repeat("1", 20)+"0", strings.Repeat("d", 20)+"s", "")
	if got := c.Do("LATENCY", "GRAPH", "command").Text; got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// What the doctor says about commands depends on what the slow log shows of them.
func TestLatencyDoctorKnowsTheSlowLog(t *testing.T) {
	for _, c := range []struct{ slowlog, says, not string }{
		{"-1", "The slow log is off, so it cannot tell which commands were slow. Please use 'CONFIG SET slowlog-log-slower-than 20000'.", "only has"},
		{"20001", "The slow log only has commands that are slower than your latency monitor threshold. Please use 'CONFIG SET slowlog-log-slower-than 20000'.", "is off"},
		{"20000", "- Look into the slow log for the commands that take too long: 'SLOWLOG GET'.\n", "CONFIG SET"},
	} {
		e := startEngine(t)
		client := e.Connect(proto.RESP2)
		client.Do("CONFIG", "SET", "latency-monitor-threshold", "20", "slowlog-log-slower-than", c.slowlog)
		client.Do("DEBUG", "SLEEP", "0.02")
		e.Advance(10 * time.Second)
		report := client.Do("LATENCY", "DOCTOR").Text
		for _, text := range []string{
			"1. command: 1 latency spikes (average 20ms, mean deviation 0ms, period 10.00 sec). Worst all time event 20ms.\n", c.says,
		} {
			if !strings.Contains(report, text) || strings.Contains(report, c.not) {
				t.Errorf("with slowlog-log-slower-than %s:\n%s", c.slowlog, report)
			}
		}
	}
}
