package script

import (
	"bytes"
	"strings"

	"snakecache/pkg/proto"
)

// Flags say what a script may do and needs, in the words of its first line.
type Flags uint8

// The flags. A script without a first line of that kind is Compatible with what Redis was before there were any.
const (
	NoWrites Flags = 1 << iota
	AllowOOM
	AllowStale
	NoCluster
	AllowCrossSlotKeys
	Compatible
)

// flagNames are in the order in which FUNCTION LIST tells them.
var flagNames = []struct {
	name string
	flag Flags
}{
	{"no-writes", NoWrites},
	{"allow-oom", AllowOOM},
	{"allow-stale", AllowStale},
	{"no-cluster", NoCluster},
	{"allow-cross-slot-keys", AllowCrossSlotKeys},
}

// Is reports whether all the given flags are set.
func (f Flags) Is(all Flags) bool { return f&all == all }

// Names returns the names of the flags, in Redis' order.
func (f Flags) Names() (names []string) {
	for _, known := range flagNames {
		if f.Is(known.flag) {
			names = append(names, known.name)
		}
	}
	return names
}

// flagNamed returns the flag of a name.
func flagNamed(name string) (Flags, bool) {
	for _, known := range flagNames {
		if known.name == name {
			return known.flag, true
		}
	}
	return 0, false
}

// readShebang takes the first line from a script if it says in which language it is, and with what flags. The line end stays, so that
// lines count from there.
func readShebang(source string) (code string, flags Flags, err error) {
	if !strings.HasPrefix(source, "#!") {
		return source, Compatible, nil
	}
	line, _, ok := strings.Cut(source, "\n")
	if !ok || strings.IndexByte(line, 0) >= 0 {
		return "", 0, proto.Error("ERR Invalid script shebang")
	}
	words, ok := proto.SplitWords([]byte(line))
	if !ok || len(words) == 0 {
		return "", 0, proto.Error("ERR Invalid engine in script shebang")
	}
	if string(words[0]) != "#!lua" {
		return "", 0, proto.Error("ERR Unexpected engine in script shebang: " + string(words[0]))
	}
	for _, w := range words[1:] {
		word := string(w)
		list, ok := strings.CutPrefix(word, "flags=")
		if !ok {
			return "", 0, proto.Error("ERR Unknown lua shebang option: " + word)
		}
		if flags, err = addFlags(flags, list); err != nil {
			return "", 0, err
		}
	}
	return source[len(line):], flags, nil
}

func addFlags(flags Flags, list string) (Flags, error) {
	if list == "" {
		return flags, nil
	}
	for name := range strings.SplitSeq(list, ",") {
		flag, ok := flagNamed(name)
		if !ok {
			return 0, proto.Error("ERR Unexpected flag in script shebang: " + name)
		}
		flags |= flag
	}
	return flags, nil
}

// FlagsOf returns the flags of a script that may not be kept yet, those of one without any if it is none.
func FlagsOf(body []byte) Flags {
	line, _, ok := bytes.Cut(body, []byte{'\n'})
	if !ok || !bytes.HasPrefix(line, []byte("#!")) {
		return Compatible
	}
	_, flags, err := readShebang(string(line) + "\n")
	if err != nil {
		return Compatible
	}
	return flags
}
