package realclients

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// goRedis is go-redis speaking a dialect; 0 is the one it chooses.
type goRedis struct{ protocol int }

// connect connects with the defaults, but for what the changes change.
func (u goRedis) connect(t *testing.T, s *server, changes ...func(*redis.Options)) *redis.Client {
	options := redis.Options{Addr: s.addr, Protocol: u.protocol}
	for _, change := range changes {
		change(&options)
	}
	client := redis.NewClient(&options)
	t.Cleanup(func() { client.Close() })
	return client
}

func TestGoRedis(t *testing.T) {
	u := goRedis{}
	each(t, append(u.sections(), section{"caching", u.caching})...)
}

// In the older dialect a connection that subscribes does nothing else, and nothing can tell a cache what changes.
func TestGoRedisInRESP2(t *testing.T) { each(t, goRedis{protocol: 2}.sections()...) }

func (u goRedis) sections() []section {
	return []section{
		{"connect", u.connection},
		{"values", u.values},
		{"pipeline", u.pipeline},
		{"transaction", u.transaction},
		{"optimistic locking", u.optimisticLocking},
		{"pubsub", u.pubSub},
		{"sharded pubsub", u.shardedPubSub},
		{"blocking", u.blocking},
		{"blocking stream", u.blockingStream},
		{"groups", u.groups},
		{"iterators", u.iterators},
		{"events", u.events},
		{"reconnect", u.reconnect},
		{"cancel", u.cancel},
	}
}

func (u goRedis) connection(t *testing.T, s *server) {
	client := u.connect(t, s, func(o *redis.Options) { o.ClientName, o.DB = "tester", 3 })
	info := must(t, client.ClientInfo(t.Context()))
	if info.Resp != cmp.Or(u.protocol, 3) || info.Name != "tester" || info.DB != 3 {
		t.Errorf("the client is %+v", info)
	}
	check(t, "PING", must(t, client.Ping(t.Context())), "PONG")
	if err := client.Get(t.Context(), "nosuch").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("GET of no key: %v", err)
	}
}

func (u goRedis) values(t *testing.T, s *server) {
	ctx, client := t.Context(), u.connect(t, s)
	for _, value := range []string{"", "v\r\n\x00\xff", strings.Repeat("x", 3<<20)} {
		must(t, client.Set(ctx, "value", value, time.Hour))
		if got := must(t, client.Get(ctx, "value")); got != value {
			t.Errorf("of %d bytes GET returns %d: %.40q", len(value), len(got), got)
		}
	}
	must(t, client.Set(ctx, "value", "v", time.Hour))
	check(t, "INCRBYFLOAT", must(t, client.IncrByFloat(ctx, "value:n", 5.5)), 5.5)
	check(t, "MGET", must(t, client.MGet(ctx, "value", "nosuch", "value:n")), []any{"v", nil, "5.5"})
	check(t, "SETNX over a key", must(t, client.SetNX(ctx, "value", "w", 0)), false)
	if err := client.Incr(ctx, "value").Err(); err == nil || err.Error() != "ERR value is not an integer or out of range" {
		t.Errorf("INCR of no number: %v", err)
	}
	if err := client.LPush(ctx, "value", "x").Err(); err == nil || !strings.HasPrefix(err.Error(), "WRONGTYPE ") {
		t.Errorf("LPUSH to a string: %v", err)
	}
	if err := client.LPopCount(ctx, "nosuch", 2).Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("LPOP of no list: %v", err)
	}
	if got := must(t, client.Command(ctx)); got["get"] == nil || got["get"].FirstKeyPos != 1 || !got["get"].ReadOnly {
		t.Errorf("COMMAND says of GET %+v", got["get"])
	}
}

