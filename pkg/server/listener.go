package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"snakecache/pkg/proto"
)

// Listen opens the sockets on which Serve accepts clients; see the function of that name.
func (s *Server) Listen(bind []string, port, backlog int) (err error) {
	s.listeners, err = Listen(bind, port, backlog)
	return err
}

// Listen opens the listening sockets for the addresses of Redis' bind parameter: "*" is every IPv4 address, "::*"
// every IPv6 one, and "-" before an address lets it be missing on this machine.
func Listen(bind []string, port, backlog int) (listeners []net.Listener, err error) {
	for _, address := range bind {
		host, optional := strings.CutPrefix(address, "-")
		l, err := listen(host, port, backlog)
		if optional && isUnavailable(err) {
			continue
		}
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			return nil, fmt.Errorf("cannot listen on %s port %d: %w", host, port, err)
		}
		listeners = append(listeners, l)
	}
	if len(listeners) == 0 {
		return nil, fmt.Errorf("no address to listen on in %q", strings.Join(bind, " "))
	}
	return listeners, nil
}

// Addrs returns what the server listens on.
func (s *Server) Addrs() []net.Addr {
	var addrs []net.Addr
	for _, l := range s.listeners {
		addrs = append(addrs, l.Addr())
	}
	return addrs
}

func listen(host string, port, backlog int) (net.Listener, error) {
	network := "tcp"
	switch host {
	case "*":
		network, host = "tcp4", "0.0.0.0"
	case "::*":
		network, host = "tcp6", "::"
	}
	config := net.ListenConfig{KeepAlive: -1} // set for each connection, from a parameter that can change
	l, err := config.Listen(context.Background(), network, net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	return l, setBacklog(l.(*net.TCPListener), backlog)
}

const (
	shortestBackoff = 10 * time.Millisecond
	longestBackoff  = time.Second
)

// accept takes connections until the listener closes. After an error, out of descriptors mostly, it waits longer
// and longer instead of spinning.
func (s *Server) accept(l net.Listener) {
	backoff := shortestBackoff
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			backoff = shortestBackoff
			s.admit(nc.(*net.TCPConn))
		case errors.Is(err, net.ErrClosed):
			return
		default:
			s.log.Warn("cannot accept a connection", "error", err, "wait", backoff)
			select {
			case <-time.After(backoff):
			case <-s.done:
				return
			}
			backoff = min(2*backoff, longestBackoff)
		}
	}
}

// admit starts a connection, or tells the client why not.
func (s *Server) admit(nc *net.TCPConn) {
	limits := s.limits.Load()
	local := isLoopback(nc.RemoteAddr())
	if reason := limits.refusal(s.clients(), local); reason != "" {
		s.refuse(nc, reason)
		return
	}
	setKeepAlive(nc, limits.KeepAlive)
	s.open(nc, limits, local)
}

// refusal says why one client more is not let in, or nothing.
func (l *Limits) refusal(clients int, local bool) proto.Error {
	switch {
	case clients >= l.MaxClients:
		return proto.ErrMaxClients
	case l.Protected && !local:
		return proto.ErrProtected
	}
	return ""
}

// refuse answers an error and closes. The text fits into any socket's buffer, so the deadline only guards against
// the impossible.
func (s *Server) refuse(nc net.Conn, reason proto.Error) {
	s.rejected.Add(1)
	var reply proto.Reply
	reply.Err(reason)
	text, _ := reply.Bytes()
	nc.SetWriteDeadline(time.Now().Add(refuseTimeout))
	nc.Write(text)
	nc.Close()
}

// setKeepAlive has dead peers found after twice the interval at most, as Redis does.
func setKeepAlive(nc *net.TCPConn, interval time.Duration) {
	nc.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: interval > 0, Idle: interval, Interval: max(interval/3, time.Second), Count: 3,
	})
}

func isLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

func errorIsAny(err error, targets ...error) bool {
	return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
}
