package actor

import (
	"unsafe"

	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// transactionLimit is how many bytes of memory what a session has queued may take. Redis counts a queue against
// client-query-buffer-limit, which is a gigabyte, and closes a client that goes over it. So does the server here, but before
// that there is this limit, as much as a reply may hold: a client that is told why can send less at once, while one that is
// closed sends the same again, and unless maxmemory-clients is set nothing else bounds what all clients queue together.
const transactionLimit = proto.MaxHeld

// What the transactions that are over keep for others to come.
const (
	keptTransactions = 64
	keptQueue        = 256      // commands
	keptArgs         = 1024     // arguments
	keptText         = 16 << 10 // bytes of them
)

// Bytes of memory beside those of the arguments.
const (
	requestSize = int64(unsafe.Sizeof(Request{}))
	argSize     = int64(unsafe.Sizeof([]byte{}))
)

// transaction is what a session has queued since MULTI. The arguments of a command are those of its batch as long as the
// batch is the owner's, so that a transaction that comes in one pipeline costs no copy. When the batch goes back, keep
// copies them.
type transaction struct {
	queue  []Request
	own    int   // how many of the queue have arguments that are kept
	ran    int   // how many of it EXEC has run
	flags  Flags // of all commands together
	bytes  int64 // of memory, as if all were kept
	failed bool  // a command was refused: EXEC will not run the others
	args   [][]byte
	text   []byte
}

// memory returns how many bytes a request takes that is kept.
func (r *Request) memory() int64 {
	size := requestSize + argSize*int64(len(r.Args))
	for _, arg := range r.Args {
		size += int64(len(arg))
	}
	return size
}

// add queues a request if there is room for it.
func (tx *transaction) add(req Request) (fits bool) {
	size := req.memory()
	if size > transactionLimit-tx.bytes {
		return false
	}
	tx.bytes += size
	tx.flags |= req.Command.Flags
	tx.queue = append(tx.queue, req)
	return true
}

// keep copies the arguments that are a batch's. Those of proto.RefSize bytes or more have memory of their own, which the
// store may take over when they run.
func (tx *transaction) keep() {
	for ; tx.own < len(tx.queue); tx.own++ {
		req := &tx.queue[tx.own]
		from, size := req.Args, 0
		for _, arg := range from {
			if len(arg) < proto.RefSize {
				size += len(arg)
			}
		}
		tx.args, tx.text = withRoom(tx.args, len(from)), withRoom(tx.text, size)
		first := len(tx.args)
		for _, arg := range from {
			if len(arg) < proto.RefSize {
				at := len(tx.text)
				tx.text = append(tx.text, arg...)
				arg = tx.text[at:len(tx.text):len(tx.text)]
			}
			tx.args = append(tx.args, arg)
		}
		req.Args = tx.args[first:len(tx.args):len(tx.args)]
	}
}

// withRoom returns b, or an empty one in its place, so that n more can be appended without moving what is there: others
// refer to that.
func withRoom[T any](b []T, n int) []T {
	if cap(b)-len(b) >= n {
		return b
	}
	return make([]T, 0, max(n, 2*cap(b), 32))
}

// reset empties the transaction, and keeps memory that is worth keeping.
func (tx *transaction) reset() {
	*tx = transaction{queue: emptied(tx.queue, keptQueue), args: emptied(tx.args, keptArgs), text: emptied(tx.text, keptText)}
}

// emptied returns b without elements, or nil if it has room for more than so many.
func emptied[T any](b []T, most int) []T {
	if cap(b) > most {
		return nil
	}
	clear(b)
	return b[:0]
}

// Queues reports whether the session is between MULTI and EXEC, and HasFailed whether a command was refused there.
func (s *Session) Queues() bool    { return s.transaction != nil }
func (s *Session) HasFailed() bool { return s.transaction != nil && s.transaction.failed }

// Queued returns how many commands the session has queued, -1 outside MULTI, and how many bytes of memory they take.
func (s *Session) Queued() (commands int, bytes int64) {
	if s.transaction == nil {
		return -1, 0
	}
	return len(s.transaction.queue), s.transaction.bytes
}

// BeginTransaction makes the session's commands wait for EXEC.
func (c *Call) BeginTransaction() {
	a := c.actor
	a.strict = true
	if last := len(a.spares) - 1; last >= 0 {
		c.Session.transaction, a.spares[last] = a.spares[last], nil
		a.spares = a.spares[:last]
		return
	}
	c.Session.transaction = &transaction{}
}

// EndTransaction drops what the session has queued and the keys that it watches.
func (c *Call) EndTransaction() { c.actor.endTransaction(c.Session) }

func (a *Actor) endTransaction(s *Session) {
	a.unwatch(s)
	tx := s.transaction
	if tx == nil {
		return
	}
	s.transaction = nil
	if len(a.spares) < keptTransactions {
		tx.reset()
		a.spares = append(a.spares, tx)
	}
}

// admitInside is the end of the gate for a session in a transaction. As in Redis whatever is to be queued is refused while
// memory is short, not only what adds to the dataset; room is made when EXEC knows how much is needed.
func (a *Actor) admitInside(c *Call) error {
	tx := c.Session.transaction
	switch {
	case c.Command.Is(Executes) && tx.flags&DenyOOM != 0:
		return a.makeRoom(c, a.needInside(c, tx))
	case c.Command.Is(Unqueued):
		return nil
	case c.Command.Is(NoMulti):
		return proto.ErrNoMulti
	case a.store.MakeRoom(0) == store.RoomNever:
		return proto.ErrOOM
	case tx.failed || c.Session.broken: // it will never run
	case !tx.add(Request{c.Command, c.Args}):
		return proto.ErrTransactionSize
	}
	return errQueued
}

// needInside is what the commands are about to add together, but no more than half of maxmemory unless one of them needs it:
// they may well write over each other's values.
func (a *Actor) needInside(c *Call, tx *transaction) (bytes int64) {
	exec, args, most := c.Command, c.Args, a.store.MaxMemory()/2
	for _, req := range tx.queue {
		if req.Command.Is(DenyOOM) {
			c.Command, c.Args = req.Command, req.Args
			n := a.need(c)
			bytes, most = bytes+n, max(most, n)
		}
	}
	c.Command, c.Args = exec, args
	a.store.Settle() // nobody keeps what was looked at
	return min(bytes, most)
}

// spoil has a refusal prevent EXEC from running what else is queued. The refusal of EXEC itself ends the transaction, and
// monitors are shown that it is over.
func (a *Actor) spoil(c *Call, refusal error) error {
	switch s := c.Session; {
	case c.Command != nil && c.Command.Is(Executes):
		a.endTransaction(s)
		if len(a.monitors) > 0 {
			a.feedMonitors(s, c.monitored())
		}
		return proto.ErrExecRefused(refusal)
	case s.transaction != nil:
		s.transaction.failed = true
	}
	return refusal
}

// Execute runs what the session has queued and answers an array of the replies. It passes the gate no more, and nothing comes
// in between: neither other commands nor the passing of time.
func (c *Call) Execute() {
	a, exec, args, mark, tx := c.actor, c.Command, c.Args, c.actor.mark, c.Session.transaction
	a.executing = true
	defer func() {
		a.executing = false
		c.Command, c.Args, a.mark = exec, args, mark
	}()
	c.Reply.Array(len(tx.queue))
	for tx.ran < len(tx.queue) {
		a.executeQueue(tx)
	}
}

// executeQueue runs commands until the queue is through or a handler panics, which is that command's fault only.
func (a *Actor) executeQueue(tx *transaction) {
	defer func() {
		if fault := recover(); fault != nil {
			a.answerPanic(fault)
		}
	}()
	c := &a.call
	for tx.ran < len(tx.queue) {
		req := &tx.queue[tx.ran]
		tx.ran++
		c.Command, c.Args = req.Command, req.Args
		a.mark = c.Reply.Mark()
		a.run(c)
	}
}
