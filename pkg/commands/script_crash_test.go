package commands_test

import (
	"strings"
	"testing"

	"snakecache/pkg/proto"
)

// These scripts end a real Redis 7.0, which transcripts therefore cannot show. Later versions answer that the error is unknown.
func TestScriptsThatEndARealServer(t *testing.T) {
	c := startEngine(t).Connect(proto.RESP2)
	for _, script := range []string{
		`error({})`,
		`error({"text"})`,
		`error({ok = "fine"})`,
		`error({err = true})`,
		`error({err = {}})`,
		`error(redis.status_reply("fine"))`,
		`error(setmetatable({}, {__tostring = function() return "text" end}))`,
		`error(setmetatable({}, {__index = function() error("in __index") end}))`,
	} {
		if reply := c.Do("EVAL", script, "0"); !strings.HasPrefix(reply.String(), "-ERR unknown error script: ") {
			t.Errorf("%s: %v", script, reply)
		}
	}
	for script, wanted := range map[string]string{
		`return setmetatable({err = "x"}, {__index = function() error("in __index") end})`: "-x",
		`return setmetatable({ok = "x"}, {__index = function() error("in __index") end})`:  "+x",
		`return type(pcall(string.match, ("a"):rep(210000), ("a?"):rep(210000) .. "a"))`:   `$"boolean"`,
		`error(setmetatable({err = "x"}, {__index = function() error("in __index") end}))`: "-x script: b475838db914b24c33e7be7ac310375cc01d2223, on @user_script:1.",
	} {
		if reply := c.Do("EVAL", script, "0"); reply.String() != wanted {
			t.Errorf("%s: %v, wanted %s", script, reply, wanted)
		}
	}
}

// A result that is nested without end is cut where the reference implementation has no more stack.
func TestScriptResultsEnd(t *testing.T) {
	c := startEngine(t).Connect(proto.RESP2)
	for script, wanted := range map[string]string{
		`local t = {} t[1] = t return t`:                            strings.Repeat("*1\r\n", 7995) + "-ERR reached lua stack limit\r\n",
		`local t = {} for i = 1, 5000 do t = {t} end return t`:      strings.Repeat("*1\r\n", 5000) + "*0\r\n",
		`local t = {} for i = 1, 100 do t = {t, t[1]} end return 1`: ":1\r\n",
	} {
		if got := string(c.Send(proto.Args{[]byte("EVAL"), []byte(script), []byte("0")})); got != wanted {
			t.Errorf("%s: %d bytes, wanted %d: …%q", script, len(got), len(wanted), got[max(0, len(got)-100):])
		}
	}
}
