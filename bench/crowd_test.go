package main

import (
	"slices"
	"strings"
	"testing"
)

// calls is how often a server says it has run a command.
func calls(t *testing.T, s *server, command string) string {
	text, err := s.rdb.Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	count, _, _ := strings.Cut(strings.TrimPrefix(parseInfo(text)["cmdstat_"+command], "calls="), ",")
	return count
}

// Everything is sent and answered that is counted, neither less nor more.
func TestSessionsAreSentWhole(t *testing.T) {
	p := small(t)
	s, err := p.subject.start(t.Context(), p.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	if err := fillTransactions(t.Context(), s, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := sendTransactions(t.Context(), s, 4, 400); err != nil {
		t.Fatal(err)
	}
	if exec, incr := calls(t, s, "exec"), calls(t, s, "incr"); exec != "400" || incr != "1200" {
		t.Errorf("%s transactions have %s times INCR", exec, incr)
	}
	if err := flushAll(t.Context(), s, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := sendPingPong(t.Context(), s, 1, 1000); err != nil {
		t.Fatal(err)
	}
	size, err := s.rdb.DBSize(t.Context()).Result()
	if pushed := calls(t, s, "lpush"); pushed != "1000" || size != 0 || err != nil {
		t.Errorf("%s jobs are pushed and %d lists left, %v", pushed, size, err)
	}
}

// A server that refuses or that says more than it should would be fast.
func TestCrowdNoticesErrors(t *testing.T) {
	p := small(t)
	s, err := p.subject.start(t.Context(), p.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	for greeting, welcome := range map[string]string{"PING": "+PANG\r\n", "QUIT": "+OK\r\n+OK\r\n"} {
		if c, err := gather(s, 3, appendRequest(nil, greeting), welcome); err == nil {
			c.close()
			t.Errorf("%s is answered %q", greeting, welcome)
		}
	}
	for _, request := range [][]string{{"NOSUCH"}, {"PING", "x"}, {"QUIT"}} {
		c, err := greet(s, 3)
		if err != nil {
			t.Fatal(err)
		}
		say := dialogue{request: func(out []byte, _, _ int) ([]byte, int) { return appendRequest(out, request...), len("+OK\r\n") }}
		if _, err := c.converse(t.Context(), say, 10); err == nil {
			t.Errorf("%s passes for a command that is answered +OK", request)
		}
		c.close()
	}
}

// A feature whose listener the server has dropped is not measured any more, and the table says so.
func TestListeners(t *testing.T) {
	p := small(t)
	s, err := p.subject.start(t.Context(), p.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	f := features[slices.IndexFunc(features, func(f feature) bool { return f.name == "MONITOR" })]
	for _, dropped := range []bool{false, true} {
		l, err := f.listen(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if dropped {
			if err := s.rdb.ClientKillByFilter(t.Context(), "ADDR", l.wire.conn.LocalAddr().String()).Err(); err != nil {
				t.Fatal(err)
			}
			<-l.ended
		}
		if got := l.stop(); got != dropped {
			t.Errorf("that a listener is cut off is %v, want %v", got, dropped)
		}
	}
}
