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

// queueModel is what lists and those who wait for them should do, said as plainly as can be.
type queueModel struct {
	lists   map[string][]string
	waiters []*waiter // the oldest first
	ready   []string  // keys that have got elements
	now     int       // milliseconds
}

// waiter is a blocked client: it wants an element of the first of its keys that has any, for itself or for another list.
type waiter struct {
	client int
	keys   []string
	tail   bool
	to     string // the list that gets the element at its head; empty if the client keeps it
	until  int    // 0 = for ever
}

// served is what a client gets.
type served struct {
	client       int
	key, element string
}

func (m *queueModel) push(key string, elements ...string) {
	m.lists[key] = append(m.lists[key], elements...)
	m.ready = append(m.ready, key)
}

// take serves a waiter at once, if it can be.
func (m *queueModel) take(w *waiter) (got served, ok bool) {
	for _, key := range w.keys {
		list := m.lists[key]
		if len(list) == 0 {
			continue
		}
		at := 0
		if w.tail {
			at = len(list) - 1
		}
		element := list[at]
		m.lists[key] = slices.Delete(list, at, at+1)
		if w.to != "" {
			m.lists[w.to] = append([]string{element}, m.lists[w.to]...)
			m.ready = append(m.ready, w.to)
		}
		return served{w.client, key, element}, true
	}
	return served{}, false
}

// serve serves those who wait for the keys that have got elements, and for the ones that these lead to.
func (m *queueModel) serve() (all []served) {
	for len(m.ready) > 0 {
		key := m.ready[0]
		m.ready = m.ready[1:]
		for _, w := range slices.Clone(m.waiters) {
			if len(m.lists[key]) == 0 || !slices.Contains(w.keys, key) {
				continue
			}
			if got, ok := m.take(w); ok {
				m.leave(w.client)
				all = append(all, got)
			}
		}
	}
	return all
}

func (m *queueModel) leave(client int) {
	m.waiters = slices.DeleteFunc(m.waiters, func(w *waiter) bool { return w.client == client })
}

func (m *queueModel) waits(client int) bool {
	return slices.ContainsFunc(m.waiters, func(w *waiter) bool { return w.client == client })
}

// queueTest drives the model and an engine with the same requests.
type queueTest struct {
	*queueModel
	engine  *actortest.Engine
	clients [6]*actortest.Client
	idle    *actortest.Client
	added   int
}

var queueKeys = rapid.SampledFrom([]string{"a", "b", "c"})

// TestQueues checks who gets which element against the model: first come, first served, by every way to wait.
func TestQueues(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		q := &queueTest{queueModel: &queueModel{lists: map[string][]string{}}, engine: startEngine(t)}
		q.idle = q.engine.Connect(proto.RESP2)
		for i := range q.clients {
			q.clients[i] = q.engine.Connect(proto.RESP2)
		}
		r.Repeat(map[string]func(*rapid.T){
			"push": q.pushSome, "wait": q.wait, "advance": q.advance, "vanish": q.vanish, "flush": q.flush, "": q.check,
		})
	})
}

func (q *queueTest) pushSome(r *rapid.T) {
	key, words := queueKeys.Draw(r, "key"), []string{"RPUSH", ""}
	words[1] = key
	for range rapid.IntRange(1, 3).Draw(r, "elements") {
		q.added++
		words = append(words, strconv.Itoa(q.added))
	}
	before := len(q.lists[key])
	q.push(key, words[2:]...)
	if got := q.idle.Do(words...).Int; got != int64(before+len(words)-2) {
		r.Fatalf("%q says %d", words, got)
	}
	q.expect(r, q.serve())
}

