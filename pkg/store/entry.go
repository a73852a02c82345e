package store

// Type is the kind of a value, in the words of the TYPE command.
type Type uint8

// The types of values.
const (
	TypeString Type = iota + 1
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

// Entry is one key with its value, deadline and use. Commands read it; only the store writes it.
type Entry struct {
	key      string
	value    Value
	deadline int64 // unix milliseconds, 0 if the key does not expire
	used     int64 // unix milliseconds of the last access, for LRU and OBJECT IDLETIME
	place    int32 // in the heap of deadlines, or noPlace
	db       uint16
	charged  int    // bytes of memory accounted for this entry
	str      String // room for the commonest value, so that a string costs no allocation of its own
}

// entrySize is the memory of an Entry, as the allocator rounds it, without its key's and value's bytes.
const entrySize = 112

// Key returns the entry's name.
func (e *Entry) Key() string { return e.key }

// Value returns what the entry holds.
func (e *Entry) Value() Value { return e.value }

// Type returns the type of the value.
func (e *Entry) Type() Type { return e.value.Type() }

// Deadline returns when the key expires in unix milliseconds, or 0 if it does not.
func (e *Entry) Deadline() int64 { return e.deadline }

// size is what the entry costs in memory now.
func (e *Entry) size() int {
	n := entrySize + len(e.key) + e.value.Size()
	if e.place != noPlace {
		n += deadlineSize
	}
	return n
}
