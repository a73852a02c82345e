package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// probeArgument makes this program the process that probes a server; see probe.
const probeArgument = "probe-latency"

// latencies are what a probing client saw, in nanoseconds.
type latencies struct {
	Count               int
	P50, P99, P999, Max int64
}

// summarize sorts the samples. Of an empty list all figures are 0.
func summarize(samples []int64) latencies {
	if len(samples) == 0 {
		return latencies{}
	}
	slices.Sort(samples)
	at := func(q float64) int64 { return samples[min(int(q*float64(len(samples))), len(samples)-1)] }
	return latencies{len(samples), at(0.50), at(0.99), at(0.999), samples[len(samples)-1]}
}

// prober is a process that measures GETs until it is stopped. It is not this one, whose own load would
// compete for the Go scheduler with the goroutine that looks at the clock.
type prober struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *bufio.Reader
	says  *strings.Builder
}

// startProber starts a client that sends GET of number key, one at a time: the next at once when the reply is there, or with
// a pace one in so much time. It returns when the first reply is there.
func startProber(ctx context.Context, s *server, key int, pace time.Duration) (*prober, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &prober{says: new(strings.Builder)}
	p.cmd = exec.CommandContext(ctx, self, probeArgument, s.addr, strconv.Itoa(key), pace.String())
	p.cmd.Stderr = p.says
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(stdout)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if line, _ := p.out.ReadString('\n'); line != readyLine {
		p.stop()
		return nil, s.failure("probing", errors.New(strings.TrimSpace(p.says.String())))
	}
	return p, nil
}

// stop ends the process and returns what it saw.
func (p *prober) stop() (latencies, error) {
	p.stdin.Close()
	var seen latencies
	decodeErr := json.NewDecoder(p.out).Decode(&seen)
	if err := p.cmd.Wait(); err != nil {
		return seen, fmt.Errorf("probing: %w: %s", err, strings.TrimSpace(p.says.String()))
	}
	return seen, decodeErr
}

// probe is the child's work: to send GETs and time them until standard input ends, and print the latencies.
func probe(addr, key, pace string) error {
	number, err := strconv.Atoi(key)
	if err != nil {
		return err
	}
	every, err := time.ParseDuration(pace)
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	w, err := dialWire(context.Background(), addr)
	if err != nil {
		return err
	}
	defer w.close()
	samples, err := probeUntil(w, number, every, ended, func() { fmt.Print(readyLine) })
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(summarize(samples))
}

// probeUntil returns the latency of each GET until ended is closed; the one under way then is waited for. The first is not
// counted: it pays for the connection's start.
func probeUntil(w *wire, key int, every time.Duration, ended <-chan struct{}, ready func()) ([]int64, error) {
	samples := make([]int64, 0, 1<<20)
	var pause <-chan time.Time
	if every > 0 {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		pause = ticker.C
	} else {
		always := make(chan time.Time)
		close(always)
		pause = always
	}
	for first := true; ; first = false {
		began := time.Now()
		w.out = appendGet(w.out, key)
		if err := w.exchange(1); err != nil {
			return nil, err
		}
		if first {
			ready()
		} else {
			samples = append(samples, int64(time.Since(began)))
		}
		select {
		case <-ended:
			return samples, nil
		default:
		}
		<-pause
	}
}
