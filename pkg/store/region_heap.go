//go:build !unix

package store

// Where there is no mmap a region lies on the Go heap.

type region struct{ memory []byte }

func mapRegion(size int) region { return region{make([]byte, size)} }

func (region) unmap() {}
