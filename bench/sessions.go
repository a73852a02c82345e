package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// The shape of the load of sessions.
const (
	transactionLength = 10     // commands between MULTI and EXEC
	crowdSize         = 10_000 // connections of a server that has many
	crowdSpare        = 100    // more that a server may have, for those that are not counted
	crowdSeconds      = 4      // runs beside the crowd are so much longer than others: each of its members has its turn several times
)

// sessionsSuite is what belongs to connections rather than to keys: transactions, blocking, and their number.
var sessionsSuite = suite{
	name: "sessions", title: "Sessions",
	what: fmt.Sprintf(`One thread sends the requests of all clients and reads the replies. A transaction is MULTI, %d commands (SET, GET and INCR in turn, of
random keys with values of %d bytes) and EXEC; the pipeline's depth is the number of transactions in one write. In the ping-pong, %d pairs
of clients hand jobs to each other: each pushes one by LPUSH onto its partner's list and waits by BLPOP at its own, both in one write, so
that every pop blocks and is woken by a push. The last table is GET without pipelines, by few clients alone, by as many while others
are connected that say nothing, and by many at once. Both servers are loaded in alternation; a ratio is that of one round, given are the median
and, in parentheses, the least and the greatest. CPU is the server's. Client busy is the share of the run for which the loading thread was
on a processor: near 1 it is the client that is measured.`, transactionLength, valueBytes, connections/2),
	measure: func(ctx context.Context, s setup) (section, error) { return measureSessions(ctx, s, crowdSize) },
}

// sessionsRows are what is measured as the load is, each at its depth.
var sessionsRows = []struct {
	workload
	pipeline int
	unit     string
	target   bool
}{
	{workload{name: "MULTI/EXEC", fill: fillTransactions, send: sendTransactions}, 1, "transactions", true},
	{workload{name: "MULTI/EXEC", fill: fillTransactions, send: sendTransactions}, 16, "transactions", true},
	{workload{name: "BLPOP/LPUSH ping-pong", fill: fillNothing, send: sendPingPong}, 1, "jobs", false},
}

// measureSessions measures the rows, and then GET with so many connections.
func measureSessions(ctx context.Context, s setup, many int) (section, error) {
	ours, theirs, stop, err := startBoth(ctx, s.dir, s.subject, s.reference)
	if err != nil {
		return section{}, err
	}
	defer stop()
	var cells []cell
	for _, row := range sessionsRows {
		c, err := measureCell(ctx, s.load, ours, theirs, row.workload, row.pipeline)
		if err != nil {
			return section{}, err
		}
		progress("%s, pipeline %d: %s", row.name, row.pipeline, c.ratio(rps))
		cells = append(cells, c)
	}
	connected, err := measureConnected(ctx, s, ours, theirs, many)
	if err != nil {
		return section{}, err
	}
	markdown := renderSessions(cells, s) + renderConnected(connected, s)
	return section{markdown, append(sessionsVerdicts(cells, s.reference.label), connectedVerdicts(connected)...)}, nil
}

// greet gathers clients that have said PING once, as those do which a server has taken in.
func greet(s *server, n int) (*crowd, error) {
	return gather(s, n, appendRequest(nil, "PING"), "+PONG\r\n")
}

// firstCounter gives all counters, and so all replies to INCR, the same length.
const firstCounter = "1000000000"

// fillTransactions makes the keys and the counters.
func fillTransactions(ctx context.Context, s *server, _ int) error {
	return s.sendAll(ctx, fill(func(out []byte, i int) []byte {
		if i < keyspace {
			return appendSet(out, i, valueBytes)
		}
		return appendRequest(out, "SET", decimals[i-keyspace], firstCounter)
	}), 2*keyspace)
}

// sendTransactions sends n transactions.
func sendTransactions(ctx context.Context, s *server, pipeline, n int) (sample, error) {
	clients, err := greet(s, connections)
	if err != nil {
		return sample{}, err
	}
	defer clients.close()
	result, err := clients.converse(ctx, dialogue{request: func(out []byte, _, i int) ([]byte, int) {
		for t := range pipeline {
			out = appendTransaction(out, i*pipeline+t)
		}
		return out, pipeline * len(transactionReply)
	}}, n/pipeline)
	result.rps *= float64(pipeline)
	return result, err
}

