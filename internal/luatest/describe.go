package luatest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"snakecache/internal/redistest"
	"snakecache/pkg/lua"
)

// TB is what a property's test has of a testing.TB.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// hasTableAsKey reports whether a result may have a table among its keys: where that comes in the order depends on its address.
func hasTableAsKey(result string) bool { return strings.Contains(result, "}=") }

// Compare starts a real Redis and returns a function that fails if a script returns something else there than here. To both, ARGV are the
// arguments.
func Compare(t testing.TB, open ...func(*lua.State)) func(t TB, script string, args ...string) {
	client := redistest.Start(t)
	return func(t TB, script string, args ...string) {
		t.Helper()
		want, err := ask(client, script, args...)
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		if slices.ContainsFunc(want, hasTableAsKey) {
			return
		}
		if got := run(script, open, args...); !slices.Equal(got, want) {
			t.Fatalf("%s\nof %q gives\n%s\ninstead of\n%s", script, args, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// ask returns the description of what a script returns in a real Redis.
func ask(client *redis.Client, script string, args ...string) (lines []string, err error) {
	argv := make([]any, len(args))
	for i, arg := range args {
		argv[i] = arg
	}
	text, err := client.Eval(context.Background(), "local function script() "+script+"\nend\n"+describer, nil, argv...).Text()
	if text == "" {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n"), err
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

// run returns the description of what a script returns, to which ARGV are the arguments.
func run(script string, open []func(*lua.State), args ...string) (lines []string) {
	s := lua.New(lua.DefaultLimits)
	for _, f := range open {
		f(s)
	}
	argv := s.NewTable(0, 0)
	for i, arg := range args {
		argv.SetInt(s, i+1, lua.String(arg))
	}
	s.Globals.SetString(s, "ARGV", argv.Value())
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
