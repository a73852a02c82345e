package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// smallCollections is how many of them a load is spread over.
const smallCollections = 10_000

// typesSuite is the load of collections: mixes of a command that changes one and a command that reads it.
var typesSuite = suite{
	name: "types", title: "Load of collections", measure: measureTypes,
	what: fmt.Sprintf(`%d connections of this program's own client send the two commands of a row in turn, for random keys and elements. Small
collections are %d, of as many elements as the row says; a large one has %d. Before each run all of them are made anew, so that
HSET and ZADD change what is there and SADD finds it; XADD adds. ZRANGEBYSCORE begins at a random score, XRANGE at a random entry; both
ask for ten. As in the section on load, the servers are loaded in alternation, and ratios are those within one round. CPU is the
server's, per command.`, connections, smallCollections, keyspace),
}

// typeTargets are held by every mix.
var typeTargets = []target{
	{"commands/s", 16, scope{words: "every mix"}, rps, true, 1.0},
	{"commands/s", 16, scope{words: "the median of all mixes", median: true}, rps, true, 1.5},
}

// mix is one row of the table: the collections that are there, and the requests that are sent in turn.
type mix struct {
	name                  string
	collections, elements int
	add, write, read      mixRequest // add makes the collections
}

// mixRequest appends a request about an element of a collection, both by number.
type mixRequest func(out []byte, collection, element int) []byte

var mixes = []mix{
	{"HSET/HGETALL, 10 fields", smallCollections, 10, appendHset, appendHset, appendHgetall},
	{"HSET/HGET, large", 1, keyspace, appendHset, appendHset, appendHget},
	{"SADD/SISMEMBER, 20 integers", smallCollections, 20, appendInteger("SADD"), appendInteger("SADD"), appendInteger("SISMEMBER")},
	{"SADD/SISMEMBER, large", 1, keyspace, appendMember("SADD"), appendMember("SADD"), appendMember("SISMEMBER")},
	{"ZADD/ZRANGEBYSCORE, 20 members", smallCollections, 20, appendZadd, appendZadd, appendZrangebyscore},
	{"ZADD/ZRANGEBYSCORE, large", 1, keyspace, appendZadd, appendZadd, appendZrangebyscore},
	{"XADD/XRANGE, large", 1, keyspace, appendEntry, appendXadd, appendXrange},
}

func mixNames() []string {
	names := make([]string, len(mixes))
	for i, m := range mixes {
		names[i] = m.name
	}
	return names
}

// findMixes reads a list of words, of which each is to be in some mix's name.
func findMixes(words string) ([]mix, error) {
	var found []mix
	for word := range strings.SplitSeq(words, ",") {
		before := len(found)
		for _, m := range mixes {
			if strings.Contains(strings.ToLower(m.name), strings.ToLower(strings.TrimSpace(word))) {
				found = append(found, m)
			}
		}
		if len(found) == before {
			return nil, fmt.Errorf("-mixes: %q is in no mix's name", word)
		}
	}
	return found, nil
}

// decimals and elementNames are the numbers below keyspace as texts, lest the client spend its time on writing them.
var decimals, elementNames = texts(strconv.Itoa), texts(drawnName)

func texts(name func(int) string) []string {
	all := make([]string, keyspace)
	for i := range all {
		all[i] = name(i)
	}
	return all
}

func appendHset(out []byte, collection, element int) []byte {
	return appendRequest(out, "HSET", decimals[collection], elementNames[element], values[:16])
}

func appendHget(out []byte, collection, element int) []byte {
	return appendRequest(out, "HGET", decimals[collection], elementNames[element])
}

func appendHgetall(out []byte, collection, _ int) []byte {
	return appendRequest(out, "HGETALL", decimals[collection])
}

func appendMember(command string) mixRequest {
	return func(out []byte, collection, element int) []byte {
		return appendRequest(out, command, decimals[collection], elementNames[element])
	}
}

func appendInteger(command string) mixRequest {
	return func(out []byte, collection, element int) []byte {
		return appendRequest(out, command, decimals[collection], decimals[element])
	}
}

// scoreOf is the score that an element has next: some other each time, like the number of the request that asks for it.
func scoreOf(out []byte, element int) string {
	return decimals[scatter(len(out)+element)%keyspace]
}

func appendZadd(out []byte, collection, element int) []byte {
	return appendRequest(out, "ZADD", decimals[collection], scoreOf(out, element), elementNames[element])
}

func appendZrangebyscore(out []byte, collection, element int) []byte {
	return appendRequest(out, "ZRANGEBYSCORE", decimals[collection], scoreOf(out, element), "+inf", "LIMIT", "0", "10")
}

// appendEntry makes the stream whose IDs are the numbers of its entries, from 1: a server's clock is far beyond them.
func appendEntry(out []byte, collection, element int) []byte {
	return appendRequest(out, "XADD", decimals[collection], strconv.Itoa(element+1), "field", values[:16])
}

func appendXadd(out []byte, collection, _ int) []byte {
	return appendRequest(out, "XADD", decimals[collection], "*", "field", values[:16])
}

func appendXrange(out []byte, collection, element int) []byte {
	return appendRequest(out, "XRANGE", decimals[collection], decimals[element], "+", "COUNT", "10")
}

// workload is the mix as the machinery of the load takes it.
func (m mix) workload() workload {
	return workload{name: m.name, fill: m.prepare, send: m.send}
}

// prepare makes the collections, in the order of their elements.
func (m mix) prepare(ctx context.Context, s *server, _ int) error {
	return s.sendAll(ctx, traffic{1, 256, func(out []byte, i int) []byte {
		return m.add(out, i/m.elements, i%m.elements)
	}}, m.collections*m.elements)
}

// send sends n requests, and measures only how long they take.
func (m mix) send(ctx context.Context, s *server, pipeline, n int) (sample, error) {
	began := time.Now()
	err := s.sendAll(ctx, traffic{connections, pipeline, func(out []byte, i int) []byte {
		random := scatter(i)
		collection := int(random >> 32 % uint64(m.collections))
		element := int(random & math.MaxUint32 % uint64(m.elements))
		if i%2 == 0 {
			return m.write(out, collection, element)
		}
		return m.read(out, collection, element)
	}}, n)
	return sample{rps: float64(n) / time.Since(began).Seconds()}, err
}

// measureTypes measures the mixes as the load is measured.
func measureTypes(ctx context.Context, s setup) (section, error) {
	load := s.load
	load.workloads = nil
	for _, m := range s.load.mixes {
		load.workloads = append(load.workloads, m.workload())
	}
	cells, err := measureCells(ctx, load, s.subject, s.reference, s.dir)
	if err != nil {
		return section{}, err
	}
	return section{renderTypes(cells, s), verdictsOf(typeTargets, cells, mixNames())}, nil
}

// renderTypes writes a table for each depth.
func renderTypes(cells []cell, s setup) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rounds.\n", s.rounds)
	for _, pipeline := range depthsOf(cells) {
		fmt.Fprintf(&b, "\n### Collections, pipeline %d\n\n", pipeline)
		fmt.Fprintf(&b, "| mix | commands/s | CPU per command | CPU µs, %s | CPU µs, %s | commands per run |\n|---|---|---|---|---|---|\n",
			s.subject.label, s.reference.label)
		for _, c := range cells {
			if c.pipeline == pipeline {
				ours, theirs := c.medians(cpu)
				fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %d |\n",
					c.command, c.ratio(rps), c.ratio(cpu), figure(ours, 2), figure(theirs, 2), c.requests)
			}
		}
	}
	return b.String()
}
