package commands

import (
	"cmp"
	"math"
	"math/bits"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

// lcsOptions are the words behind LCS' keys.
type lcsOptions struct {
	length, indexes, withMatchLength bool
	minMatchLength                   int64
}

func lcsCommand(c *actor.Call) error {
	a, err := lcsOperand(c, c.Args[1])
	b, also := lcsOperand(c, c.Args[2])
	if err = cmp.Or(err, also); err != nil {
		return err
	}
	options, err := readLCSOptions(c.Args.Options(3))
	if err != nil {
		return err
	}
	if err := checkLCS(c, len(a), len(b)); err != nil {
		return err
	}
	replyLCS(c.Reply, a, b, options)
	return nil
}

// checkLCS refuses what is too much for Redis' table, of which a cell takes four bytes, or for ours.
func checkLCS(c *actor.Call, a, b int) error {
	const cell = 4
	cells := int64(a+1) * int64(b+1)
	switch {
	case a >= math.MaxUint32-1 || b >= math.MaxUint32-1:
		return proto.ErrLCSTooLong
	case cells > c.Bounds().MaxBulk/cell:
		return proto.ErrLCSTable
	case cells > lcsMaxCells:
		return proto.ErrLCSMemory
	}
	return nil
}

// lcsOperand returns the string of a key, empty if there is none.
func lcsOperand(c *actor.Call, key []byte) ([]byte, error) {
	value, err := peekString(c, key)
	if err == store.ErrWrongType {
		err = proto.ErrLCSType
	}
	return value, err
}

func readLCSOptions(o proto.Options) (options lcsOptions, err error) {
	for err == nil && o.More() {
		if arg, ok := o.WordWith("minmatchlen"); ok {
			options.minMatchLength, err = integer(arg)
			continue
		}
		switch {
		case o.Word("len"):
			options.length = true
		case o.Word("idx"):
			options.indexes = true
		case o.Word("withmatchlen"):
			options.withMatchLength = true
		default:
			return options, proto.ErrSyntax
		}
	}
	if err == nil && options.length && options.indexes {
		err = proto.ErrLCSBoth
	}
	return options, err
}

func replyLCS(r *proto.Reply, a, b []byte, options lcsOptions) {
	switch {
	case options.indexes:
		replyLCSMatches(r, a, b, options)
	case options.length:
		r.Count(newLCS(a, b, false).length)
	default:
		table := newLCS(a, b, true)
		common := make([]byte, table.length)
		table.eachMatch(func(m lcsMatch) {
			table.length -= m.length
			copy(common[table.length:], a[m.a:m.a+m.length])
		})
		r.Bulk(common)
	}
}

// replyLCSMatches answers which parts of the strings make up the subsequence, the last one first.
func replyLCSMatches(r *proto.Reply, a, b []byte, options lcsOptions) {
	table := newLCS(a, b, true)
	r.Map(2)
	r.BulkString("matches")
	matches, n := r.DeferArray(), 0
	table.eachMatch(func(m lcsMatch) {
		if int64(m.length) < options.minMatchLength {
			return
		}
		n++
		r.Array(2 + oneIf(options.withMatchLength))
		for _, from := range [...]int{m.a, m.b} {
			r.Array(2)
			r.Count(from)
			r.Count(from + m.length - 1)
		}
		if options.withMatchLength {
			r.Count(m.length)
		}
	})
	r.EndArray(matches, n)
	r.BulkString("len")
	r.Count(table.length)
}

// lcs is the dynamic programming table of the longest common subsequence, computed a word of cells at a time (Hyyrö
// 2004). With L(i, j) the length for the first i bytes of a and j bytes of b, all that is kept of row i is for each j
// whether L(i, j) = L(i, j-1): a set bit. In a step of the loop below, which is one addition, a row follows from the one
// before: a bit is cleared at the first match behind each cleared bit. That takes a bit where Redis has a number of four
// bytes, and some forty times less time.
type lcs struct {
	a, b   []byte
	length int
	words  int      // of a row
	rows   []uint64 // one behind the other, unless only the length was asked for
}

// lcsMaxCells bounds the table where proto-max-bulk-len is far above its default: 128 MiB, which takes some 50 ms. Redis'
// table would have 4 GiB, and the request fails where so much is not to be had.
const lcsMaxCells = 1 << 30

func newLCS(a, b []byte, keepRows bool) *lcs {
	t := &lcs{a: a, b: b, words: (len(b) + 63) / 64}
	if keepRows {
		t.rows = make([]uint64, 0, len(a)*t.words)
	}
	places := placesOf(b)
	row := make([]uint64, t.words)
	for i := range row {
		row[i] = math.MaxUint64
	}
	for _, x := range a {
		if at := places[x]; at != nil {
			nextLCSRow(row, at)
		}
		if keepRows {
			t.rows = append(t.rows, row...)
		}
	}
	for _, word := range row {
		t.length += bits.OnesCount64(^word)
	}
	return t
}

// placesOf returns for each byte that b has a row with the bits of its places set.
func placesOf(b []byte) (places [256][]uint64) {
	for i, x := range b {
		if places[x] == nil {
			places[x] = make([]uint64, (len(b)+63)/64)
		}
		places[x][i/64] |= 1 << (i % 64)
	}
	return places
}

func nextLCSRow(row, places []uint64) {
	carry := uint64(0)
	for i, word := range row {
		matches := word & places[i]
		sum, c := bits.Add64(word, matches, carry)
		row[i], carry = sum|word&^matches, c
	}
}

// lcsMatch is a part that both strings have, at a and b.
type lcsMatch struct{ a, b, length int }

// eachMatch walks back through the table as Redis does: along equal bytes, else towards the longer subsequence, and
// towards the beginning of b where they are as long. The longer one is in the row above if the cell's bit is clear.
func (t *lcs) eachMatch(visit func(lcsMatch)) {
	i, j := len(t.a), len(t.b)
	for i > 0 && j > 0 {
		if t.a[i-1] != t.b[j-1] {
			if t.rows[(i-1)*t.words+(j-1)/64]>>((j-1)%64)&1 == 0 {
				i--
			} else {
				j--
			}
			continue
		}
		n := 0
		for i > 0 && j > 0 && t.a[i-1] == t.b[j-1] {
			i, j, n = i-1, j-1, n+1
		}
		visit(lcsMatch{i, j, n})
	}
}
