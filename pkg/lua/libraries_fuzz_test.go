package lua

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// callLibrary calls a function of a library. No error but Lua's may come of it, after so many ticks at most.
func callLibrary(t *testing.T, library, name string, args ...Value) ([]Value, *Error) {
	const ticks = 100
	s := newTestState(Limits{Memory: 4 << 20, Calls: 200, Nested: 50}, new(strings.Builder))
	count := 0
	s.OnTick = func(L *Thread) {
		if count++; count > ticks {
			L.Abort(String("too many steps"))
		}
	}
	L := s.Main()
	before := L.NArgs()
	L.Push(s.Globals.GetString(library).Table().GetString(name))
	for _, v := range args {
		L.Push(v)
	}
	if err := L.PCall(len(args), -1); err != nil {
		if L.NArgs() != before {
			t.Fatalf("an error leaves %d values", L.NArgs()-before)
		}
		return nil, err
	}
	var results []Value
	for L.NArgs() > before {
		results = append(results, L.Pop())
	}
	slices.Reverse(results)
	return results, nil
}

// FuzzPattern looks for properties that hold of every pattern.
func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{"l+", "(h)(.)", "%f[%a]%a+", "%b()", "[^a-c%d]-x", "()a*()", "^(%w+)%s*=%s*(.-)$", "(a)%1", "[]", "%", "(a*)*b"} {
		f.Add("hello (world) = aab", pattern)
	}
	f.Fuzz(func(t *testing.T, source, pattern string) {
		s, p := String(source), String(pattern)
		found, err := callLibrary(t, "string", "find", s, p)
		matched, matchErr := callLibrary(t, "string", "match", s, p)
		if (err == nil) != (matchErr == nil) && !isPlain(pattern) {
			t.Fatalf("find: %v, match: %v", err, matchErr)
		}
		if err == nil && matchErr == nil && found[0].IsNumber() && !matched[0].IsNumber() && len(found) == 2 {
			from, to := ToInt(found[0].Float()), ToInt(found[1].Float())
			if !isPlain(pattern) && source[from-1:to] != matched[0].Str() {
				t.Fatalf("found %q, matched %q", source[from-1:to], matched[0].Str())
			}
		}
		if isPlain(pattern) && err == nil && found[0].IsNil() == strings.Contains(source, pattern) {
			t.Fatalf("a plain string is found: %v", !found[0].IsNil())
		}
		same, err := callLibrary(t, "string", "gsub", s, p, String("%0"))
		if err == nil && same[0].Str() != source {
			t.Fatalf("each match by itself makes %q", same[0].Str())
		}
	})
}

// FuzzFormat expects a text or an error of every format.
func FuzzFormat(f *testing.F) {
	for _, format := range []string{"%d", "%5.2s|%-5s", "%+.3e %g", "%#x %#o", "%q%%%c", "%099.99f", "%", "%-+ #0d"} {
		f.Add(format, 1.5, "text\x00")
	}
	f.Fuzz(func(t *testing.T, format string, n float64, text string) {
		for _, arg := range []Value{Number(n), String(text), Number(math.NaN())} {
			results, err := callLibrary(t, "string", "format", String(format), arg, arg, arg, arg)
			if err == nil && (len(results) != 1 || !results[0].IsString()) {
				t.Fatalf("%d results", len(results))
			}
		}
	})
}

// TestSortAgreesWithModel sorts by < and by functions. One that contradicts itself ends somehow.
func TestSortAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		numbers := rapid.SliceOfN(rapid.IntRange(-50, 50), 0, 200).Draw(rt, "numbers")
		order := rapid.SampledFrom([]string{"<", ">", "random"}).Draw(rt, "order")
		s := newTestState(DefaultLimits, new(strings.Builder))
		table := s.NewTable(len(numbers), 0)
		for i, n := range numbers {
			table.SetInt(s, i+1, Int(n))
		}
		less := map[string]func(a, b Value) bool{
			"<":      func(a, b Value) bool { return a.Float() < b.Float() },
			">":      func(a, b Value) bool { return a.Float() > b.Float() },
			"random": func(_, _ Value) bool { return rapid.Bool().Draw(rt, "less") },
		}[order]
		L := s.Main()
		L.Push(s.Globals.GetString("table").Table().GetString("sort"))
		L.Push(table.Value())
		L.Push(s.NewFunction("less", func(L *Thread) int {
			L.Push(Bool(less(L.Arg(1), L.Arg(2))))
			return 1
		}))
		err := L.PCall(2, 0)
		var sorted []int
		for i := 1; i <= len(numbers); i++ {
			if v := table.GetInt(i); v.IsNumber() {
				sorted = append(sorted, ToInt(v.Float()))
			}
		}
		switch slices.Sort(numbers); order {
		case ">":
			slices.Reverse(numbers)
		case "random":
			return // an element may have been exchanged for none behind the last one, as in the reference implementation
		}
		if err != nil || !slices.Equal(sorted, numbers) {
			rt.Fatalf("%v: %v, want %v", err, sorted, numbers)
		}
	})
}

// TestBombs runs what would take all memory or all time of a server: each ends with an error.
func TestBombs(t *testing.T) {
	for _, code := range []string{
		`local s = ('x'):rep(2^31 - 1)`,
		`local s = 'x' while true do s = s:rep(10) end`,
		`local s = ('x'):rep(1e6) return s:gsub('.', s)`,
		`local s = ('x'):rep(1e6) return s:gsub('.', function() return s end)`,
		`local s = ('x'):rep(1e7) local function f() return (s:gsub('x$', f)) end f()`,
		`local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1e6) .. i end`,
		`local t, s = {}, ('x'):rep(1e6) for i = 1, 1e4 do t[i] = (s .. i):gmatch('.') end`,
		`local t, s = {}, ('x'):rep(1e6) for i = 1, 1e3 do t[i] = s end return table.concat(t)`,
		`return ('a'):rep(100):find(('a*'):rep(20) .. 'b')`,
		`return ('a'):rep(1e5):find(('.-'):rep(5) .. 'b')`,
		`return ('x'):rep(1e6):match(('x?'):rep(1e5))`,
		`return ('('):rep(1e5):gsub('%b()', '')`,
		`return ('a'):rep(1e6):find('[' .. ('b'):rep(1e4) .. ']*c')`,
		`return load(function() return ' ' end)`,
		`table.insert({}, -2^31, 1)`,
		`local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t) end`,
		`while true do collectgarbage() end`,
		`while true do ('x'):rep(1e4):upper() end`,
		`local t = {} while true do t = {unpack({}, 1, 7000)} end`,
	} {
		t.Run(code, func(t *testing.T) {
			s := newTestState(Limits{Memory: 32 << 20, Calls: 20000, Nested: 200}, new(strings.Builder))
			ticks := 0
			s.OnTick = func(L *Thread) {
				if ticks++; ticks > 200 {
					L.Abort(String("too many steps"))
				}
			}
			if err := runScript(s, code, "=bomb"); err == nil {
				t.Error("no error")
			}
		})
	}
}
