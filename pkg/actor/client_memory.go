package actor

import (
	"cmp"
	"slices"
	"unsafe"
)

// Memory is what a session takes beside the dataset, in bytes.
type Memory struct {
	Query       int64 // the read buffer
	Arguments   int64 // of requests that wait to be run, or to be served
	Transaction int64 // what is queued for EXEC
	Replies     int64 // room for replies
	Output      int64 // what the client has not taken yet
	Watches     int64
	Listening   int64 // subscriptions, and prefixes of tracked keys
}

// Total is all of them, and the session itself.
func (m *Memory) Total() int64 {
	return sessionSize + m.Query + m.Arguments + m.Transaction + m.Replies + m.Output + m.Watches + m.Listening
}

// Bytes of memory; of a map about as many as one of its entries takes.
const (
	sessionSize      = int64(unsafe.Sizeof(Session{}))
	mapEntry         = 32
	watchSize        = int64(unsafe.Sizeof(watch{})+unsafe.Sizeof(watchedKey{})) + mapEntry
	subscriptionSize = int64(unsafe.Sizeof(subscription{})) + mapEntry
)

// Memory returns what the session takes now. O(1), but for the arguments of a blocking command and the prefixes of tracking.
func (s *Session) Memory() (m Memory) {
	m.Query = s.QueryBuffer.Load() + s.QueryRoom.Load()
	m.Arguments = s.Arguments.Load()
	m.Replies, m.Output = s.ReplyBuffer.Load(), s.Unread.Load()
	m.Watches, m.Listening = s.watchBytes, s.listenBytes
	if s.transaction != nil {
		m.Transaction = s.transaction.bytes
	}
	if s.wait != nil {
		m.Arguments += (&Request{Args: s.wait.Args}).memory()
	}
	if s.tracking != nil {
		for _, prefix := range s.tracking.Prefixes {
			m.Listening += mapEntry + int64(len(prefix))
		}
	}
	if s.outbox {
		waiting, _ := s.link.Waiting()
		s.outbox = waiting > 0
		m.Output += int64(waiting)
	}
	return m
}

// ClientMemory returns how many bytes all clients take together. O(clients).
func (c *Call) ClientMemory() int64 { return c.actor.countClients() }

// countClients leaves those out that are about to go.
func (a *Actor) countClients() (bytes int64) {
	for _, s := range a.sessions {
		if !s.closing {
			m := s.Memory()
			bytes += m.Total()
		}
	}
	a.limits.clientMemory = bytes
	return bytes
}

// leastClientMemory is what clients may take in any case, as in Redis: with less nobody could say CONFIG SET.
const leastClientMemory = 128 << 10

// limitClients closes clients while all together take too much, the one that takes most first. No key is evicted for them.
func (a *Actor) limitClients() {
	if excess := a.countClients() - max(a.bounds.ClientMemory, leastClientMemory); excess > 0 {
		a.evictClients(excess)
	}
}

// evictClients closes clients until so many bytes are free, or only those are left that have said CLIENT NO-EVICT ON.
func (a *Actor) evictClients(excess int64) {
	type client struct {
		*Session
		bytes int64
	}
	var all []client
	for _, s := range a.sessions {
		if m := s.Memory(); !s.NoEvict && !s.closing {
			all = append(all, client{s, m.Total()})
		}
	}
	slices.SortFunc(all, func(x, y client) int {
		return cmp.Or(cmp.Compare(y.bytes, x.bytes), cmp.Compare(x.ID, y.ID))
	})
	for _, c := range all {
		if excess <= 0 {
			return
		}
		excess -= c.bytes
		a.limits.clientMemory -= c.bytes
		a.stats.evictedClients++
		a.log.Warn("client closed: clients take more memory than maxmemory-clients", "client", c.Addr, "name", c.Name, "bytes", c.bytes)
		a.kill(c.Session)
	}
}
