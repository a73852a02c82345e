package proto

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// wire returns all that a reply sends.
func wire(r *Reply) string { return string(bytes.Join(r.Pieces(nil), nil)) }

func TestReply(t *testing.T) {
	for _, c := range []struct {
		write        func(*Reply)
		resp2, resp3 string
	}{
		{func(r *Reply) {}, "", ""},
		{func(r *Reply) { r.OK() }, "+OK\r\n", "+OK\r\n"},
		{func(r *Reply) { r.Status("a\r\nb\x00c\n") }, "+a  b c \r\n", "+a  b c \r\n"},
		{func(r *Reply) { r.Err(ErrSyntax) }, "-ERR syntax error\r\n", "-ERR syntax error\r\n"},
		{func(r *Reply) { r.Err(Error("ERR a\r\n+OK\r\n\x00")) }, "-ERR a  +OK   \r\n", "-ERR a  +OK   \r\n"},
		{func(r *Reply) { r.Err(errors.New("secret")) }, "-" + string(ErrInternal) + "\r\n", "-" + string(ErrInternal) + "\r\n"},
		{func(r *Reply) { r.Int(0) }, ":0\r\n", ":0\r\n"},
		{func(r *Reply) { r.Int(-1) }, ":-1\r\n", ":-1\r\n"},
		{func(r *Reply) { r.Int(10) }, ":10\r\n", ":10\r\n"},
		{func(r *Reply) { r.Int(math.MinInt64) }, ":-9223372036854775808\r\n", ":-9223372036854775808\r\n"},
		{func(r *Reply) { r.Count(math.MaxInt64) }, ":9223372036854775807\r\n", ":9223372036854775807\r\n"},
		{func(r *Reply) { r.Flag(true); r.Flag(false) }, ":1\r\n:0\r\n", ":1\r\n:0\r\n"},
		{func(r *Reply) { r.Bool(true); r.Bool(false) }, ":1\r\n:0\r\n", "#t\r\n#f\r\n"},
		{func(r *Reply) { r.Bulk(nil) }, "$0\r\n\r\n", "$0\r\n\r\n"},
		{func(r *Reply) { r.Bulk([]byte("\r\n\x00")) }, "$3\r\n\r\n\x00\r\n", "$3\r\n\r\n\x00\r\n"},
		{func(r *Reply) { r.BulkRef([]byte("ab")) }, "$2\r\nab\r\n", "$2\r\nab\r\n"},
		{func(r *Reply) { r.BulkString("ab") }, "$2\r\nab\r\n", "$2\r\nab\r\n"},
		{func(r *Reply) { r.BulkInt(math.MinInt64) }, "$20\r\n-9223372036854775808\r\n", "$20\r\n-9223372036854775808\r\n"},
		{func(r *Reply) { r.Null() }, "$-1\r\n", "_\r\n"},
		{func(r *Reply) { r.NullArray() }, "*-1\r\n", "_\r\n"},
		{func(r *Reply) { r.Array(0) }, "*0\r\n", "*0\r\n"},
		{func(r *Reply) { r.Array(12) }, "*12\r\n", "*12\r\n"},
		{func(r *Reply) { r.Map(2) }, "*4\r\n", "%2\r\n"},
		{func(r *Reply) { r.Set(3) }, "*3\r\n", "~3\r\n"},
		{func(r *Reply) { r.Push(3) }, "*3\r\n", ">3\r\n"},
		{func(r *Reply) { r.Double(1.5) }, "$3\r\n1.5\r\n", ",1.5\r\n"},
		{func(r *Reply) { r.Double(math.Inf(-1)) }, "$4\r\n-inf\r\n", ",-inf\r\n"},
		{func(r *Reply) { r.Double(math.NaN()) }, "$3\r\nnan\r\n", ",nan\r\n"},
		{func(r *Reply) { r.Verbatim("txt", "a\r\nb") }, "$4\r\na\r\nb\r\n", "=8\r\ntxt:a\r\nb\r\n"},
		{func(r *Reply) { r.EndArray(r.DeferArray(), 0) }, "*0\r\n", "*0\r\n"},
		{func(r *Reply) { d := r.DeferSet(); r.Int(7); r.EndSet(d, 1) }, "*1\r\n:7\r\n", "~1\r\n:7\r\n"},
		{func(r *Reply) { d := r.DeferPage(); r.Int(7); r.EndPage(d, 123, 1) },
			"*2\r\n$3\r\n123\r\n*1\r\n:7\r\n", "*2\r\n$3\r\n123\r\n*1\r\n:7\r\n"},
		{func(r *Reply) { r.EndPage(r.DeferPage(), 1<<64-1, 1<<63-1) }, "*2\r\n$20\r\n18446744073709551615\r\n*9223372036854775807\r\n",
			"*2\r\n$20\r\n18446744073709551615\r\n*9223372036854775807\r\n"},
		{func(r *Reply) { r.EndMap(r.DeferMap(), 0) }, "*0\r\n", "%0\r\n"},
		{func(r *Reply) {
			d := r.DeferMap()
			r.Int(1)
			r.Int(2)
			r.EndMap(d, 1)
		}, "*2\r\n:1\r\n:2\r\n", "%1\r\n:1\r\n:2\r\n"},
	} {
		for dialect, want := range map[int]string{RESP2: c.resp2, RESP3: c.resp3} {
			var r Reply
			r.SetDialect(dialect)
			c.write(&r)
			if got := wire(&r); got != want || r.Len() != len(want) || r.Held() != len(want) {
				t.Errorf("RESP%d: got %q of length %d, want %q", dialect, got, r.Len(), want)
			}
		}
	}
}

