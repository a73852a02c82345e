package rdb

import (
	"encoding/binary"
	"math"
	"strconv"
)

func appendLength(dst []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(dst, byte(n))
	case n < 1<<14:
		return append(dst, length14<<6|byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, length32), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, length64), n)
}

// appendString writes a string, as an integer if it is exactly how one of 32 bits is printed. Nothing is compressed: that is
// for the reader's sake, who does not have to be asked.
func appendString(dst, s []byte) []byte {
	if n, ok := shortInteger(s); ok {
		return appendInteger(dst, n)
	}
	return append(appendLength(dst, uint64(len(s))), s...)
}

// shortInteger reads s if printing the number gives s again.
func shortInteger(s []byte) (n int64, ok bool) {
	if len(s) == 0 || len(s) > len("-2147483648") || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(s), 10, 32)
	var digits [11]byte
	return n, err == nil && string(strconv.AppendInt(digits[:0], n, 10)) == string(s)
}

func appendInteger(dst []byte, n int64) []byte {
	switch {
	case n >= math.MinInt8 && n <= math.MaxInt8:
		return append(dst, specialI8, byte(n))
	case n >= math.MinInt16 && n <= math.MaxInt16:
		return binary.LittleEndian.AppendUint16(append(dst, specialI16), uint16(n))
	}
	return binary.LittleEndian.AppendUint32(append(dst, specialI32), uint32(n))
}

func appendDouble(dst []byte, f float64) []byte {
	return appendUint64(dst, math.Float64bits(f))
}

func appendUint64(dst []byte, n uint64) []byte { return binary.LittleEndian.AppendUint64(dst, n) }
