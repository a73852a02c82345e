package commands_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// scripter writes random Lua. What it writes means the same wherever it runs: keys of tables are never values whose order goes by
// their address, and commands get no numbers that Redis prints in other digits since 7.2. What it writes ends, and takes little memory.
type scripter struct {
	*rand.Rand
	depth int // how much deeper expressions may nest
}

// randomScript returns the statements of a script.
func randomScript(seed uint64) (body []*statement) {
	g := &scripter{Rand: rand.New(rand.NewPCG(seed, 0))}
	for range 5 + g.IntN(25) {
		body = append(body, g.protected())
	}
	if g.IntN(8) == 0 {
		body = append(body, &statement{line: g.one("error(%s)", "redis.call(%s)", "assert(%s)", "do return %s end", "return1(%s)", "error({err = 'x' .. (%s)})")})
	}
	return body
}

// pick returns one of some texts.
func (g *scripter) pick(texts ...string) string { return texts[g.IntN(len(texts))] }

// one returns one of some texts in which an expression takes the place of %s.
func (g *scripter) one(texts ...string) string {
	return strings.ReplaceAll(g.pick(texts...), "%s", g.text())
}

// nested returns what make makes, or a plain text if expressions are deep enough already.
func (g *scripter) nested(plain string, make func() string) string {
	if g.depth == 0 {
		return plain
	}
	g.depth--
	defer func() { g.depth++ }()
	return make()
}

// expression begins a new expression.
func (g *scripter) expression(make func() string) string {
	g.depth = 1 + g.IntN(3)
	return make()
}

// protected is a statement that does not end the script when it fails.
func (g *scripter) protected() *statement {
	if g.IntN(4) == 0 {
		return &statement{"try(function()", g.block(2), "end)"}
	}
	switch g.IntN(5) {
	case 0:
		return &statement{line: "try(function() " + g.assignment() + " end)"}
	case 1:
		return &statement{line: "try(function() " + g.command() + " end)"}
	case 2:
		return &statement{line: "note(pcall(" + g.callee() + g.arguments() + "))"}
	}
	return &statement{line: "try(function() return " + g.list() + " end)"}
}

// callee is a function of a library, to be called with whatever.
func (g *scripter) callee() string {
	return g.pick("string.sub", "string.byte", "string.char", "string.find", "string.match", "string.gsub", "string.format",
		"string.len", "string.upper", "string.reverse", "table.concat", "table.remove", "table.sort", "table.maxn", "tonumber",
		"select", "unpack", "rawget", "rawequal", "next", "type", "math.floor", "math.fmod", "math.max", "math.ldexp", "math.random",
		"cjson.encode", "cjson.decode", "cmsgpack.pack", "cmsgpack.unpack", "struct.pack", "struct.unpack", "struct.size", "bit.band",
		"bit.lshift", "bit.tohex", "bit.rol", "assert", "error", "setmetatable", "getmetatable", "pcall", "xpcall", "loadstring",
		"coroutine.wrap", "coroutine.status", "ipairs", "redis.error_reply", "redis.status_reply", "redis.sha1hex", "redis.call", "redis.pcall")
}

func (g *scripter) arguments() (text string) {
	for range g.IntN(4) {
		text += ", " + g.expression(g.argument)
	}
	return text
}

// argument is any value but those of which there may be too much.
func (g *scripter) argument() string {
	switch g.IntN(6) {
	case 0:
		return strconv.Itoa(g.IntN(12) - 3)
	case 1:
		return g.pattern()
	case 2:
		return g.pick("nil", "true", "{}", `""`, "0", "1", `"x"`, "0/0", "2^31", "-2^31", "1e15", `"abc"`, "function(...) return ... end")
	}
	return g.any()
}

// block returns the statements of a block, which may end it early.
func (g *scripter) block(depth int) (body []*statement) {
	for range 1 + g.IntN(4) {
		if depth > 0 && g.IntN(3) == 0 {
			body = append(body, g.control(depth-1))
			continue
		}
		line := g.assignment()
		switch g.IntN(6) {
		case 0:
			line = "note(true, " + g.list() + ")"
		case 1:
			line = g.command()
		}
		body = append(body, &statement{line: line})
	}
	return body
}

