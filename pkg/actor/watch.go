package actor

import "snakecache/pkg/store"

// watched are the keys that sessions watch, by the number of the database: whoever changes one finds who watches it without a
// look at any session.
type watched struct {
	databases []map[string]*watchedKey
	keys      int
	sessions  int
}

// watchedKey is a key and the sessions that watch it.
type watchedKey struct {
	database int
	name     string
	first    *watch
}

// watch is one session's watching of one key, in the list of all who do.
type watch struct {
	session  *Session
	key      *watchedKey
	previous *watch
	next     *watch
}

// IsBroken reports whether a key that the session watches was changed, and Watching how many it watches: none after that.
func (s *Session) IsBroken() bool { return s.broken }
func (s *Session) Watching() int  { return len(s.watches) }

// Watch has the next EXEC of the session do nothing if key is changed before. A key whose deadline has come goes now, so that
// its going is no change any more.
func (c *Call) Watch(key []byte) {
	s, a := c.Session, c.actor
	c.keys.Peek(key)
	if s.broken {
		return
	}
	k := a.watched.at(c.keys.Index(), key)
	if k.isWatchedBy(s) {
		return
	}
	w := &watch{session: s, key: k, next: k.first}
	if k.first != nil {
		k.first.previous = w
	}
	k.first = w
	if len(s.watches) == 0 {
		a.watched.sessions++
	}
	s.watches = append(s.watches, w)
	s.watchBytes += watchSize + int64(len(key))
	a.heard |= hearWatch
}

// at returns a key's entry, which is new if nobody has watched the key.
func (all *watched) at(database int, key []byte) *watchedKey {
	for database >= len(all.databases) {
		all.databases = append(all.databases, map[string]*watchedKey{})
	}
	k := all.databases[database][string(key)]
	if k == nil {
		k = &watchedKey{database: database, name: string(key)}
		all.databases[database][k.name] = k
		all.keys++
	}
	return k
}

// of returns the keys of a database that are watched.
func (all *watched) of(ks *store.Keyspace) map[string]*watchedKey {
	if ks.Index() >= len(all.databases) {
		return nil
	}
	return all.databases[ks.Index()]
}

// isWatchedBy reports whether the session is one of those that watch the key. It goes through the session's own list and through
// the key's at the same pace, up to the end of the shorter one: a session may watch very many keys, and very many sessions a key.
func (k *watchedKey) isWatchedBy(s *Session) bool {
	w := k.first
	for i := 0; i < len(s.watches) && w != nil; i, w = i+1, w.next {
		if s.watches[i].key == k || w.session == s {
			return true
		}
	}
	return false
}

// Unwatch makes the session watch nothing, and forget that what it watched has changed.
func (c *Call) Unwatch() { c.actor.unwatch(c.Session) }

func (a *Actor) unwatch(s *Session) {
	s.broken = false
	if len(s.watches) > 0 {
		a.release(s)
	}
}

// release takes the session from the lists of all keys that it watches.
func (a *Actor) release(s *Session) {
	all := &a.watched
	for _, w := range s.watches {
		w.unlink()
		if k := w.key; k.first == nil {
			delete(all.databases[k.database], k.name)
			all.keys--
		}
	}
	s.watches, s.watchBytes = emptied(s.watches, keptWatches), 0
	all.sessions--
	if all.sessions == 0 {
		a.heard &^= hearWatch
	}
}

// keptWatches is how many keys a session keeps room for.
const keptWatches = 16

func (w *watch) unlink() {
	if w.previous != nil {
		w.previous.next = w.next
	} else {
		w.key.first = w.next
	}
	if w.next != nil {
		w.next.previous = w.previous
	}
}

// LookAtWatched has those of the watched keys go whose deadline has come, which is a change like another.
func (c *Call) LookAtWatched() {
	s := c.Session
	for i := 0; i < len(s.watches); i++ { // a key that goes makes the list empty
		k := s.watches[i].key
		c.actor.store.DB(k.database).Peek([]byte(k.name))
	}
}

// breakKey breaks the transactions to come of all who watch the key. They stop watching others, too.
func (a *Actor) breakKey(ks *store.Keyspace, key []byte) {
	if k := a.watched.of(ks)[string(key)]; k != nil {
		a.breakAll(k)
	}
}

func (a *Actor) breakAll(k *watchedKey) {
	for k.first != nil {
		s := k.first.session
		s.broken = true
		a.release(s)
	}
}

// breakHeld does that for the keys watched in ks which that database or the other holds, before all keys go or two databases
// change places: the rest are what they were. A key that is due goes by itself first, for those who watch it where it is.
func (a *Actor) breakHeld(ks, other *store.Keyspace) {
	for name, k := range a.watched.of(ks) {
		if key := []byte(name); ks.Peek(key) != nil || other.Peek(key) != nil {
			a.breakAll(k)
		}
	}
}
