package store

import "slices"

// Keyspace is one database: the keys that SELECT makes visible. All its methods go by the time of the last Tick:
// a key whose deadline has come is gone, even if nothing has removed it yet.
type Keyspace struct {
	store *Store
	index int
	*contents
	touched uint8 // keeps Prefetch from being optimized away
}

// contents are all that a database holds, in one piece so that it can be emptied by forgetting them.
type contents struct {
	owner   *Keyspace
	account account
	arena   *arena
	table   table
	objects objects
	dicts   registry[*dict]
	flushed bool // forgotten
	keys    schedule
	hashes  schedule // of hashes with fields that expire
}

func (st *Store) newContents(ks *Keyspace) *contents {
	c := &contents{owner: ks}
	c.keys, c.hashes = newSchedule(c, false), newSchedule(c, true)
	c.account.total, c.account.offHeap = &st.used, &st.offHeap
	c.arena = newArena(&c.account)
	c.table = newTable(c.arena)
	return c
}

// Index returns the database's number, Len how many keys it holds and Volatile how many of them expire.
// Len counts keys whose deadline passed within this turn, as Redis' DBSIZE does.
func (ks *Keyspace) Index() int    { return ks.index }
func (ks *Keyspace) Len() int      { return ks.table.count }
func (ks *Keyspace) Volatile() int { return ks.keys.len() }

// overhead returns the bytes of what Store.Overhead names.
func (ks *Keyspace) overhead() int { return ks.Volatile()*nodeSize + ks.table.bytes() }

// AverageTTL returns how many milliseconds the keys that expire have left on average, 0 if there are none. The sums
// of deadlines overflow with a few million keys. That does no harm: the difference is right modulo 2^64, and
// nobody keeps keys for 300 million years.
func (ks *Keyspace) AverageTTL() int64 {
	n := ks.Volatile()
	if n == 0 {
		return 0
	}
	soon, dates := &ks.keys.soon, &ks.keys.dates
	left := soon.sum - int64(soon.n)*ks.store.uptime + dates.sum - int64(dates.n)*ks.store.now
	return max(0, left/int64(n))
}

// Find returns the value of key for reading, or the zero T if the key does not exist; the error is ErrWrongType
// if it holds another type. It counts as a use and as a hit or miss. O(1).
func Find[T Value](ks *Keyspace, key []byte) (T, error) {
	e := ks.lookup(key)
	ks.count(e, key)
	return typed[T](ks, e)
}

// FindForWrite is Find for a command that will change the value if there is one: no hit, no miss. What becomes of a
// collection is settled when the command ends.
func FindForWrite[T Value](ks *Keyspace, key []byte) (T, error) {
	e := ks.lookup(key)
	value, err := typed[T](ks, e)
	if err == nil && e != nil && e.Type() != TypeString {
		ks.edit(e)
	}
	return value, err
}

// Edit is FindForWrite that creates the collection with fresh if the key does not exist. Call it behind the last
// check; a collection that is still empty when the command ends is removed.
func Edit[T Value](ks *Keyspace, key []byte, fresh func() T) (T, error) {
	value, err := FindForWrite[T](ks, key)
	if err != nil || any(value) != any(*new(T)) {
		return value, err
	}
	value = fresh()
	e := ks.add(ks.table.hash(key), key, 0, shapeOf(value.Type(), formCompact))
	e.object = value
	ks.edit(e)
	return value, nil
}

// Replace makes key hold a fresh collection, which New… of this keyspace has made, without a deadline, and reports whether
// the key held anything before. An empty collection leaves no key. The collection is to be used no more.
func (ks *Keyspace) Replace(key []byte, fresh Value) (existed bool) {
	existed = ks.Delete(key)
	e := ks.insert(ks.table.hash(key), key, 0, shapeOf(fresh.Type(), formCompact))
	e.object = fresh
	ks.edit(e)
	if !existed && !isGone(fresh.(collection)) {
		ks.tellNew(key)
	}
	return existed
}

// Abandon gives up a fresh collection that is not to become any key's.
func (ks *Keyspace) Abandon(fresh Value) { fresh.(collection).release() }

func typed[T Value](ks *Keyspace, e *Entry) (value T, err error) {
	if e == nil {
		return value, nil
	}
	ks.store.touch(e.head)
	value, ok := e.Value().(T)
	if !ok {
		return value, ErrWrongType
	}
	return value, nil
}

// Look hands the value of key, if there is one, to visit, and counts as Find does. Unlike what Find returns it is good only as
// long as visit runs, which must not change the keyspace, and costs no memory until the command ends: for commands that
// look at a key for each element of a collection.
func (ks *Keyspace) Look(key []byte, visit func(Value)) {
	before := ks.store.views.mark()
	e := ks.lookup(key)
	ks.count(e, key)
	if e != nil {
		ks.store.touch(e.head)
		visit(e.Value())
	}
	ks.store.views.rewind(before)
}

