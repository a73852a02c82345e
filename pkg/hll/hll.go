// Package hll reads and writes HyperLogLogs as Redis keeps them in strings, byte for byte. A HyperLogLog estimates how many
// different elements it has seen, with a standard error of 0.81 %, in 12 KiB or less.
//
// The string begins with a header of 16 bytes:
//
//	magic         4 bytes, "HYLL"
//	encoding      1 byte, Dense or Sparse
//	unused        3 bytes
//	cardinality   8 bytes, little endian: the last estimate. The highest bit is set when it is out of date.
//
// Behind it are 16,384 registers. An element's hash chooses one of them and says how large it must be at least. The dense
// form has six bits for each register; the sparse form, for few elements, is a sequence of runs of equal registers.
package hll

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
)

// Errors of strings that are no HyperLogLog, or one whose runs do not add up.
var (
	ErrNotHLL  = errors.New("hll: not a HyperLogLog")
	ErrCorrupt = errors.New("hll: corrupt")
)

// Encoding is how the registers are kept.
type Encoding uint8

// The encodings, as they stand in the header.
const (
	Dense Encoding = iota
	Sparse
)

func (e Encoding) String() string { return [...]string{"dense", "sparse"}[e] }

const (
	// Registers is how many registers there are.
	Registers = 1 << indexBits
	// DenseSize is the length of a dense sketch in bytes.
	DenseSize = headerSize + Registers*registerBits/8

	indexBits    = 14             // of a hash: which register
	rankBits     = 64 - indexBits // the rest of it
	registerBits = 6              // of one in the dense form
	registerMask = 1<<registerBits - 1

	headerSize = 16

	encodingAt    = 4
	cardinalityAt = 8
	staleAt       = 15
	stale         = 0x80
)

var magic = []byte("HYLL")

// Sketch is a HyperLogLog: the bytes of the string. Methods that take a sketch in the sparse form and return another one
// use its memory if there is room; the caller keeps what they return.
type Sketch []byte

// AppendNew appends an empty sketch, in the sparse form, to dst.
func AppendNew(dst []byte) Sketch {
	dst = append(dst, magic...)
	dst = append(dst, byte(Sparse), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	return appendXZero(dst, Registers)
}

// Check returns ErrNotHLL unless b has the header and, if dense, the length of a sketch. O(1): the runs of a sparse one
// may still not add up.
func Check(b []byte) error {
	switch {
	case len(b) < headerSize || !bytes.Equal(b[:encodingAt], magic) || Encoding(b[encodingAt]) > Sparse:
		return ErrNotHLL
	case Encoding(b[encodingAt]) == Dense && len(b) != DenseSize:
		return ErrNotHLL
	}
	return nil
}

// Encoding returns the form of a checked sketch.
func (s Sketch) Encoding() Encoding { return Encoding(s[encodingAt]) }

// Cached returns the last estimate, if nothing has changed since it was made.
func (s Sketch) Cached() (cardinality uint64, ok bool) {
	return binary.LittleEndian.Uint64(s[cardinalityAt:]), s[staleAt]&stale == 0
}

// Cache keeps an estimate.
func (s Sketch) Cache(cardinality uint64) {
	binary.LittleEndian.PutUint64(s[cardinalityAt:], cardinality)
}

// Invalidate makes the cached estimate out of date.
func (s Sketch) Invalidate() { s[staleAt] |= stale }

// Position returns which register an element belongs to, and how large it makes it: one more than there are zeros at the
// end of the rest of the hash.
func Position(element []byte) (register int, rank uint8) {
	hash := murmur64(element)
	return int(hash & (Registers - 1)), uint8(bits.TrailingZeros64(hash>>indexBits|1<<rankBits)) + 1
}

// Raise makes a register at least rank, and reports whether it was less. A sparse sketch becomes dense when the rank or the
// length, which maxSparse bounds in bytes, is too large for it. Dense O(1), sparse O(runs). After an error, which is
// ErrCorrupt, neither the old sketch nor the new one may be used any more.
func (s Sketch) Raise(register int, rank uint8, maxSparse int) (now Sketch, raised bool, err error) {
	if s.Encoding() == Dense {
		return s, s.raiseDense(register, rank), nil
	}
	return s.raiseSparse(register, rank, maxSparse)
}

// raiseDense cannot fail.
func (s Sketch) raiseDense(register int, rank uint8) bool {
	if s.dense(register) >= rank {
		return false
	}
	at, shift := denseAt(register)
	word := uint16(s[at])
	if at+1 < len(s) {
		word |= uint16(s[at+1]) << 8
	}
	word = word&^(registerMask<<shift) | uint16(rank)<<shift
	s[at] = byte(word)
	if at+1 < len(s) {
		s[at+1] = byte(word >> 8)
	}
	return true
}

// dense returns a register of the dense form.
func (s Sketch) dense(register int) uint8 {
	at, shift := denseAt(register)
	word := uint16(s[at])
	if at+1 < len(s) {
		word |= uint16(s[at+1]) << 8
	}
	return uint8(word>>shift) & registerMask
}

func denseAt(register int) (at, shift int) {
	bit := register * registerBits
	return headerSize + bit/8, bit % 8
}

// four returns the four registers of the dense form that lie in the first three bytes of b.
func four(b []byte) (uint8, uint8, uint8, uint8) {
	word := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	return uint8(word) & registerMask, uint8(word>>6) & registerMask, uint8(word>>12) & registerMask, uint8(word >> 18)
}

// Densify returns the sketch in the dense form, in memory of its own unless it is that already. O(registers).
func (s Sketch) Densify() (Sketch, error) {
	if s.Encoding() == Dense {
		return s, nil
	}
	d := make(Sketch, DenseSize)
	copy(d, s[:headerSize])
	d[encodingAt] = byte(Dense)
	err := s.eachRun(func(first, n int, rank uint8) {
		for i := first; rank > 0 && i < first+n; i++ {
			d.raiseDense(i, rank)
		}
	})
	return d, err
}

// MaxInto raises registers, of which there are Registers, to those of the sketch.
func (s Sketch) MaxInto(registers []uint8) error {
	if s.Encoding() == Dense {
		for b, r := s[headerSize:DenseSize], registers; len(b) > 2 && len(r) > 3; b, r = b[3:], r[4:] {
			w, x, y, z := four(b)
			r[0], r[1], r[2], r[3] = max(r[0], w), max(r[1], x), max(r[2], y), max(r[3], z)
		}
		return nil
	}
	return s.eachRun(func(first, n int, rank uint8) {
		for i := first; rank > 0 && i < first+n; i++ {
			registers[i] = max(registers[i], rank)
		}
	})
}

// Count estimates how many different elements the sketch has seen. O(registers) dense, O(runs) sparse.
func (s Sketch) Count() (uint64, error) {
	var h histogram
	if s.Encoding() == Dense {
		for b := s[headerSize:DenseSize]; len(b) > 2; b = b[3:] {
			w, x, y, z := four(b)
			h[w]++
			h[x]++
			h[y]++
			h[z]++
		}
		return h.estimate(), nil
	}
	err := s.eachRun(func(_, n int, rank uint8) { h[rank] += n })
	return h.estimate(), err
}

// CountRegisters is Count of registers by themselves.
func CountRegisters(registers []uint8) uint64 {
	var h histogram
	for _, rank := range registers {
		h[rank]++
	}
	return h.estimate()
}
