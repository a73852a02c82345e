package actor

import "snakecache/pkg/store"

// hearing says who wants to know of changes to keys, so that a change of which nobody wants to know costs one comparison.
type hearing uint8

const (
	hearWatch    hearing = 1 << iota // some key is watched
	hearWaiters                      // sessions are blocked
	hearTrackers                     // sessions track what they have read
	hearNotices                      // subscribers to keyspace notifications, see notices
)

// change tells everybody who wants to know that a key was changed by a command, and what happened in the words of keyspace
// notifications; an empty event is one of which notifications do not tell.
func (a *Actor) change(ks *store.Keyspace, key []byte, event string) {
	a.stats.changes++
	if a.heard != 0 {
		a.touched(ks, key)
		a.announce(ks, key, event)
	}
}

// changeAside is change for what does not change the value, see Call.ChangedAside.
func (a *Actor) changeAside(ks *store.Keyspace, key []byte, event string) {
	a.stats.changes++
	if a.heard != 0 {
		a.announce(ks, key, event)
	}
}

// touched tells those who remember the value of a key that it is another one now, or about to go.
func (a *Actor) touched(ks *store.Keyspace, key []byte) {
	if a.heard&hearWatch != 0 {
		a.breakKey(ks, key)
	}
	if a.heard&hearTrackers != 0 {
		a.invalidate(key, a.changedBy())
	}
}

// announce tells those who want to know what happened.
func (a *Actor) announce(ks *store.Keyspace, key []byte, event string) {
	if a.heard&hearWaiters != 0 {
		a.waiting.signal(ks, key)
	}
	if a.heard&hearNotices != 0 {
		a.notify(ks, key, event)
	}
}

// vanished tells everybody that a key goes by itself: its deadline has passed ("expired"), or memory is short ("evicted").
// It is called before the key goes.
func (a *Actor) vanished(ks *store.Keyspace, key []byte, event string) {
	if a.heard != 0 {
		a.touched(ks, key)
		a.announce(ks, key, event)
	}
}

// lostField tells everybody that a field of a hash goes because its deadline has passed, and the key with it if that was the
// last one. It is called before the field goes.
func (a *Actor) lostField(ks *store.Keyspace, key []byte, last bool) {
	if a.heard == 0 {
		return
	}
	a.touched(ks, key)
	a.announce(ks, key, "hexpired")
	if last {
		a.announce(ks, key, "del")
	}
}

// flushed tells everybody that all keys of a database go at once, before they do.
func (a *Actor) flushed(ks *store.Keyspace) {
	a.stats.changes++
	if a.heard&hearWatch != 0 {
		a.breakHeld(ks, ks)
	}
	if a.heard&hearWaiters != 0 {
		a.waiting.signalAll(ks)
	}
}

// swap exchanges the keys of two databases, which may be one and the same.
func (a *Actor) swap(x, y *store.Keyspace) {
	a.stats.changes++
	if a.heard&hearWatch != 0 && x != y {
		a.breakHeld(x, y)
		a.breakHeld(y, x)
	}
	a.store.Swap(x.Index(), y.Index())
	if a.heard&hearWaiters != 0 {
		a.waiting.signalAll(x)
		a.waiting.signalAll(y)
	}
}
