package realclients

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/gomodule/redigo/redis"
)

// connectRedigo connects redigo with its defaults: RESP2, and nothing said at connecting.
func connectRedigo(t *testing.T, s *server, options ...redis.DialOption) redis.Conn {
	t.Helper()
	conn, err := redis.Dial("tcp", s.addr, options...)
	try(t, "connecting", err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestRedigo(t *testing.T) {
	each(t,
		section{"connect", redigoConnect},
		section{"pipeline", redigoPipeline},
		section{"transaction", redigoTransaction},
		section{"pubsub", redigoPubSub},
		section{"sharded pubsub", redigoShardedPubSub},
		section{"blocking", redigoBlocking},
		section{"caching", redigoCaching},
		section{"groups", redigoGroups},
		section{"iterators", redigoIterators},
		section{"events", redigoEvents},
		section{"reconnect", redigoReconnect},
		section{"cancel", redigoCancel},
	)
}

// do returns the reply to one command, as the function reads it.
func do[T any](t *testing.T, conn redis.Conn, as func(any, error) (T, error), name string, args ...any) T {
	t.Helper()
	got, err := as(conn.Do(name, args...))
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return got
}

// sendAll sends commands in one piece, without waiting for their replies.
func sendAll(t *testing.T, conn redis.Conn, commands ...[]any) {
	t.Helper()
	for _, c := range commands {
		try(t, "sending", conn.Send(c[0].(string), c[1:]...))
	}
	try(t, "sending", conn.Flush())
}

func redigoConnect(t *testing.T, s *server) {
	conn := connectRedigo(t, s, redis.DialDatabase(3), redis.DialClientName("tester"))
	check(t, "PING", do(t, conn, redis.String, "PING"), "PONG")
	check(t, "CLIENT GETNAME", do(t, conn, redis.String, "CLIENT", "GETNAME"), "tester")
	if _, err := redis.String(conn.Do("GET", "nosuch")); !errors.Is(err, redis.ErrNil) {
		t.Errorf("GET of no key: %v", err)
	}
	byURL, err := redis.DialURL("redis://" + s.addr + "/1")
	try(t, "a URL", err)
	defer byURL.Close()
	check(t, "DBSIZE", do(t, byURL, redis.Int, "DBSIZE"), 0)
}

func redigoPipeline(t *testing.T, s *server) {
	const n = 1000
	conn := connectRedigo(t, s)
	for i := range n {
		sendAll(t, conn, []any{"SET", fmt.Sprint("pipeline:", i), i}, []any{"GET", fmt.Sprint("pipeline:", i)})
	}
	for i := range n {
		ok, err := redis.String(conn.Receive())
		try(t, "SET", err)
		check(t, "SET", ok, "OK")
		got, err := redis.Int(conn.Receive())
		try(t, "GET", err)
		check(t, "GET", got, i)
	}
}

func redigoTransaction(t *testing.T, s *server) {
	conn := connectRedigo(t, s)
	for _, c := range [][]any{{"MULTI"}, {"INCRBY", "tx", 5}, {"HSET", "tx", "f", "v"}, {"GET", "tx"}} {
		try(t, "sending", conn.Send(c[0].(string), c[1:]...))
	}
	results := do(t, conn, redis.Values, "EXEC")
	check(t, "results", len(results), 3)
	check(t, "INCRBY", results[0], any(int64(5)))
	if err, ok := results[1].(redis.Error); !ok {
		t.Errorf("HSET of a number: %v", err)
	}
	check(t, "GET", results[2], any([]byte("5")))

	check(t, "WATCH", do(t, conn, redis.String, "WATCH", "tx"), "OK")
	must(t, s.admin.Incr(t.Context(), "tx"))
	try(t, "MULTI", conn.Send("MULTI"))
	try(t, "SET", conn.Send("SET", "tx", "mine"))
	reply, err := conn.Do("EXEC")
	try(t, "EXEC", err)
	check(t, "EXEC over a changed key", reply, nil)

	try(t, "MULTI", conn.Send("MULTI"))
	try(t, "an unknown command", conn.Send("NOSUCH"))
	if _, err := conn.Do("EXEC"); err == nil {
		t.Error("a transaction with an unknown command runs")
	}
	check(t, "GET", do(t, conn, redis.Int, "GET", "tx"), 6)
}

// expectPush receives what is sent to a subscriber.
func expectPush(t *testing.T, conn redis.PubSubConn, want any) {
	t.Helper()
	check(t, "received", conn.ReceiveWithTimeout(giveUp), want)
}

func redigoPubSub(t *testing.T, s *server) {
	ctx := t.Context()
	sub := redis.PubSubConn{Conn: connectRedigo(t, s)}
	try(t, "SUBSCRIBE", sub.Subscribe("a", "b"))
	expectPush(t, sub, redis.Subscription{Kind: "subscribe", Channel: "a", Count: 1})
	expectPush(t, sub, redis.Subscription{Kind: "subscribe", Channel: "b", Count: 2})
	try(t, "PSUBSCRIBE", sub.PSubscribe("a*"))
	expectPush(t, sub, redis.Subscription{Kind: "psubscribe", Channel: "a*", Count: 3})
	check(t, "PUBLISH", must(t, s.admin.Publish(ctx, "a", "1")), 2)
	expectPush(t, sub, redis.Message{Channel: "a", Data: []byte("1")})
	expectPush(t, sub, redis.Message{Channel: "a", Pattern: "a*", Data: []byte("1")})
	try(t, "PING", sub.Ping("still there"))
	expectPush(t, sub, redis.Pong{Data: "still there"})
	try(t, "UNSUBSCRIBE", sub.Unsubscribe("a"))
	expectPush(t, sub, redis.Subscription{Kind: "unsubscribe", Channel: "a", Count: 2})
	try(t, "PUNSUBSCRIBE", sub.PUnsubscribe())
	expectPush(t, sub, redis.Subscription{Kind: "punsubscribe", Channel: "a*", Count: 1})
	try(t, "UNSUBSCRIBE", sub.Unsubscribe())
	expectPush(t, sub, redis.Subscription{Kind: "unsubscribe", Channel: "b", Count: 0})
	check(t, "a command behind it", do(t, sub.Conn, redis.String, "ECHO", "free"), "free")
}

// redigo has no words for shards: it sends what it is told and hands on what comes.
func redigoShardedPubSub(t *testing.T, s *server) {
	conn := connectRedigo(t, s)
	check(t, "SSUBSCRIBE", do(t, conn, redis.Values, "SSUBSCRIBE", "shard"), []any{[]byte("ssubscribe"), []byte("shard"), int64(1)})
	check(t, "SPUBLISH", must(t, s.admin.SPublish(t.Context(), "shard", "1")), 1)
	got, err := redis.ByteSlices(redis.ReceiveWithTimeout(conn, giveUp))
	try(t, "a message", err)
	check(t, "a message", got, [][]byte{[]byte("smessage"), []byte("shard"), []byte("1")})
	if _, err := conn.Do("GET", "k"); err == nil {
		t.Error("a subscriber may use GET in RESP2")
	}
	check(t, "SUNSUBSCRIBE", do(t, conn, redis.Values, "SUNSUBSCRIBE"), []any{[]byte("sunsubscribe"), []byte("shard"), int64(0)})
}

func redigoBlocking(t *testing.T, s *server) {
	ctx, conn := t.Context(), connectRedigo(t, s)
	if _, err := redis.Strings(conn.Do("BLPOP", "block:none", short.Seconds())); !errors.Is(err, redis.ErrNil) {
		t.Errorf("BLPOP of nothing: %v", err)
	}
	pop := block(t, s, func() ([]string, error) {
		return redis.Strings(conn.Do("BLPOP", "block:a", "block:b", giveUp.Seconds()))
	})
	must(t, s.admin.RPush(ctx, "block:b", "1"))
	check(t, "BLPOP", receive(t, "BLPOP", pop), outcome[[]string]{value: []string{"block:b", "1"}})
	move := block(t, s, func() (string, error) {
		return redis.String(conn.Do("BLMOVE", "block:c", "block:d", "LEFT", "RIGHT", 0))
	})
	must(t, s.admin.RPush(ctx, "block:c", "x"))
	check(t, "BLMOVE", receive(t, "BLMOVE", move), outcome[string]{value: "x"})
	read := block(t, s, func() ([]any, error) {
		return redis.Values(conn.Do("XREAD", "BLOCK", giveUp.Milliseconds(), "STREAMS", "block:s", "$"))
	})
	must(t, s.admin.Do(ctx, "XADD", "block:s", "1-1", "f", "v"))
	entry := []any{[]byte("1-1"), []any{[]byte("f"), []byte("v")}}
	check(t, "XREAD", receive(t, "XREAD", read), outcome[[]any]{value: []any{[]any{[]byte("block:s"), []any{entry}}}})

	// What is sent behind a blocking command waits for it.
	piped := block(t, s, func() ([]string, error) {
		sendAll(t, conn, []any{"BRPOP", "block:e", 0}, []any{"RPUSH", "block:f", "behind"}, []any{"LLEN", "block:f"})
		return redis.Strings(conn.Receive())
	})
	check(t, "what is behind has not run", must(t, s.admin.Exists(ctx, "block:f")), 0)
	must(t, s.admin.RPush(ctx, "block:e", "y"))
	check(t, "BRPOP", receive(t, "BRPOP", piped), outcome[[]string]{value: []string{"block:e", "y"}})
	for range 2 {
		n, err := redis.Int(conn.Receive())
		try(t, "what is behind", err)
		check(t, "what is behind", n, 1)
	}
}

// redigoCaching is what RESP2 has for caches: one connection hears what another has read.
func redigoCaching(t *testing.T, s *server) {
	ctx := t.Context()
	ear, reader := redis.PubSubConn{Conn: connectRedigo(t, s)}, connectRedigo(t, s)
	id := do(t, ear.Conn, redis.Int, "CLIENT", "ID")
	try(t, "SUBSCRIBE", ear.Subscribe("__redis__:invalidate"))
	expectPush(t, ear, redis.Subscription{Kind: "subscribe", Channel: "__redis__:invalidate", Count: 1})
	check(t, "CLIENT TRACKING", do(t, reader, redis.String, "CLIENT", "TRACKING", "ON", "REDIRECT", id), "OK")
	check(t, "CLIENT GETREDIR", do(t, reader, redis.Int, "CLIENT", "GETREDIR"), id)
	must(t, s.admin.Set(ctx, "cached", "old", 0))
	check(t, "GET", do(t, reader, redis.String, "GET", "cached"), "old")
	must(t, s.admin.Set(ctx, "cached", "new", 0))
	must(t, s.admin.Set(ctx, "cached", "newer", 0)) // is told of once, until it is read again
	must(t, s.admin.Set(ctx, "other", "v", 0))
	check(t, "GET", do(t, reader, redis.String, "GET", "cached"), "newer")
	must(t, s.admin.Del(ctx, "cached"))
	for range 2 {
		kind, channel, keys := invalidation(t, ear.Conn)
		check(t, "invalidated", fmt.Sprint(kind, " ", channel, " ", keys), "message __redis__:invalidate [cached]")
	}
	check(t, "CLIENT TRACKING", do(t, reader, redis.String, "CLIENT", "TRACKING", "OFF"), "OK")
}

// invalidation receives a message whose payload is a list of keys.
func invalidation(t *testing.T, conn redis.Conn) (kind, channel string, keys []string) {
	t.Helper()
	parts, err := redis.Values(redis.ReceiveWithTimeout(conn, giveUp))
	try(t, "an invalidation", err)
	_, err = redis.Scan(parts, &kind, &channel, &keys)
	try(t, "an invalidation", err)
	return kind, channel, keys
}

func redigoGroups(t *testing.T, s *server) {
	conn := connectRedigo(t, s)
	check(t, "XGROUP", do(t, conn, redis.String, "XGROUP", "CREATE", "jobs", "g", "0", "MKSTREAM"), "OK")
	read := block(t, s, func() ([]any, error) {
		return redis.Values(conn.Do("XREADGROUP", "GROUP", "g", "c", "COUNT", 1, "BLOCK", 0, "STREAMS", "jobs", ">"))
	})
	must(t, s.admin.Do(t.Context(), "XADD", "jobs", "1-1", "job", "1"))
	entry := []any{[]byte("1-1"), []any{[]byte("job"), []byte("1")}}
	check(t, "XREADGROUP", receive(t, "XREADGROUP", read), outcome[[]any]{value: []any{[]any{[]byte("jobs"), []any{entry}}}})
	pending := do(t, conn, redis.Values, "XPENDING", "jobs", "g")
	check(t, "XPENDING", pending[0], any(int64(1)))
	check(t, "XACK", do(t, conn, redis.Int, "XACK", "jobs", "g", "1-1"), 1)
}

func redigoIterators(t *testing.T, s *server) {
	const n = 300
	conn := connectRedigo(t, s)
	for i := range n {
		try(t, "sending", conn.Send("SET", fmt.Sprint("scan:", i), i))
	}
	_, err := conn.Do("")
	try(t, "filling", err)
	found := map[string]bool{}
	for cursor := "0"; ; {
		page := do(t, conn, redis.Values, "SCAN", cursor, "MATCH", "scan:*", "COUNT", 20)
		var keys []string
		_, err := redis.Scan(page, &cursor, &keys)
		try(t, "SCAN", err)
		for _, key := range keys {
			found[key] = true
		}
		if cursor == "0" {
			break
		}
	}
	check(t, "SCAN", len(found), n)
}

func redigoEvents(t *testing.T, s *server) {
	conn, sub := connectRedigo(t, s), redis.PubSubConn{Conn: connectRedigo(t, s)}
	check(t, "CONFIG SET", do(t, conn, redis.String, "CONFIG", "SET", "notify-keyspace-events", "Ex"), "OK")
	defer conn.Do("CONFIG", "SET", "notify-keyspace-events", "")
	try(t, "SUBSCRIBE", sub.Subscribe("__keyevent@0__:expired"))
	expectPush(t, sub, redis.Subscription{Kind: "subscribe", Channel: "__keyevent@0__:expired", Count: 1})
	check(t, "SET", do(t, conn, redis.String, "SET", "event", "v", "PX", short.Milliseconds()), "OK")
	expectPush(t, sub, redis.Message{Channel: "__keyevent@0__:expired", Data: []byte("event")})
}

func redigoReconnect(t *testing.T, s *server) {
	pool := &redis.Pool{MaxIdle: 1, DialContext: func(ctx context.Context) (redis.Conn, error) { return redis.DialContext(ctx, "tcp", s.addr) }}
	defer pool.Close()
	conn := pool.Get()
	id := do(t, conn, redis.Int64, "CLIENT", "ID")
	s.kill(t, id)
	if _, err := conn.Do("PING"); err == nil {
		t.Error("a connection that was cut answers")
	}
	conn.Close()
	conn = pool.Get()
	defer conn.Close()
	if do(t, conn, redis.Int64, "CLIENT", "ID") == id {
		t.Error("the pool gives the connection that was cut")
	}
}

// A client that gives up while it is blocked takes nothing from those behind it.
func redigoCancel(t *testing.T, s *server) {
	conn := connectRedigo(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	pop := block(t, s, func() ([]string, error) { return redis.Strings(redis.DoContext(conn, ctx, "BLPOP", "cancel", 0)) })
	cancel()
	if err := receive(t, "the end", pop).err; !errors.Is(err, context.Canceled) {
		t.Errorf("BLPOP of a client that gives up: %v", err)
	}
	await(t, "nobody is blocked", func() bool { return s.blocked(t) == 0 })
	must(t, s.admin.RPush(t.Context(), "cancel", "kept"))
	check(t, "what was pushed then", must(t, s.admin.LRange(t.Context(), "cancel", 0, -1)), []string{"kept"})
}
