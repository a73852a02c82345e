package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// pubsubSuite is how fast messages reach their subscribers.
var pubsubSuite = suite{
	name: "pubsub", title: "Pub/sub",
	what: `One client publishes messages of 64 bytes in pipelines of the given depth, and a thread reads what comes to all subscribers, from
the first request to the last byte. Delivered counts each message once for each subscriber; CPU is the server's time for each of those.
Both servers do the same in alternation; given are the medians over the rounds, and the ratio within them with the least and the greatest.
Busy is the share of the run for which the server, and the thread that reads, were on a processor: where the server is near 1 and the
reader is not, it is the server that is measured. One publisher waits for its replies, so that at a single subscriber neither need be.`,
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

const (
	publishedChannel = "channel"
	subscribedReply  = "*3\r\n$9\r\nsubscribe\r\n$7\r\nchannel\r\n:1\r\n"
)

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
	subscribers, err := gather(s, c.subscribers, appendRequest(nil, "SUBSCRIBE", publishedChannel), subscribedReply)
	if err != nil {
		return sample{}, err
	}
	defer subscribers.close()
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
		began, ended := time.Now(), make(chan heard, 1)
		go func() { ended <- hearMessages(ctx, subscribers, delivered) }()
		for sent := 0; sent < c.messages; sent += c.pipeline {
			for range c.pipeline {
				publisher.out = append(publisher.out, publishRequest...)
			}
			if err := publisher.exchange(c.pipeline); err != nil {
				return sample{}, err
			}
		}
		result := <-ended
		return sample{rps: float64(delivered) / time.Since(began).Seconds(), client: microseconds(result.busy)}, result.err
	})
}

// heard is how listening has ended, and what it took of a processor.
type heard struct {
	busy time.Duration
	err  error
}

// hearMessages waits until so many messages have come to all subscribers together.
func hearMessages(ctx context.Context, subscribers *crowd, messages int) heard {
	left := messages * publishedBytes
	busy, err := subscribers.hear(ctx, func() bool { return left <= 0 }, func(_ int, chunk []byte) error {
		left -= len(chunk)
		return nil
	})
	if err == nil && left < 0 {
		err = fmt.Errorf("%d bytes came that nobody published", -left)
	}
	return heard{busy, err}
}

// renderPubSub writes the table.
func renderPubSub(rows []pubsubRow, ours, theirs string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| subscribers | pipeline | delivered/s, %[1]s | delivered/s, %[2]s | ratio | CPU µs, %[1]s | CPU µs, %[2]s | ratio | "+
		"server busy, %[1]s | server busy, %[2]s | reader busy, %[1]s | reader busy, %[2]s |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n", ours, theirs)
	for _, row := range rows {
		speed, cost := compareRounds(row.ours, row.theirs, rps), compareRounds(row.ours, row.theirs, cpu)
		server, reader := compareRounds(row.ours, row.theirs, serverBusy), compareRounds(row.ours, row.theirs, clientBusy)
		fmt.Fprintf(&b, "| %d | %d | %.0f | %.0f | %s | %.2f | %.2f | %s | %.2f | %.2f | %.2f | %.2f |\n", row.subscribers, row.pipeline,
			speed.ours, speed.theirs, speed.ratio, cost.ours, cost.theirs, cost.ratio, server.ours, server.theirs, reader.ours, reader.theirs)
	}
	return b.String()
}

func pubsubVerdicts(rows []pubsubRow, reference string) (all []verdict) {
	for _, row := range rows {
		if row.subscribers == 1 { // the target is about many
			continue
		}
		ratio := compareRounds(row.ours, row.theirs, rps).ratio.median
		all = append(all, verdict{fmt.Sprintf("%d subscribers, pipeline %d: messages/s ≥ %s's", row.subscribers, row.pipeline, reference),
			figure(ratio, 3), ratio >= 1})
	}
	return all
}
