-- Texts of syntax errors.
local function e(s, name)
  local f, m = loadstring(s, name or "@s")
  print(f and "fine" or m)
end
for _, s in ipairs{
  "x =", "if x then", "\n\nif x\nthen\n\n", "x = 1 1", "x = = 2", "local x = 3x", "x = 0x", "x = 0xg", "x = 1e", "x = 1..2", "x = 1.2.3", "x = 3e+",
  "x = 'abc", "x = \"abc\n\"", "x = 'a\\500'", "x = 'a\\", "x = [[abc", "x = [==[abc]=]", "x = [=abc", "--[[ abc", "--[=[ abc ]]",
  "for", "for i", "for i = 1", "for i = 1, 2", "for i, j = 1, 2 do end", "for i in", "for 1 = 2 do end", "while", "while true", "while true do",
  "repeat", "repeat until", "function", "function f", "function f(", "function f(a", "function f(a,", "function f(a,) end", "function f(...,a) end",
  "function f(a) return a", "local", "local 1", "local function", "local function 1() end", "local function f.x() end", "return return", "return 1,",
  "break", "while true do break x = 1 end", "x", "x.y", "x:y", "x:y = 1", "x()=1", "(x)=1", "(x) = 1", "f() = 1", "x, y", "x, f() = 1, 2", "x,y=", "1 = x", "'x' = 1",
  "x = {", "x = {1", "x = {1,", "x = {1 2}", "x = {a=}", "x = {[1]}", "x = {[1}", "x = {a=1,b=2", "x = f(", "x = f(1", "x = f(1,", "x = f(1 2)", "f\n(1)",
  "x = a.", "x = a.1", "x = a[", "x = a[1", "x = a:b", "x = a:1()", "x = #", "x = not", "x = -", "x = 1 +", "x = 1 + * 2", "x = 1 == == 2", "x = and", "x = a and", "x = ..",
  "x = ...", "function f() return ... end", "else", "elseif", "end", "until", "then", "do", "do end end", "if x then else else end", "if x then elseif", "if x else end",
  "x = function", "x = function(", "x = function() ", "x = }", "x = )", "x = ]", "x = @", "x = $", "x = \1", "x = \127", "x = \200", "x ~ 1", "x = ~", "x = a ~ b", "x = !a", "x += 1",
  "goto x", "x = y z", "x = 'a' 'b'", "x = {} {}", "x = 1 {}", "x = nil.y", "x = true()", "x = ('a').b c", "a.b:c.d = 1", "a.b:c().d = 1",
  "local x, = 1", "local x = 1,", "local x <const> = 1", "x = 1;; y = 2", ";", "x = 1;", "return;", "return; x = 1", "do return end x = 1", "function a.b.c:d() end", "function a:b.c() end", "function a:b:c() end",
  "x = a\0b", "x = 'a\0b' y", "x = 0x1p4", "x = 1e400", "x = 08", "x = .5.", "x = 5..", "x = a.b.c.", "for a.b = 1, 2 do end", "for x, in y do end", "for x in y", "for x = 1, 2, 3, 4 do end",
  "x = \"\\x\"", "x = '\\q'", "x = [[\n\n]] y", "x = [==[ ]] ]=] ]==] y", "-- comment", "--", "--[", "--[=", "--[==[\n]==] x y", "x = --[[c]] 1 --[[d", "\n\n\n  x y", "x = 1\n\r\ny z", "x = 1\r\n\r\ny z", "local a = 'x\\\ny' b",
  "and = 1", "x.and = 1", "x = {and = 1}", "function and() end", "local end = 1", "x = a.end", "=", "==", "<", "x <", "x = a < ", "x = <", "...", "x = (...", "x = (1", "x = ((1)", "x = ()", "x = (1))", "f{", "f'", "f'a' 'b'", "f{} {}", "f:g", "f:g{", "a.b.c", "a[1]", "a[1] 2",
} do e(s) end
e("x =", "=stdin") e("x =", "x =") e("x =\ny", "x =\ny") e("x =", "") e("x =", "@a") e("x =", "=a")

e("x = y z", "ab\0cd") e(("x"):rep(100) .. " y") e("x = '" .. ("x"):rep(200) .. "' y")

-- Limits.
local function rep(s, n, sep) local t = {} for i = 1, n do t[i] = (s:gsub("%$", i)) end return table.concat(t, sep) end
e("x = " .. ("("):rep(190) .. "1" .. (")"):rep(190)) e("x = " .. ("("):rep(199) .. "1" .. (")"):rep(199)) e("x = " .. ("("):rep(200) .. "1" .. (")"):rep(200))
e(("do "):rep(199) .. ("end "):rep(199)) e(("do "):rep(200) .. ("end "):rep(200)) e("x = " .. ("-"):rep(10) .. "1") e("x = " .. ("- "):rep(198) .. "1") e("x = " .. ("- "):rep(199) .. "1") e("x = " .. ("{"):rep(300))
e("x = " .. rep("a", 197, "..")) e("x = " .. rep("a", 198, "..")) e("x = " .. rep("a", 199, "..")) e("x = " .. rep("a", 260, ".."))
e("x = " .. rep("2", 198, "^")) e("x = " .. rep("2", 199, "^")) e("x = " .. rep("2", 1000, "+"))
e("local " .. rep("a$", 200, ",")) e("local " .. rep("a$", 201, ",")) e("\n\nfunction f() local " .. rep("a$", 201, ",") .. " end") e(rep("local a$ = $", 200, "\n")) e(rep("local a$ = $", 201, "\n"))
e("function f(" .. rep("a$", 200, ",") .. ") end") e("function f(" .. rep("a$", 201, ",") .. ") end")
local ups = function(n) return rep("local a$", n, " ") .. "\nfunction f() return " .. rep("a$", n, "+") .. " end" end
e(ups(60)) e(ups(61)) e("function g() " .. ups(61) .. " end")
e(rep("a$", 198, ",") .. " = 1") e(rep("a$", 199, ",") .. " = 1") e(rep("a$", 200, ",") .. " = 1") e(rep("a$.x", 130, ",") .. " = 1")
e("f(" .. rep("a$", 240, ",") .. ")") e("f(" .. rep("a$", 247, ",") .. ")") e("f(" .. rep("a$", 248, ",") .. ")") e("f(" .. rep("a$", 250, ",") .. ")") e("f(" .. rep("a$", 300, ",") .. ")") e("x = {" .. rep("a$", 600, ",") .. "}") e("return " .. rep("a$", 249, ",")) e("return " .. rep("a$", 260, ","))
e("x = " .. rep("f(", 198, "") .. rep(")", 198, "")) e("x = " .. rep("{a", 198, "=") .. rep("}", 198, "")) e("x = " .. rep("function() return ", 100, "") .. "1" .. rep(" end", 100, "")) e("x = " .. rep("function() return ", 99, "") .. "1" .. rep(" end", 99, ""))
e("if x then " .. rep("elseif a$ then", 1000, " ") .. " end") e(rep("if a$ then ", 198, "") .. rep(" end", 198, "")) e(rep("if a then x = 1 else ", 200, "") .. rep(" end", 200, "")) e("a" .. rep(".b", 1000, "") .. " = 1") e("a" .. rep("[1]", 1000, "") .. " = 1") e("a" .. rep("()", 1000, ""))
e("while a do " .. rep("x = $", 60000, "\n") .. " end") e("while a do " .. rep("x = y", 70000, "\n") .. " end") e("if a then " .. rep("x = y", 66000, "\n") .. " end")
e(rep("x = $", 70000, "\n")) e("x = {" .. rep("$", 70000, ",") .. "}")
