package store

// decimalLen is the room the longest int64 needs in decimal.
const decimalLen = 20

// canonicalInt reads v as an int64 if printing that number gives v again,
// which is when Redis keeps it as one: no sign but a minus, no leading zero,
// no space, no overflow.
func canonicalInt(v []byte) (int64, bool) {
	if len(v) == 0 || len(v) > decimalLen || v[0] > '9' {
		return 0, false
	}
	digits, negative := v, v[0] == '-'
	if negative {
		digits = v[1:]
	}
	if len(digits) == 0 || len(digits) == decimalLen || digits[0] == '0' && len(v) > 1 {
		return 0, false
	}
	var n uint64 // nineteen digits cannot overflow it
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = n*10 + uint64(d-'0')
	}
	if negative {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n < 1<<63
}
