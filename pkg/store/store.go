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

	// Sets are kept as sorted integers up to SetMaxIntsetEntries, and as one listpack up to as many members, of at most so
	// many bytes each.
	SetMaxIntsetEntries    int
	SetMaxListpackEntries  int
	SetMaxListpackValue    int
	HashMaxListpackEntries int // fields; the values below are of either half
	HashMaxListpackValue   int
	ZSetMaxListpackEntries int // members
	ZSetMaxListpackValue   int

	// ListMaxListpackSize bounds the chunks of lists as Redis' setting of this name does: -1 to -5 mean 4, 8, 16, 32
	// and 64 KiB, a positive number is one of elements, of at most 8 KiB together. Less than -5 counts as -5 and 0 as
	// 1. Chunks that are there stay as they are when it changes.
	ListMaxListpackSize int

	HLLSparseMaxBytes int // beyond which a HyperLogLog becomes dense, as Redis' setting of this name says

	// StreamNodeMaxBytes and StreamNodeMaxEntries bound the blocks of streams as Redis' settings of these names do; 0 = no
	// limit. Blocks that are there stay as they are when they change.
	StreamNodeMaxBytes   int64
	StreamNodeMaxEntries int64
}

// Counters count events since the start or the last reset. They only grow in between.
type Counters struct {
	Hits, Misses, Expired, Evicted uint64
	ExpiredFields                  uint64 // of hashes
	Freed                          uint64 // large values and databases whose memory went back at leisure
}

// Store is a set of numbered databases that share one account of memory.
type Store struct {
	Counters
	options    Options
	listLimit  chunkLimit // of the options; lists point to it
	dbs        []*Keyspace
	now        int64 // unix milliseconds of this turn
	uptime     int64 // the same in milliseconds of a clock that never jumps
	since      int64 // uptime from which usages are what the policy goes by
	used       int64 // bytes of all accounts
	offHeap    int64 // bytes that arenas have from the system, those of flushed databases too
	frozen     bool  // look-ups do not count as uses
	views      views
	edited     []*Entry // collections that the command under way changes
	element    Entry    // the element of one that is being rewritten
	pool       evictionPool
	dying      []*arena    // of databases that were emptied, to be given back
	doomed     []*dict     // of large collections that are gone, to be freed
	goingBytes int64       // bytes that those still take
	inUse      []*Keyspace // the databases that have keys
	rng        *rand.Rand
	onExpire   func(ks *Keyspace, key []byte, lagMs int64)
	onField    func(ks *Keyspace, key []byte, lagMs int64, last bool)
	onEvict    func(ks *Keyspace, key []byte)
	onMiss     func(ks *Keyspace, key []byte)
	onNew      func(ks *Keyspace, key []byte)
	onRelease  func(b []byte)

	streamLimit streamLimit // of the options; streams point to it
}

