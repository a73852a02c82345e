package glob

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"snakecache/internal/redistest"
)

// cases holds what redis-server 7.0.15 answers to KEYS and, where nocase is
// set, to CONFIG GET; TestMatchAsRedis asks it again where it is installed.
var cases = []struct {
	pattern string
	s       string
	want    bool
}{
	{"", "", true},
	{"", "a", false},
	{"**", "", false},
	{"?", "", false},
	{"\\", "", false},
	{"[^a]", "", false},
	{"**", "a", true},
	{"***a***", "a", true},
	{"a", "a", true},
	{"a", "b", false},
	{"a", "ab", false},
	{"ab", "a", false},
	{"a*", "a", true},
	{"a**", "a", true},
	{"*a", "ba", true},
	{"*a", "ab", false},
	{"*a*", "bab", true},
	{"*ab", "aab", true},
	{"*ab*cd", "ababcabcd", true},
	{"*ab*cd", "ababcabce", false},
	{"ab*b?", "abc", false}, // a star begins where it stands
	{"a*?", "a", false},
	{"a*?", "ab", true},
	{"?", "a", true},
	{"?", "ab", false},
	{"h[ae]llo", "hallo", true},
	{"h[ae]llo", "hillo", false},
	{"h[^e]llo", "hallo", true},
	{"h[^e]llo", "hello", false},
	{"h[^]llo", "hallo", true},
	{"h[]llo", "hello", false},
	{"h[a-c]", "hb", true},
	{"h[c-a]", "hb", true},
	{"h[a-c]", "hd", false},
	{"h[^a-c]", "hb", false},
	{"[a-]", "a", true},
	{"[a-]", "]", true},
	{"[a-]", "_", true},
	{"[a-]", "-", false},
	{"[-a]", "-", true},
	{"[a-", "-", true},
	{"[a-", "a", true},
	{"[a-b-c]", "-", true},
	{"[a-b-c]", "c", true},
	{"[", "[", false},
	{"[", "a", false},
	{"[^", "a", true},
	{"[^", "ab", false},
	{"[abc", "b", true},
	{"[abc", "d", false},
	{"[abc", "bc", false},
	{"*[abc", "xxc", true},
	{"[\\", "\\", true},
	{"[\\", "a", false},
	{"[\\]", "]", true},
	{"[\\]", "\\", false},
	{"[\\]]", "]", true},
	{"[\\^a]", "^", true},
	{"[a^]", "^", true},
	{"[\\a-c]", "b", false},
	{"[\\a-c]", "-", true},
	{"[a-\\c]", "]", true},
	{"[a-\\c]", "b", false},
	{"[a-\\c]", "_", true},
	{"[?]", "?", true},
	{"[?]", "a", false},
	{"[*]", "*", true},
	{"[*]", "a", false},
	{"[[]", "[", true},
	{"]", "]", true},
	{"a]", "a]", true},
	{"\\", "\\", true},
	{"\\\\", "\\", true},
	{"\\a", "a", true},
	{"\\*", "*", true},
	{"\\*", "a", false},
	{"\\?", "a", false},
	{"\\[a]", "[a]", true},
	{"a\\", "a\\", true},
	{"*\\", "ab\\", true},
	{"\\**", "*ab", true},
	{"*\\*", "ab*", true},
	{"*\\*", "ab", false},
	{"A", "a", false},
	{"[A-Z]", "a", false},
	{"[\x00-\x7f]", "a", true},
	{"[\x80-\xff]", "\xc0", true},
	{"[a-\xff]", "A", true},
	{"[a-\xff]", "b", false},
	{"[a-\xff]", "\xfe", false},
	{"[\x80-a]", "\xf0", true},
	{"?", "\xc3\xa9", false},
	{"*\x00*", "a\x00b", true},
	{"a\x00b", "a\x00c", false},
	{"[\x00]", "\x00", true},
}

