package actor_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"snakecache/pkg/actor"
	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/glob"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// hubTable has commands as plain as can be: join, leave and each of the kind and name that follow, and say.
func hubTable(t *testing.T) *actor.Table {
	kind := func(c *actor.Call) actor.Audience {
		return actor.Audience(c.Args[1][0] - '0')
	}
	answered := func(run func(c *actor.Call)) actor.Handler {
		return func(c *actor.Call) error {
			run(c)
			c.Reply.OK()
			return nil
		}
	}
	join := row("join", answered(func(c *actor.Call) { c.Subscribe(kind(c), c.Args[2]) }))
	join.Flags |= actor.Subscribed
	return mustTable(t, join,
		row("leave", answered(func(c *actor.Call) { c.Unsubscribe(kind(c), c.Args[2]) })),
		row("quit", answered(func(c *actor.Call) { c.Kill(c.Session) })),
		row("kill", answered(func(c *actor.Call) { c.Kill(c.SessionByID(uint64(c.Args[1][0]))) })),
		row("bye", answered(func(c *actor.Call) { c.UnsubscribeAll() })),
		row("dialect", answered(func(c *actor.Call) { c.SetDialect(int(c.Args[1][0] - '0')) })),
		row("say", func(c *actor.Call) error {
			c.Reply.Count(c.Publish(c.Args[1], c.Args[2]))
			return nil
		}),
		row("shard", func(c *actor.Call) error {
			c.Reply.Count(c.PublishToShard(c.Args[1], c.Args[2]))
			return nil
		}),
		row("twice", func(c *actor.Call) error {
			c.Publish(c.Args[1], c.Args[2])
			c.Reply.Status("between")
			c.Publish(c.Args[1], c.Args[2])
			return nil
		}),
		row("panic", func(c *actor.Call) error {
			c.Publish(c.Args[1], c.Args[2])
			panic("on purpose")
		}),
		row("change", answered(func(c *actor.Call) { c.Changed(c.Args[1], string(c.Args[2])) })),
	)
}

// What a client's own command pushes to it comes behind the reply, at whatever place of a pipeline, and in order with what
// comes of others.
func TestPushesToOneselfComeBehindTheReply(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: hubTable(t)})
	a, b := e.Connect(proto.RESP3), e.Connect(proto.RESP3)
	b.Do("join", "0", "c")
	got := string(a.Send(args("say", "c", "1"), args("join", "0", "c"), args("twice", "c", "2"), args("say", "x", "3"), args("bye"),
		args("say", "c", "4")))
	push := func(payload string) string { return ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n" + payload + "\r\n" }
	if want := ":1\r\n+OK\r\n+between\r\n" + push("2") + push("2") + ":0\r\n+OK\r\n:1\r\n"; got != want {
		t.Errorf("it gets %q, want %q", got, want)
	}
	if got, want := string(b.Received()), push("1")+push("2")+push("2")+push("4"); got != want {
		t.Errorf("the other gets %q, want %q", got, want)
	}
}

// Nor do they get lost where the command panics.
func TestPushesOfACommandThatPanics(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: hubTable(t), Log: slog.New(slog.DiscardHandler)})
	a, b := e.Connect(proto.RESP3), e.Connect(proto.RESP3)
	a.Do("join", "0", "c")
	got := string(a.Send(args("panic", "c", "1")))
	push := string(proto.EncodePush(proto.RESP3, []byte("message"), []byte("c"), []byte("1")))
	if want := "-" + string(proto.ErrInternal) + "\r\n" + push; got != want {
		t.Errorf("it gets %q, want %q", got, want)
	}
	b.Do("say", "c", "1")
	if got := string(a.Received()); got != push {
		t.Errorf("behind that it gets %q, want %q", got, push)
	}
}

