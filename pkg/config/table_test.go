package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTableIsSound(t *testing.T) {
	seen := map[string]bool{}
	once := func(name string) {
		if name != "" && seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
	for _, r := range table {
		once(r.env)
		once(r.param)
		if r.alias {
			continue
		}
		_, isNumber := r.of(new(Values)).(number)
		_, isWord := r.of(new(Values)).(*Word)
		switch {
		case r.fixed && (r.reason == "" || r.kind == nil || r.env != ""):
			t.Errorf("%s is a constant without a reason or of no kind, or the environment sets it", r.name)
		case r.fixed && r.check(nil) != nil:
			t.Errorf("%s: %v", r.name, r.check(nil))
		case r.env == "" && !r.fixed:
			t.Errorf("%s cannot be set by any means", r.name)
		case r.fixed:
		case (r.help == "" || len(r.help) > 80 || strings.ContainsAny(r.help, "|\n\t")):
			t.Errorf("%s: the help must be one short line without | and tabs", r.name)
		case isNumber && !r.bounded && r.name != "MaxMemory":
			t.Errorf("%s has no range", r.name)
		case isWord != (len(r.words) > 0):
			t.Errorf("%s: words without a Word", r.name)
		}
		// The rule of the names, and the seed's exceptions to it.
		rule := Prefix + strings.ToUpper(strings.ReplaceAll(r.param, "-", "_"))
		switch r.param {
		case "maxclients", "tcp-backlog", "loglevel", "script-memory-limit", "":
		default:
			if !r.fixed && r.env != rule {
				t.Errorf("%s is set by %s, not %s", r.param, r.env, rule)
			}
		}
	}
}

// TestTextRoundTrips holds that what CONFIG GET shows can be set again.
func TestTextRoundTrips(t *testing.T) {
	v := load(t)
	for _, r := range table {
		next := *v
		if err := r.set(&next, r.text(v)); err != nil || r.text(&next) != r.text(v) {
			t.Errorf("%s: %q becomes %q, %v", r.name, r.text(v), r.text(&next), err)
		}
	}
}

func TestMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64().Draw(t, "n")
		unit := rapid.SampledFrom([]string{"", "b", "k", "kb", "m", "mb", "g", "gb", "KB", "Gb", "K"}).Draw(t, "unit")
		var m Memory
		if err := m.UnmarshalText(fmt.Append(nil, n, unit)); err != nil {
			t.Fatal(err)
		}
		scale := memoryUnits[strings.ToLower(unit)]
		if wraps := n*scale/scale != n; wraps && m != 1<<64-1 || !wraps && uint64(m) != n*scale {
			t.Fatalf("%d%s is %d", n, unit, m)
		}
	})
}

func TestHost(t *testing.T) {
	for address, want := range map[Address]string{
		"*": "0.0.0.0 false", "::*": ":: false", "-::*": ":: true", "-*": "0.0.0.0 true",
		"127.0.0.1": "127.0.0.1 false", "-::1": "::1 true", "localhost": "localhost false",
	} {
		host, optional := address.Host()
		if got := fmt.Sprint(host, " ", optional); got != want {
			t.Errorf("%s is %s, not %s", address, got, want)
		}
	}
}

func TestSecretHidesItself(t *testing.T) {
	v := load(t, "SNAKE_CACHE_REQUIREPASS=hunter2")
	asJSON, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "v", v, "pass", v.RequirePass)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "v", v, "pass", v.RequirePass)
	for _, text := range []string{
		fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), fmt.Sprintf("%s %q", v.RequirePass, v.RequirePass),
		string(asJSON), logged.String(),
	} {
		if strings.Contains(text, "hunter2") || !strings.Contains(text, "(hidden)") {
			t.Errorf("not hidden in %s", text)
		}
	}
}

func TestUsage(t *testing.T) {
	var usage strings.Builder
	if err := Usage(&usage); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`SNAKE_CACHE_PORT +6379 +port +no +TCP port for Redis clients, 0 = any free one`,
		`SNAKE_CACHE_BIND +\* -::\* +bind +no +addresses .*`,
		`SNAKE_CACHE_REQUIREPASS +- +requirepass +yes +password .*`,
		`SNAKE_CACHE_REQUIREPASS_FILE +- +- +no +file .*`,
		`SNAKE_CACHE_PROTO_MAX_BULK_LEN +512mb +proto-max-bulk-len +yes +longest .*`,
	} {
		if !regexp.MustCompile(`(?m)^` + line + `$`).MatchString(usage.String()) {
			t.Errorf("no line %s in\n%s", line, usage.String())
		}
	}
	lines := strings.Split(strings.TrimSpace(usage.String()), "\n")
	meaning := strings.Index(lines[0], "MEANING")
	for i, r := range settable() {
		if line := lines[i+1]; !strings.HasPrefix(line, r.env+" ") || line[meaning:] != r.help {
			t.Errorf("not aligned: %s", line)
		}
	}
}

func TestMarkdown(t *testing.T) {
	var markdown strings.Builder
	if err := Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(markdown.String(), "\n")
	if want := len(settable()) + 3; len(lines) != want {
		t.Errorf("%d lines, not %d", len(lines), want)
	}
	for _, line := range lines[:len(lines)-1] {
		if strings.Count(line, "|") != 6 {
			t.Errorf("not a row of five cells: %s", line)
		}
	}
	want := "| `SNAKE_CACHE_MAX_CLIENTS` | `10000` | `maxclients` | yes | connected clients beyond which new ones are refused |"
	if !strings.Contains(markdown.String(), want+"\n") {
		t.Errorf("no line %s in\n%s", want, markdown.String())
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Skip("there is no README to compare with")
	}
	if !strings.Contains(string(readme), markdown.String()) {
		t.Errorf("the README's table of settings is not\n%s", markdown.String())
	}
}

// settable returns the rows that have a variable.
func settable() []*row {
	var rows []*row
	for _, r := range table {
		if r.env != "" {
			rows = append(rows, r)
		}
	}
	return rows
}
