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

// zsetModel is a keyspace with two sorted sets beside slices that say what is in them.
type zsetModel struct {
	st   *Store
	ks   *Keyspace
	want [2][]Scored
}

func compareScored(x, y Scored) int {
	switch {
	case x.Score < y.Score:
		return -1
	case x.Score > y.Score:
		return 1
	}
	return bytes.Compare(x.Member, y.Member)
}

func (m *zsetModel) key(t *rapid.T) (key []byte, want *[]Scored) {
	i := rapid.IntRange(0, len(m.want)-1).Draw(t, "key")
	return fmt.Appendf(nil, "zset%d", i), &m.want[i]
}

func indexOf(want []Scored, member []byte) int {
	return slices.IndexFunc(want, func(s Scored) bool { return bytes.Equal(s.Member, member) })
}

func (m *zsetModel) set(t *rapid.T) {
	key, want := m.key(t)
	z, _ := Edit(m.ks, key, m.ks.NewZSet)
	for _, member := range rapid.SliceOfN(members, 1, 6).Draw(t, "members") {
		score := scores.Draw(t, "score")
		i := indexOf(*want, member)
		z.Update(member, func(old float64, found bool) (float64, bool) {
			if found != (i >= 0) || found && old != (*want)[i].Score {
				t.Fatalf("%.20q was %v, %v", member, old, found)
			}
			return score, true
		})
		if i >= 0 {
			*want = slices.Delete(*want, i, i+1)
		}
		*want = append(*want, Scored{member, score})
		slices.SortFunc(*want, compareScored)
	}
}

func (m *zsetModel) remove(t *rapid.T) {
	key, want := m.key(t)
	z, _ := FindForWrite[*ZSet](m.ks, key)
	if z == nil {
		return
	}
	for _, member := range rapid.SliceOfN(members, 1, 6).Draw(t, "members") {
		i := indexOf(*want, member)
		if z.Remove(member) != (i >= 0) {
			t.Fatalf("Remove(%.20q) is wrong", member)
		}
		if i >= 0 {
			*want = slices.Delete(*want, i, i+1)
		}
	}
}

func (m *zsetModel) removeRange(t *rapid.T) {
	key, want := m.key(t)
	z, _ := FindForWrite[*ZSet](m.ks, key)
	if z == nil {
		return
	}
	from := rapid.IntRange(0, len(*want)).Draw(t, "from")
	to := rapid.IntRange(from, min(len(*want), from+4)).Draw(t, "to")
	z.RemoveRange(from, to)
	*want = slices.Delete(*want, from, to)
}

func (m *zsetModel) random(t *rapid.T) {
	key, want := m.key(t)
	if z, _ := Find[*ZSet](m.ks, key); z != nil {
		member, score := z.Random()
		if i := indexOf(*want, member); i < 0 || (*want)[i].Score != score {
			t.Fatal("Random is no member")
		}
	}
}

func (m *zsetModel) sample(t *rapid.T) {
	key, want := m.key(t)
	z, _ := Find[*ZSet](m.ks, key)
	if z == nil {
		return
	}
	n, drawn := rapid.IntRange(1, 20).Draw(t, "n"), map[string]bool{}
	z.Sample(n, func(member []byte, score float64) {
		if i := indexOf(*want, member); i < 0 || (*want)[i].Score != score || drawn[string(member)] {
			t.Fatalf("%.20q is no member, or came before", member)
		}
		drawn[string(member)] = true
	})
	if len(drawn) != min(n, len(*want)) {
		t.Fatalf("%d members of %d, want %d", len(drawn), len(*want), n)
	}
}

func (m *zsetModel) ranges(t *rapid.T) {
	key, want := m.key(t)
	z, _ := Find[*ZSet](m.ks, key)
	if z == nil {
		return
	}
	r := ScoreRange{scores.Draw(t, "min"), scores.Draw(t, "max"), rapid.Bool().Draw(t, "exclusive"), rapid.Bool().Draw(t, "exclusive")}
	from, to := z.ByScore(r)
	var got, expected []Scored
	z.Range(from, to, collectScored(&got))
	for _, s := range *want {
		if (s.Score > r.Min || s.Score == r.Min && !r.MinExclusive) && (s.Score < r.Max || s.Score == r.Max && !r.MaxExclusive) {
			expected = append(expected, s)
		}
	}
	if !slices.EqualFunc(got, expected, same) {
		t.Fatalf("%+v is %v, want %v", r, got, expected)
	}
}

