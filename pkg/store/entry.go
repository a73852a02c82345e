package store

import "encoding/binary"

// Type is the kind of a value, in the words of the TYPE command.
type Type uint8

// The types of values.
const (
	typeNone Type = iota // of a slot that is free
	TypeString
	TypeList
	TypeHash
	TypeSet
	TypeZSet
	TypeStream

	typeElement Type = 7 // no value, but an element of one, see dict
)

var typeNames = [...]string{
	TypeString: "string", TypeList: "list", TypeHash: "hash", TypeSet: "set", TypeZSet: "zset", TypeStream: "stream",
}

func (t Type) String() string { return typeNames[t] }

// Value is what a key holds. A collection that became empty is removed when the command that emptied it ends, unless it is
// lasting.
type Value interface {
	Type() Type
	Encoding() string // OBJECT ENCODING's word
	Len() int         // elements of a collection, bytes of a string
	Size() int        // bytes of memory held beside the key's own; O(1)

	digest(add func(part []byte)) // gives every element in order
	onHeap() int                  // bytes of Size that do not lie in the arena, which accounts for its own; O(1)
}

// collection is a value of several elements. A small one lies in its key's blob, and what commands see of it is a view
// that is made when it is looked up; a large one is an object.
type collection interface {
	Value
	// compactSize returns how many bytes the collection takes in a blob, if it may lie in one; putCompact writes them. The
	// view may lie in the same memory.
	compactSize() (n int, ok bool)
	putCompact(dst []byte)
	// variant returns the flags of the blob's shape that tell how.
	variant() shape
	// detached returns the collection with memory of its own, to be kept.
	detached() collection
	// clone returns a copy for a key of a database, with memory of its own.
	clone(into *Keyspace) collection
	// release gives back what it has in the arena. It is of no use any more.
	release()
	// verify checks what must hold between two commands.
	verify() error
}

// lasting is a collection that stays when its last element goes.
type lasting interface{ staysEmpty() }

// isGone reports whether a collection lost its last element and its key with it.
func isGone(c Value) bool {
	if c.Len() > 0 {
		return false
	}
	_, stays := c.(lasting)
	return !stays
}

// Entry is one key with its value, deadline and use: a view of a blob that is good until the command ends, or the key
// changes by another way than through this entry or its value. Commands read it; only the store writes it.
type Entry struct {
	ks     *Keyspace
	head   *header
	ref    ref
	before int   // uncounted size of the object when an edit began
	object Value // the collection or large string, once it has been asked for
}

// Key returns the key's bytes. They are the store's: whoever keeps them copies them.
func (e *Entry) Key() []byte { return e.head.key() }

// Type returns the type of the value.
func (e *Entry) Type() Type { return e.head.shape.kind() }

// Value returns what the entry holds.
func (e *Entry) Value() Value {
	if e.Type() == TypeString {
		return (*String)(e)
	}
	return e.load()
}

// load returns the collection or large string behind the entry.
func (e *Entry) load() Value {
	switch {
	case e.object != nil:
	case e.head.shape.form() == formObject:
		e.object = e.ks.objects.at(e.head.number())
	default:
		e.object = e.ks.store.viewOf(e)
	}
	return e.object
}

// Deadline returns when the key expires in unix milliseconds, or 0 if it does not.
func (e *Entry) Deadline() int64 {
	if e.head.shape&volatile == 0 {
		return 0
	}
	return e.ks.keys.deadline(e.head)
}

// SerializedLen returns how many bytes the value's elements take one behind the other, each with its length before
// it as in an RDB file, without compression. O(n).
func (e *Entry) SerializedLen() (n int) {
	e.Value().digest(func(part []byte) {
		switch size := len(part); {
		case size < 1<<6:
			n += size + 1
		case size < 1<<14:
			n += size + 2
		default:
			n += size + 5
		}
	})
	return n
}

// Size returns the bytes of memory that key and value take, as they are accounted for: those of all keys and the Overhead
// make Used. O(1).
func (e *Entry) Size() int {
	n := e.ks.arena.room(e.ref)
	if e.head.shape.form() == formObject {
		n += objectSize(e.load())
	}
	return n
}

// entry makes e the view of a blob.
func (ks *Keyspace) view(e *Entry, r ref) *Entry {
	*e = Entry{ks: ks, ref: r, head: ks.head(r)}
	return e
}

func (c *contents) head(r ref) *header { return (*header)(c.arena.at(r)) }

