package actor_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// sleepy has the commands fast, plain and hidden, which take the nanoseconds that their second argument says, and look,
// which runs a function.
type sleepy struct {
	*actortest.Engine
	look func(c *actor.Call)
}

func startSleepy(t *testing.T, b actor.Bounds) *sleepy {
	s := new(sleepy)
	sleep := func(c *actor.Call) error {
		if len(c.Args) > 1 {
			nanos, _ := strconv.Atoi(string(c.Args[1]))
			c.Clock().Sleep(time.Duration(nanos))
		}
		c.Reply.OK()
		return nil
	}
	fast, plain, hidden := row("fast", sleep), row("plain", sleep), row("hidden", sleep)
	fast.Flags, hidden.Flags = actor.Fast, actor.SkipSlowlog
	look := row("look", func(c *actor.Call) error { s.look(c); c.Reply.OK(); return nil })
	look.Flags = actor.SkipSlowlog
	recycle := row("recycle", func(c *actor.Call) error {
		c.Clock().Sleep(time.Second)
		for _, arg := range c.Args[1:] {
			clear(arg) // as another connection does that reads into memory which the store has given back
		}
		c.Reply.OK()
		return nil
	})
	secret := row("secret", sleep)
	secret.Secrets = func(args proto.Args) []int { return []int{2, 3, 99} }
	s.Engine = actortest.Start(t, actortest.Options{Table: mustTable(t, fast, plain, hidden, look, recycle, secret), Bounds: b})
	return s
}

// noted returns the slow log's entries as "milliseconds arguments", the oldest first, and empties it.
func (s *sleepy) noted(c *actortest.Client) (all []string) {
	s.look = func(c *actor.Call) {
		log := c.Slowlog()
		for i := range log.Len() {
			e := log.Entry(i)
			all = append(all, fmt.Sprintf("%d %s", e.Nanos/1e6, strings.Join(e.Args, " ")))
		}
		log.Reset()
	}
	c.Do("look")
	slices.Reverse(all)
	return all
}

// repeated is a pipeline of n times the same request.
func repeated(n int, words ...string) []proto.Args {
	return slices.Repeat([]proto.Args{args(words...)}, n)
}

func TestSlowlogFindsTheSlowCall(t *testing.T) {
	many := append([]string{"fast", "5000000"}, slices.Repeat([]string{"x"}, 16)...)
	for _, c := range []struct {
		name      string
		threshold int64
		pipeline  []proto.Args
		want      []string
	}{
		{"alone", 2e6, repeated(1, "fast", "2000000"), []string{"2 fast 2000000"}},
		{"too quick", 2e6, repeated(1, "fast", "1999999"), nil},
		{"many quick ones", 1e6, repeated(1000, "fast", "40000"), nil},
		{"many that are not so quick", 1e6, repeated(1000, "plain", "400000"), nil},
		{"among other commands", 2e6, slices.Concat(repeated(9, "fast", "10"), repeated(1, "plain", "3000000"), repeated(9, "fast", "10")),
			[]string{"3 plain 3000000"}},
		{"in a run of others that take their time", 2e6, slices.Concat(repeated(9, "plain", "3000"), repeated(1, "plain", "3000000"), repeated(9, "plain", "3000")),
			[]string{"3 plain 3000000"}},
		{"in a run of a command that is not fast", 2e6, slices.Concat(repeated(9, "plain", "10"), repeated(1, "plain", "3000000"), repeated(9, "plain", "10")),
			[]string{"3 plain ... (8 calls of a pipeline)"}},
		{"with many arguments", 2e6, slices.Concat(repeated(9, "fast", "10"), []proto.Args{args(many...)}, repeated(9, "fast", "10")),
			[]string{"5 " + strings.Join(many, " ")}},
		{"in a run of a fast command", 2e6, slices.Concat(repeated(40, "fast", "500"), repeated(1, "fast", "3000000"), repeated(90, "fast", "500")),
			[]string{"3 fast ... (32 calls of a pipeline)"}},
		{"in a run while the threshold is low", 50_000, slices.Concat(repeated(40, "fast", "500"), repeated(1, "fast", "3000000"), repeated(90, "fast", "500")),
			[]string{"3 fast 3000000"}},
		{"each", 0, repeated(2, "fast", "0"), []string{"0 fast 0", "0 fast 0"}},
		{"that is not to be noted", 1e6, repeated(2, "hidden", "5000000"), nil},
		{"that is secret", 1e6, repeated(1, "secret", "5000000", "a", "b", "c"), []string{"5 secret 5000000 (redacted) (redacted) c"}},
		{"whose name is all there is", 0, repeated(1, "secret"), []string{"0 secret"}},
		{"that is refused", 0, repeated(1, "nosuch"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startSleepy(t, actor.Bounds{Slowlog: actor.SlowlogBounds{On: true, Threshold: c.threshold, MaxLen: 128}})
			client := s.Connect(proto.RESP2)
			client.Send(c.pipeline...)
			if got := s.noted(client); !slices.Equal(got, c.want) {
				t.Errorf("noted %q, want %q", got, c.want)
			}
		})
	}
}

