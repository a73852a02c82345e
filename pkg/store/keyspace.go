package store

// Keyspace is one database: the keys that SELECT makes visible. All its methods go by the time of the last Tick:
// a key whose deadline has come is gone, even if nothing has removed it yet.
type Keyspace struct {
	store    *Store
	index    int
	table    table
	volatile int   // keys with a deadline
	used     int64 // bytes charged to entries
}

// Index returns the database's number, Len how many keys it holds and Volatile how many of them expire.
// Len counts keys whose deadline passed within this turn, as Redis' DBSIZE does.
func (ks *Keyspace) Index() int    { return ks.index }
func (ks *Keyspace) Len() int      { return ks.table.count }
func (ks *Keyspace) Volatile() int { return ks.volatile }

// Find returns the value of key for reading, or the zero T if the key does not exist; the error is ErrWrongType
// if it holds another type. It counts as a use and as a hit or miss. O(1).
func Find[T Value](ks *Keyspace, key []byte) (T, error) {
	e := ks.lookup(key)
	ks.count(e)
	return typed[T](ks, e)
}

// FindForWrite is Find for a command that will change the value if there is one: no hit, no miss, and its memory
// is accounted for when the command ends.
func FindForWrite[T Value](ks *Keyspace, key []byte) (T, error) {
	e := ks.lookup(key)
	value, err := typed[T](ks, e)
	if err == nil && e != nil {
		ks.edit(e)
	}
	return value, err
}

// Edit is FindForWrite that creates the value with fresh if the key does not exist. Call it behind the last
// check; a collection that is still empty when the command ends is removed.
func Edit[T Value](ks *Keyspace, key []byte, fresh func() T) (T, error) {
	value, err := FindForWrite[T](ks, key)
	if err != nil || any(value) != any(*new(T)) {
		return value, err
	}
	value = fresh()
	ks.Put(key, value)
	return value, nil
}

func typed[T Value](ks *Keyspace, e *Entry) (value T, err error) {
	if e == nil {
		return value, nil
	}
	ks.store.touch(e)
	value, ok := e.value.(T)
	if !ok {
		return value, ErrWrongType
	}
	return value, nil
}

// Peek returns the entry of key, or nil, and counts as nothing: no use, no hit, no miss.
func (ks *Keyspace) Peek(key []byte) *Entry { return ks.lookup(key) }

// Inspect is Peek that counts as a hit or miss: for TYPE, TTL, OBJECT and their kind, which read about a key.
func (ks *Keyspace) Inspect(key []byte) *Entry {
	e := ks.lookup(key)
	ks.count(e)
	return e
}

// Take is Peek that counts as a use: for EXPIRE, RENAME and their kind, which change a key whatever its type.
func (ks *Keyspace) Take(key []byte) *Entry {
	e := ks.lookup(key)
	if e != nil {
		ks.store.touch(e)
	}
	return e
}

// Idle returns for how many milliseconds nothing has used the entry.
func (ks *Keyspace) Idle(e *Entry) int64 { return ks.store.now - e.used }

// Touch reports whether key exists, which counts as a use and as a hit or miss.
func (ks *Keyspace) Touch(key []byte) bool {
	e := ks.Take(key)
	ks.count(e)
	return e != nil
}

// Exists reports whether key exists, which counts as a hit or miss but not as a use.
func (ks *Keyspace) Exists(key []byte) bool { return ks.Inspect(key) != nil }

// SetString makes key hold a copy of the string b. keepDeadline leaves an existing deadline, else it goes. Over an
// existing string it allocates only if b needs more room. O(1).
func (ks *Keyspace) SetString(key, b []byte, keepDeadline bool) {
	h := ks.table.hash(key)
	e := ks.present(ks.table.find(h, key))
	if e == nil {
		e = ks.add(h, key)
	} else if !keepDeadline {
		ks.persist(e)
	}
	if e.value != Value(&e.str) {
		e.value = &e.str
	}
	e.str.Set(b)
	ks.store.touch(e)
	ks.charge(e)
}