// Peek returns the entry of key, or nil, and counts as nothing: no use, no hit, no miss.
func (ks *Keyspace) Peek(key []byte) *Entry { return ks.lookup(key) }

// Inspect is Peek that counts as a hit or miss: for TYPE, TTL, OBJECT and their kind, which read about a key.
func (ks *Keyspace) Inspect(key []byte) *Entry {
	e := ks.lookup(key)
	ks.count(e, key)
	return e
}

// Examine is Inspect that tells nobody of a miss: for OBJECT.
func (ks *Keyspace) Examine(key []byte) *Entry {
	e := ks.lookup(key)
	if e == nil {
		ks.store.Misses++
	} else {
		ks.store.Hits++
	}
	return e
}

// Take is Peek that counts as a use: for EXPIRE, RENAME and their kind, which change a key whatever its type.
func (ks *Keyspace) Take(key []byte) *Entry {
	e := ks.lookup(key)
	if e != nil {
		ks.store.touch(e.head)
	}
	return e
}

// Touch reports whether key exists, which counts as a use and as a hit or miss.
func (ks *Keyspace) Touch(key []byte) bool {
	e := ks.Take(key)
	ks.count(e, key)
	return e != nil
}

// Exists reports whether key exists, which counts as a hit or miss but not as a use.
func (ks *Keyspace) Exists(key []byte) bool { return ks.Inspect(key) != nil }

// Idle returns for how many milliseconds nothing has used the entry, in steps of 16 ms.
func (ks *Keyspace) Idle(e *Entry) int64 { return ks.store.idle(e.head.used) }

// Frequency returns how often the entry has been used lately, on a logarithmic scale from 0 to 255. It means something
// only under a policy for which LFU is true.
func (ks *Keyspace) Frequency(e *Entry) uint8 { return ks.store.frequency(e.head.used) }

// SetString makes key hold the string b: a copy of it, or from 16 KiB on b itself, which is the store's from then on:
// nobody may change it any more, or look at it after the command. keepDeadline leaves an existing deadline, else it goes. O(1).
func (ks *Keyspace) SetString(key, b []byte, keepDeadline bool) {
	if n, ok := canonicalInt(b); ok {
		ks.stringFor(key, integerSize, keepDeadline).SetInteger(n)
	} else {
		ks.stringFor(key, len(b), keepDeadline).SetText(b)
	}
}

// EmptyString makes key hold an empty string, to be filled, as SetString does.
func (ks *Keyspace) EmptyString(key []byte) *String {
	s := ks.stringFor(key, 0, false)
	s.SetText(nil)
	return s
}

// FillString makes key hold a string of n bytes, all of which write writes, as SetString does but raw. It may get the memory
// of the string that was there, and must not read that.
func (ks *Keyspace) FillString(key []byte, n int, write func(dst []byte)) {
	ks.stringFor(key, 0, false).Fill(n, write)
}

// stringFor returns the string of key to be set, whatever it held before. A new one has room for n bytes.
func (ks *Keyspace) stringFor(key []byte, n int, keepDeadline bool) *String {
	h := ks.table.hash(key)
	e := ks.present(ks.table.find(h, key))
	if e == nil {
		if n >= sharedSize {
			n = numberSize
		}
		return (*String)(ks.add(h, key, n, shapeOf(TypeString, formBytes)))
	}
	ks.store.touch(e.head)
	if !keepDeadline && e.head.shape&volatile != 0 {
		e.unschedule(&ks.keys)
	}
	if e.Type() != TypeString {
		ks.clear(e)
	}
	return (*String)(e)
}

// clear makes a collection an empty string.
func (ks *Keyspace) clear(e *Entry) {
	ks.store.unedit(e)
	e.releaseValue()
	e.rewrite(e.retain(shapeOf(TypeString, formBytes)), 0, func([]byte) {})
}

// Delete removes key and reports whether it existed.
func (ks *Keyspace) Delete(key []byte) bool {
	e := ks.lookup(key)
	if e != nil {
		ks.drop(e)
	}
	return e != nil
}

// Rename gives the existing key from the name to; a key that had this name goes. Value, deadline and time of last use
// stay. O(1): a string of 16 KiB or more does not move.
func (ks *Keyspace) Rename(from, to []byte) {
	ks.store.commit()
	e := ks.lookup(from)
	if e == nil || string(from) == string(to) {
		return
	}
	old := e.head
	r := ks.arena.alloc(blobSize(len(to), old.valueLen(), old.shape))
	ks.Delete(to)
	ks.table.remove(e.ref)
	now := ks.head(r)
	*now = *old
	copy(now.write(old.shape, to, old.valueLen()), old.tail())
	ks.keys.moved(old, &Entry{ref: r, head: now})
	ks.rehome(old, r)
	if old.value&isPooled != 0 {
		ks.store.pool.moved(ks, e.ref, r)
	}
	ks.arena.free(e.ref)
	ks.table.insert(ks.table.hash(to), r)
	ks.tellNew(to)
}

