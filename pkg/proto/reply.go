package proto

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"snakecache/pkg/double"
)

// RESP dialects, chosen by HELLO.
const (
	RESP2 = 2
	RESP3 = 3
)

// RefSize is the length in bytes from which a bulk string is referenced instead of copied into the reply.
const RefSize = 16 << 10

// What a reply may keep between batches.
const (
	keptReply = 160 << 10 // bytes
	keptRefs  = 1 << 10   // references
)

// Reply is the append-only encoder of everything a client is sent, and the only writer of RESP in the program.
// A batch has one and uses it again and again. Aggregates are written head first: Array(2) promises two more
// values. What a dialect lacks is written in the form Redis gives it there.
type Reply struct {
	buf      []byte
	refs     []reference
	refBytes int // bytes in refs
	dialect  int
	overflow bool // more than MaxHeld was written, and nothing in buf is worth anything
}

// reference is a large immutable value that belongs into the output before buf[at].
type reference struct {
	at   int
	data []byte
}

// MaxHeld is how many bytes a reply may hold in memory of its own before another value. What goes beyond is dropped, and
// the client is to be closed (Overflowed): a single MGET could name a key a million times. The last value may be of any
// length, or an element of a list that is longer could never be read.
const MaxHeld = 64 << 20

// Mark is a place in a reply to which it can be rewound.
type Mark struct{ buf, refs int }

// SetDialect chooses RESP2 or RESP3 for what follows.
func (r *Reply) SetDialect(dialect int) { r.dialect = dialect }

// RESP3 reports whether the client asked for the third version of the protocol.
func (r *Reply) RESP3() bool { return r.dialect == RESP3 }

// Len returns how many bytes the reply has on the wire; Held how many of them it holds in memory of its own.
func (r *Reply) Len() int  { return len(r.buf) + r.refBytes }
func (r *Reply) Held() int { return len(r.buf) }

// Room returns how many bytes it can hold without growing.
func (r *Reply) Room() int { return cap(r.buf) }

// Overflowed reports whether anything was written behind more than MaxHeld bytes since the last Reset.
func (r *Reply) Overflowed() bool { return r.overflow }

// Reset empties the reply and keeps its buffer, unless a large reply made it grow.
func (r *Reply) Reset() {
	if cap(r.buf) > keptReply {
		r.buf = nil
	}
	r.buf = r.buf[:0]
	r.overflow = false
	r.dropRefs(0)
	if cap(r.refs) > keptRefs {
		r.refs = nil
	}
}

// Release gives the memory of an empty reply back.
func (r *Reply) Release() { r.buf, r.refs = nil, nil }

// Mark remembers where the reply stands.
func (r *Reply) Mark() Mark { return Mark{len(r.buf), len(r.refs)} }

// Rewind takes back everything written since the mark.
func (r *Reply) Rewind(m Mark) {
	if r.overflow {
		return
	}
	r.buf = r.buf[:m.buf]
	r.dropRefs(m.refs)
}

func (r *Reply) dropRefs(from int) {
	for i := from; i < len(r.refs); i++ {
		r.refBytes -= len(r.refs[i].data)
		r.refs[i].data = nil
	}
	r.refs = r.refs[:from]
}

// Bytes returns the whole reply if it is in one piece, which it is unless large values are referenced.
func (r *Reply) Bytes() (whole []byte, ok bool) { return r.buf, len(r.refs) == 0 }

// Pieces appends the reply's parts, of which none is empty, to dst in the order of the wire. They alias the reply and stored
// values.
func (r *Reply) Pieces(dst [][]byte) [][]byte {
	from := 0
	for _, ref := range r.refs {
		if ref.at > from {
			dst = append(dst, r.buf[from:ref.at])
			from = ref.at
		}
		dst = append(dst, ref.data)
	}
	if from < len(r.buf) {
		dst = append(dst, r.buf[from:])
	}
	return dst
}

// Copy returns a copy of the whole reply.
func (r *Reply) Copy() []byte { return bytes.Join(r.Pieces(nil), nil) }

// OK writes the status +OK.
func (r *Reply) OK() { r.buf = append(r.buf, "+OK\r\n"...) }

// Status writes a simple string. CR, LF and NUL in it become spaces.
func (r *Reply) Status(s string) { r.line('+', s) }

