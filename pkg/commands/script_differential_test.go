package commands_test

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/proto"
)

var (
	scripts = flag.Int("scripts", 100, "how many random scripts TestScriptDifferential sends to both servers")
	script  = flag.Uint64("script", 0, "the seed of its first script")
)

// TestScriptDifferential sends random scripts to an engine and to a real Redis, and compares what they answer, and every now and then
// what the servers hold.
func TestScriptDifferential(t *testing.T) {
	p := scriptPair{newPair(t, redistest.Start(t).Options().Addr), t}
	found := 0
	for seed := *script; seed < *script+uint64(*scripts) && found < maxDifferences; seed++ {
		body := randomScript(seed)
		if p.differ(body) == "" {
			continue
		}
		found++
		body = shrinkScript(body, func(less []*statement) bool { return p.differ(less) != "" })
		var text strings.Builder
		writeStatements(&text, body, "")
		t.Errorf("script %d, or the least of it that still differs, from line %d on:\n%s\n%s", seed, strings.Count(scriptHead, "\n")+1, &text, p.differ(body))
	}
	if difference := p.compareContents(); difference != "" && found == 0 {
		t.Errorf("after scripts %d to %d: %s", *script, *script+uint64(*scripts)-1, difference)
	}
}

// scriptPair is both servers, which run scripts.
type scriptPair struct {
	*pair
	t *testing.T
}

// maxDifferences is after how many the test gives up, since to shrink a script takes many runs.
const maxDifferences = 10

// differ runs a script on both servers, with the same keys to begin with, and tells how the replies differ, or nothing.
func (p scriptPair) differ(body []*statement) string {
	ask(p.ours, "FLUSHALL")
	ask(p.theirs, "FLUSHALL")
	request := proto.Args{[]byte("EVAL"), []byte(writeScript(body)), []byte("2"), []byte("k1"), []byte("k2"), []byte("a1"), []byte("17")}
	mine, real := p.ours.pipeline([]proto.Args{request})[0], p.theirs.pipeline([]proto.Args{request})[0]
	if real.Type == '?' {
		p.t.Fatalf("the real server has ended:\n%s", writeScript(body))
	}
	x, y := masked(mine), masked(real)
	for i := range max(len(x), len(y)) {
		if i >= len(x) || i >= len(y) || x[i] != y[i] {
			return fmt.Sprintf("ours:   %.1500s\ntheirs: %.1500s", at(x, i), at(y, i))
		}
	}
	return ""
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}

// addresses are where tables and functions lie. Which sign there is at what is no number is the processor's choice.
var addresses = regexp.MustCompile(`0x[0-9a-f]{6,}|-nan`)

// masked returns the lines of a reply without what differs from run to run.
func masked(reply proto.Value) []string {
	text := addresses.ReplaceAllStringFunc(reply.String(), func(found string) string {
		if found == "-nan" {
			return "nan"
		}
		return "0x"
	})
	return strings.Split(text, "\n")
}

// statement is a line of a script, or a block with statements in it.
type statement struct {
	line string
	body []*statement
	end  string
}

// scriptHead has what the lines of all scripts use: some variables of each type, and functions that note what comes out.
const scriptHead = `local n1, n2, n3, s1, s2, s3, t1, t2, t3, f1, f2 = 3, 1.5, -2, "abc", "key=value", "10", {1, 2, 3}, {a = 1, b = "x"}, {}
local out = {}
local function show(v, depth)
  local kind = type(v)
  if kind == "string" then return "'" .. v .. "'" end
  if kind == "number" then return string.format("%.17g", v) end
  if kind == "nil" or kind == "boolean" then return tostring(v) end
  if kind ~= "table" then return kind end
  if depth > 3 then return "..." end
  local parts = {}
  for k, x in pairs(v) do parts[#parts + 1] = show(k, depth + 1) .. "=" .. show(x, depth + 1) end
  return "{" .. table.concat(parts, " ") .. "}"
end
local function note(ok, ...)
  local parts = {ok and "" or "error"}
  for i = 1, select("#", ...) do parts[i + 1] = show((select(i, ...)), 0) end
  out[#out + 1] = table.concat(parts, " ")
end
local function copy(t) local c = {} for k, v in pairs(t) do c[k] = v end return c end
local function try(f) note(pcall(f)) end
local function cut(s) if type(s) == "string" and #s > 200 then return s:sub(1, 50) end return s end
`

func writeScript(body []*statement) string {
	var text strings.Builder
	text.WriteString(scriptHead)
	writeStatements(&text, body, "")
	text.WriteString("return out")
	return text.String()
}

func writeStatements(text *strings.Builder, body []*statement, indent string) {
	for _, s := range body {
		text.WriteString(indent + s.line + "\n")
		if s.end != "" {
			writeStatements(text, s.body, indent+"  ")
			text.WriteString(indent + s.end + "\n")
		}
	}
}

// shrinkScript leaves statements out, and puts those of a block in its place, while what is left still fails.
func shrinkScript(body []*statement, fails func([]*statement) bool) []*statement {
	for shorter := true; shorter; {
		shorter = false
		for _, less := range shorterBy(body) {
			if fails(less) {
				body, shorter = less, true
				break
			}
		}
	}
	return body
}

// shorterBy returns all scripts that are a statement shorter.
func shorterBy(body []*statement) (all [][]*statement) {
	with := func(i int, instead ...*statement) []*statement {
		less := append([]*statement{}, body[:i]...)
		return append(append(less, instead...), body[i+1:]...)
	}
	for i, s := range body {
		all = append(all, with(i))
		if s.end == "" {
			continue
		}
		all = append(all, with(i, s.body...))
		for _, inner := range shorterBy(s.body) {
			all = append(all, with(i, &statement{s.line, inner, s.end}))
		}
	}
	return all
}
