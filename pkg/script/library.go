package script

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"snakecache/pkg/lua"
	"snakecache/pkg/proto"
)

// Library is a library of functions.
type Library struct {
	Name      string
	Code      string      // as it was loaded, with the first line
	Functions []*Function // in the order in which they were registered
}

// Function is what FCALL calls. Its name differs from all others', whatever the case.
type Function struct {
	Name        string
	Description string
	Described   bool // it has a description, be it empty
	Flags       Flags

	library  *Library
	callback lua.Value
}

// size is how many bytes a library takes beside its values, roughly.
func (l *Library) size() int64 { return textFactor * int64(len(l.Code)) }

// function returns the function of a name in just this case, nil if there is none.
func (l *Library) function(name string) *Function {
	i := slices.IndexFunc(l.Functions, func(f *Function) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return l.Functions[i]
}

// shelf is a set of libraries with different names, whose functions have different names.
type shelf struct {
	libraries map[string]*Library
	functions map[string]*Function // by their names in lower case
	bytes     int64
}

func newShelf() shelf {
	return shelf{libraries: map[string]*Library{}, functions: map[string]*Function{}}
}

// add puts a library on the shelf. Of two functions in it whose names differ in case only, the first can be called.
func (s *shelf) add(l *Library) {
	s.libraries[l.Name] = l
	s.bytes += l.size()
	for _, f := range l.Functions {
		if key := strings.ToLower(f.Name); s.functions[key] == nil {
			s.functions[key] = f
		}
	}
}

// remove takes a library from the shelf, if it is there.
func (s *shelf) remove(name string) bool {
	l := s.libraries[name]
	if l == nil {
		return false
	}
	delete(s.libraries, name)
	s.bytes -= l.size()
	for _, f := range l.Functions {
		delete(s.functions, strings.ToLower(f.Name))
	}
	return true
}

// find returns the function of a name in any case, nil if there is none.
func (s *shelf) find(name []byte) *Function {
	var room [64]byte
	key := append(room[:0], name...)
	for i, b := range key {
		if 'A' <= b && b <= 'Z' {
			key[i] = b + 'a' - 'A'
		}
	}
	return s.functions[string(key)]
}

// taken tells whether libraries can be added in place of those of the same names: that is an error if one of their functions has
// the name of one in another library.
func (s *shelf) taken(added ...*Library) error {
	for _, l := range added {
		for _, f := range l.Functions {
			other := s.functions[strings.ToLower(f.Name)]
			if other == nil || slices.ContainsFunc(added, func(l *Library) bool { return l.Name == other.library.Name }) {
				continue
			}
			return proto.Error("ERR Function " + f.Name + " already exists")
		}
	}
	return nil
}

// fits tells whether so many bytes more may be added.
func (s *shelf) fits(bytes int64) error {
	if s.bytes+bytes > maxText {
		return proto.ErrOOM
	}
	return nil
}

// sizeOf returns the size of a library, 0 if there is none of that name.
func (s *shelf) sizeOf(name string) int64 {
	if l := s.libraries[name]; l != nil {
		return l.size()
	}
	return 0
}

// errLibraryExists is what FUNCTION LOAD says of a library that is there already.
func errLibraryExists(name string) error {
	return proto.Error("ERR Library '" + name + "' already exists")
}

// LoadLibrary adds the library of a text, in place of that of the same name if replace is set, and returns its name. If that takes
// longer than half a second, it fails. An error is the reply, and nothing has changed.
func (e *Engine) LoadLibrary(text []byte, replace bool, by Loader) (name string, err error) {
	code := string(text)
	name, err = libraryName(code)
	if err != nil {
		return "", err
	}
	w := e.world
	if w == nil {
		w = e.newWorld()
	}
	if !replace && w.libraries[name] != nil {
		return "", errLibraryExists(name)
	}
	if err := w.fits(textFactor*int64(len(text)) - w.sizeOf(name)); err != nil {
		return "", err
	}
	l, err := e.build(w, name, code, by)
	if err == nil {
		err = w.taken(l)
	}
	if err != nil {
		return "", err
	}
	w.remove(name)
	w.add(l)
	e.world = w
	return name, nil
}

// Policy says what RestoreLibraries does with the libraries that are there.
type Policy uint8

// They stay, and none of the same name may be restored; those of the same name are replaced; they all go.
const (
	RestoreAppend Policy = iota
	RestoreReplace
	RestoreFlush
)

// RestoreLibraries adds all libraries whose texts read gives to load, or none: the first error of either ends it, and is the
// result. The time of each is limited as in LoadLibrary.
func (e *Engine) RestoreLibraries(policy Policy, by Loader, read func(load func(text []byte) error) error) error {
	w := e.world
	if w == nil || policy == RestoreFlush {
		w = e.newWorld()
	}
	w.restored = newShelf()
	defer func() { w.restored = shelf{} }()
	err := read(func(text []byte) error { return e.restore(w, string(text), by) })
	if err != nil {
		return err
	}
	added := w.restored.sorted()
	for _, l := range added {
		if policy == RestoreAppend && w.libraries[l.Name] != nil {
			return proto.Error("ERR Library " + l.Name + " already exists")
		}
	}
	if err := w.taken(added...); err != nil {
		return err
	}
	for _, l := range added {
		w.remove(l.Name)
	}
	for _, l := range added {
		w.add(l)
	}
	e.world = w
	return nil
}

// restore builds a library that is to be added if all others are right as well.
func (e *Engine) restore(w *world, code string, by Loader) error {
	name, err := libraryName(code)
	if err != nil {
		return err
	}
	if w.restored.libraries[name] != nil {
		return errLibraryExists(name)
	}
	if err := w.fits(w.restored.bytes + textFactor*int64(len(code))); err != nil {
		return err
	}
	l, err := e.build(w, name, code, by)
	if err == nil {
		err = w.restored.taken(l)
	}
	if err == nil {
		w.restored.add(l)
	}
	return err
}

// DeleteLibrary forgets a library, if there is one of that name.
func (e *Engine) DeleteLibrary(name []byte) bool {
	return e.world != nil && e.world.remove(string(name))
}

// FlushLibraries forgets all of them with everything that they have kept.
func (e *Engine) FlushLibraries() { e.world = nil }

// Libraries returns all libraries by name. O(n log n).
func (e *Engine) Libraries() []*Library {
	if e.world == nil {
		return nil
	}
	return e.world.sorted()
}

func (s *shelf) sorted() []*Library {
	return slices.SortedFunc(maps.Values(s.libraries), func(l, m *Library) int { return cmp.Compare(l.Name, m.Name) })
}

// FindFunction returns the function of a name, nil if there is none.
func (e *Engine) FindFunction(name []byte) *Function {
	if e.world == nil {
		return nil
	}
	return e.world.find(name)
}

// FunctionFigures are about libraries.
type FunctionFigures struct {
	Libraries, Functions int
	Values, Texts        int64 // bytes that these take at most
}

// FunctionFigures returns those of now.
func (e *Engine) FunctionFigures() FunctionFigures {
	w := e.world
	if w == nil {
		return FunctionFigures{}
	}
	return FunctionFigures{
		Libraries: len(w.libraries), Functions: len(w.functions), Values: w.lua.Memory(), Texts: w.bytes,
	}
}

const errLibraryRule = "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long"

// validName reports whether a library or a function can have a name.
func validName(name string) bool {
	for i := range len(name) {
		switch b := name[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '_':
		default:
			return false
		}
	}
	return name != ""
}

// libraryName reads the first line of a library: the engine and the name.
func libraryName(code string) (string, error) {
	if !strings.HasPrefix(code, "#!") {
		return "", proto.Error("ERR Missing library metadata")
	}
	line, _, ok := strings.Cut(code, "\n")
	words, balanced := proto.SplitWords([]byte(line))
	if !ok || !balanced || strings.IndexByte(line, 0) >= 0 {
		return "", proto.Error("ERR Invalid library metadata")
	}
	name, err := namedIn(words[1:])
	if err != nil {
		return "", err
	}
	if !validName(name) {
		return "", proto.Error(errLibraryRule)
	}
	if engine := words[0][len("#!"):]; !proto.EqualFold(engine, "lua") {
		return "", proto.Error("ERR Engine '" + string(engine) + "' not found")
	}
	return name, nil
}

// namedIn returns the name that the words behind the engine give, of which there must be no other.
func namedIn(words [][]byte) (name string, err error) {
	const option = "name="
	given := false
	for _, word := range words {
		if len(word) < len(option) || !proto.EqualFold(word[:len(option)], option) {
			word, _, _ = bytes.Cut(word, []byte{0})
			return "", proto.Error("ERR Invalid metadata value given: " + string(word))
		}
		if given {
			return "", proto.Error("ERR Invalid metadata value, name argument was given multiple times")
		}
		name, given = string(word[len(option):]), true
	}
	if !given {
		return "", proto.Error("ERR Library name was not given")
	}
	return name, nil
}