// wait has a client ask for an element, which it gets at once if there is one.
func (q *queueTest) wait(r *rapid.T) {
	i := rapid.IntRange(0, len(q.clients)-1).Draw(r, "client")
	if q.waits(i) {
		r.Skip("it waits already")
	}
	w := &waiter{client: i, keys: rapid.SliceOfN(queueKeys, 1, 3).Draw(r, "keys"), tail: rapid.Bool().Draw(r, "tail")}
	timeout := rapid.SampledFrom([]int{0, 10, 25}).Draw(r, "timeout")
	if timeout > 0 {
		w.until = q.now + timeout
	}
	request := w.request(r, timeout)
	got, ok := q.take(w)
	if !ok {
		q.waiters = append(q.waiters, w)
		if raw := q.clients[i].Send(asArgs(request)); len(raw) > 0 || !q.clients[i].Parked() {
			r.Fatalf("%q does not wait: %q", request, raw)
		}
		return
	}
	if raw := string(q.clients[i].Send(asArgs(request))); !strings.Contains(raw, "\r\n"+got.element+"\r\n") {
		r.Fatalf("%q gives %q, not %s", request, raw, got.element)
	}
	q.expect(r, q.serve())
}

// request chooses one of the commands that ask for what the waiter wants.
func (w *waiter) request(r *rapid.T, timeout int) []string {
	seconds, end := strconv.FormatFloat(float64(timeout)/1000, 'f', -1, 64), "LEFT"
	if w.tail {
		end = "RIGHT"
	}
	switch rapid.IntRange(0, 2).Draw(r, "command") {
	case 0:
		return append(append([]string{map[string]string{"LEFT": "BLPOP", "RIGHT": "BRPOP"}[end]}, w.keys...), seconds)
	case 1:
		return append(append([]string{"BLMPOP", seconds, strconv.Itoa(len(w.keys))}, w.keys...), end)
	}
	w.keys, w.to = w.keys[:1], queueKeys.Draw(r, "destination")
	return []string{"BLMOVE", w.keys[0], w.to, end, "LEFT", seconds}
}

// advance lets waits come to their end.
func (q *queueTest) advance(r *rapid.T) {
	ms := rapid.IntRange(1, 20).Draw(r, "ms")
	q.now += ms
	q.engine.Advance(time.Duration(ms) * time.Millisecond)
	for _, w := range slices.Clone(q.waiters) {
		if w.until == 0 || w.until > q.now {
			continue
		}
		q.leave(w.client)
		if got := string(q.clients[w.client].Received()); got != "*-1\r\n" {
			r.Fatalf("client %d, whose time is over, gets %q", w.client, got)
		}
	}
	q.expect(r, nil)
}

// vanish ends a client, blocked or not, or its wait.
func (q *queueTest) vanish(r *rapid.T) {
	i := rapid.IntRange(0, len(q.clients)-1).Draw(r, "client")
	q.leave(i)
	q.clients[i].Close()
	q.clients[i] = q.engine.Connect(proto.RESP2)
	q.expect(r, nil)
}

func (q *queueTest) flush(r *rapid.T) {
	q.idle.Do("FLUSHALL")
	clear(q.lists)
	q.expect(r, nil)
}

// expect says what has come to whom, and that nobody else has got anything.
func (q *queueTest) expect(r *rapid.T, all []served) {
	wanted := map[int]string{}
	for _, got := range all {
		wanted[got.client] = got.element
	}
	for i, c := range q.clients {
		raw := string(c.Received())
		if element, ok := wanted[i]; ok != (raw != "") || ok && !strings.Contains(raw, "\r\n"+element+"\r\n") {
			r.Fatalf("client %d gets %q, wanted %q", i, raw, element)
		}
	}
}

// check compares what is there, and who waits.
func (q *queueTest) check(r *rapid.T) {
	for _, key := range []string{"a", "b", "c"} {
		var elements []string
		for _, element := range q.idle.Do("LRANGE", key, "0", "-1").Elems {
			elements = append(elements, element.Text)
		}
		if !slices.Equal(elements, q.lists[key]) {
			r.Fatalf("%s is %q, wanted %q", key, elements, q.lists[key])
		}
	}
	for i, c := range q.clients {
		if c.Parked() != q.waits(i) {
			r.Fatalf("client %d waits: %v", i, c.Parked())
		}
	}
	if want := fmt.Sprintf("\r\nblocked_clients:%d\r\n", len(q.waiters)); !strings.Contains(q.idle.Do("INFO", "clients").Text, want) {
		r.Fatalf("INFO does not say %q", want)
	}
}