func TestMatch(t *testing.T) {
	for _, c := range cases {
		if got := Match([]byte(c.pattern), []byte(c.s), false); got != c.want {
			t.Errorf("Match(%q, %q) = %v", c.pattern, c.s, got)
		}
	}
}

func TestMatchWithoutCase(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"A*", "abc", true},
		{"a*C", "ABc", true},
		{"[A-C]", "b", true},
		{"[a-c]", "B", true},
		{"[Z-a]", "z", false},
		{"[Z-a]", "a", false},
		{"[Ab]", "B", true},
		{"[\\A]", "a", false},
		{"[\\A]", "A", true},
		{"\\A", "a", true},
		{"\xc9", "\xe9", false},
	} {
		if got := Match([]byte(c.pattern), []byte(c.s), true); got != c.want {
			t.Errorf("Match(%q, %q, nocase) = %v", c.pattern, c.s, got)
		}
	}
}

func TestMatchAsRedis(t *testing.T) {
	ctx, server := context.Background(), redistest.Start(t)
	var keys []string
	for _, c := range cases {
		keys = append(keys, c.s)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for _, key := range keys {
		if err := server.Set(ctx, key, "", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range cases {
		want := server.Keys(ctx, c.pattern).Val()
		slices.Sort(want)
		got := []string{}
		for _, key := range keys {
			if Match([]byte(c.pattern), []byte(key), false) {
				got = append(got, key)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("KEYS %q: redis %q, here %q", c.pattern, want, got)
		}
	}
}

// TestMatchWithoutCaseAsRedis uses CONFIG GET, the one place where Redis
// matches without case, on the names of its own parameters.
func TestMatchWithoutCaseAsRedis(t *testing.T) {
	ctx, server := context.Background(), redistest.Start(t)
	all := configNames(ctx, server, "*")
	if len(all) < 100 {
		t.Fatalf("CONFIG GET * names %d parameters", len(all))
	}
	for _, pattern := range []string{
		"MAX*", "*[A-C]", "*[\\A-C]*", "*[Z-a]*", "[L-m]*", "[^L-m]*", "*\\P*", "?I?E*", "*[\\E]", "[TP]*-[^A-M]*", "*[", "*[S",
	} {
		want := configNames(ctx, server, pattern)
		var got []string
		for _, name := range all {
			if Match([]byte(pattern), []byte(name), true) {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("CONFIG GET %q: redis %q, here %q", pattern, want, got)
		}
	}
}

func configNames(ctx context.Context, server *redis.Client, pattern string) []string {
	var names []string
	for name := range server.ConfigGet(ctx, pattern).Val() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestMatchReadsBounded holds the bound that makes the two CVEs impossible: no
// more pattern bytes are looked at than len(pattern) for each byte of s.
func TestMatchReadsBounded(t *testing.T) {
	const size = 1024
	fill := func(part, end string) []byte {
		return []byte(strings.Repeat(part, (size-len(end))/len(part)) + end)
	}
	a := bytes.Repeat([]byte("a"), size)
	for _, pattern := range [][]byte{
		fill("*a", "b"), fill("*", "b"), fill("a*", "b"), fill("*?", "b"), fill("*a*", "*b*"),
		fill("?", "b"), fill("*[a]", "b"), fill("*[^b]", "[^a]"), fill("*\\a", "b"),
		append([]byte("*"), fill("a", "b")[1:]...),
		append([]byte("*"), fill("?", "b")[1:]...),
		append([]byte("*["), fill("b", "]b")[2:]...),
		append([]byte("*[a"), fill("b", "]b")[3:]...),
		append([]byte("*[^"), fill("x-z", "]b")[3:]...),
		append([]byte("*a["), fill("\\b", "]")[3:]...),
	} {
		_, read := match(pattern, a, false)
		if bound := len(pattern) * (len(a) + 1); read > bound {
			t.Errorf("%.16q… of %d bytes: read %d pattern bytes, more than %d", pattern, len(pattern), read, bound)
		}
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	pattern, s := []byte("*[^a-c]?\\d*e"), []byte("abcdefghdefge")
	if n := testing.AllocsPerRun(100, func() { Match(pattern, s, true) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzMatch compares with the plain recursive definition, as far as a budget of
// steps takes it, and holds the bound on every input.
func FuzzMatch(f *testing.F) {
	for _, c := range cases {
		f.Add([]byte(c.pattern), []byte(c.s), false)
		f.Add([]byte(c.pattern), []byte(c.s), true)
	}
	f.Fuzz(func(t *testing.T, pattern, s []byte, nocase bool) {
		got, read := match(pattern, s, nocase)
		if read > len(pattern)*(len(s)+1) {
			t.Errorf("read %d pattern bytes of %d for %d bytes", read, len(pattern), len(s))
		}
		m := model{nocase: nocase, steps: 100_000}
		want := m.match(pattern, s) && (len(s) > 0 || len(pattern) == 0)
		if m.steps > 0 && got != want {
			t.Errorf("Match(%q, %q, %v) = %v", pattern, s, nocase, got)
		}
	})
}

// model states what a pattern means by expanding each part to the set of bytes
// it takes, and a star to every length of run.
type model struct {
	nocase bool
	steps  int
}

func (m *model) match(pattern, s []byte) bool {
	if m.steps--; m.steps <= 0 {
		return false
	}
	if len(pattern) == 0 {
		return len(s) == 0
	}
	if pattern[0] == '*' {
		return m.match(pattern[1:], s) || len(s) > 0 && m.match(pattern, s[1:])
	}
	set, rest := m.part(pattern)
	return len(s) > 0 && set[s[0]] && m.match(rest, s[1:])
}

func (m *model) part(pattern []byte) (set [256]bool, rest []byte) {
	switch {
	case pattern[0] == '?':
		for c := range set {
			set[c] = true
		}
	case pattern[0] == '[':
		return m.class(pattern[1:])
	case pattern[0] == '\\' && len(pattern) > 1:
		pattern = pattern[1:]
		fallthrough
	default:
		m.add(&set, pattern[0])
	}
	return set, pattern[1:]
}

func (m *model) class(p []byte) (set [256]bool, rest []byte) {
	not := bytes.HasPrefix(p, []byte("^"))
	p = bytes.TrimPrefix(p, []byte("^")) // removes one
	for len(p) > 0 && p[0] != ']' {
		switch {
		case p[0] == '\\' && len(p) > 1:
			set[p[1]] = true
			p = p[2:]
		case len(p) > 2 && p[1] == '-':
			m.addRange(&set, int(int8(p[0])), int(int8(p[2])))
			p = p[3:]
		default:
			m.add(&set, p[0])
			p = p[1:]
		}
	}
	if len(p) > 0 {
		p = p[1:]
	}
	for c := range set {
		set[c] = set[c] != not
	}
	return set, p
}

func (m *model) add(set *[256]bool, one byte) {
	for c := range set {
		if m.fold(c) == m.fold(int(one)) {
			set[c] = true
		}
	}
}

func (m *model) addRange(set *[256]bool, from, to int) {
	from, to = m.fold(min(from, to)), m.fold(max(from, to))
	for c := -128; c < 128; c++ {
		if from <= m.fold(c) && m.fold(c) <= to {
			set[byte(c)] = true
		}
	}
}

func (m *model) fold(c int) int {
	if m.nocase && 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func BenchmarkMatch(b *testing.B) {
	for _, c := range []struct{ pattern, s string }{
		{"user:*", "user:1000:name"},
		{"*:[0-9]*:name", "user:1000:name"},
		{strings.Repeat("*a", 511) + "*b", strings.Repeat("a", 1024)},
		{"*[" + strings.Repeat("b", 1020) + "]", strings.Repeat("a", 1024)},
	} {
		b.Run(fmt.Sprintf("%.16s", c.pattern), func(b *testing.B) {
			pattern, s := []byte(c.pattern), []byte(c.s)
			for b.Loop() {
				Match(pattern, s, false)
			}
		})
	}
}
