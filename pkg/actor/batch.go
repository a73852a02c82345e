package actor

import "snakecache/pkg/proto"

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

	QueryBuffer, QueryRoom int // for the Session's fields of that name

	session   *Session
	next      int   // first request that has not run
	submitted int64 // Clock.Nanos
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
	b.next, b.BytesIn, b.Parked = 0, 0, false
}

// Keep copies the requests that have not run, whose arguments alias a buffer that is going to be used again.
func (b *Batch) Keep() {
	b.Requests = append([]Request(nil), b.Requests[b.next:]...)
	b.next, b.Parked = 0, false
	b.Reply.Reset()
	for i := range b.Requests {
		b.Requests[i].Args = keepArgs(b.Requests[i].Args)
	}
}

// Release gives the memory of an empty batch back, for a connection that fell silent.
func (b *Batch) Release() {
	b.Requests = nil
	b.Reply.Release()
}

// Submit hands the batch to the owner and waits until it comes back. The connection must be attached.
func (a *Actor) Submit(b *Batch) {
	b.submitted = a.clock.Nanos()
	a.mailbox <- b
	<-b.done
}

func (b *Batch) deliver(a *Actor) { a.queue = append(a.queue, b) }
