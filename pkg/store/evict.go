package store

// poolSize is how many good victims are remembered between evictions, as in Redis.
const poolSize = 16

// evictionPool keeps the best victims among all samples so far, the best first. It makes sampling come close to the exact
// policy with few samples (Redis' evict.c describes the method). Blobs in it are flagged, so that one that goes or moves
// is known to be here.
type evictionPool struct {
	victims [poolSize]victim
	n       int
}

type victim struct {
	ks    *Keyspace
	ref   ref
	score int64 // the greater, the better it is to be without the key
}

func (p *evictionPool) clear() {
	for _, v := range p.victims[:p.n] {
		v.ks.head(v.ref).value &^= isPooled
	}
	*p = evictionPool{}
}

// offer puts a key in its place if it is better than the pool's last one or there is room.
func (p *evictionPool) offer(v victim) {
	h := v.ks.head(v.ref)
	if h.value&isPooled != 0 {
		return
	}
	i := 0
	for i < p.n && p.victims[i].score >= v.score {
		i++
	}
	if i == poolSize {
		return
	}
	if p.n == poolSize {
		p.cut(poolSize - 1)
	}
	p.n++
	copy(p.victims[i+1:p.n], p.victims[i:p.n-1])
	p.victims[i] = v
	h.value |= isPooled
}

// cut takes victim i out.
func (p *evictionPool) cut(i int) victim {
	v := p.victims[i]
	v.ks.head(v.ref).value &^= isPooled
	copy(p.victims[i:], p.victims[i+1:p.n])
	p.n--
	p.victims[p.n] = victim{}
	return v
}

func (p *evictionPool) index(ks *Keyspace, r ref) int {
	for i, v := range p.victims[:p.n] {
		if v.ref == r && v.ks == ks {
			return i
		}
	}
	return noPlace
}

// forget takes a blob out that is about to go, moved tells where one has gone.
func (p *evictionPool) forget(ks *Keyspace, r ref)     { p.cut(p.index(ks, r)) }
func (p *evictionPool) moved(ks *Keyspace, old, r ref) { p.victims[p.index(ks, old)].ref = r }

// refresh scores all victims anew, since they may have been used, and drops those that may not be evicted any more.
func (st *Store) refreshPool() {
	old := st.pool
	st.pool.clear()
	for _, v := range old.victims[:old.n] {
		st.consider(v.ks, v.ref)
	}
}

// consider offers a key to the pool if the policy lets it go.
func (st *Store) consider(ks *Keyspace, r ref) {
	h := ks.head(r)
	if st.options.Policy.volatileOnly() && h.shape&volatile == 0 {
		return
	}
	score := st.idle(h.used)
	if st.options.Policy.LFU() {
		score = 255 - int64(st.frequency(h.used))
	}
	st.pool.offer(victim{ks, r, score})
}

// Room is whether there is memory for a command that adds to the dataset.
type Room uint8

// There is room; there will be, behind more evictions; there is none and nothing may be evicted.
const (
	RoomNow Room = iota
	RoomSoon
	RoomNever
)

const (
	// evictionSlice is how many keys one MakeRoom evicts at most.
	evictionSlice = 256
	// smallNeed is the part of MaxMemory up to which what a command adds is not asked for beforehand, as in Redis: it may
	// take the dataset over its bound by that much.
	smallNeed = 64
)

// MakeRoom evicts a slice of keys while the dataset does not fit into MaxMemory, or not with need bytes that are about to be
// added. More than MaxMemory never fits, and nothing is evicted for it.
func (st *Store) MakeRoom(need int64) Room {
	bound := st.options.MaxMemory
	if bound <= 0 && !st.exhausted() {
		return RoomNow
	}
	if need <= bound/smallNeed {
		need = 0
	}
	if need > bound && bound > 0 {
		return RoomNever
	}
	for range evictionSlice {
		if !st.over(need) {
			return st.roomBeside(st.leaving(), need)
		}
		if !st.evictOne() {
			return RoomNever
		}
	}
	return RoomSoon
}

