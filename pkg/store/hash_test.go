package store

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// hashModel is a keyspace with a few hashes beside maps that say what is in them.
type hashModel struct {
	st   *Store
	ks   *Keyspace
	want [3]map[string]string
}

func newHashModel() *hashModel {
	m := &hashModel{st: newTestStore(smallLimits)}
	m.ks = m.st.DB(0)
	for i := range m.want {
		m.want[i] = map[string]string{}
	}
	return m
}

func hashKey(i int) []byte { return fmt.Appendf(nil, "hash%d", i) }

func (m *hashModel) draw(t *rapid.T) (key []byte, want map[string]string) {
	i := rapid.IntRange(0, len(m.want)-1).Draw(t, "key")
	return hashKey(i), m.want[i]
}

func (m *hashModel) set(t *rapid.T) {
	key, want := m.draw(t)
	h, _ := Edit(m.ks, key, m.ks.NewHash)
	pairs := rapid.SliceOfN(members, 2, 8).Draw(t, "pairs")
	pairs = pairs[:len(pairs)/2*2]
	if rapid.Bool().Draw(t, "expected") {
		h.Expect(pairs)
	}
	for i := 0; i < len(pairs); i += 2 {
		field, value := pairs[i], pairs[i+1]
		if _, ok := want[string(field)]; h.Set(field, bytes.Clone(value)) == ok {
			t.Fatalf("Set(%.20q) is wrong", field)
		}
		want[string(field)] = string(value)
	}
}

func (m *hashModel) setInteger(t *rapid.T) {
	key, want := m.draw(t)
	h, _ := Edit(m.ks, key, m.ks.NewHash)
	field, n := members.Draw(t, "field"), rapid.Int64().Draw(t, "n")
	h.SetInteger(field, n)
	want[string(field)] = fmt.Sprint(n)
}

func (m *hashModel) remove(t *rapid.T) {
	key, want := m.draw(t)
	h, _ := FindForWrite[*Hash](m.ks, key)
	if h == nil {
		return
	}
	for _, field := range rapid.SliceOfN(members, 1, 6).Draw(t, "fields") {
		if _, ok := want[string(field)]; h.Delete(field) != ok {
			t.Fatalf("Delete(%.20q) is wrong", field)
		}
		delete(want, string(field))
	}
}

func (m *hashModel) random(t *rapid.T) {
	key, want := m.draw(t)
	if h, _ := Find[*Hash](m.ks, key); h != nil {
		field, value := h.Random()
		if want[string(field)] != string(value) {
			t.Fatalf("Random has %.20q with %.20q", field, value)
		}
	}
}

func (m *hashModel) replace(t *rapid.T) {
	key, want := m.draw(t)
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

func (m *hashModel) chores(*rapid.T) {
	for m.st.HasChores() {
		m.st.DoChores()
	}
}

func (m *hashModel) check(t *rapid.T) {
	m.st.Settle()
	checkStore(t, m.st)
	for i, want := range m.want {
		h, _ := Find[*Hash](m.ks, hashKey(i))
		if (h == nil) != (len(want) == 0) {
			t.Fatalf("hash%d is %v, want %d fields", i, h, len(want))
		}
		if h != nil {
			checkHash(t, h, want)
		}
	}
	m.st.Settle()
}

func checkHash(t *rapid.T, h *Hash, want map[string]string) {
	got := map[string]string{}
	h.Each(func(field, value []byte) bool {
		got[string(field)] = string(value)
		return true
	})
	if h.Len() != len(want) || !maps.Equal(got, want) {
		t.Fatalf("a %s has %d fields, want %d", h.Encoding(), h.Len(), len(want))
	}
	for field, value := range want {
		if found, ok := h.Get([]byte(field)); !ok || string(found) != value || !h.Has([]byte(field)) {
			t.Fatalf("Get(%.20q) is %.20q, want %.20q", field, found, value)
		}
	}
	if _, ok := h.Get([]byte("nosuch")); ok || h.Has([]byte("nosuch")) {
		t.Fatal("a field is found that is not there")
	}
}

func TestHashesAgainstMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newHashModel()
		t.Repeat(map[string]func(*rapid.T){
			"": m.check, "set": m.set, "set integer": m.setInteger, "remove": m.remove, "random": m.random,
			"replace": m.replace, "chores": m.chores,
		})
	})
}

