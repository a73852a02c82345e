package lua

import (
	"strings"
	"testing"
)

// TestLongTextsTick runs single calls that look through a megabyte or more: each must bring the next tick near by itself.
func TestLongTextsTick(t *testing.T) {
	for _, source := range []string{
		"local s = ('1'):rep(1e6) return function() return s + 0 end",
		"local s = ('1'):rep(1e6) return function() return tonumber(s) end",
		"local s = ('a'):rep(1e6) return function() return (''):find(s) end",
		"local s = ('a'):rep(1e6) return function() return pcall(error, s) end",
		"local s = ('a'):rep(1e6) return function() return ('%q'):format(s) end",
		"local s = ('%%'):rep(1e5) return function() return s:format() end",
		"local s = ('a'):rep(1e6) return function() return s:sub(2) end",
		"local s, r = ('a'):rep(1e7), ('a'):rep(1e7) return function() return s < r end",
		"local t = {} for i = 1, 1e5 do t[i] = '' end return function() return table.concat(t) end",
	} {
		var output strings.Builder
		s := newTestState(DefaultLimits, &output)
		ticks := 0
		source = "local f = (function() " + source + " end)() for i = 1, 20 do f() end"
		s.OnTick = func(*Thread) { ticks++ }
		if err := runScript(s, source, "@cost"); err != nil || ticks < 10 {
			t.Errorf("%s: %d ticks, %v", source, ticks, err)
		}
	}
}
