package main

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	{"node", "node", "bullmq.mjs", "node_modules/bullmq"},
	{"node", "node", "bull.mjs", "node_modules/bull"},
	{"node", "node", "bee-queue.mjs", "node_modules/bee-queue"},
	{"node", "node", "rate-limiter-flexible.mjs", "node_modules/rate-limiter-flexible"},
	{"node", "node", "rate-limit-redis.mjs", "node_modules/rate-limit-redis"},
	{"node", "node", "redlock.mjs", "node_modules/redlock"},
	// Debian's, by their paths: what is called so in PATH may be another, without Debian's packages.
	{"python", "/usr/bin/python3", "rq_check.py", "/usr/lib/python3/dist-packages/rq"},
	{"python", "/usr/bin/python3", "celery_check.py", "/usr/lib/python3/dist-packages/celery"},
	{"ruby", "/usr/bin/ruby", "sidekiq_check.rb", "/usr/bin/sidekiq"},
	{"php", "/usr/bin/php", "session_check.php", "/usr/lib/php/*/redis.so"},
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
			if found, _ := filepath.Glob(needs); len(found) == 0 {
				redistest.Missing(t, needs+" is missing: make clients, or a package that .ci/run installs")
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

// The table of docs/compatibility.md names what is installed: each package of npm and each client of go.mod in its version.
// What it has from Debian CI must install.
func TestClientsAreThoseOfTheTable(t *testing.T) {
	named := tableOfClients(t)
	installed := clientsOfNpm(t)
	maps.Copy(installed, clientsOfGo(t))
	for name, version := range installed {
		if named[name] != version {
			t.Errorf("%s is installed in version %q, and docs/compatibility.md says %q", name, version, named[name])
		}
	}
	script := read(t, "../../.ci/run")
	for name := range named {
		if _, ok := installed[name]; !ok && !strings.Contains(script, " "+name) {
			t.Errorf("docs/compatibility.md names %s, which nobody installs", name)
		}
	}
}

// tableOfClients returns the versions that the table names. Each row must name one, and say a result.
func tableOfClients(t *testing.T) map[string]string {
	_, part, _ := strings.Cut(read(t, compatibility), "\n## Clients and applications\n")
	part, _, _ = strings.Cut(part, "\n## ")
	_, rows, ok := strings.Cut(part, "\n|---|---|---|---|---|\n")
	if !ok {
		t.Fatal("docs/compatibility.md has no table of clients")
	}
	versions := map[string]string{}
	for row := range strings.Lines(rows) {
		cells := strings.Split(row, " | ")
		if !strings.HasPrefix(row, "| ") {
			break
		}
		found := regexp.MustCompile("`([^`]+)` ([0-9][0-9.]*[0-9])").FindAllStringSubmatch(cells[1], -1)
		if len(cells) != 5 || len(found) == 0 || strings.Trim(cells[4], " |\n") == "" {
			t.Errorf("a row lacks something: %s", row)
		}
		for _, pair := range found {
			versions[pair[1]] = pair[2]
		}
	}
	return versions
}

func clientsOfNpm(t *testing.T) map[string]string {
	var manifest struct{ Dependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, "../../clients/node/package.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.Dependencies
}

func clientsOfGo(t *testing.T) map[string]string {
	versions := map[string]string{}
	for _, line := range regexp.MustCompile(`\t(\S+/(?:go-redis|rueidis|redigo|asynq|redsync|limiter)\b\S*) v(\S+)\n`).FindAllStringSubmatch(read(t, "../../go.mod"), -1) {
		versions[line[1]] = line[2]
	}
	if len(versions) != 8 {
		t.Errorf("go.mod has the clients %v", versions)
	}
	return versions
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
