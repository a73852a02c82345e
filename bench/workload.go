package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// The shape of the load, fixed by the acceptance table.
const (
	keyspace    = 100_000
	valueBytes  = 64
	connections = 50
	listKey     = "mylist" // redis-benchmark's names for its collections
	setKey      = "myset"
	zsetKey     = "myzset"
	rangeList   = 1000 // elements of the list whose head LRANGE reads
	fillDepth   = 64   // pipeline of redis-benchmark when it fills a list
)

// workload is one command of the table: how redis-benchmark is asked for it, and what data it starts from.
type workload struct {
	name string
	args []string // redis-benchmark's last arguments
	fill func(ctx context.Context, s *server, n int) error
	// send sends n commands in pipelines without redis-benchmark; nil: with it.
	send func(ctx context.Context, s *server, pipeline, n int) (sample, error)
}

// workloads are all that redis-benchmark measures unless told otherwise, in its order. Each run starts from the same data in
// both servers: commands on strings find every key they can draw, those that take elements as many as they take.
//
// LRANGE is sent as a command of its own instead of by -t lrange_100, which is the same bytes: redis-benchmark
// would fill the list first, in the same process, and that CPU time could not be told from the range's.
var workloads = []workload{
	{"PING_INLINE", []string{"-t", "ping_inline"}, fillNothing, nil},
	{"PING_MBULK", []string{"-t", "ping_mbulk"}, fillNothing, nil},
	{"SET", []string{"-t", "set"}, fillKeys, nil},
	{"GET", []string{"-t", "get"}, fillKeys, nil},
	{"INCR", []string{"-t", "incr"}, fillCounters, nil},
	{"LPUSH", []string{"-t", "lpush"}, fillNothing, nil},
	{"RPUSH", []string{"-t", "rpush"}, fillNothing, nil},
	{"LPOP", []string{"-t", "lpop"}, fillList, nil},
	{"RPOP", []string{"-t", "rpop"}, fillList, nil},
	{"SADD", []string{"-t", "sadd"}, fillNothing, nil},
	{"HSET", []string{"-t", "hset"}, fillNothing, nil},
	{"SPOP", []string{"-t", "spop"}, fillSet, nil},
	{"ZADD", []string{"-t", "zadd"}, fillNothing, nil},
	{"ZPOPMIN", []string{"-t", "zpopmin"}, fillSortedSet, nil},
	{"LRANGE_100", []string{"LRANGE", listKey, "0", "99"}, fillRange, nil},
	{"LRANGE_300", []string{"LRANGE", listKey, "0", "299"}, fillRange, nil},
	{"LRANGE_500", []string{"LRANGE", listKey, "0", "499"}, fillRange, nil},
	{"LRANGE_600", []string{"LRANGE", listKey, "0", "599"}, fillRange, nil},
	{"MSET", []string{"-t", "mset"}, fillKeys, nil},
}

func workloadNames() []string {
	names := make([]string, len(workloads))
	for i, w := range workloads {
		names[i] = w.name
	}
	return names
}

// findWorkload takes the name in either case.
func findWorkload(name string) (workload, error) {
	for _, w := range workloads {
		if strings.EqualFold(w.name, name) {
			return w, nil
		}
	}
	return workload{}, fmt.Errorf("-commands: %q is none of %s", name, strings.Join(workloadNames(), ", "))
}

// prepare empties the server and fills it for a run of n commands. The server is alone at work: this is not measured,
// but it must not disturb a run of the other one either.
func (w workload) prepare(ctx context.Context, s *server, n int) error {
	if err := s.rdb.FlushAll(ctx).Err(); err != nil {
		return s.failure("FLUSHALL", err)
	}
	return s.failure("filling for "+w.name, w.fill(ctx, s, n))
}

// fillNothing is for commands that add elements: their collection grows from nothing in every run alike.
func fillNothing(context.Context, *server, int) error { return nil }

// fillKeys lets every GET hit and every SET and MSET overwrite a value of the same length: the steady state of a cache.
func fillKeys(ctx context.Context, s *server, _ int) error {
	return fillStrings(ctx, s, "key:%012d", strings.Repeat("x", valueBytes))
}

// fillCounters lets INCR find every counter; it would create nearly all of them in a short run, and few in a long one.
func fillCounters(ctx context.Context, s *server, _ int) error {
	return fillStrings(ctx, s, "counter:%012d", "0")
}

// fillStrings sets every key that redis-benchmark can draw, under the names it gives them.
func fillStrings(ctx context.Context, s *server, format, value string) error {
	const chunk = 1000 // keys in one pipeline, some 100 KB: below any server's limits on a client's buffers
	for first := 0; first < keyspace; first += chunk {
		pipe := s.rdb.Pipeline()
		for i := range chunk {
			pipe.Set(ctx, fmt.Sprintf(format, first+i), value, 0)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
	}
	size, err := s.rdb.DBSize(ctx).Result()
	return expectSize("DBSIZE", size, keyspace, err)
}

// fillRange makes a list that is longer than the range but short enough to fit the caches alike at every n.
func fillRange(ctx context.Context, s *server, _ int) error { return fillList(ctx, s, rangeList) }

// fillList lets redis-benchmark push at least n elements, whole pipelines of them, so that n LPOPs never run dry.
func fillList(ctx context.Context, s *server, n int) error {
	n = roundUp(n, fillDepth)
	if _, err := runRedisBenchmark(ctx, s, fillDepth, n, "-t", "lpush"); err != nil {
		return err
	}
	length, err := s.rdb.LLen(ctx, listKey).Result()
	return expectSize("LLEN", length, int64(n), err)
}

// fillSet gives SPOP a set of n members, named as redis-benchmark does it.
func fillSet(ctx context.Context, s *server, n int) error {
	if err := collection(setKey, "SADD", func(i int) []string { return []string{drawnName(i)} })(ctx, s, n); err != nil {
		return err
	}
	size, err := s.rdb.SCard(ctx, setKey).Result()
	return expectSize("SCARD", size, int64(n), err)
}

// fillSortedSet gives ZPOPMIN a sorted set of n members, whose scores are as scattered as those that redis-benchmark draws.
func fillSortedSet(ctx context.Context, s *server, n int) error {
	member := func(i int) []string {
		return []string{strconv.FormatUint(scatter(i)%keyspace, 10), drawnName(i)}
	}
	if err := collection(zsetKey, "ZADD", member)(ctx, s, n); err != nil {
		return err
	}
	size, err := s.rdb.ZCard(ctx, zsetKey).Result()
	return expectSize("ZCARD", size, int64(n), err)
}

// drawnName is an element as redis-benchmark names it.
func drawnName(i int) string { return fmt.Sprintf("element:%012d", i) }

// expectSize makes sure that both servers are measured with the same data, and that a server is not fast because it
// dropped some.
func expectSize(command string, got, want int64, err error) error {
	if err == nil && got != want {
		err = fmt.Errorf("%s is %s after the fill, not %s", command, strconv.FormatInt(got, 10), strconv.FormatInt(want, 10))
	}
	return err
}

// roundUp returns the least multiple of step that is at least n.
func roundUp(n, step int) int { return (n + step - 1) / step * step }