func (g *scripter) control(depth int) *statement {
	head, end := g.pick("do", "if "+g.expression(g.truth)+" then", "for i = 1, "+g.pick("3", "5", "0", "#t1", "1.5")+" do",
		"for i = 10, 1, -"+g.pick("3", "4", "2.5")+" do", "for k, v in pairs(copy("+g.table()+")) do", "for i, v in ipairs(copy("+g.table()+")) do",
		"for a, b in ("+g.pick("s1", "s2", `"a=1, b=2"`)+"):gmatch("+g.pattern()+") do note(true, a, b)", "f1 = function(x, ...)",
		"do local i = 0 while i < 4 do i = i + 1", "do local i = 0 repeat i = i + 1", "f2 = coroutine.wrap(function(x)"), "end"
	switch {
	case strings.Contains(head, "repeat"):
		end = "until i > " + g.pick("2", "3", "1.5") + " end"
	case strings.Contains(head, "while"):
		end = "end end"
	case strings.HasPrefix(head, "f2"):
		end = "coroutine.yield(x, " + g.pick("n1", "s1", "nil") + ") return 7 end)"
	case strings.HasPrefix(head, "f1"):
		end = "return " + g.pick("x", "..., x", "select('#', ...), ...", "{x, ...}", "(...)", "n1") + " end"
	}
	return &statement{head, g.block(depth), end}
}

func (g *scripter) assignment() string {
	switch g.IntN(9) {
	case 0, 1:
		return g.pick("n1", "n2", "n3") + " = " + g.expression(g.number)
	case 2, 3:
		return g.pick("s1", "s2", "s3") + " = cut(" + g.expression(g.text) + ")"
	case 4:
		return g.pick("t1", "t2", "t3") + " = " + g.expression(g.table)
	case 5:
		return g.pick("t1", "t2", "t3") + g.key() + " = " + g.expression(g.any)
	case 6:
		return "table." + g.pick("insert(t1, ", "insert(t3, 1, ", "insert(t2, ") + "(" + g.expression(g.number) + "))"
	case 7:
		return g.pick("n1, n2 = n2, n1", "table.sort(t1)", "table.sort(t1, function(a, b) return a > b end)", "table.remove(t1)", "t3 = {}",
			"table.remove(t2, 1)", "setmetatable(t3, {__index = t2})", "setmetatable(t3, {__index = function(t, k) return k end})",
			"t3 = setmetatable({}, {__add = function(a, b) return 5 end, __concat = function() return 'c' end, __call = function(self, x) return x end})",
			"setmetatable(t2, {__newindex = function(t, k, v) rawset(t, k, v or 0) end, __eq = function() return true end, __lt = function() return true end})")
	}
	return g.pick("note(pcall(f1, ", "note(pcall(f2, ", "note(true, f1(") + g.expression(g.any) + "))"
}

// key is an index, of a kind that has the same place in a table everywhere.
func (g *scripter) key() string {
	return g.pick(".a", ".b", ".x", "[1]", "[2]", "[3]", "[5]", "[n1]", "[#t1 + 1]", "[s1]", `["key"]`, "[true]", "[1.5]", "[-1]", "[i]")
}

// list is up to three expressions.
func (g *scripter) list() string {
	text := g.expression(g.any)
	for range g.IntN(3) {
		text += ", " + g.expression(g.any)
	}
	return text
}

// any is an expression of any type.
func (g *scripter) any() string {
	switch g.IntN(9) {
	case 0, 1, 2:
		return g.number()
	case 3, 4, 5:
		return g.text()
	case 6:
		return g.table()
	case 7:
		return g.truth()
	}
	return g.pick("nil", "true", "false", "n1", "s1", "t1", "t2.a", "t2.x.y", "f1", "cjson.null", "nosuch", "KEYS[1]", "ARGV[2]", "t1[1]", "t3.x", "i", "#nil")
}

func (g *scripter) truth() string {
	return g.nested("n1 == 3", func() string {
		switch g.IntN(6) {
		case 0:
			return g.number() + g.pick(" < ", " <= ", " > ", " >= ", " == ", " ~= ") + g.number()
		case 1:
			return g.text() + g.pick(" < ", " <= ", " > ", " >= ", " == ", " ~= ") + g.text()
		case 2:
			return g.any() + g.pick(" == ", " ~= ", " < ") + g.any()
		case 3:
			return "not " + g.any()
		}
		return "(" + g.any() + g.pick(" and ", " or ") + g.any() + ")"
	})
}

