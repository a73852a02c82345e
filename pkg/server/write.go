package server

import (
	"errors"
	"net"
	"os"
	"time"

	"snakecache/pkg/proto"
)

// writeStep is how many bytes a client must take within patience.write, or it is closed.
const writeStep = 256 << 10

// outboxRoom is how many bytes may wait in the outbox of a client that sends more requests.
const outboxRoom = 1 << 20

// send writes a reply, behind what somebody else is writing to the client if that is so. Replies to a client that gets pushes
// come by way of the outbox, and nothing is left of them here.
func (c *conn) send(r *proto.Reply) bool {
	if r.Len() == 0 {
		c.batch.RunErrands()
		return c.roomForMore()
	}
	if !c.out.writer.CompareAndSwap(nobodyWrites, somebodyWrites) {
		c.Reply(r)
		if c.Claim() {
			c.Flush()
		}
		c.batch.RunErrands()
		return c.roomForMore()
	}
	ok := c.write(r)
	c.handOver()
	return ok
}

// roomForMore waits until the client may send more requests, if it is to send any.
func (c *conn) roomForMore() bool { return c.ending.Load() || c.out.await(outboxRoom) }

// write sends the reply and reports whether the client took it: in one system call if the socket has room for it,
// else step by step. Behind the first call come the batch's errands.
func (c *conn) write(r *proto.Reply) bool {
	whole, ok := r.Bytes()
	if ok {
		whole = whole[c.socket.write(whole):]
	}
	c.batch.RunErrands()
	if ok {
		if len(whole) == 0 {
			return true
		}
		c.pieces = append(c.pieces[:0], whole)
	} else {
		c.pieces = r.Pieces(c.pieces[:0])
	}
	return c.writePieces(c.pieces)
}

// advance takes the first n bytes off the pieces, and those that are empty then.
func advance(pieces net.Buffers, n int) net.Buffers {
	for len(pieces) > 0 && n >= len(pieces[0]) {
		n -= len(pieces[0])
		pieces = pieces[1:]
	}
	if n > 0 {
		pieces[0] = pieces[0][n:]
	}
	return pieces
}

// writePieces sends the pieces, at most writeStep bytes at a time: what the socket takes at once, then what it has to be waited
// for. In one call a socket takes megabytes, but then they have left the processor's cache before the client reads them.
func (c *conn) writePieces(pieces net.Buffers) bool {
	defer clear(c.pieces)
	c.session.Unread.Store(int64(length(pieces)))
	defer c.session.Unread.Store(0)
	var step net.Buffers
	for len(pieces) > 0 {
		step, pieces = cutStep(step[:0], pieces)
		if rest := advance(step, c.socket.writev(step)); len(rest) > 0 && !c.writePatiently(rest, false) {
			return false
		}
		c.moved()
	}
	return true
}

// writePatiently sends the pieces and waits for the client to make room for them, for as long as it takes if forEver is true and
// the connection is not at its end. Whether it is, or is killed, is looked at behind setting the deadline, so that nobody
// else's is lost.
func (c *conn) writePatiently(pieces net.Buffers, forEver bool) bool {
	if forEver {
		c.nc.SetWriteDeadline(time.Time{})
	}
	if !forEver || c.ending.Load() {
		c.hurry()
	}
	if c.killed.Load() {
		return false
	}
	_, err := pieces.WriteTo(c.nc)
	return err == nil
}

// hurry gives whatever is being written so much time.
func (c *conn) hurry() { c.nc.SetWriteDeadline(time.Now().Add(c.server.waits.write)) }

// cutStep moves the first writeStep bytes of pieces to step. It shortens the piece that it cuts.
func cutStep(step, pieces net.Buffers) (_, rest net.Buffers) {
	for room := writeStep; room > 0 && len(pieces) > 0; {
		if piece := pieces[0]; len(piece) > room {
			pieces[0] = piece[room:]
			return append(step, piece[:room]), pieces
		}
		step = append(step, pieces[0])
		room -= len(pieces[0])
		pieces = pieces[1:]
	}
	return step, pieces
}

// lingerStep is how often linger looks whether it is over.
const lingerStep = 10 * time.Millisecond

// linger waits until the client has taken its last replies. To close a socket to which the client still sends makes the
// kernel throw away what is on its way back, in the middle of a reply.
func (c *conn) linger() {
	c.nc.CloseWrite()
	var unwanted [4 << 10]byte
	for end := time.Now().Add(c.server.waits.write); isUnsent(c.nc) && !c.killed.Load() && time.Now().Before(end); {
		c.nc.SetReadDeadline(time.Now().Add(lingerStep))
		if _, err := c.nc.Read(unwanted[:]); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}