// reallocate moves the blob to a slot of at least size bytes, if it needs another one, and leaves its contents to be
// written. It returns the old slot to be freed behind that, or 0.
// scheduled tells whether the blob's place in a heap, if it has one, is true.
func (e *Entry) reallocate(size int, scheduled bool) (old ref) {
	ks := e.ks
	if room := ks.arena.room(e.ref); size <= room && (size > room/2 || size+leastSlot > room) {
		return 0
	}
	old, from := e.ref, e.head
	e.ref = ks.arena.alloc(size)
	e.head = ks.head(e.ref) // the arena may have moved its frames, not the slots
	*e.head = *from
	ks.moved(e, old, scheduled)
	return old
}

// moved tells everything that refers to a blob where it is now. Header, and place if it has one, must be there already.
func (ks *Keyspace) moved(e *Entry, old ref, scheduled bool) {
	if e.head.shape.kind() == typeElement {
		ks.dictOf(e.head).moved(old, e, scheduled)
		return
	}
	from := ks.head(old)
	ks.table.replace(ks.table.hash(from.key()), old, e.ref)
	if scheduled {
		ks.keys.moved(from, e)
	}
	ks.rehome(from, e.ref)
	if e.head.value&isPooled != 0 {
		ks.store.pool.moved(ks, old, e.ref)
	}
}

// rewrite gives the blob another value, which write puts behind the key. The old value's bytes stay readable until write
// has run. The shape's flags of deadlines must be those that the blob has.
func (e *Entry) rewrite(s shape, valueLen int, write func(dst []byte)) {
	from := e.head
	at, n := from.keyAt()
	old := e.reallocate(at+n+valueLen, true)
	if old == 0 {
		from.shape = s
		from.setValueLen(valueLen)
		write(from.tail())
		return
	}
	write(e.head.write(s, from.bytes(at, n), valueLen))
	e.ks.arena.free(old)
}

// setVolatile makes room for a place among the deadlines, or takes it away. The key stands in no heap
// meanwhile.
func (e *Entry) setVolatile(s shape) {
	from, wide := e.head, e.head.size()
	at, to := headerSize, headerSize
	if from.shape&volatile != 0 {
		at += fieldSize
	}
	if s&volatile != 0 {
		to += fieldSize
	}
	old := e.reallocate(wide-at+to, false)
	copy(e.head.bytes(to, wide-at), from.bytes(at, wide-at))
	e.head.shape = s
	if old != 0 {
		e.ks.arena.free(old)
	}
}

// schedule gives the blob a deadline among those of its kind. O(log n).
func (e *Entry) schedule(s *schedule, clock shape, at int64) {
	if had := e.head.shape; had&volatile != 0 {
		if had&dated == clock {
			s.of(e.head).move(*e.head.place(), at)
			return
		}
		s.of(e.head).remove(*e.head.place())
	}
	e.setVolatile(e.head.shape&^dated | volatile | clock)
	s.of(e.head).push(e.ref, at)
}

// unschedule takes the blob's deadline away. O(log n).
func (e *Entry) unschedule(s *schedule) {
	s.of(e.head).remove(*e.head.place())
	e.setVolatile(e.head.shape &^ (volatile | dated))
}

// retain returns the shape with the entry's own flags of deadlines.
func (e *Entry) retain(s shape) shape { return s | e.head.shape&(volatile|dated) }

// setObject makes an object the value, which must not be one already.
func (e *Entry) setObject(t Type, object Value) {
	number := e.ks.objects.add(object)
	e.ks.account.add(uncounted(object))
	e.rewrite(e.retain(shapeOf(t, formObject)), numberSize, func(dst []byte) { binary.LittleEndian.PutUint32(dst, number) })
	e.object = object
}

// dropObject takes the object away that the value may be, for which size bytes were accounted. The blob is to be
// rewritten.
func (e *Entry) dropObject(size int) {
	e.object = nil
	if e.head.shape.form() == formObject {
		e.ks.store.release(e.ks.objects.at(e.head.number()))
		e.ks.objects.remove(e.head.number())
		e.ks.account.add(-size)
	}
}

// releaseValue gives up the value, before the blob goes or gets another one.
func (e *Entry) releaseValue() {
	if c, ok := e.collection(); ok {
		c.release()
	}
	if e.head.shape.form() == formObject {
		e.dropObject(uncounted(e.load()))
	}
	e.object = nil
}

// collection returns the collection that the value is, if it may have more memory than the blob.
func (e *Entry) collection() (c collection, ok bool) {
	v := e.object
	if v == nil && e.head.shape.form() == formObject {
		v = e.load()
	}
	c, ok = v.(collection)
	return c, ok
}
