package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// How long a server may take to answer its first PING, and to stop after SIGTERM before it is killed.
const (
	startTimeout = 10 * time.Second
	stopTimeout  = 10 * time.Second
)

// program is something that can be started as a server on a port.
type program struct {
	label   string // the name in the report
	version string
	path    string
	command func(path string, port int) *exec.Cmd
}

// server is a running program and a client for preparing its data. It is used by one goroutine.
type server struct {
	program
	addr   string
	port   int
	cmd    *exec.Cmd
	log    string        // the file that takes the server's output
	exited chan struct{} // closed by the goroutine that waits for the process
	rdb    *redis.Client
}

// programs resolves the options to the measured program and the one it is measured against, building where needed.
func programs(ctx context.Context, opts options, dir string) (subject, reference program, err error) {
	if err := requireRedis(opts.against == ""); err != nil {
		return subject, reference, err
	}
	if opts.server != "" {
		subject, err = readyBinary("snakecached", opts.server)
	} else {
		subject, err = build(ctx, filepath.Join(dir, "snakecached"))
	}
	if err != nil {
		return subject, reference, err
	}
	if opts.against != "" {
		reference, err = readyBinary("other build", opts.against)
		return subject, reference, err
	}
	return subject, program{"redis-server", redisVersion(), "redis-server", redisServer}, nil
}

// requireRedis looks for the programs of Redis before anything is built or started.
func requireRedis(server bool) error {
	packages := map[string]string{"redis-benchmark": "redis-tools"}
	if server {
		packages["redis-server"] = "redis-server"
	}
	for _, tool := range slices.Sorted(maps.Keys(packages)) {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s is not on the PATH; Debian and Ubuntu have it in the package %s", tool, packages[tool])
		}
	}
	return nil
}

// readyBinary is a snakecached somebody has built. The path is made absolute, for servers run in another directory.
func readyBinary(label, path string) (program, error) {
	absolute, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(absolute)
	}
	return program{label, binaryVersion(absolute), absolute, snakecached}, err
}

// build makes snakecached from the working tree.
func build(ctx context.Context, output string) (program, error) {
	progress("building snakecached")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", output, "snakecache/cmd/snakecached").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("building snakecached: %w\n%s", err, out)
	}
	return program{"snakecached", workingTreeVersion(), output, snakecached}, err
}

// snakecached is configured by its environment. What the caller has set there besides stays, so that a setting such as
// GOMAXPROCS can be tried; the report names it.
func snakecached(path string, port int) *exec.Cmd {
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(),
		"SNAKE_CACHE_BIND=127.0.0.1",
		"SNAKE_CACHE_PORT="+strconv.Itoa(port),
		"SNAKE_CACHE_METRICS_PORT=0",
		"SNAKE_CACHE_MAX_CLIENTS=10000",
	)
	return cmd
}

// with returns the program with more variables in its environment.
func (p program) with(variables ...string) program {
	command := p.command
	p.command = func(path string, port int) *exec.Cmd {
		cmd := command(path, port)
		cmd.Env = append(cmd.Environ(), variables...)
		return cmd
	}
	return p
}

// redisServer is Redis as a cache: its defaults without persistence.
func redisServer(path string, port int) *exec.Cmd {
	return exec.Command(path, "--bind", "127.0.0.1", "--port", strconv.Itoa(port),
		"--save", "", "--appendonly", "no", "--daemonize", "no")
}

// start runs the program on a free loopback port and returns when it answers PING. The caller stops it. Its output goes
// to a file in dir, which is its working directory too: whatever it might write is gone with the run.
func (p program) start(ctx context.Context, dir string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.CreateTemp(dir, "server-*.log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s := &server{program: p, port: port, addr: fmt.Sprintf("127.0.0.1:%d", port), log: log.Name(), exited: make(chan struct{})}
	s.cmd = p.command(p.path, port)
	s.cmd.Dir = dir
	s.cmd.Stdout, s.cmd.Stderr = log, log
	// A group of its own: Ctrl-C reaches this program alone, which then stops the servers in order.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.label, err)
	}
	go func() {
		s.cmd.Wait() // the status of a stopped server says nothing; one that ended early is told by its log
		close(s.exited)
	}()
	// One connection in the oldest dialect, with no optional greetings: a server is asked for no more than the load needs.
	s.rdb = redis.NewClient(&redis.Options{
		Addr: s.addr, Protocol: 2, PoolSize: 1, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	if err := s.awaitPing(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// freePort asks the kernel for a port nobody listens on. Another process may take it before the server does; the
// server then ends at once and says why.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// awaitPing waits for the first PONG. It dials by hand: go-redis would log each refused attempt.
func (s *server) awaitPing(ctx context.Context) error {
	deadline := time.After(startTimeout)
	for {
		if conn, err := net.Dial("tcp", s.addr); err == nil {
			conn.Close()
			return s.failure("PING", s.rdb.Ping(ctx).Err())
		}
		select {
		case <-s.exited:
			return s.failure("start", errors.New("the server ended"))
		case <-deadline:
			return s.failure("start", errors.New("no answer in time"))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// startBoth starts one server of each program and returns what stops them. Both stay up all the time; the one that is not
// loaded holds only its data.
func startBoth(ctx context.Context, dir string, subject, reference program) (ours, theirs *server, stop func(), err error) {
	if ours, err = subject.start(ctx, dir); err != nil {
		return nil, nil, nil, err
	}
	if theirs, err = reference.start(ctx, dir); err != nil {
		ours.stop()
		return nil, nil, nil, err
	}
	return ours, theirs, func() { theirs.stop(); ours.stop() }, nil
}

// inTurn calls f for each server in the order of the round: A B, B A, A B, …, so that a drift of the machine's speed
// favours neither.
func inTurn(round int, ours, theirs *server, f func(*server) error) error {
	first, second := ours, theirs
	if round%2 == 1 {
		first, second = theirs, ours
	}
	if err := f(first); err != nil {
		return err
	}
	return f(second)
}

// settled waits until the server has nothing left to do. One that is busy without end is left to that after limit.
func (s *server) settled(ctx context.Context, limit time.Duration) error {
	_, err := settle(ctx, limit, 2*clockTick, 2, 0, func() (int64, error) {
		used, err := cpuTime(s.cmd.Process.Pid)
		return int64(used), err
	})
	return s.failure("waiting for idleness", err)
}

// stop ends the server by SIGTERM and waits for it, so that nothing runs beside the next measurement.
func (s *server) stop() {
	s.rdb.Close()
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(stopTimeout):
		progress("%s did not stop on SIGTERM and is killed", s.label)
		s.cmd.Process.Kill()
		<-s.exited
	}
}

// failure wraps err with the server's name and the end of its log; nil stays nil.
func (s *server) failure(what string, err error) error {
	if err == nil {
		return nil
	}
	log, _ := os.ReadFile(s.log)
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	tail := strings.Join(lines[max(0, len(lines)-5):], "\n")
	return fmt.Errorf("%s: %s: %w\n%s", s.label, what, err, tail)
}
