package hll

import "encoding/binary"

// murmur64 is Austin Appleby's MurmurHash64A with Redis' seed.
func murmur64(b []byte) uint64 {
	const (
		multiplier = 0xc6a4a7935bd1e995
		shift      = 47
		seed       = 0xadc83b19
	)
	hash := uint64(seed) ^ uint64(len(b))*multiplier
	for ; len(b) >= 8; b = b[8:] {
		k := binary.LittleEndian.Uint64(b) * multiplier
		k ^= k >> shift
		hash = (hash ^ k*multiplier) * multiplier
	}
	if len(b) > 0 {
		var rest uint64
		for i, x := range b {
			rest |= uint64(x) << (8 * i)
		}
		hash = (hash ^ rest) * multiplier
	}
	hash ^= hash >> shift
	hash *= multiplier
	return hash ^ hash>>shift
}
