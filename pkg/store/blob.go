package store

import (
	"encoding/binary"
	"unsafe"
)

// header begins the blob of a key: one piece of memory in an arena without pointers, that holds
//
//	header        8 bytes
//	place         4 bytes, if the key has a deadline: where it stands in its heap
//	key length    4 bytes, if the header's byte is too small for it
//	key
//	value         of at most maxValue bytes: a short string, an integer, a small collection, or the number of an object
type header struct {
	shape  shape
	keyLen uint8  // longKey: the length follows
	value  uint16 // length of the value, and two flags
	used   usage  // when, or how often, it was last accessed; of an element, the number of its dict
}

// shape says what a blob is. A slot that is free has the shape 0, which no blob has.
type shape uint8

const (
	kindMask shape = 7      // Type
	formMask shape = 3 << 3 // form
	isRaw    shape = 1 << 5 // a string edited in place, which Redis calls raw whatever the length
	isIntset shape = 1 << 5 // a set kept as sorted integers
	volatile shape = 1 << 6 // has a deadline
	dated    shape = 1 << 7 // the deadline is a date by the wall clock, else a time of the monotonic one
)

// form says how a blob keeps the value.
type form uint8

const (
	formBytes   form = iota // a string's bytes
	formInteger             // a string, as eight bytes so that INCR neither parses nor prints
	formObject              // the number of an object of the database
	formCompact             // a small collection: its count, then its elements packed; or sorted integers
)

func shapeOf(t Type, f form) shape { return shape(t) | shape(f)<<3 }

func (s shape) kind() Type { return Type(s & kindMask) }
func (s shape) form() form { return form(s & formMask >> 3) }

const (
	headerSize  = int(unsafe.Sizeof(header{}))
	fieldSize   = 4
	longKey     = 255
	integerSize = 8
	numberSize  = 4 // of an object's number
	maxValue    = 1<<14 - 1

	lengthMask = maxValue
	isEdited   = 1 << 14 // stands in Store.edited
	isPooled   = 1 << 15 // stands in the eviction pool
)

// blobSize returns the bytes of a blob.
func blobSize(keyLen, valueLen int, s shape) int {
	n := headerSize + keyLen + valueLen
	if s&volatile != 0 {
		n += fieldSize
	}
	if keyLen >= longKey {
		n += fieldSize
	}
	return n
}

func (h *header) field(at int) *uint32 { return (*uint32)(unsafe.Add(unsafe.Pointer(h), at)) }

// place is where the key stands in its heap of deadlines; only for volatile ones.
func (h *header) place() *uint32 { return h.field(headerSize) }

// keyAt returns where the key begins, and its length.
func (h *header) keyAt() (at, n int) {
	at, n = headerSize, int(h.keyLen)
	if h.shape&volatile != 0 {
		at += fieldSize
	}
	if n == longKey {
		n = int(*h.field(at))
		at += fieldSize
	}
	return at, n
}

func (h *header) bytes(at, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(h), at)), n)
}

// key returns the key's bytes, which lie in the arena.
func (h *header) key() []byte { return h.bytes(h.keyAt()) }

func (h *header) valueLen() int { return int(h.value & lengthMask) }

func (h *header) setValueLen(n int) { h.value = h.value&^lengthMask | uint16(n) }

// tail returns the value's bytes, which lie in the arena.
func (h *header) tail() []byte {
	at, n := h.keyAt()
	return h.bytes(at+n, h.valueLen())
}

// size is the length of the whole blob.
func (h *header) size() int {
	at, n := h.keyAt()
	return at + n + h.valueLen()
}

func (h *header) integer() int64 { return int64(binary.LittleEndian.Uint64(h.tail())) }

func (h *header) setInteger(n int64) { binary.LittleEndian.PutUint64(h.tail(), uint64(n)) }

// number is that of the object that holds the value.
func (h *header) number() uint32 { return binary.LittleEndian.Uint32(h.tail()) }

// write lays a blob out: the header with its fields, the key, and room for a value of valueLen bytes, which it returns.
// Flags and use are kept by the caller. The key may lie in the same memory.
func (h *header) write(s shape, key []byte, valueLen int) []byte {
	at := headerSize
	if s&volatile != 0 {
		at += fieldSize
	}
	long := len(key) >= longKey
	if long {
		at += fieldSize
	}
	copy(h.bytes(at, len(key)), key)
	h.shape, h.keyLen = s, uint8(min(len(key), longKey))
	h.setValueLen(valueLen)
	if long {
		*h.field(at - fieldSize) = uint32(len(key))
	}
	return h.bytes(at+len(key), valueLen)
}