func (u goRedis) pipeline(t *testing.T, s *server) {
	const n = 1000
	ctx, client := t.Context(), u.connect(t, s)
	var gets [n]*redis.StringCmd
	cmds, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range n {
			key := fmt.Sprint("pipeline:", i)
			p.Set(ctx, key, i, 0)
			gets[i] = p.Get(ctx, key)
		}
		return nil
	})
	try(t, "the pipeline", err)
	check(t, "replies", len(cmds), 2*n)
	for i, get := range gets {
		if get.Val() != fmt.Sprint(i) {
			t.Errorf("reply %d is %q", i, get.Val())
		}
	}
	cmds, err = client.Pipelined(ctx, func(p redis.Pipeliner) error { // an error in the middle concerns its command only
		p.Incr(ctx, "pipeline:n")
		p.LPush(ctx, "pipeline:n", "x")
		p.Incr(ctx, "pipeline:n")
		return nil
	})
	if err == nil || cmds[0].Err() != nil || cmds[1].Err() == nil || cmds[2].(*redis.IntCmd).Val() != 2 {
		t.Errorf("with an error in the middle: %v, %v", err, cmds)
	}
}

func (u goRedis) transaction(t *testing.T, s *server) {
	ctx, client := t.Context(), u.connect(t, s)
	var n *redis.IntCmd
	var all *redis.MapStringStringCmd
	_, err := client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		n = p.IncrBy(ctx, "tx:n", 5)
		p.HSet(ctx, "tx:h", "a", 1, "b", 2)
		all = p.HGetAll(ctx, "tx:h")
		return nil
	})
	try(t, "MULTI", err)
	check(t, "INCRBY", n.Val(), 5)
	check(t, "HGETALL", all.Val(), map[string]string{"a": "1", "b": "2"})

	cmds, err := client.TxPipelined(ctx, func(p redis.Pipeliner) error { // what fails while it runs undoes nothing
		p.LPush(ctx, "tx:n", "x")
		p.Incr(ctx, "tx:n")
		return nil
	})
	if err == nil || cmds[0].Err() == nil || cmds[1].(*redis.IntCmd).Val() != 6 {
		t.Errorf("with a command that fails: %v, %v", err, cmds)
	}
	_, err = client.TxPipelined(ctx, func(p redis.Pipeliner) error { // what cannot be queued undoes all
		p.Incr(ctx, "tx:n")
		p.Do(ctx, "nosuchcommand")
		return nil
	})
	if err == nil {
		t.Error("a transaction with an unknown command runs")
	}
	check(t, "behind it", must(t, client.Get(ctx, "tx:n")), "6")
}

