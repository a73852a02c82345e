package store

// This file keeps the memory that databases have from the system close to what their keys take. When many keys of one size
// have gone, their class has pages with few slots in use; the blobs of the emptiest move to the others, and the page is
// given back. It is a chore, done in slices between commands, and takes its time: to keep pages so full takes seven moves for
// each blob that goes, most of them in vain while a collection is on its way to nothing. Only when a class is half empty, where
// it takes but one, it presses.

// compactionSlice is how many slots one slice looks at.
const compactionSlice = 256

// sparse reports whether a class has so many empty slots, an eighth of all and two pages', that some pages are not needed.
func (a *arena) sparse(i int) bool {
	c := &a.classes[i]
	slots := pageSize / int(classSizes[i])
	return c.pages > 2 && c.live*8 < (c.pages-2)*slots*7
}

// hollow reports whether half of a class' slots are empty.
func (a *arena) hollow(i int) bool {
	c := &a.classes[i]
	slots := pageSize / int(classSizes[i])
	return c.pages > 2 && c.live*2 < (c.pages-2)*slots
}

// watch notes a class of which a slot was freed if it is sparse, or hollow while another one only is sparse.
func (a *arena) watch(i int) {
	switch now := a.sparseClass; {
	case now == noPlace && a.sparse(i), now != noPlace && now != i && a.classes[now].victim == 0 && a.hollow(i):
		a.sparseClass = i
	}
}

// presses reports whether compaction should go on without a pause.
func (a *arena) presses() bool { return a.sparseClass != noPlace && a.hollow(a.sparseClass) }

// nextSparse returns a sparse class or noPlace: one may have become so while another was looked after.
func (a *arena) nextSparse() int {
	for i := range groupsClass {
		if a.sparse(i) {
			return i
		}
	}
	return noPlace
}

// fragmented reports whether compaction has something to do.
func (st *Store) fragmented() bool {
	for _, ks := range st.inUse {
		if ks.arena.sparseClass != noPlace {
			return true
		}
	}
	return false
}

// compactSlice does a little of it.
func (st *Store) compactSlice() {
	for _, ks := range st.inUse {
		a := ks.arena
		if a.sparseClass == noPlace {
			continue
		}
		i := a.sparseClass
		c := &a.classes[i]
		if c.victim == 0 {
			if !a.sparse(i) {
				a.sparseClass = a.nextSparse()
				return
			}
			a.chooseVictim(i)
		}
		ks.emptyPage(c)
		return
	}
}

// chooseVictim takes the emptiest of some pages of a class out of use for new blobs.
func (a *arena) chooseVictim(i int) {
	const looks = 64
	c := &a.classes[i]
	best := c.open[0]
	for _, id := range c.open[:min(looks, len(c.open))] {
		if a.pages[id].live < a.pages[best].live {
			best = id
		}
	}
	a.close(best)
	c.victim, c.cursor = best, 0
}

// emptyPage moves some blobs out of the victim. The page retires when the last one has gone.
func (ks *Keyspace) emptyPage(c *class) {
	id := c.victim
	p := &ks.arena.pages[id]
	for range compactionSlice {
		if c.victim != id || c.cursor >= p.fresh {
			break
		}
		if r := refOf(id, c.cursor); *(*uint32)(ks.arena.at(r)) != 0 {
			ks.relocate(r)
		}
		c.cursor++
	}
}

// relocate moves a blob to another slot of the same size.
func (ks *Keyspace) relocate(old ref) {
	a := ks.arena
	r := a.allocClass(int(a.pages[old>>slotBits].class))
	e := Entry{ks: ks, ref: r, head: ks.head(r)}
	from := ks.head(old)
	copy(e.head.bytes(0, from.size()), from.bytes(0, from.size()))
	ks.moved(&e, old, true)
	a.free(old)
}
