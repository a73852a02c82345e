package actor_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
	"snakecache/pkg/script"
)

const (
	threshold = 100 * time.Millisecond // of the engines of these tests
	busyReply = "-" + string(proto.ErrBusyScript) + "\r\n"
)

// scripted is an engine with the command "run", which is a script written in Go: what it does is up to the test.
type scripted struct {
	*actortest.Engine
	t    *testing.T
	body func(s *actor.Script, c *actor.Call, r *proto.Reply)
	what actor.Script
}

func startScripted(t *testing.T, body func(s *actor.Script, c *actor.Call, r *proto.Reply)) *scripted {
	e := &scripted{t: t, body: body}
	rows := append(waitRows(),
		row("run", func(c *actor.Call) error {
			reply := c.Reply // which is that of a command for the script later on
			s := c.EnterScript(e.what)
			defer s.Leave()
			e.body(s, c, reply)
			return nil
		}),
		row("select", func(c *actor.Call) error {
			c.Select(int(c.Args[1][0] - '0'))
			c.Reply.OK()
			return nil
		}),
		row("write", func(c *actor.Call) error {
			c.Reply.OK()
			return nil
		}),
		row("kill", func(c *actor.Call) error {
			if c.Script() == nil {
				return proto.ErrScriptNotBusy
			}
			if err := c.Script().Kill(len(c.Args) > 1); err != nil {
				return err
			}
			c.Reply.OK()
			return nil
		}),
		row("panic", func(c *actor.Call) error { panic("on purpose") }))
	for i := range rows {
		switch rows[i].Name {
		case "write":
			rows[i].Flags = actor.Write
		case "kill":
			rows[i].Flags = actor.AllowBusy
		}
	}
	e.Engine = actortest.Start(t, actortest.Options{Table: mustTable(t, rows...), Bounds: actor.Bounds{BusyReply: int64(threshold)}})
	return e
}

// run has a new client run the script, and returns what it gets.
func (e *scripted) run() string { return string(e.Connect(proto.RESP2).Send(args("run"))) }

// await returns when so many messages wait in the mailbox. It is for the owner's goroutine, which keeps them there.
func (e *scripted) await(n int) {
	for e.Waiting() < n {
		runtime.Gosched()
	}
}

// do runs a command for the script and returns the reply.
func do(s *actor.Script, words ...string) string {
	reply, _ := s.Do(args(words...), proto.RESP2).Bytes()
	return string(reply)
}

// Others are answered from the threshold on and not before, at most once in a millisecond, and once again in order when the
// script is over.
func TestScriptIsBusyFromThresholdOn(t *testing.T) {
	var e *scripted
	var replies <-chan string
	answered := func() string {
		select {
		case reply := <-replies:
			return reply
		default:
			return ""
		}
	}
	e = startScripted(t, func(s *actor.Script, c *actor.Call, r *proto.Reply) {
		other := e.Connect(proto.RESP2)
		replies = submit(e.Engine, other, 2, args("ping"), args("take", "k", "take")) // Attach is a message, too
		s.Attend()
		e.Clock.Sleep(threshold - 1)
		for range 3 {
			s.Attend()
		}
		if got := answered(); got != "" {
			t.Errorf("before the threshold it is answered %q", got)
		}
		e.Clock.Sleep(time.Millisecond)
		s.Attend()
		if got := <-replies; got != busyReply+busyReply {
			t.Errorf("from the threshold on it is answered %q", got)
		}
		replies = submit(e.Engine, other, 1, args("ping"))
		e.Clock.Sleep(time.Millisecond - 1)
		s.Attend()
		if e.Waiting() != 1 {
			t.Error("others are attended to twice in a millisecond")
		}
		r.OK()
	})
	if got := e.run(); got != "+OK\r\n" {
		t.Errorf("the script answers %q", got)
	}
	if got := <-replies; got != "+PONG\r\n" {
		t.Errorf("behind it the other client is answered %q", got)
	}
}

