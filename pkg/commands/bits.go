package commands

import (
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
	for at := from &^ 7; at < to; at += 64 {
		if word := (wordAt(value, at>>3) ^ flip) & wanted; word != 0 {
			if at += int64(bits.LeadingZeros64(word)); at < to {
				return at
			}
			break
		}
		wanted = ^uint64(0)
	}
	return -1
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

// andBits leaves in dst the bits that are in src too, which is zero behind its end and no longer than dst.
func andBits(dst, src []byte) {
	clear(dst[len(src):])
	dst = dst[:len(src)]
	for ; len(src) >= 8; dst, src = dst[8:], src[8:] {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)&binary.LittleEndian.Uint64(src))
	}
	for i := range src {
		dst[i] &= src[i]
	}
}

// orBits adds the bits of src to dst.
func orBits(dst, src []byte) {
	for ; len(src) >= 8; dst, src = dst[8:], src[8:] {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)|binary.LittleEndian.Uint64(src))
	}
	for i := range src {
		dst[i] |= src[i]
	}
}

// collectBits adds the bits of src to seen, and those that were there to repeated.
func collectBits(seen, repeated, src []byte) {
	for ; len(src) >= 8; seen, repeated, src = seen[8:], repeated[8:], src[8:] {
		had, has := binary.LittleEndian.Uint64(seen), binary.LittleEndian.Uint64(src)
		binary.LittleEndian.PutUint64(repeated, binary.LittleEndian.Uint64(repeated)|had&has)
		binary.LittleEndian.PutUint64(seen, had|has)
	}
	for i, has := range src {
		repeated[i] |= seen[i] & has
		seen[i] |= has
	}
}

// clearBits takes the bits of src away from dst.
func clearBits(dst, src []byte) {
	for ; len(src) >= 8; dst, src = dst[8:], src[8:] {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)&^binary.LittleEndian.Uint64(src))
	}
	for i := range src {
		dst[i] &^= src[i]
	}
}

// flipBits turns the bits of src round in dst.
func flipBits(dst, src []byte) { subtle.XORBytes(dst, dst[:len(src)], src) }
