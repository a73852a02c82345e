package store

import (
	"bytes"
	"math"
	"strconv"
	"testing"
)

// TestPackedSizes pins the format: these are the sizes Redis' listpack has.
func TestPackedSizes(t *testing.T) {
	for _, tt := range []struct {
		v    []byte
		want int
	}{
		{[]byte(""), 2}, {[]byte("a"), 3}, {[]byte("0"), 2}, {[]byte("127"), 2},
		{[]byte("128"), 3}, {[]byte("-1"), 3}, {[]byte("4095"), 3}, {[]byte("-4096"), 3},
		{[]byte("4096"), 4}, {[]byte("-32768"), 4}, {[]byte("32768"), 5}, {[]byte("-8388608"), 5},
		{[]byte("8388608"), 6}, {[]byte("2147483647"), 6}, {[]byte("2147483648"), 10},
		{[]byte("-9223372036854775808"), 10}, {[]byte("9223372036854775808"), 21},
		{[]byte("-0"), 4}, {[]byte("01"), 4}, {[]byte("+1"), 4}, {[]byte("-"), 3},
		{make([]byte, 63), 65}, {make([]byte, 64), 67}, {make([]byte, 125), 128},
		{make([]byte, 126), 130}, {make([]byte, 4095), 4099}, {make([]byte, 4096), 4103},
		{make([]byte, 16377), 16384}, {make([]byte, 16378), 16386}, {make([]byte, 1<<21), 1<<21 + 9},
	} {
		p := pack(tt.v)
		if p.size != tt.want {
			t.Errorf("pack(%.20q, %d bytes).size = %d, want %d", tt.v, len(tt.v), p.size, tt.want)
		}
		checkRoundTrip(t, [][]byte{tt.v})
	}
}

// checkRoundTrip packs the elements one after the other and reads them from
// both ends.
func checkRoundTrip(t *testing.T, vs [][]byte) {
	t.Helper()
	var b []byte
	var scratch [decimalLen]byte
	for _, v := range vs {
		p := pack(v)
		at := len(b)
		b = append(b, bytes.Repeat([]byte{0xEE}, p.size)...)
		p.put(b[at:])
		if !p.matches(b[at:]) {
			t.Fatalf("%q does not match its own entry % x", v, b[at:])
		}
	}
	rest := b
	for i, v := range vs {
		got, n := unpack(rest, &scratch)
		if !bytes.Equal(got, v) || n != packedSize(rest) {
			t.Fatalf("element %d = %q, size %d, want %q, size %d", i, got, n, v, packedSize(rest))
		}
		rest = rest[n:]
	}
	if len(rest) != 0 {
		t.Fatalf("%d bytes too many", len(rest))
	}
	for i := len(vs) - 1; i >= 0; i-- {
		at := len(b) - lastPacked(b)
		if got, _ := unpack(b[at:], &scratch); !bytes.Equal(got, vs[i]) {
			t.Fatalf("from the right, element %d = %q, want %q", i, got, vs[i])
		}
		b = b[:at]
	}
	if len(b) != 0 {
		t.Fatalf("from the right, %d bytes too many", len(b))
	}
}

// FuzzPacked checks that what goes in comes out, whatever it is, and that an
// entry matches another only if their elements are equal.
func FuzzPacked(f *testing.F) {
	f.Add([]byte("a"), []byte("12345"), 0, int64(0))
	f.Add([]byte("-9223372036854775808"), []byte("-0"), 63, int64(math.MinInt64))
	f.Add([]byte(""), []byte("\x80\xff"), 16378, int64(-4097))
	f.Add([]byte("007"), []byte("7"), 4096, int64(1<<23))
	f.Fuzz(func(t *testing.T, a, b []byte, pad int, n int64) {
		long := append(bytes.Clone(a), make([]byte, uint(pad)%(1<<17))...)
		number := strconv.AppendInt(nil, n, 10)
		checkRoundTrip(t, [][]byte{a, long, number, b, number, long, b})
		for _, v := range [][]byte{a, long, number} {
			p, q := pack(v), pack(b)
			entry := make([]byte, q.size)
			q.put(entry)
			if p.matches(entry) != bytes.Equal(v, b) {
				t.Fatalf("%q matches the entry of %q: %v", v, b, p.matches(entry))
			}
		}
	})
}