func (g *scripter) number() string {
	plain := g.pick("0", "1", "2", "3", "-1", "7", "10", "255", "256", "0.5", "1.5", "-0.1", "1e15", "2^31", "2^53", "1e100", "-7", "3.7", "1/3",
		"0x10", "math.huge", "-math.huge", "0/0", "math.pi", "n1", "n2", "n3", "#s1", "#t1", "-0", "1e-7", "123456789", "4294967295", "t1[1]")
	return g.nested(plain, func() string {
		switch g.IntN(8) {
		case 0, 1:
			return "(" + g.number() + g.pick(" + ", " - ", " * ", " / ", " % ") + g.number() + ")"
		case 2:
			return "(" + g.number() + g.pick(" + ", " - ", " * ", " .. ", " % ") + g.any() + ")"
		case 3:
			return g.pick("-", "#") + "(" + g.any() + ")"
		case 4:
			return g.pick("math.floor(", "math.ceil(", "math.abs(", "math.sqrt(", "math.frexp(", "math.modf(", "tonumber(", "bit.bnot(", "bit.tobit(",
				"bit.bswap(") + g.number() + ")"
		case 5:
			return g.pick("math.fmod(", "math.max(", "math.min(", "bit.band(", "bit.bor(", "bit.bxor(", "bit.lshift(", "bit.rshift(", "bit.arshift(",
				"bit.rol(", "bit.ror(", "math.ldexp(") + g.number() + ", " + g.pick("1", "2", "3", "31", "n1", "-1", "0.5") + ")"
		case 6:
			return g.pick("tonumber("+g.text()+")", "tonumber("+g.text()+", "+g.pick("2", "8", "10", "16", "36")+")", "("+g.text()+"):byte("+g.pick("", "1", "-1", "2, 3")+")",
				"("+g.text()+"):find("+g.pattern()+")", "select('#', "+g.any()+")", "struct.unpack('"+g.pick("b", "B", "h", ">H", "<i", ">I3", "d", "f", "l")+"', "+g.text()+")",
				"table.maxn("+g.table()+")", "(math.randomseed("+g.pick("1", "7", "n1")+") or math.random("+g.pick("", "10", "100", "-5, 5")+"))")
		}
		return plain
	})
}

func (g *scripter) text() string {
	plain := g.pick(`""`, `"a"`, `"abc"`, `"hello world"`, `"10"`, `"0x1F"`, `" 5 "`, `"1e3"`, `"a,b;c"`, `"key = value"`, `"\0\255"`, `"x\ny"`, `"%d"`, `"ABC"`,
		`'{"a":[1,2.5,null,true],"b":{"c":"d"}}'`, `'[1,"x",[]]'`, `"é"`, "s1", "s2", "s3", "KEYS[1]", "ARGV[2]", "t2.b", `"\147\1\2\3"`, `"-12.50"`)
	return g.nested(plain, func() string {
		switch g.IntN(12) {
		case 0:
			return "(" + g.text() + " .. " + g.any() + ")"
		case 1:
			return "(" + g.text() + "):" + g.pick("sub(2)", "sub(-3, -2)", "sub(2, 3)", "rep(3)", "rep(2)", "upper()", "lower()", "reverse()", "sub(n1, n2)", "len()")
		case 2, 3:
			return g.format()
		case 4:
			return "(" + g.text() + "):gsub(" + g.pattern() + ", " + g.replacement() + ")"
		case 5:
			return "(" + g.text() + "):match(" + g.pattern() + g.pick("", ", 2", ", -2") + ")"
		case 6:
			return "tostring(" + g.pick(g.number(), g.truth(), g.text()) + ")"
		case 7:
			return "table.concat(" + g.table() + g.pick("", `, ","`, `, "", 2`, `, "-", 1, 2`) + ")"
		case 8:
			return g.pick("cjson.encode(", "cmsgpack.pack(", "type(", "redis.sha1hex(", "string.char(", "bit.tohex(") + g.any() + ")"
		case 9:
			return "struct.pack('" + g.pick("b", "B", "h", ">H", "<i", ">I3", "d", "f", "l", "i5", "!4bi") + "', " + g.number() + ", 7)"
		case 10:
			return "select(2, loadstring(" + g.pick(`"return " .. `, `"x = " .. `, "") + g.text() + "))"
		}
		return plain
	})
}

// format is a call of string.format with as many values as it wants, mostly.
func (g *scripter) format() string {
	form, values := "", ""
	for range 1 + g.IntN(2) {
		verb := g.pick("d", "d", "s", "s", "s", "g", "f", "e", "x", "X", "c", "q", "i", "o", "u", "E", "G", "y")
		spec := g.pick("", "", "", "5", "-5", "05", "+", " ", "#", ".3", "8.2", "-8.3", ".0", "20", "+5", "#8", ".14", ".17")
		form += g.pick("", "a", " ", "%%") + "%" + spec + verb
		switch {
		case strings.Contains("sq", verb):
			values += ", " + g.text()
		case verb == "c":
			values += ", " + g.pick("65", "0", "255", "n1")
		default:
			values += ", " + g.number()
		}
	}
	return "string.format(" + strconv.Quote(form) + values + ")"
}

