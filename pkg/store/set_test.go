package store

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// smallLimits make every form of a collection reachable with few elements.
var smallLimits = Options{
	SetMaxIntsetEntries: 8, SetMaxListpackEntries: 6, SetMaxListpackValue: 12,
	HashMaxListpackEntries: 6, HashMaxListpackValue: 12, ZSetMaxListpackEntries: 6, ZSetMaxListpackValue: 12,
}

// members are drawn from few, so that they are met again: integers of every width, short and long strings.
var members = rapid.Custom(func(t *rapid.T) []byte {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return strconv.AppendInt(nil, rapid.Int64Range(-6, 6).Draw(t, "n")<<rapid.IntRange(0, 50).Draw(t, "shift"), 10)
	case 1:
		return bytes.Repeat([]byte("long"), rapid.IntRange(1, 5000).Draw(t, "repeat"))
	}
	return fmt.Appendf(nil, "m%d", rapid.IntRange(0, 12).Draw(t, "m"))
})

// setModel is a keyspace with a few sets beside maps that say what is in them.
type setModel struct {
	st   *Store
	ks   *Keyspace
	want [3]map[string]bool
}

func (m *setModel) key(t *rapid.T) (key []byte, want map[string]bool) {
	i := rapid.IntRange(0, len(m.want)-1).Draw(t, "key")
	return fmt.Appendf(nil, "set%d", i), m.want[i]
}

func (m *setModel) add(t *rapid.T) {
	key, want := m.key(t)
	s, _ := Edit(m.ks, key, m.ks.NewSet)
	for _, member := range rapid.SliceOfN(members, 1, 6).Draw(t, "members") {
		if s.Add(member) == want[string(member)] {
			t.Fatalf("Add(%.20q) is wrong", member)
		}
		want[string(member)] = true
	}
}

func (m *setModel) remove(t *rapid.T) {
	key, want := m.key(t)
	s, _ := FindForWrite[*Set](m.ks, key)
	if s == nil {
		return
	}
	for _, member := range rapid.SliceOfN(members, 1, 6).Draw(t, "members") {
		if s.Remove(member) != want[string(member)] {
			t.Fatalf("Remove(%.20q) is wrong", member)
		}
		delete(want, string(member))
	}
}

func (m *setModel) random(t *rapid.T) {
	key, want := m.key(t)
	if s, _ := Find[*Set](m.ks, key); s != nil && !want[string(s.Random())] {
		t.Fatal("Random is no member")
	}
}

func (m *setModel) replace(t *rapid.T) {
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
	clear(want)
}

func (m *setModel) chores(*rapid.T) {
	for m.st.HasChores() {
		m.st.DoChores()
	}
}

func (m *setModel) check(t *rapid.T) {
	m.st.Settle()
	checkStore(t, m.st)
	for i, want := range m.want {
		s, _ := Find[*Set](m.ks, fmt.Appendf(nil, "set%d", i))
		if s == nil {
			if len(want) > 0 {
				t.Fatalf("set%d is gone", i)
			}
			continue
		}
		var got []string
		s.Each(func(member []byte) bool {
			got = append(got, string(member))
			if !s.Has(bytes.Clone(member)) {
				t.Fatalf("%.20q is yielded but not found", member)
			}
			return true
		})
		slices.Sort(got)
		if s.Len() != len(want) || !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			t.Fatalf("set%d (%s) has %d members, want %d", i, s.Encoding(), s.Len(), len(want))
		}
	}
	m.st.Settle()
}

func checkSets(t *rapid.T) {
	m := &setModel{st: newTestStore(smallLimits)}
	m.ks = m.st.DB(0)
	for i := range m.want {
		m.want[i] = map[string]bool{}
	}
	t.Repeat(map[string]func(*rapid.T){
		"": m.check, "add": m.add, "remove": m.remove, "random": m.random, "replace": m.replace, "chores": m.chores,
	})
}

func TestSetsAgainstMaps(t *testing.T) { rapid.Check(t, checkSets) }

