package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// documentHead begins a report that does not exist yet.
const documentHead = `# Benchmarks: snakecached beside redis-server

Each section is written by one suite of ` + "`go run ./bench`" + ` and says when, where and on which commit it ran, and how to repeat it.
`

// writeSection puts a suite's section into the report's file, which need not exist, and leaves the others as they are.
func writeSection(file, name, markdown string) error {
	content, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		content = []byte(documentHead)
	case err != nil:
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(replaceSection(string(content), name, markdown)), 0o644)
}

func beginMarker(name string) string { return "<!-- begin " + name + " -->\n" }
func endMarker(name string) string   { return "<!-- end " + name + " -->\n" }

// replaceSection returns the document with the section in the place of the one before. A new one goes before the first
// section of a later suite, or to the end.
func replaceSection(document, name, markdown string) string {
	text := beginMarker(name) + markdown + endMarker(name)
	begin := strings.Index(document, beginMarker(name))
	if begin >= 0 {
		if length := strings.Index(document[begin:], endMarker(name)); length >= 0 {
			return document[:begin] + text + document[begin+length+len(endMarker(name)):]
		}
	}
	names := suiteNames()
	for _, later := range names[slices.Index(names, name)+1:] {
		if at := strings.Index(document, beginMarker(later)); at >= 0 {
			return document[:at] + text + "\n" + document[at:]
		}
	}
	return strings.TrimRight(document, "\n") + "\n\n" + text
}
