package actor

import (
	"maps"
	"slices"
	"strings"

	"snakecache/pkg/proto"
)

// Tracking is how a session's client-side cache is kept true: the session is told when a key changes that it may hold.
type Tracking struct {
	Broadcast bool     // of all keys, or those with one of the Prefixes; not only of those that it has read
	OptIn     bool     // of those that it reads right behind CLIENT CACHING YES
	OptOut    bool     // of those that it reads, but not right behind CLIENT CACHING NO
	NoLoop    bool     // not of its own changes
	Redirect  uint64   // by way of the session with this number, 0 = itself
	Prefixes  []string // sorted, none the beginning of another
	Caching   bool     // CLIENT CACHING has said something about the next command
	Broken    bool     // the session at Redirect is gone

	container *Command // of the command that said so; others of it come in between
}

// trackers know who may hold which key.
type trackers struct {
	sessions int                            // that track
	readers  map[string]map[uint64]struct{} // by key of whatever database, as in Redis: numbers of the sessions that read it
	items    int                            // of all readers together
	groups   map[string]*broadcast          // by prefix
	lengths  map[int]int                    // of the prefixes in bytes, and how many have each
	changed  []*broadcast                   // those of which keys have changed in this turn
	message  proto.Reply
}

// broadcast is a prefix, and the keys beginning with it that changed in this turn.
type broadcast struct {
	prefix  string
	members map[uint64]struct{}
	changed map[string]uint64 // and the number of the session that changed each last, 0 if none did
}

// Tracking returns how the session tracks, or nil if it does not.
func (s *Session) Tracking() *Tracking { return s.tracking }

// Track makes the session track. Prefixes are added to those that it has.
func (c *Call) Track(t Tracking) {
	a, s := c.actor, c.Session
	if t.Broadcast && len(t.Prefixes) == 0 {
		t.Prefixes = []string{""}
	}
	if s.tracking == nil {
		a.trackers.sessions++
	} else {
		t.Prefixes = append(t.Prefixes, s.tracking.Prefixes...)
		s.receives(-1)
	}
	slices.Sort(t.Prefixes)
	t.Prefixes = slices.Compact(t.Prefixes)
	s.tracking = &t
	a.observed = true
	s.receives(1)
	if t.Broadcast {
		a.trackers.join(s)
	}
	a.heard |= hearTrackers
}

// receives counts n reasons more for the session to be duplex if it is the one to be told: a reply that is overtaken by the
// news that it is old would be kept.
func (s *Session) receives(n int) {
	switch {
	case s.tracking.Redirect != 0 && s.tracking.Redirect != s.ID:
	case n > 0:
		s.expectPushes()
	default:
		s.missPushes()
	}
}

// Untrack ends that.
func (c *Call) Untrack() { c.actor.untrack(c.Session) }

func (a *Actor) untrack(s *Session) {
	if s.tracking == nil {
		return
	}
	t := &a.trackers
	for _, prefix := range s.tracking.Prefixes {
		if g := t.groups[prefix]; g != nil {
			if delete(g.members, s.ID); len(g.members) == 0 {
				t.drop(g)
			}
		}
	}
	s.receives(-1)
	s.tracking = nil
	if t.sessions--; t.sessions == 0 {
		a.trackers = trackers{}
		a.heard &^= hearTrackers
	}
}

// join makes the session a member of the group of each of its prefixes.
func (t *trackers) join(s *Session) {
	if t.groups == nil {
		t.groups, t.lengths = map[string]*broadcast{}, map[int]int{}
	}
	for _, prefix := range s.tracking.Prefixes {
		g := t.groups[prefix]
		if g == nil {
			g = &broadcast{prefix: prefix, members: map[uint64]struct{}{}, changed: map[string]uint64{}}
			t.groups[prefix] = g
			t.lengths[len(prefix)]++
		}
		g.members[s.ID] = struct{}{}
	}
}

// drop removes a group that has no members.
func (t *trackers) drop(g *broadcast) {
	delete(t.groups, g.prefix)
	if t.lengths[len(g.prefix)]--; t.lengths[len(g.prefix)] == 0 {
		delete(t.lengths, len(g.prefix))
	}
}

// SayCaching makes the next command's reads an exception to OptIn or OptOut.
func (c *Call) SayCaching() {
	c.Session.tracking.Caching = true
	c.Session.tracking.container = c.Command.parent
}

// remember notes the keys that a command of a session that tracks has read. What CLIENT CACHING has said holds up to the next
// command, or the end of the next transaction; other commands of CLIENT may come in between.
func (a *Actor) remember(c *Call) {
	s, t := c.Session, c.Session.tracking
	caching := t.Caching
	if s.transaction == nil && (c.Command.parent == nil || c.Command.parent != t.container) {
		t.Caching = false
	}
	excepted := (t.OptIn && !caching) || (t.OptOut && caching)
	if t.Broadcast || excepted || !c.Command.Is(ReadOnly) || c.Command.Is(PubSub) {
		return
	}
	c.Command.EachKey(c.Args, func(i int, _ KeyUse) { a.read(c.Args[i], c.Session.ID) })
}

// staleReaders is how many more readers of a key may be remembered than twice the sessions that track.
const staleReaders = 64

