package proto

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var usual = Limits{MaxBulk: 512 << 20}

// decoded is what came out of a decoder: copies of the requests, and the error that ended the stream, if any.
type decoded struct {
	requests [][]string
	err      error
}

func (d decoded) String() string { return fmt.Sprintf("%.200q, %v", d.requests, d.err) }

// feeder gives a decoder its input as a connection does, and checks what must hold at each step.
type feeder struct {
	t     testing.TB
	d     *Decoder
	out   decoded
	burst int // bytes received since the decoder was last empty
	total int // and since it was made
}

func newFeeder(t testing.TB, l Limits) *feeder { return &feeder{t: t, d: NewDecoder(l)} }

// read receives one chunk, at most what the decoder has room for, takes all complete requests out, and returns how
// many bytes that were.
func (f *feeder) read(chunk []byte) int {
	room := f.d.Room()
	if len(room) == 0 || len(room) > readStep && (f.d.large.size == 0 || len(room) > largeStep) {
		f.t.Fatalf("room for %d bytes", len(room))
	}
	if f.d.start == f.d.end {
		f.burst = 0
	}
	n := copy(room, chunk)
	f.d.Filled(n)
	f.burst += n
	f.total += n
	f.take()
	f.checkMemory()
	return n
}

// take empties the decoder of requests. Those that were handed out first must still be what they were when the last
// one has been.
func (f *feeder) take() {
	var handed []Args
	first := len(f.out.requests)
	for f.out.err == nil {
		args, err := f.d.Next()
		f.out.err = err
		if len(args) == 0 {
			break
		}
		handed = append(handed, args)
		f.out.requests = append(f.out.requests, texts(args))
	}
	for i, args := range handed {
		if got := texts(args); !slices.Equal(got, f.out.requests[first+i]) {
			f.t.Fatalf("arguments changed from %.200q to %.200q", f.out.requests[first+i], got)
		}
	}
	f.d.Reset()
}

// checkMemory holds the decoder to its promise: memory follows the bytes that arrived. The shortest argument takes six
// bytes on the wire and eight as a span, which slices grow by a quarter at a time.
func (f *feeder) checkMemory() {
	if got, most := cap(f.d.buf), 2*f.burst+keptBuffer; got > most {
		f.t.Fatalf("a buffer of %d bytes for %d received", got, f.burst)
	}
	if got, most := f.d.large.held()+f.d.size, 2*f.total+largeSlack; got > most {
		f.t.Fatalf("%d bytes for large arguments with %d received", got, f.total)
	}
	if got, most := 8*cap(f.d.spans), 2*f.burst+8*keptArgs; got > most {
		f.t.Fatalf("%d bytes of spans for %d received", got, f.burst)
	}
}

func texts(args Args) []string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = string(arg)
	}
	return words
}

// decode feeds the input in chunks of the sizes that next returns, and stops at an error.
func decode(t testing.TB, l Limits, input []byte, next func() int) decoded {
	f := newFeeder(t, l)
	for len(input) > 0 && f.out.err == nil {
		input = input[f.read(input[:min(len(input), next())]):]
	}
	return f.out
}

func atOnce() int { return readStep }
func byByte() int { return 1 }

// raggedly returns random chunk sizes, most of them small.
func raggedly(seed uint64) func() int {
	random := rand.New(rand.NewPCG(seed, 0))
	return func() int { return 1 + random.IntN(1<<random.IntN(12)) }
}

// stream is an input and what it decodes to. What is incomplete at its end decodes to nothing.
type stream struct {
	input    string
	requests string // separated by blanks, their words by commas
	err      error
}

// requestsOf takes the notation of stream apart.
func requestsOf(text string) (requests [][]string) {
	for words := range strings.SplitSeq(text, " ") {
		if words != "" {
			requests = append(requests, strings.Split(words, ","))
		}
	}
	return requests
}

