package actortest

import (
	"bytes"
	"fmt"
	"sync/atomic"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// Client is a connection without a network. One goroutine uses it at a time.
type Client struct {
	engine  *Engine
	session *actor.Session
	batch   *actor.Batch
	killed  atomic.Bool // set by the owner
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
	c := &Client{engine: e}
	c.session = e.NewSession((*link)(c), "127.0.0.1:50000", "127.0.0.1:6379", true)
	c.batch = actor.NewBatch(c.session)
	return c
}

// link is the client as its session sees it.
type link Client

func (l *link) Kill() { l.killed.Store(true) }

// Send sends requests as one pipeline and returns all that came back. Nothing comes back once the client is closed.
func (c *Client) Send(requests ...proto.Args) []byte {
	if c.Closed() {
		return nil
	}
	table := c.engine.Table()
	c.batch.Reset()
	for _, args := range requests {
		c.batch.Requests = append(c.batch.Requests, actor.Request{Command: table.Lookup(args), Args: args})
		c.batch.BytesIn += len(proto.AppendCommand(nil, args...))
	}
	var reply []byte
	for {
		c.engine.Submit(c.batch)
		reply = append(reply, bytes.Join(c.batch.Reply.Pieces(nil), nil)...)
		if c.batch.Done() {
			break
		}
		c.batch.Reply.Reset()
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
	if c.killed.Load() {
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