// Without a threshold nobody is told, however long it takes, but clients come and go, and probes are answered.
func TestScriptWithoutThreshold(t *testing.T) {
	var e *scripted
	probed := make(chan error)
	e = startScripted(t, func(s *actor.Script, c *actor.Call, r *proto.Reply) {
		go func() { probed <- e.Do(t.Context(), func() {}) }()
		e.await(1)
		reply := submit(e.Engine, e.Connect(proto.RESP2), 3, args("ping"))
		e.Clock.Sleep(time.Hour)
		s.Attend()
		if err := <-probed; err != nil || e.Waiting() != 0 {
			t.Errorf("a probe: %v; %d messages wait", err, e.Waiting())
		}
		select {
		case got := <-reply:
			t.Errorf("another client is answered %q", got)
		default:
		}
		r.OK()
	})
	e.Configure(actor.Bounds{})
	e.run()
}

// The commands of a busy script and those of others do not get in each other's way: replies, dialects, databases and what is
// rewound after an error.
func TestScriptAmongOthers(t *testing.T) {
	var e *scripted
	e = startScripted(t, func(s *actor.Script, c *actor.Call, r *proto.Reply) {
		other := e.Connect(proto.RESP3)
		r.Array(3)
		if got := do(s, "select", "3"); got != "+OK\r\n" {
			t.Errorf("select answers %q", got)
		}
		e.Clock.Sleep(threshold)
		reply := submit(e.Engine, other, 2, args("kill", "function"), args("nothing"), args("ping"))
		s.Attend()
		if got := <-reply; !strings.HasPrefix(got, busyReply+"-ERR unknown command") || !strings.HasSuffix(got, busyReply) {
			t.Errorf("another client is answered %q", got)
		}
		if got := do(s, "take", "k", "take"); got != "$-1\r\n" {
			t.Errorf("what would block answers %q", got)
		}
		do(s, "put", "k")
		for _, words := range []string{"panic", "take k fail", "nothing"} {
			r.Status(strings.Fields(do(s, strings.Fields(words)...))[0])
		}
		if got := do(s, "put", "k"); got != "+OK\r\n" || c.Keys().Index() != 3 || c.Session.DB != 3 {
			t.Errorf("put answers %q in database %d", got, c.Session.DB)
		}
	})
	c := e.Connect(proto.RESP2)
	got := string(c.Send(args("ping"), args("run"), args("take", "k", "take"), args("ping")))
	if want := "+PONG\r\n*3\r\n+-ERR\r\n+-ERR\r\n+-ERR\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !c.Parked() { // the key is in another database
		t.Error("what the script has selected stays selected")
	}
}

// Who is blocked is served when the script is over, even if others are answered amid it.
func TestScriptServesWaitersWhenItEnds(t *testing.T) {
	var e *scripted
	var c *actortest.Client
	e = startScripted(t, func(s *actor.Script, call *actor.Call, r *proto.Reply) {
		other := e.Connect(proto.RESP2)
		do(s, "put", "k")
		e.Clock.Sleep(threshold)
		reply := submit(e.Engine, other, 2, args("ping"))
		s.Attend()
		if got := <-reply; got != busyReply {
			t.Errorf("another client is answered %q", got)
		}
		if call.Blocked() != 2 {
			t.Error("a client is served amid a script")
		}
		do(s, "undone", "l")
		r.OK()
	})
	c = e.Connect(proto.RESP2)
	late := e.Connect(proto.RESP2)
	c.Send(args("take", "k", "take"))
	late.Send(args("take", "l", "take"))
	e.run()
	if got := string(c.Received()); got != "+OK\r\n" {
		t.Errorf("it gets %q behind the script", got)
	}
	if got := string(late.Received()); got != "" {
		t.Errorf("of a key that is gone again it gets %q", got)
	}
}

