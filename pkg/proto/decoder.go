package proto

import "bytes"

// Limits bounds what one client may make the decoder hold. All lengths are in bytes.
type Limits struct {
	MaxBulk    int   // longest argument, Redis' proto-max-bulk-len
	MaxRequest int64 // longest request with all that belongs to it, Redis' client-query-buffer-limit; 0 = no limit
	Strangers  bool  // the client has not authenticated: at most 10 arguments of 16 KiB each
}

const (
	maxArgs          = 1 << 20    // arguments of one request
	maxInline        = 64 << 10   // one inline request
	maxHeader        = 32         // "*…" and "$…" lines: an int64 has at most 20 digits
	maxBuffered      = 1<<32 - 2  // what of one request lies in the buffer: a span reaches no further
	strangerMaxArgs  = 10         // before AUTH, as Redis
	strangerMaxBulk  = 16 << 10   // before AUTH, as Redis
	readStep         = 64 << 10   // the most one read may bring
	firstBuffer      = 512        // a quiet client never needs more
	keptBuffer       = 64 << 10   // what a buffer may keep when it is empty
	keptArgs         = 4 << 10    // and what the argument list may
	tlsHandshake     = 0x16       // first byte of a TLS hello
	noBulk           = -1         // no argument is under way
	maxMultibulk     = 1<<31 - 1  // the largest count Redis' header accepts
	crlf             = 2          // bytes behind each argument
	headerIncomplete = -1 << 63   // header() wants more bytes
	headerInvalid    = -1<<63 + 1 // header() met something that is no number
)

// Decoder turns the bytes of one connection into requests: multibulk ("*2\r\n$4\r\n…") and inline ("GET k\r\n").
// Bytes go in through Room and Filled, requests come out of Next, in any interleaving: the result does not
// depend on how the bytes were cut. Memory follows the bytes that arrived, never the lengths they announce.
//
// Arguments alias the buffer. They stay valid until Room is called, and the list that holds them until Reset. Those of
// RefSize bytes and more have memory of their own instead, to which nothing is written any more: whoever wants to keep
// one may, and when done with it, may Recycle it.
type Decoder struct {
	Limits
	buf   []byte
	start int  // where the request under way begins; everything before it has been handed out
	pos   int  // where parsing goes on
	end   int  // end of the bytes received
	full  bool // the last read left no room

	argc  int    // arguments still missing from the multibulk request under way; 0 between requests
	bulk  int    // length of the argument under way, or noBulk while its header is missing
	spans []span // complete arguments of the request under way, relative to start: the buffer may move

	large  large    // argument under way that gets memory of its own
	owned  [][]byte // complete ones of the request under way
	size   int      // bytes of those
	proven int      // bytes of the last one

	args   [][]byte // arguments of the requests handed out since Reset
	handed int      // bytes of those that have memory of their own
}

// span is small because an argument may be as short as six bytes on the wire; maxBuffered fits.
type span struct{ from, to uint32 }

// isOwned is the from of a span whose argument is owned[to].
const isOwned = 1<<32 - 1

// NewDecoder returns an empty decoder; it allocates its buffer with the first Room.
func NewDecoder(l Limits) *Decoder { return &Decoder{Limits: l, bulk: noBulk} }

// Room returns free space to read into, at least one byte and at most 64 KiB, or 1 MiB within a large argument. Tell
// Filled how much came; nobody has to ask for the Next request before there is Room for more. It may move the buffer, which ends the life of all arguments handed out before.
func (d *Decoder) Room() []byte {
	if d.Missing() > 0 {
		return d.large.room()
	}
	if d.start == d.end {
		d.start, d.pos, d.end = 0, 0, 0
	}
	switch used := d.end - d.start; {
	case d.buf == nil:
		d.buf = make([]byte, firstBuffer)
	case len(d.buf) > keptBuffer && used <= len(d.buf)/4:
		d.moveTo(make([]byte, max(keptBuffer, 2*used))) // let go of what a large request left behind
	case d.full:
		d.makeRoom()
	}
	d.full = false
	return d.buf[d.end:min(len(d.buf), d.end+readStep)]
}

// Filled tells that the first n bytes of the last Room now hold data.
func (d *Decoder) Filled(n int) {
	if d.Missing() > 0 {
		d.large.add(n)
		return
	}
	d.end += n
	d.full = d.end == len(d.buf)
}

