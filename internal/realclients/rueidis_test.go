package realclients

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/rueidis"
)

// connectRueidis connects rueidis with its defaults: it asks for the cluster first, speaks RESP3 and tracks keys.
func connectRueidis(t *testing.T, s *server) rueidis.Client {
	t.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.addr}})
	try(t, "connecting", err)
	t.Cleanup(client.Close)
	return client
}

func TestRueidis(t *testing.T) {
	each(t,
		section{"connect", rueidisConnect},
		section{"pipeline", rueidisPipeline},
		section{"transaction", rueidisTransaction},
		section{"pubsub", rueidisPubSub},
		section{"hooks", rueidisHooks},
		section{"blocking", rueidisBlocking},
		section{"caching", rueidisCaching},
		section{"invalidations", rueidisInvalidations},
		section{"groups", rueidisGroups},
		section{"iterators", rueidisIterators},
		section{"events", rueidisEvents},
		section{"reconnect", rueidisReconnect},
		section{"cancel", rueidisCancel},
	)
}

// text and number are the results of one command.
func text(t *testing.T, client rueidis.CoreClient, cmd rueidis.Completed) string {
	t.Helper()
	got, err := client.Do(t.Context(), cmd).ToString()
	try(t, "a text", err)
	return got
}

func number(t *testing.T, client rueidis.CoreClient, cmd rueidis.Completed) int64 {
	t.Helper()
	got, err := client.Do(t.Context(), cmd).AsInt64()
	try(t, "a number", err)
	return got
}

func rueidisConnect(t *testing.T, s *server) {
	client := connectRueidis(t, s)
	check(t, "the mode", client.Mode(), rueidis.ClientModeStandalone)
	check(t, "PING", text(t, client, client.B().Ping().Build()), "PONG")
	if _, err := client.Do(t.Context(), client.B().Get().Key("nosuch").Build()).ToString(); !rueidis.IsRedisNil(err) {
		t.Errorf("GET of no key: %v", err)
	}
	old, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{s.addr}, AlwaysRESP2: true, DisableCache: true, SelectDB: 2, ClientName: "tester",
	})
	try(t, "connecting with RESP2", err)
	defer old.Close()
	check(t, "CLIENT GETNAME", text(t, old, old.B().ClientGetname().Build()), "tester")
}

func rueidisPipeline(t *testing.T, s *server) {
	const n = 1000
	client := connectRueidis(t, s)
	var cmds rueidis.Commands
	for i := range n {
		key := fmt.Sprint("pipeline:", i)
		cmds = append(cmds, client.B().Set().Key(key).Value(fmt.Sprint(i)).Build(), client.B().Get().Key(key).Build())
	}
	replies := client.DoMulti(t.Context(), cmds...)
	check(t, "replies", len(replies), 2*n)
	for i := range n {
		if got, err := replies[2*i+1].ToString(); err != nil || got != fmt.Sprint(i) {
			t.Errorf("reply %d is %q, %v", i, got, err)
		}
	}

	// Commands of many goroutines share pipelines by themselves.
	results := make(chan outcome[int64], n)
	for range n {
		go func() {
			v, err := client.Do(t.Context(), client.B().Incr().Key("pipeline:n").Build()).AsInt64()
			results <- outcome[int64]{v, err}
		}()
	}
	seen := map[int64]bool{}
	for range n {
		got := receive(t, "INCR", results)
		try(t, "INCR", got.err)
		seen[got.value] = true
	}
	check(t, "different numbers", len(seen), n)
}

