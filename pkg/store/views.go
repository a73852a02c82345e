package store

// views are what a command has been handed out so far: entries, and the collections that lie in blobs. They are used again
// by the next command, so that looking at a key allocates nothing.
type views struct {
	entries viewPool[Entry]
	lists   viewPool[List]
	sets    viewPool[Set]
	hashes  viewPool[Hash]
	zsets   viewPool[ZSet]
}

// keptViews is how many of each are kept; a command that looks at more keys leaves the rest to the garbage collector.
const keptViews = 32

type viewPool[T any] struct {
	all   []*T
	taken int
}

// next returns one that lasts until the command ends.
func (p *viewPool[T]) next() *T {
	if p.taken == len(p.all) {
		p.all = append(p.all, new(T))
	}
	p.taken++
	return p.all[p.taken-1]
}

// reset takes everything back. Nothing may keep an object alive from here, which empty sees to.
func (p *viewPool[T]) reset(empty func(*T)) {
	for _, v := range p.all[:p.taken] {
		empty(v)
	}
	if p.taken > keptViews {
		p.all = p.all[:keptViews:keptViews]
	}
	p.taken = 0
}

func (v *views) reset() {
	v.entries.reset(func(e *Entry) { *e = Entry{} })
	v.lists.reset(func(l *List) { l.restart(nil) })
	v.sets.reset(func(s *Set) { *s = Set{} })
	v.hashes.reset(func(h *Hash) { *h = Hash{} })
	v.zsets.reset(func(z *ZSet) { *z = ZSet{} })
}

// viewOf returns the collection that lies in an entry's blob.
func (st *Store) viewOf(e *Entry) Value {
	at, n := e.head.keyAt()
	room := e.head.bytes(at+n, e.ks.arena.room(e.ref)-at-n)
	switch e.Type() {
	case TypeSet:
		s := e.ks.NewSet()
		s.view(room, e.head)
		return s
	case TypeHash:
		h := e.ks.NewHash()
		h.small.view(room, e.head.valueLen())
		return h
	case TypeZSet:
		z := e.ks.NewZSet()
		z.small.view(room, e.head.valueLen())
		return z
	default:
		l := e.ks.NewList()
		l.view(room, e.head.valueLen())
		return l
	}
}