var streams = []stream{
	// Multibulk.
	{"*1\r\n$4\r\nPING\r\n", "PING", nil},
	{"*2\r\n$3\r\nGET\r\n$0\r\n\r\n*1\r\n$1\r\na\r\n", "GET, a", nil},
	{"*1\r\n$6\r\n*1\r\n$1\r\n*1\r\n$1\r\na\r\n", "*1\r\n$1 a", nil}, // no byte of an argument is looked at
	{"*1\r\n$4\r\nPINGxx*1\r\n$1\r\na\r\n", "PING a", nil},           // nor are those behind it
	{"*1\r\n$12\r\nabcdefghijkl\r\n*1\r\n$1000\r\n" + strings.Repeat("x", 1000) + "\r\n", "abcdefghijkl " + strings.Repeat("x", 1000), nil},
	{"*0\r\n*-1\r\n*-10\r\n*1\r\n$1\r\na\r\n", "a", nil},
	{"*-9223372036854775808\r\n*-9223372036854775807\r\n*1\r\n$1\r\na\r\n", "a", nil},
	{"*1\rx$1\rxa\r\nb\r\n", "a b", nil}, // the byte behind a CR is taken for LF

	// Inline.
	{"\r\n\n  \r\n\ta  b\t\n c \r\n", "a,b c", nil},
	{"GET / HTTP/1.1\r\n", "GET,/,HTTP/1.1", nil},
	{"a\x00 b\nc\n", "a\x00,b c", nil},
	{"\x00\na\n", "\x00 a", nil},

	// What is not complete.
	{"*", "", nil}, {"*1", "", nil}, {"*1\r", "", nil}, {"*1\r\n", "", nil}, {"*1\r\n$", "", nil}, {"*1\r\n$1\r", "", nil},
	{"*1\r\n$1\r\n", "", nil}, {"*1\r\n$1\r\na", "", nil}, {"*1\r\n$1\r\na\r", "", nil}, {"PING", "", nil},
	{"*1\r\n$536870912\r\n", "", nil},
	{"*2147483647\r\n", "", nil}, {"*1048577\r\n$1\r\na\r\n", "", nil},
	{"*1\n$4\nPING\n", "", nil},
	{"*1\r\n$1\n", "", nil},

	// What is broken.
	{"a\n*3000000000\r\n", "a", ErrMultibulkLength},
	{"*2147483648\r\n", "", ErrMultibulkLength},
	{"*9223372036854775808\r\n", "", ErrMultibulkLength},
	{"*-9223372036854775809\r\n", "", ErrMultibulkLength},
	{"*+1\r\n", "", ErrMultibulkLength}, {"*01\r\n", "", ErrMultibulkLength}, {"* 1\r\n", "", ErrMultibulkLength},
	{"*\r\n", "", ErrMultibulkLength}, {"*1a\r\n", "", ErrMultibulkLength}, {"*-0\r\n", "", ErrMultibulkLength},
	{"*100000000000000000000000000000\r\n", "", ErrMultibulkLength},
	{"*1000000000000000000000000000000\r\n", "", ErrMultibulkCountTooLong},
	{"*" + strings.Repeat("1", 31), "", ErrMultibulkCountTooLong},
	{"*1\r\n$2000000000\r\n", "", ErrBulkLength}, {"*1\r\n$536870913\r\n", "", ErrBulkLength},
	{"*1\r\n$-1\r\n", "", ErrBulkLength}, {"*1\r\n$blah\r\n", "", ErrBulkLength}, {"*1\r\n$\r\n", "", ErrBulkLength},
	{"*1\r\n$-9223372036854775808\r\n", "", ErrBulkLength},
	{"*1\r\n$" + strings.Repeat("1", 31), "", ErrBulkCountTooLong},
	{"*1\r\nfooz\r\n", "", ErrExpectedDollar('f')},
	{"*1\r\n\r\n", "", ErrExpectedDollar('\r')}, {"*1\r\n\n\r\n", "", ErrExpectedDollar('\n')},
	{"*2\r\n$1\r\na\r\n*1\r\n", "", ErrExpectedDollar('*')},
	{"set \"\"\"k\"\"\" v\n", "", ErrUnbalancedQuotes},
	{"a\n'\n", "a", ErrUnbalancedQuotes},
	{strings.Repeat("a", maxInline+1), "", ErrInlineTooLong},
	{strings.Repeat("a", maxInline) + "\n", strings.Repeat("a", maxInline), nil},
	{"*1\r\n$1\r\na\r\n\x16\x03\x01\x02", "a", ErrDrop},
}

func TestDecoder(t *testing.T) {
	for _, s := range streams {
		want := decoded{requestsOf(s.requests), s.err}
		for name, next := range map[string]func() int{"at once": atOnce, "byte by byte": byByte} {
			if got := decode(t, usual, []byte(s.input), next); !reflect.DeepEqual(got, want) {
				t.Errorf("%.60q %s: got %v, want %v", s.input, name, got, want)
			}
		}
	}
}

