package commands_test

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"snakecache/pkg/proto"
)

const (
	replyTimeout = 5 * time.Minute        // for a machine that is busy with other things; no test goes by how long a reply takes
	lateReply    = 250 * time.Millisecond // after which nothing more is expected to come
	longestReply = 64 << 20               // bytes of one string
)

// recordTranscript plays a transcript to a real Redis in both dialects and writes what that answers into the file.
func recordTranscript(t *testing.T, script *transcript, addr string) {
	replies := map[int][][]string{}
	for _, dialect := range dialects {
		replies[dialect] = hear(t, script, addr, dialect)
	}
	for i, s := range script.steps {
		switch resp2, resp3 := replies[2][i], replies[3][i]; {
		case s.request == "":
		case s.differs:
			if s.fits(2, resp2) && s.fits(3, resp3) {
				t.Errorf("%s:%d: @differs, but this is what the server at %s says", script.path, s.requestLine(), addr)
			}
		case s.match:
			for _, dialect := range dialects {
				if !s.fits(dialect, replies[dialect][i]) {
					t.Error("recording: " + s.mismatch(script, dialect, replies[dialect][i]))
				}
			}
		default:
			s.reply = mergeReplies(resp2, resp3)
		}
	}
	if err := os.WriteFile(script.path, []byte(script.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// String is the transcript's file.
func (t *transcript) String() string {
	var out strings.Builder
	write := func(lines ...string) {
		for _, line := range lines {
			out.WriteString(line + "\n")
		}
	}
	for _, s := range t.steps {
		write(s.above...)
		if s.request != "" {
			write(s.request)
		}
		if s.matchLine {
			write("@match")
		}
		write(s.reply...)
	}
	return out.String()
}

// mergeReplies says what is the same in both dialects once, line by line if there are as many lines of both.
func mergeReplies(resp2, resp3 []string) (merged []string) {
	if slices.Equal(resp2, resp3) {
		return resp2
	}
	if len(resp2) != len(resp3) {
		return append(prefixed("2| ", resp2), prefixed("3| ", resp3)...)
	}
	for i := 0; i < len(resp2); {
		if resp2[i] == resp3[i] {
			merged = append(merged, resp2[i])
			i++
			continue
		}
		from := i
		for i < len(resp2) && resp2[i] != resp3[i] {
			i++
		}
		merged = append(append(merged, prefixed("2| ", resp2[from:i])...), prefixed("3| ", resp3[from:i])...)
	}
	return merged
}

func prefixed(prefix string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = prefix + line
	}
	return out
}

// hear returns what the server at addr replies to each step.
func hear(t *testing.T, script *transcript, addr string, dialect int) [][]string {
	control := dial(t, addr, proto.RESP2)
	control.must("FLUSHALL")
	control.must("CONFIG", "RESETSTAT")
	control.must("SCRIPT", "FLUSH")
	control.must("FUNCTION", "FLUSH")
	clients := map[byte]*remote{}
	defer func() {
		for _, c := range clients {
			c.conn.Close()
		}
		control.conn.Close()
	}()
	replies := make([][]string, len(script.steps))
	for i, s := range script.steps {
		if s.advance > 0 {
			<-time.After(s.advance) // the real server's time is not ours to move
		}
		if s.request == "" {
			continue
		}
		if clients[s.client] == nil {
			clients[s.client] = dial(t, addr, dialect)
		}
		var closed bool
		if replies[i], closed = clients[s.client].ask(s); closed {
			clients[s.client].conn.Close()
			delete(clients, s.client)
		}
	}
	return replies
}

// remote is a connection to a real server.
type remote struct {
	t      *testing.T
	conn   net.Conn
	values *proto.ValueReader
}

func dial(t *testing.T, addr string, dialect int) *remote {
	network := "tcp"
	if strings.HasPrefix(addr, "/") {
		network = "unix"
	}
	conn, err := net.DialTimeout(network, addr, replyTimeout)
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{t, conn, proto.NewValueReader(conn, longestReply)}
	if dialect == proto.RESP3 {
		r.must("HELLO", "3")
	}
	return r
}

// must sends a request that the server must not refuse, and returns the reply.
func (r *remote) must(words ...string) proto.Value {
	r.t.Helper()
	r.conn.SetDeadline(time.Now().Add(replyTimeout))
	r.conn.Write(proto.AppendCommand(nil, words...))
	reply, err := r.values.Read()
	if err != nil || reply.IsError() {
		r.t.Fatalf("%q at %s: %v %v", words, r.conn.RemoteAddr(), reply, err)
	}
	return reply
}

// ask sends a step's request, if it has one, and renders what comes back. Whether a server closes the connection behind a
// reply, or says nothing, can only be known by waiting, which it does where the transcript says so.
func (r *remote) ask(s *step) (lines []string, closed bool) {
	var values []proto.Value
	r.conn.SetDeadline(time.Now().Add(replyTimeout))
	if s.words != nil {
		r.conn.Write(proto.AppendCommand(nil, s.words...))
	}
	if s.words == nil || s.wants("@nothing") {
		r.conn.SetDeadline(time.Now().Add(lateReply))
	}
	for {
		next, err := r.values.Read()
		switch {
		case err == nil && (s.words == nil || len(values) == 0):
			if values = append(values, next); s.words != nil && !s.wants("@closed") {
				return s.render(values, false), false
			}
		case errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE):
			return s.render(values, true), true
		case errors.Is(err, os.ErrDeadlineExceeded) && (s.words == nil || s.wants("@nothing")):
			return s.render(values, false), false
		default:
			r.t.Fatalf("%s: %v %v", s.request, next, err)
		}
	}
}
