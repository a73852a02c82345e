package actor

import (
	"bytes"

	"snakecache/pkg/store"
)

// prefetchWorth is from how many keys on Keyspace.Prefetch pays for itself.
const prefetchWorth = 2

// ahead is what the requests that run next are about; scratch.
type ahead struct{ keys, elements [][]byte }

// begin empties the lists and keeps their room.
func (ah *ahead) begin() { ah.keys, ah.elements = ah.keys[:0], ah.elements[:0] }

// forget lets go of the arguments.
func (ah *ahead) forget() {
	clear(ah.keys[:cap(ah.keys)])
	clear(ah.elements[:cap(ah.elements)])
}

// prefetch warms the caches for the requests that run next, up to store.PrefetchDepth of them or of their keys, and returns
// how many requests that were.
func (a *Actor) prefetch(requests []Request) (covered int) {
	a.ahead.begin()
	for covered < min(len(requests), store.PrefetchDepth) && len(a.ahead.keys) < store.PrefetchDepth {
		a.ahead.add(&requests[covered])
		covered++
	}
	a.warm()
	return covered
}

// prefetchFirst does the same for the first requests of the batches that run next, for clients without pipelines.
func (a *Actor) prefetchFirst(batches []*Batch) {
	a.ahead.begin()
	db := batches[0].session.DB
	for _, b := range batches[:min(len(batches), store.PrefetchDepth)] {
		if b.session.DB == db && b.next < len(b.Requests) {
			a.ahead.add(&b.Requests[b.next])
		}
	}
	a.call.keys = a.store.DB(db)
	a.warm()
}

// warm prefetches the keys if they are enough, or elements if all requests seem to be about the same key.
func (a *Actor) warm() {
	keys := a.ahead.keys
	switch n := len(keys); {
	case n < prefetchWorth:
	case !bytes.Equal(keys[0], keys[n-1]):
		a.call.keys.Prefetch(keys)
	case len(a.ahead.elements) < prefetchWorth:
		a.call.keys.Recur()
	default:
		a.call.keys.Recur()
		a.call.keys.PrefetchElements(keys[0], a.ahead.elements)
	}
}

// add adds the request's keys as far as there is room, and its element.
func (ah *ahead) add(req *Request) {
	if req.Command == nil || len(req.Command.Keys) == 0 {
		return
	}
	first, last, step, ok := req.Command.Keys[0].span(req.Args)
	for i := first; ok && i <= last && len(ah.keys) < store.PrefetchDepth; i += step {
		ah.keys = append(ah.keys, req.Args[i])
	}
	if i := req.Command.Element; i > 0 && i < len(req.Args) {
		ah.elements = append(ah.elements, req.Args[i])
	}
}
