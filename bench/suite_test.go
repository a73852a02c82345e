package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSuites(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range suites() {
		if s.name == "" || s.name == "all" || s.title == "" || s.measure == nil || seen[s.name] {
			t.Errorf("suite %q lacks something or is there twice", s.name)
		}
		seen[s.name] = true
	}
	all, err := findSuites("all")
	if err != nil || len(all) != len(suites()) {
		t.Errorf("all suites are %d, %v", len(all), err)
	}
	if one, err := findSuites(defaultSuite); err != nil || len(one) != 1 || one[0].name != defaultSuite {
		t.Errorf("the default suite is %v, %v", one, err)
	}
	for _, names := range []string{"", "load,", "nosuch", "Load"} {
		if _, err := findSuites(names); err == nil {
			t.Errorf("-suite %q is accepted", names)
		}
	}
}

func TestRepeat(t *testing.T) {
	opts, err := parseFlags(strings.Fields("-suite all -rounds 7"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := opts.repeat(defaultSuite), "go run ./bench -rounds 7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := opts.repeat("other"), "go run ./bench -suite other -rounds 7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The document is to end up the same in whichever order its sections are written, and however often.
func TestSectionsAreIndependent(t *testing.T) {
	names := suiteNames()
	backwards := slices.Clone(names)
	slices.Reverse(backwards)
	var documents []string
	for _, order := range [][]string{names, backwards, slices.Concat(backwards, names, backwards)} {
		file := filepath.Join(t.TempDir(), "new", "report.md")
		for i, name := range order {
			// The last writing of each is the same.
			text := "about " + name + "\n"
			if slices.Contains(order[i+1:], name) {
				text = "## An older one\n\nwhich is longer\n"
			}
			if err := writeSection(file, name, text); err != nil {
				t.Fatal(err)
			}
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(content))
	}
	want := documentHead
	for _, name := range names {
		want += "\n<!-- begin " + name + " -->\nabout " + name + "\n<!-- end " + name + " -->\n"
	}
	for _, got := range documents {
		if got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	}
}

func TestWordsAroundSectionsStay(t *testing.T) {
	before := "# Title\n\nwords\n\n" + beginMarker(defaultSuite) + "old\n" + endMarker(defaultSuite) + "\nlast words\n"
	after := "# Title\n\nwords\n\n" + beginMarker(defaultSuite) + "new\n" + endMarker(defaultSuite) + "\nlast words\n"
	if got := replaceSection(before, defaultSuite, "new\n"); got != after {
		t.Errorf("got:\n%s", got)
	}
}
