package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// elementsSuite is what elements of collections cost, small ones and large.
var elementsSuite = suite{
	name: "elements", title: "Memory per element",
	what: `Bytes of a fresh server with the row's collections, less those before, divided by their elements. Before, it has held a twentieth
of them, and been flushed: so what a process takes once, whatever it holds, does not count. Memory is read once it has kept still for
half a second, at the latest after five. Resident is what the system has given to the process; used is INFO's used_memory, in which
redis-server leaves out what its allocator holds without need.`,
	measure: func(ctx context.Context, s setup) (section, error) { return measureElements(ctx, s, elementCases, 1) },
}

// elementCase is one row of the table.
type elementCase struct {
	name                  string
	collections, elements int
	add                   mixRequest
}

var elementCases = []elementCase{
	{"hashes of 10 fields", 100_000, 10, appendField},
	{"sets of 20 integers", 100_000, 20, appendNumber},
	{"sorted sets of 20 members", 100_000, 20, appendScored},
	{"lists of 100 elements", 10_000, 100, appendElement},
	{"one list", 1, 1_000_000, appendElement},
	{"one hash", 1, 1_000_000, appendField},
	{"one set", 1, 1_000_000, appendName},
	{"one set of integers", 1, 1_000_000, appendNumber},
	{"one sorted set", 1, 1_000_000, appendScored},
	{"one stream", 1, 1_000_000, appendLogged},
}

// collectionName is a key of eight bytes or more.
func collectionName(i int) string { return "coll:" + strconv.Itoa(100+i) }

// scattered is a number of up to six digits that belongs to the element.
func scattered(element int) string { return strconv.FormatUint(scatter(element)%1_000_000, 10) }

func appendField(out []byte, collection, element int) []byte {
	return appendRequest(out, "HSET", collectionName(collection), "field:"+strconv.Itoa(element), "value:"+scattered(element))
}

func appendName(out []byte, collection, element int) []byte {
	return appendRequest(out, "SADD", collectionName(collection), memberName(element))
}

// appendNumber draws from so many numbers that hardly any comes twice, and so few that 32 bits hold them.
func appendNumber(out []byte, collection, element int) []byte {
	return appendRequest(out, "SADD", collectionName(collection), strconv.Itoa(1000*element+int(scatter(element)%1000)))
}

func appendScored(out []byte, collection, element int) []byte {
	return appendRequest(out, "ZADD", collectionName(collection), scattered(element), memberName(element))
}

func appendElement(out []byte, collection, element int) []byte {
	return appendRequest(out, "RPUSH", collectionName(collection), memberName(element))
}

func appendLogged(out []byte, collection, element int) []byte {
	return appendRequest(out, "XADD", collectionName(collection), "*", "temperature", scattered(element), "unit", "celsius")
}

// elementMemory is what an element costs one server, in bytes.
type elementMemory struct{ resident, used float64 }

// elementRow is what a case has shown of both servers.
type elementRow struct {
	elementCase
	ours, theirs elementMemory
}

// measureElements goes through the cases, with the share one in so many of their collections or, of one large collection, elements.
func measureElements(ctx context.Context, s setup, cases []elementCase, divisor int) (section, error) {
	var rows []elementRow
	for _, c := range cases {
		if c.collections > 1 {
			c.collections /= divisor
		} else {
			c.elements /= divisor
		}
		row := elementRow{elementCase: c}
		var err error
		if row.ours, err = c.memory(ctx, s.dir, s.subject); err != nil {
			return section{}, err
		}
		if row.theirs, err = c.memory(ctx, s.dir, s.reference); err != nil {
			return section{}, err
		}
		progress("elements, %s: %.1f bytes, %s %.1f", c.name, row.ours.resident, s.reference.label, row.theirs.resident)
		rows = append(rows, row)
	}
	return section{renderElements(rows, s.subject.label, s.reference.label), elementVerdicts(rows, s.reference.label)}, nil
}

// memory measures one program in a fresh process.
func (c elementCase) memory(ctx context.Context, dir string, p program) (elementMemory, error) {
	s, err := p.start(ctx, dir)
	if err != nil {
		return elementMemory{}, err
	}
	defer s.stop()
	// One connection, so that the elements come in their order, as those of a list do.
	elements := traffic{1, 256, func(out []byte, i int) []byte { return c.add(out, i/c.elements, i%c.elements) }}
	if err := s.sendAll(ctx, elements, c.collections*c.elements/20); err != nil {
		return elementMemory{}, err
	}
	if err := flushAll(ctx, s, 0); err != nil {
		return elementMemory{}, err
	}
	before, err := s.memoryNow(ctx)
	if err != nil {
		return elementMemory{}, err
	}
	if err := s.sendAll(ctx, elements, c.collections*c.elements); err != nil {
		return elementMemory{}, err
	}
	after, err := s.memoryNow(ctx)
	if err != nil {
		return elementMemory{}, err
	}
	size, err := s.rdb.DBSize(ctx).Result()
	if err := expectSize("DBSIZE", size, int64(c.collections), err); err != nil {
		return elementMemory{}, s.failure(c.name, err)
	}
	all := float64(c.collections * c.elements)
	return elementMemory{(after.resident - before.resident) / all, (after.used - before.used) / all}, nil
}

// memoryNow reads what the server occupies, in bytes.
func (s *server) memoryNow(ctx context.Context) (elementMemory, error) {
	resident, err := s.settledMemory(ctx)
	if err != nil {
		return elementMemory{}, err
	}
	used, err := s.infoNumbers(ctx, "used_memory")
	if err != nil {
		return elementMemory{}, s.failure("INFO", err)
	}
	return elementMemory{float64(resident), used[0]}, nil
}

// renderElements writes the table.
func renderElements(rows []elementRow, ours, theirs string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| | elements | resident, %[1]s | resident, %[2]s | ratio | used, %[1]s | used, %[2]s | ratio |\n|---|---|---|---|---|---|---|---|\n", ours, theirs)
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %d | %.1f | %.1f | %s | %.1f | %.1f | %s |\n", row.name, row.collections*row.elements,
			row.ours.resident, row.theirs.resident, figure(quotient(row.ours.resident, row.theirs.resident), 2),
			row.ours.used, row.theirs.used, figure(quotient(row.ours.used, row.theirs.used), 2))
	}
	return b.String()
}

// elementVerdicts judges resident memory, which is what a machine must have.
func elementVerdicts(rows []elementRow, reference string) []verdict {
	var all []verdict
	for _, row := range rows {
		ratio := quotient(row.ours.resident, row.theirs.resident)
		all = append(all, verdict{fmt.Sprintf("%s: resident bytes per element ≤ %s's", row.name, reference), figure(ratio, 3), ratio <= 1})
	}
	return all
}