// A change of dialect, by HELLO in the middle of a pipeline, is for what follows.
func TestReplyChangesDialect(t *testing.T) {
	var r Reply // RESP2 until told otherwise
	r.Null()
	r.SetDialect(RESP3)
	r.Null()
	r.SetDialect(RESP2)
	r.Null()
	if got := wire(&r); got != "$-1\r\n_\r\n$-1\r\n" {
		t.Errorf("got %q", got)
	}
}

// Large values are referred to, and nothing of them is copied.
func TestReplyReferences(t *testing.T) {
	large := bytes.Repeat([]byte("x"), RefSize)
	var r Reply
	r.Int(1)
	r.BulkRef(large)
	if _, whole := r.Bytes(); whole || r.Held() > 100 || r.Len() != r.Held()+len(large) {
		t.Errorf("%d bytes of %d are held", r.Held(), r.Len())
	}
	pieces := r.Pieces(nil)
	if len(pieces) != 3 || &pieces[1][0] != &large[0] || string(pieces[0]) != ":1\r\n$16384\r\n" || string(pieces[2]) != "\r\n" {
		t.Errorf("%d pieces: %.20q", len(pieces), pieces)
	}
	r.Reset()
	if got, whole := r.Bytes(); !whole || len(got) != 0 || r.Len() != 0 {
		t.Errorf("%d bytes are left", r.Len())
	}
	r.BulkRef(large[:RefSize-1])
	if _, whole := r.Bytes(); !whole {
		t.Error("a shorter value is to be copied")
	}
}

// What a reply may keep for the next batch is bounded, and Release keeps nothing.
func TestReplyLetsGo(t *testing.T) {
	var r Reply
	r.Bulk(make([]byte, keptReply/2))
	r.Reset()
	if cap(r.buf) < keptReply/2 {
		t.Error("a usual buffer is kept")
	}
	r.Bulk(make([]byte, 2*keptReply))
	large := make([]byte, RefSize)
	for range 2 * keptRefs {
		r.BulkRef(large)
	}
	r.Reset()
	if cap(r.buf) > keptReply || cap(r.refs) > keptRefs {
		t.Errorf("room for %d bytes and %d references stays", cap(r.buf), cap(r.refs))
	}
	r.OK()
	r.Reset()
	r.Release()
	if r.buf != nil || r.refs != nil {
		t.Error("Release keeps memory")
	}
}