// Put makes key hold value, without a deadline, whatever it held before.
func (ks *Keyspace) Put(key []byte, value Value) {
	h := ks.table.hash(key)
	e := ks.present(ks.table.find(h, key))
	if e == nil {
		e = ks.add(h, key)
	} else {
		ks.persist(e)
	}
	e.value = value
	if value != Value(&e.str) {
		e.str = String{}
	}
	ks.store.touch(e)
	ks.edit(e)
}

// Delete removes key and reports whether it existed.
func (ks *Keyspace) Delete(key []byte) bool {
	e := ks.lookup(key)
	if e != nil {
		ks.drop(e)
	}
	return e != nil
}

// Rename gives the existing key from the name to; a key that had this name goes. Value, deadline and time of last
// use stay. O(1).
func (ks *Keyspace) Rename(from, to []byte) {
	e := ks.lookup(from)
	if e == nil || string(from) == string(to) {
		return
	}
	ks.Delete(to)
	ks.table.remove(e)
	e.key = string(to)
	ks.table.insert(ks.table.hash(to), e)
	ks.edit(e)
}

// SetDeadline makes the existing key expire at a time in unix milliseconds, which must not be 0. O(log n).
func (ks *Keyspace) SetDeadline(key []byte, atMs int64) {
	e := ks.lookup(key)
	if e == nil {
		return
	}
	if e.place == noPlace {
		ks.volatile++
	}
	ks.store.deadlines.set(e, atMs)
	ks.edit(e)
}

// Persist takes key's deadline away and reports whether it had one. O(log n).
func (ks *Keyspace) Persist(key []byte) bool {
	e := ks.lookup(key)
	if e == nil || e.deadline == 0 {
		return false
	}
	ks.persist(e)
	ks.edit(e)
	return true
}

// Flush removes all keys. Their memory is the garbage collector's from then on: O(1), or O(deadlines) when other
// databases have deadlines too.
func (ks *Keyspace) Flush() {
	ks.store.forget(ks)
	ks.table, ks.volatile, ks.used = newTable(), 0, 0
}

// gone marks the account of an entry that is in no table any more.
const gone = -1

// lookup returns the entry of key unless it has expired, in which case it is removed now.
func (ks *Keyspace) lookup(key []byte) *Entry {
	return ks.present(ks.table.find(ks.table.hash(key), key))
}

func (ks *Keyspace) present(e *Entry) *Entry {
	if e != nil && ks.due(e) {
		ks.expire(e)
		return nil
	}
	return e
}

func (ks *Keyspace) count(e *Entry) {
	if e == nil {
		ks.store.Misses++
	} else {
		ks.store.Hits++
	}
}

func (ks *Keyspace) add(h uint64, key []byte) *Entry {
	e := &Entry{key: string(key), place: noPlace, db: uint16(ks.index), used: ks.store.now}
	ks.table.insert(h, e)
	return e
}

// edit has the entry's memory charged when the command ends.
func (ks *Keyspace) edit(e *Entry) { ks.store.edited = append(ks.store.edited, e) }

func (ks *Keyspace) persist(e *Entry) {
	if e.place != noPlace {
		ks.unschedule(e)
	}
}

func (ks *Keyspace) unschedule(e *Entry) {
	ks.store.deadlines.remove(e)
	ks.volatile--
}

// charge brings the account up to date with the entry's present size.
func (ks *Keyspace) charge(e *Entry) {
	size := e.size()
	ks.used += int64(size - e.charged)
	e.charged = size
}

// drop removes the entry from table, heap and account.
func (ks *Keyspace) drop(e *Entry) {
	ks.persist(e)
	ks.table.remove(e)
	ks.used -= int64(e.charged)
	e.charged = gone
}

func (ks *Keyspace) expire(e *Entry) {
	lag := ks.store.now - e.deadline
	ks.drop(e)
	ks.store.Expired++
	if ks.store.onExpire != nil {
		ks.store.onExpire(ks, e.key, lag)
	}
}