// New returns an empty store.
func New(o Options) *Store {
	st := &Store{rng: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	for i := range o.Databases {
		ks := &Keyspace{store: st, index: i}
		ks.contents = st.newContents(ks)
		st.dbs = append(st.dbs, ks)
	}
	st.Configure(o)
	return st
}

// Configure changes the bounds at run time, all but the number of databases.
func (st *Store) Configure(o Options) {
	o.Databases = len(st.dbs)
	if o.Policy.LFU() != st.options.Policy.LFU() {
		st.since = st.uptime
	}
	st.options = o
	st.listLimit = newChunkLimit(o.ListMaxListpackSize)
	st.streamLimit = newStreamLimit(o.StreamNodeMaxBytes, o.StreamNodeMaxEntries)
}

// MaxMemory returns the bound in bytes, 0 if there is none.
func (st *Store) MaxMemory() int64 { return st.options.MaxMemory }

// HLLSparseMaxBytes returns the option of this name.
func (st *Store) HLLSparseMaxBytes() int { return st.options.HLLSparseMaxBytes }

// Policy returns what is evicted when there is a bound.
func (st *Store) Policy() Policy { return st.options.Policy }

// OnExpire and OnEvict set what is called before a key is removed because its deadline passed, with how many
// milliseconds late that is, or for want of memory. The key's bytes are good during the call only, and the store is not to
// be used in it.
func (st *Store) OnExpire(f func(ks *Keyspace, key []byte, lagMs int64)) { st.onExpire = f }
func (st *Store) OnEvict(f func(ks *Keyspace, key []byte))               { st.onEvict = f }

// OnExpireField sets what is called before a field of the hash key is removed because its deadline passed, under the same
// conditions. last tells that the key goes with it.
func (st *Store) OnExpireField(f func(ks *Keyspace, key []byte, lagMs int64, last bool)) {
	st.onField = f
}

// OnMiss and OnNew set what is called when a look-up that counts finds nothing, and when there is a new key, under the same
// conditions; nil for nothing.
func (st *Store) OnMiss(f func(ks *Keyspace, key []byte)) { st.onMiss = f }
func (st *Store) OnNew(f func(ks *Keyspace, key []byte))  { st.onNew = f }

// OnRelease sets what gets the memory of a large string that is gone and was never lent to a reply: nobody else refers to it.
func (st *Store) OnRelease(f func(b []byte)) { st.onRelease = f }

func (st *Store) release(object Value) {
	if l, ok := object.(*largeString); ok && !l.lent && st.onRelease != nil {
		st.onRelease(l.bytes)
	}
}

// Tick sets the time that every look-up until the next Tick goes by: in unix milliseconds, and in milliseconds of a
// monotonic clock with any origin.
func (st *Store) Tick(unixMs, uptimeMs int64) { st.now, st.uptime = unixMs, uptimeMs }

// Freeze makes look-ups leave the time of last use alone while on is true, for CLIENT NO-TOUCH.
func (st *Store) Freeze(on bool) { st.frozen = on }

// Databases returns how many databases there are; DB returns number i of them.
func (st *Store) Databases() int     { return len(st.dbs) }
func (st *Store) DB(i int) *Keyspace { return st.dbs[i] }

// Used returns the bytes of memory the dataset takes: keys, values, deadlines and tables. O(1).
func (st *Store) Used() int64 { return st.used }

// Overhead returns how many of the bytes in Used are neither a key's nor a value's own: deadlines and tables.
func (st *Store) Overhead() (bytes int64) {
	for _, ks := range st.dbs {
		bytes += int64(ks.overhead())
	}
	return bytes
}

// OffHeap returns the bytes of memory that databases have from the system, outside the Go heap. O(1).
func (st *Store) OffHeap() int64 { return st.offHeap }

// HasChores reports whether there is work that nobody waits for: evictions that a lowered maxmemory asks for, memory to be
// given back. DoChores does a slice of it, some 100 µs.
func (st *Store) HasChores() bool {
	return len(st.dying)+len(st.doomed) > 0 || st.Evicting() || st.fragmented()
}

// Dying returns how many values and databases are gone and have not given back all their memory yet.
func (st *Store) Dying() int { return len(st.dying) + len(st.doomed) }

// ChoresPress reports whether some of that should go on without a pause. The rest is worth little of the time.
func (st *Store) ChoresPress() bool {
	return st.tight() || st.Evicting() ||
		slices.ContainsFunc(st.inUse, func(ks *Keyspace) bool { return ks.arena.presses() })
}

// DoChores is one slice of the chores.
func (st *Store) DoChores() {
	switch {
	case len(st.dying) > 0:
		if last := len(st.dying) - 1; !st.dying[last].release() {
			st.dying[last] = nil
			st.Freed++
			st.dying = st.dying[:last]
		}
	case len(st.doomed) > 0:
		if last := len(st.doomed) - 1; !st.doomed[last].freeSlice() {
			st.doomed[last] = nil
			st.Freed++
			st.doomed = st.doomed[:last]
		}
	case st.Evicting():
		st.MakeRoom(0)
	default:
		st.compactSlice()
	}
}

// NextDeadline returns in how many milliseconds the next key, or field of a hash, expires, 0 or less if one is due.
func (st *Store) NextDeadline() (inMs int64, ok bool) {
	d := st.nearest()
	if d == nil {
		return 0, false
	}
	return d.wait(), true
}

// nearest returns the heap with the key or hash that expires first, or nil; nearestKey only looks at keys.
func (st *Store) nearest() *deadlines {
	first := st.nearestKey()
	for _, ks := range st.inUse {
		first = nearer(first, ks.hashes.nearest())
	}
	return first
}

func (st *Store) nearestKey() (first *deadlines) {
	for _, ks := range st.inUse {
		first = nearer(first, ks.keys.nearest())
	}
	return first
}

// FollowsWallClock reports whether there is a deadline by the wall clock, so that NextDeadline may change at any moment.
func (st *Store) FollowsWallClock() bool {
	return slices.ContainsFunc(st.inUse, func(ks *Keyspace) bool { return ks.keys.dates.n+ks.hashes.dates.n > 0 })
}

// DueKeys counts the keys, and fields of hashes, that are due and not removed yet, up to limit. O(limit).
func (st *Store) DueKeys(limit int) (n int) {
	for _, ks := range st.inUse {
		n += ks.keys.countDue(limit - n)
		n += ks.hashes.countDue(limit - n)
	}
	return n
}

// ExpireDue removes keys, and fields of hashes, whose deadline has come, earliest first and at most limit of them, and
// reports whether more are due. O(log n) each.
func (st *Store) ExpireDue(limit int) (more bool) {
	st.commit()
	for range limit {
		d := st.nearest()
		if d == nil || d.wait() > 0 {
			return false
		}
		d.expireFirst()
	}
	in, ok := st.NextDeadline()
	return ok && in <= 0
}

// expireFirst removes the key, or the field, that is due first.
func (d *deadlines) expireFirst() {
	ks, first := d.contents.owner, d.at(0).ref
	if d.nested {
		ks.expireField(d.contents.dicts.at(uint32(first)), d.fieldsOf(first))
		return
	}
	var e Entry
	ks.expire(ks.view(&e, first))
}

// Settle ends a command: collections it emptied are removed, what else became of them is put where it belongs, and all
// entries and values that were handed out are good no more.
func (st *Store) Settle() {
	st.commit()
	st.views.reset()
	st.check()
}

// commit settles the collections that have been edited so far.
func (st *Store) commit() {
	for i, e := range st.edited {
		st.edited[i] = nil
		e.commit()
	}
	st.edited = st.edited[:0]
}

// edit has the collection settled when the command ends.
func (ks *Keyspace) edit(e *Entry) {
	if e.head.value&isEdited != 0 {
		return
	}
	e.head.value |= isEdited
	if e.head.shape.form() == formObject {
		e.before = uncounted(e.load())
	}
	ks.store.edited = append(ks.store.edited, e)
}

// editOf returns the entry under which a blob is being edited.
func (st *Store) editOf(ks *Keyspace, r ref) *Entry {
	i := slices.IndexFunc(st.edited, func(e *Entry) bool { return e.ref == r && e.ks == ks })
	return st.edited[i]
}

// unedit takes an entry that is about to lose its value out of the list, and settles its account.
func (st *Store) unedit(e *Entry) {
	if e.head.value&isEdited == 0 {
		return
	}
	e.head.value &^= isEdited
	e.charge()
	st.edited = slices.DeleteFunc(st.edited, func(x *Entry) bool { return x.ref == e.ref && x.ks == e.ks })
}

// charge accounts for what an edit did to an object.
func (e *Entry) charge() {
	if e.head.shape.form() == formObject {
		now := uncounted(e.load())
		e.ks.account.add(now - e.before)
		e.before = now
	}
}

// commit puts an edited collection where it belongs: nowhere if it is gone, into the blob if it is small.
func (e *Entry) commit() {
	e.head.value &^= isEdited
	e.charge()
	c := e.load().(collection)
	n, small := c.compactSize()
	switch {
	case isGone(c):
		e.ks.drop(e)
	case small:
		e.dropObject(e.before)
		e.rewrite(e.retain(shapeOf(c.Type(), formCompact)|c.variant()), n, c.putCompact)
		e.object = c
	case e.head.shape.form() != formObject:
		e.setObject(c.Type(), c.detached())
		fallthrough
	default:
		e.ks.rehome(e.head, e.ref)
	}
}

// FlushAll empties every database.
func (st *Store) FlushAll() {
	for _, ks := range st.dbs {
		ks.Flush()
	}
}