// Many clients add to one number by reading it and writing it back under WATCH.
func (u goRedis) optimisticLocking(t *testing.T, s *server) {
	const adders, times = 8, 25
	ctx, client := t.Context(), u.connect(t, s)
	add := func(tx *redis.Tx) error {
		n, err := tx.Get(ctx, "watched").Int()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, "watched", n+1, 0)
			return nil
		})
		return err
	}
	var all sync.WaitGroup
	for range adders {
		all.Go(func() {
			for done := 0; done < times; {
				switch err := client.Watch(ctx, add, "watched"); {
				case err == nil:
					done++
				case !errors.Is(err, redis.TxFailedErr):
					t.Errorf("WATCH: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	check(t, "the number", must(t, client.Get(ctx, "watched")), fmt.Sprint(adders*times))

	err := client.Watch(ctx, func(tx *redis.Tx) error {
		must(t, s.admin.Set(ctx, "watched", "0", 0))
		return add(tx)
	}, "watched")
	check(t, "EXEC over a changed key", err, error(redis.TxFailedErr))
}

// expectEvent receives the confirmation of a subscription or of its end.
func expectEvent(t *testing.T, sub *redis.PubSub, kind, channel string, count int) {
	t.Helper()
	got, err := sub.ReceiveTimeout(t.Context(), giveUp)
	try(t, kind, err)
	check(t, kind, got, any(&redis.Subscription{Kind: kind, Channel: channel, Count: count}))
}

func expectMessage(t *testing.T, sub *redis.PubSub, want redis.Message) {
	t.Helper()
	got, err := sub.ReceiveTimeout(t.Context(), giveUp)
	try(t, "a message", err)
	check(t, "a message", got, any(&want))
}

func (u goRedis) pubSub(t *testing.T, s *server) {
	ctx, client := t.Context(), u.connect(t, s)
	sub := client.Subscribe(ctx, "a", "b")
	defer sub.Close()
	expectEvent(t, sub, "subscribe", "a", 1)
	expectEvent(t, sub, "subscribe", "b", 2)
	try(t, "PSUBSCRIBE", sub.PSubscribe(ctx, "a*"))
	expectEvent(t, sub, "psubscribe", "a*", 3)
	check(t, "PUBLISH", must(t, client.Publish(ctx, "a", "1")), 2)
	expectMessage(t, sub, redis.Message{Channel: "a", Payload: "1"})
	expectMessage(t, sub, redis.Message{Channel: "a", Pattern: "a*", Payload: "1"})
	check(t, "PUBLISH to a pattern", must(t, client.Publish(ctx, "ab", "2\r\n")), 1)
	expectMessage(t, sub, redis.Message{Channel: "ab", Pattern: "a*", Payload: "2\r\n"})
	try(t, "PING", sub.Ping(ctx, "still there"))
	got, err := sub.ReceiveTimeout(ctx, giveUp)
	try(t, "PONG", err)
	if pong, ok := got.(*redis.Pong); !ok || pong.Payload != "still there" {
		t.Errorf("PING is answered %v", got)
	}

	channels := must(t, client.PubSubChannels(ctx, "*"))
	slices.Sort(channels)
	check(t, "PUBSUB CHANNELS", channels, []string{"a", "b"})
	check(t, "PUBSUB NUMSUB", must(t, client.PubSubNumSub(ctx, "a", "none")), map[string]int64{"a": 1, "none": 0})
	check(t, "PUBSUB NUMPAT", must(t, client.PubSubNumPat(ctx)), 1)

	try(t, "UNSUBSCRIBE", sub.Unsubscribe(ctx, "a"))
	expectEvent(t, sub, "unsubscribe", "a", 2)
	try(t, "PUNSUBSCRIBE", sub.PUnsubscribe(ctx, "a*"))
	expectEvent(t, sub, "punsubscribe", "a*", 1)
	check(t, "PUBLISH to nobody", must(t, client.Publish(ctx, "a", "3")), 0)
	check(t, "PUBLISH to the rest", must(t, client.Publish(ctx, "b", "4")), 1)
	expectMessage(t, sub, redis.Message{Channel: "b", Payload: "4"})

	const n = 1000 // go-redis' channel, as most people use it
	messages := sub.Channel(redis.WithChannelSize(n))
	_, err = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range n {
			p.Publish(ctx, "b", i)
		}
		return nil
	})
	try(t, "many PUBLISH", err)
	for i := range n {
		if got := receive(t, "a message", messages).Payload; got != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, got)
		}
	}
}

func (u goRedis) shardedPubSub(t *testing.T, s *server) {
	ctx, client := t.Context(), u.connect(t, s)
	sub := client.SSubscribe(ctx, "shard")
	defer sub.Close()
	expectEvent(t, sub, "ssubscribe", "shard", 1)
	check(t, "SPUBLISH", must(t, client.SPublish(ctx, "shard", "1")), 1)
	expectMessage(t, sub, redis.Message{Channel: "shard", Payload: "1"})
	check(t, "PUBLISH", must(t, client.Publish(ctx, "shard", "2")), 0)
	check(t, "PUBSUB SHARDCHANNELS", must(t, client.PubSubShardChannels(ctx, "*")), []string{"shard"})
	check(t, "PUBSUB SHARDNUMSUB", must(t, client.PubSubShardNumSub(ctx, "shard")), map[string]int64{"shard": 1})
	try(t, "SUNSUBSCRIBE", sub.SUnsubscribe(ctx, "shard"))
	expectEvent(t, sub, "sunsubscribe", "shard", 0)
}

func (u goRedis) blocking(t *testing.T, s *server) {
	ctx, client := t.Context(), u.connect(t, s)
	if _, err := client.BLPop(ctx, time.Second, "block:none").Result(); !errors.Is(err, redis.Nil) { // the least it allows
		t.Errorf("BLPOP of nothing: %v", err)
	}
	if err := client.BLMove(ctx, "block:none", "block:none", "LEFT", "RIGHT", time.Second).Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("BLMOVE of nothing: %v", err)
	}

	popped := block(t, s, func() ([]string, error) { return client.BLPop(ctx, giveUp, "block:a", "block:b").Result() })
	must(t, s.admin.RPush(ctx, "block:b", "1", "2"))
	check(t, "BLPOP", receive(t, "BLPOP", popped), outcome[[]string]{value: []string{"block:b", "1"}})
	check(t, "what is left", must(t, client.LRange(ctx, "block:b", 0, -1)), []string{"2"})

	moved := block(t, s, func() (string, error) {
		return client.BLMove(ctx, "block:c", "block:d", "LEFT", "RIGHT", giveUp).Result()
	})
	chained := block(t, s, func() ([]string, error) { return client.BRPop(ctx, giveUp, "block:d").Result() })
	must(t, s.admin.LPush(ctx, "block:c", "x"))
	check(t, "BLMOVE", receive(t, "BLMOVE", moved), outcome[string]{value: "x"})
	check(t, "BRPOP of what it moved", receive(t, "BRPOP", chained), outcome[[]string]{value: []string{"block:d", "x"}})

	lowest := block(t, s, func() (*redis.ZWithKey, error) { return client.BZPopMin(ctx, giveUp, "block:z").Result() })
	must(t, s.admin.ZAdd(ctx, "block:z", redis.Z{Score: 2.5, Member: "m"}, redis.Z{Score: 3, Member: "n"}))
	want := redis.ZWithKey{Key: "block:z", Z: redis.Z{Score: 2.5, Member: "m"}}
	check(t, "BZPOPMIN", receive(t, "BZPOPMIN", lowest), outcome[*redis.ZWithKey]{value: &want})

	type popping struct {
		key  string
		vals []string
	}
	many := block(t, s, func() (popping, error) {
		key, vals, err := client.BLMPop(ctx, giveUp, "RIGHT", 2, "block:e", "block:f").Result()
		return popping{key, vals}, err
	})
	must(t, s.admin.RPush(ctx, "block:f", "1", "2", "3"))
	check(t, "BLMPOP", receive(t, "BLMPOP", many), outcome[popping]{value: popping{"block:f", []string{"3", "2"}}})
}

