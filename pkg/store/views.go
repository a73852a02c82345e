package store

// views are what a command has been handed out so far: entries, and the collections that lie in blobs. They are used again
// by the next command, so that looking at a key allocates nothing.
type views struct {
	entries []*Entry
	lists   []*List
	taken   int // of entries
	listed  int // of lists
}

// keptViews is how many of each are kept; a command that looks at more keys leaves the rest to the garbage collector.
const keptViews = 32

// cursor returns an entry to be filled.
func (st *Store) cursor() *Entry {
	v := &st.views
	if v.taken == len(v.entries) {
		v.entries = append(v.entries, new(Entry))
	}
	v.taken++
	return v.entries[v.taken-1]
}

// nextList returns an empty list that lasts until the command ends.
func (st *Store) nextList() *List {
	v := &st.views
	if v.listed == len(v.lists) {
		v.lists = append(v.lists, new(List))
	}
	v.listed++
	l := v.lists[v.listed-1]
	l.restart(&st.listLimit)
	return l
}

// viewOf returns the collection that lies in an entry's blob.
func (st *Store) viewOf(e *Entry) Value {
	l := st.nextList()
	at, n := e.head.keyAt()
	l.view(e.head.bytes(at+n, e.ks.arena.room(e.ref)-at-n), e.head.valueLen())
	return l
}

// reset takes everything back. Nothing may keep an object alive from here.
func (v *views) reset() {
	for _, e := range v.entries[:v.taken] {
		*e = Entry{}
	}
	for _, l := range v.lists[:v.listed] {
		l.restart(nil)
	}
	if v.taken > keptViews {
		v.entries = v.entries[:keptViews:keptViews]
	}
	if v.listed > keptViews {
		v.lists = v.lists[:keptViews:keptViews]
	}
	v.taken, v.listed = 0, 0
}
