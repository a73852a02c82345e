package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"snakecache/pkg/commands"
	"snakecache/pkg/config"
)

var update = flag.Bool("update", false, "write the generated parts of README and docs anew")

const readme = "../../README.md"

// The parts of the README between <!-- begin NAME --> and <!-- end NAME --> are what the program's tables say.
func TestReadmeIsTrue(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	want := replacePart(t, text, "settings", settingsTable(t))
	want = replacePart(t, want, "commands", commandsTable(t))
	if bytes.Equal(text, want) {
		return
	}
	if !*update {
		t.Fatal("README.md is out of date: make readme")
	}
	if err := os.WriteFile(readme, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestReadmeNamesMetricsThatExist(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	p := launch(t)
	code, body := p.fetch("/metrics")
	p.signals <- os.Interrupt
	p.exit()
	if code != 200 {
		t.Fatalf("/metrics answers %d", code)
	}
	for _, name := range regexp.MustCompile(`(snakecached|redis)_[a-z_]+[a-z]`).FindAllString(string(text), -1) {
		if name != "redis_exporter" && !strings.Contains(body, "\n"+name) {
			t.Errorf("README.md names %s, which is not there", name)
		}
	}
}

func replacePart(t *testing.T, text []byte, name, part string) []byte {
	begin, end := fmt.Sprintf("<!-- begin %s -->\n", name), fmt.Sprintf("<!-- end %s -->", name)
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("there is no part %q", name)
	}
	return []byte(head + begin + part + end + tail)
}

func settingsTable(t *testing.T) string {
	var table strings.Builder
	if err := config.Markdown(&table); err != nil {
		t.Fatal(err)
	}
	return table.String()
}

// commandsTable lists the commands by group, those with subcommands by these.
func commandsTable(t *testing.T) string {
	table, err := commands.Table()
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string][]string{}
	for _, cmd := range table.Commands() {
		if cmd.Run != nil {
			groups[cmd.Group] = append(groups[cmd.Group], spelled(cmd.FullName()))
		}
	}
	var rows []string
	for group, names := range groups {
		slices.Sort(names)
		rows = append(rows, fmt.Sprintf("| %s | `%s` |\n", group, strings.Join(names, "` `")))
	}
	slices.Sort(rows)
	return "| Group | Commands |\n|---|---|\n" + strings.Join(rows, "")
}
