package server

import "sync/atomic"

// account tells the owner what memory the client's requests take, and room for replies to them.
func (c *conn) account() {
	waiting, memory := c.decoder.Buffered()
	s := c.session
	tell(&s.QueryBuffer, waiting)
	tell(&s.QueryRoom, memory-waiting)
	tell(&s.Arguments, c.decoder.HandedOut()+int(c.batch.Kept))
	tell(&s.ReplyBuffer, c.batch.Reply.Room())
}

// tell changes a figure that others read. Mostly it is what it was, and a store would cost more than a look.
func tell(figure *atomic.Int64, bytes int) {
	if n := int64(bytes); figure.Load() != n {
		figure.Store(n)
	}
}

// roomForRequest returns how long the next request may be beside what the client has queued for EXEC, 0 if there is no limit.
func (c *conn) roomForRequest() int64 {
	limit := c.server.limits.Load().MaxRequest
	if limit == 0 {
		return 0
	}
	return max(limit-c.batch.Queued, 1)
}

// hoards reports whether a client that is blocked may send more: what it sends ahead counts as one request does.
func (c *conn) hoards() bool {
	c.account()
	waiting, _ := c.decoder.Buffered()
	if room := c.roomForRequest(); room > 0 && int64(waiting)+c.batch.Kept > room {
		c.tooLong()
		return false
	}
	return c.goesOn()
}

// tooLong notes that the client is closed because of the length of its requests.
func (c *conn) tooLong() {
	c.server.tooLong.Add(1)
	c.server.log.Warn("client closed: its requests are longer than client-query-buffer-limit", "client", c.session.Addr)
}
