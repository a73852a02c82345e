package actor

import "snakecache/pkg/store"

// prefetchWorth is from how many keys on Keyspace.Prefetch pays for itself.
const prefetchWorth = 2

// prefetch warms the caches for the keys of the requests that run next, up to store.PrefetchDepth of either, and returns
// how many requests that were.
func (a *Actor) prefetch(requests []Request) (covered int) {
	keys := a.ahead[:0]
	for covered < min(len(requests), store.PrefetchDepth) && len(keys) < store.PrefetchDepth {
		keys = appendKeys(keys, &requests[covered])
		covered++
	}
	a.warm(keys)
	return covered
}

// prefetchFirst does the same for the first requests of the batches that run next, for clients without pipelines.
func (a *Actor) prefetchFirst(batches []*Batch) {
	keys := a.ahead[:0]
	db := batches[0].session.DB
	for _, b := range batches[:min(len(batches), store.PrefetchDepth)] {
		if b.session.DB == db && b.next < len(b.Requests) {
			keys = appendKeys(keys, &b.Requests[b.next])
		}
	}
	a.call.keys = a.store.DB(db)
	a.warm(keys)
}

// warm prefetches the keys if they are enough, and keeps their list for the next time.
func (a *Actor) warm(keys [][]byte) {
	if len(keys) >= prefetchWorth {
		a.call.keys.Prefetch(keys)
	}
	a.ahead = keys
}

// appendKeys adds the request's keys as far as there is room.
func appendKeys(keys [][]byte, req *Request) [][]byte {
	if req.Command == nil || len(req.Command.Keys) == 0 {
		return keys
	}
	first, last, step, ok := req.Command.Keys[0].span(req.Args)
	for i := first; ok && i <= last && len(keys) < store.PrefetchDepth; i += step {
		keys = append(keys, req.Args[i])
	}
	return keys
}