// ExpireAt makes the existing key expire at a time of the wall clock in unix milliseconds, which must not be 0. O(log n).
func (ks *Keyspace) ExpireAt(key []byte, unixMs int64) { ks.expireBy(dated, key, unixMs) }

// ExpireAfter makes the existing key expire when so many milliseconds have passed, whatever becomes of the wall clock.
// O(log n).
func (ks *Keyspace) ExpireAfter(key []byte, ms int64) {
	ks.expireBy(0, key, ks.store.uptime+min(ms, noTime-ks.store.uptime))
}

func (ks *Keyspace) expireBy(clock shape, key []byte, at int64) {
	ks.store.commit()
	if e := ks.lookup(key); e != nil {
		e.schedule(&ks.keys, clock, at)
	}
}

// Persist takes key's deadline away and reports whether it had one. O(log n).
func (ks *Keyspace) Persist(key []byte) bool {
	ks.store.commit()
	e := ks.lookup(key)
	if e == nil || e.head.shape&volatile == 0 {
		return false
	}
	e.unschedule(&ks.keys)
	return true
}

// Flush removes all keys. Their memory is given back by chores: O(1).
func (ks *Keyspace) Flush() {
	st := ks.store
	st.commit()
	st.pool.clear()
	ks.leave()
	old := ks.contents
	old.flushed = true
	ks.contents = st.newContents(ks)
	st.used -= old.account.bytes
	st.dying = append(st.dying, old.arena)
}

// leave takes the database from the list of those that have keys.
func (ks *Keyspace) leave() {
	ks.store.inUse = slices.DeleteFunc(ks.store.inUse, func(x *Keyspace) bool { return x == ks })
}

// lookup returns the entry of key unless it has expired, in which case it is removed now.
func (ks *Keyspace) lookup(key []byte) *Entry {
	return ks.present(ks.table.lookup(key))
}

// present returns the entry of a blob, or nil if that is 0 or due.
func (ks *Keyspace) present(r ref) *Entry {
	if r == 0 {
		return nil
	}
	h := ks.head(r)
	if h.shape&volatile != 0 && ks.keys.due(h) {
		var e Entry
		ks.expire(ks.view(&e, r))
		return nil
	}
	if h.value&isEdited != 0 {
		return ks.store.editOf(ks, r)
	}
	if h.shape&(kindMask|formMask) == largeHash && !ks.purge(h) {
		return nil
	}
	e := ks.store.views.entries.next()
	*e = Entry{ks: ks, ref: r, head: h}
	return e
}

func (ks *Keyspace) count(e *Entry, key []byte) {
	st := ks.store
	if e != nil {
		st.Hits++
		return
	}
	st.Misses++
	if st.onMiss != nil {
		st.onMiss(ks, key)
	}
}

// tellNew says that there is a new key.
func (ks *Keyspace) tellNew(key []byte) {
	if ks.store.onNew != nil {
		ks.store.onNew(ks, key)
	}
}

// add makes a new key with an empty value that has room for n bytes.
func (ks *Keyspace) add(h uint64, key []byte, n int, s shape) *Entry {
	e := ks.insert(h, key, n, s)
	ks.tellNew(key)
	return e
}

// insert is add that nobody is told of.
func (ks *Keyspace) insert(h uint64, key []byte, n int, s shape) *Entry {
	r := ks.arena.alloc(blobSize(len(key), n, s))
	head := ks.head(r)
	*head = header{used: ks.store.fresh()}
	head.write(s, key, 0)
	ks.table.insert(h, r)
	if ks.table.count == 1 {
		ks.store.inUse = append(ks.store.inUse, ks)
	}
	e := ks.store.views.entries.next()
	*e = Entry{ks: ks, ref: r, head: head}
	return e
}

// drop removes the entry from table, heap, pool and account.
func (ks *Keyspace) drop(e *Entry) {
	h := e.head
	if h.value&isEdited != 0 {
		ks.store.unedit(e)
	}
	if h.value&isPooled != 0 {
		ks.store.pool.forget(ks, e.ref)
	}
	if h.shape&volatile != 0 {
		ks.keys.of(h).remove(*h.place())
	}
	e.releaseValue()
	ks.table.remove(e.ref)
	ks.arena.free(e.ref)
	if ks.table.count == 0 {
		ks.leave()
	}
}

func (ks *Keyspace) expire(e *Entry) {
	st := ks.store
	d := ks.keys.of(e.head)
	lag := *d.now - d.at(*e.head.place()).time()
	if st.onExpire != nil {
		st.onExpire(ks, e.Key(), lag)
	}
	ks.drop(e)
	st.Expired++
}
