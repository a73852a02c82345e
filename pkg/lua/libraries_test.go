package lua

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"snakecache/internal/redistest"
)

var recordRedis = flag.Bool("record-redis", false, "write what a real redis-server answers to testdata/lib_*.txt")

// snippet is a piece of Lua in testdata, and what it returns: each value on a line behind the code.
type snippet struct {
	above   []string // empty lines and comments
	code    string
	results []string
}

const (
	codeMark   = "> "
	resultMark = "= "
)

func readSnippets(t *testing.T, path string) (all []snippet) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var next snippet
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, codeMark):
			next.code = strings.TrimPrefix(line, codeMark)
			all = append(all, next)
			next = snippet{}
		case strings.HasPrefix(line, resultMark):
			last := &all[len(all)-1]
			last.results = append(last.results, strings.TrimPrefix(line, resultMark))
		default:
			next.above = append(next.above, line)
		}
	}
	return all
}

func writeSnippets(t *testing.T, path string, all []snippet) {
	var out strings.Builder
	for _, s := range all {
		for _, line := range s.above {
			out.WriteString(line + "\n")
		}
		out.WriteString(codeMark + s.code + "\n")
		for _, result := range s.results {
			out.WriteString(resultMark + result + "\n")
		}
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wrapped is a script that runs a snippet and returns what that does, or its error, as strings.
func wrapped(code string) string {
	return "local function all(...) return select('#', ...), {...} end local n, r = all(pcall(function() " + code + ` end))
for i = 1, n do
	local v = r[i]
	if type(v) == 'number' then v = string.format('%.14g', v) elseif type(v) ~= 'string' then v = '<' .. tostring(v) .. '>' end
	r[i] = v
end
return r`
}

// TestLibraries runs the snippets in testdata and compares what they return with what they have returned in a real Redis.
func TestLibraries(t *testing.T) {
	paths, _ := filepath.Glob("testdata/lib_*.txt")
	if len(paths) == 0 {
		t.Fatal("no snippets")
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			all := readSnippets(t, path)
			if *recordRedis {
				askRedis(t, all)
				writeSnippets(t, path, all)
			}
			for _, s := range all {
				if results := runSnippet(t, s.code); !slices.Equal(results, s.results) {
					t.Errorf("%s\n got %s\nwant %s", s.code, strings.Join(results, "\n     "), strings.Join(s.results, "\n     "))
				}
			}
		})
	}
}

func askRedis(t *testing.T, all []snippet) {
	client := redistest.Start(t)
	for i := range all {
		reply, err := client.Eval(t.Context(), wrapped(all[i].code), nil).Slice()
		if err != nil {
			t.Fatalf("%s: %v", all[i].code, err)
		}
		all[i].results = nil
		for _, v := range reply {
			all[i].results = append(all[i].results, strconv.Quote(fmt.Sprint(v)))
		}
	}
}

func runSnippet(t *testing.T, code string) (results []string) {
	s := newTestState(DefaultLimits, new(strings.Builder))
	p, err := Compile(wrapped(code), "@user_script")
	if err != nil {
		return []string{err.Error()}
	}
	L := s.Main()
	L.Push(s.Load(p, s.Globals))
	if e := L.PCall(0, 1); e != nil {
		return []string{e.Error()}
	}
	r := L.Pop().Table()
	for i := 1; i <= r.Len(); i++ {
		results = append(results, strconv.Quote(r.GetInt(i).Str()))
	}
	return results
}
