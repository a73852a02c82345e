package store

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// listpackOf serializes elements as Redis does.
func listpackOf(elements ...[]byte) []byte {
	b := make([]byte, listpackHeader)
	for _, element := range elements {
		p := pack(element)
		b = append(b, make([]byte, p.size)...)
		p.put(b[len(b)-p.size:])
	}
	b = append(b, listpackEnd)
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	binary.LittleEndian.PutUint16(b[4:], uint16(len(elements)))
	return b
}

func TestEachInListpack(t *testing.T) {
	want := [][]byte{{}, []byte("a"), []byte("-1"), []byte("4000"), []byte("9223372036854775807"), bytes.Repeat([]byte("x"), 70), bytes.Repeat([]byte("y"), 5000)}
	var got [][]byte
	if !EachInListpack(listpackOf(want...), func(entry []byte) bool {
		got = append(got, bytes.Clone(entry))
		return true
	}) {
		t.Fatal("a listpack is refused")
	}
	if !bytes.Equal(bytes.Join(got, []byte{'|'}), bytes.Join(want, []byte{'|'})) {
		t.Fatalf("got %.100q", got)
	}
}

// Whatever arrives is either refused or gone through within its bounds; what is a listpack of n entries yields n.
func FuzzEachInListpack(f *testing.F) {
	f.Add(listpackOf([]byte("a"), []byte("12"), bytes.Repeat([]byte("x"), 100)))
	f.Add([]byte{12, 0, 0, 0, 1, 0, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, count, valid := listpackEntries(b)
		n := 0
		ok := EachInListpack(b, func([]byte) bool { n++; return true })
		if ok != valid || ok && n != count || !ok && n > 0 {
			t.Fatalf("%d entries of %d, %v and %v", n, count, ok, valid)
		}
	})
}
