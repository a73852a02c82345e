package store

import (
	"bytes"
	"testing"
	"unsafe"
)

// blobImage is a blob under test, in memory with a pattern behind it that nothing may touch.
type blobImage struct {
	memory []uint64
	size   int
}

const untouched = 0xA5

// newBlob returns memory for a blob of so many bytes.
func newBlob(size int) *blobImage {
	b := &blobImage{make([]uint64, size/8+4), size}
	for i := range b.bytes() {
		b.bytes()[i] = untouched
	}
	*b.head() = header{}
	return b
}

func (b *blobImage) head() *header { return (*header)(unsafe.Pointer(&b.memory[0])) }

func (b *blobImage) bytes() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&b.memory[0])), 8*len(b.memory))
}

// check compares the blob with what was written to it.
func (b *blobImage) check(t *testing.T, s shape, key, value []byte, flags uint16, used usage) {
	t.Helper()
	h := b.head()
	switch at, n := h.keyAt(); {
	case h.shape != s || h.shape.kind() != s.kind() || h.shape.form() != s.form():
		t.Fatalf("the shape is %x, not %x", h.shape, s)
	case !bytes.Equal(h.key(), key) || n != len(key):
		t.Fatalf("the key is %d bytes %.20q, not %d bytes %.20q", n, h.key(), len(key), key)
	case !bytes.Equal(h.tail(), value) || h.valueLen() != len(value):
		t.Fatalf("the value is %d bytes %.20q, not %d bytes %.20q", h.valueLen(), h.tail(), len(value), value)
	case h.size() != b.size || at+n+len(value) != b.size || blobSize(len(key), len(value), s) != b.size:
		t.Fatalf("the size is %d, the key lies at %d, blobSize is %d; written were %d bytes", h.size(), at, blobSize(len(key), len(value), s), b.size)
	case h.value&^lengthMask != flags || h.used != used:
		t.Fatalf("the flags are %x and the use is %x, not %x and %x", h.value&^lengthMask, h.used, flags, used)
	}
	for i, c := range b.bytes()[b.size:] {
		if c != untouched {
			t.Fatalf("byte %d behind the blob of %d was written to", i, b.size)
		}
	}
}

// FuzzBlob writes a blob of any key and value, reads it back, and lays it out again in other memory with another value
// and with or without a place, as rewrite does.
func FuzzBlob(f *testing.F) {
	f.Add(byte(TypeString), byte(formBytes), []byte("key"), 0, []byte("value"), 0, []byte("other"), uint16(isPooled), uint32(7), uint32(9))
	f.Add(byte(TypeList)|byte(volatile), byte(formCompact), []byte(""), 0, []byte(""), maxValue, []byte("x"), uint16(isEdited), uint32(0), uint32(1))
	f.Add(byte(TypeString)|byte(volatile|dated), byte(formInteger), []byte("k"), longKey-1, []byte("12345678"), 0, []byte(""), uint16(0), uint32(1), uint32(2))
	f.Add(byte(TypeString)|byte(isRaw), byte(formObject), []byte("k"), longKey-2, []byte("1234"), 0, []byte("12345678"), uint16(0xC000), uint32(1<<31), uint32(1<<31))
	f.Add(byte(TypeString), byte(formBytes), []byte("kk"), 70_000, []byte("v"), 8, []byte("vvvv"), uint16(isPooled), uint32(3), uint32(4))
	f.Fuzz(func(t *testing.T, kind, how byte, key []byte, keyPad int, value []byte, valuePad int, next []byte, flags uint16, used, place uint32) {
		key = append(bytes.Clone(key), bytes.Repeat([]byte{'k'}, int(uint(keyPad)%(1<<17)))...)
		value = append(bytes.Clone(value), bytes.Repeat([]byte{'v'}, int(uint(valuePad)%(maxValue+1)))...)
		value, next = value[:min(len(value), maxValue)], next[:min(len(next), maxValue)]
		s := shape(kind)&^formMask | shapeOf(0, form(how&3))
		flags &^= lengthMask

		b := newBlob(blobSize(len(key), len(value), s))
		b.head().value, b.head().used = flags, usage(used)
		copy(b.head().write(s, key, len(value)), value)
		if s&volatile != 0 {
			*b.head().place() = place
		}
		b.check(t, s, key, value, flags, usage(used))
		if s&volatile != 0 && *b.head().place() != place {
			t.Fatal("the place has changed")
		}

		other := s ^ volatile
		moved := newBlob(blobSize(len(key), len(next), other))
		*moved.head() = *b.head()
		copy(moved.head().write(other, b.head().key(), len(next)), next)
		moved.check(t, other, key, next, flags, usage(used))
		b.check(t, s, key, value, flags, usage(used))
	})
}

// FuzzBlobInStore makes a key of any length and value, gives it deadlines and other values and names, and verifies all
// of the store after each step.
func FuzzBlobInStore(f *testing.F) {
	f.Add([]byte("key"), 0, []byte("value"), 0, []byte("other"), []byte("name"), 300)
	f.Add([]byte(""), longKey-1, []byte(""), sharedSize, []byte("123"), []byte(""), 0)
	f.Add([]byte("x"), largestSlot, []byte("0"), maxValue-1, []byte(""), []byte("y"), largestSlot-12)
	f.Add([]byte("x"), longKey-1, []byte("-1"), 100, []byte("1"), []byte("x"), longKey)
	f.Fuzz(func(t *testing.T, key []byte, keyPad int, value []byte, valuePad int, next, name []byte, namePad int) {
		pad := func(b []byte, n int) []byte {
			return append(bytes.Clone(b), bytes.Repeat([]byte{'p'}, int(uint(n)%(3*largestSlot)))...)
		}
		key, value, name = pad(key, keyPad), pad(value, valuePad), pad(name, namePad)
		st := newTestStore(Options{})
		ks := st.DB(0)
		st.at(1000)
		check := func(key, value []byte, deadline int64) {
			t.Helper()
			st.Settle()
			checkStore(t, st)
			s, err := Find[*String](ks, key)
			if err != nil || s == nil || !bytes.Equal(s.Bytes(), value) || s.entry().Deadline() != deadline || !bytes.Equal(s.entry().Key(), key) {
				t.Fatalf("%d bytes of key: %v, %v", len(key), s, err)
			}
			st.Settle()
		}
		set := func(key, value []byte, keep bool) { ks.SetString(key, bytes.Clone(value), keep) }

		set(key, value, false)
		check(key, value, 0)
		ks.ExpireAfter(key, 500)
		check(key, value, 1500)
		set(key, next, true)
		check(key, next, 1500)
		ks.ExpireAt(key, 1700)
		check(key, next, 1700)
		set(key, value, true)
		check(key, value, 1700)
		ks.Rename(key, name)
		check(name, value, 1700)
		ks.Persist(name)
		check(name, value, 0)
		s, _ := FindForWrite[*String](ks, name)
		s.Append(next)
		check(name, append(bytes.Clone(value), next...), 0)
		ks.Delete(name)
		if checkStore(t, st); ks.Len() != 0 {
			t.Fatal("the key is still there")
		}
	})
}
