// Package house holds the rules that the whole module keeps, as tests.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "snakecache/"

// rule says what the packages of one directory, and of those below it that have no rule of their own, may use.
type rule struct {
	own    []string // packages of this module
	others []string // modules and packages of others
	never  []string // packages of the standard library, with what is below them, and functions of it
	tests  bool     // it is there for tests: it may import testing, and nothing but tests may import it
}

// rules are the directions in which packages may know each other: actor, the engine, knows no command by name, and
// nobody but the server knows of sockets. Tests may import what they like.
var rules = map[string]rule{
	"cmd": {own: []string{"pkg"}, others: []string{"golang.org/x/sys/unix"}},
	"pkg/server": {
		own:    []string{"pkg/actor", "pkg/proto"},
		others: []string{"golang.org/x/sys/unix", "github.com/KimMachineGun/automemlimit/memlimit"},
	},
	"pkg/metrics": {
		own:    []string{"pkg/actor"},
		others: []string{"github.com/prometheus/client_golang", "github.com/prometheus/client_model"},
	},
	"pkg/commands": {
		own:    []string{"pkg/actor", "pkg/store", "pkg/proto", "pkg/script", "pkg/glob", "pkg/hll", "pkg/rdb", "pkg/double", "pkg/geohash"},
		others: []string{"github.com/zeebo/xxh3"},
		never:  []string{"net", "sync", "os", "time.Now", "time.Since", "time.Sleep", "time.After", "time.AfterFunc", "time.NewTimer"},
	},
	"pkg/actor": {
		own:   []string{"pkg/store", "pkg/proto", "pkg/script", "pkg/lua", "pkg/glob"},
		never: []string{"net", "os"},
	},
	"pkg/actor/actortest": {own: []string{"pkg/actor", "pkg/store", "pkg/proto"}, tests: true},
	"pkg/store":           {own: []string{"pkg/double"}, never: []string{"net", "os", "time", "log"}},
	"pkg/proto":           {own: []string{"pkg/double"}, others: []string{"github.com/tidwall/resp"}, never: []string{"net", "os", "time", "log"}},
	"pkg/script":          {own: []string{"pkg/lua", "pkg/proto", "pkg/double", "pkg/rdb", "pkg/glob"}, never: []string{"net", "os", "time"}},
	"pkg/lua":             {own: []string{"pkg/lua"}, never: []string{"net", "os", "time", "log"}},
	"pkg/double":          {never: []string{"net", "os", "time", "log"}},
	"pkg/geohash":         {never: []string{"net", "os", "time", "log"}},
	"pkg/rdb":             {own: []string{"pkg/store"}, never: []string{"net", "os", "time", "log"}},
	"pkg/config":          {own: []string{"pkg/glob"}, others: []string{"github.com/caarlos0/env/v11"}},
	"pkg/glob":            {never: []string{"net", "os", "time", "log"}},
	"pkg/hll":             {never: []string{"net", "os", "time", "log"}},
	"internal/luatest": {
		own:    []string{"pkg/lua", "internal/redistest"},
		others: []string{"github.com/redis/go-redis/v9", "pgregory.net/rapid"},
		tests:  true,
	},
	"internal": {others: []string{"github.com/redis/go-redis/v9", "go.uber.org/goleak"}, tests: true},
	"bench":    {others: []string{"github.com/redis/go-redis/v9", "golang.org/x/sys/unix"}},
}

// source is one parsed file.
type source struct {
	path string // from the root of the module, with slashes
	file *ast.File
	set  *token.FileSet
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// sources returns all Go files of the module.
func sources(t *testing.T) (all []source) {
	root := moduleRoot(t)
	set := token.NewFileSet()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".go" || entry.IsDir() {
			return err
		}
		file, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.SkipObjectResolution)
		all = append(all, source{name, file, set})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d files found under %s", len(all), root)
	}
	return all
}

func moduleRoot(t *testing.T) string {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	t.Fatalf("no go.mod above the working directory: %v", err)
	return ""
}

// ruleFor returns the rule of the nearest directory that has one.
func ruleFor(dir string) (rule, bool) {
	for ; dir != "."; dir = path.Dir(dir) {
		if r, ok := rules[dir]; ok {
			return r, true
		}
	}
	return rule{}, false
}

// within reports whether name is one of the packages or lies below one.
func within(name string, packages []string) bool {
	return slices.ContainsFunc(packages, func(p string) bool { return name == p || strings.HasPrefix(name, p+"/") })
}

// imports calls visit with each import's path.
func (s source) imports(visit func(name string)) {
	for _, spec := range s.file.Imports {
		visit(strings.Trim(spec.Path.Value, `"`))
	}
}

// uses returns where the file names one of the functions, such as "time.Sleep".
func (s source) uses(functions []string) (places []token.Position) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := selector.X.(*ast.Ident); ok && slices.Contains(functions, pkg.Name+"."+selector.Sel.Name) {
				places = append(places, s.set.Position(n.Pos()))
			}
		}
		return true
	})
	return places
}

func TestImportDirections(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		r, ok := ruleFor(path.Dir(s.path))
		if !ok {
			t.Errorf("%s: no rule says what its package may import", s.path)
		}
		s.imports(func(name string) {
			if complaint := r.complaint(name); complaint != "" {
				t.Errorf("%s imports %s: %s", s.path, name, complaint)
			}
		})
		for _, place := range s.uses(r.never) {
			t.Errorf("%s uses what its package must not: time and system belong behind the engine's seams", place)
		}
	}
}

// complaint says why a package under the rule must not import name, or nothing.
func (r rule) complaint(name string) string {
	first, _, _ := strings.Cut(name, "/")
	own, ours := strings.CutPrefix(name, module)
	imported, _ := ruleFor(own)
	switch {
	case !r.tests && (ours && imported.tests || within(name, []string{"testing"})):
		return "that is for tests"
	case ours:
		if !within(own, r.own) {
			return "the wrong direction"
		}
	case strings.Contains(first, "."):
		if !within(name, r.others) {
			return "not a dependency of this package"
		}
	case within(name, r.never):
		return "not for this package"
	}
	return ""
}

// A sleep in a test makes it slow on a fast machine and wrong on a slow one: clocks are faked, and events awaited.
func TestNoTestSleeps(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() {
			for _, place := range s.uses([]string{"time.Sleep"}) {
				t.Errorf("%s sleeps", place)
			}
		}
	}
}

// The rules themselves, on imports that break them and some that do not.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		dir, name string
		allowed   bool
	}{
		{"pkg/commands", module + "pkg/store", true},
		{"pkg/commands", module + "pkg/server", false},
		{"pkg/commands", "net/http", false},
		{"pkg/commands", "strconv", true},
		{"pkg/actor", module + "pkg/commands", false},
		{"pkg/actor", "github.com/prometheus/client_golang/prometheus", false},
		{"pkg/metrics", "github.com/prometheus/client_golang/prometheus/promhttp", true},
		{"pkg/store", module + "pkg/proto", false},
		{"pkg/glob", module + "pkg/proto", false},
		{"pkg/server", module + "pkg/actor/actortest", false},
		{"cmd/snakecached", module + "pkg/server", true},
		{"cmd/snakecached", "testing", false},
	} {
		r, ok := ruleFor(c.dir)
		if complaint := r.complaint(c.name); !ok || (complaint == "") != c.allowed {
			t.Errorf("%s importing %s: %q", c.dir, c.name, complaint)
		}
	}
}
