package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// wire is a connection that speaks RESP2 with as little work as possible: a client's own cost is part of every latency it
// sees, and a load is to be limited by the server. Requests are appended to out and go in one write.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

// wireTimeout is how long a server may take for one pipeline before the run is given up.
const wireTimeout = time.Minute

func dialWire(ctx context.Context, addr string) (*wire, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

func (w *wire) close() { w.conn.Close() }

// exchange sends what out holds, n requests, and reads their replies. An error reply is an error.
func (w *wire) exchange(n int) error {
	if err := w.send(); err != nil {
		return err
	}
	for range n {
		if err := w.skip(); err != nil {
			return err
		}
	}
	return nil
}

// send writes what out holds. It must be so little that it and the replies to it fit the sockets' buffers.
func (w *wire) send() error {
	if err := w.conn.SetDeadline(time.Now().Add(wireTimeout)); err != nil {
		return err
	}
	_, err := w.conn.Write(w.out)
	w.out = w.out[:0]
	return err
}

// skip reads one reply and forgets it.
func (w *wire) skip() error {
	kind, text, err := w.line()
	if err != nil {
		return err
	}
	switch kind {
	case '$':
		return w.discard(text)
	case '*':
		_, err = w.elements(text)
	}
	return err
}

// array reads an array, forgets what is in it, and returns how many elements it had.
func (w *wire) array() (n int, err error) {
	kind, text, err := w.line()
	if err != nil {
		return 0, err
	}
	if kind != '*' {
		return 0, fmt.Errorf("a reply begins %c%s, not an array", kind, text)
	}
	return w.elements(text)
}

// elements skips so many replies and returns their number.
func (w *wire) elements(length []byte) (n int, err error) {
	if n, err = strconv.Atoi(string(length)); err != nil {
		return 0, err
	}
	for range n {
		if err := w.skip(); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// discard skips the bytes of a bulk string behind its length.
func (w *wire) discard(length []byte) error {
	n, err := strconv.Atoi(string(length))
	if err != nil || n < 0 {
		return err
	}
	_, err = w.in.Discard(n + len("\r\n"))
	return err
}

// bulk reads a bulk string, which is good until the next reply is read.
func (w *wire) bulk() ([]byte, error) {
	kind, text, err := w.line()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(string(text))
	if kind != '$' || err != nil || n < 0 {
		return nil, fmt.Errorf("a reply begins %c%s, not a bulk string", kind, text)
	}
	content := make([]byte, n+len("\r\n"))
	_, err = io.ReadFull(w.in, content)
	return content[:n], err
}

// line reads a reply's first line: its type and what follows.
func (w *wire) line() (kind byte, text []byte, err error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	line = bytes.TrimSuffix(line, []byte("\r\n"))
	switch {
	case len(line) == 0:
		return 0, nil, errors.New("a reply has no type")
	case line[0] == '-':
		return 0, nil, errors.New(string(line[1:]))
	}
	return line[0], line[1:], nil
}

// appendRequest appends a request as an array of bulk strings.
func appendRequest(out []byte, args ...string) []byte {
	out = append(out, '*')
	out = strconv.AppendInt(out, int64(len(args)), 10)
	out = append(out, '\r', '\n')
	for _, arg := range args {
		out = append(out, '$')
		out = strconv.AppendInt(out, int64(len(arg)), 10)
		out = append(out, '\r', '\n')
		out = append(out, arg...)
		out = append(out, '\r', '\n')
	}
	return out
}
