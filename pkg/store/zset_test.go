package store

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// scores are drawn from few, so that many are equal, of every form in which a listpack keeps them.
var scores = rapid.OneOf(
	rapid.Map(rapid.IntRange(-3, 3), func(n int) float64 { return float64(n) }),
	rapid.SampledFrom([]float64{0.5, -0.25, math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1e300, 1 << 40, -1 << 62, 1 << 62, 1 << 63, 5e18}),
)

// treeModel is a tree of many levels beside a sorted slice.
type treeModel struct {
	z    *ZSet
	want []Scored
}

func (m *treeModel) add(member []byte, score float64) {
	if _, ok := m.z.Score(member); ok {
		return
	}
	m.z.Set(member, score)
	i, _ := slices.BinarySearchFunc(m.want, Scored{member, score}, compareScored)
	m.want = slices.Insert(m.want, i, Scored{member, score})
}

// grow adds many elements: in order, against it, at random, or all at one place.
func (m *treeModel) grow(t *rapid.T) {
	n, from := rapid.IntRange(1, 500).Draw(t, "n"), float64(rapid.IntRange(-1000, 1000).Draw(t, "from"))
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	order := rapid.IntRange(0, 3).Draw(t, "order")
	for i := range n {
		score := [...]float64{from + float64(i), from - float64(i), float64(rng.IntN(1000)), from}[order]
		m.add(fmt.Appendf(nil, "m%d", rng.Uint32()), score)
	}
}

func (m *treeModel) cut(t *rapid.T) {
	from := rapid.IntRange(0, len(m.want)).Draw(t, "from")
	to := rapid.IntRange(from, len(m.want)).Draw(t, "to")
	m.z.RemoveRange(from, to)
	m.want = slices.Delete(m.want, from, to)
}

// thin removes many elements one by one.
func (m *treeModel) thin(t *rapid.T) {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	for range rapid.IntRange(0, len(m.want)).Draw(t, "n") {
		i := rng.IntN(len(m.want))
		m.z.Remove(m.want[i].Member)
		m.want = slices.Delete(m.want, i, i+1)
	}
}

// change gives many elements other scores: near to the old ones, or any.
func (m *treeModel) change(t *rapid.T) {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
	far := rapid.Bool().Draw(t, "far")
	for range min(len(m.want), 200) {
		i := rng.IntN(len(m.want))
		s := m.want[i]
		if s.Score += rng.Float64() - 0.5; far {
			s.Score = float64(rng.IntN(1000))
		}
		m.z.Set(s.Member, s.Score)
		m.want = slices.Delete(m.want, i, i+1)
		i, _ = slices.BinarySearchFunc(m.want, s, compareScored)
		m.want = slices.Insert(m.want, i, s)
	}
}

func (m *treeModel) part(t *rapid.T) {
	from := rapid.IntRange(0, len(m.want)).Draw(t, "from")
	to := rapid.IntRange(from, len(m.want)).Draw(t, "to")
	var forth, back []Scored
	m.z.Range(from, to, collectScored(&forth))
	m.z.RangeBack(from, to, collectScored(&back))
	slices.Reverse(back)
	if !slices.EqualFunc(forth, m.want[from:to], same) || !slices.EqualFunc(back, m.want[from:to], same) {
		t.Fatalf("the ranks %d to %d are wrong", from, to)
	}
}

func TestLargeTreesAgainstSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := newTestStore(Options{}).DB(0).NewZSet()
		z.Expect(1)
		m := &treeModel{z: z}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { checkZSet(t, m.z, m.want) }, "grow": m.grow, "cut": m.cut, "thin": m.thin, "change": m.change, "part": m.part,
		})
	})
}

// What comes in order, one way or the other, fills the leaves; what comes at random fills two thirds of them; and leaves
// that have lost most of their elements become fewer.
func TestTreesAreDense(t *testing.T) {
	const n = 20_000
	rng := rand.New(rand.NewPCG(7, 8))
	for name, c := range map[string]struct {
		score func(i int) float64
		fill  float64
	}{
		"ascending":  {func(i int) float64 { return float64(i) }, 0.99},
		"descending": {func(i int) float64 { return float64(-i) }, 0.99},
		"random":     {func(int) float64 { return rng.Float64() }, 0.6},
	} {
		z := newTestStore(Options{}).DB(0).NewZSet()
		for i := range n {
			z.Set(keyOf(i), c.score(i))
		}
		if fill := n / float64(z.tree.leaves*zsetFan); fill < c.fill {
			t.Errorf("%s: %.2f of the leaves is full", name, fill)
		}
		for i := range n * 9 / 10 {
			z.Remove(keyOf(i))
		}
		if fill := n / 10 / float64(z.tree.leaves*zsetFan); fill < 0.35 {
			t.Errorf("%s: when nine of ten are gone %.2f of the leaves is full", name, fill)
		}
	}
}

