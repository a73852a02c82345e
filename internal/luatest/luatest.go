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
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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
		reply, err := client.Eval(context.Background(), "local function script() "+c.script()+"\nend\n"+describer, nil).Text()
		if err != nil {
			t.Fatalf("%s: %v", c.script(), err)
		}
		out.WriteString(reply)
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// describer runs script and describes its results as describe does.
const describer = `
local function quote(s)
  return '"' .. string.gsub(s, '[^ !#-Z%[%]^-~]', function(c) return string.format('\\x%02x', string.byte(c)) end) .. '"'
end
local function describe(v)
  if type(v) == 'string' then return quote(v) end
  if type(v) == 'number' then return string.format('%.17g', v) end
  if type(v) ~= 'table' then return type(v) == 'boolean' and tostring(v) or type(v) end
  local fields = {}
  for k, field in pairs(v) do fields[#fields + 1] = describe(k) .. '=' .. describe(field) end
  return '{' .. table.concat(fields, ' ') .. '}'
end
local function collect(ok, ...)
  if not ok then return '! ' .. quote((...)) .. '\n' end
  local lines = {}
  for i = 1, select('#', ...) do lines[i] = describe((select(i, ...))) .. '\n' end
  return table.concat(lines)
end
return collect(pcall(script))`

// run returns the description of what a script returns.
func run(script string, open []func(*lua.State)) (lines []string) {
	s := lua.New(lua.DefaultLimits)
	for _, f := range open {
		f(s)
	}
	p, err := lua.Compile(script, "@user_script")
	if err != nil {
		return []string{"! " + quote(err.Error())}
	}
	L := s.Main()
	L.Push(s.Load(p, s.Globals))
	if err := L.PCall(0, -1); err != nil {
		return []string{"! " + quote(err.Error())}
	}
	for i := 1; i <= L.NArgs(); i++ {
		lines = append(lines, describe(L.Arg(i)))
	}
	return lines
}

// describe is a value as a line: tables with all their fields, in the order of pairs().
func describe(v lua.Value) string {
	switch v.Kind() {
	case lua.KindString:
		return quote(v.Str())
	case lua.KindNumber:
		return number(v.Float())
	case lua.KindBoolean:
		return strconv.FormatBool(v.Truth())
	case lua.KindTable:
		var fields []string
		v.Table().All(func(k, v lua.Value) bool {
			fields = append(fields, describe(k)+"="+describe(v))
			return true
		})
		return "{" + strings.Join(fields, " ") + "}"
	}
	return v.Kind().String()
}

// number is a number with 17 digits, and the text of C for those that have none.
func number(f float64) string {
	if f-f != 0 {
		return lua.FormatNumber(f)
	}
	return strconv.FormatFloat(f, 'g', 17, 64)
}

func quote(s string) string {
	var out strings.Builder
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(&out, `\x%02x`, c)
		} else {
			out.WriteByte(c)
		}
	}
	return `"` + out.String() + `"`
}