// pattern is a pattern in quotes, mostly one that is well formed.
func (g *scripter) pattern() string {
	text := g.pick("", "", "", "^")
	for range 1 + g.IntN(4) {
		item := g.pick("a", "l", "o", "x", "%a", "%d", "%s", "%w", ".", "[a-z]", "[^%d]", "%p", " ", "=", "[%w_]", "%u", "[abc]", "%.", "%%") + g.pick("", "", "", "*", "+", "-", "?")
		switch g.IntN(8) {
		case 0, 1:
			item = "(" + item + ")"
		case 2:
			item = g.pick("()", "%b()", "%f[%w]", "(", ")", "%1", "[", "%", "[]]", "%z")
		}
		text += item
	}
	return fmt.Sprintf("%q", text+g.pick("", "", "", "$"))
}

func (g *scripter) replacement() string {
	return g.pick(`"%0%0"`, `"x"`, `""`, `"%1"`, `"<%1>"`, `"%%"`, `"%2"`, `"%"`, "{a = 'A', l = 5, b = false}", "function(x) return x .. '!' end", "string.upper",
		"function(...) return select('#', ...) end", "function() return nil end", "function() return {} end", `"-", 1`, `"-", 2`, "5", "nil", "t2")
}

func (g *scripter) table() string {
	plain := g.pick("t1", "t2", "t3", "{}", "{1, 2, 3}", "{3, 1, 2}", `{"b", "a"}`, "{1, nil, 3}", `{a = 1, b = 2, c = 3}`, "{x = {y = 1}}", "{1, 2, x = 3}", "{[10] = 1, [2] = 2}",
		"KEYS", "ARGV", `{one = 1, two = 2, three = 3, four = 4}`, "{true, false}")
	return g.nested(plain, func() string {
		switch g.IntN(7) {
		case 0:
			return "{" + g.any() + ", " + g.any() + "}"
		case 1:
			return "{a = " + g.any() + ", [" + g.pick("1", "2", "3", "1.5", `"k"`, "n1") + "] = " + g.any() + ", " + g.any() + "}"
		case 2:
			return "{(" + g.text() + "):gsub(" + g.pattern() + ", " + g.replacement() + ")}"
		case 3:
			return "cjson.decode(" + g.pick(g.text(), "cjson.encode("+g.any()+")") + ")"
		case 4:
			return "{cmsgpack.unpack(" + g.pick(g.text(), "cmsgpack.pack("+g.any()+")") + ")}"
		case 5:
			return "{" + g.pick("unpack(", "pairs(", "next(") + g.table() + ")}"
		}
		return plain
	})
}

// command calls Redis. Sets and hashes stay small, lest their order be each server's own.
func (g *scripter) command() string {
	key := g.pick("KEYS[1]", "KEYS[2]", `"k3"`, `"k4"`)
	value := g.pick(`"v"`, `"10"`, "5", "17", "-3", `"a b"`, `""`, "s1", `"1.5"`)
	call := g.pick(`"get", K`, `"set", K, V`, `"set", K, V, "NX"`, `"incr", K`, `"incrby", K, V`, `"append", K, V`, `"strlen", K`, `"getrange", K, "0", 2`, `"del", K`,
		`"exists", K, K`, `"type", K`, `"rpush", K, V, V`, `"lpush", K, V`, `"lrange", K, "0", -1`, `"lpop", K`, `"llen", K`, `"hset", K, "f", V`, `"hget", K, "f"`,
		`"hgetall", K`, `"hincrby", K, "f", 2`, `"sadd", K, V`, `"sismember", K, V`, `"scard", K`, `"zadd", K, 3, V`, `"zrange", K, "0", -1, "withscores"`, `"zscore", K, V`,
		`"expire", K, 100`, `"persist", K`, `"mget", K, "k3"`, `"setrange", K, 2, V`, `"nosuch", K`, `"get"`, `"get", K, V`, `"set", K, {}`, `"set", K, nil`, `"ping"`, `"echo", V`,
		`"select", "0"`, `"dbsize"`, `"lindex", K, "0"`, `"getset", K, V`, `"zincrby", K, 2, V`, `"multi"`, "")
	call = strings.NewReplacer("K", key, "V", value).Replace(call)
	return "note(true, " + g.pick("redis.call(", "redis.call(", "redis.pcall(") + call + "))"
}
