-- Metamethods.
local function show(...) print(...) end
local mt = {}
for _, e in ipairs{"add", "sub", "mul", "div", "mod", "pow", "unm", "concat", "call"} do
  mt["__" .. e] = function(a, b, ...) return e .. ":" .. type(a) .. "," .. type(b) .. "," .. select("#", ...) end
end
mt.__len = function() return 42 end
mt.__tostring = function() return "obj" end
local a, b = setmetatable({}, mt), setmetatable({}, mt)
show(a + b, a + 1, 1 + a, a - "x", "x" - a, a * nil, a / true, a % 2, 2 ^ a, -a, a .. "x", "x" .. a, 1 .. a, a .. b, a(), a(1, 2))
show(a + 1, a - 1, a * 1, a / 1, a % 1, a ^ 1, 1 + a, 1 - a, 1 * a, 1 / a, 1 % a, 1 ^ a)
show(#a, tostring(a))
show("a" .. 1 .. a .. "b" .. "c", "a" .. "b" .. a, a .. 1 .. 2, (a .. "x") .. "y")
show(pcall(function() return a < b end)) show(pcall(function() return a <= b end)) show(pcall(function() return a < 1 end)) show(pcall(function() return "x" < a end))
-- Order.
local log = {}
local lt = function(x, y) log[#log + 1] = "lt" return x.v < y.v end
local m1 = {__lt = lt}
local function V(v, m) return setmetatable({v = v}, m or m1) end
show(V(1) < V(2), V(2) < V(1), V(1) > V(2), V(1) <= V(2), V(2) <= V(1), V(1) >= V(2), V(1) <= V(1))
local m2 = {__lt = lt, __le = function(x, y) log[#log + 1] = "le" return x.v <= y.v end}
show(V(1, m2) <= V(2, m2), V(2, m2) >= V(1, m2), V(1, m1) < V(2, m2))
show(pcall(function() return V(1, {__lt = function() return 1 end}) < V(2) end))
show(V(1, {__lt = lt}) < V(2, {__lt = lt}))
show(pcall(function() return V(1, {__le = lt}) < V(2, {__le = lt}) end))
show(pcall(function() return V(1) < 5 end))
show(table.concat(log, " "))
m1.__lt = function() return nil end show(V(1) < V(2), V(1) <= V(2)) m1.__lt = function() return 0 end show(V(1) < V(2), V(1) <= V(2))
-- Equality.
local eq = function(x, y) log[#log + 1] = "eq" return x.v == y.v end
local e1, e2 = {__eq = eq}, {__eq = eq}
log = {}
show(V(1, e1) == V(1, e1), V(1, e1) ~= V(1, e1), V(1, e1) == V(2, e2), V(1, e1) == V(1), V(1, e1) == 1, 1 == V(1, e1), V(1, {__eq = function() return true end}) == V(1, e1))
local same = V(1, e1) show(same == same, same ~= same, rawequal(same, V(1, e1)))
show(table.concat(log, " "))
-- __index and __newindex.
local base = {x = 1, f = function(self) return self.y end}
local d = setmetatable({y = 2}, {__index = base}) local dd = setmetatable({}, {__index = d})
show(d.x, d.y, d.z, dd.x, dd.y, dd.z, dd:f(), rawget(d, "x"))
local fi = setmetatable({}, {__index = function(t, k) return k .. "!" , 2 end, __newindex = function(t, k, v) rawset(t, k, v * 2) end})
show(fi.a, fi["b c"], fi[1], (fi.a)) fi.q = 5 show(fi.q) fi.q = 7 show(fi.q)
local proxy, store = {}, {} setmetatable(proxy, {__index = store, __newindex = store}) proxy.a = 1 proxy[1] = 2 show(rawget(proxy, "a"), store.a, store[1], proxy.a, proxy[1])
local p2 = setmetatable({}, {__newindex = proxy}) p2.z = 9 show(rawget(p2, "z"), store.z)
local loop = {} setmetatable(loop, {__index = loop, __newindex = loop}) show(pcall(function() return loop.x end)) show(pcall(function() loop.x = 1 end))
local l1, l2 = {}, {} setmetatable(l1, {__index = l2}) setmetatable(l2, {__index = l1}) show(pcall(function() return l1.x end))
local chain = {deep = "found"} for i = 1, 98 do chain = setmetatable({}, {__index = chain}) end show(chain.deep) chain = setmetatable({}, {__index = chain}) show(chain.deep) chain = setmetatable({}, {__index = chain}) show(pcall(function() return chain.deep end))
show(pcall(function() return setmetatable({}, {__index = 5}).x end)) show(pcall(function() return setmetatable({}, {__index = "str"}).len end)) show(pcall(function() return setmetatable({}, {__index = true}).x end))
show(pcall(function() setmetatable({}, {__newindex = "s"}).x = 1 end)) show(pcall(function() setmetatable({}, {__newindex = function(t, k, v) error("no " .. k) end}).x = 1 end))
-- A nil value counts as absent.
local n = setmetatable({k = false}, {__index = function() return "def" end}) show(n.k, n.j) n.k = nil show(n.k)
local w = {} local nn = setmetatable({a = 1}, {__newindex = function(t, k, v) w[k] = v end}) nn.a = nil nn.a = 5 show(rawget(nn, "a"), w.a) nn.b = 6 show(rawget(nn, "b"), w.b)
-- Through strings.
show(("abc").len, ("abc"):upper(), #"abc", ("x").y) show(pcall(function() ("x").y = 1 end)) show(pcall(function() return ("x").y.z end)) show(pcall(function() return (5).x end))
getmetatable("").__index = function(s, k) return type(k) == "number" and s:sub(k, k) or string[k] end show(("abc")[2], ("abc"):rep(2)) getmetatable("").__index = string
getmetatable("").__add = function(a, b) return a .. "+" .. b end show("1" + "2", "a" + "b", "a" + 1, 1 + "a") getmetatable("").__add = nil
getmetatable("").__call = function(s, ...) return s, ... end show(("f")(1, 2)) getmetatable("").__call = nil
getmetatable("").__lt = function(s, ...) return true end show(pcall(function() return "a" < 1 end)) show("b" < "a") getmetatable("").__lt = nil
getmetatable("").__unm = function(s, t) return s .. tostring(t) end show(-"a", -"2") getmetatable("").__unm = nil
getmetatable("").__len = function() return 99 end show(#"abc") getmetatable("").__len = nil
-- __call.
local c = setmetatable({}, {__call = function(self, ...) return select("#", ...), ... end}) show(c(), (c(1, nil)), c(nil, nil)) show(pcall(c, 1)) show(("x"):gsub("x", setmetatable({}, {__index = function(t, k) return k .. k end})))
show(pcall(table.sort, {3, 1, 2}, c)) for a, b in setmetatable({}, {__call = function(self, s, v) v = (v or 0) + 1 if v < 4 then return v, s end end}), "state" do show(a, b) end
-- __metatable, __tostring.
local prot = setmetatable({}, {__metatable = "locked"}) show(getmetatable(prot), pcall(setmetatable, prot, {})) show(tostring(setmetatable({}, {__tostring = function() return "T" end}))) show(pcall(tostring, setmetatable({}, {__tostring = function() return 1 end}))) show(pcall(tostring, setmetatable({}, {__tostring = 1})))
show(pcall(print, setmetatable({}, {__tostring = function() error("ts") end})))
-- Metamethods that do nasty things.
local grow = setmetatable({}, {__add = function(a, b) local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(5000) end}) local r1, r2, r3 = grow + 1, grow + 2, grow + 3 show(r1, r2, r3)
local idx = setmetatable({}, {__index = function(t, k) local function f(n) if n == 0 then return k end return (f(n - 1)) end return f(3000) end}) show(idx.a .. idx.b .. idx.c)
local up = 1 local cl = setmetatable({}, {__concat = function(a, b) local function f(n) if n == 0 then up = up + 1 return "r" end return (f(n - 1)) end return f(3000) end}) show(cl .. "x", "x" .. cl, up)
local errs = setmetatable({}, {__eq = function() error("eq") end, __lt = function() error({}) end, __concat = function() error() end}) show(pcall(function() return errs == setmetatable({}, getmetatable(errs)) end)) show(type(select(2, pcall(function() return errs < errs end)))) show(pcall(function() return errs .. errs end))
show(pcall(function() return errs + 1 end)) show(pcall(function() return 1 + errs end)) show(pcall(function() local t = {} return errs .. t end))
local inner = setmetatable({}, {__index = function(t, k) return coroutine.running() end}) show(inner.x, type(coroutine.wrap(function() return inner.x end)()))
show(coroutine.resume(coroutine.create(function() return setmetatable({}, {__index = function() coroutine.yield(1) end}).x end)))
show(rawequal(getmetatable(grow), getmetatable(grow)), getmetatable(5), getmetatable(nil), getmetatable(print), type(getmetatable("")))