func (u goRedis) blockingStream(t *testing.T, s *server) {
	ctx, client := t.Context(), u.connect(t, s)
	_, err := client.XRead(ctx, &redis.XReadArgs{Streams: []string{"block:s", "$"}, Block: short}).Result()
	check(t, "XREAD of nothing", err, error(redis.Nil))
	must(t, client.XAdd(ctx, &redis.XAddArgs{Stream: "block:s", ID: "1-1", Values: []string{"old", "1"}}))
	read := block(t, s, func() ([]redis.XStream, error) {
		return client.XRead(ctx, &redis.XReadArgs{Streams: []string{"block:s", "$"}, Block: giveUp}).Result()
	})
	must(t, s.admin.XAdd(ctx, &redis.XAddArgs{Stream: "block:s", ID: "2-1", Values: []string{"new", "2"}}))
	message := redis.XMessage{ID: "2-1", Values: map[string]any{"new": "2"}}
	got := receive(t, "XREAD", read)
	try(t, "XREAD", got.err)
	check(t, "XREAD", len(got.value), 1)
	check(t, "XREAD", got.value[0].Messages[0].ID, message.ID)
	check(t, "XREAD", got.value[0].Messages[0].Values, message.Values)
}

func (u goRedis) caching(t *testing.T, s *server) {
	ctx := t.Context()
	client := u.connect(t, s, func(o *redis.Options) { o.ClientSideCacheConfig = &redis.ClientSideCacheConfig{} })
	must(t, s.admin.Set(ctx, "cached", "old", 0))
	await(t, "a hit of the cache", func() bool {
		check(t, "GET", must(t, client.Get(ctx, "cached")), "old")
		return client.CSCStats().Hits > 0
	})
	must(t, s.admin.Set(ctx, "cached", "new", 0))
	await(t, "the new value", func() bool { return must(t, client.Get(ctx, "cached")) == "new" })

	must(t, s.admin.HSet(ctx, "cached:h", "f", "1"))
	hits := client.CSCStats().Hits
	await(t, "a hit for a hash", func() bool {
		check(t, "HGETALL", must(t, client.HGetAll(ctx, "cached:h")), map[string]string{"f": "1"})
		return client.CSCStats().Hits > hits
	})
	must(t, s.admin.Del(ctx, "cached:h"))
	await(t, "the hash is gone", func() bool { return len(must(t, client.HGetAll(ctx, "cached:h"))) == 0 })
	must(t, s.admin.FlushDB(ctx))
	await(t, "the key is gone", func() bool { return errors.Is(client.Get(ctx, "cached").Err(), redis.Nil) })
}

