package store

import (
	"bytes"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// loan is what Bytes gave out at some time, with a copy of what it was then.
type loan struct{ bytes, copy []byte }

// stringModel is a string in a keyspace beside plain bytes.
type stringModel struct {
	store    *Store
	keys     *Keyspace
	key      []byte
	value    []byte
	encoding string
	loans    []loan
}

func newStringModel(t *rapid.T) *stringModel {
	st := New(Options{Databases: 1})
	st.OnRelease(func(b []byte) {
		for i := range b[:cap(b)] {
			b[:cap(b)][i] ^= 0xff // whoever still refers to it gets to know
		}
	})
	m := &stringModel{store: st, keys: st.DB(0), key: []byte(rapid.StringN(0, 40, 40).Draw(t, "key"))}
	m.set(t)
	return m
}

// drawBytes makes values of all forms: integers and their look-alikes, short ones, and some around sharedSize.
func drawBytes(t *rapid.T) []byte {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return strconv.AppendInt(nil, rapid.Int64().Draw(t, "integer"), 10)
	case 1:
		return []byte(rapid.StringMatching(`[-+ 0]?[0-9]{0,21}`).Draw(t, "number"))
	case 2:
		return rapid.SliceOfN(rapid.Byte(), 0, 2*embeddedLimit).Draw(t, "short")
	}
	pattern := rapid.SliceOfN(rapid.Byte(), 1, 8).Draw(t, "pattern")
	n := drawLength(t)
	return bytes.Repeat(pattern, n/len(pattern)+1)[:n]
}

func drawLength(t *rapid.T) int {
	return rapid.OneOf(rapid.IntRange(0, 200), rapid.IntRange(sharedSize-3, sharedSize+3), rapid.IntRange(0, 3*sharedSize)).Draw(t, "length")
}

// encodingOf says by Redis' rule how a value that was set as a whole is kept.
func encodingOf(b []byte) string {
	n, err := strconv.ParseInt(string(b), 10, 64)
	switch {
	case err == nil && strconv.FormatInt(n, 10) == string(b):
		return "int"
	case len(b) <= embeddedLimit:
		return "embstr"
	}
	return "raw"
}

func (m *stringModel) set(t *rapid.T) {
	m.value = drawBytes(t)
	m.encoding = encodingOf(m.value)
	m.keys.SetString(m.key, bytes.Clone(m.value), rapid.Bool().Draw(t, "keep deadline"))
}

func (m *stringModel) setText(t *rapid.T) {
	m.value = drawBytes(t)
	m.encoding = "raw"
	if len(m.value) <= embeddedLimit {
		m.encoding = "embstr"
	}
	m.edit(t).SetText(bytes.Clone(m.value))
}

func (m *stringModel) setInteger(t *rapid.T) {
	n := rapid.Int64().Draw(t, "n")
	m.value, m.encoding = strconv.AppendInt(nil, n, 10), "int"
	m.edit(t).SetInteger(n)
}

func (m *stringModel) append(t *rapid.T) {
	tail := drawBytes(t)
	m.value, m.encoding = append(bytes.Clone(m.value), tail...), "raw"
	if n := m.edit(t).Append(tail); n != len(m.value) {
		t.Fatalf("Append returned %d, want %d", n, len(m.value))
	}
}

func (m *stringModel) setRange(t *rapid.T) {
	offset, part := drawLength(t), drawBytes(t)
	padded := make([]byte, max(len(m.value), offset+len(part)))
	copy(padded, m.value)
	copy(padded[offset:], part)
	m.value, m.encoding = padded, "raw"
	if n := m.edit(t).SetRange(offset, part); n != len(m.value) {
		t.Fatalf("SetRange returned %d, want %d", n, len(m.value))
	}
}

// update flips a byte, wherever that is.
func (m *stringModel) update(t *rapid.T) {
	at := drawLength(t)
	padded := make([]byte, max(len(m.value), at+1))
	copy(padded, m.value)
	padded[at] ^= 0xff
	m.value, m.encoding = padded, "raw"
	m.edit(t).Update(at+1, func(value []byte) {
		if len(value) != len(padded) {
			t.Fatalf("Update gives %d bytes, want %d", len(value), len(padded))
		}
		value[at] ^= 0xff
	})
}