// Redis' rules for when a hash changes its form.
func TestHashForms(t *testing.T) {
	long := "abcdefghijklm"
	for name, c := range map[string]struct {
		pairs    []string
		expected bool
		want     string
	}{
		"as many as allowed":        {[]string{"1", "", "2", "", "3", "", "4", "", "5", "", "6", ""}, false, "listpack"},
		"one more":                  {[]string{"1", "", "2", "", "3", "", "4", "", "5", "", "6", "", "7", ""}, false, "hashtable"},
		"a long field":              {[]string{long, "1"}, false, "hashtable"},
		"a long value":              {[]string{"1", long}, false, "hashtable"},
		"a long value, overwritten": {[]string{"1", long, "1", "2"}, true, "hashtable"},
		"the same field over again": {[]string{"1", "", "1", "", "1", "", "1", "", "1", "", "1", "", "1", ""}, false, "listpack"},
		"that may be many":          {[]string{"1", "", "1", "", "1", "", "1", "", "1", "", "1", "", "1", ""}, true, "hashtable"},
	} {
		h := newTestStore(smallLimits).DB(0).NewHash()
		pairs := make([][]byte, len(c.pairs))
		for i, part := range c.pairs {
			pairs[i] = []byte(part)
		}
		if c.expected {
			h.Expect(pairs)
		}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		if h.Encoding() != c.want {
			t.Errorf("%s: %s, want %s", name, h.Encoding(), c.want)
		}
	}
}

// Values from 16 KiB on are taken over and handed out as they are, and what was handed out stays as it was. Those of a
// listpack are copied.
func TestLongValuesOfHashes(t *testing.T) {
	o := smallLimits
	o.HashMaxListpackValue = 1 << 20
	for form, limits := range map[string]Options{"hashtable": smallLimits, "listpack": o} {
		st := newTestStore(limits)
		ks := st.DB(0)
		first, second := bytes.Repeat([]byte("1"), sharedSize), bytes.Repeat([]byte("2"), sharedSize)
		edit(ks, func(h *Hash) { h.Set([]byte("f"), first) })
		h, _ := Find[*Hash](ks, []byte("h"))
		lent, _ := h.Get([]byte("f"))
		if same := &lent[0] == &first[0]; h.Encoding() != form || same != (form == "hashtable") {
			t.Errorf("%s: the value is the very one: %v", h.Encoding(), same)
		}
		st.Settle()
		edit(ks, func(h *Hash) { h.Set([]byte("f"), second) })
		if lent[0] != '1' {
			t.Errorf("%s: a value has changed that was handed out", form)
		}
		checkStore(t, st)
		edit(ks, func(h *Hash) { h.Delete([]byte("f")) })
		checkStore(t, st)
	}
}

// edit changes the hash h as a command does.
func edit(ks *Keyspace, change func(*Hash)) {
	h, _ := Edit(ks, []byte("h"), ks.NewHash)
	change(h)
	ks.store.Settle()
}

func TestHashesAllocateNothing(t *testing.T) {
	for _, fields := range []int{10, 10_000} {
		st := newTestStore(Options{HashMaxListpackEntries: 128, HashMaxListpackValue: 64})
		ks := st.DB(0)
		edit(ks, func(h *Hash) {
			for i := range fields {
				h.Set(keyOf(i), []byte("a value"))
			}
		})
		key, field, values := []byte("h"), keyOf(fields/2), [...][]byte{[]byte("a value"), []byte("one longer")}
		i := 0
		if n := testing.AllocsPerRun(1000, func() {
			i++
			h, _ := Find[*Hash](ks, key)
			h.Get(field)
			st.Settle()
			h, _ = Edit(ks, key, ks.NewHash)
			h.Set(field, values[i%2])
			st.Settle()
			h, _ = Edit(ks, key, ks.NewHash)
			h.SetInteger(field, int64(i))
			st.Settle()
		}); n != 0 {
			t.Errorf("HGET, HSET and HINCRBY among %d fields allocate %v times", fields, n)
		}
		checkStore(t, st)
	}
}

