package realclients

import (
	"encoding/json"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"snakecache/internal/redistest"
)

// The system's own Python is tried first, because the one in the path may be another, without Debian's packages.
var pythons = []string{"/usr/bin/python3", "python3"}

// The sections of testdata/redispy.py are run in one process; each is a test here.
func TestRedisPy(t *testing.T) {
	i := slices.IndexFunc(pythons, func(python string) bool { return exec.Command(python, "-c", "import redis").Run() == nil })
	if i < 0 {
		redistest.Missing(t, "no Python here has the package redis, Debian's python3-redis")
	}
	each(t, section{"sections", func(t *testing.T, s *server) {
		host, port, _ := net.SplitHostPort(s.addr)
		cmd := exec.CommandContext(t.Context(), pythons[i], "testdata/redispy.py", host, port)
		said, err := cmd.CombinedOutput()
		lines := strings.Split(strings.TrimSpace(string(said)), "\n")
		if err != nil || len(lines) < 15 {
			t.Errorf("%v with %s", err, said)
		}
		for _, line := range lines {
			name, verdict, _ := strings.Cut(line, "\t")
			t.Run(name, func(t *testing.T) {
				if verdict != "ok" {
					var trace string
					json.Unmarshal([]byte(verdict), &trace)
					t.Errorf("%s%s", line[:len(line)-len(verdict)], trace)
				}
			})
		}
	}})
}
