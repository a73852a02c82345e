package proto

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/tidwall/resp"
)

// maxDepth is how deep values may be nested in a reply. The deepest that Redis sends, COMMAND DOCS, stays under ten.
const maxDepth = 32

// maxReplyHeader is more than the length line of any value takes.
const maxReplyHeader = 32

// Value is one reply as a client sees it.
type Value struct {
	Type  byte    // the byte it begins with on the wire: + - : $ * and RESP3's % ~ > | _ # , ( = !
	Null  bool    // $-1, *-1 or _
	Int   int64   // of type ':'
	Text  string  // of all other types that are no aggregates; "txt:…" with its format for '='
	Elems []Value // of aggregates; a map's are key, value, key, value …, and those of an attribute, which is read like a value
}

// IsError reports whether the value is an error reply.
func (v Value) IsError() bool { return v.Type == '-' || v.Type == '!' }

// ValueReader reads replies, on the client's side of a connection: for `snakecached ping` and for tests. Strings and
// integers are parsed by github.com/tidwall/resp, which knows RESP2; RESP3's types and everything that nests are
// read here.
//
// The reader of requests in tidwall/resp must never face a client: it recurses into nested arrays without limit,
// so 600 KB overflow the stack, which no recover can stop; "$536870912" makes it allocate half a gigabyte before one
// byte of it has arrived; for "*1048577" it returns neither value nor error, so that the arguments are then read as
// commands; and quoted inline words always fail. Requests are Decoder's. Even here, with a server that is trusted
// to be sane, depth and announced lengths are checked before that package sees them.
type ValueReader struct {
	buf     *bufio.Reader
	resp2   *resp.Reader // reads from buf itself, see NewValueReader
	maxText int
}

// NewValueReader returns a reader of replies in which no string is longer than maxText bytes.
func NewValueReader(r io.Reader, maxText int) *ValueReader {
	// bufio.NewReader, with which resp wraps what it gets, returns a bufio.Reader of this size as it is: both
	// readers share one buffer, and so one position.
	buf := bufio.NewReaderSize(r, 16<<10)
	return &ValueReader{buf: buf, resp2: resp.NewReader(buf), maxText: maxText}
}

// Buffered returns how many bytes have been received and not yet read.
func (r *ValueReader) Buffered() int { return r.buf.Buffered() }

// Read reads the next value. At the end of the input, between two values, the error is io.EOF; in the middle of
// one it is io.ErrUnexpectedEOF. After any other error the position in the input is undefined.
func (r *ValueReader) Read() (Value, error) {
	if _, err := r.buf.Peek(1); err != nil {
		return Value{}, err
	}
	v, err := r.read(maxDepth)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return v, err
}

func (r *ValueReader) read(depth int) (Value, error) {
	kind, err := r.buf.Peek(1)
	if err != nil {
		return Value{}, err
	}
	switch kind[0] {
	case '+', '-', ':', '$':
		return r.readRESP2(kind[0])
	case '*', '~', '>':
		return r.readAggregate(kind[0], 1, depth)
	case '%', '|':
		return r.readAggregate(kind[0], 2, depth)
	case '=', '!':
		return r.readText(kind[0])
	case '_', '#', ',', '(':
		return r.readLine(kind[0])
	}
	return Value{}, fmt.Errorf("a reply begins with %q", kind)
}

// readRESP2 leaves a value that does not nest to tidwall/resp.
func (r *ValueReader) readRESP2(kind byte) (Value, error) {
	if kind == '$' {
		if _, _, err := r.peekLength(r.maxText); err != nil {
			return Value{}, err
		}
	}
	read, _, err := r.resp2.ReadValue()
	if err != nil {
		return Value{}, err
	}
	v := Value{Type: kind, Null: read.IsNull()}
	if kind == ':' {
		v.Int = int64(read.Integer())
	} else {
		v.Text = string(read.Bytes())
	}
	return v, nil
}

// readAggregate reads n × each values behind a head that announces n.
func (r *ValueReader) readAggregate(kind byte, each, depth int) (Value, error) {
	if depth == 0 {
		return Value{}, fmt.Errorf("a reply is nested deeper than %d", maxDepth)
	}
	n, width, err := r.peekLength(math.MaxInt32)
	if err != nil {
		return Value{}, err
	}
	r.buf.Discard(width)
	v := Value{Type: kind, Null: n < 0}
	for range n * each {
		elem, err := r.read(depth - 1)
		if err != nil {
			return Value{}, err
		}
		v.Elems = append(v.Elems, elem)
	}
	return v, nil
}

