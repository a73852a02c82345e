package store

import "unsafe"

// arena holds the blobs of one database, and its table's groups, outside the Go heap: the garbage collector neither
// looks at them nor lets them pile up, and what is freed is used again at once. Memory comes in regions from the system,
// a region is cut into pages, and a page into slots of one size. docs/decisions/0009-memory-layout.md has the figures
// and the alternatives.
//
// Nothing outside the owner may keep a slice of it.
type arena struct {
	account  *account // in which every slot in use counts in full
	frames   []frame
	pages    []page
	classes  [classCount]class
	regions  []region
	spare    []pageID // of regions; hold nothing, but may still be resident
	gone     []pageID // of regions; given back to the system
	vacant   []pageID // numbers of oversize pages that are free again
	resident int64    // bytes of pages from the system that are in use, or spare

	sparseClass int // a class that may have more pages than it needs, or noPlace
}

// account counts the bytes that a database takes, and with those of all others the store's.
type account struct {
	bytes   int64
	total   *int64
	offHeap *int64 // of all databases: what they have from the system
}

func (a *account) add(n int) {
	a.bytes += int64(n)
	*a.total += int64(n)
}

// ref names a slot: the number of its page and of the slot in it. 0 is no slot.
type ref uint32

type pageID uint32

// frame is what an access needs of a page: apart from the rest, so that a million keys' frames take 16 KB.
type frame struct {
	base unsafe.Pointer
	size uint32 // of a slot
}

// page is what allocation needs of a page.
type page struct {
	live  uint32 // slots in use
	fresh uint32 // slots from here on have never been used
	free  uint32 // first of a chain of freed slots, plus one; 0 if there is none
	place int32  // among its class' pages with room, or noPlace
	class uint8
}

// class is a size of slots.
type class struct {
	pages  int
	live   int      // slots in use
	open   []pageID // pages with room; the last one is filled first
	victim pageID   // page that is being emptied, 0 if none
	cursor uint32   // the victim's slot that is next
}

const (
	pageSize    = 64 << 10
	slotBits    = 11
	slotMask    = 1<<slotBits - 1
	leastSlot   = pageSize >> slotBits
	fineLimit   = 256 // up to here classes are 8 bytes apart, then an eighth
	largestSlot = pageSize / 4
	goPage      = 8 << 10 // to which Go rounds large objects up
	regionSize  = 4 << 20
	regionPages = regionSize / pageSize
	sparePages  = 16 // empty pages that are kept resident, beside a 32nd of those in use
	mostPages   = 1 << (32 - slotBits)

	// reservedPages is how many pages no key may take: one request, of a gigabyte at most, may need as many before the next
	// one is refused or has keys evicted for it, when its keys are so long that each takes a page.
	reservedPages = 1 << 17

	groupsClass   = classCount - 2 - groupBits // and the next ones: slots for 1, 2, 4 … 64 groups of a segment; never moved
	oversizeClass = classCount - 1             // pages that are one slot of their own size
)

// classSizes are the sizes of slots. Behind fineLimit they divide a page with little left over.
var classSizes, classOf = slotClasses()

const classCount = 67

func slotClasses() (sizes [classCount]uint32, of [largestSlot/8 + 1]uint8) {
	n, size := 0, uint32(leastSlot)
	for i := range of {
		if uint32(i*8) > size {
			n++
			size = nextClass(size)
		}
		sizes[n], of[i] = size, uint8(n)
	}
	for bits := range groupBits + 1 {
		sizes[groupsClass+bits] = uint32(unsafe.Sizeof(group{})) << bits
	}
	return sizes, of
}

func nextClass(size uint32) uint32 {
	if size < fineLimit {
		return size + 8
	}
	slots := pageSize / (size + size/8)
	if next := pageSize / slots &^ 7; next > size {
		return next
	}
	return pageSize / (pageSize/size - 1) &^ 7
}

