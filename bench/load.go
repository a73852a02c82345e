package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// sample is one run of redis-benchmark against one server. Rate and latencies are redis-benchmark's own figures; where
// it nears its own limit, at deep pipelines, they say less about the server than the CPU time does.
type sample struct {
	rps      float64
	p50, p99 float64 // milliseconds, as redis-benchmark sees them
	cpu      float64 // microseconds of the server's CPU time per command
	client   float64 // the same of the client's, where it has one thread for the load
}

// load runs n commands against the prepared server and measures them.
func (s *server) load(ctx context.Context, w workload, pipeline, n int) (sample, error) {
	return s.costing(w.name, n, func() (sample, error) {
		if w.send != nil {
			return w.send(ctx, s, pipeline, n)
		}
		return runRedisBenchmark(ctx, s, pipeline, n, w.args...)
	})
}

// costing adds what each of n commands that run sends takes of the server's CPU time. That includes taking in and dropping
// redis-benchmark's connections, which n makes small.
func (s *server) costing(what string, n int, run func() (sample, error)) (sample, error) {
	before, err := cpuTime(s.cmd.Process.Pid)
	if err != nil {
		return sample{}, s.failure(what, err)
	}
	result, err := run()
	if err != nil {
		return sample{}, s.failure(what, err)
	}
	after, err := cpuTime(s.cmd.Process.Pid)
	result.cpu = microseconds(after-before) / float64(n)
	result.client /= float64(n)
	return result, s.failure(what, err)
}

// runRedisBenchmark sends n commands in pipelines of the given depth; n is a multiple of it, because redis-benchmark
// sends whole pipelines only. It ends with an error at the first error reply, so an unsupported command cannot look fast.
func runRedisBenchmark(ctx context.Context, s *server, pipeline, n int, args ...string) (sample, error) {
	return redisBenchmark(ctx, s, append([]string{
		"-c", strconv.Itoa(connections), "-d", strconv.Itoa(valueBytes),
		"-r", strconv.Itoa(keyspace), "-P", strconv.Itoa(pipeline), "-n", strconv.Itoa(n),
	}, args...)...)
}

// redisBenchmark runs one of redis-benchmark's tests against the server. Its own CPU time is not divided by the commands yet.
func redisBenchmark(ctx context.Context, s *server, args ...string) (sample, error) {
	cmd := exec.CommandContext(ctx, "redis-benchmark", append([]string{"-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "--csv"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		// A cancelled context kills the child; its reason says more than the child's death.
		return sample{}, fmt.Errorf("redis-benchmark: %w: %s", cmp.Or(ctx.Err(), err), strings.TrimSpace(stderr.String()))
	}
	result, err := parseCSV(stdout.String())
	result.client = microseconds(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
	return result, err
}

// parseCSV reads the output of redis-benchmark --csv for one test: a line of column names and a line of figures.
func parseCSV(out string) (sample, error) {
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		return sample{}, fmt.Errorf("redis-benchmark's CSV: %w", err)
	}
	if len(rows) != 2 {
		return sample{}, fmt.Errorf("redis-benchmark's CSV has %d lines, not a header and one result", len(rows))
	}
	var result sample
	err = errors.Join(
		column(rows, "rps", &result.rps),
		column(rows, "p50_latency_ms", &result.p50),
		column(rows, "p99_latency_ms", &result.p99),
	)
	return result, err
}

// column stores the figure under the named column.
func column(rows [][]string, name string, to *float64) error {
	i := slices.Index(rows[0], name)
	if i < 0 {
		return fmt.Errorf("redis-benchmark's CSV has no column %q: version 7.0 or later is needed", name)
	}
	value, err := strconv.ParseFloat(rows[1][i], 64)
	if err != nil {
		return fmt.Errorf("redis-benchmark's CSV, column %q: %w", name, err)
	}
	*to = value
	return nil
}