// A field that is there throughout a scan is visited, whatever happens to others.
func TestHashScanMeetsWhatStays(t *testing.T) {
	ks := newTestStore(smallLimits).DB(0)
	rng := rand.New(rand.NewPCG(5, 6))
	edit(ks, func(h *Hash) {
		for i := range 3000 {
			h.Set(keyOf(i), keyOf(i))
		}
	})
	met := map[string]bool{}
	for cursor, first := uint64(0), true; first || cursor != 0; first = false {
		h, _ := FindForWrite[*Hash](ks, []byte("h"))
		cursor = h.Scan(cursor, 10, func(field, value []byte) {
			if !bytes.Equal(field, value) {
				t.Errorf("%q has the value %q", field, value)
			}
			met[string(field)] = true
		})
		for range 20 {
			h.Delete(keyOf(1000 + rng.IntN(2000)))
			i := 3000 + rng.IntN(2000)
			h.Set(keyOf(i), keyOf(i))
		}
		for range 20 {
			h.Delete(keyOf(3000 + rng.IntN(2000)))
		}
		ks.store.Settle()
		ks = ks.store.DB(0)
	}
	for i := range 1000 {
		if !met[string(keyOf(i))] {
			t.Fatalf("%s was not met", keyOf(i))
		}
	}
}

// A sample has as many different fields as are asked for, and each as often as any other.
func TestSamplesAreFair(t *testing.T) {
	for _, c := range []struct{ fields, n int }{{5, 2}, {5, 5}, {5, 9}, {60, 5}, {60, 40}, {60, 0}} {
		ks := newTestStore(smallLimits).DB(0)
		edit(ks, func(h *Hash) {
			for i := range c.fields {
				h.Set(keyOf(i), keyOf(i))
			}
		})
		h, _ := Find[*Hash](ks, []byte("h"))
		const rounds = 3000
		seen := map[string]int{}
		for range rounds {
			sample := map[string]bool{}
			h.Sample(c.n, func(field, value []byte) {
				sample[string(field)] = true
				seen[string(field)]++
				if !bytes.Equal(field, value) {
					t.Fatalf("%s has the value %s", field, value)
				}
			})
			if len(sample) != min(c.n, c.fields) {
				t.Fatalf("a sample of %d among %d has %d", c.n, c.fields, len(sample))
			}
		}
		mean := rounds * min(c.n, c.fields) / c.fields
		for field, times := range seen {
			if times < mean*3/4 || times > mean*5/4 {
				t.Errorf("%s was in %d samples of %d, which is not near %d", field, times, rounds, mean)
			}
		}
	}
}

func BenchmarkHash(b *testing.B) {
	for _, fields := range []int{10, 1_000_000} {
		ks := newTestStore(Options{HashMaxListpackEntries: 128, HashMaxListpackValue: 64}).DB(0)
		names := make([][]byte, fields)
		edit(ks, func(h *Hash) {
			for i := range names {
				names[i] = keyOf(i)
				h.Set(names[i], []byte("a value of some bytes"))
			}
		})
		key, value := []byte("h"), []byte("a value of any bytes")
		b.Run(fmt.Sprintf("Get/%d", fields), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				h, _ := Find[*Hash](ks, key)
				h.Get(names[i*7919%fields])
				ks.store.Settle()
			}
		})
		b.Run(fmt.Sprintf("Set/%d", fields), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				h, _ := Edit(ks, key, ks.NewHash)
				h.Set(names[i*7919%fields], value)
				ks.store.Settle()
			}
		})
	}
}

func BenchmarkExpireFields(b *testing.B) {
	ks := newTestStore(smallLimits).DB(0)
	b.ReportAllocs()
	for now := int64(1); b.Loop(); now++ {
		ks.store.at(now)
		h, _ := Edit(ks, []byte("h"), ks.NewHash)
		field := []byte("field")
		h.Set([]byte("stays"), nil)
		h.Set(field, nil)
		h.ExpireAfter(field, 1)
		ks.store.Settle()
		ks.store.at(now + 1)
		ks.store.ExpireDue(10)
	}
}
