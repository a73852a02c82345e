package actortest

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// Client is a connection without a network. One goroutine uses it at a time.
type Client struct {
	engine  *Engine
	session *actor.Session
	batch   *actor.Batch
	link    *link
	closed  bool
}

// Connect returns a client that speaks proto.RESP2 or proto.RESP3 from its first request on.
func (e *Engine) Connect(dialect int) *Client {
	c := newClient(e)
	c.session.Protocol = dialect
	e.Attach(c.session)
	return c
}

func newClient(e *Engine) *Client {
	c := &Client{engine: e, link: &link{}}
	c.session = e.NewSession(c.link, "127.0.0.1:50000", "127.0.0.1:6379", true)
	c.batch = actor.NewBatch(c.session)
	return c
}

// ID returns the client's number.
func (c *Client) ID() uint64 { return c.session.ID }

// link is the client as its session sees it.
type link struct {
	killed atomic.Bool

	mu     sync.Mutex // guards what follows
	queued []byte
	pushed int
	parked bool
}

func (l *link) Kill() { l.killed.Store(true) }

func (l *link) Reply(r *proto.Reply) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queued = append(l.queued, bytes.Join(r.Pieces(nil), nil)...)
}

func (l *link) Push(b []byte) (waiting int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queued = append(l.queued, b...)
	l.pushed += len(b)
	return l.pushed
}

// Claim, Write and Flush do nothing: bytes wait until the test takes them, as if the client did not read before.
func (l *link) Claim() bool { return true }
func (l *link) Write()      {}
func (l *link) Flush()      {}

func (l *link) Waiting() (n, pushed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queued), l.pushed
}

func (l *link) Park()   { l.park(true) }
func (l *link) Resume() { l.park(false) }

func (l *link) park(parked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parked = parked
}

func (l *link) isParked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.parked
}

// take returns what was queued since it was called before.
func (l *link) take() (queued []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	queued, l.queued, l.pushed = l.queued, nil, 0
	return queued
}

// Parked reports whether the client is blocked, as far as what was sent before has been handled.
func (c *Client) Parked() bool {
	c.engine.settled()
	return c.link.isParked()
}

// Received returns what was sent to the client beside the replies that Send returned: pushes, and replies that came when
// it was blocked. What it had sent while it was blocked is submitted now, if it no longer is.
func (c *Client) Received() []byte {
	c.engine.settled()
	received := c.link.take()
	if !c.batch.Done() && !c.link.isParked() && !c.Closed() {
		received = append(received, c.submit()...)
	}
	return received
}

// Send sends requests as one pipeline and returns all that came back. Nothing comes back once the client is closed. Behind a
// request that blocks the client the others wait, as those do which it sends when it is blocked; see Received.
func (c *Client) Send(requests ...proto.Args) []byte {
	if c.Closed() {
		return nil
	}
	table := c.engine.Table()
	if c.batch.Done() {
		c.batch.Reset()
	}
	for _, args := range requests {
		c.batch.Requests = append(c.batch.Requests, actor.Request{Command: table.Lookup(args), Args: args})
		c.batch.BytesIn += len(proto.AppendCommand(nil, args...))
	}
	received := c.link.take()
	if c.link.isParked() {
		return received
	}
	return append(received, c.submit()...)
}

// submit has the batch run until it is through or blocks the client, and returns what came back.
func (c *Client) submit() []byte {
	var reply []byte
	for {
		c.batch.Reply.Reset()
		c.engine.Submit(c.batch)
		c.batch.RunErrands()
		reply = append(reply, bytes.Join(c.batch.Reply.Pieces(nil), nil)...)
		reply = append(reply, c.link.take()...)
		if c.batch.Done() || c.batch.Parked {
			break
		}
	}
	if c.batch.Close {
		c.Close()
	}
	return reply
}

// Do sends one request and returns its reply. It fails the test unless that is exactly one well-formed value.
func (c *Client) Do(words ...string) proto.Value {
	c.engine.t.Helper()
	args := make(proto.Args, len(words))
	for i, word := range words {
		args[i] = []byte(word)
	}
	value, err := ReadOne(c.Send(args))
	if err != nil {
		c.engine.t.Fatalf("%q: %v", words, err)
	}
	return value
}

// ReadOne reads bytes that must be one reply and nothing else.
func ReadOne(reply []byte) (proto.Value, error) {
	rest := bytes.NewReader(reply)
	r := proto.NewValueReader(rest, len(reply))
	value, err := r.Read()
	if err == nil && r.Buffered()+rest.Len() > 0 {
		err = fmt.Errorf("more than one value: %q", reply)
	}
	return value, err
}

// Closed reports whether the server has closed the client.
func (c *Client) Closed() bool {
	if c.link.killed.Load() {
		c.Close()
	}
	return c.closed
}

// Close ends the client.
func (c *Client) Close() {
	if !c.closed {
		c.closed = true
		c.engine.Detach(c.session)
	}
}
