package actor

import (
	"slices"

	"snakecache/pkg/proto"
)

// Request is one decoded request with the command it names, nil if there is none of that name.
type Request struct {
	Command *Command
	Args    proto.Args
}

// Batch is what a connection submits at once: all requests of a pipeline that have arrived, and room for their
// replies. It belongs to the connection and is used again and again.
type Batch struct {
	Requests []Request
	Reply    proto.Reply
	BytesIn  int  // what was read from the wire for them
	Close    bool // set by the owner: close the connection once Reply is written
	Parked   bool // and by it, too: submit what is left only when the link is resumed

	Kept   int64 // bytes of memory of the requests that Keep has copied
	Queued int64 // set by the owner: bytes of memory of what the session has queued for EXEC

	session   *Session
	errands   []Link // to be written when the batch comes back, see RunErrands
	next      int    // first request that has not run
	submitted int64  // Clock.Nanos
	done      chan struct{}
}

// keptRequests is how many requests a batch keeps room for.
const keptRequests = 1 << 10

// NewBatch returns the batch of a session.
func NewBatch(s *Session) *Batch { return &Batch{session: s, done: make(chan struct{}, 1)} }

// Done reports whether all requests have run. If not, write the reply, and submit again.
func (b *Batch) Done() bool { return b.next == len(b.Requests) || b.Close }

// Reset empties the batch for the next requests.
func (b *Batch) Reset() {
	if cap(b.Requests) > keptRequests {
		b.Requests = nil
	}
	b.Requests = b.Requests[:0]
	b.Reply.Reset()
	b.next, b.BytesIn, b.Parked, b.Kept = 0, 0, false, 0
}

// Keep leaves the requests that have not run, and copies them unless it did so before: their arguments alias a buffer that
// is going to be used again.
func (b *Batch) Keep() {
	rest := b.Requests[b.next:]
	if b.Kept > 0 {
		clear(b.Requests[:b.next])
	} else {
		rest = slices.Clone(rest)
		for i := range rest {
			rest[i].Args = keepArgs(rest[i].Args)
		}
	}
	b.Requests, b.next, b.Parked, b.Kept = rest, 0, false, 0
	for i := range rest {
		b.Kept += rest[i].memory()
	}
	b.Reply.Reset()
}

// Release gives the memory of an empty batch back, for a connection that fell silent.
func (b *Batch) Release() {
	b.Requests = nil
	b.Reply.Release()
}

// Submit hands the batch to the owner and waits until it comes back, with errands. The connection must be attached.
func (a *Actor) Submit(b *Batch) {
	b.submitted = a.clock.Nanos()
	a.mailbox <- b
	<-b.done
}

// RunErrands has written what the batch's commands brought about for others. It is to be called when the batch is back, behind the
// first write of its own reply, as Redis does it, and before anything that may have to wait.
func (b *Batch) RunErrands() {
	for i, link := range b.errands {
		b.errands[i] = nil
		link.Write()
	}
	b.errands = b.errands[:0]
}

func (b *Batch) deliver(a *Actor) { a.queue = append(a.queue, b) }
