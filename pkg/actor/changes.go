package actor

import "snakecache/pkg/store"

// hearing says who wants to know of changes to keys, so that a change of which nobody wants to know costs one comparison.
type hearing uint8

const (
	hearWaiters hearing = 1 << iota // blocked sessions, see waiting
	hearNotices                     // subscribers to keyspace notifications, see notices
)

// change tells everybody who wants to know that a key was changed by a command, and what happened in the words of keyspace
// notifications; an empty event is one of which notifications do not tell.
func (a *Actor) change(ks *store.Keyspace, key []byte, event string) {
	a.stats.changes++
	if a.heard != 0 {
		a.announce(ks, key, event)
	}
}

// announce is change for those who listen.
func (a *Actor) announce(ks *store.Keyspace, key []byte, event string) {
	if a.heard&hearWaiters != 0 {
		a.waiting.signal(ks, key)
	}
	if a.heard&hearNotices != 0 {
		a.notify(ks, key, event)
	}
}

// vanished tells them that a key goes by itself: its deadline has passed ("expired"), or memory is short ("evicted"). It is
// called before the key goes.
func (a *Actor) vanished(ks *store.Keyspace, key []byte, event string) {
	if a.heard&hearWaiters != 0 {
		a.waiting.signal(ks, key)
	}
	if a.heard&hearNotices != 0 {
		a.notify(ks, key, event)
	}
}

// flushed tells them that all keys of a database go at once, before they do.
func (a *Actor) flushed(ks *store.Keyspace) {
	a.stats.changes++
	a.waiting.signalAll(ks)
}

// swapped tells them that two databases, which may be one and the same, have exchanged their keys.
func (a *Actor) swapped(x, y *store.Keyspace) {
	a.stats.changes++
	a.waiting.signalAll(x)
	a.waiting.signalAll(y)
}
