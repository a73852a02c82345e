package lua

import (
	"strings"
	"testing"
)

// run compiles and runs a chunk with a print that collects.
func runScript(t testing.TB, s *State, source string) (output string, failure error) {
	var out strings.Builder
	s.Globals.SetString(s, "print", s.NewFunction("print", func(L *Thread) int {
		for i := 1; i <= L.NArgs(); i++ {
			if i > 1 {
				out.WriteByte('\t')
			}
			out.WriteString(L.ToText(L.Arg(i)).Str())
		}
		out.WriteByte('\n')
		return 0
	}))
	p, err := Compile(source, "@script")
	if err != nil {
		return "", err
	}
	L := s.Main()
	L.Push(s.Load(p, s.Globals))
	if e := L.PCall(0, 0); e != nil {
		return out.String(), e
	}
	return out.String(), nil
}

func TestSimple(t *testing.T) {
	s := New(DefaultLimits)
	OpenCoroutine(s)
	out, err := runScript(t, s, `
local s = 0
for i = 1, 1000000 do s = s + i % 7 end
print(s)
local function f(...) local a, b = ... return b, a, ... end
print(f(1, 2, 3))
local t = {1, 2, x = 3, f(4, 5)}
print(#t, t.x, t[3], t[6])
local co = coroutine.wrap(function(a) for i = 1, 3 do a = a + coroutine.yield(i, a) end return 'end', a end)
print(co(1)) print(co(10)) print(co(20)) print(co(30))
print(1 .. 2 .. 'x', not nil, 2^10, 7 % -3, -7 % 3)
while true do s = s - 100000 if s < 0 then break end end
print(s)
local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 1 return i end end
print(fs[1](), fs[1](), fs[2]())
print(coroutine.resume(coroutine.create(function() local x = nil; x.y = 1 end)))
local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end
print(fib(20))
repeat local z = 1 until z == 1
print((function() return 1, 2 end)())
goo.x = 1
`)
	t.Logf("%s%v", out, err)
}
