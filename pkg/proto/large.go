package proto

// large is an argument of RefSize bytes or more on its way in. It gets memory of its own, into which the socket is read,
// so that whoever keeps it need not copy it. That memory follows the bytes that arrive: until nearly all are there they
// go to pieces that are never moved, and are joined once.
type large struct {
	size   int // in all, with the CRLF behind the argument; 0 = none is under way
	filled int
	pieces [][]byte // that are full
	tail   []byte   // that is being filled
}

const (
	largeSlack  = 64 << 10 // memory that is given before anything has arrived
	largeStep   = 1 << 20  // the most one read may bring
	provenLimit = 4 << 20
)

// begin expects n bytes. Who has sent an argument of proven bytes, up to 4 MiB, gets as much at once: a client that sends
// values of a megabyte one after the other then saves the join and the pieces, 40 % of the CPU time of a SET.
func (l *large) begin(n, proven int) {
	*l = large{size: n + crlf}
	if l.size <= min(proven, provenLimit)+crlf {
		l.tail = recycled(l.size)
	}
}

// room returns where to read to, at least one byte, and no further than to the end of the argument.
func (l *large) room() []byte {
	if len(l.tail) == cap(l.tail) {
		l.grow()
	}
	return l.tail[len(l.tail):min(cap(l.tail), len(l.tail)+min(largeStep, l.size-l.filled))]
}

func (l *large) grow() {
	missing := l.size - l.filled
	if l.tail != nil {
		l.pieces = append(l.pieces, l.tail)
	}
	if missing > largeSlack {
		l.tail = uncleared(min(missing-largeSlack, max(l.filled, largeSlack)))
		return
	}
	l.tail = uncleared(l.size)
	for _, piece := range l.pieces {
		l.tail = append(l.tail, piece...)
	}
	l.pieces = nil
}

// add tells that n bytes have been put into the room.
func (l *large) add(n int) {
	l.tail = l.tail[:len(l.tail)+n]
	l.filled += n
}

// copy takes what it still needs from b and returns how many bytes that were.
func (l *large) copy(b []byte) (n int) {
	for n < len(b) && l.filled < l.size {
		step := copy(l.room(), b[n:])
		l.add(step)
		n += step
	}
	return n
}

// held returns the bytes of memory.
func (l *large) held() (n int) {
	for _, piece := range l.pieces {
		n += cap(piece)
	}
	return n + cap(l.tail)
}

// take returns the argument if it is complete, and forgets it.
func (l *large) take() (arg []byte, ok bool) {
	if l.filled < l.size {
		return nil, false
	}
	n := l.size - crlf
	arg = l.tail[:n]
	*l = large{}
	return arg, true
}