func (m *zsetModel) store(t *rapid.T) {
	list := new(ScoredList)
	key, want := m.key(t)
	z, _ := Find[*ZSet](m.ks, key)
	if z == nil {
		return
	}
	from := rapid.IntRange(0, len(*want)).Draw(t, "from")
	z.Range(from, len(*want), func(member []byte, score float64) bool {
		list.Add(member, score)
		return true
	})
	kept := slices.Clone((*want)[from:])
	key, want = m.key(t)
	m.ks.Replace(key, m.ks.NewZSetOf(list))
	*want = kept
}

func (m *zsetModel) copy(t *rapid.T) {
	from, want := m.key(t)
	to, other := m.key(t)
	if want != other && m.ks.Peek(from) != nil {
		m.ks.Copy(from, to, m.ks)
		*other = slices.Clone(*want)
	}
}

// move takes a key to another database and back.
func (m *zsetModel) move(t *rapid.T) {
	key, _ := m.key(t)
	if m.ks.Peek(key) != nil {
		m.ks.Move(key, m.st.DB(1))
		m.st.Settle()
		m.st.DB(1).Move(key, m.ks)
	}
}

func (m *zsetModel) replace(t *rapid.T) {
	key, want := m.key(t)
	switch rapid.IntRange(0, 2).Draw(t, "how") {
	case 0:
		m.ks.Delete(key)
	case 1:
		m.ks.SetString(key, []byte("x"), false)
		m.st.Settle()
		m.ks.Delete(key)
	case 2:
		if m.ks.Peek(key) != nil {
			m.ks.Rename(key, []byte("elsewhere"))
		}
	}
	*want = nil
}

func (m *zsetModel) chores(*rapid.T) {
	for m.st.HasChores() {
		m.st.DoChores()
	}
}

func collectScored(got *[]Scored) func([]byte, float64) bool {
	return func(member []byte, score float64) bool {
		*got = append(*got, Scored{bytes.Clone(member), score})
		return true
	}
}

func same(x, y Scored) bool { return x.Score == y.Score && bytes.Equal(x.Member, y.Member) }

func (m *zsetModel) check(t *rapid.T) {
	m.st.Settle()
	checkStore(t, m.st)
	for i, want := range m.want {
		z, _ := Find[*ZSet](m.ks, fmt.Appendf(nil, "zset%d", i))
		if z == nil {
			if len(want) > 0 {
				t.Fatalf("zset%d is gone", i)
			}
			continue
		}
		checkZSet(t, z, want)
	}
	m.st.Settle()
}

// checkZSet compares what a sorted set says of itself with a sorted slice.
func checkZSet(t *rapid.T, z *ZSet, want []Scored) {
	if err := z.verify(); err != nil {
		t.Fatal(err)
	}
	var forth, back []Scored
	z.Range(0, z.Len(), collectScored(&forth))
	z.RangeBack(0, z.Len(), collectScored(&back))
	slices.Reverse(back)
	if z.Len() != len(want) || !slices.EqualFunc(forth, want, same) || !slices.EqualFunc(back, want, same) {
		t.Fatalf("a %s of %d has\n%v and\n%v, want\n%v", z.Encoding(), z.Len(), forth, back, want)
	}
	for rank, s := range want {
		if got, score, ok := z.Rank(s.Member); !ok || got != rank || score != s.Score {
			t.Fatalf("%.20q has the rank %d, %v, %v, want %d", s.Member, got, score, ok, rank)
		}
	}
}

func checkZSets(t *rapid.T) {
	limits := smallLimits
	limits.Databases = 2
	limits.ZSetMaxListpackEntries = rapid.SampledFrom([]int{0, 6, 1000}).Draw(t, "limit")
	m := &zsetModel{st: newTestStore(limits)}
	m.ks = m.st.DB(0)
	t.Repeat(map[string]func(*rapid.T){
		"": m.check, "set": m.set, "remove": m.remove, "removeRange": m.removeRange, "random": m.random, "sample": m.sample,
		"ranges": m.ranges, "store": m.store, "copy": m.copy, "move": m.move, "replace": m.replace, "chores": m.chores,
	})
}

func TestZSetsAgainstSlices(t *testing.T) { rapid.Check(t, checkZSets) }

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
