// Package redistest runs a real redis-server beside a test, as the oracle of
// what Redis answers.
package redistest

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// patience is for how long a busy machine may take for a reply. The client would
// send a request again that it takes for lost.
const patience = 5 * time.Minute

// Start runs an empty redis-server on a unix socket until the test ends, and
// returns a RESP2 client of it. args are appended to its command line. Where
// redis-server is not installed the test is skipped.
func Start(t testing.TB, args ...string) *redis.Client {
	t.Helper()
	// t.TempDir names its directory after the test, and a socket's path must
	// stay under 108 bytes.
	dir, err := os.MkdirTemp("", "redistest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })

	socket := filepath.Join(dir, "socket")
	run(t, append([]string{"--port", "0", "--unixsocket", socket, "--dir", dir}, args...)...)
	client := redis.NewClient(&redis.Options{
		Network: "unix", Addr: socket, Protocol: 2, DisableIdentity: true,
		DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience,
	})
	t.Cleanup(func() { client.Close() })
	return client
}

// Listen runs an empty redis-server on a port of the loopback interface until
// the test ends, and returns its address. args are appended to its command
// line. Where redis-server is not installed the test is skipped.
func Listen(t testing.TB, args ...string) string {
	t.Helper()
	addr := freeAddr(t)
	host, port, _ := net.SplitHostPort(addr)
	run(t, append([]string{"--bind", host, "--port", port, "--dir", t.TempDir()}, args...)...)
	return addr
}

// Missing skips a test that needs what is not installed. Where CI is set, and so
// everything must be there, it fails the test instead.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// freeAddr returns an address that nobody had a moment ago.
func freeAddr(t testing.TB) string {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// run runs a redis-server until the test ends.
func run(t testing.TB, args ...string) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		Missing(t, "redis-server is not installed: nothing to compare with")
	}
	cmd := exec.Command(program, append([]string{"--save", "", "--daemonize", "no"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	awaitReady(t, out)
}

// awaitReady reads the log up to the line that says that connections are
// accepted, and lets the rest of it go by, lest a full pipe stop the server.
func awaitReady(t testing.TB, log io.Reader) {
	t.Helper()
	var seen strings.Builder
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		seen.WriteString(lines.Text() + "\n")
		if strings.Contains(strings.ToLower(lines.Text()), "ready to accept connections") {
			go io.Copy(io.Discard, log)
			return
		}
	}
	t.Fatalf("redis-server did not start:\n%s", seen.String())
}
