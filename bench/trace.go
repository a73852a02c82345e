package main

import (
	"container/list"
	"math/rand/v2"
)

// zipfTrace draws requests for keys 0 to distinct-1, of which key k is asked for in proportion to 1/(k+1)^s. The same seed
// gives the same trace.
func zipfTrace(seed uint64, requests, distinct int, s float64) []int32 {
	zipf := rand.NewZipf(rand.New(rand.NewPCG(seed, seed)), s, 1, uint64(distinct-1))
	trace := make([]int32, requests)
	for i := range trace {
		trace[i] = int32(zipf.Uint64())
	}
	return trace
}

// cache is what a trace is played against. A batch of requests is a pipeline of reads, and then one of writes of those keys
// that were missing, one for each miss.
type cache interface {
	// get uses the key if it is there.
	get(key int32) (hit bool)
	// set uses the key if it is there, and else puts it in, for which another one may have to go.
	set(key int32)
}

// play runs a trace in batches and returns the share of hits among the requests from warm on.
func play(c cache, trace []int32, batch, warm int) float64 {
	hits := 0
	for first := 0; first < len(trace); first += batch {
		requests := trace[first:min(first+batch, len(trace))]
		var missing []int32
		for i, key := range requests {
			switch {
			case !c.get(key):
				missing = append(missing, key)
			case first+i >= warm:
				hits++
			}
		}
		for _, key := range missing {
			c.set(key)
		}
	}
	return float64(hits) / float64(len(trace)-warm)
}

// exactLRU evicts the key that has not been used for the longest time.
type exactLRU struct {
	capacity int
	order    *list.List // of keys, the last used first
	at       map[int32]*list.Element
}

func newExactLRU(capacity int) cache {
	return &exactLRU{capacity, list.New(), make(map[int32]*list.Element, capacity)}
}

func (c *exactLRU) get(key int32) bool {
	e := c.at[key]
	if e != nil {
		c.order.MoveToFront(e)
	}
	return e != nil
}

func (c *exactLRU) set(key int32) {
	if c.get(key) {
		return
	}
	if c.order.Len() == c.capacity {
		delete(c.at, c.order.Remove(c.order.Back()).(int32))
	}
	c.at[key] = c.order.PushFront(key)
}

// exactLFU evicts the key with the fewest uses since it came in; of several, the one that has not been used for the
// longest time. A key that comes back begins anew, as it does in a cache that knows nothing of keys it does not have.
type exactLFU struct {
	capacity int
	byUses   []*list.List // of keys with so many uses, the last used first
	at       map[int32]counted
	least    int // no key has fewer uses
}

type counted struct {
	uses  int
	place *list.Element
}

func newExactLFU(capacity int) cache {
	return &exactLFU{capacity: capacity, at: make(map[int32]counted, capacity)}
}

func (c *exactLFU) get(key int32) bool {
	k, ok := c.at[key]
	if ok {
		c.byUses[k.uses].Remove(k.place)
		c.put(key, k.uses+1)
	}
	return ok
}

func (c *exactLFU) set(key int32) {
	if c.get(key) {
		return
	}
	if len(c.at) == c.capacity {
		for c.byUses[c.least].Len() == 0 {
			c.least++
		}
		rarest := c.byUses[c.least]
		delete(c.at, rarest.Remove(rarest.Back()).(int32))
	}
	c.put(key, 1)
	c.least = 1
}

func (c *exactLFU) put(key int32, uses int) {
	for len(c.byUses) <= uses {
		c.byUses = append(c.byUses, list.New())
	}
	c.at[key] = counted{uses, c.byUses[uses].PushFront(key)}
}
