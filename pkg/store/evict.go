package store

// poolSize is how many good victims are remembered between evictions, as in Redis.
const poolSize = 16

// evictionPool keeps the entries unused for longest among all samples so far, longest first. It makes sampling
// come close to exact LRU with few samples (Redis' evict.c describes the method).
type evictionPool struct {
	entries [poolSize]*Entry
	n       int
}

func (p *evictionPool) clear() { *p = evictionPool{} }

// offer puts the entry in its place if it was unused for longer than the pool's last one or there is room.
func (p *evictionPool) offer(e *Entry, now ticks) {
	i := 0
	for i < p.n && p.entries[i].used.since(now) >= e.used.since(now) {
		if p.entries[i] == e {
			return
		}
		i++
	}
	if i == poolSize {
		return
	}
	p.n = min(p.n+1, poolSize)
	copy(p.entries[i+1:p.n], p.entries[i:p.n-1])
	p.entries[i] = e
}

// take removes the pool's best victim, or returns nil.
func (p *evictionPool) take() *Entry {
	if p.n == 0 {
		return nil
	}
	e := p.entries[0]
	copy(p.entries[:], p.entries[1:p.n])
	p.n--
	p.entries[p.n] = nil
	return e
}

// refresh drops entries that were removed, and puts those that were used since they came in where they belong.
func (p *evictionPool) refresh(now ticks) {
	old := *p
	p.clear()
	for _, e := range old.entries[:old.n] {
		if e.kind != typeNone {
			p.offer(e, now)
		}
	}
}

// evictionSlice is how many keys one MakeRoom evicts at most. A command adds far less than that many keys; more are
// only in the way when maxmemory has been lowered.
const evictionSlice = 256

// Room is whether there is memory for a command that adds to the dataset.
type Room uint8

// There is room; there will be, behind more evictions; there is none and nothing may be evicted.
const (
	RoomNow Room = iota
	RoomSoon
	RoomNever
)

// MakeRoom evicts a slice of keys while the dataset, with need bytes that are about to be added, does not fit.
func (st *Store) MakeRoom(need int64) Room {
	for range evictionSlice {
		if !st.over() {
			return RoomNow
		}
		if st.options.Policy == NoEviction || !st.evictOne() {
			return RoomNever
		}
	}
	return RoomSoon
}

// Evicting reports whether a MakeRoom stopped at the end of its slice and another one has more to evict.
func (st *Store) Evicting() bool {
	return st.options.Policy != NoEviction && st.over() && st.keys() > 0
}

func (st *Store) over() bool { return st.options.MaxMemory > 0 && st.Used() > st.options.MaxMemory }

func (st *Store) keys() (n int) {
	for _, ks := range st.dbs {
		n += ks.Len()
	}
	return n
}

// evictOne samples every database, as Redis' allkeys policies do, and removes the best victim known.
func (st *Store) evictOne() bool {
	now := ticksOf(st.now)
	st.pool.refresh(now)
	for _, ks := range st.dbs {
		for range min(st.options.Samples, ks.Len()) {
			st.pool.offer(ks.table.random(st.rng), now)
		}
	}
	e := st.pool.take()
	if e == nil {
		return false
	}
	ks := st.dbs[e.db]
	ks.drop(e)
	st.Evicted++
	if st.onEvict != nil {
		st.onEvict(ks, e.Key())
	}
	return true
}
