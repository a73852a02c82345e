package main

import (
	"io"
	"net"
	"slices"
	"strings"
	"testing"
)

func TestOnlyAFullRunWritesUnasked(t *testing.T) {
	for args, want := range map[string]string{
		"":                                 defaultReport,
		"-rounds 7":                        defaultReport,
		"-o other.md":                      "other.md",
		"-rounds 3":                        "",
		"-pipelines 1":                     "",
		"-commands GET,SET":                "",
		"-suite types -mixes HSET":         "",
		"-seconds 0.1":                     "",
		"-n 1000":                          "",
		"-server x":                        "",
		"-against x":                       "",
		"-idle 100":                        "",
		"-pipelines 1 -o docs/quick.md":    "docs/quick.md",
		"-commands set,get,incr -rounds 9": "",
	} {
		opts, err := parseFlags(strings.Fields(args), io.Discard)
		if err != nil || opts.out != want {
			t.Errorf("%q writes %q, %v; want %q", args, opts.out, err, want)
		}
	}
}

func TestFlags(t *testing.T) {
	opts, err := parseFlags([]string{"-pipelines", "1, 8", "-commands", "get,lrange_100"}, io.Discard)
	if err != nil || !slices.Equal(opts.pipelines, []int{1, 8}) || len(opts.workloads) != 2 || opts.workloads[1].name != "LRANGE_100" {
		t.Errorf("got %+v, %v", opts, err)
	}
	for _, args := range []string{
		"-pipelines 0", "-pipelines x", "-pipelines 1,", "-commands FOO", "-mixes FOO", "-rounds 0", "-seconds 0", "-n -1", "-idle -1", "-x", "more",
	} {
		if _, err := parseFlags(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

func TestMachine(t *testing.T) {
	if got := cpuModel("processor\t: 0\nmodel name\t: Some CPU: fast @ 2GHz\nmodel name\t: other\n"); got != "Some CPU: fast @ 2GHz" {
		t.Errorf("CPU model %q", got)
	}
	if got := loadAverage("0.76 0.30 0.11 2/87 3423\n"); got != "0.76 0.30 0.11" {
		t.Errorf("load average %q", got)
	}
	got := tuning([]string{"PATH=/bin", "GOGC=50", "SNAKE_CACHE_DATABASES=1", "SNAKE_CACHE_REQUIREPASS=secret", "GOMAXPROCS=1"})
	if want := []string{"GOGC=50", "SNAKE_CACHE_DATABASES=1", "GOMAXPROCS=1"}; !slices.Equal(got, want) {
		t.Errorf("environment %v, want %v", got, want)
	}
}

// answering is the address of a server that gives every connection's first request the same answer.
func answering(t *testing.T, answer string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.ReadFull(conn, make([]byte, len("*1\r\n$4\r\nPING\r\n")))
			io.WriteString(conn, answer)
			conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestDialAndPing(t *testing.T) {
	conn, err := dialAndPing(answering(t, "+PONG\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	for _, answer := range []string{"", "+PO", "-ERR max number of clients reached\r\n"} {
		if conn, err := dialAndPing(answering(t, answer)); err == nil {
			conn.Close()
			t.Errorf("answer %q is taken for a PONG", answer)
		}
	}
}
