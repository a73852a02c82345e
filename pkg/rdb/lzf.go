package rdb

// lzfRatio is by how much LZF can shrink at the very best: three bytes stand for 264.
const lzfRatio = 88

// inflate undoes LZF compression, the format of Marc Lehmann's LibLZF: a control byte below 32 announces so many literal bytes
// and one more, a larger one a copy of what came before. It fails unless exactly size bytes come of it.
func inflate(src []byte, size int) ([]byte, error) {
	if size > len(src)*lzfRatio {
		return nil, ErrFormat
	}
	dst := make([]byte, 0, min(size, 8*len(src)))
	for len(src) > 0 {
		control := int(src[0])
		src = src[1:]
		if control < 32 {
			n := control + 1
			if n > len(src) {
				return nil, ErrFormat
			}
			dst, src = append(dst, src[:n]...), src[n:]
			continue
		}
		n, offset, rest, ok := backReference(control, src)
		if !ok || offset > len(dst) || len(dst)+n > size {
			return nil, ErrFormat
		}
		src = rest
		for range n { // what is copied may be what is being written
			dst = append(dst, dst[len(dst)-offset])
		}
	}
	if len(dst) != size {
		return nil, ErrFormat
	}
	return dst, nil
}

// backReference reads how many bytes to copy from how far back.
func backReference(control int, src []byte) (n, offset int, rest []byte, ok bool) {
	n = control >> 5
	if n == 7 {
		if len(src) == 0 {
			return 0, 0, nil, false
		}
		n += int(src[0])
		src = src[1:]
	}
	if len(src) == 0 {
		return 0, 0, nil, false
	}
	return n + 2, (control&31)<<8 + int(src[0]) + 1, src[1:], true
}
