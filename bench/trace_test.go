package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestZipfTrace(t *testing.T) {
	const requests, distinct, s = 200_000, 1000, 1.01
	trace := zipfTrace(7, requests, distinct, s)
	if !slices.Equal(trace, zipfTrace(7, requests, distinct, s)) || slices.Equal(trace, zipfTrace(8, requests, distinct, s)) {
		t.Error("a trace does not follow from its seed")
	}
	counts, weight := make([]float64, distinct), 0.0
	for _, key := range trace {
		counts[key]++
	}
	for k := range distinct {
		weight += math.Pow(float64(k+1), -s)
	}
	for _, k := range []int{0, 1, 9, 99} {
		want := requests * math.Pow(float64(k+1), -s) / weight
		if math.Abs(counts[k]-want) > 6*math.Sqrt(want) {
			t.Errorf("key %d was drawn %.0f times, expected %.0f", k, counts[k], want)
		}
	}
}

// naive is an exact cache that looks through all its keys for the one to go.
type naive struct {
	capacity, now int
	lfu           bool
	used, uses    map[int32]int
}

func (c *naive) get(key int32) bool {
	c.now++
	_, ok := c.uses[key]
	if ok {
		c.uses[key]++
		c.used[key] = c.now
	}
	return ok
}

func (c *naive) set(key int32) {
	if c.get(key) {
		return
	}
	if len(c.uses) == c.capacity {
		victim := int32(-1)
		for k := range c.uses {
			if victim < 0 || c.worse(k, victim) {
				victim = k
			}
		}
		delete(c.uses, victim)
		delete(c.used, victim)
	}
	c.uses[key], c.used[key] = 1, c.now
}

func (c *naive) worse(a, b int32) bool {
	if c.lfu && c.uses[a] != c.uses[b] {
		return c.uses[a] < c.uses[b]
	}
	return c.used[a] < c.used[b]
}

func TestExactCaches(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, test := range []struct {
		lfu bool
		new func(int) cache
	}{{false, newExactLRU}, {true, newExactLFU}} {
		exact, model := test.new(20), &naive{20, 0, test.lfu, map[int32]int{}, map[int32]int{}}
		for i := range 20_000 {
			key := min(rng.Int32N(60), rng.Int32N(60))
			if rng.IntN(3) == 0 {
				exact.set(key)
				model.set(key)
			} else if exact.get(key) != model.get(key) {
				t.Fatalf("LFU %v: step %d: get of %d differs from the model", test.lfu, i, key)
			}
		}
	}
}

func TestPlay(t *testing.T) {
	// In one batch a key that is missing is missed as often as it is asked for.
	for _, test := range []struct {
		trace       []int32
		batch, warm int
		want        float64
	}{
		{[]int32{1, 1, 1, 1}, 1, 0, 0.75},
		{[]int32{1, 1, 1, 1}, 2, 0, 0.5},
		{[]int32{1, 1, 1, 1}, 4, 0, 0},
		{[]int32{1, 1, 1, 1}, 1, 2, 1},
		{[]int32{1, 2, 3, 1, 2, 3}, 1, 0, 0}, // the capacity is two
		{[]int32{1, 2, 1, 3, 1}, 1, 3, 0.5},
	} {
		if got := play(newExactLRU(2), test.trace, test.batch, test.warm); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}