// leaving returns the bytes that flushed databases, and large collections that are gone, have not given back yet.
func (st *Store) leaving() int64 { return st.goingBytes + st.flushedBytes() }

func (st *Store) flushedBytes() (bytes int64) {
	for _, a := range st.dying {
		bytes += a.resident
	}
	return bytes
}

// roomBeside has whoever fills a store wait for chores while what is new and what is leaving are together more than
// MaxMemory: the system counts both.
func (st *Store) roomBeside(leaving, need int64) Room {
	if leaving > 0 && st.options.MaxMemory > 0 && st.used+leaving+need > st.options.MaxMemory {
		return RoomSoon
	}
	return RoomNow
}

// tight reports whether what is leaving is about to be in the way of what comes.
func (st *Store) tight() bool {
	leaving, bound := st.leaving(), st.options.MaxMemory
	return leaving > 0 && bound > 0 && st.used+leaving > bound-bound/8
}

// Evicting reports whether a MakeRoom stopped at the end of its slice and another one has more to evict.
func (st *Store) Evicting() bool { return st.over(0) && st.evictable() }

// over reports whether the dataset with need more bytes is too large.
func (st *Store) over(need int64) bool {
	return (st.options.MaxMemory > 0 && st.used+need > st.options.MaxMemory) || st.exhausted()
}

// exhausted reports whether a database has all the keys that it can refer to.
func (st *Store) exhausted() bool {
	for _, ks := range st.inUse {
		if ks.arena.exhausted() {
			return true
		}
	}
	return false
}

// evictable reports whether there is a key that the policy lets go.
func (st *Store) evictable() bool {
	for _, ks := range st.inUse {
		if st.candidates(ks) > 0 {
			return true
		}
	}
	return false
}

// candidates is how many of a database's keys the policy lets go.
func (st *Store) candidates(ks *Keyspace) int {
	switch {
	case st.options.Policy == NoEviction:
		return 0
	case st.options.Policy.volatileOnly():
		return ks.Volatile()
	}
	return ks.Len()
}

// evictOne removes the key that the policy wants gone most, as far as it is known, and reports whether there was one.
func (st *Store) evictOne() bool {
	var e Entry
	ks, r := st.choose()
	if r == 0 {
		return false
	}
	ks.view(&e, r)
	st.Evicted++
	if st.onEvict != nil {
		st.onEvict(ks, e.Key())
	}
	ks.drop(&e)
	return true
}

// choose returns the key to go, or 0.
func (st *Store) choose() (*Keyspace, ref) {
	switch st.options.Policy {
	case NoEviction:
		return nil, 0
	case VolatileTTL:
		if d := st.nearestKey(); d != nil {
			return d.contents.owner, d.at(0).ref
		}
		return nil, 0
	case AllKeysRandom, VolatileRandom:
		return st.chooseAny()
	}
	st.refreshPool()
	for _, ks := range st.inUse {
		for range min(st.options.Samples, st.candidates(ks)) {
			st.consider(ks, st.sample(ks))
		}
	}
	if st.pool.n == 0 {
		return nil, 0
	}
	v := st.pool.cut(0)
	return v.ks, v.ref
}

// chooseAny returns a random key, each with the same chance, or 0.
func (st *Store) chooseAny() (*Keyspace, ref) {
	all := 0
	for _, ks := range st.inUse {
		all += st.candidates(ks)
	}
	if all == 0 {
		return nil, 0
	}
	i := st.rng.IntN(all)
	for _, ks := range st.inUse {
		if n := st.candidates(ks); i >= n {
			i -= n
			continue
		}
		return ks, st.sample(ks)
	}
	return nil, 0
}

// sample returns a random one of a database's candidates, of which there must be one.
func (st *Store) sample(ks *Keyspace) ref {
	if !st.options.Policy.volatileOnly() {
		return ks.table.random(st.rng)
	}
	i := st.rng.IntN(ks.Volatile())
	if i < ks.keys.soon.n {
		return ks.keys.soon.at(uint32(i)).ref
	}
	return ks.keys.dates.at(uint32(i - ks.keys.soon.n)).ref
}
