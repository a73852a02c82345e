-- Depths of calls.
local function show(...) print(select("#", ...), ...) end
local function text(ok, m) return ok, type(m) == "string" and #m > 120 and m:sub(1, 60) .. "…" .. m:sub(-40) or m end
-- How deep exactly depends on when the reference implementation has collected its garbage.
local function deep(n) return n > 16000 and n < 20000 or n end
do
  local n = 0
  local function f() n = n + 1 f() end
  show(text(pcall(f))) print(deep(n))
  n = 0
  local function g() n = n + 1 return 1 + g() end
  show(text(pcall(g))) print(deep(n))
  n = 0
  show(text(pcall(coroutine.wrap(function() f() end)))) print(deep(n))
  n = 0
  local function t(i) n = n + 1 if i == 0 then return "done" end return t(i - 1) end
  show(t(100000)) print(n)
  n = 0
  local function p() n = n + 1 local ok, m = pcall(p) if not ok then error(m, 0) end end
  show(text(pcall(p))) print(n)
  n = 0
  local mt = {} mt.__index = function(t, k) n = n + 1 return t[k] end
  show(text(pcall(function() return setmetatable({}, mt).x end))) print(n)
  n = 0
  local function s() n = n + 1 string.gsub("x", "x", s) end
  show(text(pcall(s))) print(n)
  n = 0
  local function c() n = n + 1 coroutine.wrap(c)() end
  local ok, m = pcall(c) print(ok, m:match("C stack overflow")) print(n)
  n = 0
  local function r() n = n + 1 return coroutine.resume(coroutine.create(r)) end
  show(r()) print(n)
  n = 0
  local function k() n = n + 1 for i in k do end end
  show(text(pcall(k))) print(n)
  n = 0
  local function o() n = n + 1 table.sort({1, 2, 3}, o) end
  show(text(pcall(o))) print(n)
  n = 0
  local function q() n = n + 1 local a, b, c, d, e, f, g, h = q(), q() return a end
  show(text(pcall(q))) print(deep(n))
end
-- Handlers.
show(xpcall(function() error("x") end, function(m) return m .. "!" end))
show(xpcall(function() error({}) end, type))
show(xpcall(function() return 1, 2, 3 end, print))
show(xpcall(function() local x = nil; x() end, function(m) return m, "more" end))
show(xpcall(error, function() error("again") end))
show(xpcall(error, nil))
show(xpcall(error, 5))
show(pcall(xpcall, error))
show(pcall(xpcall))

show(xpcall(nil, function(m) return m end))
show(pcall(nil)) show(pcall(5)) show(pcall({}))
do
  local n, m = 0, 0
  local function f() n = n + 1 f() end
  show(text(xpcall(f, function(e) return e .. "?" end))) print(n)
  n = 0
  show(text(xpcall(f, function(e) local function g() m = m + 1 g() end g() end))) print(deep(n), deep(m))
  n = 0
  show(text(xpcall(f, function(e) return (pcall(f)) end))) print(deep(n / 2))
  n = 0
  show(text(pcall(f))) print(deep(n))
  show(xpcall(function() return pcall(error, "in") end, function() return "not called" end))
  show(xpcall(function() pcall(error, "in") error("out", 0) end, function(e) return "handled " .. e end))
  show(xpcall(function() return xpcall(error, function() return "inner" end) end, function() return "outer" end))
  show(coroutine.wrap(function() return xpcall(function() error("co", 0) end, function(e) return e .. " handled" end) end)())
  show(xpcall(function() coroutine.wrap(function() error("inside", 0) end)() end, function(e) return e .. " outside" end))
end
-- Arguments and results.
local function v(...) return ... end
show(v()) show(v(nil)) show(v(nil, nil)) show(v(1, nil, 3)) show((v(1, 2))) show(v(v(1, 2), v(3, 4)))
print(#{v(1, 2), v(3, 4)}, #{v(1, 2), (v(3, 4))}, #{v()}, #{(v())})
local function many(n) local t = {} for i = 1, n do t[i] = i end return unpack(t) end
print(select("#", many(200)), select("#", many(7000)), select(-1, many(7000)))
show(pcall(many, 8000)) print((select("#", v(many(7900)))))
local function fixed(a, b, c) return c, b, a end
show(fixed()) show(fixed(1)) show(fixed(1, 2, 3, 4)) show(fixed(many(1000)))
local function old(a, ...) return a, arg and arg.n, arg and arg[1], arg and #arg end
local function new(a, ...) local x = ... return a, arg, x end
show(old()) show(old(1)) show(old(1, 2)) show(old(1, nil, nil)) show(new()) show(new(1, 2))
local function both(...) local function f() return arg end return arg, f, ... end
show((both(1)))
local function argument(...) arg = 5 return arg end
show(argument(1))
show((function(...) return select("#", ...) end)(nil, nil, nil))
show(pcall(select, 0)) show(select(2, 1, 2, 3)) show(select(-1, 1, 2, 3)) show(pcall(select, -5, 1))
-- Tail calls and levels.
local function lvl(n) error("level " .. n, n) end
local function call(f, ...) local r = f(...) return r end
local function tail(f, ...) return f(...) end
for n = 0, 6 do show(pcall(call, lvl, n)) show(pcall(tail, lvl, n)) show(pcall(call, tail, lvl, n)) show(pcall(tail, tail, lvl, n)) end
show(pcall(tail, error, "tailed")) show(pcall(tail, string.rep)) show(pcall(call, string.rep)) show(pcall(tail, nil))
show(pcall(string.rep)) show(pcall(pcall)) show(pcall(error)) show(pcall(error, "m")) show(pcall(error, "m", 1)) show(pcall(error, "m", 2))
local obj = setmetatable({}, {__call = function(self, a, b) return "called", a, b end})
show(obj(1, 2)) show(tail(obj, 3)) show(pcall(obj, 4, 5)) show(call(obj, 1))
show(pcall(setmetatable({}, {__call = obj}), 1))
show(pcall(setmetatable({}, {__call = 5})))
for a, b in obj do show(a, b) break end
