-- Statements and expressions.
local t = {}
local function p(...) t[#t + 1] = select("#", ...) print(...) end
-- Assignment: order and conflicts.
do local a, b, c = 1, 2 p(a, b, c) a, b = b, a p(a, b) a, b, c = 1 p(a, b, c) a, b = 1, 2, 3 p(a, b) end
do local i, t = 1, {} i, t[i] = i + 1, 20 p(i, t[1], t[2]) local a = {} a[1], a = 5, {7} p(a[1]) local x = {1} x, x[1] = {2}, 3 p(x[1]) end
do local function f() return 1, 2, 3 end local a, b, c, d = f() p(a, b, c, d) a, b, c, d = 0, f() p(a, b, c, d) a, b, c, d = f(), 10 p(a, b, c, d) a, b = (f()) p(a, b) local t = {f(), f()} p(#t) t = {f(), (f())} p(#t) t = {(f())} p(#t) end
do local a = {} a.x, a.y, a.z = 1 p(a.x, a.y, a.z) end
do local log = {} local function l(n) log[#log + 1] = n return {} end l(1)[l(2)], l(3)[l(4)] = l(5), l(6) p(table.concat(log, ",")) end
-- Numbers.
p(1, 1.5, -0, 0, 1e15, 1e14, 123456789012345, 1e100, 0x10, 0xff, .5, 5., 3e2, 3E-2, 1/0, -1/0, 2^53, 2^63, 1e-5, 0.1, 1/3, 100000000000000, 1e14 - 1, -1e15)
p(7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2, -5.5 % 2, 5 % 0.3, 1e15 % 7, 2^53 % 3, 0 % 5, -0 % 5, 3 % math.huge, -3 % math.huge, 3 % -math.huge)
local nan = 0/0 p(nan ~= nan, nan == nan, nan < 1, nan > 1, not (nan < 1), 5 % 0 ~= 5 % 0) local z = 0 p(1 / z, -1 / z, z / 1, 1 / -z)
p(2^10, 2^0.5, (-8)^2, -2^2, 2^-1, 2^3^2, (2^3)^2, -3^2) p(10 / 4, 10 / 5, 7 - -3, - - 5, not not nil, not 0, not "") p("10" + 5, "0x10" * 2, " 5 " - 1, "1e1" / 1, 10 .. "", -"2", - -"3", "3" ^ "2", "7" % "4")
p(1 .. "", 1.5 .. "|" .. 2, -1 .. "", 1e15 .. "", 2^53 .. "", 0.1 .. "", 1e100 .. "", (0/0 ~= 0/0) and "nan", 1/0 .. "", -1/0 .. "") p(1 < 2, 2 < 1, 1 <= 1, 1 >= 2, "a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c", "a" < "a\0", "Z" < "a", "10" < "9", 1 == "1", "1" == "1", 0 == -0)
-- Logic.
p(nil and 1, false and 1, 1 and 2, nil or 1, false or nil, 1 or 2, nil and nil or 3, 1 and nil or 3, false == nil, not nil == true) p(1 and 2 and 3, 1 and nil and 3, nil or false or 3, (1 or error("no")), (nil and error("no")))
do local a, b = nil, 5 local c = a and b or (b and a) or "x" p(c) c = not a and b p(c) c = not (a or b) p(c) c = a == nil and b ~= nil p(c) c = (a or b) == 5 p(c) if a or b and not a then p("yes") else p("no") end if not (a and b) or c then p("yes") end c = 1 < 2 and 2 < 3 or 4 p(c) c = 1 > 2 or 2 > 3 p(c) c = 1 > 2 or "v" p(c) c = 1 < 2 and "v" p(c) local d, e = 1 < 2, 1 > 2 p(d, e) p((1 < 2) == true, 1 < 2 == true) end
do local function f(x) return x end for _, a in ipairs{true, false} do for _, b in ipairs{true, false} do for _, c in ipairs{true, false} do p(a and b or c, a or b and c, not a and b or not c, (a or b) and c, not (a and (b or c)), f(a) and f(b) or f(c), a == b and c or not c, a ~= (b or c)) if a and b or c then p("T") else p("F") end while not a and (b or not c) do p("W") break end repeat local q = a p("R") until q or b or c or true end end end end
-- Loops.
for i = 1, 3 do p(i) end for i = 3, 1, -1 do p(i) end for i = 1, 0 do p("never") end for i = 1, 2, 0.5 do p(i) end for i = "1", "3", "2" do p(i) end for i = 1, 3 do local j = i i = 10 p(i, j) end for i = 0.1, 0.35, 0.1 do p(i) end for i = 1, math.huge do if i > 3 then break end p(i) end for i = -1, -3, -1 do p(i) end for i = 3, 2 do p(i) end
p(pcall(function() for i = 1, 10, 0 do p("zero step") if i == 1 then error("stop", 0) end end end)) for i = 1, 3, -1 do p("never") end for i = nan, 3 do p("never") end for i = 1, nan do p("never") end
for k, v in pairs{10, 20, 30} do p(k, v) end for i, v in ipairs{1, 2, nil, 4} do p(i, v) end for k in pairs{} do p(k) end for a, b, c, d in function(s, c) if c < 3 then return c + 1, s end end, "s", 0 do p(a, b, c, d) end for w in ("a b c"):gmatch("%a") do p(w) end
do local i = 0 while i < 3 do i = i + 1 if i == 2 then p("two") end end repeat i = i - 1 local j = i until j < 1 p(i) while true do i = i + 1 if i > 5 then break end end p(i) repeat break until false for i = 1, 3 do for j = 1, 3 do if j == 2 then break end p(i, j) end end end
-- Closures.
do local fs = {} for i = 1, 3 do local j = i * 10 fs[i] = function(d) i = i + d j = j + d return i, j end end p(fs[1](1)) p(fs[1](1)) p(fs[2](5)) p(fs[3](0)) end
do local fs = {} local i = 1 while i <= 3 do local j = i fs[i] = function() j = j + 1 return j, i end i = i + 1 end p(fs[1]()) p(fs[1]()) p(fs[3]()) end
do local fs = {} local i = 0 repeat local j = i fs[#fs + 1] = function() j = j + 1 return j end i = i + 1 until j >= 2 p(#fs, fs[1](), fs[1](), fs[3]()) end
do local function counter() local n = 0 return function() n = n + 1 return n end, function() return n end end local inc, get = counter() inc() inc() p(get()) local inc2, get2 = counter() inc2() p(get(), get2()) end
do local a = 1 local function f() local b = 2 return function() local c = 3 return function() a, b, c = a + 1, b + 1, c + 1 return a, b, c end end end local g = f()() p(g()) p(g()) p(a) end
do local fs = {} for k, v in pairs{a = 1} do fs[1] = function() v = v + 1 return k, v end end p(fs[1]()) p(fs[1]()) for i = 1, 5 do if i == 3 then fs[2] = function() return i end break end end p(fs[2]()) end
do local function f(x) if x > 0 then local y = x local function g() return y + x end return g end end p(f(1)(), f(5)(), f(0)) local x = 1 local f = function() return x end do local x = 2 f = function() return x end x = 3 end p(x, f()) end
do local fact fact = function(n) return n <= 1 and 1 or n * fact(n - 1) end p(fact(10)) local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end p(fib(15)) end
do local a = {} for i = 1, 10 do a[i] = {set = function(x) i = x end, get = function() return i end} end a[1].set(5) p(a[1].get(), a[2].get()) local w = function() local x = 1 local g = function() x = x + 1 return x end error({g, function() return x end}) end local _, e = pcall(w) e[1]() p(e[2]()) end
-- Tables.
do local t = {1, 2, 3, nil, 5} p(#t == 5 or #t == 3, t[5]) t = {n = 1, [1] = "a", "b", [2] = "c"} p(t[1], t[2], t.n) t = {[1] = 1, [2] = 2, [3] = 3} p(#t) t = {} t[1.5] = 1 t[-1] = 2 t[2^53] = 3 t["1"] = 4 t[true] = 5 p(t[1.5], t[-1], t[2^53], t["1"], t[1], t[true], t[false]) t = {{{1}}} p(t[1][1][1]) t = {f = function(self, x) return self.v + x end, v = 5} p(t:f(1), t.f(t, 2), t["f"](t, 3)) t = {1, 2, 3;4} p(#t) t = {[{}] = 1} p(next(t) ~= nil) t = {1, 2, n = 3, 4,} p(#t) local big = {} for i = 1, 1000 do big[i] = i end p(#big) for i = 1000, 501, -1 do big[i] = nil end p(#big) local s = "return {" .. ("1,"):rep(500) .. "}" p(#loadstring(s)()) end
do local t = {} t[#t + 1] = "a" t[#t + 1] = "b" p(#t, t[2]) t.x = {} t.x.y = {} t.x.y.z = 1 p(t.x.y.z) t["a b"] = 1 p(t["a b"]) local k = "key" t[k] = 1 t[k .. 1] = 2 p(t.key, t.key1) t.f = nil p(t.f) end
-- Order of pairs.
do local function keys(t) local r = {} for k, v in pairs(t) do r[#r + 1] = tostring(k) .. "=" .. tostring(v) end p(table.concat(r, " ")) end keys{a = 1, b = 2, c = 3, d = 4} keys{1, 2, 3, x = 1, y = 2, [10] = 3, [-1] = 4, [0] = 5} local t = {} for i = 1, 20 do t["k" .. i] = i end keys(t) for i = 1, 20, 2 do t["k" .. i] = nil end keys(t) t.new = 1 keys(t) t = {} for i = 10, 1, -1 do t[i] = i end keys(t) t = {n = 1, 1, 2, 3, 4, 5, 6, 7} t[8] = 8 t[9] = 9 keys(t) keys{[1] = 1, [2] = 2, [4] = 4, [8] = 8, [16] = 16} keys{true, false, [true] = 1, [false] = 2} t = {} for i = 1, 100 do t[i * 7 % 101] = i end keys(t) t = {} for i = 1, 10 do t[i / 2] = i end keys(t) end
-- Strings.
p("a\tb\\n\"'\65\066\0067", 'x\ny', [[
first newline is skipped
]], [==[ ]] ]==], "\a\b\f\v" == "\7\8\12\11", #"a\0b", "a\
b") p([[a]] .. [=[b]=] .. "c") p(#[[

]]) p("caf\195\169", #"caf\195\169")
-- Scope.
x = "global" do local x = x p(x) x = "local" p(x) do local x = "inner" p(x) end p(x) end p(x) local x = "chunk" p(x, _G.x) local function x2() return x end p(x2()) local function rec(n) if n == 0 then return "end" end return rec(n - 1) end p(rec(5)) local y = 1 local y = y + 1 p(y)
