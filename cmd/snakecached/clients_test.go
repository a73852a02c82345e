package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/config"
)

// clients are programs that drive real clients, and real applications, in the languages of their users. Each is told a
// server, empties it, prints a line per check, and exits with 1 if one failed. They run as well against a real Redis.
var clients = []struct{ directory, interpreter, program, needs string }{
	{"node", "node", "ioredis.mjs", "node_modules/ioredis"},
	{"node", "node", "node-redis.mjs", "node_modules/redis"},
	{"node", "node", "express-session.mjs", "node_modules/connect-redis"},
	{"node", "node", "socket.io.mjs", "node_modules/socket.io"},
	{"node", "node", "keyv.mjs", "node_modules/@keyv/redis"},
	{"rq", "/usr/bin/python3", "check.py", "/usr/lib/python3/dist-packages/rq"}, // Debian's: python3 in the path may be another
}

// The whole program serves them, in this process, by the system's clock and with the defaults of its settings.
func TestClients(t *testing.T) {
	for _, c := range clients {
		t.Run(strings.TrimSuffix(c.program, filepath.Ext(c.program))+" in "+c.directory, func(t *testing.T) {
			directory := filepath.Join("../../clients", c.directory)
			interpreter, err := exec.LookPath(c.interpreter)
			if err != nil {
				redistest.Missing(t, c.interpreter+" is not installed")
			}
			needs := c.needs
			if !filepath.IsAbs(needs) {
				needs = filepath.Join(directory, needs)
			}
			if _, err := os.Stat(needs); err != nil {
				redistest.Missing(t, needs+" is missing: make clients")
			}
			if _, err := os.ReadDir(directory); err != nil { // which also tells go test that a change there is a reason to run again
				t.Fatal(err)
			}
			t.Parallel()
			host, port, _ := net.SplitHostPort(serveByDefaults(t))
			cmd := exec.CommandContext(t.Context(), interpreter, c.program)
			cmd.Dir = directory
			cmd.Env = append(os.Environ(), "REDIS_HOST="+host, "REDIS_PORT="+port, "PYTHONDONTWRITEBYTECODE=1")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "ok ") || strings.Contains(string(out), "\nskipped ") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// serveByDefaults runs a server on a free port until the test ends, and returns its address.
func serveByDefaults(t *testing.T) string {
	v, _, err := config.Load([]string{"SNAKE_CACHE_PORT=0", "SNAKE_CACHE_BIND=127.0.0.1", "SNAKE_CACHE_METRICS_PORT=0"})
	if err != nil {
		t.Fatal(err)
	}
	s := newService(v, io.Discard)
	if err := s.start(v); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	return s.server.Addrs()[0].String()
}
