// Package luatest compares what scripts return with what they return in a real Redis. Scripts and results are in the files testdata/*.txt of
// a package:
//
//	# a comment
//	> return 1, "a\n"
//	1
//	"a\x0a"
//
// A script is a line with ">" and those with ">>" below it, its results are what follows, one line for each value; an error is "! " and its
// text. Write scripts and record the results with
//
//	go test ./pkg/lua/... -run Recorded -record host:port
package luatest

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"snakecache/pkg/lua"
)

var record = flag.String("record", "", "host:port of a Redis whose results are written into the files")

// Run runs the scripts of testdata/*.txt, each in a state of its own with the given libraries.
func Run(t *testing.T, open ...func(*lua.State)) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in testdata (%v)", err)
	}
	for _, path := range paths {
		cases := read(t, path)
		if *record != "" {
			write(t, path, cases)
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, c := range cases {
				if got := run(c.script(), open); c.lines != nil && !slices.Equal(got, c.results) {
					t.Errorf("%s\ngives\n%s\ninstead of\n%s", c.script(), strings.Join(got, "\n"), strings.Join(c.results, "\n"))
				}
			}
		})
	}
}

// recorded is a script with its results, or just what is between two.
type recorded struct {
	above   []string // comments and empty lines
	lines   []string
	results []string
}

func (r *recorded) script() string { return strings.Join(r.lines, "\n") }

func read(t *testing.T, path string) (cases []recorded) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var c recorded
	flush := func() {
		if c.above != nil || c.lines != nil {
			cases = append(cases, c)
		}
		c = recorded{}
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		script, begins := strings.CutPrefix(line, "> ")
		more, goesOn := strings.CutPrefix(line, ">> ")
		above := line == "" || line[0] == '#'
		if (above || begins) && c.lines != nil {
			flush()
		}
		switch {
		case begins:
			c.lines = []string{script}
		case goesOn:
			c.lines = append(c.lines, more)
		case above:
			c.above = append(c.above, line)
		default:
			c.results = append(c.results, line)
		}
	}
	flush()
	return cases
}

// write asks the real Redis for all results.
func write(t *testing.T, path string, cases []recorded) {
	client := redis.NewClient(&redis.Options{Addr: *record, Protocol: 2, DisableIdentity: true})
	defer client.Close()
	var out strings.Builder
	for _, c := range cases {
		for _, line := range c.above {
			out.WriteString(line + "\n")
		}
		if c.lines == nil {
			continue
		}
		out.WriteString("> " + strings.Join(c.lines, "\n>> ") + "\n")
		reply, err := ask(client, c.script())
		if err != nil {
			t.Fatalf("%s: %v", c.script(), err)
		}
		for _, line := range reply {
			out.WriteString(line + "\n")
		}
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