// Err writes an error, without line ends that a client's word has brought to its end; any other error than an Error is
// a fault of ours and is hidden behind ErrInternal.
func (r *Reply) Err(err error) {
	text, ok := err.(Error)
	if !ok {
		text = ErrInternal
	}
	r.line('-', strings.TrimRight(string(text), "\r\n"))
}

// line writes a one-line value whose text may come from a client, so nothing in it may end the line early.
func (r *Reply) line(kind byte, s string) {
	r.buf = append(r.buf, kind)
	from := len(r.buf)
	r.buf = append(r.buf, s...)
	for i, c := range r.buf[from:] {
		if c == '\r' || c == '\n' || c == 0 {
			r.buf[from+i] = ' '
		}
	}
	r.crlf()
}

// Int writes an integer.
func (r *Reply) Int(n int64) { r.head(':', n) }

// Count writes a length or a number of things as an integer.
func (r *Reply) Count(n int) { r.head(':', int64(n)) }

// Flag writes the integer 1 or 0, as RESP2's commands answer yes or no in both dialects.
func (r *Reply) Flag(yes bool) {
	if yes {
		r.Int(1)
	} else {
		r.Int(0)
	}
}

// Bulk writes a binary-safe string and copies it.
func (r *Reply) Bulk(b []byte) {
	r.head('$', int64(len(b)))
	r.buf = append(r.buf, b...)
	r.crlf()
}

// BulkRef writes a binary-safe string that nobody will ever change. From RefSize bytes on it is not copied:
// the reply refers to it until the next Reset.
func (r *Reply) BulkRef(b []byte) {
	if len(b) < RefSize {
		r.Bulk(b)
		return
	}
	r.head('$', int64(len(b)))
	r.refs = append(r.refs, reference{len(r.buf), b})
	r.refBytes += len(b)
	r.crlf()
}

// Raw writes bytes that are encoded already and that nobody will ever change. It copies them, or refers to them as BulkRef
// does.
func (r *Reply) Raw(b []byte) {
	if len(b) < RefSize {
		r.buf = append(r.buf, b...)
		return
	}
	r.refs = append(r.refs, reference{len(r.buf), b})
	r.refBytes += len(b)
}

// Join writes another reply behind this one. What the other one refers to, this one refers to as well.
func (r *Reply) Join(other *Reply) {
	for _, ref := range other.refs {
		r.refs = append(r.refs, reference{len(r.buf) + ref.at, ref.data})
	}
	r.refBytes += other.refBytes
	r.buf = append(r.buf, other.buf...)
}

// BulkString is Bulk for a string.
func (r *Reply) BulkString(s string) {
	r.head('$', int64(len(s)))
	r.buf = append(r.buf, s...)
	r.crlf()
}

// BulkInt writes an integer as a bulk string, the form in which stored integers are read.
func (r *Reply) BulkInt(n int64) {
	var digits [maxIntLen]byte
	r.Bulk(strconv.AppendInt(digits[:0], n, 10))
}

// Null writes the absence of a value; RESP2 has it as a null bulk string.
func (r *Reply) Null() {
	if r.RESP3() {
		r.buf = append(r.buf, "_\r\n"...)
	} else {
		r.buf = append(r.buf, "$-1\r\n"...)
	}
}

// NullArray writes the absence of an aggregate, which RESP2 tells apart from the absence of a string.
func (r *Reply) NullArray() {
	if r.RESP3() {
		r.buf = append(r.buf, "_\r\n"...)
	} else {
		r.buf = append(r.buf, "*-1\r\n"...)
	}
}

// Array promises n values.
func (r *Reply) Array(n int) { r.head('*', int64(n)) }

// Map promises n pairs of values; in RESP2 a flat array of twice as many values.
func (r *Reply) Map(n int) {
	if r.RESP3() {
		r.head('%', int64(n))
	} else {
		r.head('*', 2*int64(n))
	}
}

// Set promises n distinct values; in RESP2 an array.
func (r *Reply) Set(n int) {
	if r.RESP3() {
		r.head('~', int64(n))
	} else {
		r.Array(n)
	}
}

// Push promises n values that answer no request; in RESP2 an array.
func (r *Reply) Push(n int) {
	if r.RESP3() {
		r.head('>', int64(n))
	} else {
		r.Array(n)
	}
}

// Attribute promises n pairs of values that say something about the value behind them, for RESP3 only.
func (r *Reply) Attribute(n int) { r.head('|', int64(n)) }