func (m *stringModel) setRaw(t *rapid.T) {
	m.value, m.encoding = drawBytes(t), "raw"
	m.edit(t).SetRaw(bytes.Clone(m.value))
}

func (m *stringModel) fill(t *rapid.T) {
	m.value, m.encoding = drawBytes(t), "raw"
	m.edit(t).Fill(len(m.value), func(dst []byte) { copy(dst, m.value) })
}

// refill writes as many bytes as there are, which may take the place of those, but not while somebody holds them.
func (m *stringModel) refill(t *rapid.T) {
	before := m.edit(t).Bytes()
	held, refilled := bytes.Clone(before), bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, len(before))
	if rapid.Bool().Draw(t, "lent no more") {
		m.edit(t).Set(bytes.Clone(before))
		before = held
	}
	m.value, m.encoding = refilled, "raw"
	m.edit(t).Fill(len(refilled), func(dst []byte) { copy(dst, refilled) })
	if len(held) >= sharedSize && !bytes.Equal(before, held) {
		t.Fatal("bytes that were handed out have changed")
	}
}

// recreate makes the key anew.
func (m *stringModel) recreate(t *rapid.T) {
	m.keys.Delete(m.key)
	m.keys.EmptyString(m.key).Set(bytes.Clone(m.value))
	m.encoding = encodingOf(m.value)
}

func (m *stringModel) rename(t *rapid.T) {
	to := []byte(rapid.StringN(0, 40, 40).Draw(t, "to"))
	m.keys.Rename(m.key, to)
	m.key = to
}

func (m *stringModel) lend(t *rapid.T) {
	if b := m.find(t).Bytes(); len(b) >= sharedSize {
		m.loans = append(m.loans, loan{b, bytes.Clone(b)})
	}
}

func (m *stringModel) find(t *rapid.T) *String {
	s, err := Find[*String](m.keys, m.key)
	if err != nil || s == nil {
		t.Fatalf("%q is %v, %v", m.key, s, err)
	}
	return s
}

func (m *stringModel) edit(t *rapid.T) *String {
	s, err := FindForWrite[*String](m.keys, m.key)
	if err != nil || s == nil {
		t.Fatalf("%q is %v, %v", m.key, s, err)
	}
	return s
}

func (m *stringModel) check(t *rapid.T) {
	m.store.Settle()
	if err := m.store.Verify(); err != nil {
		t.Fatal(err)
	}
	s := m.find(t)
	if !bytes.Equal(s.Peek(), m.value) {
		t.Fatalf("%d bytes %.40q, want %d bytes %.40q", len(s.Peek()), s.Peek(), len(m.value), m.value)
	}
	if other := append(bytes.Clone(m.value), '0'); !s.Equal(m.value) || s.Equal(other) || s.Equal(other[1:]) != bytes.Equal(other[1:], m.value) {
		t.Fatalf("%.40q does not know what it is equal to", m.value)
	}
	if s.Len() != len(m.value) || s.Encoding() != m.encoding {
		t.Fatalf("%.40q is %s of %d bytes, want %s of %d", m.value, s.Encoding(), s.Len(), m.encoding, len(m.value))
	}
	if n, ok := s.Integer(); ok != (m.encoding == "int") || ok && strconv.FormatInt(n, 10) != string(m.value) {
		t.Fatalf("%.40q is the integer %d, %v", m.value, n, ok)
	}
	for _, l := range m.loans {
		if !bytes.Equal(l.bytes, l.copy) {
			t.Fatal("bytes that were given out have changed")
		}
	}
}

func checkString(t *rapid.T) {
	m := newStringModel(t)
	t.Repeat(map[string]func(*rapid.T){
		"":            m.check,
		"set":         m.set,
		"set text":    m.setText,
		"set integer": m.setInteger,
		"append":      m.append,
		"set range":   m.setRange,
		"set raw":     m.setRaw,
		"fill":        m.fill,
		"refill":      m.refill,
		"update":      m.update,
		"recreate":    m.recreate,
		"rename":      m.rename,
		"lend":        m.lend,
	})
}

