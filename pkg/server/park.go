package server

// A blocked client's connection is parked: it goes on reading, to notice when the client is gone, but what it reads waits.
const (
	running        int32 = iota
	parked               // and nothing waits
	parkedWithWork       // Resume must wake the connection
)

// Park and Resume are the owner's; see actor.Link.
func (c *conn) Park() { c.parking.Store(parked) }

// Resume wakes the connection if it has something to do.
func (c *conn) Resume() {
	if c.parking.Swap(running) == parkedWithWork {
		c.nudge()
	}
}

// isParked reports whether the client is blocked. If it is, Resume is going to wake the connection.
func (c *conn) isParked() bool {
	return c.parking.CompareAndSwap(parked, parkedWithWork) || c.parking.Load() == parkedWithWork
}

// remains keeps what is left of a batch one of whose requests blocked the client. It reports whether the connection is to
// wait, which it is not if there is something left and the client is no longer blocked.
func (c *conn) remains() bool {
	c.batch.Keep()
	c.decoder.Reset()
	c.account()
	waiting, _ := c.decoder.Buffered()
	if len(c.batch.Requests) == 0 && c.broken == nil && waiting == 0 {
		return true
	}
	c.stalled = c.isParked()
	return c.stalled
}

// resumed answers what waited while the client was blocked, if it no longer is. It reports whether the connection goes on.
func (c *conn) resumed() bool {
	if !c.stalled || c.isParked() {
		return true
	}
	c.stalled = false
	return c.proceed()
}
