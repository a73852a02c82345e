package store

// Keyspace is one database: the keys that SELECT makes visible. All its methods go by the time of the last Tick:
// a key whose deadline has come is gone, even if nothing has removed it yet.
type Keyspace struct {
	store    *Store
	index    int
	table    table
	volatile int   // keys with a deadline
	horizon  int64 // sum of their deadlines, modulo 2^64
	used     int64 // bytes charged to entries
	touched  uint8 // keeps Prefetch from being optimized away
}

// Index returns the database's number, Len how many keys it holds and Volatile how many of them expire.
// Len counts keys whose deadline passed within this turn, as Redis' DBSIZE does.
func (ks *Keyspace) Index() int    { return ks.index }
func (ks *Keyspace) Len() int      { return ks.table.count }
func (ks *Keyspace) Volatile() int { return ks.volatile }

// AverageTTL returns how many milliseconds the keys that expire have left on average, 0 if there are none. The sum
// of deadlines overflows with a few million keys. That does no harm: the difference is right modulo 2^64, and
// nobody keeps keys for 300 million years.
func (ks *Keyspace) AverageTTL() int64 {
	if ks.volatile == 0 {
		return 0
	}
	n := int64(ks.volatile)
	return max(0, (ks.horizon-n*ks.store.now)/n)
}

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
	return typed[T](ks, ks.put(key, fresh()))
}

func typed[T Value](ks *Keyspace, e *Entry) (value T, err error) {
	if e == nil {
		return value, nil
	}
	ks.store.touch(e)
	value, ok := e.Value().(T)
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

// Touch reports whether key exists, which counts as a use and as a hit or miss.
func (ks *Keyspace) Touch(key []byte) bool {
	e := ks.Take(key)
	ks.count(e)
	return e != nil
}

// Exists reports whether key exists, which counts as a hit or miss but not as a use.
func (ks *Keyspace) Exists(key []byte) bool { return ks.Inspect(key) != nil }

// Idle returns for how many milliseconds nothing has used the entry, in steps of 16 ms.
func (ks *Keyspace) Idle(e *Entry) int64 { return e.used.since(ticksOf(ks.store.now)) }

// Frequency returns how often the entry has been used lately, on a logarithmic scale from 0 to 255. It means something
// only under a policy for which LFU is true.
func (ks *Keyspace) Frequency(e *Entry) uint8 { return 0 }

// SetString makes key hold a copy of the string b. keepDeadline leaves an existing deadline, else it goes. Over an
// existing string it allocates only if b needs more room. O(1).
func (ks *Keyspace) SetString(key, b []byte, keepDeadline bool) {
	e := ks.replace(key, keepDeadline)
	size := e.size()
	if e.kind != TypeString {
		e.kind, e.object = TypeString, nil
		e.form &= flagEdited
	}
	(*String)(e).Set(b)
	if e.form&flagEdited == 0 {
		ks.used += int64(e.size() - size)
	}
}

// Put makes key hold value, without a deadline, whatever it held before. A *String is copied, a collection taken over.
func (ks *Keyspace) Put(key []byte, value Value) { ks.put(key, value) }

func (ks *Keyspace) put(key []byte, value Value) *Entry {
	if s, ok := value.(*String); ok {
		ks.SetString(key, s.Bytes(), false)
		e := ks.lookup(key)
		ks.edit(e)
		return e
	}
	e := ks.replace(key, false)
	ks.edit(e)
	e.kind, e.object = value.Type(), value
	e.form &= flagEdited
	e.data = append([]byte(nil), e.data[:e.keyLen]...)
	return e
}

// replace returns the entry of key for a new value, creating it if need be.
func (ks *Keyspace) replace(key []byte, keepDeadline bool) *Entry {
	h := ks.table.hash(key)
	e := ks.present(ks.table.find(h, key))
	if e == nil {
		return ks.add(h, key)
	}
	if !keepDeadline {
		ks.persist(e)
	}
	ks.store.touch(e)
	return e
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
	e := ks.lookup(from)
	if e == nil || string(from) == string(to) {
		return
	}
	ks.Delete(to)
	ks.edit(e)
	ks.table.remove(e)
	e.data = append(append(make([]byte, 0, len(to)+len(e.data)-int(e.keyLen)), to...), e.data[e.keyLen:]...)
	e.keyLen = uint32(len(to))
	ks.table.insert(ks.table.hash(to), e)
}

// ExpireAt makes the existing key expire at a time of the wall clock in unix milliseconds, which must not be 0. O(log n).
func (ks *Keyspace) ExpireAt(key []byte, unixMs int64) {
	e := ks.lookup(key)
	if e == nil {
		return
	}
	ks.edit(e)
	ks.schedule(e, unixMs)
}

// ExpireAfter makes the existing key expire when so many milliseconds have passed, whatever becomes of the wall clock. O(log n).
func (ks *Keyspace) ExpireAfter(key []byte, ms int64) { ks.ExpireAt(key, ks.store.now+ms) }

// Persist takes key's deadline away and reports whether it had one. O(log n).
func (ks *Keyspace) Persist(key []byte) bool {
	e := ks.lookup(key)
	if e == nil || e.deadline == 0 {
		return false
	}
	ks.persist(e)
	return true
}

// Flush removes all keys. Their memory is the garbage collector's from then on: O(1), or O(deadlines) when other
// databases have deadlines too.
func (ks *Keyspace) Flush() {
	ks.store.forget(ks)
	ks.table, ks.volatile, ks.horizon, ks.used = newTable(), 0, 0, 0
}

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
	e := &Entry{keyLen: uint32(len(key)), kind: TypeString, place: noPlace, db: uint16(ks.index)}
	e.data = append([]byte(nil), key...)
	e.used = ticksOf(ks.store.now)
	ks.used += int64(e.size())
	ks.table.insert(h, e)
	return e
}

// edit has the change of the entry's size from now on charged when the command ends.
func (ks *Keyspace) edit(e *Entry) {
	if e.form&flagEdited == 0 {
		e.form |= flagEdited
		ks.store.edited = append(ks.store.edited, edit{e, e.size()})
	}
}

// schedule sets the entry's deadline; the caller has called edit.
func (ks *Keyspace) schedule(e *Entry, atMs int64) {
	if e.place == noPlace {
		ks.volatile++
	}
	ks.horizon += atMs - e.deadline
	ks.store.deadlines.set(e, atMs)
}

// persist takes the entry's deadline away.
func (ks *Keyspace) persist(e *Entry) {
	if e.place != noPlace {
		ks.horizon -= e.deadline
		ks.store.deadlines.remove(e)
		ks.volatile--
		if e.form&flagEdited == 0 {
			ks.used -= deadlineSize
		}
	}
}

// drop removes the entry from table, heap and account. The eviction pool may still know the entry, but not its value.
func (ks *Keyspace) drop(e *Entry) {
	if e.form&flagEdited != 0 {
		ks.store.unedit(e)
	}
	ks.persist(e)
	ks.table.remove(e)
	ks.used -= int64(e.size())
	e.kind, e.object = typeNone, nil
}

func (ks *Keyspace) expire(e *Entry) {
	lag := ks.store.now - e.deadline
	ks.drop(e)
	ks.store.Expired++
	if ks.store.onExpire != nil {
		ks.store.onExpire(ks, e.Key(), lag)
	}
}
