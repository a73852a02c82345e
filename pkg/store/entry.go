package store

import "unsafe"

// Type is the kind of a value, in the words of the TYPE command.
type Type uint8

// The types of values.
const (
	typeNone Type = iota // of an entry that is in no table any more
	TypeString
	TypeList
)

var typeNames = [...]string{TypeString: "string", TypeList: "list"}

func (t Type) String() string { return typeNames[t] }

// Value is what a key holds. A collection that became empty is removed when the command that emptied it ends.
type Value interface {
	Type() Type
	Encoding() string // OBJECT ENCODING's word
	Len() int         // elements of a collection, bytes of a string
	Size() int        // bytes of memory held, without the entry itself; O(1)

	digest(add func(part []byte)) // gives every element in order
}

// Entry is one key with its value, deadline and use. Commands read it; only the store writes it. It fills one cache
// line, and the key and a short string share a second piece of memory: a GET meets three lines, the table's group,
// the entry and the data.
type Entry struct {
	data     []byte // the key, and behind it a string's bytes (see String)
	object   Value  // a collection, or *largeString
	deadline int64  // unix milliseconds, 0 if the key does not expire
	used     ticks  // when it was last accessed
	place    int32  // in the heap of deadlines, or noPlace
	keyLen   uint32
	db       uint16
	kind     Type
	form     form // of a string, and whether the command under way edits the entry
}

// entrySize is the memory of an Entry without its data and object.
const entrySize = int(unsafe.Sizeof(Entry{}))

// Key returns the entry's name. The bytes behind it never change.
func (e *Entry) Key() string { return unsafe.String(unsafe.SliceData(e.data), e.keyLen) }

// Value returns what the entry holds.
func (e *Entry) Value() Value {
	if e.kind == TypeString {
		return (*String)(e)
	}
	return e.object
}

// Type returns the type of the value.
func (e *Entry) Type() Type { return e.kind }

// Deadline returns when the key expires in unix milliseconds, or 0 if it does not.
func (e *Entry) Deadline() int64 { return e.deadline }

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

// Size returns the bytes of memory that key, value and deadline take. O(1).
func (e *Entry) Size() int { return e.size() }

// size is what the entry costs in memory now.
func (e *Entry) size() int {
	n := entrySize + cap(e.data)
	if e.object != nil {
		n += e.object.Size()
	}
	if e.place != noPlace {
		n += deadlineSize
	}
	return n
}

// ticks is a time in steps of 16 ms that goes round every two years.
type ticks uint32

const tickShift = 4 // bits of a millisecond count that a tick leaves out

func ticksOf(unixMs int64) ticks { return ticks(unixMs >> tickShift) }

// since returns how many milliseconds t lies before now.
func (t ticks) since(now ticks) int64 { return int64(now-t) << tickShift }
