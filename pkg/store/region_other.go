//go:build !linux

package store

// What other systems know of huge pages and of memory that is not needed differs too much to be worth it: there memory
// goes back to the system with its whole region.

func avoidHugePages([]byte) {}
func discard([]byte)        {}
