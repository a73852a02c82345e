package main

import (
	"bufio"
	"io"
	"net"
	"testing"
)

// wireTo is a wire whose other end answers with these bytes, and what it was sent once the wire is closed.
func wireTo(t *testing.T, replies string) (w *wire, sent <-chan string) {
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close() })
	requests := make(chan string, 1)
	go func() {
		go io.WriteString(far, replies)
		received, _ := io.ReadAll(far)
		requests <- string(received)
	}()
	return &wire{conn: near, in: bufio.NewReader(near)}, requests
}

func TestAsk(t *testing.T) {
	w, sent := wireTo(t, "+OK\r\n:-7\r\n-ERR no\r\n$3\r\na\r\n\r\n$-1\r\n$0\r\n\r\n+OK\r\n:x\r\n")
	if err := w.do("SET", "k", ""); err != nil {
		t.Error(err)
	}
	if n, err := w.integer("DBSIZE"); n != -7 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if err := w.do("X"); err == nil || err.Error() != "ERR no" {
		t.Errorf("an error reply is %v", err)
	}
	for i, want := range []bool{true, false, true} {
		if found, err := w.found(); found != want || err != nil {
			t.Errorf("value %d: found is %v, %v", i, found, err)
		}
	}
	if _, err := w.found(); err == nil {
		t.Error("a status is taken for a value")
	}
	if n, err := w.integer("X"); err == nil {
		t.Errorf("x is taken for %d", n)
	}
	w.close()
	want := "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n*1\r\n$6\r\nDBSIZE\r\n*1\r\n$1\r\nX\r\n*1\r\n$1\r\nX\r\n"
	if got := <-sent; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
}
