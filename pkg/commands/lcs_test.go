package commands

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"snakecache/pkg/proto"
)

// lcsByTable is the textbook's algorithm with a number in each cell, and Redis' way back through it.
func lcsByTable(a, b []byte) (length int, matches []lcsMatch) {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := 1; i > 0 && j <= len(b); j++ {
			if table[i][j] = max(table[i-1][j], table[i][j-1]); a[i-1] == b[j-1] {
				table[i][j] = table[i-1][j-1] + 1
			}
		}
	}
	contiguous := false
	for i, j := len(a), len(b); i > 0 && j > 0; {
		switch {
		case a[i-1] == b[j-1]:
			if i, j = i-1, j-1; contiguous {
				last := &matches[len(matches)-1]
				*last = lcsMatch{i, j, last.length + 1}
			} else {
				matches = append(matches, lcsMatch{i, j, 1})
			}
			contiguous = true
			continue
		case table[i-1][j] > table[i][j-1]:
			i--
		default:
			j--
		}
		contiguous = false
	}
	return table[len(a)][len(b)], matches
}

func TestLCSAgainstModel(t *testing.T) {
	letters := rapid.SliceOfN(rapid.SampledFrom([]byte("abc\x00")), 0, 200)
	rapid.Check(t, func(t *rapid.T) {
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		length, matches := lcsByTable(a, b)
		var got []lcsMatch
		table := newLCS(a, b, true)
		table.eachMatch(func(m lcsMatch) { got = append(got, m) })
		if table.length != length || !slices.Equal(got, matches) {
			t.Errorf("%q and %q have %d: %v, not %d: %v", a, b, table.length, got, length, matches)
		}
	})
}

func BenchmarkLCS(b *testing.B) {
	x, y := []byte(strings.Repeat("the quick brown fox ", 500)), []byte(strings.Repeat("jumps over the dog ", 500))
	var reply proto.Reply
	for b.Loop() {
		reply.Reset()
		replyLCS(&reply, x, y, lcsOptions{indexes: true})
	}
}
