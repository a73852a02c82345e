package proto

import (
	"bytes"
	"testing"
	"unsafe"
)

// received sends an argument of n bytes to a decoder that has had one before, with others behind it, and returns it.
func received(t *testing.T, n int) (large []byte) {
	d := NewDecoder(usual)
	for _, fill := range []string{"a", "b"} {
		value := bytes.Repeat([]byte(fill), n)
		input := AppendCommand(nil, "SET", "k", string(value), "EX", "100")
		var args [][]byte
		for args == nil && len(input) > 0 {
			k := copy(d.Room(), input)
			input = input[k:]
			d.Filled(k)
			var err error
			if args, err = d.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if len(args) != 5 || !bytes.Equal(args[2], value) || string(args[4]) != "100" {
			t.Fatalf("with %d bytes a request of %d arguments came out", n, len(args))
		}
		large = args[2]
		d.Reset()
	}
	return large
}

func TestRecycledMemoryIsUsedAgain(t *testing.T) {
	for _, test := range []struct {
		before, after int
		used          bool
	}{
		{leastSpare, leastSpare, true},
		{1 << 20, 1 << 20, true},
		{1<<20 + 1<<13, 1 << 20, true},
		{1<<20 + 1<<15, 1 << 20, false}, // too much would be idle
		{1<<20 - 1, 1 << 20, false},
		{RefSize, RefSize, false},
		{provenLimit, provenLimit, true},
		{provenLimit + 1, provenLimit + 1, false},
	} {
		spares.drop()
		first := received(t, test.before)
		spares.drop()
		Recycle(first)
		second := received(t, test.after)
		if used := unsafe.SliceData(first) == unsafe.SliceData(second); used != test.used {
			t.Errorf("%d bytes for %d: used again is %v", test.before, test.after, used)
		}
	}
}

func TestSparesAreBounded(t *testing.T) {
	spares.drop()
	held := func() (bytes int) {
		for b := spares.take(); b != nil; b = spares.take() {
			bytes += cap(b)
		}
		return bytes
	}
	for _, size := range []int{leastSpare, leastSpare + 1, 1 << 20, 3 << 20} {
		for range mostSpare/leastSpare + 2 {
			Recycle(make([]byte, size))
		}
		if got, least := held(), mostSpare-size; got > mostSpare || got < least && size > leastSpare+1 {
			t.Errorf("of pieces of %d bytes, %d are held", size, got)
		}
		if left := spares.bytes.Load(); left != 0 {
			t.Fatalf("%d bytes are counted when none is held", left)
		}
	}
	Recycle(make([]byte, 1<<20))
	NewDecoder(usual).Release()
	if got := held(); got != 0 {
		t.Errorf("%d bytes are held after Release", got)
	}
}