// Random replies with references, deferred arrays within each other and rewinds are what a naive encoder makes of
// them, and each value is read back by a client.
func TestReplyModel(t *testing.T) {
	large := strings.Repeat("v", RefSize)
	rapid.Check(t, func(t *rapid.T) {
		m := &replyModel{t: t, large: large}
		dialect := rapid.SampledFrom([]int{RESP2, RESP3}).Draw(t, "dialect")
		m.r.SetDialect(dialect)
		m.values(3)
		if got := wire(&m.r); got != m.want {
			t.Fatalf("got %.300q, want %.300q", got, m.want)
		}
		if got := m.r.Len(); got != len(m.want) {
			t.Fatalf("the length is said to be %d, but is %d", got, len(m.want))
		}
		in := NewValueReader(strings.NewReader(m.want), RefSize)
		for range m.top {
			if _, err := in.Read(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// replyModel writes to a reply and to a string.
type replyModel struct {
	t     *rapid.T
	r     Reply
	want  string
	large string
	top   int // values of the last call of values
}

// values writes some values and counts them in top.
func (m *replyModel) values(depth int) {
	n := rapid.IntRange(0, 6).Draw(m.t, "values")
	count := 0
	for range n {
		switch op := rapid.IntRange(0, 4).Draw(m.t, "op"); {
		case op == 0:
			m.r.Int(123)
			m.want += ":123\r\n"
		case op == 1:
			m.r.BulkRef([]byte(m.large))
			m.want += "$16384\r\n" + m.large + "\r\n"
		case op == 2:
			m.r.BulkString("ab")
			m.want += "$2\r\nab\r\n"
		case op == 3 && depth > 0:
			m.array(depth)
		default:
			m.takeBack(depth)
			continue
		}
		count++
	}
	m.top = count
}

func (m *replyModel) array(depth int) {
	d := m.r.DeferArray()
	before := m.want
	m.want = ""
	m.values(depth - 1)
	m.r.EndArray(d, m.top)
	m.want = before + string(appendHead(nil, '*', m.top)) + m.want
}

// takeBack writes something and rewinds.
func (m *replyModel) takeBack(depth int) {
	mark, before := m.r.Mark(), m.want
	if depth > 0 {
		m.values(depth - 1)
	}
	m.r.DeferArray()
	m.r.BulkRef([]byte(m.large))
	m.r.Rewind(mark)
	m.want = before
}

func TestReplyDoesNotAllocate(t *testing.T) {
	var r Reply
	large := make([]byte, RefSize)
	write := func() {
		r.Reset()
		for range 20 {
			writeSome(&r, large)
		}
	}
	write()
	if got := testing.AllocsPerRun(100, write); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

// writeSome writes one value of most kinds.
func writeSome(r *Reply, large []byte) {
	r.OK()
	r.Err(ErrSyntax)
	r.Int(12345)
	r.BulkInt(12345)
	r.Bulk(large[:64])
	r.BulkRef(large)
	r.Null()
	r.Double(3.14)
	r.Map(3)
	d := r.DeferArray()
	r.Bool(true)
	r.EndArray(d, 1)
}

// A reply beyond the limit keeps no more than that in memory, says so until the next Reset, and can still be handled
// like any other.
func TestReplyOverflow(t *testing.T) {
	var r Reply
	r.OK()
	mark := r.Mark()
	list := r.DeferArray()
	r.BulkRef(make([]byte, RefSize))
	element, most := make([]byte, RefSize-1), 0
	for range MaxHeld/len(element) + 100 {
		r.Bulk(element)
		most = max(most, r.Held())
	}
	r.EndArray(list, 1)
	r.Rewind(mark)
	r.Err(ErrSyntax)
	if !r.Overflowed() || most > MaxHeld+2*RefSize {
		t.Errorf("overflowed: %v, with %d bytes held", r.Overflowed(), most)
	}
	r.Reset()
	r.OK()
	if whole, ok := r.Bytes(); r.Overflowed() || !ok || string(whole) != "+OK\r\n" {
		t.Errorf("after Reset: %q", whole)
	}
}
