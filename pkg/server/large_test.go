package server

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"snakecache/pkg/proto"
)

// A reply refers to a large value while the client takes it slowly. Whatever becomes of the key meanwhile, the client gets
// the value as it was.
func TestSlowReadersGetTheValueAsItWas(t *testing.T) {
	r := start(t)
	writer := r.dial()
	const size = 12 << 20 // more than sockets take in
	before := repeat(size/16, "0123456789abcdef")
	for _, change := range [][]string{
		{"APPEND", "k", "tail"},
		{"SETRANGE", "k", "0", "change"},
		{"SETRANGE", "k", fmt.Sprint(size - 3), "change"},
		{"SETBIT", "k", fmt.Sprint(size * 4), "1"},
		{"BITFIELD", "k", "INCRBY", "u32", "#1000000", "1"},
		{"BITOP", "NOT", "k", "k"},
		{"SET", "k", repeat(size, "x")},
		{"GETSET", "k", "small"},
		{"DEL", "k"},
		{"FLUSHALL"},
	} {
		writer.do("SET", "k", before)
		reader := r.dial()
		reader.send("GET k\r\n")
		got := make([]byte, 1<<10)
		if _, err := io.ReadFull(reader.in, got); err != nil {
			t.Fatal(err)
		}
		for range 3 { // the second time it is changed in place
			if reply := writer.do(change...); reply.IsError() {
				t.Fatalf("%s: %s", change[0], reply)
			}
		}
		want := fmt.Sprintf("$%d\r\n%s\r\n", size, before)
		rest := make([]byte, len(want)-len(got))
		if _, err := io.ReadFull(reader.in, rest); err != nil || string(got)+string(rest) != want {
			t.Errorf("%s changed what a reader was getting, or %v", change[0], err)
		}
		reader.Close()
	}
}

// However a large value arrives, it is answered, and so is what follows.
func TestLargeValuesInParts(t *testing.T) {
	r := start(t)
	c := r.dial()
	const size = 2 << 20
	wire := string(proto.AppendCommand(nil, "SET", "k", repeat(size, "v")))
	for _, cuts := range [][]int{{20}, {100 << 10}, {40, 300 << 10, 301 << 10}, {len(wire) - 1}, {len(wire) - 200<<10, len(wire) - 2}} {
		rest, from := wire, 0
		for _, cut := range cuts {
			c.send(rest[:cut-from])
			rest, from = rest[cut-from:], cut
			r.fallSilent() // reads what waits
		}
		c.send(rest)
		c.expect("+OK\r\n")
		for _, part := range []string{"PI", "NG\r", "\n"} {
			c.send(part)
		}
		c.expect(pong)
		if n := c.do("STRLEN", "k").Int; n != size {
			t.Errorf("cut at %d: %d bytes came", cuts, n)
		}
	}
}

// What a client has sent stays what it was when its connection reads on, and when another one changes a copy.
func TestLargeValuesOutliveTheirRequest(t *testing.T) {
	r := start(t)
	c := r.dial()
	sizes := []int{16<<10 - 1, 16 << 10, 16<<10 + 1, 64 << 10, 1 << 20, 3<<20 + 1}
	var pipeline strings.Builder
	for i, n := range sizes {
		value := repeat(n, string(rune('a'+i)))
		fmt.Fprintf(&pipeline, "*5\r\n$4\r\nMSET\r\n$2\r\nk%d\r\n$%d\r\n%s\r\n$2\r\nl%d\r\n$%d\r\n%s\r\n", i, n, value, i, n, value)
		fmt.Fprintf(&pipeline, "*4\r\n$8\r\nSETRANGE\r\n$2\r\nl%d\r\n$1\r\n5\r\n$4\r\nXXXX\r\n", i)
	}
	go c.send(pipeline.String())
	for _, n := range sizes {
		c.expect(fmt.Sprintf("+OK\r\n:%d\r\n", n))
	}
	other := r.dial()
	for i, n := range sizes {
		value := repeat(n, string(rune('a'+i)))
		if got := other.do("GET", fmt.Sprint("k", i)).Text; got != value {
			t.Errorf("a value of %d bytes has changed", n)
		}
		if got := other.do("GET", fmt.Sprint("l", i)).Text; got != value[:5]+"XXXX"+value[9:] {
			t.Errorf("a value of %d bytes that was written to is wrong", n)
		}
	}
}

// A value that is replaced has its memory used for the next one that comes, but not while a reply refers to it.
func TestReplacedMemoryIsNobodysElse(t *testing.T) {
	r := start(t)
	writer, reader := r.dial(), r.dial()
	const size, gets = 3 << 20, 5 // more together than sockets take in
	before := repeat(size, "a")
	for range 2 { // large values are expected of who has sent one
		writer.do("SET", "k", before)
	}
	reader.send(strings.Repeat("GET k\r\n", gets))
	if _, err := reader.in.Peek(1); err != nil {
		t.Fatal(err)
	}
	for letter := range "bcdefgh" {
		writer.do("SET", "k", repeat(size, "bcdefgh"[letter:letter+1]))
	}
	for i := range gets { // the later ones run when the earlier ones are on their way
		value, err := reader.values.Read()
		if err != nil || value.Text != repeat(size, value.Text[:1]) || i == 0 && value.Text != before {
			t.Fatalf("value %d is not what anybody has set, or %v", i, err)
		}
	}
	if last := writer.do("GET", "k").Text; last != repeat(size, "h") {
		t.Error("the last value is wrong")
	}
}
