package store

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
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
