package commands_test

import (
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

// What COMMAND DOCS says comes from the rows.
func TestRowsAreDocumented(t *testing.T) {
	for _, c := range startEngine(t).Table().Commands() {
		if c.Summary == "" || c.Since == "" || c.Group == "" || c.Complexity == "" {
			t.Errorf("%s: summary, since, group or complexity is missing", c.FullName())
		}
	}
}

// A command without a transcript in which it succeeds is a claim that nobody has checked.
func TestEveryRowSucceedsSomewhere(t *testing.T) {
	table := startEngine(t).Table()
	shown := map[*actor.Command]bool{}
	for _, script := range transcripts(t) {
		for _, s := range script.steps {
			if wanted := s.wanted(proto.RESP2); len(wanted) > 0 && wanted[0][0] != '-' {
				shown[table.Lookup(s.words)] = true
			}
		}
	}
	for _, c := range callable(table) {
		if !shown[c] {
			t.Errorf("%s succeeds in no transcript", c.FullName())
		}
	}
}