// A dead session is in nobody's audience, however it died.
func TestSessionsLeaveTheHub(t *testing.T) {
	e := actortest.Start(t, actortest.Options{Table: hubTable(t)})
	speaker := e.Connect(proto.RESP3)
	ends := map[string]func(c *actortest.Client){
		"closed": func(c *actortest.Client) { c.Close() },
		"quit":   func(c *actortest.Client) { c.Do("quit") },
		"killed": func(c *actortest.Client) { speaker.Do("kill", string(rune(c.ID()))) },
		"bye":    func(c *actortest.Client) { c.Do("bye") },
	}
	for name, end := range ends {
		c := e.Connect(proto.RESP3)
		c.Do("join", "0", "c")
		c.Do("join", "1", "*")
		c.Do("join", "2", "c")
		if n := speaker.Do("say", "c", "x").Int; n != 2 {
			t.Errorf("%s: before, %d get it", name, n)
		}
		c.Received()
		end(c)
		if n := speaker.Do("say", "c", "x").Int + speaker.Do("shard", "c", "x").Int; n != 0 {
			t.Errorf("%s: %d get it still", name, n)
		}
		_, f := e.State()
		if f.PubSubClients+f.Channels+f.Patterns+f.ShardChannels != 0 {
			t.Errorf("%s: figures count what is gone: %+v", name, f)
		}
	}
}

// naive is a hub of sets: client, kind and name.
type naive map[[3]string]bool

func (n naive) receivers(kind, channel string) (messages map[string][]string) {
	messages = map[string][]string{}
	for member := range n {
		client, name := member[0], member[2]
		switch {
		case member[1] != kind && !(kind == "0" && member[1] == "1"):
		case member[1] == "1" && glob.Match([]byte(name), []byte(channel), false):
			messages[client] = append(messages[client], "pmessage "+name)
		case member[1] != "1" && name == channel:
			messages[client] = append(messages[client], map[string]string{"0": "message ", "2": "smessage "}[kind]+name)
		}
	}
	return messages
}

// received returns the first two words of each message that came to a client.
func received(t interface{ Fatal(...any) }, c *actortest.Client) (words []string) {
	raw := c.Received()
	rest := bytes.NewReader(raw)
	for r := proto.NewValueReader(rest, len(raw)); r.Buffered()+rest.Len() > 0; {
		v, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, v.Elems[0].Text+" "+v.Elems[1].Text)
	}
	slices.Sort(words)
	return words
}

// Random subscriptions, messages and ends, beside sets that are searched from end to end.
func TestHubAgainstSets(t *testing.T) {
	table := hubTable(t)
	names := map[string][]string{"0": {"a", "b", "ab", ""}, "1": {"*", "a*", "?", "[ab]", "b"}, "2": {"a", "s"}}
	rapid.Check(t, func(rt *rapid.T) {
		e := actortest.Start(t, actortest.Options{Table: table, Log: slog.New(slog.DiscardHandler)})
		speaker := e.Connect(proto.RESP3)
		clients, model := map[string]*actortest.Client{}, naive{}
		draw := func(label string, from []string) string { return rapid.SampledFrom(from).Draw(rt, label) }
		publish := func(word, kind string) {
			channel := draw("channel", []string{"a", "b", "ab", "c", "s", ""})
			want, n := model.receivers(kind, channel), 0
			for _, messages := range want {
				n += len(messages)
			}
			if got := speaker.Do(word, channel, "x").Int; got != int64(n) {
				rt.Fatalf("%s %q reaches %d, want %d", word, channel, got, n)
			}
			for name, c := range clients {
				slices.Sort(want[name])
				if got := received(rt, c); !slices.Equal(got, want[name]) {
					rt.Fatalf("%s gets %q, want %q", name, got, want[name])
				}
			}
		}
		member := func() (name, kind, to string) {
			name, kind = draw("client", []string{"p", "q", "r", "s", "t"}), draw("kind", []string{"0", "1", "2"})
			if clients[name] == nil {
				clients[name] = e.Connect(rapid.SampledFrom([]int{proto.RESP2, proto.RESP3}).Draw(rt, "dialect"))
			}
			return name, kind, draw("name", names[kind])
		}
		rt.Repeat(map[string]func(*rapid.T){
			"join": func(*rapid.T) {
				name, kind, to := member()
				clients[name].Do("join", kind, to)
				model[[3]string{name, kind, to}] = true
			},
			"leave": func(*rapid.T) {
				name, kind, to := member()
				if clients[name].Do("leave", kind, to).Text == "OK" {
					delete(model, [3]string{name, kind, to})
				}
			},
			"end": func(*rapid.T) {
				name, _, _ := member()
				clients[name].Close()
				delete(clients, name)
				maps.DeleteFunc(model, func(m [3]string, _ bool) bool { return m[0] == name })
			},
			"publish": func(*rapid.T) { publish("say", "0") },
			"shard":   func(*rapid.T) { publish("shard", "2") },
			"": func(rt *rapid.T) {
				count := map[string]map[string]bool{"0": {}, "1": {}, "2": {}}
				members := map[string]bool{}
				for m := range model {
					count[m[1]][m[2]], members[m[0]] = true, true
				}
				_, f := e.State()
				if f.Channels != len(count["0"]) || f.Patterns != len(count["1"]) || f.ShardChannels != len(count["2"]) ||
					f.PubSubClients != len(members) {
					rt.Fatalf("%d channels, %d patterns, %d shard channels and %d subscribers are counted, there are %v of %v",
						f.Channels, f.Patterns, f.ShardChannels, f.PubSubClients, count, members)
				}
			},
		})
	})
}

