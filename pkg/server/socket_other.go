//go:build !linux

package server

import (
	"errors"
	"net"
	"os"
	"syscall"

	"snakecache/pkg/proto"
)

// socket has no quick way on this system; all writing goes through net.Conn.
type socket struct{}

func (socket) write([]byte) int    { return 0 }
func (socket) writev([][]byte) int { return 0 }

// writeNow sends nothing here: the rest is written by a goroutine that waits for the client.
func (c *conn) writeNow(r *proto.Reply) net.Buffers { return r.Pieces(nil) }

// read runs the connection until it ends.
func (c *conn) read() {
	for !c.ended {
		n, err := c.nc.Read(c.decoder.Room())
		if n > 0 && !c.received(n) {
			return
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if !c.nudged() || !c.resumed() || !c.drained() {
				return
			}
		} else if err != nil {
			return
		}
	}
}

// isUnsent is not known here: the last replies may be lost if the client goes on sending.
func isUnsent(*net.TCPConn) bool { return false }

// setBacklog leaves the system's maximum in place.
func setBacklog(*net.TCPListener, int) error { return nil }

func isUnavailable(err error) bool {
	return errorIsAny(err, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT)
}

func fileLimit() int { return 1 << 20 }