// Before a client has authenticated it may announce little, CVE-2021-32675. What it types is bounded as for others.
func TestDecoderBeforeAuth(t *testing.T) {
	strangers := Limits{MaxBulk: usual.MaxBulk, Strangers: true}
	for _, s := range []stream{
		{"*11\r\n", "", ErrMultibulkUnauth},
		{"*10\r\n" + strings.Repeat("$1\r\na\r\n", 10), strings.Repeat("a,", 9) + "a", nil},
		{"*1\r\n$16385\r\n", "", ErrBulkUnauth},
		{"*1\r\n$16384\r\n" + strings.Repeat("a", 16384) + "\r\n", strings.Repeat("a", 16384), nil},
		{"*3000000000\r\n", "", ErrMultibulkLength},
		{"*1\r\n$2000000000\r\n", "", ErrBulkLength},
		{"a b c d e f g h i j k l\n", "a,b,c,d,e,f,g,h,i,j,k,l", nil},
	} {
		want := decoded{requestsOf(s.requests), s.err}
		if got := decode(t, strangers, []byte(s.input), byByte); !reflect.DeepEqual(got, want) {
			t.Errorf("%.60q: got %v, want %v", s.input, got, want)
		}
	}
}

// Whatever came before a request, it is read as it stands: nothing of the parser's state is left over, CVE-2026-27623.
func TestDecoderForgets(t *testing.T) {
	const probe = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
	forms := []struct{ input, requests string }{
		{"\r\n", ""}, {"*0\r\n", ""}, {"*-1\r\n", ""}, {"PING a\r\n", "PING,a"}, {"*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n", "ECHO,x"},
	}
	for _, a := range forms {
		for _, b := range forms {
			input := []byte(a.input + b.input + probe)
			want := requestsOf(a.requests + " " + b.requests + " GET,k")
			for cut := range len(input) { // every one of them is partial at some cut
				f := newFeeder(t, usual)
				f.read(input[:cut])
				f.read(input[cut:])
				if !reflect.DeepEqual(f.out.requests, want) || f.out.err != nil {
					t.Errorf("%q cut at %d: got %q, %v", input, cut, f.out.requests, f.out.err)
				}
				if d := f.d; d.argc != 0 || d.bulk != noBulk || d.start != d.end || d.pos != d.end {
					t.Errorf("%q cut at %d: state %d, %d, %d–%d–%d is left", input, cut, d.argc, d.bulk, d.start, d.pos, d.end)
				}
			}
		}
	}
}

// Requests of any words come out as they went in, however they are cut.
func TestDecoderRoundTrip(t *testing.T) {
	word := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 10), rapid.Map(rapid.IntRange(0, 100<<10), func(n int) []byte {
		return bytes.Repeat([]byte("\r\n$*"), n/4)
	}))
	pipeline := rapid.SliceOfN(rapid.SliceOfN(word, 1, 20), 0, 10)
	rapid.Check(t, func(rt *rapid.T) {
		var wire []byte
		var want decoded
		for _, args := range pipeline.Draw(rt, "pipeline") {
			wire = AppendCommand(wire, args...)
			want.requests = append(want.requests, texts(args))
		}
		got := decode(t, usual, wire, raggedly(rapid.Uint64().Draw(rt, "seed")))
		if !reflect.DeepEqual(got, want) {
			rt.Fatalf("%d requests, %v became %d, %v", len(want.requests), want.err, len(got.requests), got.err)
		}
	})
}

// A million arguments are the most that one request may have, and they are enough for the longest MSET.
func TestDecoderArgumentLimit(t *testing.T) {
	const argument = "$0\r\n\r\n"
	for _, extra := range []int{0, 1} {
		wire := fmt.Appendf(nil, "*%d\r\n%s", maxArgs+extra, strings.Repeat(argument, maxArgs+extra))
		got := decode(t, usual, wire, atOnce)
		if extra == 0 && (got.err != nil || len(got.requests) != 1 || len(got.requests[0]) != maxArgs) {
			t.Errorf("%d requests, %v", len(got.requests), got.err)
		}
		if extra == 1 && (got.err != ErrMultibulkLength || got.requests != nil) {
			t.Errorf("one argument too many: %v", got.err)
		}
	}
}

