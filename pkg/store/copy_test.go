package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// place is a key of one of the databases of a copyModel.
type place struct {
	db  int
	key string
}

// copyModel is a store beside what each of its keys is known to hold, spelt out, so that it is seen when a change of
// one shows in another.
type copyModel struct {
	st   *Store
	want map[place]string
}

func (m *copyModel) draw(t *rapid.T, label string) (p place, ks *Keyspace, key []byte) {
	p = place{rapid.IntRange(0, 2).Draw(t, label+" db"), rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, label)}
	return p, m.st.DB(p.db), []byte(p.key)
}

// spell sums up all that can be known of a key, or nothing if there is none.
func (m *copyModel) spell(p place) string {
	e := m.st.DB(p.db).Peek([]byte(p.key))
	if e == nil {
		return ""
	}
	sum, n := fnv.New64a(), 0
	e.Value().digest(func(part []byte) {
		sum.Write(binary.AppendUvarint(nil, uint64(len(part))))
		sum.Write(part)
		n++
	})
	return fmt.Sprintf("%s %s until %d: %d parts of sum %x", e.Type(), e.Value().Encoding(), e.Deadline(), n, sum.Sum64())
}

// learn takes what a key holds now for right.
func (m *copyModel) learn(p place) {
	m.st.Settle()
	if text := m.spell(p); text != "" {
		m.want[p] = text
	} else {
		delete(m.want, p)
	}
}

func (m *copyModel) changeString(t *rapid.T) {
	p, ks, key := m.draw(t, "string")
	short, long := []byte("some"), bytes.Repeat([]byte("long"), 5000)
	s, err := Find[*String](ks, key)
	switch how := rapid.IntRange(0, 5).Draw(t, "how"); {
	case err != nil || s == nil || how == 0:
		ks.SetString(key, rapid.SampledFrom([][]byte{short, long, []byte("123")}).Draw(t, "value"), false)
	case how == 1:
		s.Append(short)
	case how == 2:
		s.Append(long)
	case how == 3:
		s.SetRange(2, short)
	case how == 4:
		s.Bytes()
	default:
		ks.Delete(key)
	}
	m.learn(p)
}

func (m *copyModel) changeList(t *rapid.T) {
	p, ks, key := m.draw(t, "list")
	if _, err := Find[*List](ks, key); err != nil {
		ks.Delete(key)
	}
	list, _ := Edit(ks, key, ks.NewList)
	for range rapid.SampledFrom([]int{1, 2, 30}).Draw(t, "elements") {
		list.PushBack([]byte("element"), []byte("7"))
	}
	list.Set(0, fmt.Appendf(nil, "%d", rapid.Int().Draw(t, "first")))
	m.learn(p)
}

func (m *copyModel) changeSet(t *rapid.T) {
	p, ks, key := m.draw(t, "set")
	if _, err := Find[*Set](ks, key); err != nil {
		ks.Delete(key)
	}
	s, _ := Edit(ks, key, ks.NewSet)
	for _, member := range rapid.SliceOfN(members, 1, 10).Draw(t, "members") {
		if !s.Add(member) {
			s.Remove(member)
		}
	}
	m.learn(p)
}

func (m *copyModel) changeDeadline(t *rapid.T) {
	p, ks, key := m.draw(t, "deadline")
	switch rapid.IntRange(0, 2).Draw(t, "how") {
	case 0:
		ks.ExpireAt(key, rapid.Int64Range(1000, 2000).Draw(t, "at"))
	case 1:
		ks.ExpireAfter(key, rapid.Int64Range(1000, 2000).Draw(t, "after"))
	default:
		ks.Persist(key)
	}
	m.learn(p)
}

func (m *copyModel) copy(t *rapid.T) {
	from, ks, key := m.draw(t, "from")
	to, into, name := m.draw(t, "to")
	if m.want[from] != "" && from != to {
		ks.Copy(key, name, into)
		m.want[to] = m.want[from]
	}
}

func (m *copyModel) move(t *rapid.T) {
	from, ks, key := m.draw(t, "from")
	to, into, _ := m.draw(t, "to")
	to.key = from.key
	if m.want[from] != "" && m.want[to] == "" {
		ks.Move(key, into)
		m.want[to] = m.want[from]
		delete(m.want, from)
	}
}

func (m *copyModel) swap(t *rapid.T) {
	i, j := rapid.IntRange(0, 2).Draw(t, "i"), rapid.IntRange(0, 2).Draw(t, "j")
	m.st.Swap(i, j)
	swapped := map[place]string{}
	for p, text := range m.want {
		switch p.db {
		case i:
			p.db = j
		case j:
			p.db = i
		}
		swapped[p] = text
	}
	m.want = swapped
}

// replace makes a set that is in no database the value of a key.
func (m *copyModel) replace(t *rapid.T) {
	p, ks, key := m.draw(t, "key")
	built := ks.NewSet()
	for _, member := range rapid.SliceOfN(members, 1, 10).Draw(t, "members") {
		built.Add(member)
	}
	if rapid.Bool().Draw(t, "keep ints") {
		built.KeepInts()
	}
	ks.Replace(key, built)
	m.learn(p)
	if strings.Contains(m.want[p], "until 0") == (m.st.DB(p.db).Peek(key).Deadline() != 0) {
		t.Fatal("a deadline is left over")
	}
}

// choose fills the pool of victims and takes the best out, as an eviction does that is not carried out.
func (m *copyModel) choose(*rapid.T) { m.st.choose() }