// appendTransaction appends number i.
func appendTransaction(out []byte, i int) []byte {
	out = appendRequest(out, "MULTI")
	for step := range transactionLength {
		key := int(scatter(i*transactionLength+step) % keyspace)
		switch step % 3 {
		case 0:
			out = appendSet(out, key, valueBytes)
		case 1:
			out = appendGet(out, key)
		default:
			out = appendRequest(out, "INCR", decimals[key])
		}
	}
	return appendRequest(out, "EXEC")
}

// transactionReply is as long as every transaction's reply.
var transactionReply = func() string {
	stored, read, counted := "+OK\r\n", getReply, ":"+firstCounter+"\r\n"
	reply := "+OK\r\n" + strings.Repeat("+QUEUED\r\n", transactionLength) + fmt.Sprintf("*%d\r\n", transactionLength)
	for step := range transactionLength {
		reply += []string{stored, read, counted}[step%3]
	}
	return reply
}()

var getReply = fmt.Sprintf("$%d\r\n%s\r\n", valueBytes, values[:valueBytes])

// sendPingPong has n jobs handed over. The second client of each pair begins by waiting.
func sendPingPong(ctx context.Context, s *server, _, n int) (sample, error) {
	const pushed, popped = ":1\r\n", "*2\r\n$7\r\nlist:00\r\n$3\r\njob\r\n"
	clients, err := greet(s, connections)
	if err != nil {
		return sample{}, err
	}
	defer clients.close()
	lists := make([]string, connections)
	for i := range lists {
		lists[i] = fmt.Sprintf("list:%02d", i)
	}
	return clients.converse(ctx, dialogue{parked: connections / 2, request: func(out []byte, client, i int) ([]byte, int) {
		if second := client%2 == 1; second && i < connections {
			return appendRequest(out, "BLPOP", lists[client], "0"), len(popped)
		}
		out = appendRequest(out, "LPUSH", lists[client^1], "job")
		return appendRequest(out, "BLPOP", lists[client], "0"), len(pushed) + len(popped)
	}}, n)
}

func renderSessions(cells []cell, s setup) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%[1]d rounds.\n\n| | pipeline | per second | %[2]s | %[3]s | CPU | CPU µs, %[2]s | CPU µs, %[3]s | client busy, %[2]s | client busy, %[3]s |\n"+
		"|---|---|---|---|---|---|---|---|---|---|\n", s.rounds, s.subject.label, s.reference.label)
	for i, c := range cells {
		speed, itsSpeed := c.medians(rps)
		cost, itsCost := c.medians(cpu)
		client, itsClient := c.medians(clientBusy)
		fmt.Fprintf(&b, "| %s, %s | %d | %s | %.0f | %.0f | %s | %s | %s | %.2f | %.2f |\n", c.command, sessionsRows[i].unit, c.pipeline,
			c.ratio(rps), speed, itsSpeed, c.ratio(cpu), figure(cost, 2), figure(itsCost, 2), client, itsClient)
	}
	return b.String()
}

func sessionsVerdicts(cells []cell, reference string) (all []verdict) {
	for i, c := range cells {
		if row := sessionsRows[i]; row.target {
			ratio := c.ratio(rps).median
			all = append(all, verdict{fmt.Sprintf("%s of %d commands, pipeline %d: %s/s ≥ %s's", c.command, transactionLength, c.pipeline, row.unit, reference),
				figure(ratio, 3), ratio >= 1})
		}
	}
	return all
}

// connectedRow is GET by so many clients while others are connected, and what each round has shown.
type connectedRow struct {
	active, idle int
	ours, theirs []sample
}

// connectedTarget is the least share of the few clients' figure that is left with many connections.
const connectedTarget = 0.9

