package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// endless begins a script that never ends, and has written, and returns the connection of its client.
func (p *process) endless() net.Conn {
	p.t.Helper()
	c, err := net.Dial("tcp", "127.0.0.1:"+p.port)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(giveUp))
	fmt.Fprint(c, "EVAL \"redis.call('SET', 'k', 'v') while true do end\" 0\r\n")
	return c
}

// A script that never ends and cannot be killed ends with the process, by SIGTERM or by SHUTDOWN NOSAVE. Until then probes are
// answered.
func TestEndDuringAScript(t *testing.T) {
	for name, end := range map[string]func(p *process){
		"SIGTERM": func(p *process) { p.signals <- syscall.SIGTERM },
		"SIGINT":  func(p *process) { p.signals <- os.Interrupt },
		"SHUTDOWN NOSAVE": func(p *process) {
			c, err := net.Dial("tcp", "127.0.0.1:"+p.port)
			if err != nil {
				p.t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprint(c, "SHUTDOWN\r\nSCRIPT KILL\r\nSHUTDOWN NOSAVE\r\n")
			got, _ := io.ReadAll(c)
			if !strings.HasPrefix(string(got), "-BUSY ") || !strings.Contains(string(got), "\r\n-UNKILLABLE ") || strings.Count(string(got), "\r\n") != 2 {
				p.t.Errorf("got %q", got)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := launch(t, "SNAKE_CACHE_BUSY_REPLY_THRESHOLD=1")
			runner := p.endless()
			p.await("slow script: other clients are told BUSY until it ends or is killed")
			for _, path := range []string{"/livez", "/readyz", "/metrics"} {
				p.answers(path, 200)
			}
			if p.ping() == 0 {
				t.Error("a busy server answers ping as if nothing were")
			}
			end(p)
			if got, _ := io.ReadAll(runner); !strings.HasPrefix(string(got), "-ERR Script ended because the server ends.") {
				t.Errorf("the script answers %q", got)
			}
			if code := p.exit(); code != 0 {
				t.Errorf("exit %d", code)
			}
		})
	}
}

// Without a threshold others wait for a script as long as it takes, but probes do not, and the process ends when its time is over.
func TestEndDuringAScriptOfNoThreshold(t *testing.T) {
	patience := drainTimeout
	drainTimeout = 10 * time.Millisecond
	defer func() { drainTimeout = patience }()
	p := launch(t, "SNAKE_CACHE_BUSY_REPLY_THRESHOLD=0")
	p.endless()
	p.answers("/livez", 200)
	p.signals <- syscall.SIGTERM
	if code := p.exit(); code != 0 {
		t.Errorf("exit %d", code)
	}
}
