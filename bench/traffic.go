package main

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
)

// traffic is a load of pipelined requests from several connections.
type traffic struct {
	connections, depth int
	// request appends request number i. Connections call it at once.
	request func(out []byte, i int) []byte
}

// send sends requests 0 to n-1, shared out among the connections, and returns how many have been answered: all of them,
// unless ctx ended before or there was an error.
func (t traffic) send(ctx context.Context, addr string, n int) (answered int, err error) {
	var next, done atomic.Int64
	errs := make([]error, t.connections)
	var all sync.WaitGroup
	for c := range errs {
		all.Go(func() { errs[c] = t.connection(ctx, addr, n, &next, &done) })
	}
	all.Wait()
	return int(done.Load()), errors.Join(errs...)
}

// connection sends pipelines until the requests are used up or ctx ends.
func (t traffic) connection(ctx context.Context, addr string, n int, next, done *atomic.Int64) error {
	w, err := dialWire(ctx, addr)
	if err != nil {
		return err
	}
	defer w.close()
	for ctx.Err() == nil {
		first := int(next.Add(int64(t.depth))) - t.depth
		length := min(t.depth, n-first)
		if length <= 0 {
			return nil
		}
		for i := range length {
			w.out = t.request(w.out, first+i)
		}
		if err := w.exchange(length); err != nil {
			return err
		}
		done.Add(int64(length))
	}
	return nil
}

// sendAll is send for those who need every request answered.
func (s *server) sendAll(ctx context.Context, t traffic, n int) error {
	answered, err := t.send(ctx, s.addr, n)
	if err == nil && answered < n {
		err = ctx.Err()
	}
	return s.failure("loading", err)
}

// fill is the traffic with which data is prepared: fast, and of few connections.
func fill(request func(out []byte, i int) []byte) traffic { return traffic{2, 256, request} }

// appendKey appends the name of a key, 16 bytes: "key:" and the number in twelve digits.
func appendKey(out []byte, i int) []byte {
	const digits = "000000000000"
	out = append(out, "key:"+digits...)
	for at := len(out) - 1; i > 0; at, i = at-1, i/10 {
		out[at] += byte(i % 10)
	}
	return out
}

// values has letters enough for every value of a load.
const values = "the quick brown fox jumps over the lazy dog, time and again and again"

// appendSet appends SET of a key, with a value of so many bytes and further arguments.
func appendSet(out []byte, key, length int, more ...string) []byte {
	out = append(out, '*')
	out = strconv.AppendInt(out, int64(3+len(more)), 10)
	out = append(out, "\r\n$3\r\nSET\r\n$16\r\n"...)
	out = appendKey(out, key)
	out = append(out, "\r\n$"...)
	out = strconv.AppendInt(out, int64(length), 10)
	out = append(out, '\r', '\n')
	out = append(out, values[:length]...)
	out = append(out, '\r', '\n')
	for _, arg := range more {
		out = append(out, '$')
		out = strconv.AppendInt(out, int64(len(arg)), 10)
		out = append(out, '\r', '\n')
		out = append(out, arg...)
		out = append(out, '\r', '\n')
	}
	return out
}

// appendGet appends GET of a key.
func appendGet(out []byte, key int) []byte {
	out = append(out, "*2\r\n$3\r\nGET\r\n$16\r\n"...)
	return append(appendKey(out, key), '\r', '\n')
}

// scatter is a fixed permutation of 64-bit numbers without a pattern (the finalizer of splitmix64): request i of a load
// takes its random choices from it, so that all servers get the same requests and connections share no generator.
func scatter(i int) uint64 {
	x := (uint64(i) + 1) * 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}