// Bool writes true or false; in RESP2 1 or 0.
func (r *Reply) Bool(yes bool) {
	switch {
	case !r.RESP3():
		r.Flag(yes)
	case yes:
		r.buf = append(r.buf, "#t\r\n"...)
	default:
		r.buf = append(r.buf, "#f\r\n"...)
	}
}

// Double writes a floating point number; in RESP2 as a bulk string.
func (r *Reply) Double(f float64) {
	var text [double.MaxLen]byte
	r.Decimal(double.Append(text[:0], f))
}

// Decimal is Double for a number that is already text, because it has more digits than a double.
func (r *Reply) Decimal(digits []byte) {
	if !r.RESP3() {
		r.Bulk(digits)
		return
	}
	r.buf = append(r.buf, ',')
	r.buf = append(r.buf, digits...)
	r.crlf()
}

// BigNumber writes an integer of any length, given as digits; in RESP2 as a bulk string.
func (r *Reply) BigNumber(digits string) {
	if !r.RESP3() {
		r.BulkString(digits)
		return
	}
	r.line('(', digits)
}

// Verbatim writes text that a person reads, of format txt or mkd; in RESP2 as a bulk string.
func (r *Reply) Verbatim(format, text string) {
	if !r.RESP3() {
		r.BulkString(text)
		return
	}
	r.head('=', int64(len(format)+1+len(text)))
	r.buf = append(r.buf, format...)
	r.buf = append(r.buf, ':')
	r.buf = append(r.buf, text...)
	r.crlf()
}

// Deferred is an aggregate whose length is known only when its values are written.
type Deferred struct{ mark Mark }

// DeferArray, DeferSet, DeferMap and DeferPage begin an aggregate; count its values while writing them and give the number
// to EndArray, EndSet, EndMap or EndPage. What was written in between moves once.
func (r *Reply) DeferArray() Deferred { return Deferred{r.Mark()} }
func (r *Reply) DeferSet() Deferred   { return Deferred{r.Mark()} }
func (r *Reply) DeferMap() Deferred   { return Deferred{r.Mark()} }
func (r *Reply) DeferPage() Deferred  { return Deferred{r.Mark()} }

// EndArray makes an array of the n values that were written since DeferArray.
func (r *Reply) EndArray(d Deferred, n int) {
	var text [maxIntLen + 3]byte
	r.prepend(d, appendHead(text[:0], '*', n))
}

// EndSet makes a set of the n values that were written since DeferSet; in RESP2 an array.
func (r *Reply) EndSet(d Deferred, n int) {
	kind := byte('*')
	if r.RESP3() {
		kind = '~'
	}
	var text [maxIntLen + 3]byte
	r.prepend(d, appendHead(text[:0], kind, n))
}

// EndMap makes a map of the n pairs of values that were written since DeferMap; in RESP2 a flat array.
func (r *Reply) EndMap(d Deferred, n int) {
	kind := byte('%')
	if !r.RESP3() {
		kind, n = '*', 2*n
	}
	var text [maxIntLen + 3]byte
	r.prepend(d, appendHead(text[:0], kind, n))
}

// EndPage makes of the n values that were written since DeferPage what SCAN and its kind answer: where to go on, and an
// array.
func (r *Reply) EndPage(d Deferred, next uint64, n int) {
	var cursor [maxIntLen]byte
	digits := strconv.AppendUint(cursor[:0], next, 10)
	var text [3 * (maxIntLen + 3)]byte
	head := appendHead(append(text[:0], "*2\r\n"...), '$', len(digits))
	head = append(append(head, digits...), '\r', '\n')
	r.prepend(d, appendHead(head, '*', n))
}

// prepend puts a head before what was written since the aggregate began.
func (r *Reply) prepend(d Deferred, head []byte) {
	if r.overflow {
		return
	}
	r.buf = slices.Insert(r.buf, d.mark.buf, head...)
	for i := d.mark.refs; i < len(r.refs); i++ {
		r.refs[i].at += len(head)
	}
}

// head writes a type byte, a number and CRLF. Numbers of one digit are most of all numbers.
func (r *Reply) head(kind byte, n int64) {
	if len(r.buf) > MaxHeld {
		r.overflow, r.buf = true, r.buf[:0]
		r.dropRefs(0)
	}
	if 0 <= n && n < 10 {
		r.buf = append(r.buf, kind, byte('0'+n), '\r', '\n')
		return
	}
	r.buf = strconv.AppendInt(append(r.buf, kind), n, 10)
	r.crlf()
}

func (r *Reply) crlf() { r.buf = append(r.buf, '\r', '\n') }