func newArena(a *account) *arena {
	return &arena{account: a, frames: make([]frame, 1), pages: make([]page, 1), sparseClass: noPlace} // page 0 is nobody's
}

// at returns where a slot begins.
func (a *arena) at(r ref) unsafe.Pointer {
	f := &a.frames[r>>slotBits]
	return unsafe.Add(f.base, uintptr(r&slotMask)*uintptr(f.size))
}

// room returns the size of a slot in bytes.
func (a *arena) room(r ref) int { return int(a.frames[r>>slotBits].size) }

// alloc returns a slot of at least size bytes, whose contents are undefined.
func (a *arena) alloc(size int) ref {
	if size > largestSlot {
		return a.allocOversize(size)
	}
	return a.allocClass(int(classOf[(size+7)/8]))
}

func (a *arena) allocClass(i int) ref {
	c := &a.classes[i]
	if len(c.open) == 0 {
		a.openPage(i)
	}
	id := c.open[len(c.open)-1]
	p := &a.pages[id]
	var slot uint32
	if p.free != 0 {
		slot = p.free - 1
		p.free = *(*uint32)(unsafe.Add(a.at(refOf(id, slot)), freeLink))
	} else {
		slot = p.fresh
		p.fresh++
	}
	p.live++
	c.live++
	if a.full(id) {
		a.close(id)
	}
	a.account.add(int(classSizes[i]))
	return refOf(id, slot)
}

func refOf(id pageID, slot uint32) ref { return ref(id)<<slotBits | ref(slot) }

// full reports whether a page has no room.
func (a *arena) full(id pageID) bool {
	p := &a.pages[id]
	return p.free == 0 && (p.fresh+1)*a.frames[id].size > pageSize
}

// free gives a slot back. A blob there is marked as none, see freeLink.
func (a *arena) free(r ref) {
	id := pageID(r >> slotBits)
	p := &a.pages[id]
	a.account.add(-int(a.frames[id].size))
	if p.class == oversizeClass {
		a.freeOversize(id)
		return
	}
	slot := a.at(r)
	*(*uint32)(slot) = 0
	*(*uint32)(unsafe.Add(slot, freeLink)) = p.free
	p.free = uint32(r&slotMask) + 1
	p.live--
	c := &a.classes[p.class]
	c.live--
	if i := int(p.class); i < groupsClass && a.sparseClass == noPlace && a.sparse(i) {
		a.sparseClass = i
	}
	switch {
	case p.live == 0:
		a.retire(id)
	case p.place == noPlace && c.victim != id:
		a.open(id)
	}
}

// freeLink is where in a free slot the chain goes on: behind the bytes of a blob's header that tell a free slot.
const freeLink = 4

// open puts a page among those with room, close takes it out.
func (a *arena) open(id pageID) {
	c := &a.classes[a.pages[id].class]
	a.pages[id].place = int32(len(c.open))
	c.open = append(c.open, id)
}

func (a *arena) close(id pageID) {
	p := &a.pages[id]
	c := &a.classes[p.class]
	last := c.open[len(c.open)-1]
	c.open[p.place] = last
	a.pages[last].place = p.place
	c.open = c.open[:len(c.open)-1]
	p.place = noPlace
}

// openPage gives a class another page.
func (a *arena) openPage(i int) {
	if len(a.spare)+len(a.gone) == 0 {
		a.addRegion()
	}
	id, ok := pop(&a.spare)
	if !ok {
		id, _ = pop(&a.gone)
		a.reside(pageSize)
	}
	a.pages[id] = page{class: uint8(i)}
	a.frames[id].size = classSizes[i]
	a.classes[i].pages++
	a.open(id)
}

// pop removes the last element of a stack.
func pop[T any](stack *[]T) (last T, ok bool) {
	n := len(*stack)
	if n == 0 {
		return last, false
	}
	last, *stack = (*stack)[n-1], (*stack)[:n-1]
	return last, true
}

