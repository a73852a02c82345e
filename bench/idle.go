package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// holdArgument makes this program the process that holds idle connections; see hold.
const holdArgument = "hold-idle-connections"

// idleMemory is what a connection costs that has said one PING and then nothing more.
type idleMemory struct {
	label       string
	connections int
	bytes       float64 // resident bytes of the server per connection
}

// measureIdle measures each program in a fresh process: memory that a load has left free would hide the connections' own.
func measureIdle(ctx context.Context, n int, dir string, programs ...program) ([]idleMemory, error) {
	var results []idleMemory
	for _, p := range programs {
		bytes, err := p.idleBytes(ctx, n, dir)
		if err != nil {
			return nil, err
		}
		progress("%d idle connections, %s: %.0f bytes each", n, p.label, bytes)
		results = append(results, idleMemory{p.label, n, bytes})
	}
	return results, nil
}

// idleBytes is the growth of a server's resident memory with n idle connections, divided by n.
func (p program) idleBytes(ctx context.Context, n int, dir string) (float64, error) {
	s, err := p.start(ctx, dir)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	before, err := s.settledMemory(ctx)
	if err != nil {
		return 0, err
	}
	release, err := holdElsewhere(ctx, s.addr, n)
	if err != nil {
		return 0, s.failure("idle connections", err)
	}
	defer release()
	after, err := s.settledMemory(ctx)
	return float64(after-before) / float64(n), err
}

// settledMemory is the resident memory once it has kept still, to 64 KiB, for half a second; at most 5 s are waited.
func (s *server) settledMemory(ctx context.Context) (int64, error) {
	return settle(ctx, 5*time.Second, 100*time.Millisecond, 5, 64<<10, func() (int64, error) {
		return residentBytes(s.cmd.Process.Pid)
	})
}

// holdElsewhere opens n connections from a process of its own, since client and server ends in one process would share
// one limit of descriptors. They stay open until release is called, or this process ends for whatever reason: the
// child lives as long as its standard input.
func holdElsewhere(ctx context.Context, addr string, n int) (release func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, holdArgument, addr, strconv.Itoa(n))
	var complaint strings.Builder
	cmd.Stderr = &complaint
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	release = func() {
		stdin.Close()
		cmd.Wait()
	}
	// The child says it is ready or ends; either way this read returns.
	if line, _ := bufio.NewReader(stdout).ReadString('\n'); line != readyLine {
		release()
		return nil, errors.New(strings.TrimSpace(complaint.String()))
	}
	return release, nil
}

// readyLine is what the holding process prints when every connection has had its PONG.
const readyLine = "ready\n"

// hold is the child's work: open the connections, PING once on each, say so, and keep them until standard input ends.
func hold(addr, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	held := make([]net.Conn, 0, n)
	for i := range n {
		conn, err := dialAndPing(addr)
		if err != nil {
			return fmt.Errorf("connection %d of %d: %w", i+1, n, err)
		}
		held = append(held, conn)
	}
	fmt.Print(readyLine)
	_, err = io.Copy(io.Discard, os.Stdin)
	for _, conn := range held {
		conn.Close()
	}
	return err
}

// dialAndPing opens a connection that has spoken once: whatever a server allocates at the first command is counted.
func dialAndPing(addr string) (net.Conn, error) {
	const request, pong = "*1\r\n$4\r\nPING\r\n", "+PONG\r\n"
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	reply := make([]byte, len(pong))
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err = io.WriteString(conn, request); err == nil {
		_, err = io.ReadFull(conn, reply)
	}
	if err == nil && string(reply) != pong {
		err = fmt.Errorf("PING was answered %q", reply)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, conn.SetDeadline(time.Time{})
}