// A member costs no more than the figures in docs/architecture.md's terms: its blob, its place in the table, 12 bytes of a
// leaf.
func TestZSetBytesPerMember(t *testing.T) {
	const n = 100_000
	st := newTestStore(Options{})
	ks := st.DB(0)
	z, _ := Edit(ks, []byte("z"), ks.NewZSet)
	rng := rand.New(rand.NewPCG(9, 10))
	for i := range n {
		z.Set(fmt.Appendf(nil, "member:%06d", i), rng.Float64())
	}
	st.Settle()
	checkStore(t, st)
	if per := float64(st.Used()) / n; per > 64 {
		t.Errorf("%.1f bytes for a member of 13", per)
	} else {
		t.Logf("%.1f bytes for a member of 13", per)
	}
}

// Redis' rules for when a sorted set changes its form.
func TestZSetForms(t *testing.T) {
	for name, c := range map[string]struct {
		members []string
		expect  int
		want    string
	}{
		"few":               {[]string{"a", "b"}, 0, "listpack"},
		"as many as may be": {[]string{"a", "b", "c", "d", "e", "f"}, 6, "listpack"},
		"one more":          {[]string{"a", "b", "c", "d", "e", "f", "g"}, 0, "skiplist"},
		"one more expected": {[]string{"a"}, 7, "skiplist"},
		"the same again":    {[]string{"a", "b", "c", "d", "e", "f", "a"}, 0, "listpack"},
		"a long one":        {[]string{"abcdefghijklm"}, 0, "skiplist"},
		"a longest one":     {[]string{"abcdefghijkl"}, 0, "listpack"},
	} {
		z := newTestStore(smallLimits).DB(0).NewZSet()
		z.Expect(c.expect)
		for i, member := range c.members {
			z.Set([]byte(member), float64(i))
		}
		if z.Encoding() != c.want {
			t.Errorf("%s: %s, want %s", name, z.Encoding(), c.want)
		}
	}
}