// read notes that a session has read a key. A session that leaves does not look for the keys that it has read; of one that many
// read and nobody changes, those are forgotten here who track no more.
func (a *Actor) read(key []byte, id uint64) {
	t := &a.trackers
	ids := t.readers[string(key)]
	if ids == nil {
		if t.readers == nil {
			t.readers = map[string]map[uint64]struct{}{}
		}
		ids = map[uint64]struct{}{}
		t.readers[string(key)] = ids
	}
	if _, known := ids[id]; !known {
		ids[id] = struct{}{}
		t.items++
	}
	if len(ids) > 2*t.sessions+staleReaders {
		before := len(ids)
		maps.DeleteFunc(ids, func(id uint64, _ struct{}) bool { return a.sessions[id] == nil || a.sessions[id].tracking == nil })
		t.items -= before - len(ids)
	}
}

// limitTracking forgets keys, and says that they have changed, until no more than the limit are remembered.
func (a *Actor) limitTracking() {
	most := a.bounds.TrackingKeys
	if most <= 0 || len(a.trackers.readers) <= most {
		return
	}
	for key := range a.trackers.readers {
		if len(a.trackers.readers) <= most {
			return
		}
		a.tellReaders([]byte(key), 0)
	}
}

// invalidate tells of a change of a key, now to who has read it, and at the end of the turn to who is told of all changes. It
// looks only for prefixes of lengths that there are: to try all that a long key has is quadratic.
func (a *Actor) invalidate(key []byte, by uint64) {
	a.tellReaders(key, by)
	t := &a.trackers
	for n := range t.lengths {
		if n > len(key) {
			continue
		}
		if g := t.groups[string(key[:n])]; g != nil {
			if len(g.changed) == 0 {
				t.changed = append(t.changed, g)
			}
			g.changed[string(key)] = by
		}
	}
}

func (a *Actor) tellReaders(key []byte, by uint64) {
	ids := a.trackers.readers[string(key)]
	if ids == nil {
		return
	}
	delete(a.trackers.readers, string(key))
	a.trackers.items -= len(ids)
	for id := range ids {
		s := a.sessions[id]
		if s == nil || s.tracking == nil || s.tracking.Broadcast || (s.tracking.NoLoop && id == by) {
			continue
		}
		a.tellChanged(s, key)
	}
}

// AllGone tells those who keep client-side caches that all keys of a database are gone, or those of all: they keep none of
// either.
func (c *Call) AllGone() {
	a := c.actor
	if a.trackers.sessions == 0 {
		return
	}
	a.trackers.readers, a.trackers.items = nil, 0
	for _, s := range a.sessions {
		if s.tracking != nil {
			a.tellChanged(s)
		}
	}
}

// broadcastChanges tells of the changes of this turn those who are told of all.
func (a *Actor) broadcastChanges() {
	changed := a.trackers.changed
	slices.SortFunc(changed, func(x, y *broadcast) int { return strings.Compare(x.prefix, y.prefix) })
	for i, g := range changed {
		changed[i] = nil
		all := sortedKeys(g.changed, 0)
		for id := range g.members {
			s, keys := a.sessions[id], all
			if s != nil && s.tracking.NoLoop {
				keys = sortedKeys(g.changed, id)
			}
			if s != nil && len(keys) > 0 {
				a.tellChanged(s, keys...)
			}
		}
		clear(g.changed)
	}
	a.trackers.changed = changed[:0]
}

// sortedKeys returns the keys that others than a session have changed.
func sortedKeys(changed map[string]uint64, without uint64) [][]byte {
	keys := make([][]byte, 0, len(changed))
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		if without == 0 || changed[key] != without {
			keys = append(keys, []byte(key))
		}
	}
	return keys
}

// tellChanged tells a session that keys have changed, or without any, that all have, by way of the one to which it redirects.
// One with RESP2 can be told only as a subscriber.
func (a *Actor) tellChanged(s *Session, keys ...[]byte) {
	to := s
	if id := s.tracking.Redirect; id != 0 {
		if to = a.sessions[id]; to == nil || to.closing {
			a.tellBroken(s)
			return
		}
	}
	r := &a.trackers.message
	r.Reset()
	r.SetDialect(to.Protocol)
	switch {
	case r.RESP3():
		r.Push(2)
		r.BulkString("invalidate")
	case s.tracking.Redirect != 0 && to.subscribed > 0:
		r.Array(3)
		r.BulkString("message")
		r.BulkString(invalidateChannel)
	default:
		return
	}
	if len(keys) == 0 {
		r.Null()
	} else {
		r.Array(len(keys))
		for _, key := range keys {
			r.Bulk(key)
		}
	}
	a.push(to, r.Copy())
}

// invalidateChannel is the channel by which clients with RESP2 are told.
const invalidateChannel = "__redis__:invalidate"

// tellBroken tells a session that the one is gone to which it redirects what it is told.
func (a *Actor) tellBroken(s *Session) {
	s.tracking.Broken = true
	if s.Protocol != proto.RESP3 {
		return
	}
	r := &a.trackers.message
	r.Reset()
	r.SetDialect(s.Protocol)
	r.Push(2)
	r.BulkString("tracking-redir-broken")
	r.Int(int64(s.tracking.Redirect))
	a.push(s, r.Copy())
}

// changedBy returns the number of the session whose command is under way, 0 if none is.
func (a *Actor) changedBy() uint64 {
	if a.call.Session == nil {
		return 0
	}
	return a.call.Session.ID
}
