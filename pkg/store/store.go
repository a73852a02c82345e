// Package store holds the data: databases of keys with their values and deadlines. It knows no protocol, no
// sessions and no clock of its own, and it is not safe for concurrent use: one goroutine owns it.
package store

import (
	"errors"
	"math/rand/v2"
	"slices"
)

// ErrWrongType tells that a key holds another type than the one asked for.
var ErrWrongType = errors.New("store: wrong type of value")

// Options are the bounds a store is made with.
type Options struct {
	Databases int
	MaxMemory int64 // bytes of dataset above which MakeRoom evicts; 0 = no limit
	Policy    Policy
	Samples   int // keys looked at for each eviction

	LFULogFactor int // the greater, the more uses it takes to raise a key's frequency
	LFUDecayTime int // minutes after which an unused key's frequency falls by one; 0 = never

	// ListMaxListpackSize bounds the chunks of lists as Redis' setting of this name does: -1 to -5 mean 4, 8, 16, 32
	// and 64 KiB, a positive number is one of elements, of at most 8 KiB together. Less than -5 counts as -5 and 0 as
	// 1. Chunks that are there stay as they are when it changes.
	ListMaxListpackSize int
}

// Counters count events since the start or the last reset. They only grow in between.
type Counters struct {
	Hits, Misses, Expired, Evicted uint64
}

// Store is a set of numbered databases that share one heap of deadlines and one account of memory.
type Store struct {
	Counters
	options   Options
	listLimit chunkLimit // of the options; lists point to it
	dbs       []*Keyspace
	deadlines deadlines
	now       int64  // unix milliseconds of this turn
	uptime    int64  // the same in milliseconds of a clock that never jumps
	frozen    bool   // look-ups do not count as uses
	edited    []edit // what the command under way changes
	pool      evictionPool
	rng       *rand.Rand
	onExpire  func(ks *Keyspace, key string, lagMs int64)
	onEvict   func(ks *Keyspace, key string)
}

// New returns an empty store.
func New(o Options) *Store {
	st := &Store{rng: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	for i := range o.Databases {
		st.dbs = append(st.dbs, &Keyspace{store: st, index: i, table: newTable()})
	}
	st.Configure(o)
	return st
}

// Configure changes the bounds at run time, all but the number of databases.
func (st *Store) Configure(o Options) {
	o.Databases = len(st.dbs)
	st.options = o
	st.listLimit = newChunkLimit(o.ListMaxListpackSize)
}

// MaxMemory returns the bound in bytes, 0 if there is none.
func (st *Store) MaxMemory() int64 { return st.options.MaxMemory }

// OnExpire and OnEvict set what is called after a key was removed because its deadline passed, with how many
// milliseconds late that was, or for want of memory.
func (st *Store) OnExpire(f func(ks *Keyspace, key string, lagMs int64)) { st.onExpire = f }
func (st *Store) OnEvict(f func(ks *Keyspace, key string))               { st.onEvict = f }

// Tick sets the time that every look-up until the next Tick goes by: in unix milliseconds, and in milliseconds of a
// monotonic clock with any origin.
func (st *Store) Tick(unixMs, uptimeMs int64) { st.now, st.uptime = unixMs, uptimeMs }

// Freeze makes look-ups leave the time of last use alone while on is true, for CLIENT NO-TOUCH.
func (st *Store) Freeze(on bool) { st.frozen = on }

func (st *Store) touch(e *Entry) {
	if !st.frozen {
		e.used = ticksOf(st.now)
	}
}

// Databases returns how many databases there are; DB returns number i of them.
func (st *Store) Databases() int     { return len(st.dbs) }
func (st *Store) DB(i int) *Keyspace { return st.dbs[i] }

// Used returns the bytes of memory the dataset takes: entries, keys, values, deadlines and tables.
func (st *Store) Used() int64 {
	var used int64
	for _, ks := range st.dbs {
		used += ks.used + int64(ks.table.bytes())
	}
	return used
}

// Overhead returns how many of the bytes in Used are neither a key's nor a value's own: entries, deadlines, tables.
func (st *Store) Overhead() int64 {
	bytes := len(st.deadlines) * deadlineSize
	for _, ks := range st.dbs {
		bytes += ks.Len()*entrySize + ks.table.bytes()
	}
	return int64(bytes)
}

// NextDeadline returns in how many milliseconds the next key expires, 0 or less if one is due.
func (st *Store) NextDeadline() (inMs int64, ok bool) {
	at, ok := st.deadlines.nearest()
	return at - st.now, ok
}

// FollowsWallClock reports whether a key has a deadline by the wall clock, so that NextDeadline may change at any moment.
func (st *Store) FollowsWallClock() bool { return len(st.deadlines) > 0 }

// DueKeys counts the keys that are due and not removed yet, up to limit. O(limit).
func (st *Store) DueKeys(limit int) (n int) {
	for _, d := range st.deadlines {
		if d.at <= st.now && n < limit {
			n++
		}
	}
	return n
}

// HasChores reports whether there is work that nobody waits for: evictions that a lowered maxmemory asks for, memory to be
// given back. DoChores does a slice of it, some 100 µs.
func (st *Store) HasChores() bool { return st.Evicting() }
func (st *Store) DoChores()       { st.MakeRoom(0) }

// ExpireDue removes keys whose deadline has come, earliest first and at most limit of them, and reports whether
// more are due. O(log n) each.
func (st *Store) ExpireDue(limit int) (more bool) {
	for range limit {
		at, ok := st.deadlines.nearest()
		if !ok || at > st.now {
			return false
		}
		e := st.deadlines[0].entry
		st.dbs[e.db].expire(e)
	}
	at, ok := st.deadlines.nearest()
	return ok && at <= st.now
}

// edit remembers an entry that the command under way changes, and its size before.
type edit struct {
	entry *Entry
	size  int
}

// Settle ends a command: collections it emptied are removed, and the memory of what it edited is charged.
func (st *Store) Settle() {
	if len(st.edited) == 0 {
		return
	}
	for i := range st.edited {
		e := st.edited[i].entry
		e.form &^= flagEdited
		ks := st.dbs[e.db]
		ks.used += int64(e.size() - st.edited[i].size)
		if e.kind != TypeString && e.object.Len() == 0 {
			ks.drop(e)
		}
	}
	clear(st.edited)
	st.edited = st.edited[:0]
}

// unedit takes an entry that is about to go out of the list and settles its account.
func (st *Store) unedit(e *Entry) {
	for i := range st.edited {
		if st.edited[i].entry == e {
			st.dbs[e.db].used += int64(e.size() - st.edited[i].size)
			st.edited = slices.Delete(st.edited, i, i+1)
			e.form &^= flagEdited
			return
		}
	}
}

// FlushAll empties every database.
func (st *Store) FlushAll() {
	for _, ks := range st.dbs {
		ks.Flush()
	}
}

// forget lets go of everything that points into a database about to be emptied.
func (st *Store) forget(ks *Keyspace) {
	st.edited = slices.DeleteFunc(st.edited, func(x edit) bool { return int(x.entry.db) == ks.index })
	st.pool.clear()
	if ks.volatile == 0 {
		return
	}
	all := st.deadlines
	st.deadlines = nil
	if ks.volatile == len(all) {
		return
	}
	for _, d := range all {
		if int(d.entry.db) != ks.index {
			d.entry.place = noPlace
			st.deadlines.set(d.entry, d.at)
		}
	}
}
