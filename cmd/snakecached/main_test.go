package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"snakecache/pkg/config"
)

// giveUp is for how long a test waits for what must come. No test passes or fails by how long it took.
const giveUp = 5 * time.Minute

func TestMain(m *testing.M) {
	drainTimeout, pingTimeout = giveUp, giveUp
	os.Exit(m.Run())
}

// call runs the program with these arguments and environment until it ends.
func call(environ []string, args ...string) (code int, stdout, stderr string) {
	var out, complaints bytes.Buffer
	w := world{environ: environ, stdout: &out, stderr: &complaints}
	code = w.run(args)
	return code, out.String(), complaints.String()
}

func TestMistakesAreOneLineAndExit2(t *testing.T) {
	for _, c := range []struct {
		environ, args, line string
	}{
		{"", "--foo", `there is no command or flag "--foo"`},
		{"", "serv", `there is no command or flag "serv"`},
		{"", "serve --port 1", `serve takes no argument, but got "--port"`},
		{"", "version now", `version takes no argument, but got "now"`},
		{"", "ping --foo", "ping: flag provided but not defined: -foo"},
		{"", "ping --port x", `ping: invalid value "x" for flag -port`},
		{"", "ping somewhere", `ping: there is no argument "somewhere"`},
		{"SNAKE_CACHE_PORT=http", "", `SNAKE_CACHE_PORT="http" must be an integer`},
		{"SNAKE_CACHE_MAXMEMORY_POLICY=lru", "serve", "SNAKE_CACHE_MAXMEMORY_POLICY"},
		{"SNAKE_CACHE_PORT=http", "ping", "SNAKE_CACHE_PORT"},
	} {
		code, stdout, stderr := call(strings.Fields(c.environ), strings.Fields(c.args)...)
		if code != exitUsage || stdout != "" || strings.Count(stderr, "\n") != 1 ||
			!strings.HasPrefix(stderr, "snakecached: "+c.line) {
			t.Errorf("%s snakecached %s: exit %d, %q, %q", c.environ, c.args, code, stdout, stderr)
		}
	}
}