// Redis' rules for when a set changes its form.
func TestSetForms(t *testing.T) {
	for name, c := range map[string]struct {
		members []string
		want    string
	}{
		"integers":               {[]string{"1", "2"}, "intset"},
		"as many as allowed":     {[]string{"1", "2", "3", "4", "5", "6", "7", "8"}, "intset"},
		"one more":               {[]string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, "hashtable"},
		"a word":                 {[]string{"1", "a"}, "listpack"},
		"a long word":            {[]string{"1", "abcdefghijklm"}, "hashtable"},
		"a word by a long int":   {[]string{"1234567890123", "a"}, "hashtable"},
		"too many for a word":    {[]string{"1", "2", "3", "4", "5", "6", "a"}, "hashtable"},
		"words":                  {[]string{"a", "b", "c", "d", "e", "f"}, "listpack"},
		"too many words":         {[]string{"a", "b", "c", "d", "e", "f", "g"}, "hashtable"},
		"no canonical integer":   {[]string{"1", "01"}, "listpack"},
		"integers of all widths": {[]string{"1", "70000", "5000000000", "-1"}, "intset"},
	} {
		s := newTestStore(smallLimits).DB(0).NewSet()
		for _, member := range c.members {
			s.Add([]byte(member))
		}
		if s.Encoding() != c.want || s.Len() != len(c.members) {
			t.Errorf("%s: %s of %d, want %s of %d", name, s.Encoding(), s.Len(), c.want, len(c.members))
		}
	}
}

// A large set goes at once for the account and in slices for memory, while others live in the same pages and move.
func TestLargeSetsGoInSlices(t *testing.T) {
	st := newTestStore(smallLimits)
	ks := st.DB(0)
	for key := range 3 {
		s, _ := Edit(ks, keyOf(key), ks.NewSet)
		for i := range 50_000 {
			s.Add(fmt.Appendf(nil, "member:%d:%d", key, i))
		}
		st.Settle()
	}
	checkStore(t, st)
	full := st.Used()
	ks.Delete(keyOf(0))
	if left := st.Used(); left > full*7/10 || !st.HasChores() {
		t.Fatalf("%d of %d bytes are left, chores: %v", left, full, st.HasChores())
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for st.HasChores() {
		s, _ := Edit(ks, keyOf(1), ks.NewSet)
		for range 20 {
			s.Remove(fmt.Appendf(nil, "member:1:%d", rng.IntN(50_000)))
			s.Add(fmt.Appendf(nil, "member:1:%d", rng.IntN(50_000)))
		}
		st.Settle()
		st.DoChores()
	}
	checkStore(t, st)
	if n := len(ks.dicts.values) - len(ks.dicts.vacant); n != 2 {
		t.Fatalf("%d dicts are left of 2", n)
	}
	if resident, used := ks.arena.resident, st.Used(); resident > used*3/2 {
		t.Fatalf("%d bytes are resident for %d in use", resident, used)
	}
	ks.Delete(keyOf(1))
	ks.Flush()
	for st.HasChores() {
		st.DoChores()
	}
	checkStore(t, st)
}

// What is gone is freed at leisure, but not while it stands in the way.
func TestFreeingPressesWhereMemoryIsTight(t *testing.T) {
	st := newTestStore(smallLimits)
	ks := st.DB(0)
	s, _ := Edit(ks, keyOf(0), ks.NewSet)
	for i := range 20_000 {
		s.Add(fmt.Appendf(nil, "member:%d", i))
	}
	st.Settle()
	full := st.Used()
	ks.Delete(keyOf(0))
	if !st.HasChores() || st.ChoresPress() {
		t.Fatal("without a limit there is nothing to free, or a hurry")
	}
	o := smallLimits
	for _, c := range []struct {
		limit int64
		want  bool
	}{{full * 2, false}, {full, true}} {
		o.MaxMemory = c.limit
		st.Configure(o)
		if st.ChoresPress() != c.want {
			t.Errorf("with a limit of %d and %d leaving: presses is not %v", c.limit, st.leaving(), c.want)
		}
	}
}