func (u goRedis) groups(t *testing.T, s *server) {
	const n = 10
	ctx, client := t.Context(), u.connect(t, s)
	must(t, client.XGroupCreateMkStream(ctx, "jobs", "workers", "0"))
	if err := client.XGroupCreate(ctx, "jobs", "workers", "0").Err(); err == nil || err.Error() != "BUSYGROUP Consumer Group name already exists" {
		t.Errorf("XGROUP CREATE of a group that is there: %v", err)
	}
	take := func(consumer, from string, block time.Duration) ([]redis.XStream, error) {
		return client.XReadGroup(ctx, &redis.XReadGroupArgs{
			Group: "workers", Consumer: consumer, Streams: []string{"jobs", from}, Count: n, Block: block,
		}).Result()
	}
	waiting := block(t, s, func() ([]redis.XStream, error) { return take("first", ">", giveUp) })
	id := must(t, s.admin.XAdd(ctx, &redis.XAddArgs{Stream: "jobs", Values: []string{"job", "0"}}))
	got := receive(t, "XREADGROUP", waiting)
	try(t, "XREADGROUP", got.err)
	check(t, "XREADGROUP", got.value[0].Messages[0].ID, id)
	check(t, "XACK", must(t, client.XAck(ctx, "jobs", "workers", id)), 1)

	for i := range n {
		must(t, client.XAdd(ctx, &redis.XAddArgs{Stream: "jobs", Values: []string{"job", fmt.Sprint(i)}}))
	}
	jobs, err := take("first", ">", -1)
	try(t, "XREADGROUP", err)
	check(t, "jobs", len(jobs[0].Messages), n)
	pending := must(t, client.XPending(ctx, "jobs", "workers"))
	check(t, "XPENDING", pending.Consumers, map[string]int64{"first": n})
	claimed, _, err := client.XAutoClaim(ctx, &redis.XAutoClaimArgs{
		Stream: "jobs", Group: "workers", Consumer: "second", Start: "0", Count: n / 2,
	}).Result()
	try(t, "XAUTOCLAIM", err)
	check(t, "XAUTOCLAIM", len(claimed), n/2)
	for _, job := range claimed {
		must(t, client.XAck(ctx, "jobs", "workers", job.ID))
	}
	again, err := take("first", "0", -1)
	try(t, "XREADGROUP of what is pending", err)
	check(t, "pending jobs", len(again[0].Messages), n-n/2)
	check(t, "XINFO CONSUMERS", len(must(t, client.XInfoConsumers(ctx, "jobs", "workers"))), 2)
}

