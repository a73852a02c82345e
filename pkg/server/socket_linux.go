package server

import (
	"net"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"snakecache/pkg/proto"
)

// confirmedReads is how many reads of a young connection are followed by one that only learns that there is nothing
// more. A half-close that arrives together with the last bytes is noticed at once by it; later, when that is rare,
// by the sweep within two seconds.
const confirmedReads = 16

// socket reads and writes the connection's descriptor directly. net.Conn enters and leaves the scheduler's
// system-call state for every call and reads once more after each request to learn that there is nothing: at
// pipeline 1 that is 12–20 % of the CPU time per command. recvfrom and sendto do the same as read and write without the
// layers of the file system, 5 % of it. It is valid only inside read's callback, which keeps the descriptor open.
type socket struct {
	fd   int
	wake int // SO_RCVLOWAT, 0 if it was never set
}

// read runs the connection until it ends. It stays inside one RawConn.Read callback: returning false from it waits
// until the descriptor is readable. The runtime's poller is edge-triggered and remembers an edge that came while
// nobody waited, so after a read that did not fill the room there is no need to read again; whatever came since is
// such an edge.
func (c *conn) read() {
	for !c.ended {
		if err := c.raw.Read(c.readable); err != nil && !c.nudged() {
			return
		}
	}
}

// readable reads and answers until the socket is empty. It returns false to be called again when there is more, and
// true when the connection ends.
func (c *conn) readable(fd uintptr) (leave bool) {
	c.socket.fd = int(fd)
	if !c.resumed() {
		c.ended = true
		return true
	}
	for {
		room := c.decoder.Room()
		n, errno := rawRead(fd, room)
		switch {
		case errno == syscall.EAGAIN && c.drained():
			return false
		case errno == syscall.EINTR:
			continue
		case errno != 0 || n == 0 || !c.received(n):
			c.ended = true
			return true
		}
		c.socket.wakeAt(c.decoder.Missing(), n)
		if n < len(room) && c.moves.Load() > confirmedReads && !c.releases && !c.server.draining.Load() {
			return false
		}
	}
}

const (
	wakeWorth = 128 << 10 // bytes missing from which on wakeAt pays for itself
	wakeMost  = 512 << 10
	wakeFlow  = 8 << 10 // bytes of one read that tell of a client that sends as fast as it can
)

// wakeAt has the connection wake when much of what is missing of a large argument has come, if the last read brought much: a
// SET of 1 MiB then takes 3 reads instead of 7, and ten clients have a quarter more requests/s. Should the rest be slow in
// coming, the sweep reads it.
func (s *socket) wakeAt(missing, n int) {
	wake := 1
	if missing >= wakeWorth && n >= wakeFlow {
		wake = min(missing, wakeMost)
	}
	if wake == max(s.wake, 1) {
		return
	}
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, wake) == nil {
		s.wake = wake
	}
}

// write sends what the socket takes without waiting and returns how many bytes that were. Errors show in the next
// ordinary write.
func (s socket) write(b []byte) int {
	if len(b) > writeStep {
		return 0
	}
	n, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
		uintptr(len(b)), syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// writeNow sends what the socket takes of a reply without waiting, and returns the rest. Unlike what socket does, any
// goroutine may call it. Errors show in the next ordinary write.
func (c *conn) writeNow(r *proto.Reply) (rest net.Buffers) {
	err := c.raw.Write(func(fd uintptr) bool {
		s := socket{fd: int(fd)}
		if whole, ok := r.Bytes(); ok {
			if n := s.write(whole); n < len(whole) {
				rest = net.Buffers{whole[n:]}
			}
			return true
		}
		rest = r.Pieces(nil)
		for n := 1; n > 0 && len(rest) > 0; {
			n = s.writev(rest)
			rest = advance(rest, n)
		}
		return true
	})
	if err != nil { // the connection is closed, or being killed
		return r.Pieces(nil)
	}
	return rest
}

// writevLimit is how many pieces go into one system call.
const writevLimit = 64

// writev is write for a reply in pieces, which is long: the call tells the scheduler that it may take its time.
func (s socket) writev(pieces [][]byte) int {
	n, err := unix.SendmsgBuffers(s.fd, pieces[:min(len(pieces), writevLimit)], nil, nil, unix.MSG_NOSIGNAL)
	if err != nil {
		return 0
	}
	return n
}

func rawRead(fd uintptr, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))),
		uintptr(len(b)), 0, 0, 0)
	return int(n), errno
}

// isUnsent reports whether the client's kernel has not confirmed all bytes written to the connection.
func isUnsent(nc *net.TCPConn) (unsent bool) {
	raw, err := nc.SyscallConn()
	if err != nil {
		return false
	}
	raw.Control(func(fd uintptr) {
		n, err := unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
		unsent = err == nil && n > 0
	})
	return unsent
}

// setBacklog makes the kernel's queue of connections that nobody has accepted yet as long as asked for; Go's own
// listen takes the system's maximum. Linux lets listen be called again for that.
func setBacklog(l *net.TCPListener, backlog int) error {
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = unix.Listen(int(fd), backlog) }); err != nil {
		return err
	}
	return failed
}

// isUnavailable reports whether listening failed because this machine does not have the address.
func isUnavailable(err error) bool {
	return errorIsAny(err, unix.EADDRNOTAVAIL, unix.EAFNOSUPPORT, unix.ENOPROTOOPT, unix.EPROTONOSUPPORT)
}

// fileLimit returns how many descriptors the process may have open.
func fileLimit() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 1 << 20
	}
	return int(min(limit.Cur, 1<<30))
}
