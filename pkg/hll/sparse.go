package hll

import (
	"slices"
	"strconv"
)

// The sparse form is a sequence of runs of equal registers that add up to Registers:
//
//	00nnnnnn            n+1 registers that are zero, up to 64
//	01nnnnnn nnnnnnnn   n+1 registers that are zero, up to 16,384; called XZERO
//	1vvvvvnn            n+1 registers, up to 4, that are v+1, up to 32
const (
	xzeroFlag = 0x40
	valueFlag = 0x80

	longestZero  = 64
	longestValue = 4
	greatestRank = 32

	mergedRuns = 5 // are looked at for neighbours that have become equal
)

// run is one of the sequence.
type run struct {
	at, size int // its bytes
	first, n int // its registers
	rank     uint8
}

// runAt decodes the run at byte at, whose first register is the given one; ok is false if its bytes are not all there.
func (s Sketch) runAt(at, first int) (r run, ok bool) {
	if at >= len(s) {
		return r, false
	}
	switch b := s[at]; {
	case b&valueFlag != 0:
		return run{at, 1, first, int(b&3) + 1, b>>2&0x1f + 1}, true
	case b&xzeroFlag == 0:
		return run{at, 1, first, int(b) + 1, 0}, true
	case at+1 < len(s):
		return run{at, 2, first, (int(b&0x3f)<<8 | int(s[at+1])) + 1, 0}, true
	}
	return r, false
}

// end is the byte behind the run.
func (r run) end() int { return r.at + r.size }

// eachRun calls visit with every run until they go beyond the last register. That, or fewer registers, is ErrCorrupt.
func (s Sketch) eachRun(visit func(first, n int, rank uint8)) error {
	at, first := headerSize, 0
	for at < len(s) {
		r, ok := s.runAt(at, first)
		if !ok || first+r.n > Registers {
			return ErrCorrupt
		}
		visit(first, r.n, r.rank)
		at, first = r.end(), first+r.n
	}
	if first != Registers {
		return ErrCorrupt
	}
	return nil
}

// find returns the run that has a register, and where the one before it begins, or the run itself if it is the first. It
// is where adding to a sparse sketch spends its time, so runs on the way are only measured.
func (s Sketch) find(register int) (r run, previous int, ok bool) {
	at, first := headerSize, 0
	previous = at
	for at < len(s) {
		n, size := int(s[at]), 1
		switch {
		case n >= valueFlag:
			n = n & 3
		case n >= xzeroFlag:
			if at+1 == len(s) {
				return r, previous, false
			}
			n, size = (n&0x3f)<<8|int(s[at+1]), 2
		}
		if first += n + 1; first > register {
			r, ok = s.runAt(at, first-n-1)
			return r, previous, ok
		}
		previous, at = at, at+size
	}
	return r, previous, false
}

func (s Sketch) raiseSparse(register int, rank uint8, maxSparse int) (now Sketch, raised bool, err error) {
	if rank > greatestRank {
		return s.promote(register, rank)
	}
	r, previous, ok := s.find(register)
	if !ok {
		return s, false, ErrCorrupt
	}
	if r.rank >= rank {
		return s, false, nil
	}
	if r.n == 1 && r.size == 1 {
		s[r.at] = value(rank, 1)
	} else {
		var room [5]byte
		split := r.split(room[:0], register, rank)
		if len(split) > r.size && len(s)+len(split)-r.size > maxSparse {
			return s.promote(register, rank)
		}
		s = slices.Replace(s, r.at, r.end(), split...)
	}
	return s.mergeFrom(previous), true, nil
}

// promote raises the register in the dense form.
func (s Sketch) promote(register int, rank uint8) (now Sketch, raised bool, err error) {
	d, err := s.Densify()
	if err != nil {
		return s, false, err
	}
	return d, d.raiseDense(register, rank), nil
}

// split appends to dst what becomes of the run when a register in it gets another rank.
func (r run) split(dst []byte, register int, rank uint8) []byte {
	dst = r.appendPart(dst, register-r.first)
	dst = append(dst, value(rank, 1))
	return r.appendPart(dst, r.first+r.n-1-register)
}

// appendPart appends a run of n registers of the same rank, if there are any.
func (r run) appendPart(dst []byte, n int) []byte {
	switch {
	case n == 0:
		return dst
	case r.rank > 0:
		return append(dst, value(r.rank, n))
	case n > longestZero:
		return appendXZero(dst, n)
	}
	return append(dst, byte(n-1))
}

func value(rank uint8, n int) byte { return valueFlag | (rank-1)<<2 | byte(n-1) }

func appendXZero(dst []byte, n int) []byte { return append(dst, xzeroFlag|byte((n-1)>>8), byte(n-1)) }

// mergeFrom joins neighbours of the same rank among the few runs from byte at. Zeros are not joined.
func (s Sketch) mergeFrom(at int) Sketch {
	for range mergedRuns {
		r, ok := s.runAt(at, 0)
		if !ok {
			break
		}
		next, ok := s.runAt(r.end(), 0)
		if ok && r.rank > 0 && next.rank == r.rank && r.n+next.n <= longestValue {
			s[next.at] = value(r.rank, r.n+next.n)
			s = slices.Delete(s, r.at, next.at)
			continue
		}
		at = r.end()
	}
	return s
}

// Runs describes the runs of a sparse sketch as PFDEBUG DECODE does: z for short zeros, Z for long ones, v for a rank and
// how many registers have it. What does not decode any more is left out.
func (s Sketch) Runs() string {
	var text []byte
	for at := headerSize; ; {
		r, ok := s.runAt(at, 0)
		if !ok {
			break
		}
		if at > headerSize {
			text = append(text, ' ')
		}
		switch {
		case r.rank > 0:
			text = strconv.AppendInt(append(text, "v:"...), int64(r.rank), 10)
			text = append(text, ',')
		case r.size == 1:
			text = append(text, "z:"...)
		default:
			text = append(text, "Z:"...)
		}
		text = strconv.AppendInt(text, int64(r.n), 10)
		at = r.end()
	}
	return string(text)
}