// One whole request is bounded too, and that is known from its headers before the bytes arrive.
func TestDecoderRequestLimit(t *testing.T) {
	const (
		limit = 1 << 30
		most  = limit - len("*1\r\n$1073741806\r\n")
	)
	for _, c := range []struct {
		length int
		err    error
	}{{most, nil}, {most + 1, ErrRequestTooLong}} {
		wire := fmt.Appendf(nil, "*1\r\n$%d\r\n", c.length)
		if got := decode(t, Limits{MaxBulk: limit, MaxRequest: limit}, wire, atOnce); got.err != c.err || got.requests != nil {
			t.Errorf("%d bytes: %v", c.length, got.err)
		}
	}
}

// The buffer of a large request goes when it is through, even if the beginning of the next one came along with it.
func TestDecoderLetsGo(t *testing.T) {
	wire := AppendCommand(nil, slices.Repeat([]string{strings.Repeat("x", RefSize-1)}, 500)...)
	for _, tail := range []string{"", "*1\r\n$4\r\nPI"} {
		f := newFeeder(t, usual)
		for input := append(wire[:len(wire):len(wire)], tail...); len(input) > 0; {
			input = input[f.read(input):]
		}
		if cap(f.d.buf) < len(wire) || len(f.out.requests) != 1 {
			t.Fatalf("%d requests in a buffer of %d bytes", len(f.out.requests), cap(f.d.buf))
		}
		f.d.Room()
		if got := cap(f.d.buf); got != keptBuffer {
			t.Errorf("with %q behind it a buffer of %d bytes stays", tail, got)
		}
		if waiting, memory := f.d.Buffered(); waiting != len(tail) || memory != keptBuffer {
			t.Errorf("%d bytes wait, in %d", waiting, memory)
		}
		if f.d.Release() != (tail == "") || (f.d.buf == nil) != (tail == "") {
			t.Errorf("with %q behind it: Release must give back all there is, but nothing that is needed", tail)
		}
		f.read([]byte("*1\r\n$4\r\nPING\r\n"[len(tail):]))
		if got := f.out.requests[1]; !slices.Equal(got, []string{"PING"}) {
			t.Errorf("the next request is %q", got)
		}
	}
}

// Arguments from RefSize bytes on, and no others, may be kept: what arrives later does not change them, whatever came
// before and behind them in the same reads.
func TestLargeArgumentsMayBeKept(t *testing.T) {
	sizes := []int{RefSize - 1, RefSize, RefSize + 1, 0, 3 << 20, 64<<10 - 2, 64 << 10, 1, 200 << 10, 10 << 20, 1 << 20}
	var words []string
	for i, n := range sizes {
		words = append(words, strings.Repeat(string(rune('a'+i)), n))
	}
	wire := AppendCommand(nil, words...)
	wire = AppendCommand(append(wire, wire...), "PING")
	for name, next := range map[string]func() int{"at once": func() int { return largeStep }, "raggedly": raggedly(7)} {
		d, kept := NewDecoder(usual), [][]byte{}
		for input := wire; len(input) > 0; {
			n := copy(d.Room(), input[:min(len(input), next())])
			input = input[n:]
			d.Filled(n)
			for {
				args, err := d.Next()
				if err != nil {
					t.Fatal(err)
				}
				if args == nil {
					break
				}
				kept = append(kept, args...)
			}
			d.Reset()
		}
		if len(kept) != 2*len(sizes)+1 {
			t.Fatalf("%s: %d arguments", name, len(kept))
		}
		for i, arg := range kept[:2*len(sizes)] {
			if want := words[i%len(sizes)]; len(want) >= RefSize && (string(arg) != want || cap(arg) > len(arg)+crlf+len(arg)/64) {
				t.Errorf("%s: argument %d of %d bytes has changed, or has %d", name, i, len(want), cap(arg))
			}
		}
	}
}

// A list of arguments that is used again keeps none of them alive.
func TestResetForgetsLargeArguments(t *testing.T) {
	d := NewDecoder(usual)
	drain(t, d, AppendCommand(nil, "SET", "k", strings.Repeat("x", RefSize)))
	for _, arg := range d.args[:cap(d.args)] {
		if arg != nil {
			t.Errorf("%d bytes are still referred to", len(arg))
		}
	}
}