func TestHelpShowsEverySetting(t *testing.T) {
	var settings bytes.Buffer
	if err := config.Usage(&settings); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"help", "--help", "-h"} {
		code, stdout, stderr := call(nil, args)
		if code != 0 || stderr != "" || stdout != usage+settings.String() {
			t.Errorf("%s: exit %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

func TestVersion(t *testing.T) {
	if code, stdout, _ := call(nil, "version"); code != 0 || !strings.HasPrefix(stdout, "snakecached "+version+" (") {
		t.Errorf("exit %d, %q", code, stdout)
	}
}

func TestPortInUseIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := portOf(taken.Addr())
	for _, setting := range []string{"SNAKE_CACHE_PORT", "SNAKE_CACHE_METRICS_PORT"} {
		environ := []string{"SNAKE_CACHE_PORT=0", "SNAKE_CACHE_METRICS_PORT=0", fmt.Sprintf("%s=%d", setting, port),
			"SNAKE_CACHE_BIND=127.0.0.1", "SNAKE_CACHE_METRICS_BIND=127.0.0.1"}
		code, _, stderr := call(environ)
		want := fmt.Sprintf("snakecached: %s: cannot listen on 127.0.0.1 port %d: ", setting, port)
		if code != exitFailed || !strings.HasPrefix(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("exit %d, %q", code, stderr)
		}
	}
}

// process is the program serving in this process.
type process struct {
	t       *testing.T
	signals chan os.Signal
	lines   chan []byte // of the log, as JSON; closed when the program has ended
	exited  chan int
	port    string
	metrics string // URL without path
}

// launch starts a server on free ports of the loopback interface.
func launch(t *testing.T, environ ...string) *process {
	log, logTo := io.Pipe()
	p := &process{t: t, signals: make(chan os.Signal, 2), lines: make(chan []byte, 100), exited: make(chan int, 1)}
	go func() {
		defer close(p.lines)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			p.lines <- bytes.Clone(lines.Bytes())
		}
	}()
	environ = append([]string{"SNAKE_CACHE_PORT=0", "SNAKE_CACHE_METRICS_PORT=" + freePort(t), "SNAKE_CACHE_BIND=127.0.0.1",
		"SNAKE_CACHE_METRICS_BIND=127.0.0.1", "SNAKE_CACHE_LOG_FORMAT=json"}, environ...)
	go func() {
		w := world{environ: environ, stdout: io.Discard, stderr: logTo, signals: p.signals}
		code := w.run(nil)
		logTo.Close()
		p.exited <- code
	}()
	_, p.port, _ = net.SplitHostPort(p.await("serving Redis clients")["addresses"])
	p.metrics = strings.TrimSuffix(p.await("serving metrics")["url"], "/metrics")
	return p
}

// freePort returns a port that nobody had a moment ago. It is none of those that the system gives to the connections of
// other tests, of which there are many at the same time.
func freePort(t *testing.T) string {
	for range 1000 {
		port := 20_000 + rand.IntN(10_000)
		if l, err := net.Listen("tcp4", fmt.Sprint("127.0.0.1:", port)); err == nil {
			l.Close()
			return fmt.Sprint(port)
		}
	}
	t.Fatal("no port is free")
	return ""
}

// await reads the log up to the line with this message and returns that line's texts.
func (p *process) await(message string) map[string]string {
	p.t.Helper()
	for text := range p.lines {
		var line map[string]any
		if err := json.Unmarshal(text, &line); err != nil {
			p.t.Fatalf("%q in the log: %v", text, err)
		}
		if line["msg"] != message {
			continue
		}
		texts := map[string]string{}
		for name, value := range line {
			texts[name] = fmt.Sprint(value)
		}
		return texts
	}
	p.t.Fatalf("the log ended without %q", message)
	return nil
}

// exit reads the rest of the log and returns the exit code.
func (p *process) exit() int {
	for range p.lines {
	}
	return <-p.exited
}

func (p *process) ping(environ ...string) int {
	code, _, _ := call(environ, "ping", "-port", p.port)
	return code
}

func (p *process) fetch(path string) (code int, body string) {
	p.t.Helper()
	answer, err := http.Get(p.metrics + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// answers waits until a path answers with this code: on a busy machine the owner may take longer than /livez gives it.
func (p *process) answers(path string, want int) {
	p.t.Helper()
	for end := time.Now().Add(giveUp); ; runtime.Gosched() {
		code, body := p.fetch(path)
		if code == want {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s answers %d: %s", path, code, body)
		}
	}
}

func TestServeUntilASignal(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		p := launch(t)
		for path, want := range map[string]int{"/metrics": 200, "/livez": 200, "/readyz": 200} {
			p.answers(path, want)
		}
		if p.ping() != 0 {
			t.Error("no answer to ping")
		}
		p.signals <- signal
		if code := p.exit(); code != 0 {
			t.Errorf("exit %d after %v", code, signal)
		}
		if p.ping() != exitFailed {
			t.Error("an answer to ping after the end")
		}
	}
}

// SHUTDOWN ends the program as a signal does. Its client gets no reply, but the end of the connection.
func TestServeUntilShutdown(t *testing.T) {
	p := launch(t)
	client, err := net.Dial("tcp", "127.0.0.1:"+p.port)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := io.WriteString(client, "PING\r\nSHUTDOWN NOSAVE\r\nPING\r\n"); err != nil {
		t.Fatal(err)
	}
	replies, err := io.ReadAll(client)
	if err != nil || string(replies) != "+PONG\r\n" {
		t.Errorf("replies %q, %v", replies, err)
	}
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

// What a client sent before the signal is answered, and then the connection ends.
func TestRequestsInFlightAreAnswered(t *testing.T) {
	p := launch(t)
	client, err := net.Dial("tcp", "127.0.0.1:"+p.port)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	const n = 10_000
	if _, err := io.WriteString(client, "PING\r\n"); err != nil {
		t.Fatal(err)
	}
	replies := bufio.NewReader(client)
	if _, err := replies.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(client, strings.Repeat("PING\r\n", n)); err != nil {
		t.Fatal(err)
	}
	p.signals <- syscall.SIGTERM
	rest, err := io.ReadAll(replies)
	if err != nil || string(rest) != strings.Repeat("+PONG\r\n", n) {
		t.Errorf("%d bytes, torn or with an error: %v", len(rest), err)
	}
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

func TestDrainDelayAndSecondSignal(t *testing.T) {
	p := launch(t, "SNAKE_CACHE_DRAIN_DELAY=3600000")
	p.signals <- syscall.SIGTERM
	p.await("draining")
	if code, body := p.fetch("/readyz"); code != 503 {
		t.Errorf("while draining /readyz answers %d: %s", code, body)
	}
	p.answers("/livez", 200)
	if p.ping() != 0 {
		t.Error("while draining no new client is served")
	}
	p.signals <- os.Interrupt
	if code := p.exit(); code != exitFailed {
		t.Errorf("exit %d after a second signal", code)
	}
}

func TestPingWithPassword(t *testing.T) {
	p := launch(t, "SNAKE_CACHE_REQUIREPASS=hunter2")
	defer p.exit()
	defer func() { p.signals <- syscall.SIGTERM }()
	for environ, want := range map[string]int{
		"SNAKE_CACHE_REQUIREPASS=hunter2": 0, "SNAKE_CACHE_REQUIREPASS=guess": exitFailed, "": exitFailed,
	} {
		if got := p.ping(strings.Fields(environ)...); got != want {
			t.Errorf("with %q exit %d, want %d", environ, got, want)
		}
	}
}

func TestConfigSetTakesEffect(t *testing.T) {
	v, _, err := config.Load([]string{"SNAKE_CACHE_PORT=0", "SNAKE_CACHE_BIND=127.0.0.1", "SNAKE_CACHE_METRICS_PORT=0"})
	if err != nil {
		t.Fatal(err)
	}
	s := newService(v, io.Discard)
	if err := s.start(v); err != nil {
		t.Fatal(err)
	}
	defer s.end()
	set := func(name, value string) {
		t.Helper()
		var err error
		s.actor.Do(context.Background(), func() { err = s.live.Set([][2]string{{name, value}}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	address := s.server.Addrs()[0].String()
	if err := pingServer(address, ""); err != nil {
		t.Error(err)
	}
	set("requirepass", "hunter2")
	if err := pingServer(address, ""); err == nil {
		t.Error("a new client needs no password")
	}
	set("maxmemory", "1mb")
	set("loglevel", "warning")
	var limit int64
	s.actor.Do(context.Background(), func() { limit = s.store.MaxMemory() })
	if limit != 1<<20 || s.level.Level() != v.SlogLevel()+4 {
		t.Errorf("maxmemory is %d, the level %v", limit, s.level.Level())
	}
}