func (m *copyModel) flush(t *rapid.T) {
	db := rapid.IntRange(0, 2).Draw(t, "db")
	m.st.DB(db).Flush()
	for p := range m.want {
		if p.db == db {
			delete(m.want, p)
		}
	}
}

func (m *copyModel) chores(*rapid.T) {
	for m.st.HasChores() {
		m.st.DoChores()
	}
}

func (m *copyModel) check(t *rapid.T) {
	m.st.Settle()
	checkStore(t, m.st)
	keys := 0
	for db := range 3 {
		keys += m.st.DB(db).Len()
	}
	if keys != len(m.want) {
		t.Fatalf("%d keys, want %d", keys, len(m.want))
	}
	for p, want := range m.want {
		if got := m.spell(p); got != want {
			t.Fatalf("%v is\n%s\nwant\n%s", p, got, want)
		}
	}
	m.st.Settle()
}

func TestCopiesMovesAndSwaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := smallLimits
		o.Databases, o.Policy, o.Samples = 3, AllKeysLRU, 5
		o.ListMaxListpackSize = 8
		m := &copyModel{st: newTestStore(o), want: map[place]string{}}
		m.st.Tick(500, 200)
		t.Repeat(map[string]func(*rapid.T){
			"": m.check, "string": m.changeString, "list": m.changeList, "set": m.changeSet, "deadline": m.changeDeadline,
			"copy": m.copy, "move": m.move, "swap": m.swap, "replace": m.replace, "choose": m.choose, "flush": m.flush,
			"chores": m.chores,
		})
	})
}

// What expires, and what is evicted, is in the database in which it is after the exchange.
func TestSwappedDatabasesExpire(t *testing.T) {
	st := newTestStore(Options{Databases: 2})
	var expired []string
	st.OnExpire(func(ks *Keyspace, key []byte, _ int64) {
		expired = append(expired, fmt.Sprintf("%d %s", ks.Index(), key))
	})
	for i := range 2 {
		ks := st.DB(i)
		ks.SetString(keyOf(i), []byte("v"), false)
		ks.ExpireAfter(keyOf(i), 10)
		st.Settle()
	}
	st.Swap(0, 1)
	checkStore(t, st)
	st.at(10)
	for st.ExpireDue(10) {
	}
	checkStore(t, st)
	if len(expired) != 2 || !strings.Contains(strings.Join(expired, ","), "0 key:1") || !strings.Contains(strings.Join(expired, ","), "1 key:0") {
		t.Errorf("expired: %q", expired)
	}
}

// Copying a large string takes no time: the bytes are shared, and neither shows what becomes of the other.
func TestCopiedStringsShareBytes(t *testing.T) {
	st := newTestStore(Options{})
	ks := st.DB(0)
	find := func(key string) *String {
		s, _ := Find[*String](ks, []byte(key))
		return s
	}
	ks.SetString([]byte("a"), bytes.Repeat([]byte("x"), 1<<20), false)
	find("a").Append([]byte("y")) // which makes room for more
	st.Settle()
	ks.Copy([]byte("a"), []byte("b"), ks)
	if &find("a").Peek()[0] != &find("b").Peek()[0] {
		t.Error("the bytes are not shared")
	}
	find("b").Append([]byte("b"))
	find("a").Append([]byte("and more"))
	st.Settle()
	find("a").SetRange(0, []byte("in a"))
	st.Settle()
	checkStore(t, st)
	if a := find("a").Bytes(); !bytes.HasSuffix(a, []byte("xyand more")) || !bytes.HasPrefix(a, []byte("in ax")) {
		t.Errorf("a is %.8q…%q", a, a[len(a)-8:])
	}
	if b := find("b").Bytes(); !bytes.HasSuffix(b, []byte("xyb")) || !bytes.HasPrefix(b, []byte("xxxx")) {
		t.Errorf("b is %.8q…%q", b, b[len(b)-8:])
	}
	ks.Copy([]byte("a"), []byte("c"), ks)
	find("c").SetRange(0, []byte("in c"))
	if a := find("a").Bytes(); !bytes.HasPrefix(a, []byte("in a")) {
		t.Errorf("a begins %.8q after a change of its copy", a)
	}
	ks.SetString([]byte("a"), bytes.Repeat([]byte("x"), 1<<20), false)
	find("a").SetRange(0, []byte("own")) // bytes that nobody else has seen
	ks.Copy([]byte("a"), []byte("c"), ks)
	find("a").SetRange(0, []byte("new"))
	if c := find("c").Bytes(); !bytes.HasPrefix(c, []byte("own")) {
		t.Errorf("c begins %.8q after a change of the original", c)
	}
}

// Look leaves no views behind, however many keys it looks at, and those from before stay good.
func TestLookKeepsNoViews(t *testing.T) {
	st := newTestStore(smallLimits)
	ks := st.DB(0)
	s, _ := Edit(ks, []byte("s"), ks.NewSet)
	s.Add([]byte("m"))
	fill(ks, 1000)
	before := st.views.mark()
	found := 0
	for i := range 1001 {
		ks.Look(keyOf(i), func(Value) { found++ })
		ks.Look([]byte("s"), func(v Value) { found += v.Len() })
	}
	if st.views.mark() != before || found != 2001 || !s.Has([]byte("m")) {
		t.Errorf("found %d, views %v, before %v", found, st.views.mark(), before)
	}
	if st.Hits != 2001 || st.Misses != 1 {
		t.Errorf("%d hits and %d misses", st.Hits, st.Misses)
	}
}
