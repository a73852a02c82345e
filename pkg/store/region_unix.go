//go:build unix

package store

import (
	"fmt"
	"syscall"
)

// region is memory from the system, outside the Go heap.
type region struct{ memory []byte }

// mapRegion returns zeroed memory. That there is none left is as fatal as for the Go heap: limits on memory have to act
// before.
func mapRegion(size int) region {
	memory, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(fmt.Sprintf("store: cannot map %d bytes: %v", size, err))
	}
	avoidHugePages(memory)
	return region{memory}
}

// unmap gives the memory back.
func (r region) unmap() { syscall.Munmap(r.memory) }
