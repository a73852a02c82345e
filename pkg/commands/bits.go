package commands

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
)

// Bits of a string are counted from the highest of its first byte. What follows takes eight bytes at a time.

// countBits returns how many bits are set from number from up to, but not including, number to.
func countBits(value []byte, from, to int64) (n int) {
	if from >= to {
		return 0
	}
	first, last := from>>3, (to-1)>>3
	n = countBytes(value[first : last+1])
	n -= bits.OnesCount8(value[first] &^ (0xff >> (from & 7)))
	n -= bits.OnesCount8(value[last] & (0x7f >> ((to - 1) & 7)))
	return n
}

func countBytes(b []byte) (n int) {
	for ; len(b) >= 32; b = b[32:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(b)) + bits.OnesCount64(binary.LittleEndian.Uint64(b[8:])) +
			bits.OnesCount64(binary.LittleEndian.Uint64(b[16:])) + bits.OnesCount64(binary.LittleEndian.Uint64(b[24:]))
	}
	for ; len(b) >= 8; b = b[8:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(b))
	}
	for _, x := range b {
		n += bits.OnesCount8(x)
	}
	return n
}

// findBit returns the first bit that is set, or with set false clear, from number from up to, but not including, number
// to; -1 if there is none.
func findBit(value []byte, from, to int64, set bool) int64 {
	flip := ^uint64(0)
	if set {
		flip = 0
	}
	wanted := ^uint64(0) >> (from & 7)
	for at, first := from&^7, true; at < to; at, first = at+64, false {
		if word := (wordAt(value, at>>3) ^ flip) & wanted; word != 0 {
			if at += int64(bits.LeadingZeros64(word)); at < to {
				return at
			}
			break
		}
		wanted = ^uint64(0)
		if next := at>>3 + 8; first && next < to>>3 {
			at += 8 * int64(blankBytes(value[next:to>>3], set))
		}
	}
	return -1
}

// blank holds what is skipped in the search for set bits, and for clear ones: so much at a time that the comparison, which is the
// processor's business, counts alone.
const blankSize = 1 << 10

var blank = map[bool][]byte{true: make([]byte, blankSize), false: bytes.Repeat([]byte{0xff}, blankSize)}

// blankBytes returns how many bytes at the beginning, in steps of blankSize, have no bit that is set, or clear.
func blankBytes(b []byte, set bool) (n int) {
	for none := blank[set]; len(b)-n >= blankSize && bytes.Equal(b[n:n+blankSize], none); {
		n += blankSize
	}
	return n
}

// wordAt returns eight bytes, zeros behind the end.
func wordAt(b []byte, at int64) uint64 {
	b = b[at:]
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var padded [8]byte
	copy(padded[:], b)
	return binary.BigEndian.Uint64(padded[:])
}

// blockSize is how many bytes of a string are looked at together: one check of bounds for four words.
const blockSize = 32

func loadWords(b *[blockSize]byte) (w, x, y, z uint64) {
	return binary.LittleEndian.Uint64(b[0:]), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
}

func storeWords(b *[blockSize]byte, w, x, y, z uint64) {
	binary.LittleEndian.PutUint64(b[0:], w)
	binary.LittleEndian.PutUint64(b[8:], x)
	binary.LittleEndian.PutUint64(b[16:], y)
	binary.LittleEndian.PutUint64(b[24:], z)
}

// andBits leaves in dst the bits that are in src too, which is zero behind its end and no longer than dst.
func andBits(dst, src []byte) {
	clear(dst[len(src):])
	for ; len(src) >= blockSize; dst, src = dst[blockSize:], src[blockSize:] {
		block := (*[blockSize]byte)(dst)
		a, b, c, d := loadWords(block)
		w, x, y, z := loadWords((*[blockSize]byte)(src))
		storeWords(block, a&w, b&x, c&y, d&z)
	}
	for i, x := range src {
		dst[i] &= x
	}
}

// orBits adds the bits of src to dst.
func orBits(dst, src []byte) {
	for ; len(src) >= blockSize; dst, src = dst[blockSize:], src[blockSize:] {
		block := (*[blockSize]byte)(dst)
		a, b, c, d := loadWords(block)
		w, x, y, z := loadWords((*[blockSize]byte)(src))
		storeWords(block, a|w, b|x, c|y, d|z)
	}
	for i, x := range src {
		dst[i] |= x
	}
}

// clearBits takes the bits of src away from dst.
func clearBits(dst, src []byte) {
	for ; len(src) >= blockSize; dst, src = dst[blockSize:], src[blockSize:] {
		block := (*[blockSize]byte)(dst)
		a, b, c, d := loadWords(block)
		w, x, y, z := loadWords((*[blockSize]byte)(src))
		storeWords(block, a&^w, b&^x, c&^y, d&^z)
	}
	for i, x := range src {
		dst[i] &^= x
	}
}

// collectBits adds the bits of src to seen, and those that were there to repeated.
func collectBits(seen, repeated, src []byte) {
	for ; len(src) >= blockSize; seen, repeated, src = seen[blockSize:], repeated[blockSize:], src[blockSize:] {
		one, more := (*[blockSize]byte)(seen), (*[blockSize]byte)(repeated)
		a, b, c, d := loadWords(one)
		w, x, y, z := loadWords((*[blockSize]byte)(src))
		e, f, g, h := loadWords(more)
		storeWords(more, e|a&w, f|b&x, g|c&y, h|d&z)
		storeWords(one, a|w, b|x, c|y, d|z)
	}
	for i, x := range src {
		repeated[i] |= seen[i] & x
		seen[i] |= x
	}
}

// flipBits turns the bits of src round in dst.
func flipBits(dst, src []byte) { subtle.XORBytes(dst, dst[:len(src)], src) }