// Reset ends the life of the arguments handed out so far and keeps their list for the next batch, unless it is long or
// keeps a large buffer alive. Reports the latter: who holds lists of arguments has to let go of them, too.
func (d *Decoder) Reset() (large bool) {
	large = len(d.buf) > keptBuffer
	if large || cap(d.args) > keptArgs {
		d.args = nil
	}
	if d.handed > 0 {
		clear(d.args)
		d.handed = 0
	}
	d.args = d.args[:0]
	return large
}

// Release gives all memory back while nothing is under way, for a connection that fell silent, and what was recycled: who is
// not silent soon recycles more. It reports whether the decoder had anything to give back.
func (d *Decoder) Release() bool {
	spares.drop()
	if d.buf == nil || d.start != d.end || d.large.size > 0 {
		return false
	}
	*d = Decoder{Limits: d.Limits, bulk: noBulk}
	return true
}

// Buffered returns how many bytes wait undecoded, and how many bytes of memory there are for them, for requests that were
// handed out and for what is to come.
func (d *Decoder) Buffered() (waiting, memory int) {
	return d.end - d.start + d.size + d.large.filled, len(d.buf) + d.size + d.large.held()
}

// HandedOut returns how many bytes of memory of their own the arguments have that were handed out since Reset.
func (d *Decoder) HandedOut() int { return d.handed }

// Missing returns how many bytes of a large argument have still to come, 0 if none is under way.
func (d *Decoder) Missing() int { return d.large.size - d.large.filled }

// makeRoom moves the request under way to the front of a buffer that a read has filled, and doubles the buffer: a
// client that fills it sends more at a time than it holds. When most of it was complete requests, it grows no further
// than a buffer may stay.
func (d *Decoder) makeRoom() {
	used := d.end - d.start
	buf := d.buf
	if size := 2 * len(d.buf); used > len(d.buf)/2 || size <= keptBuffer {
		buf = make([]byte, size)
	}
	d.moveTo(buf)
}

// moveTo moves what has not been handed out to the front of buf, which may be the same buffer.
func (d *Decoder) moveTo(buf []byte) {
	copy(buf, d.buf[d.start:d.end])
	d.pos -= d.start
	d.end -= d.start
	d.start, d.buf = 0, buf
}

// Next returns the next complete request. It returns nil and no error when more bytes are needed, and an
// Error when the stream is broken: the client gets that text and the connection is closed. ErrDrop and
// ErrRequestTooLong mean a close without a word.
func (d *Decoder) Next() (Args, error) {
	for d.argc == 0 {
		d.start = d.pos
		if d.pos == d.end {
			return nil, nil
		}
		if d.buf[d.pos] != '*' {
			args, more, err := d.inline()
			if len(args) > 0 || !more {
				return args, err
			}
			continue
		}
		if more, err := d.multibulk(); !more {
			return nil, err
		}
	}
	for d.argc > 0 {
		if more, err := d.argument(); !more {
			return nil, err
		}
	}
	return d.take(), nil
}

// multibulk reads the "*<count>" line. A count of zero or less is an empty request, which is skipped.
func (d *Decoder) multibulk() (more bool, err error) {
	n := d.header()
	switch {
	case n == headerIncomplete:
		return false, d.tooLong(ErrMultibulkCountTooLong)
	case n == headerInvalid || n > maxMultibulk:
		return false, ErrMultibulkLength
	case n > strangerMaxArgs && d.Strangers:
		return false, ErrMultibulkUnauth
	}
	d.argc = max(int(n), 0)
	d.spans = d.spans[:0]
	return true, nil
}

// argument reads one "$<length>" line and the bytes behind it. The CRLF after the bytes is skipped unread,
// as Redis does. The count of arguments is bounded here and not in the header, which Redis accepts.
func (d *Decoder) argument() (more bool, err error) {
	if d.bulk == noBulk {
		if more, err := d.bulkHeader(); !more {
			return false, err
		}
	}
	if d.bulk >= RefSize {
		return d.largeArgument(), nil
	}
	if d.end-d.pos < d.bulk+crlf {
		return false, nil
	}
	from := d.pos - d.start
	d.spans = append(d.spans, span{uint32(from), uint32(from + d.bulk)})
	d.pos += d.bulk + crlf
	d.bulk = noBulk
	d.argc--
	return true, nil
}

