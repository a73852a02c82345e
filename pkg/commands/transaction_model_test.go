package commands_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"snakecache/pkg/actor/actortest"
	"snakecache/pkg/proto"
)

// place is a key of a database.
type place struct {
	db  int
	key string
}

// cell is what the naive server holds there: how often that has changed is all that WATCH is about.
type cell struct {
	value    int
	exists   bool
	deadline time.Duration // 0 = none
	changes  int
}

// naive is a server of counters that says what WATCH, MULTI and EXEC mean in the plainest way.
type naive struct {
	cells   map[place]*cell
	now     time.Duration
	clients []*naiveClient
}

type naiveClient struct {
	real    *actortest.Client
	db      int
	watched map[place]int // changes when the watching began
	inside  bool
	failed  bool
	queue   [][]string
}

func (m *naive) at(p place) *cell {
	c := m.cells[p]
	if c == nil {
		c = &cell{}
		m.cells[p] = c
	}
	if c.exists && c.deadline > 0 && c.deadline <= m.now {
		*c = cell{changes: c.changes + 1}
	}
	return c
}

// run runs a command that is not about transactions.
func (m *naive) run(c *naiveClient, words []string) string {
	at := func(i int) *cell { return m.at(place{c.db, words[i]}) }
	switch words[0] {
	case "SET":
		x := at(1)
		*x = cell{exists: true, changes: x.changes + 1}
		x.value, _ = strconv.Atoi(words[2])
		if len(words) > 3 {
			ms, _ := strconv.Atoi(words[4])
			x.deadline = m.now + time.Duration(ms)*time.Millisecond
		}
	case "INCR":
		x := at(1)
		x.value, x.exists, x.changes = x.value+1, true, x.changes+1
		return fmt.Sprintf(":%d", x.value)
	case "GET":
		if x := at(1); x.exists {
			return fmt.Sprintf("$\"%d\"", x.value)
		}
		return "$-1"
	case "DEL":
		x := at(1)
		if !x.exists {
			return ":0"
		}
		*x = cell{changes: x.changes + 1}
		return ":1"
	case "SELECT":
		c.db, _ = strconv.Atoi(words[1])
	case "FLUSHDB":
		for _, key := range modelKeys {
			if x := m.at(place{c.db, key}); x.exists {
				*x = cell{changes: x.changes + 1}
			}
		}
	case "SWAPDB":
		m.swap()
	case "UNWATCH":
		clear(c.watched)
	}
	return "+OK"
}

// swap changes the keys that there are in either database.
func (m *naive) swap() {
	for _, key := range modelKeys {
		x, y := m.at(place{0, key}), m.at(place{1, key})
		if x.exists || y.exists {
			*x, *y = *y, *x
			x.changes, y.changes = y.changes+1, x.changes+1
		}
	}
}

// answer says what a client gets for a request.
func (m *naive) answer(c *naiveClient, words []string) string {
	switch words[0] {
	case "MULTI":
		if c.inside {
			return "-" + string(proto.ErrNestedMulti)
		}
		c.inside = true
		return "+OK"
	case "WATCH":
		if c.inside {
			return "-" + string(proto.ErrWatchInMulti)
		}
		for _, key := range words[1:] {
			p := place{c.db, key}
			if changes := m.at(p).changes; !slices.Contains(c.places(), p) {
				c.watched[p] = changes
			}
		}
		return "+OK"
	case "DISCARD":
		if !c.inside {
			return "-" + string(proto.ErrDiscardAlone)
		}
		c.end()
		return "+OK"
	case "EXEC":
		return m.exec(c)
	}
	if !c.inside {
		return m.run(c, words)
	}
	if words[0] == "NOSUCH" {
		c.failed = true
		return "-" + string(proto.ErrUnknownCommand(asArgs(words)))
	}
	c.queue = append(c.queue, words)
	return "+QUEUED"
}

func (c *naiveClient) places() (all []place) {
	for p := range c.watched {
		all = append(all, p)
	}
	return all
}

func (c *naiveClient) end() {
	c.inside, c.failed, c.queue = false, false, nil
	clear(c.watched)
}

func (m *naive) exec(c *naiveClient) string {
	if !c.inside {
		return "-" + string(proto.ErrExecAlone)
	}
	queue, failed := c.queue, c.failed
	broken := slices.ContainsFunc(c.places(), func(p place) bool { return m.at(p).changes != c.watched[p] })
	c.end()
	switch {
	case failed:
		return "-" + execAbort
	case broken:
		return "*-1"
	}
	text := fmt.Sprintf("*%d", len(queue))
	for _, words := range queue {
		text += "\n  " + m.run(c, words)
	}
	return text
}

var modelKeys = []string{"a", "b", "c"}

// draw makes a request.
func draw(t *rapid.T) []string {
	key := rapid.SampledFrom(modelKeys)
	switch name := rapid.SampledFrom([]string{
		"WATCH", "WATCH", "MULTI", "MULTI", "EXEC", "EXEC", "EXEC", "DISCARD", "UNWATCH", "SET", "SET", "SET PX", "INCR", "INCR",
		"GET", "GET", "DEL", "SELECT", "FLUSHDB", "SWAPDB", "NOSUCH",
	}).Draw(t, "command"); name {
	case "WATCH":
		return append([]string{name}, rapid.SliceOfN(key, 1, 3).Draw(t, "keys")...)
	case "SET":
		return []string{name, key.Draw(t, "key"), "1"}
	case "SET PX":
		return []string{"SET", key.Draw(t, "key"), "2", "PX", strconv.Itoa(rapid.IntRange(1, 30).Draw(t, "ms"))}
	case "INCR", "GET", "DEL":
		return []string{name, key.Draw(t, "key")}
	case "SELECT":
		return []string{name, rapid.SampledFrom([]string{"0", "1"}).Draw(t, "database")}
	case "SWAPDB":
		return []string{name, "0", "1"}
	default:
		return []string{name}
	}
}

// TestTransactionsAreAsInTheModel has three clients do what they like, with time passing, whether keys that are due go by
// themselves or not.
func TestTransactionsAreAsInTheModel(t *testing.T) {
	e := startEngine(t)
	rapid.Check(t, func(t *rapid.T) {
		m := &naive{cells: map[place]*cell{}}
		for range 3 {
			m.clients = append(m.clients, &naiveClient{real: e.Connect(proto.RESP2), watched: map[place]int{}})
		}
		admin := m.clients[0].real
		admin.Do("FLUSHALL")
		admin.Do("DEBUG", "SET-ACTIVE-EXPIRE", rapid.SampledFrom([]string{"0", "1"}).Draw(t, "active"))
		t.Repeat(map[string]func(*rapid.T){
			"request": func(t *rapid.T) {
				c := m.clients[rapid.IntRange(0, 2).Draw(t, "client")]
				words := draw(t)
				if words[0] == "NOSUCH" && !c.inside {
					t.Skip("says nothing")
				}
				if got, want := c.real.Do(words...).String(), m.answer(c, words); got != want {
					t.Fatalf("%s answers %s, not %s", strings.Join(words, " "), got, want)
				}
			},
			"time": func(t *rapid.T) {
				d := time.Duration(rapid.IntRange(1, 20).Draw(t, "ms")) * time.Millisecond
				m.now += d
				e.Advance(d)
			},
		})
		for _, c := range m.clients {
			c.real.Close()
		}
	})
}