func rueidisTransaction(t *testing.T, s *server) {
	ctx, client := t.Context(), connectRueidis(t, s)
	err := client.Dedicated(func(c rueidis.DedicatedClient) error {
		replies := c.DoMulti(ctx, c.B().Multi().Build(), c.B().Incrby().Key("tx").Increment(5).Build(),
			c.B().Lpush().Key("tx").Element("x").Build(), c.B().Get().Key("tx").Build(), c.B().Exec().Build())
		results, err := replies[4].ToArray()
		try(t, "EXEC", err)
		check(t, "results", len(results), 3)
		check(t, "a command that fails", results[1].Error() != nil, true)
		got, err := results[2].ToString()
		try(t, "GET", err)
		check(t, "GET", got, "5")

		replies = c.DoMulti(ctx, c.B().Watch().Key("tx").Build(), c.B().Get().Key("tx").Build())
		try(t, "WATCH", replies[0].Error())
		must(t, s.admin.Set(ctx, "tx", "5", 0))
		replies = c.DoMulti(ctx, c.B().Multi().Build(), c.B().Set().Key("tx").Value("6").Build(), c.B().Exec().Build())
		check(t, "EXEC over a changed key", rueidis.IsRedisNil(replies[2].Error()), true)

		replies = c.DoMulti(ctx, c.B().Watch().Key("tx").Build(), c.B().Unwatch().Build(), c.B().Multi().Build(),
			c.B().Set().Key("tx").Value("7").Build(), c.B().Discard().Build(), c.B().Get().Key("tx").Build())
		got, err = replies[5].ToString()
		try(t, "GET", err)
		check(t, "behind DISCARD", got, "5")
		return nil
	})
	try(t, "a dedicated connection", err)
}

// rueidisPubSub receives on the same connections that carry other commands, as RESP3 allows.
func rueidisPubSub(t *testing.T, s *server) {
	const n = 1000
	ctx, client := t.Context(), connectRueidis(t, s)
	for _, c := range []struct {
		name                 string
		subscribe, unsub     rueidis.Completed
		publish              func(i int) rueidis.Completed
		channel, pattern     string
		listening, forgotten func() bool
	}{
		{"SUBSCRIBE", client.B().Subscribe().Channel("plain").Build(), client.B().Unsubscribe().Channel("plain").Build(),
			func(i int) rueidis.Completed {
				return client.B().Publish().Channel("plain").Message(fmt.Sprint(i)).Build()
			},
			"plain", "",
			func() bool { return must(t, s.admin.PubSubNumSub(ctx, "plain"))["plain"] == 1 },
			func() bool { return must(t, s.admin.PubSubNumSub(ctx, "plain"))["plain"] == 0 }},
		{"PSUBSCRIBE", client.B().Psubscribe().Pattern("p?ttern").Build(), client.B().Punsubscribe().Pattern("p?ttern").Build(),
			func(i int) rueidis.Completed {
				return client.B().Publish().Channel("pattern").Message(fmt.Sprint(i)).Build()
			},
			"pattern", "p?ttern",
			func() bool { return must(t, s.admin.PubSubNumPat(ctx)) == 1 },
			func() bool { return must(t, s.admin.PubSubNumPat(ctx)) == 0 }},
		{"SSUBSCRIBE", client.B().Ssubscribe().Channel("shard").Build(), client.B().Sunsubscribe().Channel("shard").Build(),
			func(i int) rueidis.Completed {
				return client.B().Spublish().Channel("shard").Message(fmt.Sprint(i)).Build()
			},
			"shard", "",
			func() bool { return must(t, s.admin.PubSubShardNumSub(ctx, "shard"))["shard"] == 1 },
			func() bool { return must(t, s.admin.PubSubShardNumSub(ctx, "shard"))["shard"] == 0 }},
	} {
		var got []rueidis.PubSubMessage
		ended := begin(func() (struct{}, error) {
			return struct{}{}, client.Receive(ctx, c.subscribe, func(m rueidis.PubSubMessage) { got = append(got, m) })
		})
		await(t, c.name, c.listening)
		var publish rueidis.Commands
		for i := range n {
			publish = append(publish, c.publish(i))
		}
		for _, reply := range client.DoMulti(ctx, publish...) {
			receivers, err := reply.AsInt64()
			try(t, c.name, err)
			check(t, c.name, receivers, 1)
		}
		try(t, "unsubscribing", client.Do(ctx, c.unsub).Error())
		try(t, c.name, receive(t, "the end of "+c.name, ended).err)
		check(t, c.name, len(got), n)
		for i, m := range got {
			if m.Channel != c.channel || m.Pattern != c.pattern || m.Message != fmt.Sprint(i) {
				t.Fatalf("%s: message %d is %+v", c.name, i, m)
			}
		}
		await(t, "nobody listens", c.forgotten)
	}
}

