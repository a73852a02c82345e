package proto

import (
	"bytes"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

var replies = []struct{ wire, text string }{
	{"+OK\r\n", `+OK`},
	{"+a\\b\"c\"\xff\r\n", `+a\\b"c"\xff`},
	{"-ERR no such key\r\n", `-ERR no such key`},
	{":-9223372036854775808\r\n", `:-9223372036854775808`},
	{"$0\r\n\r\n", `$""`},
	{"$5\r\na\"\\\r\n\r\n", `$"a\"\\\r\n"`},
	{"$3\r\n\x00\t\x7f\r\n", `$"\x00\t\x7f"`},
	{"$-1\r\n", `$-1`},
	{"*-1\r\n", `*-1`},
	{"*0\r\n", `*0`},
	{"*2\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n", "*2\n  :1\n  *2\n    $\"a\"\n    $-1"},
	{"%2\r\n+a\r\n:1\r\n+b\r\n_\r\n", "%2\n  +a\n  :1\n  +b\n  _"},
	{"~1\r\n,1.5\r\n", "~1\n  ,1.5"},
	{">2\r\n+message\r\n#t\r\n", ">2\n  +message\n  #t"},
	{"#f\r\n", `#f`},
	{",inf\r\n", `,inf`},
	{",-nan\r\n", ``},
	{",1e400\r\n", `,1e400`},
	{"(-123456789012345678901234567890\r\n", `(-123456789012345678901234567890`},
	{"=8\r\ntxt:a\r\nb\r\n", `="txt:a\r\nb"`},
	{"!5\r\nERR x\r\n", `!"ERR x"`},

	// What is none of them, and what announces too much, is an error before it costs anything.
	{"?1\r\n", ""}, {"\r\n", ""}, {"_x\r\n", ""}, {"#y\r\n", ""}, {"(\r\n", ""}, {"(1-2\r\n", ""}, {",x\r\n", ""},
	{"_\n", ""}, {"*1\n:1\r\n", ""}, {"*x\r\n", ""}, {"*-2\r\n", ""}, {"$-2\r\n", ""}, {"$1025\r\n", ""},
	{"=-1\r\n", ""}, {"=1\r\nabc", ""}, {"$1\r\nabc", ""}, {":1x\r\n", ""}, {"*9223372036854775808\r\n", ""},
	{"$" + strings.Repeat("0", 40) + "1\r\na\r\n", ""},
	{strings.Repeat("*1\r\n", maxDepth+1), ""},
	{strings.Repeat("*1\r\n", 200_000), ""},
}

func TestValueReader(t *testing.T) {
	for _, c := range replies {
		for name, input := range map[string]io.Reader{
			"at once":      strings.NewReader(c.wire + "+next\r\n"),
			"byte by byte": iotest.OneByteReader(strings.NewReader(c.wire + "+next\r\n")),
		} {
			r := NewValueReader(input, 1024)
			v, err := r.Read()
			if c.text == "" {
				if err == nil {
					t.Errorf("%.40q %s: read as %s, want an error", c.wire, name, v)
				}
				continue
			}
			if err != nil || v.String() != c.text {
				t.Errorf("%q %s: got %s, %v, want %s", c.wire, name, v, err, c.text)
			}
			if next, err := r.Read(); err != nil || next.Text != "next" {
				t.Errorf("%q %s: the value behind it is %s, %v", c.wire, name, next, err)
			}
			if _, err := r.Read(); err != io.EOF {
				t.Errorf("%q %s: got %v at the end", c.wire, name, err)
			}
		}
	}
}

// A reply that stops in the middle must be told apart from a connection that was closed between two replies.
func TestValueReaderCutShort(t *testing.T) {
	for _, c := range replies {
		if c.text == "" {
			continue
		}
		for n := 1; n < len(c.wire); n++ {
			r := NewValueReader(strings.NewReader(c.wire[:n]), 1024)
			if v, err := r.Read(); err != io.ErrUnexpectedEOF {
				t.Errorf("%q: got %s, %v", c.wire[:n], v, err)
			}
		}
	}
}

func TestAppendCommand(t *testing.T) {
	wire := AppendCommand(AppendCommand(nil, "GET", ""), []byte("a\r\n"))
	if want := "*2\r\n$3\r\nGET\r\n$0\r\n\r\n*1\r\n$3\r\na\r\n\r\n"; string(wire) != want {
		t.Errorf("got %q, want %q", wire, want)
	}
}

// appendValue writes v as a server sends it.
func appendValue(dst []byte, v Value) []byte {
	switch v.Type {
	case '*', '~', '>', '%':
		n := len(v.Elems)
		if v.Type == '%' {
			n /= 2
		}
		if v.Null {
			n = -1
		}
		dst = appendHead(dst, v.Type, n)
		for _, elem := range v.Elems {
			dst = appendValue(dst, elem)
		}
		return dst
	case '$', '=', '!':
		if v.Null {
			return append(dst, "$-1\r\n"...)
		}
		dst = append(appendHead(dst, v.Type, len(v.Text)), v.Text...)
	case ':':
		dst = strconv.AppendInt(append(dst, ':'), v.Int, 10)
	default:
		dst = append(append(dst, v.Type), v.Text...)
	}
	return append(dst, "\r\n"...)
}

// Whatever a server sends is read without a panic and within memory that the bytes received account for, in the same
// way however it is cut into packets, and what was read is written and read again as the same value.
func FuzzValueReader(f *testing.F) {
	for _, c := range replies {
		f.Add([]byte(c.wire))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		const longest = 1 << 16
		whole := NewValueReader(bytes.NewReader(wire), longest)
		cut := NewValueReader(iotest.OneByteReader(bytes.NewReader(wire)), longest)
		for {
			v, err := whole.Read()
			if other, otherErr := cut.Read(); !reflect.DeepEqual(v, other) || (err == nil) != (otherErr == nil) {
				t.Fatalf("whole: %s, %v; byte by byte: %s, %v", v, err, other, otherErr)
			}
			if err != nil {
				return
			}
			again, err := NewValueReader(bytes.NewReader(appendValue(nil, v)), longest).Read()
			if err != nil || !reflect.DeepEqual(v, again) {
				t.Fatalf("%s was written and read again as %s, %v", v, again, err)
			}
		}
	})
}

// A client's word at the end of an error text must not add blanks where its line ends were, as in Redis.
func TestErrEndsWithoutLineEnds(t *testing.T) {
	var r Reply
	r.Err(Error("ERR Unsupported option a\r\nb\r\n"))
	if whole, _ := r.Bytes(); string(whole) != "-ERR Unsupported option a  b\r\n" {
		t.Errorf("got %q", whole)
	}
}
