-- Coroutines.
local function show(...) print(...) end
local create, resume, status, wrap, yield, running = coroutine.create, coroutine.resume, coroutine.status, coroutine.wrap, coroutine.yield, coroutine.running
local co = create(function(...) show("begin", ...) show("got", yield(1, 2)) show("again", yield()) return "end", 9 end)
show(status(co)) show(resume(co, "a", "b")) show(status(co)) show(resume(co, "c")) show(resume(co, "d", "e")) show(status(co)) show(resume(co)) show(resume(co, 1))
show(resume(create(function() end))) show(resume(create(function(...) return ... end), 1, nil, nil)) show(resume(create(function() error("x") end))) show(resume(create(function() error({}) end) ) == false) show(resume(create(function() error() end)))
local w = wrap(function(a) while true do a = yield(a * 2) end end) show(w(1), w(2), w(3))
local dead = wrap(function() return 1 end) show(dead(), pcall(dead)) show(pcall(wrap(function() error("boom") end))) show(pcall(wrap(function() error("boom", 0) end))) show(pcall(wrap(function() local x = nil + 1 end)))
-- Status and running.
show(running()) local self self = create(function() show(status(self), type(running()), running() == self) local inner = create(function() show(status(self)) end) resume(inner) show(resume(self)) show(pcall(resume, self)) end) resume(self) show(status(self))
show(pcall(yield)) show(pcall(resume)) show(pcall(resume, 1)) show(pcall(create)) show(pcall(create, 1)) show(pcall(create, print)) show(pcall(wrap, print)) show(pcall(status)) show(pcall(status, {}))
-- Yield across calls of Go or C.
show(resume(create(function() return pcall(yield, 1) end))) show(resume(create(function() table.sort({1, 2}, function() yield() end) end))) show(resume(create(function() string.gsub("x", "x", yield) end)))
show(resume(create(function() for i in function() yield(1) return nil end do end end))) show(resume(create(function() for i in yield do show(i) break end end))) show(resume(create(function() return setmetatable({}, {__add = function() yield() end}) + 1 end)))
show(resume(create(function() local ok, e = pcall(yield) return ok, e, yield("after") end)))
show(resume(create(function() return xpcall(yield, print) end))) show(resume(create(function() return pcall(function() return pcall(yield) end) end)))
-- Yield in all places.
local g = wrap(function() local t = {yield(1), yield(2), x = yield(3), yield(4)} show(t[1], t[2], t[3], t.x) local a, b = yield(5), yield(6) show(a, b) show(yield(yield(7))) if yield(8) then show("then") end for i = yield(9), yield(10) do show(i) end show(yield(11) .. yield(12)) return yield(13) end)
for i = 0, 13 do show("y", g(i)) end show(g("fin", "al")) show(pcall(g))
local tail = wrap(function() return yield("tail") end) show(tail()) show(tail("r1", "r2")) local many = wrap(function() return select("#", yield()) end) many() show(many(1, nil, nil))
local deep = wrap(function() local function f(n) if n == 0 then return yield("deep") end local r = f(n - 1) return r end return f(500) end) show(deep()) show(deep("up"))
local va = wrap(function(...) local function f(...) yield(select("#", ...)) return ... end return f(...) end) show(va(1, 2, 3)) show(va())
-- Upvalues.
local x = 1 local uc = wrap(function() x = x + 1 local y = 10 local function f() y = y + 1 return y end yield(f, x) yield(y) y = 100 yield() return y end) local f, v = uc() show(v, x, f(), f()) show(uc()) uc() show(f()) show(uc()) show(f())
local fs = {} for i = 1, 3 do fs[i] = wrap(function() for j = 1, 3 do yield(i, j) i = i + 10 end end) end for j = 1, 3 do for i = 1, 3 do show(fs[i]()) end end
local ec local eco = create(function() local z = 5 ec = function() z = z + 1 return z end error("e") end) resume(eco) show(ec(), ec())
-- Generators within generators.
local function gen(n) return wrap(function() for i = 1, n do yield(i) end end) end local function filter(p, g) return wrap(function() for i in g do if p(i) then yield(i) end end end) end
for i in filter(function(i) return i % 2 == 0 end, gen(10)) do show(i) end
local function perm(a, n) n = n or #a if n <= 1 then yield(table.concat(a, " ")) else for i = 1, n do a[n], a[i] = a[i], a[n] perm(a, n - 1) a[n], a[i] = a[i], a[n] end end end for s in wrap(function() perm{1, 2, 3} end) do show(s) end
local function sieve(n) local function odd() return wrap(function() for i = 2, n do yield(i) end end) end local function f(p, g) return wrap(function() while 1 do local n = g() if n == nil then return end if math.fmod(n, p) ~= 0 then yield(n) end end end) end local r, x = {}, odd() while 1 do local n = x() if n == nil then break end r[#r + 1] = n x = f(n, x) end return table.concat(r, " ") end show(sieve(60))
-- Errors that pass.
local outer = create(function() local inner = create(function() yield(1) error("deep inside") end) show(resume(inner)) show(resume(inner)) show(status(inner)) show(pcall(wrap(function() error("w") end))) return "ok" end) show(resume(outer))
show(resume(create(function() local ok, e = pcall(error, "caught") yield(ok, e) end))) show(xpcall(function() return wrap(function() error("in") end)() end, function(e) return "H:" .. e end))
local c2 = create(function() resume(create(function() yield() end)) yield("outer yields") end) show(resume(c2)) show(status(c2))
show(select("#", resume(create(function() return unpack({}, 1, 200) end))))
local manyco = {} for i = 1, 2000 do manyco[i] = wrap(function(a) local b = yield(a + i) return a + b + i end) end local s = 0 for i = 1, 2000 do s = s + manyco[i](i) end for i = 1, 2000 do s = s + manyco[i](1) end show(s)
show(wrap(function() return pcall(pcall, error, "e") end)()) local ww = wrap(wrap(function() yield(1) yield(2) end) and function() return yield("x") end) show(ww(), ww("y"))
show(pcall(wrap(function() string.rep() end))) show(pcall(wrap(function() return string.rep() end))) show(tostring(create(function() end)):match("^thread: 0x") ~= nil, type(create(function() end)))
