package commands_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// A real Redis of version 7.0 has no MAXAGE, and none that a transcript is recorded from has only the clients that
// the transcript knows of: how many were killed is therefore asked here.
func TestClientKill(t *testing.T) {
	for _, test := range []struct {
		name   string
		filter string
		killed [3]bool // the caller, one as old as it, one that is younger
	}{
		{"none so old", "MAXAGE 11", [3]bool{}},
		{"as old", "MAXAGE 10", [3]bool{false, true, false}},
		{"as old or the caller", "MAXAGE 10 SKIPME no", [3]bool{true, true, false}},
		{"all others", "TYPE normal USER default SKIPME yes", [3]bool{false, true, true}},
		{"all", "SKIPME no", [3]bool{true, true, true}},
		{"the last word counts", "SKIPME no SKIPME yes MAXAGE 11", [3]bool{}},
		{"one", "ID YOUNGEST", [3]bool{false, false, true}},
		{"one that is old enough", "ID YOUNGEST MAXAGE 5", [3]bool{}},
		{"by address", "ADDR 127.0.0.1:50000 LADDR 127.0.0.1:6379", [3]bool{false, true, true}},
		{"by another address", "ADDR 127.0.0.1:50000 LADDR 127.0.0.1:6380", [3]bool{}},
		{"by address alone", "127.0.0.1:50000", [3]bool{true, true, true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := startEngine(t)
			caller, peer := connect(e), connect(e)
			e.Advance(10 * time.Second)
			youngest := connect(e)
			filter := strings.ReplaceAll(test.filter, "YOUNGEST", youngest.Do("CLIENT", "ID").String()[1:])
			reply := caller.Do(append([]string{"CLIENT", "KILL"}, strings.Fields(filter)...)...)
			killed := 0
			for i, c := range []*actortest.Client{caller, peer, youngest} {
				if c.Closed() != test.killed[i] {
					t.Errorf("client %d: killed %v, wanted %v", i, c.Closed(), test.killed[i])
				}
				if test.killed[i] {
					killed++
				}
			}
			if reply.Type == ':' && reply.Int != int64(killed) {
				t.Errorf("the reply is %v, %d were killed", reply, killed)
			}
		})
	}
}

// connect returns a client that the engine has seen.
func connect(e *actortest.Engine) *actortest.Client {
	c := e.Connect(proto.RESP2)
	c.Do("PING")
	return c
}

// A killed client is in no list, although its connection has not ended yet.
func TestKilledClientIsGone(t *testing.T) {
	e := startEngine(t)
	a, b := connect(e), connect(e)
	idA, idB := a.Do("CLIENT", "ID").String()[1:], b.Do("CLIENT", "ID").String()[1:]
	a.Do("CLIENT", "KILL", "ID", idB)
	for _, request := range [][]string{{"CLIENT", "LIST"}, {"CLIENT", "LIST", "ID", idB, idA}} {
		if list := a.Do(request...).Text; strings.Count(list, "\n") != 1 || !strings.HasPrefix(list, "id="+idA+" ") {
			t.Errorf("%v says %q", request, list)
		}
	}
	if n := a.Do("CLIENT", "KILL", "SKIPME", "yes").Int; n != 0 {
		t.Errorf("%d clients were killed twice", n)
	}
	if !b.Closed() {
		t.Error("the client was not killed")
	}
}

func TestClientListByID(t *testing.T) {
	e := startEngine(t)
	a, b := connect(e), connect(e)
	idA, idB := a.Do("CLIENT", "ID").String()[1:], b.Do("CLIENT", "ID").String()[1:]
	lines := strings.Split(a.Do("CLIENT", "LIST", "ID", idB, idA, idB, "77", "-1").Text, "\n")
	wanted := []string{"id=" + idB + " ", "id=" + idA + " ", "id=" + idB + " ", ""}
	if !slices.EqualFunc(lines, wanted, strings.HasPrefix) {
		t.Errorf("wanted lines that begin with %q, got %q", wanted, lines)
	}
}

// Nothing that people paste into a ticket has the password in it.
func TestPasswordIsNotShown(t *testing.T) {
	const password = "correct-horse-battery"
	for _, dialect := range dialects {
		c := startEngine(t).Connect(dialect)
		for _, request := range [][]string{
			{"CONFIG", "SET", "requirepass", password}, {"AUTH", "wrong-" + password}, {"AUTH", password},
			{"HELLO", "3", "AUTH", "default", password}, {"HELLO", "3", password},
		} {
			c.Do(request...)
		}
		for _, request := range [][]string{{"INFO", "everything"}, {"CLIENT", "LIST"}, {"CLIENT", "INFO"}} {
			if reply := c.Do(request...); strings.Contains(reply.String(), password) || reply.IsError() {
				t.Errorf("%v says %v", request, reply)
			}
		}
	}
}
