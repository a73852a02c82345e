package proto

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"snakecache/internal/redistest"
)

var lines = []struct {
	line  string
	words []string // nil if the quotes are unbalanced
}{
	{``, []string{}},
	{` `, []string{}},
	{`a b`, []string{"a", "b"}},
	{"\t a\v\f b ", []string{"a\v\f", "b"}}, // \v and \f are skipped between words, but end none
	{"\v\fa", []string{"a"}},
	{`""`, []string{""}},
	{`'' ""`, []string{"", ""}},
	{`"a b"`, []string{"a b"}},
	{`a"b c"`, []string{"ab c"}},
	{`"a"b`, nil},
	{`"a""b"`, nil},
	{`'a''b'`, nil},
	{`"a`, nil},
	{`'a`, nil},
	{`a"`, nil},
	{`a'`, nil},
	{`"a\"`, nil},
	{`'a\'`, nil},
	{`"a\`, nil},
	{`\`, []string{`\`}},
	{`a\n`, []string{`a\n`}}, // a backslash is nothing special without quotes
	{`"\n\r\t\b\a\x41\x0a\xFf\q\\\""`, []string{"\n\r\t\b\aA\n\xffq\\\""}},
	{`"\x4"`, []string{"x4"}},
	{`"\xg1"`, []string{"xg1"}},
	{`"\X41"`, []string{"X41"}},
	{`'\n\x41\a'`, []string{`\n\x41\a`}},
	{`'\\'`, nil}, // only \' is an escape here, whatever stands before it
	{`'a\'b'`, []string{"a'b"}},
	{"\"a\"\vb", []string{"a", "b"}}, // but \v may follow a quote
	{"a\x00b", []string{"a\x00b"}},
	{"\"a\x00\"", []string{"a\x00"}},
	{"\xff\x80", []string{"\xff\x80"}},
}

func TestSplitWords(t *testing.T) {
	for _, c := range lines {
		words, ok := SplitWords([]byte(c.line))
		if ok != (c.words != nil) || !slices.Equal(texts(words), c.words) {
			t.Errorf("%q: got %q, %v, want %q", c.line, words, ok, c.words)
		}
	}
}

// Lines of the table, and random ones of the bytes that mean something, are split as redis-server splits them. Only a
// NUL is not: it hides the end of the line from redis-server, which then waits for another.
func TestSplitWordsAsRedis(t *testing.T) {
	client := redistest.Start(t)
	ask := func(line string) []string {
		if err := client.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		return askRedis(t, client.Options().Addr, line, func() []string {
			return client.LRange(t.Context(), "k", 0, -1).Val()
		})
	}
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{`"`, `"`, `'`, `'`, `\`, `\`, " ", " ", "x", "4", "a", "n", "\t", "\r", "\v", "\xff", "é"}
	all := make([]string, 0, 2000)
	for _, c := range lines {
		if !strings.Contains(c.line, "\x00") {
			all = append(all, c.line)
		}
	}
	for len(all) < cap(all) {
		var line strings.Builder
		for range 1 + random.IntN(12) {
			line.WriteString(alphabet[random.IntN(len(alphabet))])
		}
		all = append(all, line.String())
	}
	for _, line := range all {
		words, ok := SplitWords([]byte(strings.TrimSuffix(line, "\r")))
		want := ask(line)
		if ok != (want != nil) || !slices.Equal(texts(words), want) {
			t.Errorf("%q: got %q, %v, redis-server %q", line, words, ok, want)
		}
	}
}

// askRedis has redis-server push the words of a line to a list and returns them, or nil if it refuses the line.
func askRedis(t *testing.T, socket, line string, pushed func() []string) []string {
	nc, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(nc, "RPUSH k %s\n", line)
	reply, err := bufio.NewReader(nc).ReadString('\n')
	switch {
	case err != nil:
		t.Fatalf("%q: %v", line, err)
	case strings.HasPrefix(reply, "-ERR Protocol error: unbalanced quotes"):
		return nil
	case strings.HasPrefix(reply, "-ERR wrong number of arguments"): // no word at all
		return []string{}
	}
	return pushed()
}

// What String writes between double quotes, SplitWords reads: transcripts rely on it.
func FuzzSplitWords(f *testing.F) {
	for _, c := range lines {
		f.Add([]byte(c.line))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		words, ok := SplitWords([]byte(`a "` + escape(string(text), `"\`) + `" b`))
		if want := [][]byte{{'a'}, append([]byte{}, text...), {'b'}}; !ok || !reflect.DeepEqual(words, want) {
			t.Errorf("%q became %q, %v", text, words, ok)
		}
		SplitWords(text) // whatever it is, it must not panic
	})
}