// Nothing times out, and time stands still for keys, until the script is over.
func TestTimeStandsStillForScripts(t *testing.T) {
	var e *scripted
	e = startScripted(t, func(s *actor.Script, c *actor.Call, r *proto.Reply) {
		before, wall := c.Monotonic(), c.Now()
		for range 100 {
			e.Clock.Sleep(50 * time.Millisecond)
			s.Attend()
			do(s, "put", "other")
		}
		if c.Monotonic() != before || c.Now() != wall || c.Blocked() != 1 {
			t.Errorf("%d ms have passed for keys, %d clients are blocked", c.Monotonic()-before, c.Blocked())
		}
		r.OK()
	})
	c := e.Connect(proto.RESP2)
	c.Send(args("take", "k", "take"))
	e.run()
	if got := string(c.Received()); got != "$-1\r\n" {
		t.Errorf("a client whose time was over meanwhile gets %q", got)
	}
}

// A script is told to end if a client asks for it, unless it has written or is of the other kind, and if the process ends.
func TestScriptsAreToldToEnd(t *testing.T) {
	for _, c := range []struct {
		name     string
		write    bool
		function bool
		request  proto.Args
		reply    string
		stop     script.Stop
	}{
		{name: "kill", request: args("kill"), reply: "+OK\r\n", stop: script.StopKilled},
		{name: "written", write: true, request: args("kill"), reply: "-" + string(proto.ErrScriptUnkillable) + "\r\n"},
		{name: "kill of a function", function: true, request: args("kill", "function"), reply: "+OK\r\n", stop: script.StopKilled},
		{name: "kill of the other kind", function: true, request: args("kill"), reply: "-" + string(proto.ErrBusyFunction) + "\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e *scripted
			e = startScripted(t, func(s *actor.Script, call *actor.Call, r *proto.Reply) {
				if c.write {
					do(s, "write", "k")
				}
				e.Clock.Sleep(threshold)
				reply := submit(e.Engine, e.Connect(proto.RESP2), 2, c.request)
				if stop := s.Attend(); stop != c.stop {
					t.Errorf("it is told %d, not %d", stop, c.stop)
				}
				if got := <-reply; got != c.reply {
					t.Errorf("the other client is answered %q", got)
				}
				r.OK()
			})
			e.what.Function = c.function
			e.run()
			if got := string(e.Connect(proto.RESP2).Send(args("kill"))); got != "-"+string(proto.ErrScriptNotBusy)+"\r\n" {
				t.Errorf("behind it kill answers %q", got)
			}
		})
	}
}

// EndScripts ends those that others are told of, or all, and those that come later as well.
func TestEndScripts(t *testing.T) {
	for _, c := range []struct {
		all    bool
		lasted time.Duration
		stop   script.Stop
	}{
		{false, threshold - 1, script.StopNot},
		{false, threshold, script.StopShutdown},
		{true, time.Millisecond, script.StopShutdown},
	} {
		var e *scripted
		var told []script.Stop
		e = startScripted(t, func(s *actor.Script, call *actor.Call, r *proto.Reply) {
			e.EndScripts(c.all)
			e.EndScripts(false) // takes nothing back
			e.Clock.Sleep(c.lasted)
			told = append(told, s.Attend())
			r.OK()
		})
		e.run()
		e.run()
		if want := fmt.Sprint([]script.Stop{c.stop, c.stop}); fmt.Sprint(told) != want {
			t.Errorf("all: %t, after %v they are told %d, not %s", c.all, c.lasted, told, want)
		}
	}
}

// The owner stops though a script would go on for ever.
func TestStopEndsScripts(t *testing.T) {
	begun := make(chan struct{})
	var e *scripted
	e = startScripted(t, func(s *actor.Script, c *actor.Call, r *proto.Reply) {
		close(begun)
		for s.Attend() == script.StopNot {
			e.Clock.Sleep(time.Millisecond)
		}
		r.OK()
	})
	go e.run()
	<-begun // the engine is stopped when the test is over
}
