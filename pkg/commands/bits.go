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
	words := len(src) &^ 7
	for i := 0; i < words; i += 8 {
		d := dst[i : i+8]
		binary.LittleEndian.PutUint64(d, binary.LittleEndian.Uint64(d)&binary.LittleEndian.Uint64(src[i:i+8]))
	}
	for i := words; i < len(src); i++ {
		dst[i] &= src[i]
	}
}

// orBits adds the bits of src to dst.
func orBits(dst, src []byte) {
	words := len(src) &^ 7
	for i := 0; i < words; i += 8 {
		d := dst[i : i+8]
		binary.LittleEndian.PutUint64(d, binary.LittleEndian.Uint64(d)|binary.LittleEndian.Uint64(src[i:i+8]))
	}
	for i := words; i < len(src); i++ {
		dst[i] |= src[i]
	}
}

// collectBits adds the bits of src to seen, and those that were there to repeated.
func collectBits(seen, repeated, src []byte) {
	words := len(src) &^ 7
	for i := 0; i < words; i += 8 {
		s, r, has := seen[i:i+8], repeated[i:i+8], binary.LittleEndian.Uint64(src[i:i+8])
		had := binary.LittleEndian.Uint64(s)
		binary.LittleEndian.PutUint64(r, binary.LittleEndian.Uint64(r)|had&has)
		binary.LittleEndian.PutUint64(s, had|has)
	}
	for i := words; i < len(src); i++ {
		repeated[i] |= seen[i] & src[i]
		seen[i] |= src[i]
	}
}

// clearBits takes the bits of src away from dst.
func clearBits(dst, src []byte) {
	words := len(src) &^ 7
	for i := 0; i < words; i += 8 {
		d := dst[i : i+8]
		binary.LittleEndian.PutUint64(d, binary.LittleEndian.Uint64(d)&^binary.LittleEndian.Uint64(src[i:i+8]))
	}
	for i := words; i < len(src); i++ {
		dst[i] &^= src[i]
	}
}

// flipBits turns the bits of src round in dst.
func flipBits(dst, src []byte) { subtle.XORBytes(dst, dst[:len(src)], src) }
