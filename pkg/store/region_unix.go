//go:build unix

package store

import (
	"fmt"
	"syscall"
	"unsafe"
)

// systemPage is the least that the system maps.
const systemPage = 4 << 10

// hugePage is the size and alignment of the pages that save most look-ups of addresses.
const hugePage = 2 << 20

// region is memory from the system, outside the Go heap.
type region struct {
	memory []byte // the part that is used
	mapped []byte
}

// mapRegion returns zeroed memory, in huge pages if it is large enough for them. That there is none left is as fatal as
// for the Go heap: limits on memory have to act before.
func mapRegion(size int) region {
	room := size
	if size%hugePage == 0 {
		room += hugePage
	}
	mapped, err := syscall.Mmap(-1, 0, room, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(fmt.Sprintf("store: cannot map %d bytes: %v", room, err))
	}
	if room == size {
		return region{mapped, mapped}
	}
	skip := -uintptr(unsafe.Pointer(&mapped[0])) % hugePage
	memory := mapped[skip:][:size:size]
	adviseHuge(memory)
	return region{memory, mapped}
}

// unmap gives the memory back.
func (r region) unmap() { syscall.Munmap(r.mapped) }
