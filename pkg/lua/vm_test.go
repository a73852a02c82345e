package lua

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var recordLua = flag.Bool("record-lua", false, "write what lua5.1 prints to testdata/*.out")

// addresses are the only thing that differs from run to run.
var addresses = regexp.MustCompile(`0x[0-9a-f]+`)

// newTestState returns a state with all libraries, and with a print that appends to the output.
func newTestState(l Limits, output *strings.Builder) *State {
	s := New(l)
	OpenBase(s)
	OpenString(s)
	OpenTable(s)
	OpenMath(s)
	OpenCoroutine(s)
	s.Globals.SetString(s, "print", s.NewFunction("print", func(L *Thread) int {
		for i := range L.NArgs() {
			if i > 0 {
				output.WriteByte('\t')
			}
			output.WriteString(L.ToText(L.Arg(i + 1)).Str())
		}
		output.WriteByte('\n')
		return 0
	}))
	return s
}

// runScript runs a chunk as the command lua5.1 does: within a function written in C.
func runScript(s *State, source, name string) error {
	p, err := Compile(source, name)
	if err != nil {
		return err
	}
	L := s.Main()
	L.Push(s.NewFunction("main", func(L *Thread) int {
		L.Push(s.Load(p, s.Globals))
		L.Call(0, 0)
		return 0
	}))
	if e := L.PCall(0, 0); e != nil {
		return e
	}
	return nil
}

// TestScripts runs testdata/*.lua and compares what they print with what lua5.1 does: now if it is installed, and when it was
// recorded.
func TestScripts(t *testing.T) {
	scripts, _ := filepath.Glob("testdata/*.lua")
	if len(scripts) < 6 {
		t.Fatalf("there are only %d scripts", len(scripts))
	}
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var output strings.Builder
			if err := runScript(newTestState(DefaultLimits, &output), string(source), "@"+filepath.Base(path)); err != nil {
				t.Fatal(err)
			}
			got := addresses.ReplaceAllString(output.String(), "0x")
			if want, ok := reference(t, filepath.Base(path)); ok {
				compare(t, "lua5.1", got, want)
				if *recordLua {
					if err := os.WriteFile(strings.TrimSuffix(path, ".lua")+".out", []byte(want), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			recorded, err := os.ReadFile(strings.TrimSuffix(path, ".lua") + ".out")
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "the record", got, string(recorded))
		})
	}
}

// reference returns what lua5.1 prints, if it is installed.
func reference(t *testing.T, script string) (string, bool) {
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		return "", false
	}
	command := exec.Command(path, script)
	command.Dir = "testdata"
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	return addresses.ReplaceAllString(string(output), "0x"), true
}

func compare(t *testing.T, with, got, want string) {
	t.Helper()
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		switch {
		case i >= len(gotLines):
			t.Fatalf("line %d is missing, %s has %q", i+1, with, wantLines[i])
		case i >= len(wantLines):
			t.Fatalf("line %d is %q, %s has none", i+1, gotLines[i], with)
		case gotLines[i] != wantLines[i]:
			t.Errorf("line %d is\n%q, %s has\n%q", i+1, gotLines[i], with, wantLines[i])
		}
	}
}
