package store

import (
	"fmt"
	"slices"
	"testing"
)

// Where the limits of the small forms were raised, drawing many members still looks at each but once.
func TestDrawingFromLongListpacks(t *testing.T) {
	const n = 200_000
	ks := newTestStore(Options{
		SetMaxListpackEntries: n, SetMaxListpackValue: 8, SetMaxIntsetEntries: n,
		HashMaxListpackEntries: n, HashMaxListpackValue: 8, ZSetMaxListpackEntries: n, ZSetMaxListpackValue: 8,
	}).DB(0)
	ints, packed, hash, zset := ks.NewSet(), ks.NewSet(), ks.NewHash(), ks.NewZSet()
	packed.form = setPacked
	for i := range n {
		name := fmt.Appendf(nil, "m%d", i)
		p := pack(name)
		packed.small.append(&p)
		ints.Add(fmt.Appendf(nil, "%d", i))
		hash.small.append(&p)
		hash.small.append(&p)
		zset.insertSmall(name, float64(i))
	}
	drawn := 0
	draw := func([]byte) bool { drawn++; return true }
	promptly(t, "Draw", func() {
		packed.Draw(n, draw)
		hash.Draw(n, func(field, _ []byte) bool { return draw(field) })
		zset.Draw(n, func(member []byte, _ float64) bool { return draw(member) })
	})
	promptly(t, "Take", func() {
		packed.Take(n-1, func(member []byte) { draw(member) })
		ints.Take(n-1, func(member []byte) { draw(member) })
	})
	if want := 3*n + 2*(n-1); drawn != want || packed.Len() != 1 || ints.Len() != 1 {
		t.Errorf("drew %d, %d and %d are left", drawn, packed.Len(), ints.Len())
	}
}

// What is taken and what is left are the set, whatever its form.
func TestTakeParts(t *testing.T) {
	const n = 50
	for some := 1; some <= n; some += 7 {
		for form, s := range setsOfAllForms(n) {
			var all []string
			seen := func(member []byte) bool { all = append(all, string(member)); return true }
			s.Each(seen)
			whole := slices.Sorted(slices.Values(all))
			all = nil
			s.Take(some, func(member []byte) { seen(member) })
			taken := len(all)
			s.Each(seen)
			if taken != some || s.Len() != n-some || !slices.Equal(slices.Sorted(slices.Values(all)), whole) {
				t.Errorf("%s: %d of %d, %d are left: %q", form, taken, n, s.Len(), all)
			}
		}
	}
}

// The difference from many small sets is found by their members, not by asking each set for each member of the first.
func TestDifferenceOfManySets(t *testing.T) {
	const n, k = 100_000, 2000
	st := newTestStore(Options{})
	first := st.DB(0).NewZSet()
	for i := range n {
		first.Set(fmt.Appendf(nil, "m%d", i), float64(i))
	}
	operands := []Operand{{first, 1}, {nil, 1}}
	for i := range k {
		other := st.DB(0).NewZSet()
		other.Set(fmt.Appendf(nil, "m%d", 2*i), 0)
		operands = append(operands, Operand{other, 1})
	}
	var list *ScoredList
	promptly(t, "Difference", func() { list = Difference(operands) })
	if len(list.Entries) != n-k || string(list.Entries[0].Member) != "m1" {
		t.Errorf("%d are left, from %q on", len(list.Entries), list.Entries[0].Member)
	}
}

// A result that is a long listpack is written in order, and not one member after the other sought a place.
func TestLongListpackOfResults(t *testing.T) {
	const n = 200_000
	ks := newTestStore(Options{ZSetMaxListpackEntries: n, ZSetMaxListpackValue: 8}).DB(0)
	list := new(ScoredList)
	for i := range n {
		list.Add(fmt.Appendf(nil, "m%d", i), float64(-i))
	}
	list.Order()
	var z *ZSet
	promptly(t, "NewZSetOf", func() { z = ks.NewZSetOf(list) })
	if err := z.verify(); err != nil || z.Len() != n || z.Encoding() != "listpack" {
		t.Errorf("a %s of %d members: %v", z.Encoding(), z.Len(), err)
	}
}