// retire takes an empty page from its class and keeps it for another, or gives memory back.
func (a *arena) retire(id pageID) {
	p := &a.pages[id]
	c := &a.classes[p.class]
	if p.place != noPlace {
		a.close(id)
	}
	if c.victim == id {
		c.victim = 0
	}
	c.pages--
	a.spare = append(a.spare, id)
	for len(a.spare) > sparePages+int(a.resident/pageSize/32) {
		a.giveBack()
	}
}

// reside counts memory that is in use, or spare, or no more.
func (a *arena) reside(n int64) {
	a.resident += n
	*a.account.offHeap += n
}

// giveBack gives the memory of a spare page back to the system.
func (a *arena) giveBack() {
	id, _ := pop(&a.spare)
	discard(unsafe.Slice((*byte)(a.frames[id].base), pageSize))
	a.reside(-pageSize)
	a.gone = append(a.gone, id)
}

// addRegion maps another region and adds its pages.
func (a *arena) addRegion() {
	r := mapRegion(regionSize)
	a.regions = append(a.regions, r)
	for i := range regionPages {
		base := unsafe.Pointer(&r.memory[(regionPages-1-i)*pageSize]) // the first page lies on top of the stack
		a.gone = append(a.gone, a.addPage(base, page{place: noPlace}))
	}
}

// addPage numbers another page. That numbers run out is as fatal as that memory does: exhausted has to act before.
func (a *arena) addPage(base unsafe.Pointer, p page) pageID {
	id := len(a.frames)
	if id == mostPages {
		panic("store: a database has all the pages that it can refer to")
	}
	a.frames = append(a.frames, frame{base: base})
	a.pages = append(a.pages, p)
	return pageID(id)
}

// allocOversize makes a page that is one slot, for the rare blob with a key that is longer than any slot. It lies on the Go
// heap, where its frame keeps it alive: regions of their own for a hundred thousand such keys would take all that a
// process may map.
func (a *arena) allocOversize(size int) ref {
	size = (size + goPage - 1) &^ (goPage - 1)
	base := unsafe.Pointer(unsafe.SliceData(make([]byte, size)))
	id, ok := pop(&a.vacant)
	if !ok {
		id = a.addPage(base, page{})
	}
	a.frames[id] = frame{base, uint32(size)}
	a.pages[id] = page{live: 1, fresh: 1, place: noPlace, class: oversizeClass}
	a.account.add(size)
	return refOf(id, 0)
}

func (a *arena) freeOversize(id pageID) {
	a.frames[id] = frame{}
	a.pages[id] = page{place: noPlace}
	a.vacant = append(a.vacant, id)
}

// exhausted reports whether references are about to run out, which they do at 120 GiB. Pages that have been given up
// can be used again.
func (a *arena) exhausted() bool {
	return mostPages-len(a.frames)+len(a.spare)+len(a.gone) < reservedPages
}

// release gives one region back to the system and reports whether there are more. The arena is of no use any more: no
// pointer may be left to memory that is not there.
func (a *arena) release() (more bool) {
	a.frames = nil
	if r, ok := pop(&a.regions); ok {
		r.unmap()
	}
	if more = len(a.regions) > 0; more {
		a.reside(-min(a.resident, regionSize))
	} else {
		a.reside(-a.resident)
	}
	return more
}

// each visits every blob, of keys and of elements, until visit returns false; visit must not change the arena. It goes through memory from one
// end to the other, which is several times faster than through the table.
func (a *arena) each(visit func(ref) bool) bool {
	for id := range a.pages {
		p := &a.pages[id]
		if p.class >= groupsClass && p.class != oversizeClass {
			continue
		}
		for slot := uint32(0); p.live > 0 && slot < p.fresh; slot++ {
			r := refOf(pageID(id), slot)
			if *(*uint32)(a.at(r)) != 0 && !visit(r) {
				return false
			}
		}
	}
	return true
}