// limited starts an engine with limits for subscribers and for others, and a subscriber.
func limited(t *testing.T, limit actor.OutputLimit) (e *actortest.Engine, subscriber, speaker *actortest.Client, log *bytes.Buffer) {
	log = &bytes.Buffer{}
	bounds := actor.Bounds{MaxClients: 100, MaxBulk: 1 << 20}
	bounds.Output[actor.PubSubOutput] = limit
	e = actortest.Start(t, actortest.Options{Table: hubTable(t), Bounds: bounds, Log: slog.New(slog.NewTextHandler(log, nil))})
	subscriber, speaker = e.Connect(proto.RESP3), e.Connect(proto.RESP3)
	subscriber.Do("join", "0", "c")
	return e, subscriber, speaker, log
}

// cut fails the test unless exactly one client was closed for its output, and the log says so once.
func cut(t *testing.T, e *actortest.Engine, log *bytes.Buffer) {
	t.Helper()
	if _, f := e.State(); f.OutputLimitClosed != 1 || f.PubSubClients != 0 {
		t.Errorf("%d were closed, %d subscribers are left", f.OutputLimitClosed, f.PubSubClients)
	}
	if n := strings.Count(log.String(), "does not read"); n != 1 {
		t.Errorf("the log says so %d times:\n%s", n, log)
	}
}

func TestHardOutputLimit(t *testing.T) {
	e, subscriber, speaker, log := limited(t, actor.OutputLimit{Hard: 10_000})
	payload := strings.Repeat("x", 1000)
	for i := range 9 {
		if n := speaker.Do("say", "c", payload).Int; n != 1 || subscriber.Closed() {
			t.Fatalf("message %d reaches %d, closed: %v", i, n, subscriber.Closed())
		}
	}
	subscriber.Received()
	for range 9 {
		speaker.Do("say", "c", payload)
	}
	if subscriber.Closed() {
		t.Fatal("what was read counts still")
	}
	got := string(speaker.Send(args("say", "c", payload), args("say", "c", payload)))
	if got != ":1\r\n:1\r\n" || !subscriber.Closed() {
		t.Errorf("the publisher gets %q, closed: %v", got, subscriber.Closed())
	}
	if n := speaker.Do("say", "c", payload).Int; n != 0 {
		t.Errorf("behind that a message reaches %d", n)
	}
	cut(t, e, log)
}

func TestSoftOutputLimit(t *testing.T) {
	e, subscriber, speaker, log := limited(t, actor.OutputLimit{Soft: 1000, SoftSeconds: 5})
	payload := strings.Repeat("x", 1000)
	speaker.Do("say", "c", payload)
	e.Advance(4 * time.Second)
	subscriber.Received() // which nobody tells the owner
	e.Advance(4 * time.Second)
	speaker.Do("say", "c", payload)
	e.Advance(5 * time.Second)
	if subscriber.Closed() {
		t.Fatal("it had less waiting meanwhile")
	}
	e.Advance(2 * time.Second)
	if !subscriber.Closed() {
		t.Error("it is not closed though nothing more is sent to it")
	}
	cut(t, e, log)
}