func TestStringAgainstModel(t *testing.T) { rapid.Check(t, checkString) }

func FuzzString(f *testing.F) { f.Fuzz(rapid.MakeFuzz(checkString)) }

// The paths of SET over a key, INCR, and SETRANGE and SETBIT into a long string that nobody refers to.
func TestStringWarmAllocatesNothing(t *testing.T) {
	st := New(Options{Databases: 1})
	ks, key := st.DB(0), []byte("key")
	short, shorter, part := bytes.Repeat([]byte("x"), 64), bytes.Repeat([]byte("y"), 50), []byte("part")
	long := ks.EmptyString([]byte("long"))
	long.SetRange(2*sharedSize, part)
	bitmap := ks.EmptyString([]byte("bitmap"))
	bitmap.SetRange(99, part)
	flip := func(value []byte) { value[7] ^= 1 }
	number := ks.EmptyString([]byte("number"))
	number.Set([]byte("41"))
	for name, f := range map[string]func(){
		"SetString":  func() { ks.SetString(key, short, false); ks.SetString(key, shorter, true); st.views.entries.taken = 2 },
		"SetInteger": func() { n, _ := number.Integer(); number.SetInteger(n + 1) },
		"SetRange":   func() { long.SetRange(sharedSize, part) },
		"Update":     func() { bitmap.Update(8, flip); long.Update(8, flip) },
	} {
		f()
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// Who reads a few bytes of a long string does not make the next change copy it all.
func TestShortSlicesLendNothing(t *testing.T) {
	s := New(Options{Databases: 1}).DB(0).EmptyString([]byte("key"))
	s.SetRange(4*sharedSize, []byte("tail"))
	memory := &s.Peek()[0]
	if got := string(s.Slice(4*sharedSize, 4*sharedSize+4)); got != "tail" {
		t.Errorf("the slice is %q", got)
	}
	s.Slice(0, sharedSize-1)
	if s.SetRange(1, []byte("part")); &s.Peek()[0] != memory {
		t.Error("a short slice made the string move")
	}
	long := s.Slice(0, sharedSize)
	if s.SetRange(1, []byte("PART")); string(long[:5]) != "\x00part" {
		t.Errorf("a long slice became %.5q", long)
	}
}

// A string appended to again and again does not move each time.
func TestStringAppendIsAmortised(t *testing.T) {
	const length, chunk = 4 << 20, 64
	tail, moves := make([]byte, chunk), 0
	s := New(Options{Databases: 1}).DB(0).EmptyString([]byte("key"))
	for size := 0; s.Len() < length; size = s.entry().Size() {
		if s.Append(tail); s.entry().Size() != size {
			moves++
		}
	}
	if moves > 150 {
		t.Errorf("%d moves for %d appends", moves, length/chunk)
	}
}

// The memory of a large string is released when the string is replaced or goes, unless it was lent.
func TestReleaseOfLargeStrings(t *testing.T) {
	key := []byte("k")
	for name, drop := range map[string]func(*Keyspace){
		"replaced":           func(ks *Keyspace) { ks.SetString(key, make([]byte, sharedSize), false) },
		"replaced by little": func(ks *Keyspace) { ks.SetString(key, []byte("little"), false) },
		"deleted":            func(ks *Keyspace) { ks.Delete(key) },
		"expired": func(ks *Keyspace) {
			ks.ExpireAfter(key, 0)
			ks.store.ExpireDue(1)
		},
	} {
		for _, lent := range []bool{false, true} {
			st := New(Options{Databases: 1})
			ks, value, released := st.DB(0), make([]byte, sharedSize), [][]byte(nil)
			st.OnRelease(func(b []byte) { released = append(released, b) })
			ks.SetString(key, value, false)
			if s, err := Find[*String](ks, key); err != nil || lent && len(s.Bytes()) != sharedSize {
				t.Fatal(err)
			}
			drop(ks)
			st.Settle()
			switch {
			case lent && len(released) != 0:
				t.Errorf("%s: released what a reply refers to", name)
			case !lent && (len(released) != 1 || &released[0][0] != &value[0]):
				t.Errorf("%s: %d pieces were released", name, len(released))
			}
		}
	}
}