func (u goRedis) iterators(t *testing.T, s *server) {
	const n = 500
	ctx, client := t.Context(), u.connect(t, s)
	_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range n {
			p.Set(ctx, fmt.Sprint("scan:", i), i, 0)
			p.HSet(ctx, "scan-h", fmt.Sprint(i), i)
			p.SAdd(ctx, "scan-s", i)
			p.ZAdd(ctx, "scan-z", redis.Z{Score: float64(i), Member: fmt.Sprint(i)})
		}
		return nil
	})
	try(t, "filling", err)
	for _, c := range []struct {
		what string
		cmd  *redis.ScanCmd
		want int
	}{
		{"SCAN", client.Scan(ctx, 0, "scan:*", 20), n},
		{"SCAN TYPE", client.ScanType(ctx, 0, "scan-*", 20, "zset"), 1},
		{"HSCAN", client.HScan(ctx, "scan-h", 0, "", 20), 2 * n},
		{"SSCAN", client.SScan(ctx, "scan-s", 0, "*", 20), n},
		{"ZSCAN", client.ZScan(ctx, "scan-z", 0, "", 20), 2 * n},
	} {
		elements := 0
		all := c.cmd.Iterator()
		for all.Next(ctx) {
			elements++
		}
		try(t, c.what, all.Err())
		check(t, c.what, elements, c.want)
	}
}

func (u goRedis) events(t *testing.T, s *server) {
	ctx, client := t.Context(), u.connect(t, s)
	must(t, client.ConfigSet(ctx, "notify-keyspace-events", "KEx$g"))
	defer client.ConfigSet(ctx, "notify-keyspace-events", "")
	sub := client.PSubscribe(ctx, "__key*@0__:*")
	defer sub.Close()
	expectEvent(t, sub, "psubscribe", "__key*@0__:*", 1)
	expect := func(event, key string) {
		t.Helper()
		expectMessage(t, sub, redis.Message{Pattern: "__key*@0__:*", Channel: "__keyspace@0__:" + key, Payload: event})
		expectMessage(t, sub, redis.Message{Pattern: "__key*@0__:*", Channel: "__keyevent@0__:" + event, Payload: key})
	}
	must(t, client.Set(ctx, "event", "v", short))
	expect("set", "event")
	expect("expire", "event")
	expect("expired", "event")
	must(t, client.Set(ctx, "event", "v", 0))
	expect("set", "event")
	must(t, client.Del(ctx, "event"))
	expect("del", "event")
	must(t, client.LPush(ctx, "event", "v")) // not asked for
	must(t, client.Del(ctx, "event"))
	expect("del", "event")
}

func (u goRedis) reconnect(t *testing.T, s *server) {
	ctx, client := t.Context(), u.connect(t, s)
	id := must(t, client.ClientID(ctx))
	s.kill(t, id)
	if got := must(t, client.ClientID(ctx)); got == id {
		t.Error("the client still has the connection that was cut")
	}

	sub := client.Subscribe(ctx, "reconnect")
	defer sub.Close()
	expectEvent(t, sub, "subscribe", "reconnect", 1)
	messages := sub.Channel()
	s.killSubscriber(t)
	await(t, "the subscription is back", func() bool { return must(t, s.admin.PubSubNumSub(ctx, "reconnect"))["reconnect"] == 1 })
	must(t, client.Publish(ctx, "reconnect", "hello"))
	check(t, "a message", receive(t, "a message", messages).Payload, "hello")
}

// A client that gives up while it is blocked takes nothing from those behind it.
func (u goRedis) cancel(t *testing.T, s *server) {
	client := u.connect(t, s, func(o *redis.Options) { o.ContextTimeoutEnabled = true })
	id := must(t, client.ClientID(t.Context()))
	giveUpSoon := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), short)
		defer cancel()
		return client.BLPop(ctx, 0, "cancel").Err()
	}
	err := giveUpSoon()
	for errors.Is(err, context.DeadlineExceeded) { // on a busy machine that may be over before anything is sent
		err = giveUpSoon()
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("BLPOP of a client that gives up: %v", err)
	}
	s.gone(t, id)
	must(t, s.admin.RPush(t.Context(), "cancel", "kept"))
	check(t, "what was pushed then", must(t, client.LRange(t.Context(), "cancel", 0, -1)), []string{"kept"})
}
