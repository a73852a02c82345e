package realclients

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-redsync/redsync/v4"
	locks "github.com/go-redsync/redsync/v4/redis"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	redigolocks "github.com/go-redsync/redsync/v4/redis/redigo"
	rueidislocks "github.com/go-redsync/redsync/v4/redis/rueidis"
	"github.com/gomodule/redigo/redis"
	goredisclient "github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
	"github.com/redis/rueidis/rueidiscompat"
)

// redsync's locks, with each of the clients that it can use. Its scripts are sent by their hash first.
func TestRedsync(t *testing.T) {
	t.Parallel()
	each(t,
		section{"go-redis", func(t *testing.T, s *server) { testLocks(t, s, goRedisPool) }},
		section{"redigo", func(t *testing.T, s *server) { testLocks(t, s, redigoPool) }},
		section{"rueidis", func(t *testing.T, s *server) { testLocks(t, s, rueidisPool) }},
		section{"quorum", lockQuorum},
	)
}

// lockPool connects to a database of the server.
type lockPool func(t *testing.T, s *server, db int) locks.Pool

func goRedisPool(t *testing.T, s *server, db int) locks.Pool {
	return goredis.NewPool(goRedis{}.connect(t, s, func(o *goredisclient.Options) { o.DB, o.ReadTimeout = db, giveUp }))
}

func redigoPool(t *testing.T, s *server, db int) locks.Pool {
	pool := &redis.Pool{Dial: func() (redis.Conn, error) { return redis.Dial("tcp", s.addr, redis.DialDatabase(db)) }}
	t.Cleanup(func() { pool.Close() })
	return redigolocks.NewPool(pool)
}

func rueidisPool(t *testing.T, s *server, db int) locks.Pool {
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{s.addr}, SelectDB: db, ForceSingleClient: true, ConnWriteTimeout: giveUp,
	})
	try(t, "connecting", err)
	t.Cleanup(client.Close)
	return rueidislocks.NewPool(rueidiscompat.NewAdapter(client))
}

// longLock is of a lock that no test outlives. Getting it may take a part of that time.
var longLock = redsync.WithExpiry(time.Hour)

func testLocks(t *testing.T, s *server, connect lockPool) {
	must(t, s.admin.FlushAll(t.Context()))
	must(t, s.admin.ScriptFlush(t.Context()))
	holder, other := redsync.New(connect(t, s, 0)), redsync.New(connect(t, s, 0))
	t.Run("contention", func(t *testing.T) { lockContention(t, s, holder, other) })
	t.Run("extension", func(t *testing.T) { lockExtension(t, s, holder, other) })
	t.Run("expiry", func(t *testing.T) { lockExpiry(t, s, holder, other) })
	t.Run("exclusion", func(t *testing.T) { lockExclusion(t, holder, other) })
}

func lockContention(t *testing.T, s *server, holder, other *redsync.Redsync) {
	mine, theirs := holder.NewMutex("lock", longLock), other.NewMutex("lock", longLock)
	try(t, "a free lock", mine.TryLock())
	check(t, "the key", must(t, s.admin.Get(t.Context(), "lock")), mine.Value())
	if err := theirs.TryLock(); !errors.As(err, new(*redsync.ErrTaken)) {
		t.Errorf("a lock that another holds: %v", err)
	}
	stranger := other.NewMutex("lock", longLock, redsync.WithValue("a guess"))
	if ok, err := stranger.Unlock(); ok || !errors.As(err, new(*redsync.ErrTaken)) {
		t.Errorf("who does not hold the lock releases it: %v, %v", ok, err)
	}
	check(t, "the key", must(t, s.admin.Get(t.Context(), "lock")), mine.Value())

	waits := other.NewMutex("lock", longLock, redsync.WithTries(1e9), redsync.WithRetryDelay(short))
	got := begin(func() (string, error) { err := waits.Lock(); return waits.Value(), err })
	unlock(t, mine)
	await(t, "who waits gets it", func() bool { return len(got) == 1 })
	check(t, "who waits", (<-got).err, nil)
	unlock(t, waits)
	check(t, "keys", must(t, s.admin.DBSize(t.Context())), 0)
}

func unlock(t *testing.T, lock *redsync.Mutex) {
	t.Helper()
	ok, err := lock.Unlock()
	try(t, "Unlock", err)
	check(t, "Unlock", ok, true)
}