// A connection that never sent anything has no memory to give back.
func TestReleaseOfNothing(t *testing.T) {
	if NewDecoder(usual).Release() {
		t.Error("there was nothing to give back")
	}
}

// addStreams makes the table the corpus, but for the long ones, with which a fuzzer only loses its time.
func addStreams(f *testing.F) {
	for _, s := range streams {
		if len(s.input) < 1<<10 {
			f.Add([]byte(s.input), uint64(1))
		}
	}
}

func FuzzDecoder(f *testing.F) {
	addStreams(f)
	f.Fuzz(func(t *testing.T, input []byte, seed uint64) { checkChunking(t, usual, input, seed) })
}

func FuzzDecoderBeforeAuth(f *testing.F) {
	addStreams(f)
	f.Add([]byte("*11\r\n"), uint64(1))
	f.Add([]byte("*1\r\n$16385\r\n"), uint64(1))
	f.Fuzz(func(t *testing.T, input []byte, seed uint64) {
		got := checkChunking(t, Limits{MaxBulk: usual.MaxBulk, Strangers: true}, input, seed)
		for _, words := range got.requests {
			size := 0
			for _, word := range words {
				size += len(word)
			}
			if size > strangerMaxArgs*strangerMaxBulk {
				t.Errorf("a stranger's request holds %d bytes", size)
			}
		}
	})
}

// checkChunking decodes an input cut in several ways, which must make no difference.
func checkChunking(t *testing.T, l Limits, input []byte, seed uint64) decoded {
	whole := decode(t, l, input, atOnce)
	for name, next := range map[string]func() int{"byte by byte": byByte, "raggedly": raggedly(seed)} {
		if got := decode(t, l, input, next); !reflect.DeepEqual(got, whole) {
			t.Errorf("at once %v, %s %v", whole, name, got)
		}
	}
	if _, ours := errors.AsType[Error](whole.err); whole.err != nil && !ours {
		t.Errorf("%v is no error for a client", whole.err)
	}
	return whole
}

// Once warm, decoding a pipeline allocates nothing.
func TestDecoderDoesNotAllocate(t *testing.T) {
	wire := pipeline(100)
	d := NewDecoder(usual)
	for range 3 {
		drain(t, d, wire)
	}
	if got := testing.AllocsPerRun(100, func() { drain(t, d, wire) }); got != 0 {
		t.Errorf("%v allocations for each pipeline", got)
	}
}

// pipeline returns n pairs of SET and GET.
func pipeline(n int) (wire []byte) {
	for i := range n {
		key := fmt.Sprintf("key:%012d", i)
		wire = AppendCommand(wire, "SET", key, strings.Repeat("x", 64))
		wire = AppendCommand(wire, "GET", key)
	}
	return wire
}

// drain decodes the wire as a connection does and returns the number of requests.
func drain(t testing.TB, d *Decoder, wire []byte) (requests int) {
	for len(wire) > 0 {
		n := copy(d.Room(), wire)
		wire = wire[n:]
		d.Filled(n)
		for {
			args, err := d.Next()
			if err != nil {
				t.Fatal(err)
			}
			if args == nil {
				break
			}
			requests++
		}
		d.Reset()
	}
	return requests
}

// A connection whose client is blocked reads on and asks for no request before the client goes on.
func TestDecoderReadsAhead(t *testing.T) {
	var wire []byte
	for _, n := range []int{0, 5, RefSize, 300_000, RefSize - 1, 2 * readStep, 1} {
		wire = AppendCommand(wire, "SET", strings.Repeat("k", n), strings.Repeat("v", n))
	}
	want := decode(t, usual, wire, atOnce)
	for _, first := range []int{0, 1, 40, 40_000, 100_000, 400_000, len(wire)} {
		f := newFeeder(t, usual)
		for rest := wire; len(rest) > 0; {
			room := f.d.Room()
			n := copy(room, rest)
			if n == 0 {
				t.Fatalf("no room with %d bytes to come", len(rest))
			}
			f.d.Filled(n)
			rest = rest[n:]
			if len(wire)-len(rest) <= first {
				f.take() // and not again until all is there
			}
		}
		if f.take(); !reflect.DeepEqual(f.out, want) || len(want.requests) != 7 {
			t.Errorf("asked for requests up to byte %d: %v, want %v", first, f.out, want)
		}
	}
}