// measureConnected loads one server with every row and then the other, in turn: a row is compared with the first of
// its server's in its round.
func measureConnected(ctx context.Context, s setup, ours, theirs *server, many int) ([]connectedRow, error) {
	rows := []connectedRow{{active: connections}, {active: connections, idle: many}, {active: many}}
	get := workload{name: "GET", fill: fillValues, send: sendGets}
	load := s.load
	load.seconds *= crowdSeconds
	n, err := calibrate(ctx, load, ours, theirs, get, 1)
	if err != nil {
		return nil, err
	}
	for _, server := range []*server{ours, theirs} {
		if err := server.rdb.ConfigSet(ctx, "maxclients", fmt.Sprint(connections+many+crowdSpare)).Err(); err != nil {
			return nil, server.failure("CONFIG SET maxclients", err)
		}
		if err := get.prepare(ctx, server, n); err != nil {
			return nil, err
		}
	}
	for round := range s.rounds {
		err := inTurn(round, ours, theirs, func(server *server) error {
			for i := range rows {
				run, err := rows[i].measure(ctx, server, n)
				if err != nil {
					return err
				}
				if server == ours {
					rows[i].ours = append(rows[i].ours, run)
				} else {
					rows[i].theirs = append(rows[i].theirs, run)
				}
				progress("%s, %d clients, %d others: %.0f GET/s", server.label, rows[i].active, rows[i].idle, run.rps)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// measure sends n GETs. Connections are made before and ended behind the figures.
func (r connectedRow) measure(ctx context.Context, s *server, n int) (sample, error) {
	if r.idle > 0 {
		release, err := holdElsewhere(ctx, s.addr, r.idle)
		if err != nil {
			return sample{}, s.failure("idle connections", err)
		}
		defer release()
	}
	clients, err := greet(s, r.active)
	if err != nil {
		return sample{}, err
	}
	defer clients.close()
	if err := s.settled(ctx, 2*time.Second); err != nil {
		return sample{}, err
	}
	return s.costing("GET", n, func() (sample, error) { return clients.get(ctx, n) })
}

// fillValues makes the keys, with the values that are expected.
func fillValues(ctx context.Context, s *server, _ int) error {
	return s.sendAll(ctx, fill(func(out []byte, i int) []byte { return appendSet(out, i, valueBytes) }), keyspace)
}

// sendGets is get with clients of its own.
func sendGets(ctx context.Context, s *server, _, n int) (sample, error) {
	clients, err := greet(s, connections)
	if err != nil {
		return sample{}, err
	}
	defer clients.close()
	return clients.get(ctx, n)
}

// get sends n GETs of random keys.
func (c *crowd) get(ctx context.Context, n int) (sample, error) {
	return c.converse(ctx, dialogue{request: func(out []byte, _, i int) ([]byte, int) {
		return appendGet(out, int(scatter(i)%keyspace)), len(getReply)
	}}, n)
}

func renderConnected(rows []connectedRow, s setup) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### GET by many connections\n\nOf alone is the share of the first row's requests/s in the same round.\n\n"+
		"| clients | others | requests/s | of alone, %[1]s | of alone, %[2]s | CPU | CPU µs, %[1]s | CPU µs, %[2]s | client busy, %[1]s | client busy, %[2]s |\n"+
		"|---|---|---|---|---|---|---|---|---|---|\n", s.subject.label, s.reference.label)
	alone := rows[0]
	for _, r := range rows {
		cost, client := compareRounds(r.ours, r.theirs, cpu), compareRounds(r.ours, r.theirs, clientBusy)
		fmt.Fprintf(&b, "| %d | %d | %s | %s | %s | %s | %s | %s | %.2f | %.2f |\n", r.active, r.idle, compareRounds(r.ours, r.theirs, rps).ratio,
			compareRounds(r.ours, alone.ours, rps).ratio, compareRounds(r.theirs, alone.theirs, rps).ratio,
			cost.ratio, figure(cost.ours, 2), figure(cost.theirs, 2), client.ours, client.theirs)
	}
	return b.String()
}

func connectedVerdicts(rows []connectedRow) (all []verdict) {
	for _, r := range rows[1:] {
		if r.idle == 0 { // the target is about clients that are connected, not all of which ask at once
			continue
		}
		share := compareRounds(r.ours, rows[0].ours, rps).ratio.median
		all = append(all, verdict{fmt.Sprintf("GET, %d clients and %d others: requests/s ≥ %.2f of those with %d alone", r.active, r.idle, connectedTarget, rows[0].active),
			figure(share, 3), share >= connectedTarget})
	}
	return all
}
