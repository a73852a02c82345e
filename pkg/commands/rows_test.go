package commands_test

import (
	"slices"
	"testing"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

// callable returns every row that can be called: all but pure containers.
func callable(table *actor.Table) (rows []*actor.Command) {
	for _, c := range table.Commands() {
		if c.Run != nil {
			rows = append(rows, c)
		}
	}
	return rows
}

// noComplexity are the commands of whose complexity Redis says nothing.
var noComplexity = []string{"monitor"}

// What COMMAND DOCS says comes from the rows.
func TestRowsAreDocumented(t *testing.T) {
	for _, c := range startEngine(t).Table().Commands() {
		if c.Summary == "" || c.Since == "" || c.Group == "" || (c.Complexity == "") != slices.Contains(noComplexity, c.FullName()) {
			t.Errorf("%s: summary, since, group or complexity is missing", c.FullName())
		}
	}
}

// withoutTranscript are the rows that no transcript can show, and why.
var withoutTranscript = map[string]string{
	"config|rewrite": "there is no file to write to: it never succeeds",
	"command":        "the reply is the whole table; see TestCommandIsInfoOfAll",
	"script|kill":    "nothing is sent while a script runs; see TestBusy",
	"function|kill":  "nothing is sent while a function runs; see TestBusy",
	"shutdown":       "it would end the server that is recorded; see TestShutdown",
	"save":           "a recorded server would write files; see TestNothingIsPromised",
	"bgsave":         "a recorded server would write files; see TestNothingIsPromised",
	"bgrewriteaof":   "a recorded server would write files; see TestNothingIsPromised",
	"psync":          "a recorded server would send its data; see TestNothingIsPromised",
	"sync":           "a recorded server would send its data; see TestNothingIsPromised",
	"memory|stats":   "no two servers have the same numbers; see TestMemoryStatsAreThoseOfRedis",
}

// alwaysAnError are the rows that exist to refuse, by the error. Their transcripts show it.
var alwaysAnError = []error{
	proto.ErrNoACL, proto.ErrNoACLFile, proto.ErrNoCluster, proto.ErrNoReplication, proto.ErrNoReplicas, proto.ErrModuleDisabled,
}

// A command without a transcript in which it succeeds, in each dialect, is a claim that nobody has checked.
func TestEveryRowSucceedsSomewhere(t *testing.T) {
	table := startEngine(t).Table()
	for _, dialect := range dialects {
		shown := map[*actor.Command]bool{}
		for _, script := range transcripts(t) {
			for _, s := range script.steps {
				if wanted := s.wanted(dialect); s.words != nil && len(wanted) > 0 && (wanted[0][0] != '-' || refuses(wanted[0])) {
					shown[table.Lookup(s.words)] = true
				}
			}
		}
		for _, c := range callable(table) {
			if !shown[c] && withoutTranscript[c.FullName()] == "" {
				t.Errorf("%s succeeds in no transcript in RESP%d", c.FullName(), dialect)
			}
		}
	}
}

func refuses(line string) bool {
	return slices.ContainsFunc(alwaysAnError, func(err error) bool { return line == "-"+err.Error() })
}

func TestCommandIsInfoOfAll(t *testing.T) {
	e := startEngine(t)
	c := e.Connect(proto.RESP3)
	names := []string{"COMMAND", "INFO"}
	for _, cmd := range e.Table().Top() {
		names = append(names, cmd.Name)
	}
	all := c.Do("COMMAND").String()
	if all != c.Do(names...).String() || all != c.Do("COMMAND", "INFO").String() {
		t.Error("COMMAND, COMMAND INFO and COMMAND INFO of every name differ")
	}
	if n := c.Do("COMMAND", "COUNT").Int; n != int64(len(names)-2) || n == 0 {
		t.Errorf("COMMAND COUNT is %d, there are %d", n, len(names)-2)
	}
	if n := len(c.Do("COMMAND", "LIST").Elems); n != len(e.Table().Commands()) {
		t.Errorf("COMMAND LIST has %d names, there are %d", n, len(e.Table().Commands()))
	}
	if n := len(c.Do("COMMAND", "DOCS").Elems) / 2; n != len(names)-2 {
		t.Errorf("COMMAND DOCS has %d commands, there are %d", n, len(names)-2)
	}
}