// rueidisHooks subscribes with a connection of its own and asks it other things meanwhile.
func rueidisHooks(t *testing.T, s *server) {
	ctx := t.Context()
	client, release := connectRueidis(t, s).Dedicate()
	defer release()
	messages, changes := make(chan rueidis.PubSubMessage, 10), make(chan rueidis.PubSubSubscription, 10)
	client.SetPubSubHooks(rueidis.PubSubHooks{
		OnMessage:      func(m rueidis.PubSubMessage) { messages <- m },
		OnSubscription: func(s rueidis.PubSubSubscription) { changes <- s },
	})
	for _, reply := range client.DoMulti(ctx, client.B().Subscribe().Channel("hook").Build(), client.B().Ssubscribe().Channel("hook").Build()) {
		try(t, "subscribing", reply.Error())
	}
	check(t, "subscribed", receive(t, "subscribe", changes), rueidis.PubSubSubscription{Kind: "subscribe", Channel: "hook", Count: 1})
	check(t, "subscribed", receive(t, "ssubscribe", changes).Kind, "ssubscribe")
	check(t, "PING", text(t, client, client.B().Ping().Build()), "PONG")
	check(t, "PUBLISH to oneself", number(t, client, client.B().Publish().Channel("hook").Message("1").Build()), 1)
	check(t, "a message", receive(t, "a message", messages), rueidis.PubSubMessage{Channel: "hook", Message: "1"})
	check(t, "SPUBLISH", must(t, s.admin.SPublish(ctx, "hook", "2")), 1)
	check(t, "a message", receive(t, "a message", messages), rueidis.PubSubMessage{Channel: "hook", Message: "2"})
}

func rueidisBlocking(t *testing.T, s *server) {
	ctx, client := t.Context(), connectRueidis(t, s)
	if err := client.Do(ctx, client.B().Blpop().Key("block:none").Timeout(short.Seconds()).Build()).Error(); !rueidis.IsRedisNil(err) {
		t.Errorf("BLPOP of nothing: %v", err)
	}
	pop := block(t, s, func() ([]string, error) {
		return client.Do(ctx, client.B().Blpop().Key("block:a", "block:b").Timeout(giveUp.Seconds()).Build()).AsStrSlice()
	})
	must(t, s.admin.RPush(ctx, "block:b", "1"))
	check(t, "BLPOP", receive(t, "BLPOP", pop), outcome[[]string]{value: []string{"block:b", "1"}})

	move := block(t, s, func() (string, error) {
		return client.Do(ctx, client.B().Blmove().Source("block:c").Destination("block:d").Left().Right().Timeout(giveUp.Seconds()).Build()).ToString()
	})
	must(t, s.admin.RPush(ctx, "block:c", "x"))
	check(t, "BLMOVE", receive(t, "BLMOVE", move), outcome[string]{value: "x"})

	lowest := block(t, s, func() (rueidis.KeyZScores, error) {
		return client.Do(ctx, client.B().Bzmpop().Timeout(giveUp.Seconds()).Numkeys(1).Key("block:z").Min().Build()).AsZMPop()
	})
	must(t, s.admin.Do(ctx, "ZADD", "block:z", "1.5", "m"))
	check(t, "BZMPOP", receive(t, "BZMPOP", lowest), outcome[rueidis.KeyZScores]{
		value: rueidis.KeyZScores{Key: "block:z", Values: []rueidis.ZScore{{Member: "m", Score: 1.5}}},
	})

	read := block(t, s, func() (map[string][]rueidis.XRangeEntry, error) {
		return client.Do(ctx, client.B().Xread().Block(giveUp.Milliseconds()).Streams().Key("block:s").Id("$").Build()).AsXRead()
	})
	must(t, s.admin.Do(ctx, "XADD", "block:s", "1-1", "f", "v"))
	check(t, "XREAD", receive(t, "XREAD", read), outcome[map[string][]rueidis.XRangeEntry]{
		value: map[string][]rueidis.XRangeEntry{"block:s": {{ID: "1-1", FieldValues: map[string]string{"f": "v"}}}},
	})
}

