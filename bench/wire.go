package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// wire is a connection on which commands are sent in pipelines of any depth. It keeps nothing of what it sends or
// receives, so that a load of millions of commands costs this program little beside the server. It is used by one goroutine.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	out  *bufio.Writer
	sent int // commands whose replies have not been read
}

// wireBuffer is the size of either buffer. A pipeline may be longer than it if its replies are short: a server takes in
// requests of a pipeline while it answers earlier ones.
const wireBuffer = 64 << 10

// wireTimeout is for one pipeline; a server that takes longer is taken for dead.
const wireTimeout = time.Minute

func dialWire(ctx context.Context, addr string) (*wire, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, wireBuffer), out: bufio.NewWriterSize(conn, wireBuffer)}, nil
}

func (w *wire) close() { w.conn.Close() }

// send adds a command to the pipeline. An error in writing shows in flush.
func (w *wire) send(args ...string) {
	var head [24]byte
	w.out.Write(append(strconv.AppendInt(append(head[:0], '*'), int64(len(args)), 10), '\r', '\n'))
	for _, arg := range args {
		w.out.Write(append(strconv.AppendInt(append(head[:0], '$'), int64(len(arg)), 10), '\r', '\n'))
		w.out.WriteString(arg)
		w.out.WriteString("\r\n")
	}
	w.sent++
}

// flush sends what the pipeline holds.
func (w *wire) flush() error {
	w.conn.SetDeadline(time.Now().Add(wireTimeout))
	return w.out.Flush()
}

// answer is a reply without its bulk: what a load needs to know.
type answer struct {
	kind byte   // '+', '-', ':' or '$'
	n    int64  // the integer, or the length of the bulk, which is -1 for null
	text string // of an error
}

// null tells a missing value.
func (a answer) null() bool { return a.kind == '$' && a.n < 0 }

// receive reads the next reply.
func (w *wire) receive() (a answer, err error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return a, err
	}
	if len(line) < len("+\r\n") {
		return a, fmt.Errorf("reply line %q", line)
	}
	w.sent--
	body := line[1 : len(line)-2]
	switch a.kind = line[0]; a.kind {
	case '+':
	case '-':
		a.text = string(body)
	case ':':
		a.n, err = strconv.ParseInt(string(body), 10, 64)
	case '$':
		if a.n, err = strconv.ParseInt(string(body), 10, 64); err == nil && a.n >= 0 {
			_, err = w.in.Discard(int(a.n) + 2)
		}
	default:
		err = fmt.Errorf("reply line %q", line)
	}
	return a, err
}

// drain sends the pipeline and reads all replies, none of which may be an error.
func (w *wire) drain() error {
	if err := w.flush(); err != nil {
		return err
	}
	for w.sent > 0 {
		switch a, err := w.receive(); {
		case err != nil:
			return err
		case a.kind == '-':
			return errors.New(a.text)
		}
	}
	return nil
}

// ask sends one command and returns its reply, which may not be an error.
func (w *wire) ask(args ...string) (answer, error) {
	w.send(args...)
	if err := w.flush(); err != nil {
		return answer{}, err
	}
	a, err := w.receive()
	if err == nil && a.kind == '-' {
		err = errors.New(a.text)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return a, err
}

// fillDeep has the server run n commands in pipelines of a thousand.
func (s *server) fillDeep(ctx context.Context, n int, command func(i int) []string) error {
	const depth = 1000
	w, err := dialWire(ctx, s.addr)
	if err != nil {
		return err
	}
	defer w.close()
	for i := range n {
		w.send(command(i)...)
		if w.sent == depth {
			if err := w.drain(); err != nil {
				return err
			}
		}
		if i%(100*depth) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return w.drain()
}
