package main

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
)

// wireTo is a wire whose other end answers with these bytes, and what it is sent.
func wireTo(t *testing.T, replies string) (w *wire, sent <-chan string) {
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close() })
	requests := make(chan string, 1)
	go func() {
		go io.WriteString(far, replies)
		received, _ := io.ReadAll(far)
		requests <- string(received)
	}()
	return &wire{conn: near, in: bufio.NewReader(near), out: bufio.NewWriter(near)}, requests
}

func TestWire(t *testing.T) {
	w, sent := wireTo(t, "+OK\r\n$3\r\na\r\n\r\n$-1\r\n:-7\r\n-ERR no\r\n")
	w.send("SET", "k", "")
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []answer{{kind: '+'}, {kind: '$', n: 3}, {kind: '$', n: -1}, {kind: ':', n: -7}, {kind: '-', text: "ERR no"}} {
		if got, err := w.receive(); err != nil || got != want || got.null() != (want.n == -1) {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
	w.close()
	if got, want := <-sent, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestWireDrain(t *testing.T) {
	for replies, want := range map[string]string{
		"+OK\r\n:1\r\n":     "",
		"+OK\r\n-ERR no\r\n": "ERR no",
		"+OK\r\n*1\r\n":      "reply line",
		"+OK\r\n\r\n":        "reply line",
		"+OK\r\n:x\r\n":      "invalid syntax",
	} {
		w, _ := wireTo(t, replies)
		w.send("PING")
		w.send("PING")
		switch err := w.drain(); {
		case want == "" && (err != nil || w.sent != 0):
			t.Errorf("%q: %v, %d replies are missing", replies, err, w.sent)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", replies, err, want)
		}
	}
}
