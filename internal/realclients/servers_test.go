package realclients

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"snakecache/internal/redistest"
)

// giveUp is for how long a test waits for what must come. No test passes or fails by how long it took.
const giveUp = time.Minute

// short is for how long a client waits for what does not come.
const short = 20 * time.Millisecond

// server is what a client is tried on.
type server struct {
	addr  string
	ours  bool
	admin *redis.Client // another client, which looks on and disturbs. It speaks RESP2 and keeps one connection
}

// section is a part of what a client is to do.
type section struct {
	name string
	run  func(t *testing.T, s *server)
}

// ours is a section that a real Redis does not pass, or not without gigabytes.
func ours(name string, run func(*testing.T, *server)) section {
	return section{name, func(t *testing.T, s *server) {
		if !s.ours {
			t.Skip("Redis does not bear this")
		}
		run(t, s)
	}}
}

// each runs the sections against a real Redis, and then against snakecached.
func each(t *testing.T, sections ...section) {
	for _, subject := range []struct {
		name  string
		start func(*testing.T) string
	}{
		{"redis", func(t *testing.T) string { return redistest.Listen(t, "--enable-debug-command", "yes") }},
		{"snakecached", startProgram},
	} {
		t.Run(subject.name, func(t *testing.T) {
			s := &server{addr: subject.start(t), ours: subject.name == "snakecached"}
			s.admin = redis.NewClient(&redis.Options{Addr: s.addr, Protocol: 2, PoolSize: 1, PipelinePoolSize: -1, DisableIdentity: true})
			t.Cleanup(func() { s.admin.Close() })
			for _, section := range sections {
				t.Run(section.name, func(t *testing.T) { section.run(t, s) })
			}
		})
	}
}

// scratch is the directory of the program that is built for the tests.
var scratch string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if scratch, err = os.MkdirTemp("", "realclients"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(scratch)
		return m.Run()
	}())
}

// racing reports whether the tests are built with -race. Then the program is, too: it is the one whose races matter.
func racing() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// program builds snakecached from the working tree, once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "snakecached")
	args := []string{"build", "-o", path}
	if racing() {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "snakecache/cmd/snakecached")...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return path, err
})

// startProgram runs snakecached with its defaults on a free port until the test ends, and returns its address. It must
// then end as it is asked to, with nothing said of a panic or a race.
func startProgram(t *testing.T) string {
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), "SNAKE_CACHE_BIND=127.0.0.1", "SNAKE_CACHE_PORT=0", "SNAKE_CACHE_METRICS_PORT=0")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	log := bufio.NewReader(reader)
	addr, begun := awaitServing(log)
	rest := make(chan string)
	go func() {
		text, _ := io.ReadAll(log)
		reader.Close()
		rest <- string(text)
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		said := begun + <-rest
		if err := cmd.Wait(); err != nil || strings.Contains(said, "panic") || strings.Contains(said, "DATA RACE") {
			t.Errorf("snakecached ended with %v and said\n%s", err, said)
		}
	})
	if addr == "" {
		t.Fatal("snakecached does not serve")
	}
	return addr
}

// serving is the line of the log that names the address.
var serving = regexp.MustCompile(`serving Redis clients.*?(127\.0\.0\.1:[0-9]+)`)

// awaitServing reads the log up to the line with the address, and returns both.
func awaitServing(log *bufio.Reader) (addr, said string) {
	for {
		line, err := log.ReadString('\n')
		said += line
		if found := serving.FindStringSubmatch(line); found != nil {
			return found[1], said
		}
		if err != nil {
			return "", said
		}
	}
}

// await returns when something has come true for which there is no event. Asking takes a round trip, so it does not spin.
func await(t *testing.T, what string, came func() bool) {
	t.Helper()
	failed := t.Failed()
	for end := time.Now().Add(giveUp); !came(); runtime.Gosched() {
		if t.Failed() != failed || time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}

// blocked returns how many clients are blocked.
func (s *server) blocked(t *testing.T) int {
	t.Helper()
	_, rest, _ := strings.Cut(must(t, s.admin.Info(t.Context(), "clients")), "blocked_clients:")
	n, err := strconv.Atoi(rest[:max(strings.Index(rest, "\r\n"), 0)])
	try(t, "blocked_clients", err)
	return n
}

// block calls f, which is to wait for something, in a goroutine of its own, and returns when the server counts a blocked
// client more.
func block[T any](t *testing.T, s *server, f func() (T, error)) <-chan outcome[T] {
	t.Helper()
	before := s.blocked(t)
	ended := begin(f)
	await(t, "a client is blocked", func() bool {
		if len(ended) > 0 {
			t.Fatalf("what was to block gives %v", <-ended)
		}
		return s.blocked(t) == before+1
	})
	return ended
}

// kill cuts the connection with the ID.
func (s *server) kill(t *testing.T, id int64) {
	t.Helper()
	check(t, "CLIENT KILL", must(t, s.admin.ClientKillByFilter(t.Context(), "ID", fmt.Sprint(id))), 1)
}

// killSubscriber cuts the connection that subscribes, once those of earlier sections are gone.
func (s *server) killSubscriber(t *testing.T) {
	t.Helper()
	await(t, "one connection subscribes", func() bool {
		return strings.Count(must(t, s.admin.Do(t.Context(), "CLIENT", "LIST", "TYPE", "pubsub")).(string), "\n") == 1
	})
	check(t, "CLIENT KILL TYPE pubsub", must(t, s.admin.ClientKillByFilter(t.Context(), "TYPE", "pubsub")), 1)
}

// gone returns when the server has ended the connection with the ID, and so has read all that the client sent.
func (s *server) gone(t *testing.T, id int64) {
	t.Helper()
	await(t, "the connection has ended", func() bool {
		return must(t, s.admin.Do(t.Context(), "CLIENT", "LIST", "ID", id)).(string) == ""
	})
}

// must returns a result without its error, which ends the test.
func must[T any](t *testing.T, cmd interface{ Result() (T, error) }) T {
	t.Helper()
	v, err := cmd.Result()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return v
}

// try ends the test if there is an error.
func try(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func check[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// receive takes one value from a channel.
func receive[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v, ok := <-from:
		if !ok {
			t.Fatalf("the end comes instead of %s", what)
		}
		return v
	case <-time.After(giveUp):
		t.Fatalf("%s does not come", what)
	}
	panic("not reached")
}

// outcome is what a function returned.
type outcome[T any] struct {
	value T
	err   error
}

// begin calls f in a goroutine of its own.
func begin[T any](f func() (T, error)) <-chan outcome[T] {
	ended := make(chan outcome[T], 1)
	go func() {
		value, err := f()
		ended <- outcome[T]{value, err}
	}()
	return ended
}
