package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"snakecache/internal/redistest"
	"snakecache/pkg/actor"
	"snakecache/pkg/commands"
)

const compatibility = "../../docs/compatibility.md"

// known is a command of Redis 7.4 as testdata lists it: those of 7.0 come from the server itself, newer ones from its
// documentation.
type known struct{ group, name, since string }

func redisCommands(t *testing.T) (all []known) {
	text, err := os.ReadFile("testdata/redis-7.4.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		all = append(all, known{words[0], words[1], words[2]})
	}
	return all
}

// The list of docs/compatibility.md is what the rows say, so that it cannot go stale.
func TestCompatibilityIsTrue(t *testing.T) {
	text, err := os.ReadFile(compatibility)
	if err != nil {
		t.Fatal(err)
	}
	want := replacePart(t, text, "commands", compatibilityTable(t))
	if bytes.Equal(text, want) {
		return
	}
	if !*update {
		t.Fatal("docs/compatibility.md is out of date: make readme")
	}
	if err := os.WriteFile(compatibility, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

func compatibilityTable(t *testing.T) string {
	rows := callableRows(t)
	var text strings.Builder
	yes, partly, all := 0, 0, redisCommands(t)
	group := ""
	for _, k := range all {
		if k.group != group {
			group = k.group
			fmt.Fprintf(&text, "\n### %s\n\n| Command | Since | |\n|---|---|---|\n", group)
		}
		verdict := "no"
		if row := rows[k.name]; row != nil {
			verdict = verdictOf(row)
			switch {
			case row.Partly == "":
				yes++
			case !strings.HasPrefix(verdict, "no"):
				partly++
			}
			delete(rows, k.name)
		}
		fmt.Fprintf(&text, "| `%s` | %s | %s |\n", spelled(k.name), k.since, verdict)
	}
	summary := fmt.Sprintf("Of the %d commands and subcommands of Redis 7.4: %d yes, %d partly, %d no.\n", len(all), yes, partly, len(all)-yes-partly)
	return summary + text.String() + newerTable(rows)
}

// newerTable lists the commands that Redis 7.4 does not have.
func newerTable(rows map[string]*actor.Command) string {
	text := "\n### Newer than Redis 7.4\n\n| Command | Since | |\n|---|---|---|\n"
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		text += fmt.Sprintf("| `%s` | %s | %s |\n", spelled(name), rows[name].Since, verdictOf(rows[name]))
	}
	return text
}

// verdictOf says what there is of a command that has a row. One that has it only to refuse is as good as missing.
func verdictOf(row *actor.Command) string {
	switch {
	case row.Partly == "":
		return "yes"
	case strings.HasPrefix(row.Partly, "no: "):
		return row.Partly
	}
	return "partly: " + row.Partly
}

func callableRows(t *testing.T) map[string]*actor.Command {
	table, err := commands.Table()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]*actor.Command{}
	for _, cmd := range table.Commands() {
		if cmd.Run != nil {
			rows[cmd.FullName()] = cmd
		}
	}
	return rows
}

// spelled is a command's name as people write it.
func spelled(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "|", " ")) }

// The list that ours is held against has every command of the real server.
func TestRedisCommandsAreThoseOfRedis(t *testing.T) {
	listed := map[string]bool{}
	for _, k := range redisCommands(t) {
		listed[k.name] = true
	}
	infos, err := redistest.Start(t).Command(context.Background()).Result()
	if err != nil {
		t.Fatal(err)
	}
	for name := range infos {
		isContainer := slices.ContainsFunc(redisCommands(t), func(k known) bool { return strings.HasPrefix(k.name, name+"|") })
		if !listed[name] && !isContainer {
			t.Errorf("%s is missing in the list", name)
		}
	}
}