// What took long once does not make each run of many calls look slow, nor the many calls hide one that is.
func TestSlowlogKnowsWhatIsUsual(t *testing.T) {
	s := startSleepy(t, actor.Bounds{Slowlog: actor.SlowlogBounds{On: true, Threshold: 1e6, MaxLen: 128}})
	c := s.Connect(proto.RESP2)
	c.Send(repeated(1000, "fast", "100")...)
	for range 3 {
		c.Send(slices.Concat(repeated(3, "fast", "100"), repeated(1, "fast", "1500000"), repeated(3, "fast", "100"))...)
		if got, want := s.noted(c), []string{"1 fast ... (7 calls of a pipeline)"}; !slices.Equal(got, want) {
			t.Errorf("noted %q, want %q", got, want)
		}
		c.Send(repeated(1000, "fast", "100")...)
		if got := s.noted(c); got != nil {
			t.Errorf("noted %q", got)
		}
	}
}

// The store may adopt an argument and give its memory back while the command runs.
func TestSlowlogKeepsWhatItShowsOfLargeArguments(t *testing.T) {
	s := startSleepy(t, actor.Bounds{Slowlog: actor.SlowlogBounds{On: true, Threshold: 1e6, MaxLen: 128}})
	c := s.Connect(proto.RESP2)
	for _, size := range []int{proto.RefSize, 3 * proto.RefSize} {
		request := args("recycle", strings.Repeat("a", size), "short", strings.Repeat("b", size))
		request[2] = []byte("short")
		c.Send(append(proto.Args{}, request...))
		more := fmt.Sprintf("... (%d more bytes)", size-128)
		want := []string{"1000 recycle " + strings.Repeat("a", 128) + more + " short " + strings.Repeat("b", 128) + more}
		if got := s.noted(c); !slices.Equal(got, want) {
			t.Errorf("noted %q, want %q", got, want)
		}
	}
}

// Entries tell who called, when, and for how long the call had waited.
func TestSlowEntry(t *testing.T) {
	s := startSleepy(t, actor.Bounds{Slowlog: actor.SlowlogBounds{On: true, Threshold: 1e6, MaxLen: 2}, LatencyThreshold: 1e6})
	c := s.Connect(proto.RESP2)
	s.look = func(c *actor.Call) { c.Session.Name = "bob" }
	c.Do("look")
	for range 3 {
		release := hold(t, s.Engine)
		reply := submit(s.Engine, c, 1, args("plain", "2500000000"))
		s.Clock.Sleep(1500 * time.Millisecond)
		release()
		<-reply
	}
	var got []actor.SlowEntry
	var events []actor.LatencyEvent
	s.look = func(c *actor.Call) {
		for i := range c.Slowlog().Len() {
			got = append(got, *c.Slowlog().Entry(i))
		}
		for _, e := range c.LatencyMonitor().Events() {
			events = append(events, *e)
		}
	}
	c.Do("look")
	start := actortest.Epoch.Unix()
	entry := func(id, seconds int64) actor.SlowEntry {
		return actor.SlowEntry{ID: id, Unix: start + seconds, Nanos: 2500e6, QueueNanos: 1500e6, Args: []string{"plain", "2500000000"},
			Addr: "127.0.0.1:50000", Name: "bob"}
	}
	if want := []actor.SlowEntry{entry(2, 12), entry(1, 8)}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	sample := func(at ...int64) (samples []actor.LatencySample) {
		for i := 1; i < len(at); i++ {
			samples = append(samples, actor.LatencySample{Unix: start + at[i], Millis: at[0]})
		}
		return samples
	}
	want := []actor.LatencyEvent{
		{Name: "queue", Samples: sample(1500, 1, 5, 9), Worst: 1500},
		{Name: "command", Samples: sample(2500, 4, 8, 12), Worst: 2500},
	}
	if fmt.Sprint(events) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", events, want)
	}
	if _, figures := s.State(); figures.SlowlogLen != 2 || figures.SlowlogLastID != 2 {
		t.Errorf("the figures say %d entries, the last is %d", figures.SlowlogLen, figures.SlowlogLastID)
	}
}
