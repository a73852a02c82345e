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

// rewind takes back all but so many. Nothing may keep an object alive from here, which empty sees to.
func (p *viewPool[T]) rewind(taken int, empty func(*T)) {
	for _, v := range p.all[taken:p.taken] {
		empty(v)
	}
	p.taken = taken
}

// trim gives up those that are too many to be kept.
func (p *viewPool[T]) trim() {
	if len(p.all) > keptViews {
		p.all = p.all[:keptViews:keptViews]
	}
}

// viewMark is how many of each have been handed out at one moment.
type viewMark struct{ entries, lists, sets, hashes, zsets int }

func (v *views) mark() viewMark {
	return viewMark{v.entries.taken, v.lists.taken, v.sets.taken, v.hashes.taken, v.zsets.taken}
}

// rewind takes back what was handed out since the mark was taken.
func (v *views) rewind(to viewMark) {
	v.entries.rewind(to.entries, func(e *Entry) { *e = Entry{} })
	v.lists.rewind(to.lists, func(l *List) { l.restart(nil) })
	v.sets.rewind(to.sets, func(s *Set) { *s = Set{} })
	v.hashes.rewind(to.hashes, func(h *Hash) { *h = Hash{} })
	v.zsets.rewind(to.zsets, func(z *ZSet) { *z = ZSet{} })
}

// reset takes everything back.
func (v *views) reset() {
	v.rewind(viewMark{})
	v.entries.trim()
	v.lists.trim()
	v.sets.trim()
	v.hashes.trim()
	v.zsets.trim()
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