// readText reads a value whose head announces its length.
func (r *ValueReader) readText(kind byte) (Value, error) {
	n, width, err := r.peekLength(r.maxText)
	if err != nil {
		return Value{}, err
	}
	r.buf.Discard(width)
	text := make([]byte, max(n, 0)+crlf)
	if _, err := io.ReadFull(r.buf, text); err != nil {
		return Value{}, err
	}
	body, ok := strings.CutSuffix(string(text), "\r\n")
	if !ok || n < 0 {
		return Value{}, errors.New("a reply does not have the length it announced")
	}
	return Value{Type: kind, Text: body}, nil
}

// readLine reads a value that is the rest of its line.
func (r *ValueReader) readLine(kind byte) (Value, error) {
	line, err := r.buf.ReadString('\n')
	if err != nil {
		return Value{}, err
	}
	text, ok := strings.CutSuffix(line[1:], "\r\n")
	if !ok || !fits(kind, text) {
		return Value{}, fmt.Errorf("a reply reads %q", line)
	}
	return Value{Type: kind, Null: kind == '_', Text: text}, nil
}

// fits reports whether text is a value of a kind that readLine reads.
func fits(kind byte, text string) bool {
	switch kind {
	case '_':
		return text == ""
	case '#':
		return text == "t" || text == "f"
	case ',':
		_, err := strconv.ParseFloat(text, 64)
		return err == nil || errors.Is(err, strconv.ErrRange)
	}
	digits := strings.TrimPrefix(text, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// peekLength returns the number in the line that comes next and the length of that line, and leaves it unread. It
// asks for no byte beyond the line, since none may come. -1 is the length of a null.
func (r *ValueReader) peekLength(limit int) (n, width int, err error) {
	for width = 2; width <= maxReplyHeader; width++ {
		line, err := r.buf.Peek(width)
		if err != nil {
			return 0, 0, err
		}
		if line[width-1] != '\n' {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSuffix(string(line[1:width-1]), "\r"))
		if err != nil || n < -1 || n > limit || line[width-2] != '\r' {
			return 0, 0, fmt.Errorf("a reply announces the length %q", line)
		}
		return n, width, nil
	}
	return 0, 0, errors.New("a reply announces its length without an end")
}

// String renders the value as transcripts write it: one value a line, the values of an aggregate indented by two
// blanks, strings in quotes with escapes.
func (v Value) String() string {
	return strings.Join(v.appendLines(nil, ""), "\n")
}

func (v Value) appendLines(lines []string, indent string) []string {
	head := indent + string(v.Type)
	switch v.Type {
	case '*', '~', '>', '%', '|':
		return v.appendElems(lines, indent)
	case ':':
		head += strconv.FormatInt(v.Int, 10)
	case '$', '=', '!':
		if v.Null {
			head += "-1"
		} else {
			head += `"` + escape(v.Text, `"\`) + `"`
		}
	default:
		head += escape(v.Text, `\`)
	}
	return append(lines, head)
}

func (v Value) appendElems(lines []string, indent string) []string {
	n := len(v.Elems)
	switch {
	case v.Null:
		n = -1
	case v.Type == '%' || v.Type == '|':
		n /= 2
	}
	lines = append(lines, indent+string(v.Type)+strconv.Itoa(n))
	for _, elem := range v.Elems {
		lines = elem.appendLines(lines, indent+"  ")
	}
	return lines
}

// escape writes text so that SplitWords reads it back between double quotes: the special bytes and all that are
// not printable ASCII are escaped.
func escape(text, special string) string {
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case strings.IndexByte(special, c) >= 0:
			out.WriteByte('\\')
			out.WriteByte(c)
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\r':
			out.WriteString(`\r`)
		case c == '\t':
			out.WriteString(`\t`)
		case c < ' ' || c > '~':
			fmt.Fprintf(&out, `\x%02x`, c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// AppendCommand appends a request as clients send it, an array of bulk strings.
func AppendCommand[Word ~string | ~[]byte](dst []byte, args ...Word) []byte {
	dst = appendHead(dst, '*', len(args))
	for _, arg := range args {
		dst = append(appendHead(dst, '$', len(arg)), arg...)
		dst = append(dst, "\r\n"...)
	}
	return dst
}

func appendHead(dst []byte, kind byte, n int) []byte {
	return append(strconv.AppendInt(append(dst, kind), int64(n), 10), "\r\n"...)
}