// A soft limit of no seconds closes at the second look, as in Redis.
func TestSoftOutputLimitOnPush(t *testing.T) {
	e, subscriber, speaker, log := limited(t, actor.OutputLimit{Soft: 1000, SoftSeconds: 60})
	payload := strings.Repeat("x", 1000)
	speaker.Do("say", "c", payload)
	e.Clock.Advance(time.Minute + time.Millisecond)
	speaker.Do("say", "c", payload)
	if !subscriber.Closed() {
		t.Error("it is not closed by the message after a minute")
	}
	cut(t, e, log)
}

// What a client's own command brings it waits in its reply, which has back-pressure of its own.
func TestOwnMessagesDoNotCount(t *testing.T) {
	e, subscriber, _, _ := limited(t, actor.OutputLimit{Hard: 10_000})
	payload := strings.Repeat("x", 1000)
	for range 20 {
		subscriber.Send(args("say", "c", payload))
	}
	if _, f := e.State(); subscriber.Closed() || f.OutputLimitClosed != 0 {
		t.Error("it is closed")
	}
}

// Nobody is told who is not there: without subscribers notifications cost nothing, and each class is told by its letter.
func TestNotifications(t *testing.T) {
	bounds := actor.Bounds{MaxClients: 100, MaxBulk: 1 << 20}
	e := actortest.Start(t, actortest.Options{Table: hubTable(t), Bounds: bounds})
	writer, reader := e.Connect(proto.RESP3), e.Connect(proto.RESP3)
	reader.Do("join", "1", "__key*")
	for _, c := range []struct{ letters, event, want string }{
		{"", "set", ""}, {"KE", "set", ""}, {"$", "set", ""}, {"Kg", "set", ""}, {"K$", "set", "K"}, {"E$", "set", "E"},
		{"KE$", "set", "KE"}, {"AKE", "lpush", "KE"}, {"AKE", "", ""}, {"AE", "del", "E"}, {"El", "lpush", "E"}, {"Es", "sadd", "E"},
		{"Eh", "hset", "E"}, {"Ez", "zadd", "E"}, {"Et", "xadd", "E"}, {"Eg", "nosuch", "E"}, {"E$", "nosuch", ""}, {"Ed", "set", ""},
	} {
		bounds.Notify = actor.NotifyOf(c.letters)
		e.Inspect(func(*store.Store) { e.Configure(bounds) })
		writer.Do("change", "k\r\n", c.event)
		want := ""
		if strings.Contains(c.want, "K") {
			want += string(proto.EncodePush(3, []byte("pmessage"), []byte("__key*"), []byte("__keyspace@0__:k\r\n"), []byte(c.event)))
		}
		if strings.Contains(c.want, "E") {
			want += string(proto.EncodePush(3, []byte("pmessage"), []byte("__key*"), []byte("__keyevent@0__:"+c.event), []byte("k\r\n")))
		}
		if got := string(reader.Received()); got != want {
			t.Errorf("%q, %s: %q, want %q", c.letters, c.event, got, want)
		}
	}
}

// An event of the engine's own: a key whose time has come is told of at that moment, and of keys only who asks.
func TestExpiryIsToldOnTime(t *testing.T) {
	put := row("put", func(c *actor.Call) error {
		c.Keys().SetString(c.Args[1], nil, false)
		c.Keys().ExpireAfter(c.Args[1], 1500)
		c.Reply.OK()
		return nil
	})
	join := row("join", func(c *actor.Call) error {
		c.Subscribe(actor.Channels, c.Args[1])
		c.Reply.OK()
		return nil
	})
	e := actortest.Start(t, actortest.Options{
		Table: mustTable(t, put, join), Bounds: actor.Bounds{MaxBulk: 1 << 20, Notify: actor.NotifyOf("Exn")},
	})
	reader, writer := e.Connect(proto.RESP2), e.Connect(proto.RESP2)
	reader.Do("join", "__keyevent@0__:expired")
	for i := range 200 {
		writer.Do("put", fmt.Sprint(i))
	}
	e.Advance(1499 * time.Millisecond)
	if got := reader.Received(); len(got) > 0 {
		t.Errorf("ahead of time comes %q", got)
	}
	e.Advance(time.Millisecond)
	if got := received(t, reader); len(got) != 200 {
		t.Errorf("%d keys are told of", len(got))
	}
}