func lockExtension(t *testing.T, s *server, holder, other *redsync.Redsync) {
	mine := holder.NewMutex("lock", longLock)
	try(t, "a free lock", mine.Lock())
	until := mine.Until()
	must(t, s.admin.Expire(t.Context(), "lock", time.Minute*10))
	ok, err := mine.Extend()
	try(t, "Extend", err)
	check(t, "Extend", ok, true)
	if left := must(t, s.admin.PTTL(t.Context(), "lock")); left <= 10*time.Minute || left > time.Hour || !mine.Until().After(until) {
		t.Errorf("after it is extended the lock has %v, and lasts from %v to %v", left, until, mine.Until())
	}
	stranger := other.NewMutex("lock", redsync.WithExpiry(2*time.Hour), redsync.WithValue("a guess"))
	if ok, err := stranger.Extend(); ok || err == nil {
		t.Errorf("who does not hold the lock extends it: %v, %v", ok, err)
	}
	if left := must(t, s.admin.PTTL(t.Context(), "lock")); left > time.Hour {
		t.Errorf("then the lock has %v", left)
	}
	heir := other.NewMutex("lock", longLock, redsync.WithValue(mine.Value())) // who knows the value holds the lock
	unlock(t, heir)
}

func lockExpiry(t *testing.T, s *server, holder, other *redsync.Redsync) {
	mine := holder.NewMutex("lock", longLock)
	expire := func() {
		try(t, "a free lock", mine.Lock())
		must(t, s.admin.PExpire(t.Context(), "lock", time.Millisecond))
		await(t, "the lock has expired", func() bool { return must(t, s.admin.Exists(t.Context(), "lock")) == 0 })
	}
	expire()
	if ok, err := mine.Extend(); ok || err == nil {
		t.Errorf("extending a lock that has expired: %v, %v", ok, err)
	}
	if ok, err := mine.Unlock(); ok || !errors.Is(err, redsync.ErrLockAlreadyExpired) {
		t.Errorf("releasing a lock that has expired: %v, %v", ok, err)
	}

	again := holder.NewMutex("lock", longLock, redsync.WithValue(mine.Value()), redsync.WithSetNXOnExtend())
	ok, err := again.Extend()
	try(t, "Extend", err)
	check(t, "getting a lock again that has expired", ok, true)
	unlock(t, again)

	expire()
	theirs := other.NewMutex("lock", longLock)
	try(t, "a lock that has expired", theirs.TryLock())
	if ok, err := mine.Unlock(); ok || err == nil {
		t.Errorf("who held the lock releases it: %v, %v", ok, err)
	}
	unlock(t, theirs)
}

// One lock for eight who add to a number that only the lock protects.
func lockExclusion(t *testing.T, holder, other *redsync.Redsync) {
	const adders, times = 8, 10
	sum, inside := 0, sync.Mutex{}
	var all sync.WaitGroup
	for i := range adders {
		owner := []*redsync.Redsync{holder, other}[i%2]
		all.Go(func() {
			for range times {
				lock := owner.NewMutex("lock", longLock, redsync.WithTries(1e9), redsync.WithRetryDelay(time.Millisecond))
				if err := lock.Lock(); err != nil {
					t.Error(err)
					return
				}
				if !inside.TryLock() {
					t.Error("two hold the lock")
					return
				}
				sum++
				inside.Unlock()
				if ok, err := lock.Unlock(); !ok {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	check(t, "the number", sum, adders*times)
}

// Of three places the lock must be free in two. The places are databases here.
func lockQuorum(t *testing.T, s *server) {
	must(t, s.admin.FlushAll(t.Context()))
	places := []locks.Pool{goRedisPool(t, s, 0), redigoPool(t, s, 1), rueidisPool(t, s, 2)}
	occupy := func(db int) {
		try(t, "occupying a place", redsync.New(places[db]).NewMutex("lock", longLock).TryLock())
	}
	mine := redsync.New(places...).NewMutex("lock", longLock)
	occupy(0)
	try(t, "a lock that is free in two places of three", mine.TryLock())
	unlock(t, mine)
	occupy(1)
	if err := mine.TryLock(); !errors.As(err, new(*redsync.ErrTaken)) {
		t.Errorf("a lock that is free in one place of three: %v", err)
	}
	if keys := must(t, s.admin.Info(t.Context(), "keyspace")); strings.Contains(keys, "db2") {
		t.Errorf("who does not get the lock keeps its place: %s", fmt.Sprint(keys))
	}
}