// The listpack is Redis' to the byte: as integers or as the shortest text, sorted.
func TestZSetListpack(t *testing.T) {
	z := newTestStore(smallLimits).DB(0).NewZSet()
	for member, score := range map[string]float64{"a": 1.5, "b": -2, "c": math.Inf(1), "12": 1e17, "d": math.Copysign(0, -1), "e": 6917529027641081856} {
		z.Set([]byte(member), score)
	}
	want := listpackOf([]byte("b"), []byte("-2"), []byte("d"), []byte("0"), []byte("a"), []byte("1.5"), []byte("12"),
		[]byte("100000000000000000"), []byte("e"), []byte("6917529027641082000"), []byte("c"), []byte("inf"))
	if got := z.small.live(); !bytes.Equal(got, want[listpackHeader:len(want)-1]) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

// Members in a range of bytes, in both forms.
func TestByLex(t *testing.T) {
	for _, limit := range []int{0, 100} {
		o := smallLimits
		o.ZSetMaxListpackEntries = limit
		z := newTestStore(o).DB(0).NewZSet()
		for _, member := range []string{"", "a", "b", "bb", "c", "d"} {
			z.Set([]byte(member), 0)
		}
		low, high := LexBound{Infinite: -1}, LexBound{Infinite: 1}
		at, beyond := func(m string) LexBound { return LexBound{Member: []byte(m)} }, func(m string) LexBound { return LexBound{Member: []byte(m), Exclusive: true} }
		for _, c := range []struct {
			r        LexRange
			from, to int
		}{
			{LexRange{low, high}, 0, 6}, {LexRange{at("a"), at("c")}, 1, 5}, {LexRange{beyond("a"), beyond("c")}, 2, 4},
			{LexRange{at(""), beyond("b")}, 0, 2}, {LexRange{beyond(""), at("b")}, 1, 3}, {LexRange{at("bc"), high}, 4, 6},
		} {
			from, to := z.ByLex(c.r, 0)
			backFrom, backTo := z.ByLexBack(c.r, 0)
			if from != c.from || to != c.to || backFrom != from || backTo != to {
				t.Errorf("%s: %+v is %d to %d and %d to %d, want %d to %d", z.Encoding(), c.r, from, to, backFrom, backTo, c.from, c.to)
			}
			from, to = z.ByLex(c.r, 1)
			backFrom, backTo = z.ByLexBack(c.r, 1)
			if from != c.from+1 || to != c.to || backFrom != c.from || backTo != c.to-1 {
				t.Errorf("%s: %+v but for one is %d to %d and %d to %d", z.Encoding(), c.r, from, to, backFrom, backTo)
			}
			if from, to = z.ByLex(c.r, math.MaxInt); from < to {
				t.Errorf("%s: %+v but for all is %d to %d", z.Encoding(), c.r, from, to)
			}
			if from, to = z.ByLexBack(c.r, math.MaxInt); from < to {
				t.Errorf("%s: %+v but for all is %d to %d", z.Encoding(), c.r, from, to)
			}
		}
		for _, r := range []LexRange{
			{high, low}, {low, low}, {high, high}, {at("c"), at("a")}, {at("a"), beyond("a")}, {beyond("d"), high}, {at("x"), at("z")},
		} {
			if from, to := z.ByLex(r, 0); from < to {
				t.Errorf("%s: %+v is %d to %d", z.Encoding(), r, from, to)
			}
		}
	}
}

// A set of many goes in slices, while another one lives in the same pages and moves.
func TestLargeZSetsMoveAndGo(t *testing.T) {
	st := newTestStore(smallLimits)
	ks := st.DB(0)
	for key := range 3 {
		z, _ := Edit(ks, keyOf(key), ks.NewZSet)
		for i := range 20_000 {
			z.Set(fmt.Appendf(nil, "member:%d:%d", key, i), float64(i%100))
		}
		st.Settle()
	}
	ks.Delete(keyOf(0))
	if !st.HasChores() {
		t.Fatal("there is nothing left to do")
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for st.HasChores() {
		z, _ := Edit(ks, keyOf(1), ks.NewZSet)
		for range 20 {
			z.Remove(fmt.Appendf(nil, "member:1:%d", rng.IntN(20_000)))
			z.Set(fmt.Appendf(nil, "member:1:%d", rng.IntN(20_000)), float64(rng.IntN(100)))
		}
		st.Settle()
		st.DoChores()
	}
	checkStore(t, st)
	z, _ := FindForWrite[*ZSet](ks, keyOf(2))
	z.RemoveRange(0, z.Len())
	st.Settle()
	ks.Flush()
	for st.HasChores() {
		st.DoChores()
	}
	checkStore(t, st)
}

func TestZSetsAllocateNothing(t *testing.T) {
	for _, n := range []int{20, 10_000} {
		st := newTestStore(Options{ZSetMaxListpackEntries: 128, ZSetMaxListpackValue: 64})
		ks := st.DB(0)
		z, _ := Edit(ks, []byte("z"), ks.NewZSet)
		for i := range n {
			z.Set(keyOf(i), float64(10+i%50))
		}
		st.Settle()
		key, member, i := []byte("z"), keyOf(n/2), 0
		if allocs := testing.AllocsPerRun(1000, func() {
			i++
			z, _ := Find[*ZSet](ks, key)
			z.Score(member)
			z.Rank(member)
			z.ByScore(ScoreRange{Min: 12, Max: 20})
			st.Settle()
			z, _ = Edit(ks, key, ks.NewZSet)
			z.Set(member, float64(10+i%50))
			st.Settle()
		}); allocs != 0 {
			t.Errorf("ZSCORE, ZRANK, ZCOUNT and ZADD among %d members allocate %v times", n, allocs)
		}
		checkStore(t, st)
	}
}

// operandsOf draws operands of all kinds with their members.
func operandsOf(t *rapid.T, ks *Keyspace) (operands []Operand, contents []map[string]float64) {
	for range rapid.IntRange(1, 4).Draw(t, "operands") {
		o, content := Operand{Weight: scores.Draw(t, "weight")}, map[string]float64{}
		all := rapid.SliceOfN(members, 0, 12).Draw(t, "members")
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			z := ks.NewZSet()
			for _, member := range all {
				content[string(member)] = scores.Draw(t, "score") + 0 // -0 is 0 in a listpack
				z.Set(member, content[string(member)])
			}
			o.Value = z
		case 1:
			s := ks.NewSet()
			for _, member := range all {
				content[string(member)] = 1
				s.Add(member)
			}
			o.Value = s
		}
		operands, contents = append(operands, o), append(contents, content)
	}
	return operands, contents
}

func TestAlgebraAgainstMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		operands, contents := operandsOf(t, newTestStore(smallLimits).DB(0))
		a := Aggregate(rapid.IntRange(0, 2).Draw(t, "aggregate"))
		union, inter, diff := map[string]float64{}, map[string]float64{}, map[string]float64{}
		order := make([]int, len(operands))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(len(contents[x]), len(contents[y])) })
		in := map[string]int{}
		for _, i := range order {
			for member, score := range contents[i] {
				score = orZero(score * operands[i].Weight)
				if old, ok := union[member]; ok {
					score = a.join(old, score)
				}
				union[member] = score
				in[member]++
			}
		}
		for member, n := range in {
			if n == len(operands) {
				inter[member] = union[member]
			}
			if first, ok := contents[0][member]; ok && n == 1 {
				diff[member] = first
			}
		}
		for name, c := range map[string]struct {
			got  *ScoredList
			want map[string]float64
		}{
			"union": {Union(operands, a), union}, "intersection": {Intersection(operands, a), inter}, "difference": {Difference(operands), diff},
		} {
			if !slices.IsSortedFunc(c.got.Entries, compareScored) || len(c.got.Entries) != len(c.want) {
				t.Fatalf("%s: got %v, want %v", name, c.got.Entries, c.want)
			}
			for _, e := range c.got.Entries {
				if score, ok := c.want[string(e.Member)]; !ok || score != e.Score {
					t.Fatalf("%s: %.20q has %v, want %v, %v", name, e.Member, e.Score, score, ok)
				}
			}
		}
		if n := IntersectionLen(operands, math.MaxInt); n != len(inter) {
			t.Fatalf("%d members are in all, want %d", n, len(inter))
		}
		if n := IntersectionLen(operands, 2); n != min(len(inter), 2) {
			t.Fatalf("%d members are in all, of %d up to 2", n, len(inter))
		}
	})
}