// rueidisCaching reads through the client's cache: CLIENT CACHING YES, MULTI, PTTL, GET and EXEC, on a connection that has
// said CLIENT TRACKING ON OPTIN.
func rueidisCaching(t *testing.T, s *server) {
	ctx, client := t.Context(), connectRueidis(t, s)
	get := func() rueidis.RedisResult {
		return client.DoCache(ctx, client.B().Get().Key("cached").Cache(), time.Hour)
	}
	expect := func(want string, hit bool) {
		t.Helper()
		reply := get()
		got, err := reply.ToString()
		try(t, "GET", err)
		check(t, "GET", got, want)
		check(t, "answered by the cache", reply.IsCacheHit(), hit)
	}
	must(t, s.admin.Set(ctx, "cached", "old", 0))
	expect("old", false)
	expect("old", true)
	changed := func(want string) {
		t.Helper()
		await(t, want, func() bool { got, _ := get().ToString(); return got == want })
		expect(want, true)
	}
	must(t, s.admin.Set(ctx, "cached", "new", 0))
	changed("new")
	must(t, s.admin.Set(ctx, "cached", "brief", short)) // it expires at the client by its time to live, too
	await(t, "it expires", func() bool { return rueidis.IsRedisNil(get().Error()) })
	must(t, s.admin.Set(ctx, "cached", "again", 0))
	changed("again")
	must(t, s.admin.FlushDB(ctx))
	await(t, "FLUSHDB is told", func() bool { return rueidis.IsRedisNil(get().Error()) })

	const n = 100
	var many []rueidis.CacheableTTL
	for i := range n {
		must(t, s.admin.HSet(ctx, fmt.Sprint("cached:", i), "f", i))
		many = append(many, rueidis.CT(client.B().Hgetall().Key(fmt.Sprint("cached:", i)).Cache(), time.Hour))
	}
	for _, hit := range []bool{false, true} {
		for i, reply := range client.DoMultiCache(ctx, many...) {
			got, err := reply.AsStrMap()
			try(t, "HGETALL", err)
			check(t, "HGETALL", got, map[string]string{"f": fmt.Sprint(i)})
			check(t, "answered by the cache", reply.IsCacheHit(), hit)
		}
		many = slices.Clone(many)
		for i := range many {
			many[i] = rueidis.CT(client.B().Hgetall().Key(fmt.Sprint("cached:", i)).Cache(), time.Hour)
		}
	}
}

// rueidisInvalidations tracks prefixes instead of keys, with what it hears told to the program.
func rueidisInvalidations(t *testing.T, s *server) {
	ctx := t.Context()
	heard := make(chan string, 100)
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress:           []string{s.addr},
		PipelineMultiplex:     -1,
		ClientTrackingOptions: []string{"BCAST", "PREFIX", "heard:", "PREFIX", "too:", "NOLOOP"},
		OnInvalidations: func(keys []rueidis.RedisMessage) {
			if keys == nil {
				heard <- "everything"
			}
			for _, key := range keys {
				name, _ := key.ToString()
				heard <- name
			}
		},
	})
	try(t, "connecting", err)
	defer client.Close()
	check(t, "PING", text(t, client, client.B().Ping().Build()), "PONG")
	for _, key := range []string{"other", "heard:1", "too:2"} {
		must(t, s.admin.Set(ctx, key, "v", 0))
	}
	try(t, "SET", client.Do(ctx, client.B().Set().Key("heard:mine").Value("v").Build()).Error())
	must(t, s.admin.Del(ctx, "heard:1"))
	must(t, s.admin.FlushDB(ctx))
	for _, want := range []string{"heard:1", "too:2", "heard:1", "everything"} {
		check(t, "invalidated", receive(t, want, heard), want)
	}
}

func rueidisGroups(t *testing.T, s *server) {
	ctx, client := t.Context(), connectRueidis(t, s)
	check(t, "XGROUP", text(t, client, client.B().XgroupCreate().Key("jobs").Group("g").Id("0").Mkstream().Build()), "OK")
	err := client.Do(ctx, client.B().XgroupCreate().Key("jobs").Group("g").Id("0").Build()).Error()
	check(t, "BUSYGROUP", rueidis.IsRedisBusyGroup(err), true)
	read := block(t, s, func() (map[string][]rueidis.XRangeEntry, error) {
		return client.Do(ctx, client.B().Xreadgroup().Group("g", "c").Count(1).Block(giveUp.Milliseconds()).Streams().Key("jobs").Id(">").Build()).AsXRead()
	})
	must(t, s.admin.Do(ctx, "XADD", "jobs", "1-1", "job", "1"))
	got := receive(t, "XREADGROUP", read)
	try(t, "XREADGROUP", got.err)
	check(t, "XREADGROUP", got.value["jobs"], []rueidis.XRangeEntry{{ID: "1-1", FieldValues: map[string]string{"job": "1"}}})
	claimed, err := client.Do(ctx, client.B().Xclaim().Key("jobs").Group("g").Consumer("d").MinIdleTime("0").Id("1-1").Build()).AsXRange()
	try(t, "XCLAIM", err)
	check(t, "XCLAIM", claimed, got.value["jobs"])
	check(t, "XACK", number(t, client, client.B().Xack().Key("jobs").Group("g").Id("1-1").Build()), 1)
}

