package store

import (
	"container/list"
	"math/rand/v2"
	"testing"
)

// With five samples, Redis' default, a cache that evicts by sampling serves nearly as many requests of a Zipf trace as one
// that knows the exact order.
func TestHitRatioIsCloseToTheExactPolicys(t *testing.T) {
	const points = 0.01
	trace := zipfTrace(400_000, 50_000)
	for _, c := range []struct {
		policy Policy
		exact  func([]int, int) float64
	}{{AllKeysLRU, exactLRU}, {AllKeysLFU, exactLFU}} {
		ours, capacity := sampledRatio(c.policy, trace)
		if exact := c.exact(trace, capacity); ours < exact-points {
			t.Errorf("%s hits %.4f of the requests with %d keys, an exact one %.4f", c.policy, ours, capacity, exact)
		}
	}
}

func zipfTrace(requests, distinct int) []int {
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.01, 1, uint64(distinct-1))
	trace := make([]int, requests)
	for i := range trace {
		trace[i] = int(zipf.Uint64())
	}
	return trace
}

// sampledRatio runs the second half of the trace against a cache that the first half has filled, a hundred requests in a
// millisecond, and returns how many keys it had room for. 2*i/len(trace) is 1 in the second half, and 0 before.
func sampledRatio(policy Policy, trace []int) (ratio float64, capacity int) {
	st := newTestStore(Options{Policy: policy, Samples: 5, LFULogFactor: 10, LFUDecayTime: 1, MaxMemory: 250_000})
	ks, hits, value := st.DB(0), 0, make([]byte, 64)
	for i, key := range trace {
		st.at(int64(i / 100))
		makeRoom(st)
		if ks.Touch(keyOf(key)) {
			hits += 2 * i / len(trace)
		} else {
			ks.SetString(keyOf(key), value, false)
		}
		st.Settle()
	}
	return float64(hits) / float64(len(trace)/2), ks.Len()
}

// exactLRU is the ratio of a cache that always evicts the key that has not been used for the longest time.
func exactLRU(trace []int, capacity int) float64 {
	order, at, hits := list.New(), map[int]*list.Element{}, 0
	for i, key := range trace {
		if e := at[key]; e != nil {
			order.MoveToFront(e)
			hits += 2 * i / len(trace)
			continue
		}
		if order.Len() == capacity {
			delete(at, order.Remove(order.Back()).(int))
		}
		at[key] = order.PushFront(key)
	}
	return float64(hits) / float64(len(trace)/2)
}

// exactLFU is the ratio of a cache that always evicts the key with the fewest uses since it came in, of several the one
// that has not been used for the longest time.
func exactLFU(trace []int, capacity int) float64 {
	uses, at := map[int]int{}, map[int]*list.Element{}
	byUses := make([]*list.List, len(trace)+1)
	for i := range byUses {
		byUses[i] = list.New()
	}
	hits, least := 0, 0
	for i, key := range trace {
		switch e := at[key]; {
		case e != nil:
			byUses[uses[key]].Remove(e)
			hits += 2 * i / len(trace)
		case len(at) == capacity:
			for byUses[least].Len() == 0 {
				least++
			}
			victim := byUses[least].Remove(byUses[least].Back()).(int)
			delete(at, victim)
			delete(uses, victim)
		}
		uses[key]++
		least = min(least, uses[key])
		at[key] = byUses[uses[key]].PushFront(key)
	}
	return float64(hits) / float64(len(trace)/2)
}
