package store

import "syscall"

// adviseHuge asks for huge pages. Where the system has none the advice is lost, which does no harm.
func adviseHuge(memory []byte) { syscall.Madvise(memory, syscall.MADV_HUGEPAGE) }

// discard gives the memory of pages back; they read as zeros from then on.
func discard(memory []byte) { syscall.Madvise(memory, syscall.MADV_DONTNEED) }