func rueidisIterators(t *testing.T, s *server) {
	const n = 300
	ctx, client := t.Context(), connectRueidis(t, s)
	var fill rueidis.Commands
	for i := range n {
		fill = append(fill, client.B().Set().Key(fmt.Sprint("scan:", i)).Value("v").Build(),
			client.B().Sadd().Key("scan-s").Member(fmt.Sprint("m", i)).Build())
	}
	for _, reply := range client.DoMulti(ctx, fill...) {
		try(t, "filling", reply.Error())
	}
	for name, page := range map[string]func(cursor uint64) rueidis.Completed{
		"SCAN":  func(c uint64) rueidis.Completed { return client.B().Scan().Cursor(c).Match("scan:*").Count(20).Build() },
		"SSCAN": func(c uint64) rueidis.Completed { return client.B().Sscan().Key("scan-s").Cursor(c).Count(20).Build() },
	} {
		found := map[string]bool{}
		scanner := rueidis.NewScanner(func(cursor uint64) (rueidis.ScanEntry, error) {
			return client.Do(ctx, page(cursor)).AsScanEntry()
		})
		for element := range scanner.Iter() {
			found[element] = true
		}
		try(t, name, scanner.Err())
		check(t, name, len(found), n)
	}
}

func rueidisEvents(t *testing.T, s *server) {
	ctx, client := t.Context(), connectRueidis(t, s)
	must(t, s.admin.ConfigSet(ctx, "notify-keyspace-events", "Ex"))
	defer s.admin.ConfigSet(ctx, "notify-keyspace-events", "")
	expired := make(chan string, 10)
	ctx, cancel := context.WithCancel(ctx)
	ended := begin(func() (struct{}, error) {
		return struct{}{}, client.Receive(ctx, client.B().Psubscribe().Pattern("__keyevent@*__:expired").Build(),
			func(m rueidis.PubSubMessage) { expired <- m.Channel + " " + m.Message })
	})
	await(t, "PSUBSCRIBE", func() bool { return must(t, s.admin.PubSubNumPat(t.Context())) == 1 })
	must(t, s.admin.Set(t.Context(), "event", "v", short))
	check(t, "an event", receive(t, "an event", expired), "__keyevent@0__:expired event")
	cancel()
	if err := receive(t, "the end", ended).err; !errors.Is(err, context.Canceled) {
		t.Errorf("the end of a subscription: %v", err)
	}
}

func rueidisReconnect(t *testing.T, s *server) {
	ctx, client := t.Context(), connectRueidis(t, s)
	id := number(t, client, client.B().ClientId().Build())
	s.kill(t, id)
	await(t, "a new connection", func() bool {
		now, err := client.Do(ctx, client.B().ClientId().Build()).AsInt64()
		return err == nil && now != id
	})
	check(t, "DoCache", client.DoCache(ctx, client.B().Strlen().Key("nosuch").Cache(), time.Hour).Error(), nil)
}

// A client that gives up while it is blocked takes nothing from those behind it.
func rueidisCancel(t *testing.T, s *server) {
	client := connectRueidis(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	popped := block(t, s, func() ([]string, error) {
		return client.Do(ctx, client.B().Blpop().Key("cancel").Timeout(0).Build()).AsStrSlice()
	})
	cancel()
	if err := receive(t, "the end", popped).err; !errors.Is(err, context.Canceled) {
		t.Errorf("BLPOP of a client that gives up: %v", err)
	}
	await(t, "nobody is blocked", func() bool { return s.blocked(t) == 0 })
	must(t, s.admin.RPush(t.Context(), "cancel", "kept"))
	check(t, "what was pushed then", must(t, s.admin.LRange(t.Context(), "cancel", 0, -1)), []string{"kept"})
}
