package commands

import (
	"bytes"
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// bitOperation is one of BITOP's. Its combine writes all of dst, which is as long as the longest source and may hold anything
// before.
type bitOperation struct {
	name     string
	checkFor func(sources int) error
	combine  func(dst []byte, sources [][]byte)
}

var bitOperations = [...]bitOperation{
	{"and", anyNumber, folded(andBits)},
	{"or", anyNumber, folded(orBits)},
	{"xor", anyNumber, folded(flipBits)},
	{"not", justOne, complement},
	{"diff", twoAtLeast("DIFF"), difference},
	{"diff1", twoAtLeast("DIFF1"), reverseDifference},
	{"andor", twoAtLeast("ANDOR"), intersection},
	{"one", anyNumber, exactlyOne},
}

func anyNumber(int) error { return nil }

func justOne(sources int) error {
	if sources != 1 {
		return proto.ErrBitopNot
	}
	return nil
}

func twoAtLeast(name string) func(int) error {
	return func(sources int) error {
		if sources < 2 {
			return proto.ErrBitopSources(name)
		}
		return nil
	}
}

// folded applies each source but the first to what is there so far, of a part that the processor's nearest cache holds.
func folded(apply func(dst, src []byte)) func([]byte, [][]byte) {
	const part = 16 << 10
	return func(dst []byte, sources [][]byte) {
		for from := 0; from < len(dst); from += part {
			to := min(from+part, len(dst))
			overwrite(dst[from:to], clip(sources[0], from, to))
			for _, src := range sources[1:] {
				apply(dst[from:to], clip(src, from, to))
			}
		}
	}
}

// clip returns what b has between two places.
func clip(b []byte, from, to int) []byte { return b[min(from, len(b)):min(to, len(b))] }

// overwrite makes dst what src is, with zeros behind its end.
func overwrite(dst, src []byte) { clear(dst[copy(dst, src):]) }

func complement(dst []byte, sources [][]byte) {
	for i := range dst {
		dst[i] = 0xff
	}
	flipBits(dst, sources[0])
}

// difference keeps what is in the first source and in no other.
func difference(dst []byte, sources [][]byte) {
	overwrite(dst, sources[0])
	for _, src := range sources[1:] {
		clearBits(dst, src)
	}
}

// reverseDifference keeps what is in any source but the first, and not in that.
func reverseDifference(dst []byte, sources [][]byte) {
	folded(orBits)(dst, sources[1:])
	clearBits(dst, sources[0])
}

// intersection keeps what is in the first source and in any other.
func intersection(dst []byte, sources [][]byte) {
	folded(orBits)(dst, sources[1:])
	andBits(dst, sources[0])
}

// exactlyOne keeps what is in one source and no other.
func exactlyOne(dst []byte, sources [][]byte) {
	repeated := make([]byte, len(dst))
	clear(dst)
	for _, src := range sources {
		collectBits(dst, repeated, src)
	}
	clearBits(dst, repeated)
}

func bitopCommand(c *actor.Call) error {
	op, err := readBitOperation(c)
	if err != nil {
		return err
	}
	var room [8][]byte
	sources, length := room[:0], 0
	for _, key := range c.Args[3:] {
		value, err := peekString(c, key)
		if err != nil {
			return err
		}
		sources, length = append(sources, value), max(length, len(value))
	}
	storeBits(c, op, sources, length)
	c.Reply.Count(length)
	return nil
}

// storeBits makes the destination what the operation gives, or nothing if that is empty.
func storeBits(c *actor.Call, op *bitOperation, sources [][]byte, length int) {
	destination := c.Args[2]
	if length == 0 {
		if c.Keys().Delete(destination) {
			c.Changed(destination, "del")
		}
		return
	}
	if isAmong(destination, c.Args[3:]) {
		result := make([]byte, length)
		op.combine(result, sources)
		c.Keys().EmptyString(destination).SetRaw(result)
	} else {
		c.Keys().FillString(destination, length, func(dst []byte) { op.combine(dst, sources) })
	}
	c.Changed(destination, "set")
}

func isAmong(key []byte, keys [][]byte) bool {
	return slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, key) })
}

func readBitOperation(c *actor.Call) (*bitOperation, error) {
	i := slices.IndexFunc(bitOperations[:], func(op bitOperation) bool { return proto.EqualFold(c.Args[1], op.name) })
	if i < 0 {
		return nil, proto.ErrSyntax
	}
	op := &bitOperations[i]
	return op, op.checkFor(len(c.Args) - 3)
}

// bitopGrows is the length of the longest source.
func bitopGrows(c *actor.Call) (length int64) {
	for _, key := range c.Args[3:] {
		e := c.Keys().Peek(key)
		switch {
		case e == nil:
		case e.Type() != store.TypeString:
			return 0
		default:
			length = max(length, int64(e.Value().Len()))
		}
	}
	return growth(c, c.Args[2], length)
}
