package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// crowd is many connections that one thread serves as cheaply as the system allows: Go's own poller would cost more for each
// message, and redis-benchmark cannot say what it is to wait for.
type crowd struct {
	sockets []int
	poll    int // epoll's descriptor
}

// gather connects so many clients. Each sends a greeting and waits until it is answered as expected, so that no server is asked
// for more connections at once than it can queue.
func gather(s *server, n int, greeting []byte, welcome string) (*crowd, error) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	c := &crowd{poll: poll}
	for i := range n {
		if err := c.add(s.port, greeting, welcome); err != nil {
			c.close()
			return nil, s.failure(fmt.Sprintf("connection %d of %d", i+1, n), err)
		}
	}
	return c, nil
}

// add connects one.
func (c *crowd) add(port int, greeting []byte, welcome string) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	c.sockets = append(c.sockets, socket)
	if err := unix.Connect(socket, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(socket, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return err
	}
	if _, err := unix.Write(socket, greeting); err != nil {
		return err
	}
	reply := make([]byte, len(welcome))
	for n := 0; n < len(reply); {
		step, err := unix.Read(socket, reply[n:])
		if err == nil && step == 0 {
			err = errors.New("the connection ends")
		}
		if err != nil {
			return err
		}
		n += step
	}
	if string(reply) != welcome {
		return fmt.Errorf("%q is answered %q", greeting, reply)
	}
	if err := unix.SetNonblock(socket, true); err != nil {
		return err
	}
	// Fd is what epoll hands back: here the number of the client, which says more than its descriptor.
	return unix.EpollCtl(c.poll, unix.EPOLL_CTL_ADD, socket, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(len(c.sockets) - 1)})
}

func (c *crowd) close() {
	for _, socket := range c.sockets {
		unix.Close(socket)
	}
	unix.Close(c.poll)
}

// hear hands over what comes to any client, until done. It returns the CPU time of its thread.
func (c *crowd) hear(ctx context.Context, done func() bool, heard func(client int, chunk []byte) error) (busy time.Duration, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := threadTime()
	if err != nil {
		return 0, err
	}
	buffer := make([]byte, 64<<10)
	events := make([]unix.EpollEvent, 256)
	for giveUp := time.Now().Add(wireTimeout); !done(); {
		n, err := unix.EpollWait(c.poll, events, 1000)
		switch {
		case err != nil && err != unix.EINTR:
			return 0, err
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case time.Now().After(giveUp):
			return 0, errors.New("some replies do not come")
		}
		for _, event := range events[:max(n, 0)] {
			n, err := unix.Read(c.sockets[event.Fd], buffer)
			switch {
			case n > 0:
				err = heard(int(event.Fd), buffer[:n])
			case n == 0:
				err = errors.New("a connection ended")
			case err == unix.EAGAIN, err == unix.EINTR:
				err = nil
			}
			if err != nil {
				return 0, err
			}
		}
	}
	after, err := threadTime()
	return after - before, err
}

// threadTime is what the calling thread has used of a processor.
func threadTime() (time.Duration, error) {
	var used unix.Rusage
	err := unix.Getrusage(unix.RUSAGE_THREAD, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), err
}

// dialogue is what a crowd says: each client sends a request, waits for its reply, and sends the next.
type dialogue struct {
	// request appends what a client sends in one write, number i of all, and returns the length of the reply. A reply may have
	// any content that is no error.
	request func(out []byte, client, i int) (_ []byte, reply int)
	// parked is how many requests wait for others that will not come any more when all is said.
	parked int
}

// converse has n requests answered.
func (c *crowd) converse(ctx context.Context, d dialogue, n int) (sample, error) {
	awaited := make([]int, len(c.sockets)) // bytes
	var out []byte
	sent, answered := 0, 0
	say := func(client int) error {
		if sent == n+d.parked {
			return nil
		}
		out, awaited[client] = d.request(out[:0], client, sent)
		sent++
		length, err := unix.Write(c.sockets[client], out)
		if err == nil && length < len(out) {
			err = errors.New("a request does not fit the socket's buffer")
		}
		return err
	}
	began := time.Now()
	for client := range c.sockets {
		if err := say(client); err != nil {
			return sample{}, err
		}
	}
	busy, err := c.hear(ctx, func() bool { return answered >= n }, func(client int, chunk []byte) error {
		awaited[client] -= len(chunk)
		switch {
		case awaited[client] < 0, chunk[0] == '-', bytes.Contains(chunk, []byte("\n-")):
			return fmt.Errorf("a reply is unexpected: %.200q", chunk)
		case awaited[client] > 0:
			return nil
		}
		answered++
		return say(client)
	})
	return sample{rps: float64(n) / time.Since(began).Seconds(), client: microseconds(busy)}, err
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
