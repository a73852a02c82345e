package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// pubsubSuite is how fast messages reach their subscribers.
var pubsubSuite = suite{
	name: "pubsub", title: "Pub/sub",
	what: `One client publishes messages of 64 bytes in pipelines of the given depth, and a thread reads what comes to all subscribers, from
the first request to the last byte. Delivered counts each message once for each subscriber; CPU is the server's time for each of those.
Both servers do the same in alternation; given are the medians over the rounds, and the ratio within them with the least and the greatest.`,
	measure: func(ctx context.Context, s setup) (section, error) { return measurePubSub(ctx, s, pubsubCases) },
}

// pubsubCase is one row of the table.
type pubsubCase struct {
	subscribers, pipeline, messages int
}

var pubsubCases = []pubsubCase{
	{1000, 1, 400},
	{1000, 16, 1600},
	{1, 1, 20_000},
	{1, 64, 200_000},
}

const publishedChannel = "channel"

var (
	publishRequest = appendRequest(nil, "PUBLISH", publishedChannel, values[:64])
	publishedBytes = len(appendRequest(nil, "message", publishedChannel, values[:64]))
)

// pubsubRow is what a case has shown in each round.
type pubsubRow struct {
	pubsubCase
	ours, theirs []sample
}

func measurePubSub(ctx context.Context, s setup, cases []pubsubCase) (section, error) {
	ours, theirs, stop, err := startBoth(ctx, s.dir, s.subject, s.reference)
	if err != nil {
		return section{}, err
	}
	defer stop()
	var rows []pubsubRow
	for _, c := range cases {
		row := pubsubRow{pubsubCase: c}
		for round := range s.rounds {
			err := inTurn(round, ours, theirs, func(server *server) error {
				run, err := c.measure(ctx, server)
				if server == ours {
					row.ours = append(row.ours, run)
				} else {
					row.theirs = append(row.theirs, run)
				}
				return err
			})
			if err != nil {
				return section{}, err
			}
		}
		progress("pubsub, %d subscribers, pipeline %d: %s", c.subscribers, c.pipeline, compareRounds(row.ours, row.theirs, rps).ratio)
		rows = append(rows, row)
	}
	return section{renderPubSub(rows, s.subject.label, s.reference.label), pubsubVerdicts(rows, s.reference.label)}, nil
}

// measure subscribes and publishes.
func (c pubsubCase) measure(ctx context.Context, s *server) (sample, error) {
	a, err := c.subscribe(s)
	if err != nil {
		return sample{}, s.failure("SUBSCRIBE", err)
	}
	defer a.close()
	publisher, err := dialWire(ctx, s.addr)
	if err != nil {
		return sample{}, s.failure("PUBLISH", err)
	}
	defer publisher.close()
	if err := s.settled(ctx, 2*time.Second); err != nil {
		return sample{}, err
	}
	delivered := c.messages * c.subscribers
	return s.costing("PUBLISH", delivered, func() (sample, error) {
		began, heard := time.Now(), make(chan error, 1)
		go func() { heard <- a.hear(ctx, delivered*publishedBytes) }()
		for sent := 0; sent < c.messages; sent += c.pipeline {
			for range c.pipeline {
				publisher.out = append(publisher.out, publishRequest...)
			}
			if err := publisher.exchange(c.pipeline); err != nil {
				return sample{}, err
			}
		}
		err := <-heard
		return sample{rps: float64(delivered) / time.Since(began).Seconds()}, err
	})
}

// listeners are the subscribers' sockets, read by one thread as cheaply as the system allows.
type listeners struct {
	sockets []int
	poll    int // epoll's descriptor
}

// subscribe connects all subscribers.
func (c pubsubCase) subscribe(s *server) (*listeners, error) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	a := &listeners{poll: poll}
	for range c.subscribers {
		if err := a.add(s.port); err != nil {
			a.close()
			return nil, err
		}
	}
	return a, nil
}

// add connects one, without what Go's own poller would cost for each message.
func (a *listeners) add(port int) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	a.sockets = append(a.sockets, socket)
	if err := unix.Connect(socket, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	if _, err := unix.Write(socket, appendRequest(nil, "SUBSCRIBE", publishedChannel)); err != nil {
		return err
	}
	reply := make([]byte, len("*3\r\n$9\r\nsubscribe\r\n$7\r\nchannel\r\n:1\r\n"))
	for n := 0; n < len(reply); {
		step, err := unix.Read(socket, reply[n:])
		if err != nil || step == 0 {
			return fmt.Errorf("SUBSCRIBE is answered by %q: %w", reply[:n], err)
		}
		n += step
	}
	if err := unix.SetNonblock(socket, true); err != nil {
		return err
	}
	return unix.EpollCtl(a.poll, unix.EPOLL_CTL_ADD, socket, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(socket)})
}

// hear reads so many bytes from all of them together.
func (a *listeners) hear(ctx context.Context, bytes int) error {
	var buffer [64 << 10]byte
	var events [256]unix.EpollEvent
	for giveUp := time.Now().Add(wireTimeout); bytes > 0; {
		n, err := unix.EpollWait(a.poll, events[:], 1000)
		switch {
		case err != nil && err != unix.EINTR:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(giveUp):
			return fmt.Errorf("%d bytes of messages do not come", bytes)
		}
		for _, event := range events[:max(n, 0)] {
			n, err := unix.Read(int(event.Fd), buffer[:])
			switch {
			case n > 0:
				bytes -= n
			case err != unix.EAGAIN && err != unix.EINTR:
				return fmt.Errorf("a subscriber's connection ended: %w", err)
			}
		}
	}
	if bytes < 0 {
		return fmt.Errorf("%d bytes came that nobody published", -bytes)
	}
	return nil
}

func (a *listeners) close() {
	for _, socket := range a.sockets {
		unix.Close(socket)
	}
	unix.Close(a.poll)
}

// renderPubSub writes the table.
func renderPubSub(rows []pubsubRow, ours, theirs string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| subscribers | pipeline | delivered/s, %[1]s | delivered/s, %[2]s | ratio | CPU µs, %[1]s | CPU µs, %[2]s | ratio |\n"+
		"|---|---|---|---|---|---|---|---|\n", ours, theirs)
	for _, row := range rows {
		speed, cost := compareRounds(row.ours, row.theirs, rps), compareRounds(row.ours, row.theirs, cpu)
		fmt.Fprintf(&b, "| %d | %d | %.0f | %.0f | %s | %.2f | %.2f | %s |\n", row.subscribers, row.pipeline,
			speed.ours, speed.theirs, speed.ratio, cost.ours, cost.theirs, cost.ratio)
	}
	return b.String()
}

func pubsubVerdicts(rows []pubsubRow, reference string) (all []verdict) {
	for _, row := range rows {
		ratio := compareRounds(row.ours, row.theirs, rps).ratio.median
		all = append(all, verdict{fmt.Sprintf("%d subscribers, pipeline %d: messages/s ≥ %s's", row.subscribers, row.pipeline, reference),
			figure(ratio, 3), ratio >= 1})
	}
	return all
}