// largeArgument moves what has arrived of an argument to memory of its own.
func (d *Decoder) largeArgument() (more bool) {
	if d.large.size == 0 {
		d.large.begin(d.bulk, d.proven)
	}
	d.pos += d.large.copy(d.buf[d.pos:d.end])
	arg, ok := d.large.take()
	if !ok {
		return false
	}
	d.spans = append(d.spans, span{isOwned, uint32(len(d.owned))})
	d.owned = append(d.owned, arg)
	d.size += len(arg)
	d.proven = len(arg)
	d.bulk = noBulk
	d.argc--
	return true
}

func (d *Decoder) bulkHeader() (more bool, err error) {
	if d.pos == d.end {
		return false, nil
	}
	first := d.buf[d.pos]
	n := d.header()
	switch {
	case n == headerIncomplete:
		return false, d.tooLong(ErrBulkCountTooLong)
	case first != '$':
		return false, ErrExpectedDollar(first)
	case n < 0 || n > int64(d.MaxBulk):
		return false, ErrBulkLength
	case n > strangerMaxBulk && d.Strangers:
		return false, ErrBulkUnauth
	case len(d.spans) == maxArgs:
		return false, ErrMultibulkLength
	case d.isTooLong(n):
		return false, ErrRequestTooLong
	}
	d.bulk = int(n)
	return true, nil
}

// isTooLong reports whether the request under way would be too long with n bytes more.
func (d *Decoder) isTooLong(n int64) bool {
	buffered := int64(d.pos - d.start)
	if n < RefSize && buffered+n > maxBuffered {
		return true
	}
	return d.MaxRequest > 0 && n > d.MaxRequest-buffered-int64(d.size)
}

// header reads the number between the line's first byte and its CRLF and moves behind them. It answers
// headerIncomplete, and moves nowhere, while the line is not complete.
func (d *Decoder) header() int64 {
	line := d.buf[d.pos:min(d.end, d.pos+maxHeader)]
	if n, width := shortNumber(line); width > 0 {
		d.pos += width
		return n
	}
	cr := bytes.IndexByte(line, '\r')
	if cr < 0 || d.pos+cr+1 == d.end {
		return headerIncomplete
	}
	d.pos += cr + crlf
	n, ok := ParseInt(line[min(1, cr):cr]) // the first byte itself may be the CR, where a '$' should be
	if !ok {
		return headerInvalid
	}
	return max(n, headerInvalid+1) // all negative numbers mean the same, but the two lowest stand for something else
}

// shortNumber is header's quick way for the lengths that nearly all lines have, one to three digits. It returns a width
// of 0 when the line is anything else. Without it BenchmarkDecoder takes 46 ns a request instead of 25.
func shortNumber(line []byte) (n int64, width int) {
	if len(line) < 4 || line[1] < '1' || line[1] > '9' {
		return 0, 0
	}
	n = int64(line[1] - '0')
	for i := 2; i < min(len(line)-1, 5); i++ {
		c := line[i]
		if c == '\r' {
			return n, i + crlf
		}
		if c < '0' || c > '9' {
			return 0, 0
		}
		n = n*10 + int64(c-'0')
	}
	return 0, 0
}

// tooLong turns an incomplete header line into an error once it is longer than any valid one can be.
func (d *Decoder) tooLong(err Error) error {
	if d.end-d.pos >= maxHeader && bytes.IndexByte(d.buf[d.pos:d.pos+maxHeader], '\r') < 0 {
		return err
	}
	return nil
}

// take hands the complete request out.
func (d *Decoder) take() Args {
	request := d.buf[d.start:d.pos]
	d.start = d.pos
	return d.hand(request)
}

// hand turns the spans within request into arguments behind those of the batch's earlier requests.
func (d *Decoder) hand(request []byte) Args {
	first := len(d.args)
	for _, s := range d.spans {
		if s.from == isOwned {
			d.args = append(d.args, d.owned[s.to])
		} else {
			d.args = append(d.args, request[s.from:s.to:s.to])
		}
	}
	if cap(d.spans) > keptArgs {
		d.spans = nil
	}
	if d.size > 0 {
		d.handed += d.size
		d.owned, d.size = nil, 0
	}
	return d.args[first:len(d.args):len(d.args)]
}
